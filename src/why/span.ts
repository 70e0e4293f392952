/** The stretch under investigation: the baseline, then the gap (or only the stretch asked for). */
export interface Span {
  /** Where the baseline begins; equal to startNs without one. */
  readonly baselineNs: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** Length of what [fromNs, toNs] has in common with [startNs, endNs]. */
export function overlap(fromNs: number, toNs: number, startNs: number, endNs: number): number {
  return Math.max(0, Math.min(toNs, endNs) - Math.max(fromNs, startNs));
}
