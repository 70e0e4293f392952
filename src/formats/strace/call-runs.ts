/**
 * Where a fork decodes a stretch again, ordinary lines are handed over as runs of rows. What such lines tell of their
 * threads' calls is kept by the kernel, and looked up where a line has to be decoded after all: of a thread that is in
 * a call, the line that began it is then decoded, too.
 */
import { EventView } from '../../model/event.js';
import type { EventRows } from '../../model/event-rows.js';
import type { LineKind } from '../line-decoder.js';
import { MarkLines } from './mark-lines.js';
import { AS_DECODED, CallRows, CLOSED, ROW_SECOND } from './rows.js';
import type { Thread } from './threads.js';

export abstract class CallRuns extends MarkLines {
  /** Whether runs were made of lines of this block. */
  protected hasRuns = false;
  private runs: CallRows | null = null;
  private spare: EventView | null = null;
  /** Start of the day that the lines of the block's runs are of. */
  private runsDayNs = 0;
  /** The line of the newest run that begins a call which goes on elsewhere; -1 where a later line was decoded. */
  private begun = -1;

  /** Decodes what stands behind the prefix that was read last. */
  protected abstract decodeBody(
    bytes: Buffer,
    start: number,
    end: number,
    body: number,
    e: EventView,
  ): LineKind;

  rows(e: EventView, shiftNs: number, toNs: number): EventRows | null {
    const block = this.block!;
    const { clock, timing } = this;
    if (this.secondPending || this.lineIndex === 0 || this.lineIndex >= block.count) return null;
    if (!this.mayRun || clock.latestNs === Number.NEGATIVE_INFINITY) return null;
    const runs = (this.runs ??= new CallRows());
    if (block.space === null || block.picks || !runs.enter(block.space)) return null;
    this.meet(runs);
    if (timing.dayNs !== this.runsDayNs) this.catchUpAll();
    this.runsDayNs = timing.dayNs;
    const { originUs } = this;
    const count = runs.make(block, this.lineIndex, this.consumed, {
      epoch: this.layout.kind === 'epoch',
      latestUs: Math.ceil(this.usOf(clock.latestNs)),
      limitUs: this.usOf(toNs - shiftNs),
      originUs,
      dayNs: timing.dayNs,
    });
    if (count === 0) return null;
    this.hasRuns = true;
    if (runs.begun >= 0) this.begun = runs.begun;
    this.lineIndex += runs.lines;
    this.consumed = block.ends[this.lineIndex - 1]! + 1;
    this.counts.records += runs.lines;
    this.counts.events += count;
    clock.latestNs = runs.latestNs;
    let viewed = -1;
    const view = (row: number): EventView => {
      const isSecond = runs.kindOf(row) === ROW_SECOND;
      if (!isSecond || viewed !== row - 1) {
        this.restore(runs.tidOf(row), runs.before(row));
        this.decodeAgain(runs.lineOf(row), e);
      }
      if (isSecond) this.secondEvent(e);
      viewed = row;
      return e;
    };
    return { bytes: runs.bytes, source: e.source, count, shiftNs, view };
  }

  /** Only there is a kernel for the lines, and what they tell of other threads known already. */
  private get mayRun(): boolean {
    const { kind, pidColumn, color, names, digits } = this.layout;
    return (
      this.again && pidColumn && !color && !names && digits === 6 && kind !== 'relative' && this.knowsSteps
    );
  }

  /** Lines of the call and the thread that were decoded last may come by rows. */
  private meet(runs: CallRows): void {
    const { call, thread } = this;
    if (!call.isCall || thread.ended || !(thread.tid >= 0)) return;
    runs.meetCall(call.text, call.nameStart, call.nameEnd);
    runs.meetThread(thread.tid, this.history.knows(thread.tid));
  }

  /** What rows told of the thread is known; whether for that the decoder was used. */
  protected catchUp(tid: number): boolean {
    return this.hasRuns && this.restore(tid, this.runs!.takeOpen(tid));
  }

  protected catchUpAll(): boolean {
    let isUsed = false;
    if (this.hasRuns) for (const tid of this.runs!.met) isUsed = this.catchUp(tid) || isUsed;
    return isUsed;
  }

  /** The thread is in the call that was begun on this line, plus 1, or in none. */
  private restore(tid: number, open: number): boolean {
    if (open === AS_DECODED) return false;
    if (open !== CLOSED) {
      this.decodeAgain(open - 1, (this.spare ??= new EventView()));
      return true;
    }
    const thread = this.threads.get(tid);
    if (thread) thread.open = false;
    return false;
  }

  /** Decodes a line that was taken as rows as it would have been in its turn. */
  private decodeAgain(line: number, e: EventView): void {
    const { block, broken, brokenLine, brokenOff, begun, clock, timing } = this;
    const { bytes, ends } = block!;
    const start = line === 0 ? block!.start : ends[line - 1]! + 1;
    const end = ends[line]!;
    const { latestNs } = clock;
    const { dayNs } = timing;
    e.block = bytes;
    e.recordStart = start;
    e.recordEnd = end;
    e.line = block!.line + line;
    e.offset = block!.offset + (start - block!.start);
    const body = this.prefix.read(bytes, start, end);
    timing.dayNs = this.runsDayNs;
    clock.latestNs = this.prefix.stampNs + timing.dayNs;
    this.decodeBody(bytes, start, end, body, e);
    clock.latestNs = latestNs;
    timing.dayNs = dayNs;
    this.broken = broken;
    this.brokenLine = brokenLine;
    this.brokenOff = brokenOff;
    this.begun = begun;
  }

  protected override breaks(thread: Thread, isBrokenOff: boolean, line: number): void {
    super.breaks(thread, isBrokenOff, line);
    this.begun = -1;
  }

  protected override catchUpBroken(): void {
    if (!this.hasRuns) return;
    const { begun } = this;
    if (begun >= 0) {
      const { bytes, ends, start, line } = this.block!;
      this.prefix.read(bytes, begun === 0 ? start : ends[begun - 1]! + 1, ends[begun]!);
      const { tid } = this.prefix;
      this.catchUp(tid);
      const thread = this.threads.get(tid);
      if (thread) this.breaks(thread, false, line + begun);
    } else if (this.broken) this.catchUp(this.broken.tid);
  }

  /** The block's bytes go. */
  protected override leaveBlock(): void {
    if (!this.hasRuns) return;
    this.catchUpBroken();
    this.catchUpAll();
    this.hasRuns = false;
    this.begun = -1;
  }

  protected override end(thread: Thread, e: EventView): void {
    super.end(thread, e);
    this.runs?.forgetThread(thread.tid);
  }

  private get originUs(): number {
    return Number(this.layout.originSeconds ?? 0n) * 1e6;
  }

  private usOf(ns: number): number {
    return (ns - this.timing.dayNs) / 1000 + this.originUs;
  }
}
