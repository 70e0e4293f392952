/** What the subject thread's time is made of: calls, and pieces between calls. Times are on the run's axis. */
import type { Result } from './arguments.js';

export interface CallSpan {
  readonly type: string;
  /** Arguments of entry and exit together. */
  readonly args: string;
  readonly result: Result | null;
  readonly fromNs: number;
  readonly toNs: number;
  /** Time on and off a CPU within; both 0 where the trace does not say. */
  readonly onNs: number;
  readonly offNs: number;
  /** When it was switched in for the last time; toNs where the trace does not say. */
  readonly backNs: number;
  /** It left its CPU to idle: it was not ready to run. */
  readonly leftToIdle: boolean;
  /** The entry was seen; else the call is known from its exit, and began at fromNs or (a little) later. */
  readonly entryKnown: boolean;
  /**
   * `seen`: the exit has a time. `bound`: it ended at toNs at the latest, the trace has no time for it.
   * `open`: still open when the stretch ends.
   */
  readonly end: 'seen' | 'bound' | 'open';
  readonly cpu: number;
  readonly nums: readonly number[];
  readonly raw: readonly string[];
}

/** A time between calls. */
export interface Piece {
  readonly state: 'on-cpu' | 'off-cpu' | 'no-call';
  readonly fromNs: number;
  readonly toNs: number;
  readonly cpu: number;
  /** Off CPU: who got the CPU; 0 is idle, -1 unknown. */
  readonly next: number;
  /** The call whose entry or exit ended it, null for none. */
  readonly endedBy: string | null;
  readonly nums: readonly number[];
}

/** A stop by a signal, from its delivery to the thread's next step. */
export interface Stop {
  readonly signal: string;
  readonly fromNs: number;
  readonly toNs: number;
  readonly nums: readonly number[];
  readonly raw: readonly string[];
}

/** A call was broken off without a signal that the trace shows, and the thread stood still. */
export interface Freeze {
  readonly call: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** Off a CPU of all that, by switch events. */
  readonly offNs: number;
  readonly leftToIdle: boolean;
  readonly nums: readonly number[];
  readonly raw: readonly string[];
}

/** How often a call was made and how long it took, in the gap or before it. */
export interface CallTotals {
  count: number;
  totalNs: number;
  longestNs: number;
}
