/**
 * Where a fork decodes a stretch again, ordinary lines are handed over as runs of rows. What such lines tell of their
 * threads' calls is kept by the kernel, and looked up where a line has to be decoded after all: of a thread that is in
 * a call, the line that began it is then decoded, too.
 */
import { EventView } from '../../model/event.js';
import type { EventRows } from '../../model/event-rows.js';
import type { LineKind } from '../line-decoder.js';
import type { Layout } from './layout.js';
import { MarkLines } from './mark-lines.js';
import { AS_DECODED, CallRows, CLOSED, ROW_SECOND, type RunAxis } from './rows.js';
import type { Thread } from './threads.js';

/** Shorter runs are not worth what they cost. After so many of them, or none, in a row, */
const FEW_LINES = 4;
const MOST_MISSES = 64;
/** only each of so many lines is tried: where nothing says how long calls took, runs may be short to the end. */
const TRIED_EVERY = 64;

/** What the decoder knew of a thread's call; its text as `Thread` has it. */
interface KnownCall {
  readonly isOpen: boolean;
  readonly entryNs: number;
  readonly text: Buffer;
  readonly length: number;
  readonly nameLength: number;
}

const NO_CALL: KnownCall = {
  isOpen: false,
  entryNs: Number.NaN,
  text: Buffer.alloc(0),
  length: -1,
  nameLength: 0,
};

export abstract class CallRuns extends MarkLines {
  /** Whether runs were made of lines of this block. */
  protected hasRuns = false;
  private runs: CallRows | null = null;
  private spare: EventView | null = null;
  /** Start of the day that the lines of the block's runs are of. */
  private runsDayNs = 0;
  /** The line of the newest run that begins a call which goes on elsewhere; -1 where a later line was decoded. */
  private openingLine = -1;
  /** Only there is a kernel for the lines, and what they tell of other threads known already. */
  private readonly mayRun = this.again && hasKernel(this.layout);
  private readonly axis: RunAxis = {
    epoch: this.layout.kind === 'epoch',
    originUs: Number(this.layout.originSeconds ?? 0n) * 1e6,
    latestUs: Number.NaN,
    limitUs: Number.NaN,
    dayNs: 0,
  };
  /** Lines in a row that no run worth it began with. */
  private misses = 0;
  /** By thread, of those that rows of the newest run were viewed of: what was known ahead of the run. */
  private readonly aheadOfRun = new Map<number, KnownCall>();

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
    if (!this.mayRun || !this.knowsSteps || clock.latestNs === Number.NEGATIVE_INFINITY) return null;
    const runs = (this.runs ??= new CallRows());
    if (block.space === null || block.picks || !runs.enter(block.space)) return null;
    this.meet(runs);
    if (this.misses >= MOST_MISSES && ++this.misses % TRIED_EVERY !== 0) return null;
    if (timing.dayNs !== this.runsDayNs) this.catchUpAll();
    this.runsDayNs = timing.dayNs;
    const { axis } = this;
    axis.latestUs = Math.ceil(this.usOf(clock.latestNs));
    axis.limitUs = this.usOf(toNs - shiftNs);
    axis.dayNs = timing.dayNs;
    const count = runs.make(block, this.lineIndex, this.consumed, axis);
    if (runs.lines >= FEW_LINES) this.misses = 0;
    else if (this.misses < MOST_MISSES) this.misses++;
    if (count === 0) return null;
    this.aheadOfRun.clear();
    this.hasRuns = true;
    if (runs.timedLine >= 0) {
      const offset = block.offset + (this.startOf(runs.timedLine) - block.start);
      if (offset < this.durationsFrom) this.durationsFrom = offset;
    }
    if (runs.openingLine >= 0) this.openingLine = runs.openingLine;
    this.lineIndex += runs.lines;
    this.consumed = block.ends[this.lineIndex - 1]! + 1;
    this.counts.records += runs.lines;
    this.counts.events += count;
    clock.latestNs = runs.latestNs;
    let viewed = -1;
    const view = (row: number): EventView => {
      const isSecond = runs.kindOf(row) === ROW_SECOND;
      if (!isSecond || viewed !== row - 1) {
        this.returnTo(runs.tidOf(row), runs.before(row));
        this.decodeAgain(runs.lineOf(row), e);
      }
      if (isSecond) this.secondEvent(e);
      viewed = row;
      return e;
    };
    return { bytes: runs.bytes, source: e.source, count, shiftNs, view };
  }

  /** Lines of the call and the thread that were decoded last may come by rows. */
  private meet(runs: CallRows): void {
    const { call, thread } = this;
    if (!call.isCall || thread.ended || !(thread.tid >= 0)) return;
    runs.meetCall(call.text, call.nameStart, call.nameEnd);
    if (runs.hasRoomFor(thread.tid)) runs.meetThread(thread.tid, this.history.knows(thread.tid));
  }

  /** What rows told of the thread is known; whether for that the decoder was used. */
  protected catchUp(tid: number): boolean {
    return this.hasRuns && this.putInCall(tid, this.runs!.takeOpen(tid));
  }

  protected catchUpAll(): boolean {
    let isUsed = false;
    if (this.hasRuns) for (const tid of this.runs!.met) isUsed = this.catchUp(tid) || isUsed;
    return isUsed;
  }

  /** The thread is where it was ahead of a row of the newest run; any row may be viewed behind any other. */
  private returnTo(tid: number, open: number): void {
    const thread = this.threads.get(tid);
    let known = this.aheadOfRun.get(tid);
    if (!known) this.aheadOfRun.set(tid, (known = thread?.open ? knownCall(thread) : NO_CALL));
    if (open !== AS_DECODED) this.putInCall(tid, open);
    else if (thread) {
      thread.open = known.isOpen;
      thread.entryNs = known.entryNs;
      this.threads.keepEntry(thread, known.text, 0, known.length, known.nameLength);
    }
  }

  /**
   * The thread is in the call that is begun on this line, plus 1, which is decoded for that, or in none; whether a line
   * was decoded.
   */
  private putInCall(tid: number, open: number): boolean {
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
    const { block, broken, brokenLine, brokenOff, openingLine, inTable, clock, timing } = this;
    const { bytes, ends } = block!;
    const start = this.startOf(line);
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
    this.openingLine = openingLine;
    this.inTable = inTable;
  }

  protected override breaks(thread: Thread, isBrokenOff: boolean, line: number): void {
    super.breaks(thread, isBrokenOff, line);
    this.openingLine = -1;
  }

  protected override catchUpBroken(): void {
    if (!this.hasRuns) return;
    const { openingLine } = this;
    if (openingLine >= 0) {
      const { bytes, ends, line } = this.block!;
      this.prefix.read(bytes, this.startOf(openingLine), ends[openingLine]!);
      const { tid } = this.prefix;
      this.catchUp(tid);
      const thread = this.threads.get(tid);
      if (thread) this.breaks(thread, false, line + openingLine);
    } else if (this.broken) this.catchUp(this.broken.tid);
  }

  /** The block's bytes go. */
  protected override leaveBlock(): void {
    if (!this.hasRuns) return;
    this.catchUpBroken();
    this.catchUpAll();
    this.hasRuns = false;
    this.openingLine = -1;
  }

  protected override end(thread: Thread, e: EventView): void {
    super.end(thread, e);
    this.runs?.forgetThread(thread.tid);
  }

  /** Where a line of the block begins. */
  private startOf(line: number): number {
    const { ends, start } = this.block!;
    return line === 0 ? start : ends[line - 1]! + 1;
  }

  private usOf(ns: number): number {
    return (ns - this.timing.dayNs) / 1000 + this.axis.originUs;
  }
}

function hasKernel({ kind, pidColumn, color, names, digits }: Layout): boolean {
  return pidColumn && !color && !names && digits === 6 && kind !== 'relative';
}

function knownCall({ open, entryNs, entryText, entryLength, entryNameLength }: Thread): KnownCall {
  const { text } = NO_CALL;
  return {
    isOpen: open,
    entryNs,
    text: entryText ? Buffer.from(entryText.subarray(0, Math.max(entryLength, entryNameLength))) : text,
    length: entryLength,
    nameLength: entryNameLength,
  };
}
