/**
 * What a VRRP run says of a gap and of the virtual routers it saw. Names are those of the JSON report; `Ns`
 * alone are lengths, `fromNs`, `toNs`, `atNs` times on the run's axis, and the texts beside them the same times
 * in print. What the trace does not say is null.
 */

export type AddressFamily = 'IPv4' | 'IPv6';

/**
 * Why a sender began to advertise: `first-seen` (the trace shows nothing earlier), `took-over` (its predecessor
 * fell silent), `preempted` (its priority is the higher one), `after-release` (its predecessor resigned with
 * priority 0), `resumed` (it was silent itself), `second-master` (another one advertises, on time and with
 * as high a priority), `changed` (its priority or interval).
 */
export type StateReason =
  | 'first-seen'
  | 'took-over'
  | 'preempted'
  | 'after-release'
  | 'resumed'
  | 'second-master'
  | 'changed';

/** As advertised last, as learned from the adverts' rhythm, or the protocol's default of 1 s where they are too few. */
export type IntervalFrom = 'advert' | 'learned' | 'default';

/** A time through which one sender advertised without a gap and with one priority. */
export interface MasterState {
  readonly fromNs: number;
  /** Its last advert. */
  readonly toNs: number;
  /** `fromNs` in print. */
  readonly time: string;
  readonly toTime: string;
  readonly master: string;
  readonly priority: number | null;
  readonly adverts: number;
  readonly reason: StateReason;
  /** Since the last advert before it, its predecessor's or its own; null where there was none. */
  readonly afterNs: number | null;
  /** How it ended: `silent` is a sender that should have gone on; null while it goes on, to the trace's end. */
  readonly ended: 'silent' | 'released' | 'preempted' | 'changed' | 'clock-step' | null;
}

/** Two senders that both went on advertising though each should have heard the other. */
export interface SplitBrain {
  readonly fromNs: number;
  readonly toNs: number;
  readonly time: string;
  readonly toTime: string;
  readonly masters: readonly [string, string];
}

/** A change of the master. */
export interface Takeover {
  readonly atNs: number;
  readonly time: string;
  readonly from: string;
  readonly by: string;
  readonly priority: number | null;
  readonly reason: 'took-over' | 'preempted' | 'after-release' | 'second-master';
  /** Since the last advert of the one before (for `after-release` its priority 0). */
  readonly afterNs: number;
  /** What the protocol asks for here: master-down interval, or skew time after a release; null where it sets no time. */
  readonly expectedNs: number | null;
}

export interface VirtualRouter {
  /** null where the trace doesn't show it: then all senders of a host are listed together. */
  readonly vrid: number | null;
  readonly family: AddressFamily;
  readonly version: number | null;
  readonly addresses: readonly string[];
  readonly intervalNs: number;
  readonly intervalFrom: IntervalFrom;
  readonly adverts: number;
  readonly senders: readonly {
    readonly sender: string;
    readonly priority: number | null;
    readonly adverts: number;
  }[];
  readonly states: readonly MasterState[];
  readonly splitBrain: readonly SplitBrain[];
  readonly takeovers: readonly Takeover[];
  /** Those beyond what a report holds. */
  readonly notShown: {
    readonly senders: number;
    readonly states: number;
    readonly splitBrain: number;
    readonly takeovers: number;
  };
}

export interface VrrpReport {
  readonly routers: readonly VirtualRouter[];
  readonly routersNotShown: number;
  /** Copies of an advert, seen on several interfaces, that were not counted. */
  readonly duplicates: number;
}

/** A moment that a backup's timer sets, after the last advert. */
export interface Deadline {
  readonly afterNs: number;
  readonly atNs: number;
  readonly time: string;
}

export interface VrrpGap {
  readonly vrid: number | null;
  readonly version: number | null;
  readonly family: AddressFamily;
  readonly sender: string;
  readonly priority: number | null;
  readonly intervalNs: number;
  readonly intervalFrom: IntervalFrom;
  /** Adverts that should have come within the gap and did not. */
  readonly missed: number;
  /** When the first of them was due. */
  readonly due: Deadline | null;
  /** Master-down interval at the priority `backup.assumed`. */
  readonly masterDownNs: number | null;
  readonly backup: {
    /** The highest-ranking other sender up to the gap's end; null where none was seen. */
    readonly sender: string | null;
    readonly priority: number | null;
    /** Its priority, or without one the sender's own, which a backup rarely exceeds. */
    readonly assumed: number | null;
    /** When its timer ran out: for a backup that was not seen, of priority 254 and of 1. */
    readonly earliest: Deadline | null;
    readonly latest: Deadline | null;
    /** Whether its timer ran out within the gap; null where that depends on a priority that was not seen. */
    readonly mustTakeOver: boolean | null;
    /** Then the lowest priority at which it did; null where none did. */
    readonly fromPriority: number | null;
  };
  /** The first other sender within the gap. */
  readonly takeOver: {
    readonly atNs: number;
    readonly time: string;
    readonly by: string;
    readonly priority: number | null;
    readonly afterNs: number;
    readonly reason: StateReason;
  } | null;
  /** Adverts sent together when the silence ended. */
  readonly burst: { readonly adverts: number; readonly lengthNs: number } | null;
  /** Only this host's own sends are in the trace, so that no other sender in it proves nothing. */
  readonly ownSendsOnly: boolean;
}
