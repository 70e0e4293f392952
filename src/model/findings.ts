/**
 * What an investigation of a stretch of trace gives: facts (`Activity`) and one judgement (`Finding`). Names
 * are those of the JSON report. Times are nanoseconds since the start of the stretch that the activity is of;
 * a figure that the trace can't provide is null.
 */
export type Cause =
  | 'blocked'
  | 'sleeping'
  | 'waiting'
  | 'computing'
  | 'starved'
  | 'stopped'
  | 'machine-silent'
  | 'capture-lost'
  | 'gone'
  | 'clock-step'
  | 'unknown';

/** What a blocked call waited for. */
export type CallClass = 'disk' | 'network' | 'lock' | 'child' | 'pipe' | 'other';

/** A statement with the events that prove it: their numbers and, where kept, their raw lines. */
export interface FindingEvidence {
  readonly text: string;
  readonly nums: readonly number[];
  readonly raw: readonly string[];
}

export interface Finding {
  readonly cause: Cause;
  readonly call: string | null;
  readonly class: CallClass | null;
  /** One plain sentence with figures. */
  readonly summary: string;
  readonly evidence: readonly FindingEvidence[];
  /** What to look at next: concrete commands, most telling first. */
  readonly next: readonly string[];
  /** Other causes that hold too, without being the first proof. */
  readonly contributing: readonly { readonly cause: Cause; readonly summary: string }[];
}

/**
 * `whole`: the switch events of the CPUs in view link up, so time per CPU can be given. `filtered`: most links
 * are missing, the trace was filtered. `none`: no switch events.
 */
export type ChainVerdict = 'whole' | 'filtered' | 'none';

export interface CpuActivity {
  readonly cpu: number;
  /** Null on a CPU whose switch events don't link up. */
  readonly idleNs: number | null;
  readonly kernelNs: number | null;
  readonly userNs: number | null;
  readonly unknownNs: number | null;
  readonly switches: number;
  /** One letter per equal part of the stretch, the class that held most of it: `i`dle, `k`ernel, `u`ser, `s`ubject, `?`. */
  readonly strip: string | null;
}

export interface KernelThreadActivity {
  readonly tid: number;
  readonly name: string | null;
  readonly runs: number;
  readonly runNs: number;
  /** Median time between the starts of its runs; null below three runs. */
  readonly periodNs: number | null;
}

export interface ProcessActivity {
  readonly proc: string | null;
  readonly tid: number;
  readonly records: number;
  readonly onCpuNs: number | null;
  /** Records per second against those of the stretch before; null where it had none there or nothing is held of it. */
  readonly vsBaseline: number | null;
  /** The tracer itself or another observer: sysdig, strace, perf, tcpdump. */
  readonly observer: boolean;
}

/**
 * `in-call`: between a call's entry and exit. `on-cpu`: running, no call open. `off-cpu`: switched out with no
 * call open. `no-call`: between calls, and the trace does not say whether it ran. `short`: states too short to list.
 */
export interface SubjectState {
  readonly state: 'in-call' | 'on-cpu' | 'off-cpu' | 'no-call' | 'stopped' | 'gone' | 'short' | 'unknown';
  readonly call: string | null;
  readonly args: string | null;
  readonly cpu: number | null;
  readonly fromNs: number;
  readonly toNs: number;
}

/** A time without any event, and the events at its two ends. */
export interface Silence {
  readonly fromNs: number;
  readonly toNs: number;
  readonly nums: readonly number[];
}

/** Other threads, regularly active before, that were silent through the same time. */
export interface SilentToo {
  readonly threads: number;
  readonly processes: readonly string[];
  readonly fromNs: number;
  readonly toNs: number;
}

export interface Activity {
  readonly records: number;
  readonly longestSilenceNs: number;
  readonly silence: Silence | null;
  readonly chain: ChainVerdict;
  readonly cpus: readonly CpuActivity[];
  readonly kernelThreads: readonly KernelThreadActivity[];
  readonly processes: readonly ProcessActivity[];
  readonly subject: readonly SubjectState[];
  readonly silentToo: SilentToo | null;
  /** Marks of lost events: broken links on a CPU whose chain is otherwise whole, sampling markers. */
  readonly lost: readonly FindingEvidence[];
}
