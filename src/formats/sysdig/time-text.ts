/**
 * Reads the times that custom layouts and JSON lines hold, in place, as whole seconds and nanoseconds:
 *
 *     17:01:21.339942868                  time of day     %evt.time, %evt.outputtime
 *     2018-08-17T17:35:48.514632619+0000  date            %evt.time.iso8601, %evt.datetime
 *     1700000000.1000012                  seconds         %evt.outputtime of -t a, r, d, D
 *     1700000000001000012                 integer         %evt.rawtime, %evt.reltime, all times of -j
 *
 * Behind the point of `seconds` stands a number of nanoseconds, not a decimal fraction: -t a leaves out its
 * leading zeros.
 */

import { isDigit } from '../../model/ascii.js';
import { ABSENT } from '../../model/event.js';
import { LATE_NS } from '../../model/time.js';

export type TimeShape = 'time-of-day' | 'date' | 'seconds' | 'integer';

const ZERO = 0x30;
const COLON = 0x3a;
const DOT = 0x2e;
const MINUS = 0x2d;
/** Seconds above this are since 1970, below since something in the capture. */
const EPOCH_SECONDS = 1e8;
const DELTA_SHARE = 0.1;

const DATE = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;

/** One time, reused for every line. */
export class TimeText {
  shape: TimeShape = 'integer';
  /** Whole seconds since midnight, the epoch, or whatever the field counts from. An `integer` counts nanoseconds. */
  seconds = 0;
  nanos = 0;

  /** False when bytes[start, end) is no time; an integer may follow a minus. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (end - start < 1 || end - start > 40) return false;
    if (bytes[start + 2] === COLON) return this.readTimeOfDay(bytes, start, end);
    if (bytes[start + 4] === MINUS) return this.readDate(bytes.toString('latin1', start, end));
    let p = start;
    let value = 0;
    while (p < end && isDigit(bytes[p]!)) value = value * 10 + bytes[p++]! - ZERO;
    if (p === start) return false;
    if (p === end) {
      this.shape = 'integer';
      const split = Math.max(start, end - 9);
      this.seconds = digits(bytes, start, split);
      this.nanos = digits(bytes, split, end);
      return end - start <= 20;
    }
    if (bytes[p] !== DOT) return false;
    this.shape = 'seconds';
    this.seconds = value;
    this.nanos = digits(bytes, p + 1, end);
    return end - p > 1 && end - p <= 10 && this.nanos >= 0;
  }

  /** Nanoseconds since `originSeconds`. */
  since(originSeconds: number): number {
    return (this.seconds - originSeconds) * 1e9 + this.nanos;
  }

  private readTimeOfDay(bytes: Buffer, start: number, end: number): boolean {
    if (end - start < 8 || bytes[start + 5] !== COLON) return false;
    const hours = digits(bytes, start, start + 2);
    const minutes = digits(bytes, start + 3, start + 5);
    const seconds = digits(bytes, start + 6, start + 8);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return false;
    this.shape = 'time-of-day';
    this.seconds = hours * 3600 + minutes * 60 + seconds;
    this.nanos = 0;
    if (end === start + 8) return true;
    const length = end - start - 9;
    if (bytes[start + 8] !== DOT || length < 1 || length > 9) return false;
    this.nanos = digits(bytes, start + 9, end) * 10 ** (9 - length);
    return this.nanos >= 0;
  }

  private readDate(text: string): boolean {
    const m = DATE.exec(text);
    if (m === null) return false;
    const [, year, month, day, hours, minutes, seconds, fraction = '', sign, offHours, offMinutes] = m;
    const utc = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hours),
      Number(minutes),
      Number(seconds),
    );
    const offset = sign === undefined ? 0 : (Number(offHours) * 60 + Number(offMinutes)) * 60;
    this.shape = 'date';
    this.seconds = utc / 1000 - (sign === '-' ? -offset : offset);
    this.nanos = Number(fraction.padEnd(9, '0'));
    return Number.isFinite(this.seconds);
  }
}

/** A whole number in bytes[start, end), ABSENT when there is none. */
export function wholeNumber(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const value = digits(bytes, negative ? start + 1 : start, end);
  if (value < 0 || end - start > 16 || end - start < (negative ? 2 : 1)) return ABSENT;
  return negative ? -value : value;
}

/** Digits only; -1 when there is something else among them, 0 for none. */
function digits(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let p = start; p < end; p++) {
    if (!isDigit(bytes[p]!)) return -1;
    value = value * 10 + bytes[p]! - ZERO;
  }
  return value;
}

/** What a trace's times count from; `delta`: from the line before; `duration`: no place on an axis at all. */
export type TimeAxis = 'time-of-day' | 'epoch' | 'relative' | 'delta' | 'duration';

/**
 * Which of -t a, r, D and d printed times of the `seconds` shape: a counts from 1970; r hardly ever falls; d
 * is zero on every entry; D does as it likes. `enter` is undefined where the layout has no direction.
 */
export function axisOfSeconds(seen: readonly { ns: number; enter: boolean | undefined }[]): TimeAxis {
  if (seen.some((s) => s.ns > EPOCH_SECONDS * 1e9)) return 'epoch';
  const falls = seen.filter((s, i) => i > 0 && s.ns < seen[i - 1]!.ns);
  const isSteady = falls.length <= seen.length * DELTA_SHARE;
  if (seen.length > 1 && seen.every((s) => s.ns === 0)) return 'duration';
  if (isSteady && !seen.some((s, i) => i > 0 && s.ns < seen[i - 1]!.ns - LATE_NS)) return 'relative';
  const entries = seen.filter((s) => s.enter === true);
  if (entries.length > 0 && entries.every((s) => s.ns === 0)) return 'duration';
  return isSteady ? 'relative' : 'delta';
}

/** Nanoseconds between two lines as -t D prints them: a step back is printed modulo 2^64. */
export function differenceNs(seconds: number, nanos: number): number {
  if (seconds <= 18_446_744_000) return seconds * 1e9 + nanos;
  return (seconds - 18_446_744_073) * 1e9 + nanos - 709_551_616;
}
