/**
 * What is right in a filter and still can't match in this trace: fields that the trace does not give, entries in a
 * trace of exits, names that no event has. Each warning says what to capture or to write instead.
 */
import { findField } from '../model/field-table.js';
import { didYouMean } from '../model/nearest-name.js';
import type { TraceTraits } from '../model/trace.js';
import { type Check, type FilterAst, type Term, visitChecks } from './ast.js';
import { compileByteTest } from './byte-tests.js';
import { directionWarnings } from './check-direction.js';
import { ARGUMENT_NAMES, EVENT_TYPES } from './event-types.js';
import { fieldText } from './fields.js';
import { quoted } from './filter-error.js';
import { formatTerm } from './format-filter.js';
import { readNumber } from './values.js';

/** More would only hide each other. */
const MOST = 12;

/** Sentences for the report, without repetition; without traits only what holds for every trace. */
export function checkFilter(ast: FilterAst, traits?: TraceTraits): string[] {
  const warnings = new Set<string>();
  visitChecks(ast, (check) => {
    for (const warning of checkValues(check, traits)) warnings.add(warning);
    if (traits === undefined) return;
    for (const term of check.right === null ? [check.left] : [check.left, check.right]) {
      const warning = checkTerm(term, traits);
      if (warning !== undefined) warnings.add(warning);
    }
  });
  if (traits !== undefined) for (const warning of directionWarnings(ast, traits)) warnings.add(warning);
  const all = [...warnings];
  return all.length <= MOST
    ? all
    : [...all.slice(0, MOST), `${all.length - MOST} more warnings about the filter are not shown`];
}

function checkValues(check: Check, traits: TraceTraits | undefined): string[] {
  const { left, op, values } = check;
  const name = formatTerm(left);
  if (values.length === 0 && check.right === null && op !== 'exists') {
    return [`${name} ${op} () has no values: it is never true`];
  }
  if (left.transforms.length > 0) return [];
  switch (left.field) {
    case 'evt.type':
    case 'syscall.type':
      return typeWarnings(check, name, traits);
    case 'evt.type.is':
      return typeWarnings({ ...check, op: '=', values: [left.arg!] }, name, traits);
    case 'evt.dir':
      return matchesDirection(check) ? [] : [`no event's direction is ${quoted(values[0]!)}: it is > or <`];
    case 'evt.arg':
      return argumentWarnings(check, name, traits);
    case 'evt.rawarg':
      return unknownArgument(left, traits);
    default:
      return [];
  }
}

function matchesDirection(check: Check): boolean {
  if (check.op === 'exists' || check.right !== null || check.op === '!=') return true;
  const test = compileByteTest(check.op, check.values);
  return test(Buffer.from('>'), 0, 1) || test(Buffer.from('<'), 0, 1);
}

/** Protocols without a name of their own, as packets have them. */
const NAMELESS = /^(?:ip-proto-\d{1,3}|ethertype-0x[0-9a-f]{1,4})$/;

/** strace prints the kernel's names, sysdig some shorter ones. */
const STRACE_NAMES: Readonly<Record<string, string>> = { pread: 'pread64', pwrite: 'pwrite64' };
const SYSDIG_NAMES: Readonly<Record<string, string>> = { pread64: 'pread', pwrite64: 'pwrite' };

function typeWarnings(check: Check, name: string, traits: TraceTraits | undefined): string[] {
  switch (check.op) {
    case '=':
    case '!=':
    case 'in':
    case 'intersects': {
      const other =
        traits?.format === 'strace' ? STRACE_NAMES : traits?.format === 'sysdig' ? SYSDIG_NAMES : {};
      return check.values.flatMap((value) => {
        if (!EVENT_TYPES.has(value) && !NAMELESS.test(value)) {
          return [`${name}: no event type ${quoted(value)} is known${didYouMean(value, EVENT_TYPES)}`];
        }
        return Object.hasOwn(other, value)
          ? [`${name}: ${traits!.format} calls ${value} ${other[value]}`]
          : [];
      });
    }
    case 'contains':
    case 'icontains':
    case 'startswith':
    case 'endswith':
    case 'glob':
    case 'iglob': {
      if (check.right !== null) return [];
      const test = compileByteTest(check.op, check.values);
      const some = [...EVENT_TYPES].some((type) => test(Buffer.from(type), 0, type.length));
      return some ? [] : [`${name} ${check.op} ${quoted(check.values[0]!)}: no known event type does`];
    }
    default:
      return [];
  }
}

function argumentWarnings(check: Check, name: string, traits: TraceTraits | undefined): string[] {
  const unknown = unknownArgument(check.left, traits);
  const ordering = /^[<>]/.test(check.op);
  if (!ordering || check.values.length === 0 || readNumber(check.values[0]!) === undefined) return unknown;
  const raw = fieldText({ field: 'evt.rawarg', arg: check.left.arg });
  return [...unknown, `${name}${check.op}${check.values[0]} compares text; ${raw} compares numbers`];
}

function unknownArgument(term: Term, traits: TraceTraits | undefined): string[] {
  if (traits?.format !== 'sysdig' || /^\d+$/.test(term.arg!) || ARGUMENT_NAMES.has(term.arg!)) return [];
  const hint = didYouMean(term.arg!, ARGUMENT_NAMES);
  return [`${fieldText(term)}: sysdig prints no argument of this name${hint}`];
}

function checkTerm(term: Term, traits: TraceTraits): string | undefined {
  const name = fieldText(term);
  if (traits.columns.includes(name)) return undefined;
  const spec = findField(term.field)!;
  if (spec.from === 'column') return `${name} is not in this trace${howToPrint(name, traits)}`;
  const { kind } = traits.timebase;
  switch (term.field) {
    case 'evt.cpu':
    case 'thread.exectime':
    case 'thread.totexectime':
      return traits.hasCpu ? undefined : `${name}: this trace does not say on which CPU an event was`;
    case 'proc.name':
    case 'proc.cmdline':
      return traits.hasNames ? undefined : missingNames(name, traits);
    case 'evt.time.iso8601':
    case 'evt.datetime':
    case 'evt.datetime.s':
    case 'evt.rawtime':
    case 'evt.rawtime.s':
    case 'evt.rawtime.ns':
      return kind === 'epoch' ? undefined : `${name}: this trace's times have no date${howToDate(traits)}`;
    case 'evt.around':
      return kind === 'epoch' || term.arg!.includes(':')
        ? undefined
        : `${name}: this trace's times have no date; give a time of day: evt.around[17:01:21]`;
    case 'evt.time':
    case 'evt.time.s':
      return kind === 'relative'
        ? `${name}: this trace's times count from its start${howToDate(traits)}`
        : undefined;
    default:
      return spec.needs.latency ? missingLatency(name, traits) : undefined;
  }
}

function howToPrint(name: string, traits: TraceTraits): string {
  switch (traits.format) {
    case 'sysdig':
    case 'scap':
      return `: print it (sysdig -p '*%evt.num %evt.outputtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info %${name}') and give the same string to --layout`;
    case 'strace':
      return ': strace does not record it';
    default:
      return '';
  }
}

function missingNames(name: string, traits: TraceTraits): string | undefined {
  switch (traits.format) {
    case 'strace':
      return `${name}: names are known only of processes whose execve, clone or prctl is in this trace; strace -Y prints them on every line`;
    case 'sysdig':
    case 'scap':
      return `${name}: this trace does not print process names${howToPrint(name, traits)}`;
    default:
      return `${name}: this trace names no processes`;
  }
}

function howToDate(traits: TraceTraits): string {
  switch (traits.format) {
    case 'sysdig':
      return ' (sysdig -t a prints them with one)';
    case 'strace':
      return ' (strace -ttt prints them with one)';
    default:
      return '';
  }
}

function missingLatency(name: string, traits: TraceTraits): string | undefined {
  if (traits.directions === 'exits') {
    return `${name}: this trace holds only exits of calls, so their durations are unknown (sysdig before 0.41 records entries too)`;
  }
  if (traits.format === 'strace' && !traits.exitTimes) {
    return `${name}: without strace -T the durations of calls printed whole are unknown`;
  }
  return traits.directions === 'none' ? `${name}: this trace does not tell entries from exits` : undefined;
}
