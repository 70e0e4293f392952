/**
 * Places printed times on the source's axis: midnight rollover, small inversions (events of different CPUs,
 * ordinary), and real steps backwards, which are problems of their own and never a negative gap.
 */
import { DOUBLE_ZERO } from '../model/event.js';
import { DAY_NS, LATE_NS } from '../model/time.js';

const HALF_DAY_NS = 43_200e9;

export interface ClockState {
  readonly latestNs: number;
  readonly epoch: number;
  readonly sumNs: number;
  readonly dayNs: number;
  readonly otherLines: number;
}

export class Clock {
  /** Latest time so far on the source's axis; -Infinity before the first event. */
  latestNs = Number.NEGATIVE_INFINITY;
  /** Inversions of up to a millisecond. */
  inversions = 0;
  /** Bumped at each step backwards: intervals across it can't be measured. */
  epoch = 0;
  /** Size of the newest step, for the problem's text. */
  lastStepNs = DOUBLE_ZERO;
  /** Formats that print differences add them up here. */
  sumNs = DOUBLE_ZERO;
  /** Formats that count their records keep here how many lines so far were no record's first. */
  otherLines = 0;
  /** Added to times of day. */
  dayNs = DOUBLE_ZERO;

  constructor(private readonly wraps: boolean) {}

  /** Where the clock stands, for a fork to go on from. */
  state(): ClockState {
    const { latestNs, epoch, sumNs, dayNs, otherLines } = this;
    return { latestNs, epoch, sumNs, dayNs, otherLines };
  }

  resume(state: ClockState): void {
    Object.assign(this, state);
  }

  /** Whether the printed times `ns` and `next`, the next two, follow the latest one in order, within half a day. */
  follows(ns: number, next: number): boolean {
    const { latestNs, dayNs } = this;
    const first = latestNs === Number.NEGATIVE_INFINITY ? ns : latestNs - dayNs;
    return first <= ns && ns <= next && next - first <= HALF_DAY_NS;
  }

  /**
   * Nanoseconds since the origin for a printed time. `ns` is since midnight for times of day, else since the
   * origin. After the call `epoch` differs from before if the clock stepped back.
   */
  place(ns: number): number {
    const t = ns + this.dayNs;
    if (t >= this.latestNs) {
      // Forward by more than half a day across midnight is an older event of the day before.
      if (
        this.wraps &&
        this.dayNs > 0 &&
        t - this.latestNs > HALF_DAY_NS &&
        this.latestNs - (t - DAY_NS) <= LATE_NS
      ) {
        this.inversions++;
        return t - DAY_NS;
      }
      this.latestNs = t;
      return t;
    }
    return this.backwards(t);
  }

  private backwards(t: number): number {
    const back = this.latestNs - t;
    if (this.wraps && back > HALF_DAY_NS) {
      const days = Math.ceil((back - HALF_DAY_NS) / DAY_NS);
      this.dayNs += days * DAY_NS;
      this.latestNs = t + days * DAY_NS;
      return this.latestNs;
    }
    if (back <= LATE_NS) {
      this.inversions++;
      return t;
    }
    this.lastStepNs = back;
    this.epoch++;
    this.latestNs = t;
    return t;
  }
}
