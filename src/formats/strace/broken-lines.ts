/**
 * Lines that are not whole. On standard error strace's own diagnostics and the traced program's output get into
 * the middle of a line, between a call's arguments, printed at its entry, and its result:
 *
 *   clone(child_stack=NULL, flags=CLONE_VM|SIGCHLDstrace: Process 27305 attached
 *   , child_tidptr=0x7f8dbea0da10) = 27305
 *   17:01:20.661242 write(1, "hello\n", 6hello
 *   )  = 6 <0.000054>
 *
 *   1372  09:57:45 read(3,  <unfinished ...>
 *   "", 4096)                               = 0 <0.000161>
 *
 * (the last two: strace -z, whose lines are held back until the call ends). The first kind is put together again. The others give the entry at its own line and the exit at the other,
 * since any number of lines of output may lie between.
 */
import type { LineBlock } from '../../input/blocks.js';
import { isDigit } from '../../model/ascii.js';
import { DOUBLE_ZERO, type EventView } from '../../model/event.js';
import { stripSgr } from '../ansi.js';
import { LINE_EVENT, LINE_IGNORED, LINE_NEEDS_MORE, LINE_UNPARSED, type LineKind } from '../line-decoder.js';
import { Scratch } from '../scratch.js';
import { argumentsEnd } from './arguments.js';
import {
  DIAGNOSTIC_LINE,
  judgeDiagnostic,
  NO_DIAGNOSTIC,
  OPEN_END_LINE,
  TABLE_HEAD_LINE,
} from './diagnostics.js';
import { TAIL_NONE, TAIL_RESULT, Tail } from './tail.js';
import type { Thread } from './threads.js';
import { ThreadTracking } from './tracking.js';

const CR = 0x0d;
const ESC = 0x1b;
const QUESTION = 0x3f;

/** Diagnostics that may stand between the two parts of a broken line. */
const JOINED_MAX = 16;

export abstract class BrokenLines extends ThreadTracking {
  protected readonly tail = new Tail(this.words);
  /** A line without its colours; two lines joined; an event's type in front of its line. */
  protected readonly plain = new Scratch();
  protected readonly joined = new Scratch();
  protected readonly composed = new Scratch();
  protected inTable = false;
  /** The thread whose call was begun last without its end on the same line, and that line. */
  protected broken: Thread | null = null;
  protected brokenLine = DOUBLE_ZERO;
  /** Output of the traced program broke the line off; else it ended in `<unfinished ...>`. */
  protected brokenOff = false;
  /** Only what is no line of a call, a signal or an end is told by the lines before it; but for times that add up. */
  standsAlone: boolean | undefined = this.layout.kind === 'relative' ? undefined : true;

  override open(block: LineBlock): void {
    super.open(block);
    // Whoever goes back may have left the lines before in the middle of one.
    if (this.again) this.secondPending = false;
    if (this.standsAlone === false) this.standsAlone = true;
  }

  protected abstract decodeText(bytes: Buffer, start: number, end: number, e: EventView): LineKind;
  protected abstract fillLine(e: EventView, text: Buffer, thread: Thread): void;
  protected abstract closeCall(e: EventView, bytes: Buffer, thread: Thread, from: number): void;

  /** What is not known yet of the thread of the line that was broken last. */
  protected abstract catchUpBroken(): void;

  /** The line began a call of the thread without its end. */
  protected breaks(thread: Thread, isBrokenOff: boolean, line: number): void {
    this.broken = thread;
    this.brokenOff = isBrokenOff;
    this.brokenLine = line;
  }

  protected durationNs(): number {
    return this.tail.durationNs;
  }

  protected durationDigits(): number {
    return Number.isNaN(this.tail.durationNs) ? 0 : this.tail.durationDigits;
  }

  protected decodeColored(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    const plain = this.plain;
    plain.clear();
    plain.reserve(end - start);
    plain.length = stripSgr(bytes, start, end, plain.bytes);
    plain.seal();
    return this.decodeText(plain.bytes, 0, plain.length, e);
  }

  /** Everything that has no prefix of a trace line, or no body behind it. */
  protected decodeOther(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    if (this.standsAlone) this.standsAlone = false;
    if (bytes !== this.plain.bytes) {
      for (let p = start; p < end; p++) if (bytes[p] === ESC) return this.decodeColored(bytes, start, end, e);
    }
    this.catchUpBroken();
    const kind = judgeDiagnostic(bytes, start, end, this.inTable);
    if (kind !== NO_DIAGNOSTIC) {
      if (kind === TABLE_HEAD_LINE) this.inTable = true;
      if (kind === OPEN_END_LINE) this.broken = null;
      if (kind === DIAGNOSTIC_LINE && !this.layout.pidColumn) this.noteAttached(bytes, start, end, e.offset);
      return LINE_IGNORED;
    }
    if (this.broken !== null) return this.decodeRest(this.broken, bytes, start, end, e);
    return LINE_UNPARSED;
  }

  /** `)  = 6 <0.000054>`: the end of the call that `thread` began on a line before. */
  private decodeRest(thread: Thread, bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    if (!thread.open || thread.entryLength < 0) return LINE_UNPARSED;
    const tail = this.tail;
    if (tail.read(bytes, start - 1, end) !== TAIL_RESULT) return LINE_UNPARSED;
    if (!this.isRest(bytes, start, end, e)) return LINE_UNPARSED;
    const composed = this.composed;
    const nameLength = thread.entryNameLength;
    composed.clear();
    composed.append(thread.entryText!, 0, nameLength);
    composed.append(bytes, start, end);
    composed.seal();
    const shift = nameLength - start;
    tail.argsEnd += shift;
    tail.resultStart += shift;
    tail.resultEnd += shift;
    this.broken = null;
    this.timeNs = thread.entryNs + tail.durationNs;
    this.prefix.commStart = -1;
    this.fillLine(e, composed.bytes, thread);
    e.timeStart = -1;
    e.timeEnd = -1;
    e.typeStart = 0;
    e.typeEnd = nameLength;
    this.closeCall(e, composed.bytes, thread, nameLength);
    return LINE_EVENT;
  }

  /** Output of the traced program may look like the rest of a call; -T at its end, or its brackets, tell. */
  private isRest(bytes: Buffer, start: number, end: number, e: EventView): boolean {
    const tail = this.tail;
    if (!this.brokenOff && e.line !== this.brokenLine + 1) return false;
    if (!Number.isNaN(tail.durationNs)) return true;
    if (this.durationsFrom < e.offset && bytes[tail.resultStart] !== QUESTION) return false;
    const close = argumentsEnd(bytes, start, end);
    return close >= 0 ? close === tail.argsEnd : this.brokenOff && endsInNumber(bytes, tail);
  }

  /**
   * A diagnostic broke the line off at `cut`: puts it together with the rest on the next line, in `joined`.
   * LINE_EVENT where that worked, LINE_UNPARSED where the next line is no such rest.
   */
  protected joinNext(bytes: Buffer, start: number, cut: number, e: EventView): LineKind {
    const block = this.block!;
    const { joined } = this;
    if (this.standsAlone) this.standsAlone = false;
    for (let i = this.lineIndex + 1; i <= this.lineIndex + JOINED_MAX; i++) {
      if (i >= block.count) return block.final ? LINE_UNPARSED : LINE_NEEDS_MORE;
      const from = block.ends[i - 1]! + 1;
      let to = block.ends[i]!;
      if (to > from && block.bytes[to - 1] === CR) to--;
      joined.clear();
      joined.reserve(to - from);
      joined.length = stripSgr(block.bytes, from, to, joined.bytes);
      joined.seal();
      const { length } = joined;
      if (length > 0 && judgeDiagnostic(joined.bytes, 0, length, false) === DIAGNOSTIC_LINE) continue;
      if (this.prefix.read(joined.bytes, 0, length) >= 0) return LINE_UNPARSED;
      if (this.tail.read(joined.bytes, -1, length) === TAIL_NONE) return LINE_UNPARSED;
      joined.clear();
      joined.append(bytes, start, cut);
      joined.reserve(to - from);
      joined.length += stripSgr(block.bytes, from, to, joined.bytes.subarray(joined.length));
      joined.seal();
      this.lineIndex = i;
      e.recordEnd = to;
      return LINE_EVENT;
    }
    return LINE_UNPARSED;
  }
}

/** The result that `tail` found is a bare number: `)  = 6`. */
function endsInNumber(bytes: Buffer, tail: Tail): boolean {
  const p = afterDigits(bytes, tail.resultStart);
  return p > tail.resultStart && p === tail.resultEnd;
}

/** Position behind the digits at `start`. */
export function afterDigits(bytes: Buffer, start: number): number {
  let p = start;
  while (isDigit(bytes[p]!)) p++;
  return p;
}
