/** The text operators as tests on a range of bytes: sysdig compares byte by byte, and so nothing is decoded. */
import { sameBytes } from '../model/bytes.js';
import type { Operator } from './ast.js';
import { ByteTable } from './byte-table.js';
import { compileGlob } from './glob.js';
import { compileRegex } from './regex.js';
import { valueBytes } from './value-text.js';

export type ByteTest = (bytes: Buffer, start: number, end: number) => boolean;

/** From how many values on `in` looks up a hash instead of comparing one after the other. */
const HASHED = 5;

/** The test of `op` with these values. `exists` is true of any text. */
export function compileByteTest(op: Operator, values: readonly string[]): ByteTest {
  const value = values[0] ?? '';
  switch (op) {
    case 'exists':
      return () => true;
    case '=':
      return equals(valueBytes(value));
    case '!=': {
      const test = equals(valueBytes(value));
      return (bytes, start, end) => !test(bytes, start, end);
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(op, valueBytes(value));
    case 'contains':
      return contains(valueBytes(value));
    case 'icontains':
      return containsFolded(valueBytes(value));
    case 'startswith':
      return startsWith(valueBytes(value));
    case 'endswith':
      return endsWith(valueBytes(value));
    case 'bcontains':
      return contains(Buffer.from(value, 'hex'));
    case 'bstartswith':
      return startsWith(Buffer.from(value, 'hex'));
    case 'glob':
      return compileGlob(value, false);
    case 'iglob':
      return compileGlob(value, true);
    case 'regex': {
      const matches = compileRegex(value);
      return (bytes, start, end) => matches(bytes.toString('utf8', start, end));
    }
    case 'in':
    case 'intersects':
      return oneOf(values.map(valueBytes));
    case 'pmatch':
      return underOneOf(values);
  }
}

function equals(value: Buffer): ByteTest {
  const length = value.length;
  if (length === 0) return (_bytes, start, end) => start === end;
  const first = value[0]!;
  return (bytes, start, end) => {
    if (end - start !== length || bytes[start] !== first) return false;
    for (let i = 1; i < length; i++) if (bytes[start + i] !== value[i]) return false;
    return true;
  };
}

function ordered(op: '<' | '<=' | '>' | '>=', value: Buffer): ByteTest {
  switch (op) {
    case '<':
      return (bytes, start, end) => compareBytes(bytes, start, end, value) < 0;
    case '<=':
      return (bytes, start, end) => compareBytes(bytes, start, end, value) <= 0;
    case '>':
      return (bytes, start, end) => compareBytes(bytes, start, end, value) > 0;
    case '>=':
      return (bytes, start, end) => compareBytes(bytes, start, end, value) >= 0;
  }
}

function compareBytes(bytes: Buffer, start: number, end: number, value: Buffer): number {
  const length = Math.min(end - start, value.length);
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - value[i]!;
    if (difference !== 0) return difference;
  }
  return end - start - value.length;
}

// Buffer.indexOf has no end bound: on a range it would search on through the whole block.
function contains(value: Buffer): ByteTest {
  const length = value.length;
  if (length === 0) return () => true;
  const first = value[0]!;
  return (bytes, start, end) => {
    const last = end - length;
    search: for (let at = start; at <= last; at++) {
      if (bytes[at] !== first) continue;
      for (let i = 1; i < length; i++) if (bytes[at + i] !== value[i]) continue search;
      return true;
    }
    return false;
  };
}

function containsFolded(value: Buffer): ByteTest {
  const length = value.length;
  const folded = Buffer.from(value.map(foldByte));
  return (bytes, start, end) => {
    const last = end - length;
    search: for (let at = start; at <= last; at++) {
      for (let i = 0; i < length; i++) if (foldByte(bytes[at + i]!) !== folded[i]) continue search;
      return true;
    }
    return false;
  };
}

function foldByte(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

function startsWith(value: Buffer): ByteTest {
  const length = value.length;
  return (bytes, start, end) => {
    if (end - start < length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== value[i]) return false;
    return true;
  };
}

function endsWith(value: Buffer): ByteTest {
  const test = startsWith(value);
  return (bytes, start, end) => end - start >= value.length && test(bytes, end - value.length, end);
}

function oneOf(values: readonly Buffer[]): ByteTest {
  if (values.length < HASHED) {
    return (bytes, start, end) => {
      for (const value of values) if (sameBytes(value, bytes, start, end)) return true;
      return false;
    };
  }
  const table = new ByteTable<true>();
  for (const value of values) table.set(value, true);
  return (bytes, start, end) => table.get(bytes, start, end) === true;
}

/**
 * `pmatch`: one of the values is a path above or at the text, by whole components. As in sysdig, slashes at the
 * ends and doubled ones don't count, and `/` is above everything.
 */
function underOneOf(values: readonly string[]): ByteTest {
  const paths = new Set(values.map((value) => components(valueBytes(value).toString('latin1')).join('/')));
  if (paths.has('')) return () => true;
  const deepest = values.reduce((most, value) => Math.max(most, components(value).length), 0);
  return (bytes, start, end) => {
    let path = '';
    for (const component of components(bytes.toString('latin1', start, end)).slice(0, deepest)) {
      path = path === '' ? component : `${path}/${component}`;
      if (paths.has(path)) return true;
    }
    return false;
  };

  function components(text: string): string[] {
    return text.split('/').filter((part) => part !== '');
  }
}
