/**
 * What stands in front of a strace line's body:
 *
 *   [pid 27304<comm>] [secontext] 07:20:18.011954 (+     0.000123) [ 230] [00007f592f25e545] BODY
 *   27304<comm> 1795245618.214601 BODY          27304      0.000274 BODY
 *
 * strace 4.x to 7.2. A trace keeps its kind of time and its pid column (`-f -o`); everything else may come and
 * go from line to line and is told apart by its shape alone: a pid has at most 7 digits, a unix time at least 9.
 */
import { twoDigits } from '../../model/ascii.js';
import { ABSENT, DOUBLE_ZERO } from '../../model/event.js';
import { sixDigits, type Words } from '../words.js';

/** The kind of time every line starts with: `-ttt`, `-t`/`-tt`, or `-r` alone. */
export type StampKind = 'epoch' | 'time-of-day' | 'relative';

const SPACE = 0x20;
const PAREN = 0x28;
const PLUS = 0x2b;
const DOT = 0x2e;
const COLON = 0x3a;
const LESS = 0x3c;
const GREATER = 0x3e;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;

const PID_DIGITS = 7;
const UNIX_DIGITS = 9;
const UNIX_DIGITS_MAX = 12;
const DELTA_DIGITS = 8;
/** Lines longer than this can be read four bytes at a time without passing their end. */
const FAST_BYTES = 28;
/** No 16 or 24 bits read as a number are this. */
const NOT_SET = -0x80000;
/** Longest printed comm: 15 bytes, each as `\377`. */
const COMM_MAX = 64;
const CONTEXT_MAX = 256;
const ANNOTATION_MAX = 40;

/** Nanoseconds in one unit of a fraction with this many digits. */
const FRACTION_NS = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1];

/**
 * Reads the prefix of one line; the fields describe the line read last.
 *
 * Most lines share the whole second, and often the pid, with the line before. Both are then recognised four
 * bytes at a time, and only the fraction is read as a number: 16 ns a line against 40 digit by digit.
 */
export class Prefix {
  tid = ABSENT;
  /** `[pid N]`: printed on standard error while more than one thread is traced. */
  bracketed = false;
  /** -Y: the comm between `<` and `>`, still escaped; -1 without. */
  commStart = -1;
  commEnd = -1;
  /** Nanoseconds since `originSeconds`, since midnight, or since the line before. */
  stampNs = DOUBLE_ZERO;
  /** Whole seconds of the stamp as printed. */
  seconds = 0;
  stampStart = 0;
  stampEnd = 0;
  digits = 0;

  private view: DataView;
  /** The line's pid column, 6 wide, and the whole second, as they stood in the line before. */
  private pidHead = 0;
  private pidTail = NOT_SET;
  private pidBefore = ABSENT;
  private secondHead = 0;
  private secondMiddle = 0;
  private secondTail = NOT_SET;
  private secondNs = DOUBLE_ZERO;
  private secondBefore = -1;

  constructor(
    readonly kind: StampKind,
    readonly pidColumn: boolean,
    private readonly originSeconds: number,
    private readonly words: Words,
  ) {
    this.view = words.view;
  }

  /** Start of the body, or -1 where the line has no such prefix. */
  read(bytes: Buffer, start: number, end: number): number {
    this.tid = ABSENT;
    this.bracketed = false;
    this.commStart = -1;
    this.view = this.words.of(bytes);
    if (!this.pidColumn) {
      if (bytes[start] === BRACKET && bytes[start + 1] === 0x70) return this.readBracket(bytes, start, end);
      return this.readStamp(bytes, start, end);
    }
    if (
      end - start > FAST_BYTES &&
      this.view.getInt32(start, true) === this.pidHead &&
      this.view.getInt16(start + 4, true) === this.pidTail
    ) {
      this.tid = this.pidBefore;
      return this.readStamp(bytes, start + 6, end);
    }
    return this.readColumn(bytes, start, end);
  }

  /** `27329 `, `123   `, `27504<thr> ` */
  private readColumn(bytes: Buffer, start: number, end: number): number {
    let p = start;
    let tid = 0;
    let d = bytes[p]! - 48;
    while (d >= 0 && d < 10) {
      tid = tid * 10 + d;
      d = bytes[++p]! - 48;
    }
    if (p === start || p - start > PID_DIGITS) return -1;
    this.tid = tid;
    if (bytes[p] === LESS) return this.readNamed(bytes, p + 1, end);
    if (bytes[p] !== SPACE) return -1;
    p++;
    // The column is 5 wide, and so are the blanks in front of a delta.
    let filled = p;
    while (bytes[filled] === SPACE) filled++;
    if (this.kind !== 'relative' || bytes[filled] === BRACKET) p = filled;
    if (p === start + 6 && end - start > FAST_BYTES) {
      this.pidHead = this.view.getInt32(start, true);
      this.pidTail = this.view.getInt16(start + 4, true);
      this.pidBefore = tid;
    }
    return this.readStamp(bytes, p, end);
  }

  /** `[pid 27304] ` or `[pid 27304<comm>] `. */
  private readBracket(bytes: Buffer, start: number, end: number): number {
    let p = start + 2;
    if (bytes[p] !== 0x69 || bytes[p + 1] !== 0x64 || bytes[p + 2] !== SPACE) return -1;
    p += 3;
    while (bytes[p] === SPACE) p++;
    const first = p;
    let tid = 0;
    let d = bytes[p]! - 48;
    while (d >= 0 && d < 10) {
      tid = tid * 10 + d;
      d = bytes[++p]! - 48;
    }
    if (p === first || p - first > PID_DIGITS) return -1;
    this.tid = tid;
    this.bracketed = true;
    if (bytes[p] === LESS) return this.readNamed(bytes, p + 1, end);
    if (bytes[p] !== BRACKET_END || bytes[p + 1] !== SPACE) return -1;
    return this.readStamp(bytes, p + 2, end);
  }

  /** A comm may hold any character: its end is the first `>` behind which the line goes on as a trace line does. */
  private readNamed(bytes: Buffer, start: number, end: number): number {
    const limit = Math.min(end, start + COMM_MAX + 1);
    for (let p = start; p < limit; p++) {
      if (bytes[p] !== GREATER) continue;
      let next = p + 1;
      if (this.bracketed && bytes[next++] !== BRACKET_END) continue;
      if (bytes[next] !== SPACE) continue;
      const body = this.readStamp(bytes, next + 1, end);
      if (body < 0) continue;
      this.commStart = start;
      this.commEnd = p;
      return body;
    }
    return -1;
  }

  private readStamp(bytes: Buffer, start: number, end: number): number {
    let p = start;
    if (bytes[p] === BRACKET) {
      p = afterBracket(bytes, p, end, CONTEXT_MAX);
      if (p < 0) return -1;
    }
    if (end - p < 6) return -1;
    if (this.kind === 'epoch') {
      if (
        end - p > FAST_BYTES &&
        this.view.getInt32(p, true) === this.secondHead &&
        this.view.getInt32(p + 4, true) === this.secondMiddle &&
        (this.view.getInt32(p + 8, true) & 0xffffff) === this.secondTail &&
        this.readMicroseconds(p, p + 11)
      ) {
        p += 18;
      } else p = this.readUnix(bytes, p, end);
    } else if (this.kind === 'time-of-day') {
      if (
        end - p > FAST_BYTES &&
        this.view.getInt32(p, true) === this.secondHead &&
        this.view.getInt32(p + 4, true) === this.secondMiddle &&
        this.secondTail !== NOT_SET &&
        bytes[p + 8] === DOT &&
        this.readMicroseconds(p, p + 9)
      ) {
        p += 16;
      } else p = this.readClock(bytes, p, end);
    } else p = this.readDelta(bytes, p);
    if (p < 0 || p >= end) return -1;
    let c = bytes[p]!;
    if (c === PAREN && bytes[p + 1] === PLUS) {
      const stop = Math.min(end, p + ANNOTATION_MAX);
      while (p < stop && bytes[p] !== 0x29) p++;
      if (bytes[p + 1] !== SPACE) return -1;
      p += 2;
      c = bytes[p]!;
    }
    // -n and -i; no body starts with a bracket.
    while (c === BRACKET) {
      p = afterBracket(bytes, p, end, ANNOTATION_MAX);
      if (p < 0) return -1;
      c = bytes[p]!;
    }
    return p < end ? p : -1;
  }

  /** The fraction at `p`, if it is six digits and a blank, behind the second of the line before. */
  private readMicroseconds(start: number, p: number): boolean {
    const micros = sixDigits(this.view, p, SPACE);
    if (micros < 0) return false;
    this.seconds = this.secondBefore;
    this.stampNs = this.secondNs + micros * 1000;
    this.digits = 6;
    this.stampStart = start;
    this.stampEnd = p + 6;
    return true;
  }

  /** `07:20:18.011954 ` */
  private readClock(bytes: Buffer, start: number, end: number): number {
    if (end - start < 9 || bytes[start + 2] !== COLON || bytes[start + 5] !== COLON) return -1;
    const h = twoDigits(bytes, start);
    const m = twoDigits(bytes, start + 3);
    const s = twoDigits(bytes, start + 6);
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return -1;
    this.seconds = h * 3600 + m * 60 + s;
    if (end - start > FAST_BYTES) this.keepSecond(start, this.seconds);
    return this.readFraction(bytes, start, start + 8, this.seconds);
  }

  /** `1795245618.214601 ` */
  private readUnix(bytes: Buffer, start: number, end: number): number {
    let p = start;
    let seconds = 0;
    let d = bytes[p]! - 48;
    while (d >= 0 && d < 10) {
      seconds = seconds * 10 + d;
      d = bytes[++p]! - 48;
    }
    if (p - start < UNIX_DIGITS || p - start > UNIX_DIGITS_MAX) return -1;
    this.seconds = seconds;
    if (p - start === 10 && bytes[p] === DOT && end - start > FAST_BYTES) {
      this.keepSecond(start, seconds - this.originSeconds);
    }
    return this.readFraction(bytes, start, p, seconds - this.originSeconds);
  }

  private keepSecond(start: number, sinceOrigin: number): void {
    this.secondHead = this.view.getInt32(start, true);
    this.secondMiddle = this.view.getInt32(start + 4, true);
    this.secondTail = this.view.getInt32(start + 8, true) & 0xffffff;
    this.secondNs = sinceOrigin * 1e9;
    this.secondBefore = this.seconds;
  }

  /** `     0.000274 `: right aligned in 6, so that a time without fraction starts with a blank. */
  private readDelta(bytes: Buffer, start: number): number {
    let p = start;
    while (bytes[p] === SPACE) p++;
    const first = p;
    let seconds = 0;
    let d = bytes[p]! - 48;
    while (d >= 0 && d < 10) {
      seconds = seconds * 10 + d;
      d = bytes[++p]! - 48;
    }
    if (p === first || p - first > DELTA_DIGITS) return -1;
    if (bytes[p] !== DOT && (first === start || p - start < 6)) return -1;
    this.seconds = seconds;
    return this.readFraction(bytes, first, p, seconds);
  }

  /** The optional fraction at `dot` and the blank behind; gives the position after it. */
  private readFraction(bytes: Buffer, start: number, dot: number, seconds: number): number {
    let p = dot;
    let fraction = 0;
    let digits = 0;
    if (bytes[p] === DOT) {
      let d = bytes[++p]! - 48;
      while (d >= 0 && d < 10) {
        fraction = fraction * 10 + d;
        d = bytes[++p]! - 48;
      }
      digits = p - dot - 1;
      if (digits === 0 || digits > 9) return -1;
    }
    if (bytes[p] !== SPACE) return -1;
    this.stampStart = start;
    this.stampEnd = p;
    this.digits = digits;
    this.stampNs = seconds * 1e9 + fraction * FRACTION_NS[digits]!;
    return p + 1;
  }
}

/** Position behind `[...] `, or -1. */
function afterBracket(bytes: Buffer, start: number, end: number, max: number): number {
  const stop = Math.min(end, start + max);
  let p = start + 1;
  while (p < stop && bytes[p] !== BRACKET_END) p++;
  return p < stop && bytes[p + 1] === SPACE ? p + 2 : -1;
}
