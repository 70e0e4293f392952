/** The answer: gaps with their context, and what was read to find them. Names are those of the JSON report. */
import type { EventRecord } from './event.js';
import type { Activity, CallClass, Cause, Finding, FindingEvidence } from './findings.js';
import type { ClockOffset, Elsewhere } from './join.js';
import type { LogContext, LogFigures, LogLine, LogReport } from './logs.js';
import type { Problem } from './problem.js';
import type { FormatName } from './trace.js';
import type { VrrpGap, VrrpReport } from './vrrp.js';

export interface Gap {
  readonly durationNs: number;
  /** Silence at the trace's edge: `start` has no start event, `end` no end event. */
  readonly open: 'start' | 'end' | null;
  /** The --by value; null without --by, and for events that have none. */
  readonly group: string | null;
  readonly start: EventRecord | null;
  readonly end: EventRecord | null;
  /** Matched events of the same sequence: before the start event, after the end event; in order of time. */
  readonly before: readonly EventRecord[];
  readonly after: readonly EventRecord[];
  /** Unfiltered events inside the gap: the first ones after its start, the last ones before its end. */
  readonly around: {
    readonly start: readonly EventRecord[];
    readonly end: readonly EventRecord[];
  };
  /** What the investigation says; null in all of these where there was none. */
  readonly cause: Cause | null;
  readonly call: string | null;
  readonly class: CallClass | null;
  readonly summary: string | null;
  readonly evidence: readonly FindingEvidence[] | null;
  readonly next: readonly string[] | null;
  readonly contributing: Finding['contributing'] | null;
  readonly activity: Activity | null;
  /** Lines of the side logs within the gap, log by log; absent without logs, as the next two. */
  readonly logs?: readonly LogLine[];
  /** One for each log that is made of lines. */
  readonly logContext?: readonly LogContext[];
  /** One for each log of samples that overlap the gap. */
  readonly figures?: readonly LogFigures[];
  /** What the protocol says, in a run for VRRP only. */
  readonly vrrp?: VrrpGap;
  /**
   * What sources of other hosts or kinds show meanwhile, those that overlap it in time; null for one of many gaps, too
   * short to be looked at. Absent with a single source.
   */
  readonly elsewhere?: readonly Elsewhere[] | null;
}

export interface SourceReport {
  readonly path: string;
  readonly format: FormatName;
  readonly bytes: number;
  readonly lines: number;
  readonly records: number;
  readonly events: number;
  readonly matched: number;
  readonly ignored: number;
  readonly unparsed: number;
  /** Events up to a millisecond older than the one before: ordinary where several CPUs are traced. */
  readonly outOfOrder: number;
  /** ISO time that offsetNs counts from; null for times of day and relative times. */
  readonly origin: string | null;
  /** First and last event's time in the trace's own notation. */
  readonly first: string | null;
  readonly last: string | null;
  /** See ClockOffset. */
  readonly clockOffsetNs?: ClockOffset['ns'];
  readonly clockOffsetFrom?: ClockOffset['from'];
  readonly clockPairs?: ClockOffset['pairs'];
  readonly problems: readonly Problem[];
}

/** How a sequence beats, told where --threshold auto learned it or where the threshold is below it. */
export interface Rhythm {
  readonly group: string | null;
  readonly intervals: number;
  readonly typicalNs: number;
  /** Median absolute deviation from the typical interval. */
  readonly spreadNs: number;
  readonly thresholdNs: number;
  /** Intervals of the sequence that reach the threshold. */
  readonly exceeding: number;
}

/** Known when the last gap has been delivered. */
export interface RunReport {
  readonly filter: string | null;
  /** null for `auto`: then each sequence has its own, in `rhythms`. */
  readonly thresholdNs: number | null;
  readonly by: string | null;
  readonly sources: readonly SourceReport[];
  readonly warnings: readonly string[];
  /** What this kind of trace can't show, where gaps were investigated. */
  readonly limits: readonly string[];
  readonly rhythms: readonly Rhythm[];
  /** Gaps found, also those that --top left out. */
  readonly gapsFound: number;
  readonly interrupted: boolean;
  /** Nanoseconds from the run's first event to its last, null or absent where no event has a time. */
  readonly spanNs?: number | null;
  /** The side logs, in the order given; absent without any. */
  readonly logs?: readonly LogReport[];
  /** The virtual routers, in a run for VRRP only. */
  readonly vrrp?: VrrpReport;
}

/** Told now and then while a run is under way. */
export interface Progress {
  readonly bytes: number;
  /** null where the size is unknown (a pipe). */
  readonly totalBytes: number | null;
  /** null where none are looked for. */
  readonly gaps: number | null;
}
