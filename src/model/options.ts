/** What a run can be asked for. The command line is a thin skin over these. */
import type { Progress } from './gap.js';
import type { ClockOffsets } from './join.js';
import { didYouMean } from './nearest-name.js';
import { UsageError } from './problem.js';
import type { FormatName } from './trace.js';

/** So many gaps are investigated unless told how many. */
export const INVESTIGATED = 20;

export interface GapOptions {
  /** sysdig/Falco filter expression. */
  readonly filter?: string;
  /** Shorthands, joined to the filter with `and`. `proc`: a name or a process id; `type`: one or more event types. */
  readonly proc?: string | number;
  readonly tid?: number;
  readonly type?: string | readonly string[];
  readonly dir?: 'enter' | 'exit' | '>' | '<';
  /** Nanoseconds, a duration (`250ms`), or `auto`. Default 1 s. */
  readonly threshold?: number | string;
  /** One sequence per value of this field; `thread`, `proc`, `fd` are short for `thread.tid`, `proc.name`, `fd.name`. */
  readonly by?: string;
  /**
   * Only VRRP advertisements, a sequence per virtual router and sender. The threshold is then, unless given, one
   * and a half of the interval that the adverts print, and is learned where they print none.
   */
  readonly vrrp?: boolean;
  /** Matched events before and after each gap. Default 1. */
  readonly before?: number;
  readonly after?: number;
  /** Unfiltered events at each edge of a gap. Default 3. */
  readonly around?: number;
  /** Only this stretch: `17:01:20`, an ISO time, or `+30s` from the trace's first event. */
  readonly from?: string;
  readonly to?: string;
  /** Only the n longest gaps. */
  readonly top?: number;
  /**
   * Of the gaps, in the order in which they are found, only those that are among the n longest so far (and those that
   * are investigated); the others are counted. All that a report of the n longest needs.
   */
  readonly longest?: number;
  readonly format?: FormatName;
  /** The `-p` string a sysdig text was printed with. */
  readonly layout?: string;
  /** Files with lines that start with a time, or samples of iostat -t or vmstat -t, to be shown beside the gaps. */
  readonly logs?: readonly string[];
  /** Zone of times without one, in sources and logs: `+02:00`, `-5`, `+0530`. Default `+00:00`, with a warning. */
  readonly utcOffset?: string;
  /** By source name, what is added to its times: `+12ms`, `-1.5s`, or nanoseconds. Else estimated from what two sources both show. */
  readonly offsets?: ClockOffsets;
  /** Investigate this many gaps, those that were the longest when they were found; `all`, or false for none. Default 20. */
  readonly why?: boolean | number | 'all';
  /**
   * Threads that read ahead in large files, and one that reads a long standard input; 0 for none. Default one for
   * each CPU but one, up to three.
   */
  readonly workers?: number;
  /** Called a few times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the run early; what was found so far is delivered and reported. */
  readonly signal?: AbortSignal;
}

/** What a look at a stretch of activity can be asked for; the names mean what they mean for gaps. */
export type ActivityOptions = Pick<
  GapOptions,
  'from' | 'to' | 'format' | 'layout' | 'utcOffset' | 'offsets' | 'onProgress' | 'signal'
>;

/** What a look at conversations can be asked for; the names mean what they mean for gaps. */
export type ConversationOptions = Pick<
  GapOptions,
  | 'filter'
  | 'proc'
  | 'tid'
  | 'type'
  | 'from'
  | 'to'
  | 'format'
  | 'layout'
  | 'utcOffset'
  | 'offsets'
  | 'workers'
  | 'onProgress'
  | 'signal'
> & {
  /** Only the n that waited longest, up to 1,000. Default 10. */
  readonly top?: number;
};

/** The names, for callers whose types nobody checks. */
export const ACTIVITY_OPTIONS = {
  from: true,
  to: true,
  format: true,
  layout: true,
  utcOffset: true,
  offsets: true,
  onProgress: true,
  signal: true,
} as const satisfies Record<keyof ActivityOptions, true>;

export const CONVERSATION_OPTIONS = {
  ...ACTIVITY_OPTIONS,
  filter: true,
  proc: true,
  tid: true,
  type: true,
  workers: true,
  top: true,
} as const satisfies Record<keyof ConversationOptions, true>;

export const GAP_OPTIONS = {
  ...CONVERSATION_OPTIONS,
  dir: true,
  threshold: true,
  by: true,
  vrrp: true,
  before: true,
  after: true,
  around: true,
  longest: true,
  logs: true,
  why: true,
} as const satisfies Record<keyof GapOptions, true>;

/** @throws UsageError for an option that is none of `known`. */
export function checkOptionNames(options: object, known: Readonly<Record<string, true>>): void {
  const names = Object.keys(known);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const name = JSON.stringify(unknown);
  throw new UsageError(
    'option',
    `there is no option ${name}${didYouMean(unknown, names) || `: there are ${names.join(', ')}`}`,
  );
}

/** The number, which must be whole and not below `least`. @throws UsageError naming the option. */
export function checkCount(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError('option', `${option} ${value} is no whole number from ${least} on`);
}
