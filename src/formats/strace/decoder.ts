/**
 * strace text, 4.x to 7.2, written with a time (`-t`, `-tt`, `-ttt`, `-r` and their long forms):
 *
 *   428   07:43:59.297522 read(5<anon_inode:[timerfd]>, "\1\0\0\0\0\0\0\0", 8) = 8 <0.000052>
 *   427   07:43:59.073724 epoll_wait(4<anon_inode:[eventpoll]>,  <unfinished ...>
 *   428   07:44:01.103562 --- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, si_pid=430, si_uid=0} ---
 *
 * A call gives two events, its entry at the stamp and its exit at stamp + T or at the stamp of the line that
 * resumes it. Diagnostics, stacks, dumps and the tables of `-c` are ignored; all else is the traced program's.
 */
import type { LinePicker } from '../../input/line-picker.js';
import { startsWith } from '../../model/bytes.js';
import { ABSENT, DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import type { Decoder, LineConditions } from '../format.js';
import {
  LINE_EVENT,
  LINE_NEEDS_MORE,
  LINE_RECORD_ONLY,
  LINE_TWO_EVENTS,
  LINE_UNPARSED,
  type LineKind,
} from '../line-decoder.js';
import { afterDigits } from './broken-lines.js';
import { CallRuns } from './call-runs.js';
import { CallPicker, type StampAxis } from './calls.js';
import { diagnosticAtEnd } from './diagnostics.js';
import { STATE_CLONE, STATE_EXEC, STATE_EXIT, STATE_NAME, STATE_NONE, stateCall } from './state-calls.js';
import { TAIL_NONE, TAIL_RESULT, trimOpenArguments } from './tail.js';
import { isInCall, type Thread } from './threads.js';

const CR = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const PAREN = 0x28;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const LESS = 0x3c;
const GREATER = 0x3e;

/** Bytes of a syscall's name; strace prints `????` for one it couldn't read. */
const NAME = new Uint8Array(256);
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_?') NAME[c.charCodeAt(0)] = 1;

const RESUMED = Buffer.from(' resumed>');
const RESUMED_HEAD_MAX = 96;

export class StraceDecoder extends CallRuns {
  /** The call just ended may have given its thread a name. */
  private renames = false;

  fork(): Decoder {
    const fork = new StraceDecoder(this.layout, this.learned());
    fork.durationsFrom = this.durationsFrom;
    fork.track(this.needs);
    return fork;
  }

  override picker(conditions: LineConditions): LinePicker | null {
    const { kind, pidColumn, color, names, digits } = this.layout;
    // Colours, names on the lines, times in other units: for these there is no kernel.
    if (color || names || digits !== 6 || kind === 'relative') return null;
    if (conditions.type === null && conditions.thread === null) return null;
    const tid = this.layout.fileTid ?? ABSENT;
    const originUs = Number(this.layout.originSeconds ?? 0n) * 1e6;
    const { clock, timing } = this;
    const axis: StampAxis = {
      placeNs: (us) => (us - originUs) * 1000 + timing.dayNs,
      latestUs: () => Math.round((clock.latestNs - timing.dayNs) / 1000) + originUs,
      reach: (ns) => {
        if (ns > clock.latestNs) clock.latestNs = ns;
      },
      untilNs: () => this.untilNs,
      hasDurations: () => this.durationsFrom < Number.POSITIVE_INFINITY,
      durationAt: (offset) => {
        this.durationsFrom = Math.min(this.durationsFrom, offset);
      },
    };
    return new CallPicker({ pids: pidColumn, epoch: kind === 'epoch' }, this.threads, conditions, tid, axis);
  }

  protected decodeLine(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    if (this.layout.color) return this.decodeColored(bytes, start, end, e);
    return this.decodeText(bytes, start, end, e);
  }

  protected secondEvent(e: EventView): void {
    const call = this.call;
    e.dir = DIR_EXIT;
    e.half = 1;
    e.durationNs = this.tail.durationNs;
    e.timeNs += e.durationNs;
    e.argsStart = call.resultStart;
    e.argsEnd = call.resultEnd;
    e.timeStart = -1;
    e.timeEnd = -1;
    if (this.renames) this.nameEvent(e, this.thread, e.offset + 0.5);
  }

  protected decodeText(bytes: Buffer, start: number, stop: number, e: EventView): LineKind {
    let end = stop;
    // Copied out of terminals, within one another or not, and web pages.
    while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === CR)) end--;
    let body = this.prefix.read(bytes, start, end);
    if (body < 0) return this.decodeOther(bytes, start, end, e);
    if (this.hasRuns) {
      // One thread takes the id of another.
      const isBehind = bytes[body] === PLUS ? this.catchUpAll() : this.catchUp(this.prefix.tid);
      if (isBehind) body = this.prefix.read(bytes, start, end);
    }
    return this.decodeBody(bytes, start, end, body, e);
  }

  protected decodeBody(bytes: Buffer, start: number, end: number, body: number, e: EventView): LineKind {
    const c = bytes[body]!;
    if (NAME[c] === 1) return this.decodeCall(bytes, start, end, body, e);
    if (c === LESS) return this.decodeResumed(bytes, start, end, body, e);
    if (c === DASH) return this.decodeSignal(bytes, start, end, body, e);
    if (c === PLUS) return this.decodeEnd(bytes, start, end, body, e);
    return this.decodeOther(bytes, start, end, e);
  }

  /** `name(args) = result <T>` and `name(args <unfinished ...>`. */
  private decodeCall(bytes: Buffer, start: number, end: number, body: number, e: EventView): LineKind {
    let p = body + 1;
    while (NAME[bytes[p]!] === 1) p++;
    const nameEnd = p;
    if (bytes[p] === HASH) p = afterDigits(bytes, p + 1);
    if (bytes[p] !== PAREN || p >= end) return this.decodeOther(bytes, start, end, e);
    const from = p + 1;
    const tail = this.tail;
    let kind = tail.read(bytes, from, end);
    let cut = end;
    if (kind === TAIL_NONE) {
      cut = diagnosticAtEnd(bytes, from, end);
      if (cut < 0) cut = end;
      else {
        const joined = this.joinNext(bytes, start, cut, e);
        if (joined === LINE_NEEDS_MORE) return joined;
        if (joined === LINE_EVENT) {
          const judged = this.decodeText(this.joined.bytes, 0, this.joined.length, e);
          if (!this.layout.pidColumn) this.noteAttached(bytes, cut, end, e.offset);
          return judged;
        }
        if (this.prefix.read(bytes, start, end) < 0) return LINE_UNPARSED;
        kind = tail.read(bytes, from, cut);
        if (kind === TAIL_RESULT) kind = TAIL_NONE;
      }
    }
    const whole = kind === TAIL_RESULT;
    const thread = this.lineThread(e);
    this.placeStamp(e, thread, true);
    const argsEnd = whole
      ? tail.argsEnd
      : trimOpenArguments(bytes, from, kind === TAIL_NONE ? cut : tail.argsEnd);
    this.fillLine(e, bytes, thread);
    e.dir = DIR_ENTER;
    e.typeStart = body;
    e.typeEnd = nameEnd;
    e.argsStart = from;
    e.argsEnd = argsEnd;
    const call = this.call;
    call.text = bytes;
    call.nameStart = body;
    call.nameEnd = nameEnd;
    call.argsStart = from;
    call.argsEnd = argsEnd;
    call.entry = null;
    call.isCall = true;
    this.renames = false;
    const state = stateCall(bytes, body, nameEnd);
    if (whole) {
      thread.open = false;
      call.resultStart = tail.resultStart;
      call.resultEnd = tail.resultEnd;
      call.latencyNs = tail.durationNs;
      if (tail.durationNs >= 0) {
        thread.lastNs = this.timeNs + tail.durationNs;
        if (e.offset < this.durationsFrom) this.durationsFrom = e.offset;
      }
      if (state !== STATE_NONE) {
        this.renames = state === STATE_EXEC || state === STATE_NAME;
        if (!this.again) this.learn(state, thread, e, this.timeNs, this.timeNs + tail.durationNs);
      }
      return LINE_TWO_EVENTS;
    }
    call.resultStart = -1;
    call.latencyNs = Number.NaN;
    this.openCall(thread, bytes, body, kind === TAIL_NONE ? cut : tail.argsEnd, nameEnd);
    this.breaks(thread, kind === TAIL_NONE, e.line);
    if (state === STATE_CLONE && !this.again) this.threads.cloning.add(thread);
    if (state === STATE_EXIT) this.leaving(thread, e);
    return LINE_EVENT;
  }

  /** `<... name resumed>rest) = result <T>` */
  private decodeResumed(bytes: Buffer, start: number, end: number, body: number, e: EventView): LineKind {
    const nameStart = body + 5;
    if (bytes[body + 1] !== DOT || bytes[body + 3] !== DOT || bytes[body + 4] !== SPACE) {
      return this.decodeOther(bytes, start, end, e);
    }
    let p = nameStart;
    while (NAME[bytes[p]!] === 1) p++;
    const nameEnd = p;
    let from = p + RESUMED.length;
    if (nameEnd === nameStart || !startsWith(bytes, p, end, RESUMED)) {
      from = behindResumed(bytes, p, Math.min(end, body + RESUMED_HEAD_MAX));
      if (nameEnd === nameStart || from < 0) return this.decodeOther(bytes, start, end, e);
    }
    if (bytes[from] === HASH) from = afterDigits(bytes, from + 1);
    const kind = this.tail.read(bytes, from, end);
    const thread = this.resumingThread(e, bytes, nameStart, nameEnd);
    this.placeStamp(e, thread, false);
    if (kind !== TAIL_RESULT) return LINE_RECORD_ONLY;
    this.fillLine(e, bytes, thread);
    e.typeStart = nameStart;
    e.typeEnd = nameEnd;
    this.closeCall(e, bytes, thread, from);
    return LINE_EVENT;
  }

  /** Fills `e`, whose type is set, with the exit of the thread's open call; its remaining arguments start at `from`. */
  protected closeCall(e: EventView, bytes: Buffer, thread: Thread, from: number): void {
    const { tail, call } = this;
    const known = isInCall(thread, bytes, e.typeStart, e.typeEnd);
    const sinceEntry = known ? e.timeNs - thread.entryNs : Number.NaN;
    e.dir = DIR_EXIT;
    e.durationNs = Number.isNaN(tail.durationNs) ? sinceEntry : tail.durationNs;
    e.argsStart = tail.resultStart;
    e.argsEnd = tail.resultEnd;
    call.text = bytes;
    call.nameStart = e.typeStart;
    call.nameEnd = e.typeEnd;
    call.argsStart = from;
    call.argsEnd = tail.argsEnd;
    call.resultStart = tail.resultStart;
    call.resultEnd = tail.resultEnd;
    call.latencyNs = Number.isNaN(sinceEntry) ? tail.durationNs : sinceEntry;
    call.entry = thread;
    call.isCall = true;
    // What is kept may be of another call: its arguments are none of this one's.
    thread.entryLength = known ? thread.entryLength : -1;
    if (tail.durationNs >= 0 && e.offset < this.durationsFrom) this.durationsFrom = e.offset;
    thread.open = false;
    const state = stateCall(bytes, e.typeStart, e.typeEnd);
    if (state === STATE_NONE) return;
    if (!this.again) {
      this.threads.cloning.delete(thread);
      this.learn(state, thread, e, known ? thread.entryNs : e.timeNs, e.timeNs);
    }
    if (state === STATE_EXEC || state === STATE_NAME) this.nameEvent(e, thread, e.offset + 0.5);
  }
}

/** Some builds number the halves: `<... read#12 resumed>`, `<... read resumed #12>`. Position behind, or -1. */
function behindResumed(bytes: Buffer, nameEnd: number, limit: number): number {
  let p = nameEnd;
  while (p < limit && bytes[p] !== GREATER) p++;
  return p < limit && bytes.subarray(nameEnd, p).includes(' resumed') ? p + 1 : -1;
}
