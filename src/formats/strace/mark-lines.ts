/**
 * Lines that are no calls: signals delivered, stops, and ends of threads. They become events in sysdig's words.
 *
 *   --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=27305} ---     signaldeliver
 *   --- stopped by SIGSTOP ---                                              stopped
 *   +++ exited with 0 +++     +++ killed by SIGABRT (core dumped) +++       procexit
 */
import { ABSENT, DIR_ENTER, type EventView } from '../../model/event.js';
import { LINE_EVENT, type LineKind } from '../line-decoder.js';
import { BrokenLines } from './broken-lines.js';
import type { Thread } from './threads.js';

const SPACE = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const SIGNAL_TYPE = Buffer.from('signaldeliver');
const EXIT_TYPE = Buffer.from('procexit');

export abstract class MarkLines extends BrokenLines {
  /** `--- SIGCHLD {...} ---`, `--- stopped by SIGSTOP ---` */
  protected decodeSignal(bytes: Buffer, start: number, end: number, body: number, e: EventView): LineKind {
    if (!framed(bytes, body, end, DASH)) return this.decodeOther(bytes, start, end, e);
    const text = bytes.toString('latin1', body + 4, Math.min(end, body + 20));
    const stopped = text.startsWith('stopped by ');
    if (!stopped && !/^(?:SIG|\d)/.test(text)) return this.decodeOther(bytes, start, end, e);
    const thread = this.lineThread(e);
    this.tail.durationNs = Number.NaN;
    this.placeStamp(e, thread, false);
    this.fillLine(e, bytes, thread);
    if (stopped) this.fillMark(e, bytes, body + 4, body + 11, body + 15, end - 4);
    else this.fillComposed(e, SIGNAL_TYPE, bytes, start, end, body + 4, end - 4);
    return LINE_EVENT;
  }

  /** `+++ exited with 0 +++`, `+++ killed by SIGKILL +++`, `+++ superseded by execve in pid 28257 +++` */
  protected decodeEnd(bytes: Buffer, start: number, end: number, body: number, e: EventView): LineKind {
    if (!framed(bytes, body, end, PLUS)) return this.decodeOther(bytes, start, end, e);
    const text = bytes.toString('latin1', body + 4, Math.min(end - 4, body + 60));
    const m = /^(?:exited with |killed by |superseded by execve in pid (\d{1,7}))/.exec(text);
    if (!m) return this.decodeOther(bytes, start, end, e);
    const thread = this.lineThread(e);
    this.tail.durationNs = Number.NaN;
    this.placeStamp(e, thread, false);
    this.fillLine(e, bytes, thread);
    this.fillComposed(e, EXIT_TYPE, bytes, start, end, body + 4, end - 4);
    if (m[1] === undefined) this.end(thread, e);
    else this.supersede(thread, Number(m[1]), e);
    return LINE_EVENT;
  }

  /** The members of `e` that every event of a line has alike. */
  protected fillLine(e: EventView, text: Buffer, thread: Thread): void {
    const prefix = this.prefix;
    e.num = e.line;
    e.timeNs = this.timeNs;
    e.cpu = ABSENT;
    e.tid = thread.tid;
    e.pid = ABSENT;
    e.durationNs = Number.NaN;
    e.half = 0;
    e.text = text;
    e.columns = null;
    if (this.layout.kind === 'relative') {
      e.timeStart = -1;
      e.timeEnd = -1;
    } else {
      e.timeStart = prefix.stampStart;
      e.timeEnd = prefix.stampEnd;
    }
    this.inTable = false;
    if (prefix.commStart >= 0) this.nameFromLine(e, text, thread);
    else this.nameEvent(e, thread, e.offset);
  }

  private fillMark(
    e: EventView,
    text: Buffer,
    typeStart: number,
    typeEnd: number,
    argsStart: number,
    argsEnd: number,
  ): void {
    const call = this.call;
    e.dir = DIR_ENTER;
    e.text = text;
    e.typeStart = typeStart;
    e.typeEnd = typeEnd;
    e.argsStart = argsStart;
    e.argsEnd = argsEnd;
    call.text = text;
    call.nameStart = typeStart;
    call.nameEnd = typeEnd;
    call.argsStart = argsStart;
    call.argsEnd = argsEnd;
    call.resultStart = -1;
    call.entry = null;
    call.latencyNs = Number.NaN;
    call.isCall = false;
  }

  /** An event whose type the line doesn't hold: its text is the type, then the line. */
  private fillComposed(
    e: EventView,
    type: Buffer,
    bytes: Buffer,
    start: number,
    end: number,
    argsStart: number,
    argsEnd: number,
  ): void {
    const composed = this.composed;
    composed.clear();
    composed.append(type, 0, type.length);
    composed.append(bytes, start, end);
    composed.seal();
    const shift = type.length - start;
    this.fillMark(e, composed.bytes, 0, type.length, argsStart + shift, argsEnd + shift);
    if (e.timeStart >= 0) {
      e.timeStart += shift;
      e.timeEnd += shift;
    }
  }
}

/** `--- ... ---`, `+++ ... +++` */
function framed(bytes: Buffer, start: number, end: number, mark: number): boolean {
  return (
    end - start >= 9 &&
    bytes[start + 1] === mark &&
    bytes[start + 2] === mark &&
    bytes[start + 3] === SPACE &&
    bytes[end - 1] === mark &&
    bytes[end - 2] === mark &&
    bytes[end - 3] === mark &&
    bytes[end - 4] === SPACE
  );
}
