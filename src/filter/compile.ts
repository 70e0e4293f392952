/**
 * Compiles a filter once into closures over the event view. Conditions on what lies in the view compare bytes and
 * integers where they lie; strings are made only for fields that need them, and those are asked last.
 */
import type { EventView } from '../model/event.js';
import type { EventFields, FieldNeeds } from '../model/event-fields.js';
import { findField } from '../model/field-table.js';
import { UsageError } from '../model/problem.js';
import type { Timebase } from '../model/trace.js';
import { type Check, type FilterAst, type Term, visitChecks } from './ast.js';
import { compileCheck } from './compile-check.js';
import { fieldText, resolveField } from './fields.js';
import { isMultiple } from './kinds.js';
import type { Context, Predicate } from './reader.js';
import { readText, termReader } from './readers.js';

/**
 * The filter as a predicate. It is to be called once for every event, in order: `evt.deltatime`, `evt.reltime` and
 * the CPU times of threads remember earlier calls.
 */
export function compileFilter(
  ast: FilterAst,
  fields: EventFields,
  timebase: Timebase,
): (e: EventView) => boolean {
  const context: Context = { fields, timebase, observers: [] };
  const { test } = compileNode(ast, context);
  return observed(test, context);
}

/** Short names for --by. */
const SHORT: Readonly<Record<string, string>> = {
  thread: 'thread.tid',
  proc: 'proc.name',
  fd: 'fd.name',
};

/** The full name of a field given to --by: `thread` is `thread.tid`. UsageError('option') when there is none. */
export function groupField(name: string): string {
  return fieldText(groupTerm(name));
}

/** A reader of one field's value as text, for --by; undefined where the trace does not say. */
export function compileField(
  name: string,
  fields: EventFields,
  timebase: Timebase,
): (e: EventView) => string | undefined {
  const context: Context = { fields, timebase, observers: [] };
  const read = readText(termReader(groupTerm(name), context));
  if (context.observers.length === 0) return read;
  return (e) => {
    for (const observe of context.observers) observe(e);
    return read(e);
  };
}

/** Which of a decoder's stateful answers a filter asks for. */
export function filterNeeds(ast: FilterAst): FieldNeeds {
  const terms: Term[] = [];
  visitChecks(ast, (check) => {
    terms.push(check.left);
    if (check.right !== null) terms.push(check.right);
  });
  return needsOf(terms);
}

/** The same for a field given to --by. */
export function fieldNeeds(name: string): FieldNeeds {
  return needsOf([groupTerm(name)]);
}

function needsOf(terms: readonly Term[]): FieldNeeds {
  const specs = terms.map((term) => findField(term.field)!);
  return {
    fd: specs.some((spec) => spec.needs.fd),
    latency: specs.some((spec) => spec.needs.latency),
    process: specs.some((spec) => spec.needs.process),
    threadNames: terms.some(
      ({ field, arg }) =>
        field === 'proc.pname' || field === 'proc.pcmdline' || (field === 'proc.aname' && arg !== '0'),
    ),
    args: terms.some(({ field }) => field === 'evt.args' || field === 'evt.info'),
  };
}

function groupTerm(name: string): Term {
  const short = Object.hasOwn(SHORT, name) ? SHORT[name]! : name;
  const [, field, arg] = /^([^[]*)(?:\[(.*)\])?$/s.exec(short) ?? [undefined, short, undefined];
  const found = resolveField(field!, arg?.replace(/^(['"])(.*)\1$/s, '$2') ?? null);
  if ('reason' in found) throw new UsageError('option', `--by: ${found.reason}`);
  const term: Term = { field: found.spec.name, arg: found.arg, transforms: [] };
  if (!isMultiple(term)) return term;
  const instead = /^fd\.(ip|net|port)$/.exec(term.field)?.[1]?.replace('net', 'ip');
  const use = instead === undefined ? '' : ` (use fd.c${instead} or fd.s${instead})`;
  throw new UsageError('option', `--by: ${fieldText(term)} can hold several values${use}`);
}

interface Compiled {
  readonly test: Predicate;
  readonly cost: number;
  /** Its answer depends on how often it was asked: it must keep its place. */
  readonly ordered: boolean;
}

function compileNode(ast: FilterAst, context: Context): Compiled {
  switch (ast.kind) {
    case 'check':
      return { test: compileCheck(ast, context), cost: costOf(ast), ordered: isOrdered(ast) };
    case 'not': {
      const { test, cost, ordered } = compileNode(ast.child, context);
      return { test: (e) => !test(e), cost, ordered };
    }
    default: {
      const children = ast.children.map((child) => compileNode(child, context));
      const tests = cheapestFirst(children).map((child) => child.test);
      return {
        test: ast.kind === 'and' ? everyOf(tests) : someOf(tests),
        cost: children.reduce((sum, child) => sum + child.cost, 0),
        ordered: children.some((child) => child.ordered),
      };
    }
  }
}

/** Sorts by cost between those that must keep their place. */
function cheapestFirst(children: readonly Compiled[]): Compiled[] {
  const sorted: Compiled[] = [];
  let run: Compiled[] = [];
  const closeRun = (): void => {
    sorted.push(...run.sort((a, b) => a.cost - b.cost));
    run = [];
  };
  for (const child of children) {
    if (child.ordered) {
      closeRun();
      sorted.push(child);
    } else run.push(child);
  }
  closeRun();
  return sorted;
}

function everyOf(tests: readonly Predicate[]): Predicate {
  const [a, b, c] = tests as [Predicate, Predicate, Predicate | undefined];
  if (tests.length === 2) return (e) => a(e) && b(e);
  if (tests.length === 3) return (e) => a(e) && b(e) && c!(e);
  return (e) => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!(e)) return false;
    return true;
  };
}

function someOf(tests: readonly Predicate[]): Predicate {
  const [a, b] = tests as [Predicate, Predicate];
  if (tests.length === 2) return (e) => a(e) || b(e);
  return (e) => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!(e)) return true;
    return false;
  };
}

const CHEAP: ReadonlySet<string> = new Set(['evt.num', 'evt.cpu', 'thread.tid', 'evt.dir']);
const IN_VIEW: ReadonlySet<string> = new Set(['proc.name', 'evt.type']);

function costOf(check: Check): number {
  if (check.op === 'regex') return 200;
  if (check.right !== null || check.left.transforms.length > 0) return 100;
  if (CHEAP.has(check.left.field)) return 1;
  const simple = check.op === '=' || check.op === '!=' || check.op === 'startswith';
  if (IN_VIEW.has(check.left.field)) return simple ? 2 : 4;
  if (check.left.field === 'evt.args' || check.left.field === 'evt.info') return 10;
  return findField(check.left.field)!.from === 'line' ? 40 : 80;
}

function isOrdered(check: Check): boolean {
  return [check.left, check.right].some((term) => term?.field.startsWith('evt.deltatime') ?? false);
}

function observed(test: Predicate, context: Context): Predicate {
  if (context.observers.length === 0) return test;
  return (e) => {
    for (const observe of context.observers) observe(e);
    return test(e);
  };
}
