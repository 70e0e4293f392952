/** Warnings about evt.dir: traces of exits only and traces without directions, with the filter that works. */
import { POINT_EVENTS } from '../model/point-events.js';
import type { TraceTraits } from '../model/trace.js';
import { type Check, type FilterAst, mapChecks, visitChecks } from './ast.js';
import { compileByteTest } from './byte-tests.js';
import { EVENT_TYPES } from './event-types.js';
import { formatFilter } from './format-filter.js';

/** At most one warning. */
export function directionWarnings(ast: FilterAst, traits: TraceTraits): string[] {
  let asked = false;
  visitChecks(ast, (check) => {
    asked ||= check.left.field === 'evt.dir';
  });
  if (!asked) return [];
  switch (traits.directions) {
    case 'exits':
      return exitsOnly(ast);
    case 'none': {
      const without = withoutDirections(ast);
      const use = without === undefined ? '' : `; use: ${formatFilter(without)}`;
      return [
        `this trace does not say which events are entries and which exits, so evt.dir is never true${use}`,
      ];
    }
    default:
      return [];
  }
}

/** Conditions that only entries fulfil, except where the events are no system calls: those stay entries. */
function exitsOnly(ast: FilterAst): string[] {
  let found: Check | undefined;
  const rewritten = rewrite(ast, (check) => {
    found ??= check;
  });
  if (found === undefined) return [];
  return [
    `this trace holds only exits of system calls, so ${formatFilter(found)} matches none of them; use: ${formatFilter(rewritten)}`,
  ];
}

function rewrite(ast: FilterAst, report: (check: Check) => void): FilterAst {
  if (ast.kind === 'and' && ast.children.some(namesOnlyEvents)) return ast;
  if (ast.kind === 'and' || ast.kind === 'or') {
    return { kind: ast.kind, children: ast.children.map((child) => rewrite(child, report)) };
  }
  return mapChecks(ast, (check, negated) => {
    if (check.left.field !== 'evt.dir' || !entriesOnly(check, negated)) return check;
    report(check);
    return { ...check, values: check.values.map(otherDirection) };
  });
}

/** A condition on evt.type which only events that are no system calls fulfil. */
function namesOnlyEvents(ast: FilterAst): boolean {
  if (ast.kind !== 'check' || ast.left.field !== 'evt.type' || ast.left.transforms.length > 0) return false;
  if (ast.right !== null || ast.op === 'exists' || ast.op === '!=') return false;
  const test = compileByteTest(ast.op, ast.values);
  const matched = [...EVENT_TYPES].filter((type) => test(Buffer.from(type), 0, type.length));
  return matched.length > 0 && matched.every((type) => POINT_EVENTS.has(type));
}

function entriesOnly(check: Check, negated: boolean): boolean {
  if (check.right !== null || check.left.transforms.length > 0) return false;
  const test = compileByteTest(check.op, check.values);
  const enter = test(Buffer.from('>'), 0, 1);
  const exit = test(Buffer.from('<'), 0, 1);
  return enter !== exit && enter !== negated;
}

function otherDirection(value: string): string {
  return value === '>' ? '<' : value === '<' ? '>' : value;
}

/** The filter without its conditions on evt.dir, or undefined when nothing is left or they are more than a term. */
function withoutDirections(ast: FilterAst): FilterAst | undefined {
  if (ast.kind !== 'and') return undefined;
  const left = ast.children.filter((child) => !isDirection(child));
  let nested = false;
  for (const child of left) {
    visitChecks(child, (check) => {
      nested ||= check.left.field === 'evt.dir';
    });
  }
  if (nested || left.length === 0) return undefined;
  return left.length === 1 ? left[0] : { kind: 'and', children: left };
}

function isDirection(ast: FilterAst): boolean {
  return ast.kind === 'check' ? ast.left.field === 'evt.dir' : ast.kind === 'not' && isDirection(ast.child);
}
