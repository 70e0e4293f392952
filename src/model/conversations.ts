/**
 * Request and reply: how long each end of a connection let the other wait. Names are those of the JSON report.
 *
 * A wait of one side runs from the last data that the other sent to the first that this side sends back.
 */
import type { SourceReport } from './gap.js';

/** Who of the two: `client` and `server` where the trace shows it, else the traced process and its peer. */
export type Side = 'client' | 'server' | 'this process' | 'peer';

/** How long a side once let the other wait. */
export interface Wait {
  readonly ns: number;
  /** The event that moved the other's last data, and the one that answered it. */
  readonly fromNum: number | null;
  readonly toNum: number | null;
  /** Their times, in the trace's own notation. */
  readonly time: string | null;
  readonly toTime: string | null;
  /** Indexes of their sources. */
  readonly fromSource: number;
  readonly toSource: number;
}

/** All waits of a side. Median and percentiles are exact of up to 256 waits, of more within 3.2 %. */
export interface SideWaits {
  readonly side: Side;
  readonly waits: number;
  readonly totalNs: number;
  /** null without waits. */
  readonly minNs: number | null;
  readonly medianNs: number | null;
  readonly p95Ns: number | null;
  readonly p99Ns: number | null;
  readonly maxNs: number | null;
  /** Data that this side sent. */
  readonly bytes: number;
  /** The longest first. */
  readonly longest: readonly Wait[];
}

/** Data that nothing answered: `side` is whose turn it was. Not part of the side's waits. */
export interface UnansweredWait {
  readonly side: Side;
  readonly ns: number;
  readonly fromNum: number | null;
  readonly time: string | null;
  readonly fromSource: number;
  readonly end: ConversationEnd;
}

/**
 * What ended a conversation: the trace (or --to), a regular end, a reset, a step of the clock; `dropped`: too many
 * others were under way.
 */
export type ConversationEnd = 'trace' | 'closed' | 'reset' | 'clock' | 'dropped';

/** Somebody waits for an answer to this day: not who has it and asks no more, nor who closed in good order. */
export function isUnanswered(open: UnansweredWait | null): boolean {
  return open !== null && open.side !== 'client' && (open.end === 'trace' || open.end === 'reset');
}

export interface Conversation {
  /** `client:port->server:port` as far as the trace tells it. */
  readonly name: string;
  /** Of syscalls: the process that was seen to use it first; null for packets. */
  readonly proc: string | null;
  readonly pid: number | null;
  readonly tid: number | null;
  readonly fd: number | null;
  readonly protocol: 'tcp' | 'unix' | null;
  /** What the traced process is of it; null for packets, and where nothing tells. */
  readonly self: 'client' | 'server' | null;
  /** First and last sign of it, nanoseconds since the run's origin. */
  readonly firstNs: number;
  readonly lastNs: number;
  /** Time from the request to connect to its acceptance; null where that was not seen. Not part of any wait. */
  readonly handshakeNs: number | null;
  readonly sides: readonly [SideWaits, SideWaits];
  readonly open: UnansweredWait | null;
  readonly ended: ConversationEnd;
  /** One sentence. */
  readonly verdict: string;
}

export interface ConversationTotals {
  /** Connections on which data was seen. */
  readonly conversations: number;
  /** Of them, those with at least one wait. */
  readonly answered: number;
  /** Connections on which none was seen. */
  readonly withoutData: number;
  /** Sum of the conversations' lengths. */
  readonly durationNs: number;
  /** Each side that any conversation has. */
  readonly sides: readonly SideWaits[];
  /** Conversations in which a server, or a peer, left data unanswered until the trace's end or a reset. */
  readonly open: number;
  readonly verdict: string;
}

export interface ConversationsReport {
  readonly filter: string | null;
  readonly sources: readonly SourceReport[];
  /** Those that waited longest, the longest first. */
  readonly conversations: readonly Conversation[];
  readonly totals: ConversationTotals;
  /** What this kind of trace can't show. */
  readonly limits: readonly string[];
  readonly warnings: readonly string[];
  readonly interrupted: boolean;
}
