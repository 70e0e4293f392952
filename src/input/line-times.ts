/**
 * The times that lines begin with, as far as they must be known of lines that are not decoded: is one of them late, may
 * the clock step there, or a day end? What newlines.wat does, for memory that has no kernel; both say the same.
 *
 *     368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13
 *     368250 1700000000.339942868 0 keepalived (10400) > sendmsg fd=13
 *     368250 21.339942868 0 keepalived (10400) > sendmsg fd=13
 *     17:01:21.339942 IP 10.0.0.1 > 224.0.0.18: VRRPv2
 *     2026-11-21 12:28:46.830350 IP 10.0.0.1 > 224.0.0.18: VRRPv2
 */
import { isDigit } from '../model/ascii.js';

/** Bytes of a time that are compared: ":01:21.339942868", "000000.339942868", "21.339942868 ". */
const WINDOW = 16;
const MOST_DIGITS = 20;
/** Where a window may begin at the latest. */
const MOST_BEFORE = MOST_DIGITS + 1 + 4;
const ANY_WINDOW = /\d\d:\d\d:\d\d\.\d{6}|\d{6}\.\d{6}|\d\.\d{9}/;
const DATE = 11;
const SPACE = 0x20;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;

/** Whether the line [start, end) may show a time: true of all that `follow` takes, whatever lines stand before them. */
export function mayShowTime(bytes: Buffer, start: number, end: number): boolean {
  const head = bytes.toString('latin1', start, Math.min(end, start + MOST_BEFORE + WINDOW));
  return isDigit(bytes[start]!) && ANY_WINDOW.test(head);
}

export class LineTimes {
  private front: string;
  private latest: string;

  private constructor(
    private readonly bytes: Buffer,
    /** Where a line has its window, from its start on; whether behind a number, whose length may change. */
    private window: number,
    private readonly isNumbered: boolean,
    /** Bytes between the time's start and its window. */
    private readonly inset: number,
    /** Bytes in front of the window that hardly ever change: the hour and the date, or digits of seconds. */
    private readonly before: number,
    private readonly shape: RegExp,
    private readonly ofDay: boolean,
    at: number,
  ) {
    this.front = this.frontOf(at);
    this.latest = this.windowOf(at);
  }

  /** Begins with the line at `at`; null where that shows no such time. */
  static of(bytes: Buffer, at: number): LineTimes | null {
    // The kernel loads as many bytes in front of a window.
    if (at < WINDOW) return null;
    let digits = digitsAt(bytes, at);
    const isNumbered = bytes[at + digits] === SPACE;
    let from = at;
    if (isNumbered) digits = digitsAt(bytes, (from = at + digits + 1));
    const inSeconds = bytes[from + digits] === DOT;
    const isDated = !isNumbered && digits === 4 && bytes[from + digits] === MINUS;
    if (isDated) digits = digitsAt(bytes, (from += DATE));
    if (!inSeconds && (digits !== 2 || bytes[from + digits] !== COLON)) return null;
    const inset = !inSeconds ? 2 : digits === 10 ? 4 : 0;
    const point = inSeconds ? digits - inset : 6;
    if (point < 1 || point > 6) return null;
    const fraction = digitsAt(bytes, from + inset + point + 1);
    if (fraction < (inset === 0 ? 9 : 6) || fraction > 9) return null;
    // Second 60 is the next minute's first.
    const whole = inSeconds ? `\\d{${point}}` : ':[0-5]\\d:[0-5]\\d';
    const behind = point + fraction + 1 < WINDOW ? '\\D' : '';
    const shape = new RegExp(`^${whole}\\.\\d{${fraction}}${behind}`);
    const before = isDated ? DATE + 2 : isNumbered ? inset + 1 : inset;
    return new LineTimes(bytes, from + inset - at, isNumbered, inset, before, shape, !inSeconds, at);
  }

  /** Looks at the line at `at`, which comes behind the others; false where it is late or the clock may step there. */
  follow(at: number): boolean {
    let time = this.windowOf(at);
    if (this.isNumbered && (time === '' || this.bytes[at + this.window - this.inset - 1] !== SPACE)) {
      this.window = digitsAt(this.bytes, at) + 1 + this.inset;
      time = this.windowOf(at);
    }
    if (time === '') return false;
    const { front, latest, before } = this;
    this.latest = time;
    this.front = this.frontOf(at);
    if (this.front === front) return time >= latest;
    const hours = hourOf(this.front) - hourOf(front);
    return (
      this.ofDay && this.front.slice(0, before - 2) === front.slice(0, before - 2) && hours > 0 && hours < 12
    );
  }

  /** Empty where it does not look as it should. */
  private windowOf(at: number): string {
    const from = at + this.window;
    return this.shape.exec(this.bytes.toString('latin1', from, from + WINDOW))?.[0] ?? '';
  }

  private frontOf(at: number): string {
    const from = at + this.window;
    return this.bytes.toString('latin1', from - this.before, from);
  }
}

/** NaN where its last two bytes are no digits. */
function hourOf(front: string): number {
  const hour = front.slice(-2);
  return /^\d\d$/.test(hour) ? Number(hour) : Number.NaN;
}

function digitsAt(bytes: Buffer, at: number): number {
  let count = 0;
  while (count < MOST_DIGITS && isDigit(bytes[at + count]!)) count++;
  return count;
}
