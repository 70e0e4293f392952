/** One condition as a closure over the event. */
import { ABSENT, type EventView } from '../model/event.js';
import type { FieldKind } from '../model/field-table.js';
import type { Check, Operator } from './ast.js';
import { type ByteTest, compileByteTest } from './byte-tests.js';
import { inNetwork, readIp, readNetwork, sameIp } from './ip-net.js';
import { termKind } from './kinds.js';
import { compileNumericTest } from './numeric-tests.js';
import type { Context, Predicate, Reader } from './reader.js';
import { readText, termReader } from './readers.js';
import { aroundCheck, timeOfDayCheck } from './time-readers.js';
import {
  type Numeric,
  readBoolean,
  readNanoseconds,
  readNumber,
  readPort,
  readRawArgument,
  readSeconds,
} from './values.js';

type ValueTest<T> = (value: T) => boolean;

/** The predicate of a checked condition. A missing value makes every comparison false. */
export function compileCheck(check: Check, context: Context): Predicate {
  const { left, op, values } = check;
  if (check.right !== null) return compareFields(check, context);
  if (left.field === 'evt.around') return aroundCheck(left.arg!, aroundRange(values[0]!), context.timebase);
  if ((left.field === 'evt.time' || left.field === 'evt.time.s') && left.transforms.length === 0) {
    const predicate = timeOfDayCheck(check, context.timebase);
    if (predicate !== undefined) return predicate;
  }
  const kind = termKind(left) as FieldKind;
  if (op === '=' && left.transforms.length === 0) {
    const predicate = equalInteger(left.field, readNumber(values[0]!));
    if (predicate !== undefined) return predicate;
  }
  const reader = termReader(left, context);
  switch (kind) {
    case 'number':
    case 'ns':
    case 'seconds':
    case 'port': {
      const test = compileNumericTest(
        op,
        values.map((value) => readAs(kind, value)),
      );
      return onNumbers(reader, test, op === '!=');
    }
    case 'bool':
      return onBoolean(reader, op, values.map(readBoolean));
    case 'ip':
    case 'net':
      return onAddresses(reader, op, addressTest(kind, op, values));
    case 'raw':
      return onText(reader, rawTest(op, values, left.arg));
    default: {
      const args = left.field === 'evt.args' || left.field === 'evt.info';
      const test =
        args && left.transforms.length === 0 ? argumentsTest(op, values) : compileByteTest(op, values);
      if (reader.as === 'bytes') return reader.test(test);
      return onText(reader, onString(test));
    }
  }
}

/** A test of bytes as a test of strings; one buffer serves all events. */
function onString(test: ByteTest): ValueTest<string> {
  let scratch = Buffer.allocUnsafe(256);
  return (value) => {
    if (value.length * 3 > scratch.length) scratch = Buffer.allocUnsafe(value.length * 3);
    return test(scratch, 0, scratch.write(value, 'utf8'));
  };
}

/** The commonest conditions on integers of the view, without a call in between. */
function equalInteger(field: string, value: Numeric | undefined): Predicate | undefined {
  if (typeof value !== 'number' || value === ABSENT) return undefined;
  switch (field) {
    case 'thread.tid':
      return (e) => e.tid === value;
    case 'evt.cpu':
      return (e) => e.cpu === value;
    case 'evt.num':
      return (e) => e.num === value;
    default:
      return undefined;
  }
}

function readAs(kind: 'number' | 'ns' | 'seconds' | 'port', value: string): Numeric {
  switch (kind) {
    case 'port':
      return readPort(value)!;
    case 'ns':
      return readNanoseconds(value)!;
    case 'seconds':
      return readSeconds(value)!;
    default:
      return readNumber(value)!;
  }
}

function aroundRange(value: string): number {
  const ms = readNumber(value);
  return ms === undefined ? Number(readNanoseconds(value)) : Number(ms) * 1e6;
}

function onNumbers(reader: Reader, test: ValueTest<Numeric>, all: boolean): Predicate {
  if (reader.as === 'numbers') {
    return (e) => {
      const values = reader.read(e);
      return all ? values.length > 0 && values.every(test) : values.some(test);
    };
  }
  if (reader.as !== 'number') return () => false;
  return (e) => {
    const value = reader.read(e);
    return value !== undefined && test(value);
  };
}

function onBoolean(reader: Reader, op: Operator, values: readonly (boolean | undefined)[]): Predicate {
  if (reader.as !== 'bool') return () => false;
  const test = (value: boolean): boolean =>
    op === 'exists' || (op === '!=' ? value !== values[0] : values.includes(value));
  return (e) => {
    const value = reader.read(e);
    return value !== undefined && test(value);
  };
}

function onText(reader: Reader, test: ValueTest<string>): Predicate {
  if (reader.as === 'texts') return (e) => reader.read(e).some(test);
  const read = readText(reader);
  return (e) => {
    const value = read(e);
    return value !== undefined && test(value);
  };
}

/** Either address will do, except for `!=`: then neither may be the one. */
function onAddresses(reader: Reader, op: Operator, test: ValueTest<string>): Predicate {
  if (reader.as !== 'texts' || op !== '!=') return onText(reader, test);
  return (e) => {
    const values = reader.read(e);
    return values.length > 0 && values.every(test);
  };
}

function addressTest(kind: 'ip' | 'net', op: Operator, values: readonly string[]): ValueTest<string> {
  const tests =
    kind === 'ip'
      ? values.map(readIp).map((wanted) => (text: string) => {
          const ip = readIp(text);
          return ip === undefined ? undefined : sameIp(ip, wanted!);
        })
      : values.map(readNetwork).map((wanted) => (text: string) => {
          const ip = readIp(text);
          return ip === undefined ? undefined : inNetwork(ip, wanted!);
        });
  switch (op) {
    case 'exists':
      return (text) => readIp(text) !== undefined;
    case '!=':
      return (text) => tests[0]!(text) === false;
    default:
      return (text) => tests.some((test) => test(text) === true);
  }
}

/** Arguments are numbers in one event and text in another: numbers are compared where both sides are some. */
function rawTest(op: Operator, values: readonly string[], key: string | null): ValueTest<string> {
  const textTest = onString(compileByteTest(op, values));
  switch (op) {
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const value = readNumber(values[0]!);
      if (value === undefined) return textTest;
      const test = compileNumericTest(op, [value]);
      return (raw) => {
        const number = readRawArgument(key, raw);
        return number === undefined ? op === '!=' : test(number);
      };
    }
    case 'in':
    case 'intersects': {
      const numbers = compileNumericTest(
        op,
        values.map(readNumber).filter((value) => value !== undefined),
      );
      return (raw) => {
        const number = readRawArgument(key, raw);
        return textTest(raw) || (number !== undefined && numbers(number));
      };
    }
    default:
      return textTest;
  }
}

/**
 * sysdig ends the arguments with a blank, newer versions don't; the reader has cut it off. A value that ends in
 * blanks means the end of an argument, which may be the end of all.
 */
function argumentsTest(op: Operator, values: readonly string[]): ByteTest {
  const trimmed = values.map((value) => value.replace(/ +$/, ''));
  switch (op) {
    case '=':
    case '!=':
    case 'in':
    case 'intersects':
    case 'endswith':
      return compileByteTest(op, trimmed);
    case 'contains':
    case 'icontains': {
      const test = compileByteTest(op, values);
      if (trimmed[0] === values[0]) return test;
      const atEnd = compileByteTest(op, trimmed);
      const length = Buffer.byteLength(trimmed[0]!);
      return (bytes, start, end) =>
        test(bytes, start, end) || (end - start >= length && atEnd(bytes, end - length, end));
    }
    default:
      return compileByteTest(op, values);
  }
}

/** A field against a field: both as text, or both as numbers. */
function compareFields(check: Check, context: Context): Predicate {
  const left = termReader(check.left, context);
  const right = termReader(check.right!, context);
  if (left.as === 'number' && right.as === 'number') {
    return (e) => {
      const a = left.read(e);
      const b = a === undefined ? undefined : right.read(e);
      return a !== undefined && b !== undefined && compileNumericTest(check.op, [b])(a);
    };
  }
  const readLeft = readText(left);
  const readRight = readText(right);
  return (e: EventView) => {
    const a = readLeft(e);
    const b = a === undefined ? undefined : readRight(e);
    if (a === undefined || b === undefined) return false;
    const bytes = Buffer.from(a);
    return compileByteTest(check.op, [b])(bytes, 0, bytes.length);
  };
}
