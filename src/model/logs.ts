/**
 * Side logs as the reports hold them: lines and samples of other programs that lie in a gap. Names and order
 * are those of the JSON report.
 */
import type { Problem } from './problem.js';

/** What a log turned out to be: samples of iostat or vmstat, or lines of any program. */
export type LogKind = 'iostat' | 'vmstat' | 'lines';

/** One line of a log, or what stands in for it. */
export interface LogLine {
  /** Index of the log, in the order given. */
  readonly log: number;
  /** As the log prints it. */
  readonly time: string;
  /** On the axis of the gap's own events: nanoseconds since the origin of their source. */
  readonly offsetNs: number;
  /** The line behind its time; long ones are cut. */
  readonly text: string;
}

/** What a log has in a gap and next to it. */
export interface LogContext {
  readonly log: number;
  /** Lines within the gap; of many only the first and last are in the gap's `logs`. */
  readonly lines: number;
  /** The nearest lines outside, where the log has one near the trace. */
  readonly before: LogLine | null;
  readonly after: LogLine | null;
}

/** Means over the samples that overlap a stretch; null where the samples don't say. */
export interface DiskFigures {
  readonly device: string | null;
  readonly utilPercent: number | null;
  /** Per request, of the requests that ended in the samples. */
  readonly awaitMs: number | null;
  readonly readKBps: number | null;
  readonly writeKBps: number | null;
  /** Of all CPUs. */
  readonly iowaitPercent: number | null;
  readonly samples: number;
}

export interface MachineFigures {
  readonly running: number | null;
  readonly blocked: number | null;
  /** As vmstat prints them: KiB/s, blocks of 1 KiB a second, switches a second. */
  readonly swapIn: number | null;
  readonly swapOut: number | null;
  readonly blocksIn: number | null;
  readonly blocksOut: number | null;
  readonly contextSwitches: number | null;
  readonly userPercent: number | null;
  readonly systemPercent: number | null;
  readonly idlePercent: number | null;
  readonly iowaitPercent: number | null;
  readonly stealPercent: number | null;
  readonly samples: number;
}

/** Figures in a gap, of the busiest device where they are a disk's, against as long a stretch before. */
export type LogFigures =
  | ({ readonly log: number; readonly kind: 'iostat' } & DiskFigures & {
        readonly before: DiskFigures | null;
      })
  | ({ readonly log: number; readonly kind: 'vmstat' } & MachineFigures & {
        readonly before: MachineFigures | null;
      });

/** What was read of one log. */
export interface LogReport {
  readonly path: string;
  readonly kind: LogKind;
  readonly lines: number;
  /** Lines with a time of their own; of iostat and vmstat those whose figures have one. */
  readonly timed: number;
  /** Lines without a time, blank ones and headers aside. */
  readonly unparsed: number;
  readonly problems: readonly Problem[];
}
