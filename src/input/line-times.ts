/**
 * The times that lines begin with, as far as they must be known of lines that are not decoded: is one of them late, may
 * the clock step there, or a day end? What newlines.wat does with its `watch`, for memory that has no kernel; both say the same.
 *
 *     368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13
 *     17:01:21.339942 IP 10.0.0.1 > 224.0.0.18: VRRPv2
 *     2026-11-21 12:28:46.830350 IP 10.0.0.1 > 224.0.0.18: VRRPv2
 *     1700000000.123456 IP 10.0.0.1 > 224.0.0.18: VRRPv2
 */
import { isDigit } from '../model/ascii.js';

/** Bytes of a time that are looked at: " 17:01:21.339942", "1700000000.12345". */
const WINDOW = 16;
const MOST_DIGITS = 20;
const OF_DAY = /^\D\d\d\D\d\d\D\d\d\D\d{6}$/;
const OF_EPOCH = /^\d{10}\D\d{5}$/;

export class LineTimes {
  private constructor(
    private readonly bytes: Buffer,
    /** Where a line has its window, from its start on; whether behind a number, which may grow longer. */
    private window: number,
    private readonly isNumbered: boolean,
    private readonly shape: typeof OF_DAY | typeof OF_EPOCH,
    private readonly date: string | null,
    private latest: string,
  ) {}

  /** Begins with the line at `at`; null where that shows no such time. */
  static of(bytes: Buffer, at: number): LineTimes | null {
    const head = bytes.toString('latin1', at, at + MOST_DIGITS + WINDOW);
    const digits = lengthOfNumber(bytes, at);
    const number = head[digits] === ' ' ? digits + 1 : 0;
    const isEpoch = /^\d{10}\./.test(head.slice(number));
    const isDated = !isEpoch && number === 0 && /^\d{4}-/.test(head);
    const window = isEpoch ? number : isDated ? 10 : number - 1;
    if (!isEpoch && !/^\d\d:/.test(head.slice(window + 1))) return null;
    const first = bytes.toString('latin1', at + window, at + window + WINDOW);
    const date = isDated ? dateOf(bytes, at) : null;
    const times = new LineTimes(bytes, window, number > 0, isEpoch ? OF_EPOCH : OF_DAY, date, first);
    return times.follow(at) ? times : null;
  }

  /** Looks at the line at `at`, which comes behind the others; false where it is late or the clock may step there. */
  follow(at: number): boolean {
    const { shape, date, latest } = this;
    let time = this.windowOf(at);
    if (this.isNumbered && !shape.test(time)) {
      this.window = lengthOfNumber(this.bytes, at) + (shape === OF_EPOCH ? 1 : 0);
      time = this.windowOf(at);
    }
    if (!shape.test(time) || time < latest || (date !== null && date !== dateOf(this.bytes, at)))
      return false;
    this.latest = time;
    return shape === OF_EPOCH || Number(time.slice(1, 3)) - Number(latest.slice(1, 3)) < 12;
  }

  private windowOf(at: number): string {
    return this.bytes.toString('latin1', at + this.window, at + this.window + WINDOW);
  }
}

function lengthOfNumber(bytes: Buffer, at: number): number {
  let length = 0;
  while (length < MOST_DIGITS && isDigit(bytes[at + length]!)) length++;
  return length;
}

/** "2026-11-21" */
function dateOf(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 10);
}
