/**
 * How a strace line ends:
 *
 *   ...) = RESULT <0.000274>        a call's end, with or without -T
 *   ... <unfinished ...>            goes on elsewhere; also <detached ...>, <pid changed to N ...>,
 *                                   <ptrace(SYSCALL):No such process> of a thread that was killed
 *
 * The end is read backwards. The last `) = ` is the true one: strings, paths and comments that hold such text
 * stand in front of it, and the only result that may hold it itself is a `-y` annotation (`3</tmp/a) = 4>`),
 * which shows by its unbalanced `>`. Then the arguments are read from the front.
 */

import { isDigit } from '../../model/ascii.js';
import { startsWith } from '../../model/bytes.js';
import { sixDigits, type Words } from '../words.js';
import { argumentsEnd } from './arguments.js';

/** What the end of a line says. */
export const TAIL_NONE = 0;
export const TAIL_RESULT = 1;
const TAIL_UNFINISHED = 2;
export type TailKind = 0 | 1 | 2;

const SPACE = 0x20;
const PAREN_END = 0x29;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const HASH = 0x23;

/** ` <0.`, as a little-endian integer. */
const BELOW_A_SECOND = 0x2e303c20;
const UNFINISHED = Buffer.from(' <unfinished ...>');
const OPEN_ENDS = ['<unfinished ', '<detached ', '<pid changed to ', '<ptrace('].map((word) =>
  Buffer.from(word),
);
/** ` <unfinished ... exit status 0>`, ` <unfinished #12 ...>`, `<pid changed to 4194304 ...>` */
const OPEN_END_MAX = 48;
const DURATION_DIGITS = 15;
const FRACTION_NS = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1];

/** Reads the end of one line; the fields describe the line read last. */
export class Tail {
  /** -T in nanoseconds, else NaN. */
  durationNs = Number.NaN;
  durationDigits = 0;
  /** The `)` of the call, or the end of what an unfinished call shows (still with a trailing `, `). */
  argsEnd = 0;
  resultStart = 0;
  resultEnd = 0;

  constructor(private readonly words: Words) {}

  /** Judges bytes[from, end), where `from` is the start of the arguments. */
  read(bytes: Buffer, from: number, end: number): TailKind {
    let stop = end;
    this.durationNs = Number.NaN;
    if (end - from > 12 && end < bytes.length) {
      const view = this.words.of(bytes);
      if (view.getInt32(end - 11, true) === BELOW_A_SECOND) {
        const micros = sixDigits(view, end - 7, GREATER);
        if (micros >= 0) {
          this.durationNs = micros * 1000;
          this.durationDigits = 6;
          return this.readResult(bytes, from, end - 11);
        }
      }
    }
    if (bytes[end - 1] === GREATER) {
      stop = this.readDuration(bytes, from, end);
      if (stop < 0) {
        const open = openEnd(bytes, from, end);
        if (open >= 0) {
          this.argsEnd = open;
          return TAIL_UNFINISHED;
        }
        stop = end;
      }
    } else {
      const id = beforeId(bytes, from, end);
      if (id > 0) {
        const open = openEnd(bytes, from, id);
        if (open >= 0) {
          this.argsEnd = open;
          return TAIL_UNFINISHED;
        }
      }
    }
    return this.readResult(bytes, from, stop);
  }

  private readResult(bytes: Buffer, from: number, stop: number): TailKind {
    let unbalanced = 0;
    for (let i = stop - 1; i > from; i--) {
      const c = bytes[i]!;
      if (c > GREATER || c < LESS) continue;
      if (c === EQUALS) {
        if (bytes[i - 1] !== SPACE || bytes[i + 1] !== SPACE || i + 1 === stop) continue;
        let p = i - 2;
        while (bytes[p] === SPACE) p--;
        if (bytes[p] !== PAREN_END || p < from) continue;
        if (unbalanced !== 0) p = this.verified(bytes, from, stop, p);
        this.argsEnd = p;
        let r = p + 1;
        while (bytes[r] === SPACE) r++;
        this.resultStart = r + 2;
        this.resultEnd = stop;
        return TAIL_RESULT;
      }
      if (c === LESS) unbalanced++;
      else if (bytes[i - 1] !== DASH) unbalanced--;
    }
    // Output of the traced program may end like a call that -T measured.
    this.durationNs = Number.NaN;
    return TAIL_NONE;
  }

  /** The call's `)` by reading the arguments from the front; `found` where they can't be read (cut, broken). */
  private verified(bytes: Buffer, from: number, stop: number, found: number): number {
    const end = argumentsEnd(bytes, from, stop);
    return end < 0 ? found : end;
  }

  /** ` <0.000274>` at the line's end: gives the end of what stands before, or -1. */
  private readDuration(bytes: Buffer, from: number, end: number): number {
    let i = end - 2;
    let value = 0;
    let unit = 1;
    let digits = 0;
    let d = bytes[i]! - 48;
    while (d >= 0 && d < 10) {
      value += d * unit;
      unit *= 10;
      d = bytes[--i]! - 48;
    }
    digits = end - 2 - i;
    if (digits === 0 || digits > DURATION_DIGITS) return -1;
    let ns = value * 1e9;
    if (bytes[i] === DOT) {
      if (digits > 9) return -1;
      ns = value * FRACTION_NS[digits]!;
      value = 0;
      unit = 1;
      const dot = i;
      d = bytes[--i]! - 48;
      while (d >= 0 && d < 10) {
        value += d * unit;
        unit *= 10;
        d = bytes[--i]! - 48;
      }
      if (i === dot - 1 || dot - i > DURATION_DIGITS) return -1;
      ns += value * 1e9;
    } else digits = 0;
    if (bytes[i] !== LESS || bytes[i - 1] !== SPACE || i <= from) return -1;
    this.durationNs = ns;
    this.durationDigits = digits;
    return i - 1;
  }
}

/** End of the arguments of `... <unfinished ...>` and its kin, or -1. */
function openEnd(bytes: Buffer, from: number, end: number): number {
  const fast = end - UNFINISHED.length;
  if (fast >= from && bytes[end - 2] === DOT && startsWith(bytes, fast, end, UNFINISHED)) return fast;
  const limit = Math.max(from, end - OPEN_END_MAX);
  let i = end - 2;
  while (i >= limit && bytes[i] !== LESS && bytes[i] !== GREATER) i--;
  if (i < limit || bytes[i] !== LESS) return -1;
  for (const word of OPEN_ENDS) {
    if (startsWith(bytes, i, end - 1, word)) return bytes[i - 1] === SPACE && i > from ? i - 1 : i;
  }
  return -1;
}

/** Some builds number the halves: `<unfinished ...>#12`, `<unfinished ...> #12`. The end without that, or 0. */
function beforeId(bytes: Buffer, from: number, end: number): number {
  let p = end;
  while (p > from && isDigit(bytes[p - 1]!)) p--;
  if (p === end || bytes[p - 1] !== HASH) return 0;
  p--;
  if (bytes[p - 1] === SPACE) p--;
  return bytes[p - 1] === GREATER ? p : 0;
}

/** The arguments of an unfinished call without the `, ` that older versions leave behind. */
export function trimOpenArguments(bytes: Buffer, from: number, end: number): number {
  let p = end;
  while (p > from && bytes[p - 1] === SPACE) p--;
  if (p > from && bytes[p - 1] === COMMA) p--;
  return p;
}
