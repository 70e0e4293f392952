/**
 * Places a line's stamp on the source's axis: sums up the deltas of `-r`, rolls over at midnight, and tells the
 * late lines of `strace -z` (printed when the call ends, with the stamp of its start) from a clock that was set.
 */
import { formatDuration } from '../../model/duration.js';
import { type Clock, INVERSION_NS } from '../clock.js';
import type { StampKind } from './prefix.js';

const DAY_NS = 86_400e9;
/** Stamps further ahead may belong to another day. */
export const HALF_DAY_NS = 43_200e9;

export class Timing {
  /** Two-part calls were seen: then no line is printed late (-z prints calls whole). */
  sawHalves = false;
  /** Start of the day of the newest line, for times of day. */
  dayNs = 0;
  private sumNs = -1;

  constructor(
    readonly kind: StampKind,
    private readonly clock: Clock,
  ) {}

  /** The first line is in the middle of a trace: its delta counts. */
  startMidway(): void {
    if (this.sumNs < 0) this.sumNs = 0;
  }

  /**
   * Nanoseconds since the source's origin of a line with stamp `rawNs`. `durationNs` is its -T, `whole` whether
   * it is a call printed whole, `lastNs` the time of the line before of the same thread.
   */
  place(rawNs: number, durationNs: number, whole: boolean, lastNs: number): number {
    const clock = this.clock;
    if (this.kind === 'relative') {
      // A delta refers to the line before, so the first one says nothing.
      this.sumNs = this.sumNs < 0 ? 0 : this.sumNs + rawNs;
      return clock.place(this.sumNs);
    }
    let ns = rawNs + this.dayNs;
    if (this.dayNs > 0 && ns - clock.latestNs > HALF_DAY_NS) ns -= DAY_NS;
    const back = clock.latestNs - ns;
    if (whole && back > INVERSION_NS && back < HALF_DAY_NS) {
      // T begins a little after the stamp, so that stamp + T comes out some microseconds early.
      const late = Number.isNaN(durationNs)
        ? !this.sawHalves && lastNs <= ns
        : ns + durationNs + INVERSION_NS >= clock.latestNs;
      if (late) return ns;
    }
    const placed = clock.place(rawNs);
    if (this.kind === 'time-of-day') this.dayNs = Math.floor(clock.latestNs / DAY_NS) * DAY_NS;
    return placed;
  }
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
