/** The facts of a stretch of trace that somebody asked for, gap or not. Names are those of the JSON report. */
import type { Activity } from './findings.js';
import type { SourceReport } from './gap.js';

export interface ActivityReport {
  readonly sources: readonly SourceReport[];
  /** The stretch as --from and --to take it, within the trace; null in a trace without events. */
  readonly from: string | null;
  readonly to: string | null;
  /** The same in nanoseconds since the first source's origin. */
  readonly fromNs: number | null;
  readonly toNs: number | null;
  readonly durationNs: number;
  readonly activity: Activity;
  /** What this kind of trace can't show. */
  readonly limits: readonly string[];
  readonly warnings: readonly string[];
  readonly interrupted: boolean;
}
