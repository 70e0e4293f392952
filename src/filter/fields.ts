/** Field names as they stand in a filter, and back: `evt.arg.fd`, `evt.arg[0]`, `proc.aname[2]`. */
import { escapeControl } from '../model/escape.js';
import { FIELDS, type FieldSpec, findField } from '../model/field-table.js';
import { didYouMean } from '../model/nearest-name.js';
import type { Term } from './ast.js';
import { quoted } from './filter-error.js';
import { formatValue } from './value-text.js';

/** Names that people try, and the field they mean. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    proc: 'proc.name',
    process: 'proc.name',
    'process.name': 'proc.name',
    comm: 'proc.name',
    'proc.comm': 'proc.name',
    'thread.name': 'proc.name',
    pid: 'proc.pid',
    'process.pid': 'proc.pid',
    tid: 'thread.tid',
    'proc.tid': 'thread.tid',
    'thread.pid': 'proc.pid',
    type: 'evt.type',
    syscall: 'evt.type',
    'syscall.name': 'evt.type',
    'evt.name': 'evt.type',
    event: 'evt.type',
    'evt.direction': 'evt.dir',
    dir: 'evt.dir',
    cpu: 'evt.cpu',
    time: 'evt.time',
    latency: 'evt.latency',
    'evt.duration': 'evt.latency',
    fd: 'fd.name',
    'evt.ret': 'evt.res',
    'evt.retval': 'evt.rawres',
    'evt.error': 'evt.res',
  }),
);

/** A field and its argument, or the reason why there is none. */
export type FieldResult =
  | { readonly spec: FieldSpec; readonly arg: string | null }
  | { readonly reason: string };

/** `name` with what follows dots in it, `bracket` what stood in brackets behind it. */
export function resolveField(name: string, bracket: string | null): FieldResult {
  const exact = findField(name);
  if (exact !== undefined) return withArgument(exact, bracket);
  for (let cut = name.lastIndexOf('.'); cut > 0; cut = name.lastIndexOf('.', cut - 1)) {
    const spec = findField(name.slice(0, cut));
    if (spec === undefined) continue;
    const arg = name.slice(cut + 1);
    if (spec.arg === 'none' || !spec.dotted || arg === '') break;
    if (bracket !== null) return { reason: `${spec.name} takes one argument, not two` };
    return withArgument(spec, arg);
  }
  return { reason: `unknown field ${quoted(name)}${suggestField(name)}` };
}

/** ` (did you mean proc.name?)`, or what a field looks like. */
function suggestField(name: string): string {
  const alias = ALIASES.get(name.toLowerCase());
  if (alias !== undefined) return ` (did you mean ${alias}?)`;
  const nearest = didYouMean(
    name,
    FIELDS.map((field) => field.name),
  );
  return nearest === '' && !name.includes('.') ? ' (fields look like proc.name, evt.type, fd.name)' : nearest;
}

function withArgument(spec: FieldSpec, arg: string | null): FieldResult {
  if (arg === null) {
    return spec.arg === 'required'
      ? { reason: `${spec.name} needs an argument, ${example(spec)}` }
      : { spec, arg };
  }
  if (spec.arg === 'none') return { reason: `${spec.name} takes no argument` };
  const reason = checkArgument(spec, arg);
  return reason === undefined ? { spec, arg } : { reason };
}

function checkArgument(spec: FieldSpec, arg: string): string | undefined {
  switch (spec.name) {
    case 'proc.aname':
    case 'proc.apid':
      return /^\d{1,3}$/.test(arg) ? undefined : `${spec.name} takes a number, ${example(spec)}`;
    case 'evt.abspath':
      return arg === 'src' || arg === 'dst' ? undefined : 'evt.abspath takes .src or .dst';
    case 'evt.around':
      return /^(\d{1,20}|\d\d:\d\d(:\d\d(\.\d{1,9})?)?)$/.test(arg)
        ? undefined
        : `evt.around takes a time, ${example(spec)}`;
    default:
      return undefined;
  }
}

function example(spec: FieldSpec): string {
  switch (spec.name) {
    case 'evt.arg':
    case 'evt.rawarg':
      return `such as ${spec.name}.fd or ${spec.name}[0]`;
    case 'evt.type.is':
      return 'such as evt.type.is.open';
    case 'evt.around':
      return 'such as evt.around[1404996934793590564]=1000';
    case 'proc.aname':
    case 'proc.apid':
      return `such as ${spec.name}[1]`;
    default:
      return `such as ${spec.name}[name]`;
  }
}

/** The field as it stands in a filter, without its transformers. */
export function fieldText(term: Pick<Term, 'field' | 'arg'>): string {
  if (term.arg === null) return term.field;
  const spec = findField(term.field);
  const dotted = `${term.field}.${term.arg}`;
  if (spec?.dotted && /^[A-Za-z_]\w*$/.test(term.arg) && findField(dotted) === undefined) return dotted;
  const bare = /^[^\s[\]"'\\\p{C}]+$/u.test(term.arg) && escapeControl(term.arg) === term.arg;
  const arg = bare ? term.arg : quoteArgument(term.arg);
  return `${term.field}[${arg}]`;
}

function quoteArgument(arg: string): string {
  const text = formatValue(arg);
  return text.startsWith("'") ? text : `'${text}'`;
}
