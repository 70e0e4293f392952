/** Which operators and values suit which kind of field. */
import { type FieldKind, findField } from '../model/field-table.js';
import { type Check, OPERATORS, type Operator, type Term, type Transform } from './ast.js';
import { quoted, shortened } from './filter-error.js';
import { readIp, readNetwork } from './ip-net.js';
import { compileRegex } from './regex.js';
import { readBoolean, readNanoseconds, readNumber, readPort, readSeconds } from './values.js';

const EQUALITY: readonly Operator[] = ['=', '!=', 'in', 'intersects', 'exists'];
const ORDER: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=', 'in', 'intersects', 'exists'];
/** Their values are bytes, written in hexadecimal. */
const OF_BYTES: readonly Operator[] = ['bcontains', 'bstartswith'];
const TEXT: readonly Operator[] = OPERATORS.filter((op) => !OF_BYTES.includes(op));

const OPERATORS_OF: Readonly<Record<FieldKind, readonly Operator[]>> = {
  string: TEXT,
  bytes: [...TEXT, ...OF_BYTES],
  raw: TEXT,
  number: ORDER,
  ns: ORDER,
  seconds: ORDER,
  port: ORDER,
  bool: EQUALITY,
  ip: EQUALITY,
  net: EQUALITY,
};

const NOUN: Readonly<Record<FieldKind, string>> = {
  string: 'text',
  bytes: 'data',
  raw: 'a raw argument',
  number: 'a number',
  ns: 'a time in nanoseconds',
  seconds: 'a time in seconds',
  port: 'a port',
  bool: 'a boolean',
  ip: 'an address',
  net: 'a network',
};

/** Kind of a term's value after its transformers; a reason where one of them does not suit. */
export function termKind(term: Term): FieldKind | { readonly reason: string } {
  let kind: FieldKind = findField(term.field)!.kind;
  for (const transform of term.transforms) {
    const textual = kind === 'string' || kind === 'bytes' || kind === 'raw';
    if (!textual)
      return {
        reason: `${transform}() needs text, and ${term.field} is ${NOUN[kind]}`,
      };
    kind = resultKind(transform);
  }
  return kind;
}

/** Fields that hold several values at once, compared with each. */
export function isMultiple(term: Pick<Term, 'field' | 'arg'>): boolean {
  switch (term.field) {
    case 'fd.ip':
    case 'fd.net':
    case 'fd.port':
    case 'evt.around':
      return true;
    case 'proc.aname':
    case 'proc.apid':
      return term.arg === null;
    default:
      return false;
  }
}

/** What is wrong with a check, and where: at its operator, at a value (by index), or at the right side. */
export interface Flaw {
  readonly part: 'left' | 'operator' | 'right' | number;
  readonly reason: string;
}

/** undefined when the check can be evaluated. */
export function findFlaw(check: Check, name: string): Flaw | undefined {
  const kind = termKind(check.left);
  if (typeof kind !== 'string') return { part: 'left', reason: kind.reason };
  if (check.left.transforms.length > 0 && isMultiple(check.left)) {
    return {
      part: 'left',
      reason: `${name} holds several values and can't be transformed`,
    };
  }
  const operators: readonly Operator[] = check.left.field === 'evt.around' ? ['='] : OPERATORS_OF[kind];
  if (!operators.includes(check.op)) {
    const reason = `"${check.op}" does not suit ${name}, which is ${NOUN[kind]} (use ${operators.join(' ')})`;
    return { part: 'operator', reason };
  }
  if (check.right !== null) return rightFlaw(check, kind, name);
  for (const [i, value] of check.values.entries()) {
    const reason =
      check.left.field === 'evt.around' ? aroundFlaw(value) : valueFlaw(check.op, kind, name, value);
    if (reason !== undefined) return { part: i, reason };
  }
  return undefined;
}

function resultKind(transform: Transform): FieldKind {
  return transform === 'len' ? 'number' : 'string';
}

function rightFlaw(check: Check, kind: FieldKind, name: string): Flaw | undefined {
  const right = check.right!;
  const other = termKind(right);
  if (typeof other !== 'string') return { part: 'right', reason: other.reason };
  if (check.op === 'regex' || check.op === 'in' || check.op === 'intersects' || check.op === 'pmatch') {
    return {
      part: 'right',
      reason: `"${check.op}" can't be used with a field on its right side`,
    };
  }
  if (isMultiple(right) || isMultiple(check.left)) {
    return {
      part: 'right',
      reason: 'fields with several values can only be compared with values',
    };
  }
  if (family(kind) !== family(other)) {
    const reason = `${name} is ${NOUN[kind]} and ${right.field} is ${NOUN[other]}: they can't be compared`;
    return { part: 'right', reason };
  }
  return undefined;
}

function family(kind: FieldKind): string {
  switch (kind) {
    case 'string':
    case 'bytes':
    case 'raw':
      return 'text';
    case 'number':
    case 'ns':
    case 'seconds':
    case 'port':
      return 'number';
    default:
      return kind;
  }
}

function aroundFlaw(value: string): string | undefined {
  return readNanoseconds(value) === undefined
    ? `evt.around takes milliseconds or a duration, not ${quoted(value)}`
    : undefined;
}

function valueFlaw(op: Operator, kind: FieldKind, name: string, value: string): string | undefined {
  const takes = (readable: unknown, what: string): string | undefined =>
    readable === undefined ? `${name} takes ${what}, not ${quoted(value)}` : undefined;
  switch (kind) {
    case 'number':
      return takes(readNumber(value), 'a number');
    case 'ns':
      return takes(readNanoseconds(value), 'nanoseconds or a duration such as 250ms');
    case 'seconds':
      return takes(readSeconds(value), 'seconds or a duration such as 250ms');
    case 'port':
      return takes(readPort(value), 'a port');
    case 'bool':
      return takes(readBoolean(value), 'true or false');
    case 'net':
      return takes(readNetwork(value), 'a network such as 10.77.0.0/16');
    case 'ip': {
      const network = readNetwork(value) === undefined ? '' : ` (networks: ${name.replace('ip', 'net')})`;
      const flaw = takes(readIp(value), 'an IP address');
      return flaw === undefined ? undefined : `${flaw}${network}`;
    }
    default:
      return textFlaw(op, value);
  }
}

function textFlaw(op: Operator, value: string): string | undefined {
  if (op === 'bcontains' || op === 'bstartswith') {
    return /^(?:[0-9a-fA-F]{2})+$/.test(value)
      ? undefined
      : `${quoted(value)} is not a row of hexadecimal bytes such as cafe00`;
  }
  if (op !== 'regex') return undefined;
  try {
    compileRegex(value);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `not a regular expression of RE2: ${shortened(message.replace('error parsing regexp: ', ''))}`;
  }
}
