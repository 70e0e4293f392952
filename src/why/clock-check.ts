/**
 * Steps of the traced machine's clock that a trace proves by itself: strace stamps lines with the real time, but
 * measures -T and -r with the monotonic one. Where a call took less
 * than its two stamps are apart, or two lines are further apart than -r says, the clock was set forward.
 */
import { DIR_EXIT, type EventView } from '../model/event.js';

/** By so much at least, and by so much of the gap. */
const LEAST_NS = 100e6;
const LEAST_SHARE = 0.25;
/** Calls under way whose stamps are kept. */
const MOST_ENTRIES = 1 << 16;

export interface ClockStep {
  readonly stepNs: number;
  readonly nums: readonly number[];
  readonly raw: readonly string[];
}

export class ClockCheck {
  step: ClockStep | null = null;
  readonly leastNs: number;
  lineNs = Number.NaN;
  lineNum = -1;
  /** Entry stamps of calls under way, by thread. */
  private readonly entries = new Map<number, number>();

  constructor(
    private readonly startNs: number,
    endNs: number,
    /** Smallest step of the printed times: two stamps are uncertain by that much each. */
    resolutionNs: number,
  ) {
    this.leastNs = Math.max(LEAST_NS, LEAST_SHARE * (endNs - startNs), 2 * resolutionNs);
  }

  /** Takes each event of an strace trace in order. */
  see(e: EventView, timeNs: number): void {
    if (e.half === 1) {
      this.entries.delete(e.tid);
      return;
    }
    if (e.dir === DIR_EXIT) {
      const entryNs = this.entries.get(e.tid);
      this.entries.delete(e.tid);
      // The decoder gives the difference of the stamps itself where the line has no -T.
      if (entryNs !== undefined && e.durationNs >= 0)
        this.compare(timeNs - entryNs, e.durationNs, entryNs, timeNs, e);
    } else this.setEntry(e.tid, timeNs);
    const sinceLine = timeNs - this.lineNs;
    if (sinceLine >= this.leastNs) {
      const m = /\(\+\s*(\d+\.\d+)\)/.exec(
        e.block.toString('latin1', e.recordStart, Math.min(e.recordEnd, e.recordStart + 80)),
      );
      if (m) this.compare(sinceLine, Number(m[1]) * 1e9, this.lineNs, timeNs, e);
    }
    this.lineNs = timeNs;
    this.lineNum = e.num;
  }

  /** When the thread's call under way was begun; NaN where none is. */
  entryOf(tid: number): number {
    return this.entries.get(tid) ?? Number.NaN;
  }

  setEntry(tid: number, timeNs: number): void {
    if (Number.isNaN(timeNs)) this.entries.delete(tid);
    else if (this.entries.size < MOST_ENTRIES || this.entries.has(tid)) this.entries.set(tid, timeNs);
  }

  private compare(stampsNs: number, measuredNs: number, fromNs: number, toNs: number, e: EventView): void {
    const stepNs = stampsNs - measuredNs;
    if (stepNs < this.leastNs || toNs <= this.startNs || fromNs + measuredNs < this.startNs - stepNs) return;
    if (this.step && this.step.stepNs >= stepNs) return;
    this.step = { stepNs, nums: [this.lineNum, e.num], raw: [e.raw()] };
  }
}
