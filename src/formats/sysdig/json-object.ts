/**
 * Walks one flat JSON object in place, without building it:
 *
 *     {"evt.cpu":1,"evt.dir":">","evt.info":"fd=5(<t>) size=8 ","evt.outputtime":1795247004291089600,"proc.name":null}
 *
 * Numbers stay text, since times exceed 2^53. Keys come in the same order on every line, so each is first
 * compared with the key that stood there last time. Nested values are skipped.
 */
import { isDigit } from '../../model/ascii.js';

/** Columns remembered; further keys are ignored. */
const MAX_KEYS = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const SIMPLE: Readonly<Record<string, number>> = {
  '"': 0x22,
  '\\': 0x5c,
  '/': 0x2f,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
};

export class JsonObject {
  /** Keys by column, in the order first seen. */
  readonly keys: string[] = [];
  /** [start, end) of each column's value, -1 where this object has none or null. */
  readonly ranges: number[] = [];
  private readonly keyBytes: Buffer[] = [];
  private end = 0;
  private sawEscape = false;
  private bytes: Buffer = Buffer.alloc(0);

  /**
   * Reads the object that begins at bytes[start]. Escapes are resolved in place, so `bytes` must be writable
   * where it may hold a backslash. Position behind the object, or -1 when it is no whole JSON object.
   */
  read(bytes: Buffer, start: number, end: number): number {
    this.bytes = bytes;
    this.end = end;
    this.ranges.fill(-1);
    if (bytes[start] !== OPEN) return -1;
    let p = this.skipBlank(start + 1);
    if (bytes[p] === CLOSE && p < end) return p + 1;
    for (let expected = 0; ; expected++) {
      if (bytes[p] !== QUOTE) return -1;
      const keyEnd = this.stringEnd(p);
      if (keyEnd < 0) return -1;
      const column = this.columnOf(p + 1, keyEnd, expected);
      p = this.skipBlank(keyEnd + 1);
      if (bytes[p] !== COLON) return -1;
      p = this.value(this.skipBlank(p + 1), column);
      if (p < 0) return -1;
      p = this.skipBlank(p);
      if (p >= end) return -1;
      if (bytes[p] === CLOSE) return p + 1;
      if (bytes[p] !== COMMA) return -1;
      p = this.skipBlank(p + 1);
    }
  }

  private columnOf(start: number, end: number, expected: number): number {
    const likely = this.keyBytes[expected];
    if (likely !== undefined && likely.length === end - start) {
      let p = start;
      while (p < end && this.bytes[p] === likely[p - start]) p++;
      if (p === end) return expected;
    }
    const key = this.bytes.toString('utf8', start, end);
    const known = this.keys.indexOf(key);
    if (known >= 0 || this.keys.length >= MAX_KEYS) return known;
    this.keys.push(key);
    this.keyBytes.push(Buffer.from(this.bytes.subarray(start, end)));
    this.ranges.push(-1, -1);
    return this.keys.length - 1;
  }

  /** Notes the value at `p` for the column; position behind it, -1 when it is none. */
  private value(p: number, column: number): number {
    const { bytes } = this;
    const first = bytes[p];
    let from = p;
    let to: number;
    let behind: number;
    if (first === QUOTE) {
      const close = this.stringEnd(p);
      if (close < 0) return -1;
      from = p + 1;
      to = this.sawEscape ? resolveEscapes(bytes, from, close) : close;
      behind = close + 1;
    } else if (first === OPEN || first === 0x5b) {
      return this.nestedEnd(p);
    } else {
      to = p;
      while (to < this.end && isPlain(bytes[to]!)) to++;
      if (to === p) return -1;
      behind = to;
      if (first === 0x6e) return behind;
    }
    if (column >= 0) {
      this.ranges[column * 2] = from;
      this.ranges[column * 2 + 1] = to;
    }
    return behind;
  }

  /** Position of the quote that closes the string opened at `p`, -1 if there is none. */
  private stringEnd(p: number): number {
    const { bytes } = this;
    this.sawEscape = false;
    for (let at = p + 1; at < this.end; at++) {
      const c = bytes[at];
      if (c === QUOTE) return at;
      if (c === BACKSLASH) {
        this.sawEscape = true;
        at++;
      }
    }
    return -1;
  }

  private nestedEnd(p: number): number {
    let depth = 0;
    for (let at = p; at < this.end; at++) {
      const c = this.bytes[at]!;
      if (c === QUOTE) {
        at = this.stringEnd(at);
        if (at < 0) return -1;
      } else if (c === OPEN || c === 0x5b) depth++;
      else if ((c === CLOSE || c === 0x5d) && --depth === 0) return at + 1;
    }
    return -1;
  }

  private skipBlank(p: number): number {
    while (p < this.end && (this.bytes[p] === 0x20 || this.bytes[p] === 0x09)) p++;
    return p;
  }
}

/** Letters, digits, signs and points: numbers, true, false, null. */
function isPlain(c: number): boolean {
  return isDigit(c) || (c >= 0x61 && c <= 0x7a) || c === 0x2d || c === 0x2b || c === 0x2e || c === 0x45;
}

/** Resolves the escapes of bytes[start, end) in place; the new end. */
function resolveEscapes(bytes: Buffer, start: number, end: number): number {
  let from = bytes.indexOf(BACKSLASH, start);
  if (from < 0 || from >= end) return end;
  let to = from;
  while (from < end) {
    if (bytes[from] !== BACKSLASH) {
      bytes[to++] = bytes[from++]!;
      continue;
    }
    const letter = String.fromCharCode(bytes[from + 1] ?? 0);
    const simple = SIMPLE[letter];
    if (simple !== undefined) {
      bytes[to++] = simple;
      from += 2;
      continue;
    }
    const units = /^(?:\\u[0-9a-fA-F]{4}){1,2}/.exec(
      bytes.toString('latin1', from, Math.min(end, from + 12)),
    )?.[0];
    if (units === undefined) {
      bytes[to++] = bytes[from++]!;
      continue;
    }
    const high = Number.parseInt(units.slice(2, 6), 16);
    const low = Number.parseInt(units.slice(8, 12), 16);
    const isPair = high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
    to += bytes.write(isPair ? String.fromCharCode(high, low) : String.fromCharCode(high), to, 'utf8');
    from += isPair ? 12 : 6;
  }
  return to;
}
