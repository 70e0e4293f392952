/**
 * The head of one default sysdig line, taken apart in place:
 *
 *     368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13(...) size=40
 *     num    time               cpu name     tid     dir type  info
 *
 * Variants: `(pid.tid)` on terminals, `container (id) name (tid:vtid)` of -pc/-pk/-pm, no direction column.
 * A name may hold anything, so it ends at the first ` (tid) dir type` that fits.
 */
import { ABSENT, DIR_ENTER, DIR_EXIT, DIR_NONE, type EventView } from '../../model/event.js';

const SPACE = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const LT = 0x3c;
const GT = 0x3e;
const RAW_DIGITS = 19;

/** What the time column holds: a time of day, seconds since the epoch, or seconds since something else. */
export type TimeShape = 'time-of-day' | 'epoch' | 'seconds';

/** How far a line could be read. */
export const HEAD_NONE = 0;
/** `num time cpu ` stand, but no ` (tid) dir type` follows: the name holds a line break, or the line is cut. */
export const HEAD_BROKEN = 1;
export const HEAD_WHOLE = 2;
export type HeadVerdict = 0 | 1 | 2;

/** Reads heads; the numbers of the newest line stand in its fields, all else in the view. */
export class LineHead {
  /** Time column: whole seconds (of the day, or since whatever it counts from) and nanoseconds. */
  seconds = 0;
  nanos = 0;
  timeOfDay = false;
  /** Position behind `num time cpu `. */
  nameFrom = 0;
  /** vtid of `(tid:vtid)`: this line has a container in front of its name. */
  container = false;

  constructor(readonly hasDir: boolean) {}

  read(b: Buffer, start: number, end: number, e: EventView): HeadVerdict {
    let p = start;
    let c = b[p]! - ZERO;
    if (end - p < 12 || c < 0 || c > 9) return HEAD_NONE;
    let num = c;
    for (p++; (c = b[p]! - ZERO) >= 0 && c <= 9; p++) num = num * 10 + c;
    if (b[p] !== SPACE || p - start > 15) return HEAD_NONE;
    p = this.time(b, p + 1, end, e);
    if (p < 0) return HEAD_NONE;

    c = b[p]! - ZERO;
    if (c < 0 || c > 9) return HEAD_NONE;
    let cpu = c;
    for (p++; (c = b[p]! - ZERO) >= 0 && c <= 9; p++) cpu = cpu * 10 + c;
    if (b[p] !== SPACE || p >= end || cpu > 0xffff) return HEAD_NONE;
    e.num = num;
    e.cpu = cpu;
    this.nameFrom = ++p;
    return this.nameAndType(b, p, end, e) ? HEAD_WHOLE : HEAD_BROKEN;
  }

  /** The time column; the position behind its blank, or -1. */
  private time(b: Buffer, at: number, end: number, e: EventView): number {
    let p = at;
    let seconds = 0;
    let c = 0;
    if (b[p + 2] === COLON) {
      if (b[p + 5] !== COLON || end - p < 19) return -1;
      const h = (b[p]! - ZERO) * 10 + b[p + 1]! - ZERO;
      const m = (b[p + 3]! - ZERO) * 10 + b[p + 4]! - ZERO;
      const s = (b[p + 6]! - ZERO) * 10 + b[p + 7]! - ZERO;
      if (!(h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 61)) return -1;
      seconds = h * 3600 + m * 60 + s;
      this.timeOfDay = true;
      p += 8;
    } else {
      const from = p;
      for (; (c = b[p]! - ZERO) >= 0 && c <= 9; p++) seconds = seconds * 10 + c;
      this.timeOfDay = false;
      if (p - from === RAW_DIGITS && b[p] === SPACE) return this.rawTime(b, from, e);
      // 11 digits: -t D prints a step back as an unsigned number near 2^64.
      if (p === from || p - from > 11) return -1;
    }
    if (b[p] !== DOT) return -1;
    const fraction = ++p;
    let nanos = 0;
    for (; (c = b[p]! - ZERO) >= 0 && c <= 9; p++) nanos = nanos * 10 + c;
    // Nine digits, or fewer with -t a, which prints the nanoseconds as a plain number.
    if (b[p] !== SPACE || p >= end || p === fraction || p - fraction > 9) return -1;
    if (this.timeOfDay && p - fraction !== 9) return -1;
    this.seconds = seconds;
    this.nanos = nanos;
    e.timeStart = at;
    e.timeEnd = p;
    return p + 1;
  }

  /** `%evt.rawtime`: nanoseconds since 1970, 19 digits. */
  private rawTime(b: Buffer, at: number, e: EventView): number {
    const end = at + RAW_DIGITS;
    const point = end - 9;
    this.seconds = 0;
    for (let p = at; p < point; p++) this.seconds = this.seconds * 10 + b[p]! - ZERO;
    this.nanos = 0;
    for (let p = point; p < end; p++) this.nanos = this.nanos * 10 + b[p]! - ZERO;
    e.timeStart = at;
    e.timeEnd = end;
    return end + 1;
  }

  /** Finds the first ` (tid) dir type` from `from` on; fills name, tid, direction, type and arguments. */
  nameAndType(b: Buffer, from: number, end: number, e: EventView): boolean {
    for (let open = from; open < end; open++) {
      if (b[open] !== OPEN || (open > from && b[open - 1] !== SPACE)) continue;
      if (!this.threadAndType(b, open, end, e)) continue;
      // A name like `a (5) > x` leaves ` (7029) < brk` where arguments would start: those never open with a bracket.
      let at = open;
      while (b[e.argsStart] === OPEN && e.argsStart < end) {
        const next = e.argsStart;
        if (!this.threadAndType(b, next, end, e)) {
          this.threadAndType(b, at, end, e);
          break;
        }
        at = next;
      }
      this.name(b, from, at > from ? at - 1 : at, e);
      return true;
    }
    return false;
  }

  /** `(tid) > type args` at an opening bracket. */
  private threadAndType(b: Buffer, open: number, end: number, e: EventView): boolean {
    let p = open + 1;
    let c = 0;
    const negative = b[p] === MINUS;
    if (negative) p++;
    let digits = p;
    let tid = 0;
    for (; (c = b[p]! - ZERO) >= 0 && c <= 9; p++) tid = tid * 10 + c;
    // `(<NA>.15)`: the coloured form knows no process of a kernel thread.
    const unknown = p === digits && isNotAvailable(b, p);
    if (unknown) p += 4;
    else if (p === digits || p - digits > 15) return false;
    if (negative) tid = -tid;
    if (unknown && b[p] !== DOT) return false;
    let pid = ABSENT;
    let container = false;
    if (b[p] === DOT) {
      pid = unknown ? ABSENT : tid;
      p++;
      if (b[p] === MINUS) p++;
      digits = p;
      tid = 0;
      for (; (c = b[p]! - ZERO) >= 0 && c <= 9; p++) tid = tid * 10 + c;
      if (p === digits || p - digits > 15) return false;
      if (b[digits - 1] === MINUS) tid = -tid;
    } else if (b[p] === COLON) {
      container = true;
      for (p++; p < end && b[p] !== CLOSE && b[p] !== SPACE; p++);
    }
    if (b[p] !== CLOSE || b[p + 1] !== SPACE) return false;
    p += 2;
    if (this.hasDir) {
      const d = b[p];
      if ((d !== LT && d !== GT) || b[p + 1] !== SPACE) return false;
      e.dir = d === GT ? DIR_ENTER : DIR_EXIT;
      p += 2;
    } else {
      c = b[p]!;
      if (c < 0x61 || c > 0x7a) return false;
      e.dir = DIR_NONE;
    }
    if (p >= end) return false;
    e.typeStart = p;
    while (p < end && b[p] !== SPACE) p++;
    if (p === e.typeStart) return false;
    e.typeEnd = p;
    e.tid = tid;
    e.pid = pid;
    this.container = container;
    let last = end;
    while (last > p && b[last - 1] === SPACE) last--;
    e.argsStart = p < last ? p + 1 : last;
    e.argsEnd = last;
    return true;
  }

  private name(b: Buffer, from: number, to: number, e: EventView): void {
    let start = from;
    if (this.container) start = behindContainer(b, from, to);
    e.name = b;
    e.nameEnd = to;
    // `<NA>`: sysdig does not know the thread. Text from web pages has lost it; the idle thread never has a name.
    e.nameStart =
      (start === to && e.tid === 0) || (to - start === 4 && isNotAvailable(b, start)) ? -1 : start;
  }
}

/** `host (host) curl`: the name starts behind the first ` (...) `. */
function behindContainer(b: Buffer, from: number, to: number): number {
  for (let p = from; p < to; p++) {
    if (b[p] !== OPEN) continue;
    for (let q = p + 1; q < to; q++) {
      if (b[q] === CLOSE) return q + 1 < to && b[q + 1] === SPACE ? q + 2 : q + 1;
    }
  }
  return from;
}

/** `<NA>` */
function isNotAvailable(b: Buffer, at: number): boolean {
  return b[at] === LT && b[at + 1] === 0x4e && b[at + 2] === 0x41 && b[at + 3] === GT;
}
