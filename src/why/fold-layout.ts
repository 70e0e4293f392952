/**
 * Where everything stands in the memory that fold.wat works in, whose numbers these are. Addresses (`..._AT`) and
 * lengths are in bytes; fields are told by their place in an array of doubles (F64) or of integers (I32), from the
 * start of their row on.
 */
import { LONGEST_NAME, MOST_ROWS, ROW_BYTES } from '../model/event-rows.js';

/** What both keep no more of: parts of a gap, by CPU; broken links of a CPU; intervals between runs of a thread. */
export const PARTS = 256;
export const BREAKS_KEPT = 32;
export const INTERVALS_KEPT = 64;

/** The state of a run, at 0. */
export const STATE_F64 = {
  shiftNs: 0,
  fromNs: 1,
  toNs: 2,
  startNs: 3,
  endNs: 4,
  baselineNs: 5,
  partNs: 6,
  lastNs: 7,
  lastNum: 8,
  silenceBeforeNs: 9,
  silenceFromNs: 10,
  silenceToNs: 11,
  /** Of the events at the silence's edges: -1 for none. */
  silenceNum: 12,
  otherSilenceNum: 13,
  records: 14,
  /** What is so long is a step of the clock. */
  clockStepNs: 18,
  /** Of the line before. */
  lineNs: 19,
  lineNum: 20,
} as const;
export const STATE_I32 = {
  subjectTid: 30,
  subjectCpu: 31,
  /** Whether some thread has ended, whether some thread has no row. */
  someEnded: 32,
  someWithoutRow: 33,
  /** Address of the newest broken link, 0 for none. */
  newestLink: 34,
  /** Calls of the subject that the newest run took. */
  ownCalls: 35,
  /** Whether threads without a row have no figures either, and whether one of them came. */
  isFull: 42,
  someLeftOut: 43,
} as const;

/** Types seen, a byte by code. */
export const TYPES_AT = 1024;
/** The rows of events (model/event-rows.ts). */
export const ROWS_AT = 4096;
/** In the n-th row: where the n-th call of the subject stands that a run took. */
export const OWN_CALL_I32 = ROW_BYTES / 4 - 1;

/** Threads by id: address of the row. `tag`: the id + 1; 0 where the place is free. */
export const INDEX_AT = ROWS_AT + MOST_ROWS * ROW_BYTES;
export const INDEX_SLOTS = 1 << 16;
export const INDEX_BYTES = 8;
export const INDEX_I32 = { tag: 0, rowAt: 1 } as const;
/** Places that are looked at for a thread. */
export const MOST_PROBES = 32;

/** Links broken at a thread on a CPU. `cpu`: its number + 1; `before`: address of the one made before, 0 for none. */
const LINKS_AT = INDEX_AT + INDEX_SLOTS * INDEX_BYTES;
const LINK_SLOTS = 1 << 16;
const LINK_BYTES = 16;
export const LINK_I32 = { tid: 0, cpu: 1, count: 2, before: 3 } as const;

/** CPUs by number. */
export const CPUS_AT = LINKS_AT + LINK_SLOTS * LINK_BYTES;
export const CPU_ROWS = 256;
export const CPU_BYTES = 13_440;
export const CPU_I32 = {
  /** 0 without a row, else CPU_KNOWN or CPU_UNTOLD. */
  state: 0,
  current: 1,
  switches: 8,
  switchesBefore: 9,
  linksHeld: 10,
  breaks: 11,
  /** By part. */
  topTid: 16,
  brokenAtStrangers: 3344,
} as const;
export const CPU_F64 = {
  sinceNs: 1,
  lastNs: 2,
  lastNum: 3,
  longestRunNs: 6,
  /** By part; then the time by kind and part. */
  topNs: 136,
} as const;
export const CPU_KNOWN = 1;
/** Of its thread the id can't be told in a row. */
export const CPU_UNTOLD = 2;

/** The intervals between runs of those threads that have room for them. */
export const INTERVALS_AT = CPUS_AT + CPU_ROWS * CPU_BYTES;
export const INTERVALS_BYTES = INTERVALS_KEPT * 8;
export const WITH_INTERVALS = 4096;

/** Threads, one after the other. */
export const THREADS_AT = INTERVALS_AT + WITH_INTERVALS * INTERVALS_BYTES;
export const THREAD_BYTES = 136;
export const THREAD_I32 = {
  tid: 0,
  cpu: 1,
  outs: 14,
  outsWithoutMemory: 15,
  outsWithMemory: 16,
  ownEvents: 17,
  runs: 18,
  intervals: 19,
  ended: 30,
  /** Their address, 0 where there is no room for any. */
  intervalsAt: 31,
} as const;
export const THREAD_F64 = {
  recordsBefore: 3,
  records: 4,
  onCpuBeforeNs: 5,
  onCpuNs: 6,
  lastRunNs: 10,
  lastNs: 11,
  longestBeforeNs: 12,
  silenceFromNs: 13,
  silenceToNs: 14,
  /** Of the call under way, NaN without. */
  entryNs: 16,
} as const;
/** In the row: as many bytes as rows of events have for it. */
export const THREAD_NAME_AT = 8;
const NAME_BYTES = 16;

/** The memory as numbers of each kind. */
export interface Figures {
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}

/** The sixteen bytes that rows have for a name; all ones for one that they can't have. */
export function putName({ u8 }: Figures, at: number, name: Uint8Array | null): void {
  u8.fill(0, at, at + NAME_BYTES);
  if (name === null) return;
  if (name.length === 0 || name.length > LONGEST_NAME) u8.fill(0xff, at, at + NAME_BYTES);
  else {
    u8.set(name, at);
    u8[at + LONGEST_NAME] = name.length;
  }
}
