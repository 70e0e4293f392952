/**
 * The bytes that every line which a filter can match must contain, so that a scan may jump from hit to hit and
 * decode nothing else. In doubt there are none: a missed match is a wrong answer.
 */
import type { FormatName } from '../model/trace.js';
import { type Check, type FilterAst, visitChecks } from './ast.js';
import { compileByteTest } from './byte-tests.js';
import { filterNeeds } from './compile.js';
import { STRACE_SYNTHESIZED } from './event-types.js';
import { globLiterals } from './glob.js';
import { valueBytes } from './value-text.js';
import { readNumber } from './values.js';

/** What stands on every line of the trace that makes an event. */
export interface LineTraits {
  readonly format: FormatName;
  /** The process name. */
  readonly names: boolean;
  /** The thread id. */
  readonly tids: boolean;
  /** All arguments as the event gives them: no part of them on a line of its own, no halves of a call joined. */
  readonly args: boolean;
}

/** Candidates kept at each node of the tree. */
const KEPT = 8;

/** A JSON line escapes these; other bytes beyond ASCII may come in more than one form. */
const UNSAFE = /[^ !#-[\]-~]/;

const HISTORY = /^(?:evt\.(?:deltatime|reltime)|thread\.(?:exectime|totexectime))/;

/** The longest such bytes, or null when there are none. */
export function requiredLiteral(ast: FilterAst, line: LineTraits): Buffer | null {
  if (line.format === 'pcap' || line.format === 'scap') return null;
  if (dependsOnOtherLines(ast)) return null;
  const [best] = required(ast, line);
  return best === undefined ? null : valueBytes(best);
}

/** True when an event's answer depends on lines that the filter does not match. */
function dependsOnOtherLines(ast: FilterAst): boolean {
  const needs = filterNeeds(ast);
  return needs.fd || needs.latency || needs.process || needs.threadNames || hasMemory(ast);
}

/** True when the filter itself remembers events that it does not match. */
function hasMemory(ast: FilterAst): boolean {
  let remembers = false;
  visitChecks(ast, (check) => {
    for (const term of [check.left, check.right]) remembers ||= term !== null && HISTORY.test(term.field);
  });
  return remembers;
}

const TYPE_FIELDS: ReadonlySet<string> = new Set(['evt.type', 'evt.type.is']);
const THREAD_FIELDS: ReadonlySet<string> = new Set([
  'thread.tid',
  'thread.ismain',
  'proc.name',
  'proc.pid',
  'proc.exe',
  'proc.exepath',
]);

/** Conditions that every match fulfils and that look at nothing but its type, or its thread; null for none. */
export function headConditions(ast: FilterAst): { type: FilterAst | null; thread: FilterAst | null } {
  if (hasMemory(ast)) return { type: null, thread: null };
  const parts = ast.kind === 'and' ? ast.children : [ast];
  const over = (fields: ReadonlySet<string>): FilterAst | null => {
    const fitting = parts.filter((part) => namesOnly(part, fields));
    return fitting.length > 1 ? { kind: 'and', children: fitting } : (fitting[0] ?? null);
  };
  return { type: over(TYPE_FIELDS), thread: over(THREAD_FIELDS) };
}

function namesOnly(ast: FilterAst, fields: ReadonlySet<string>): boolean {
  let only = true;
  visitChecks(ast, ({ left, right }) => {
    only &&= fields.has(left.field) && (right === null || fields.has(right.field));
  });
  return only;
}

/** Longest first, at most KEPT. */
function required(ast: FilterAst, line: LineTraits): string[] {
  switch (ast.kind) {
    case 'not':
      return [];
    case 'check':
      return best(checkLiterals(ast, line).filter((text) => text !== '' && !UNSAFE.test(text)));
    case 'and':
      return best(ast.children.flatMap((child) => required(child, line)));
    case 'or':
      return shared(ast.children.map((child) => required(child, line)));
  }
}

function best(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort((a, b) => b.length - a.length).slice(0, KEPT);
}

/** Texts of any alternative that every alternative requires, at least inside a longer one. */
function shared(alternatives: readonly string[][]): string[] {
  let common = alternatives[0]!;
  for (const texts of alternatives.slice(1)) {
    if (common.length === 0) return [];
    const within = (all: readonly string[]) => (text: string) => all.some((other) => other.includes(text));
    common = best([...common.filter(within(texts)), ...texts.filter(within(common))]);
  }
  return common;
}

function checkLiterals(check: Check, line: LineTraits): string[] {
  if (check.right !== null || check.left.transforms.length > 0) return [];
  if (line.format === 'tcpdump') return packetLiterals(check);
  switch (check.left.field) {
    case 'proc.name':
      return line.names ? textLiterals(check) : [];
    case 'evt.type':
    case 'syscall.type':
      return standsOnLine(check, line) ? textLiterals(check) : [];
    case 'evt.type.is': {
      const wanted = check.op === '=' && readNumber(check.values[0]!) === 1;
      const type: Check = { ...check, op: '=', values: [check.left.arg!] };
      return wanted && standsOnLine(type, line) ? textLiterals(type) : [];
    }
    case 'evt.args':
    case 'evt.info':
      return line.args ? textLiterals(check).map((text) => text.replace(/ +$/, '')) : [];
    case 'thread.tid': {
      const tid = check.op === '=' ? readNumber(check.values[0]!) : undefined;
      return line.tids && typeof tid === 'number' && Number.isSafeInteger(tid) && tid >= 0
        ? [String(tid)]
        : [];
    }
    default:
      return [];
  }
}

/** tcpdump prints no types: only of VRRP is certain what its lines hold. A packet without a field fulfils no condition on it. */
function packetLiterals({ left, op, values }: Check): string[] {
  const isType = left.field === 'evt.type' && ['=', 'in'].includes(op) && values.length > 0;
  const isVrrp = left.field.startsWith('vrrp.') || (isType && values.every((type) => type === 'vrrp'));
  return isVrrp ? ['VRRPv'] : [];
}

/** False where the condition also matches events that strace prints without their type's name. */
function standsOnLine(check: Check, line: LineTraits): boolean {
  if (line.format !== 'strace') return true;
  const test = compileByteTest(check.op, check.values);
  return [...STRACE_SYNTHESIZED].every((type) => !test(Buffer.from(type), 0, type.length));
}

function textLiterals(check: Check): string[] {
  const value = check.values[0] ?? '';
  switch (check.op) {
    case '=':
    case 'contains':
    case 'startswith':
    case 'endswith':
      return [value];
    case 'glob':
      return globLiterals(value);
    case 'in':
    case 'intersects':
      return check.values.length === 0 ? [] : shared(check.values.map((text) => [text]));
    default:
      return [];
  }
}
