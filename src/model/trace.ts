/** What is known of a trace as a whole: where its times start from, and what it can show. */

export type FormatName = 'sysdig' | 'strace' | 'tcpdump' | 'pcap' | 'scap';

/**
 * What event times count from. `epoch`: `originSeconds` since 1970 UTC. `time-of-day`: the midnight before
 * the first event, of an unknown day. `relative`: the trace's own start.
 */
export interface Timebase {
  readonly kind: 'epoch' | 'time-of-day' | 'relative';
  readonly originSeconds: bigint | null;
  /** Smallest step of the printed times, in nanoseconds (strace -t: 1e9, -tt: 1000, sysdig: 1). */
  readonly resolutionNs: number;
}

/** What a trace of this kind can show at all; filters are checked against it. */
export interface TraceTraits {
  readonly format: FormatName;
  readonly timebase: Timebase;
  /** `both`: entries and exits; `exits`: calls only at their exit; `none`: the trace has no direction. */
  readonly directions: 'both' | 'exits' | 'none' | 'unknown';
  /** Exit times of calls printed whole are known (sysdig, strace -T). */
  readonly exitTimes: boolean;
  readonly hasCpu: boolean;
  /** Process names stand on every line (sysdig, strace -Y). */
  readonly hasNames: boolean;
  /** Field names of a custom layout's columns. */
  readonly columns: readonly string[];
  /** Packets that the capture itself says it dropped, not when; absent where it says nothing of that. */
  readonly dropped?: number;
}
