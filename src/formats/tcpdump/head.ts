/**
 * What stands in front of a packet's line, up to its body:
 *
 *     22:13:20.000001 BODY                    time of day
 *     1700000000.000001 BODY                  -tt
 *      00:00:00.100003 BODY                   -ttt, -ttttt: a blank, or `-` where the clock went back
 *     2023-11-14 22:13:20.000001 BODY         -tttt
 *         1  22:13:20.000001 BODY             -#
 *     22:13:20.000001 lo    In  BODY          -i any
 *
 * All with six digits behind the point, or nine.
 */
import { isDigit, twoDigits } from '../../model/ascii.js';
import { ABSENT, DIR_ENTER, DIR_EXIT, DIR_NONE, type Direction } from '../../model/event.js';
import { sixDigits, Words } from '../words.js';

/** `offset`: since the packet before or since the first one, which look alike. */
export type StampKind = 'time-of-day' | 'epoch' | 'date' | 'offset';

const SPACE = 0x20;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const COMMA = 0x2c;
const LETTER_A = 0x41;
const LETTER_B = 0x42;
const LETTER_I = 0x49;
const LETTER_M = 0x4d;
const LETTER_O = 0x4f;
const LETTER_P = 0x50;
const QUESTION = 0x3f;

/** A clock time with its fraction, and a blank behind it. */
const CLOCK_BYTES = 16;
const DATE_BYTES = 10;
const UNIX_MIN = 9;
const UNIX_MAX = 12;
const NUMBER_MAX = 15;
/** Interface names have at most 15 bytes; the capture file may give longer ones. */
const NAME_MAX = 64;

/** Reads the head of one line; the fields describe the line read last. */
export class Head {
  /** The packet's number, where it is printed. */
  num = ABSENT;
  /** Whole seconds since 1970, since midnight, or of a difference; negative with `-`, as is `nanos`. */
  seconds = 0;
  nanos = 0;
  timeStart = 0;
  timeEnd = 0;
  /** Digits of the fraction: 6 or 9. */
  digits = 6;
  /** The column of -i any: Out, or what came in. */
  dir: Direction = DIR_NONE;
  /** The line has the columns of -i any. */
  hasInterface = false;

  private readonly words = new Words();
  private view: DataView = this.words.of(Buffer.alloc(0));
  /** The date read last, and its seconds since 1970. */
  private dateBytes = Buffer.alloc(DATE_BYTES);
  private dateSeconds = 0;

  constructor(
    readonly kind: StampKind,
    readonly numbered: boolean,
  ) {}

  /** Start of the body, or -1 where the line has no such head. */
  read(bytes: Buffer, start: number, end: number): number {
    let p = start;
    this.num = ABSENT;
    if (this.numbered) {
      p = this.readNumber(bytes, start, end);
      if (p < 0) return -1;
    }
    this.timeStart = p;
    p = this.readTime(bytes, p, end);
    if (p < 0 || p >= end) return -1;
    return this.readInterface(bytes, p, end);
  }

  /** `    1  ` */
  private readNumber(bytes: Buffer, start: number, end: number): number {
    let p = start;
    while (p < end && bytes[p] === SPACE) p++;
    const first = p;
    let value = 0;
    while (p < end && isDigit(bytes[p]!)) value = value * 10 + bytes[p++]! - 48;
    if (p === first || p - first > NUMBER_MAX || bytes[p] !== SPACE || bytes[p + 1] !== SPACE) return -1;
    this.num = value;
    return p + 2;
  }

  private readTime(bytes: Buffer, start: number, end: number): number {
    this.view = this.words.of(bytes);
    switch (this.kind) {
      case 'time-of-day':
        return this.readClock(bytes, start, end, 0);
      case 'epoch':
        return this.readUnix(bytes, start, end);
      case 'date':
        return this.readDate(bytes, start, end);
      case 'offset':
        return this.readOffset(bytes, start, end);
    }
  }

  /** `22:13:20.000001 `, on the day that begins at `daySeconds`. */
  private readClock(bytes: Buffer, start: number, end: number, daySeconds: number): number {
    if (end - start < CLOCK_BYTES || bytes[start + 2] !== COLON || bytes[start + 5] !== COLON) return -1;
    const hours = twoDigits(bytes, start);
    const minutes = twoDigits(bytes, start + 3);
    const seconds = twoDigits(bytes, start + 6);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return -1;
    this.seconds = daySeconds + hours * 3600 + minutes * 60 + seconds;
    return this.readFraction(bytes, start + 8, end);
  }

  private readUnix(bytes: Buffer, start: number, end: number): number {
    let p = start;
    let seconds = 0;
    while (p < end && isDigit(bytes[p]!)) seconds = seconds * 10 + bytes[p++]! - 48;
    if (p - start < UNIX_MIN || p - start > UNIX_MAX) return -1;
    this.seconds = seconds;
    return this.readFraction(bytes, p, end);
  }

  private readDate(bytes: Buffer, start: number, end: number): number {
    if (end - start < DATE_BYTES + 1 + CLOCK_BYTES || bytes[start + DATE_BYTES] !== SPACE) return -1;
    if (!this.isSameDate(bytes, start) && !this.learnDate(bytes, start)) return -1;
    return this.readClock(bytes, start + DATE_BYTES + 1, end, this.dateSeconds);
  }

  private isSameDate(bytes: Buffer, start: number): boolean {
    for (let i = DATE_BYTES - 1; i >= 0; i--) if (bytes[start + i] !== this.dateBytes[i]) return false;
    return true;
  }

  private learnDate(bytes: Buffer, start: number): boolean {
    const text = bytes.toString('latin1', start, start + DATE_BYTES);
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
    const ms = Date.parse(`${text}T00:00:00Z`);
    if (Number.isNaN(ms)) return false;
    this.dateBytes = Buffer.from(text, 'latin1');
    this.dateSeconds = ms / 1000;
    return true;
  }

  private readOffset(bytes: Buffer, start: number, end: number): number {
    const sign = bytes[start];
    if (sign !== SPACE && sign !== MINUS) return -1;
    const p = this.readClock(bytes, start + 1, end, 0);
    if (p >= 0 && sign === MINUS) {
      this.seconds = -this.seconds;
      this.nanos = -this.nanos;
    } else this.timeStart = start + 1;
    return p;
  }

  /** The six or nine digits behind `dot` and the blank behind them. */
  private readFraction(bytes: Buffer, dot: number, end: number): number {
    if (bytes[dot] !== DOT || end - dot < 8) return -1;
    const p = dot + 7;
    let nanos = -1;
    if (bytes[p] === SPACE) {
      // Eight bytes are read at a time.
      const micros =
        dot + 9 <= bytes.length ? sixDigits(this.view, dot + 1, SPACE) : digitsAt(bytes, dot + 1, 6);
      if (micros < 0) return -1;
      nanos = micros * 1000;
      this.digits = 6;
      this.timeEnd = p;
    } else {
      if (end - dot < 11 || bytes[dot + 10] !== SPACE) return -1;
      nanos = digitsAt(bytes, dot + 1, 9);
      if (nanos < 0) return -1;
      this.digits = 9;
      this.timeEnd = dot + 10;
    }
    this.nanos = nanos;
    return this.timeEnd + 1;
  }

  /** The columns of -i any, if there are any: `lo    In  `; before 4.99 with -e only the second: ` In `. */
  private readInterface(bytes: Buffer, start: number, end: number): number {
    this.dir = DIR_NONE;
    this.hasInterface = false;
    const first = bytes[start]!;
    // IP, ARP
    if (first === LETTER_I && bytes[start + 1] === LETTER_P) return start;
    if (first === LETTER_A && bytes[start + 2] === LETTER_P && bytes[start + 3] === COMMA) return start;
    let p = start;
    const limit = Math.min(end, start + NAME_MAX);
    while (p < limit && bytes[p] !== SPACE) p++;
    let word = p;
    while (word < end && bytes[word] === SPACE) word++;
    if (p > start && p - start < 5 && word !== start + 6) return this.readDirection(bytes, start, end, start);
    if (p > start && p - start >= 5 && word !== p + 1) return this.readDirection(bytes, start, end, start);
    const body = this.readDirection(bytes, p === start ? start : word, end, start);
    return body === start && p > start ? this.readDirection(bytes, start, end, start) : body;
  }

  /** `In  `, ` In `: position behind the column, or `otherwise`. */
  private readDirection(bytes: Buffer, start: number, end: number, otherwise: number): number {
    if (start + 4 > end || bytes[start + 3] !== SPACE) return otherwise;
    let p = start;
    while (bytes[p] === SPACE) p++;
    const c = bytes[p]!;
    if (p < start + 2 && c === LETTER_I && bytes[p + 1] === 0x6e) this.dir = DIR_EXIT;
    else if (p === start && c === LETTER_O && bytes[p + 1] === 0x75 && bytes[p + 2] === 0x74)
      this.dir = DIR_ENTER;
    else if (c !== LETTER_B && c !== LETTER_M && c !== LETTER_P && c !== QUESTION) return otherwise;
    else if (p > start + 2 || (p < start + 2 && bytes[p + 1] !== SPACE)) return otherwise;
    // Broadcast, multicast and other hosts' packets came in, too.
    else if (c !== QUESTION) this.dir = DIR_EXIT;
    this.hasInterface = true;
    return start + 4;
  }
}

/** Value of `count` digits, or -1. */
function digitsAt(bytes: Buffer, start: number, count: number): number {
  let value = 0;
  for (let p = start; p < start + count; p++) {
    if (!isDigit(bytes[p]!)) return -1;
    value = value * 10 + bytes[p]! - 48;
  }
  return value;
}
