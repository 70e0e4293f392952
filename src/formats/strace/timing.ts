/**
 * Places a line's stamp on the source's axis: sums up the deltas of `-r`, rolls over at midnight, and tells the
 * late lines of `strace -z` (printed when the call ends, with the stamp of its start) from a clock that was set.
 */

import { formatDuration } from '../../model/duration.js';
import { DOUBLE_ZERO } from '../../model/event.js';
import { DAY_NS, LATE_NS } from '../../model/time.js';
import type { Clock } from '../clock.js';
import type { StampKind } from './prefix.js';

/** Stamps further ahead may belong to another day. */
export const HALF_DAY_NS = 43_200e9;

export class Timing {
  /** Lines that were certainly printed late: the trace is one of strace -z. */
  lateLines = 0;
  /** Start of the day of the newest line, for times of day. */
  dayNs = DOUBLE_ZERO;
  /** Differences (-r) that are shorter than the call on the line before took. */
  shortDeltas = 0;
  /** What the call took that the newest line shows whole (-r); 0 without. */
  private wholeNs = 0;
  /** The newest line was far back, and not printed late: the clock was set. */
  wasSet = false;

  constructor(
    readonly kind: StampKind,
    private readonly clock: Clock,
    /** Stamps are cut to whole multiples of this. */
    private readonly resolutionNs: number,
  ) {}

  /**
   * Nanoseconds since the source's origin of a line with stamp `rawNs`. `entry`: it shows a call's entry, with
   * -T `durationNs`. `lastNs` is the time up to which the same thread's lines before it reach. `set` tells, where
   * that is known, what `wasSet` was when the line was decoded before.
   */
  place(rawNs: number, durationNs: number, entry: boolean, lastNs: number, set: boolean | undefined): number {
    const clock = this.clock;
    this.wasSet = false;
    if (this.kind === 'relative') {
      if (rawNs + this.resolutionNs + LATE_NS < this.wholeNs) this.shortDeltas++;
      this.wholeNs = entry && durationNs > 0 ? durationNs : 0;
      // A delta refers to the line before, so the first one says nothing.
      clock.sumNs = clock.latestNs === Number.NEGATIVE_INFINITY ? 0 : clock.sumNs + rawNs;
      return clock.place(clock.sumNs);
    }
    if (this.kind === 'time-of-day') this.dayNs = dayOf(clock.latestNs);
    let ns = rawNs + this.dayNs;
    if (this.dayNs > 0 && ns - clock.latestNs > HALF_DAY_NS) ns -= DAY_NS;
    const back = clock.latestNs - ns;
    if (entry && back > LATE_NS && back < HALF_DAY_NS) {
      this.wasSet = set ?? !this.isLate(ns, durationNs, lastNs);
      if (!this.wasSet) return ns;
    }
    const placed = clock.place(rawNs);
    if (this.kind === 'time-of-day') this.dayNs = dayOf(clock.latestNs);
    return placed;
  }

  /**
   * A late line was printed at its call's end, so that the call reaches up to the newest line or past it. Where
   * the end is not known: a thread is in a call, and then goes on with a `resumed` line, or computes; the entry
   * of a thread that was silent for longer than the step is a late one. A clock that is set takes all along.
   */
  private isLate(ns: number, durationNs: number, lastNs: number): boolean {
    if (!Number.isNaN(durationNs)) {
      // T begins a little after the stamp, so that stamp + T comes out some microseconds early.
      const late = ns + durationNs + this.resolutionNs + LATE_NS >= this.clock.latestNs;
      if (late) this.lateLines++;
      return late;
    }
    return lastNs <= ns + this.resolutionNs && (this.lateLines > 0 || lastNs !== Number.NEGATIVE_INFINITY);
  }
}

function dayOf(ns: number): number {
  return ns > 0 ? Math.floor(ns / DAY_NS) * DAY_NS : 0;
}

/** What the report says of a step backwards. */
export function stepText(stepNs: number): string {
  return `time steps back by ${formatDuration(stepNs)}`;
}

/** A time since the origin in the notation of the trace: `07:20:18.011954`, `1795245618.214601`, `0.318039`. */
export function stampText(
  kind: StampKind,
  originSeconds: bigint | null,
  timeNs: number,
  digits: number,
): string {
  const ns = Math.round(timeNs);
  let seconds = Math.floor(ns / 1e9);
  const fraction =
    digits === 0
      ? ''
      : `.${String(ns - seconds * 1e9)
          .padStart(9, '0')
          .slice(0, digits)}`;
  if (kind === 'relative') return `${seconds}${fraction}`;
  if (kind === 'epoch') return `${(originSeconds ?? 0n) + BigInt(seconds)}${fraction}`;
  seconds = ((seconds % 86_400) + 86_400) % 86_400;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
}
