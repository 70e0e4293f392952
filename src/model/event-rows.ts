/**
 * A run of events as numbers: what the facts of a stretch need of an ordinary event, without a view of each.
 * A row of 64 bytes:
 *
 *   0 f64 time   8 f64 number   16 i32 CPU   20 i32 thread   24 i32 kind   28 i32 code of the type, or the next thread
 *   32 name, 48 name of the next thread: 16 bytes each, filled up with zeros, the last one its length
 *
 * Kinds are 1 a call, and switches by the memory of the thread that leaves: 2 not told, 3 none, 4 some.
 * Ordinary is a call of a thread, or a switch whose arguments say everything; both name a CPU and a thread.
 *
 * Of strace's calls, which tell of no CPU (-1), 5 is a beginning, 6 the end on the same line, 7 one on a line of its
 * own. Instead of the names their rows hold what is the decoder's own up to 40, then
 *
 *   40 i64 other than 0 where the thread may have a name   48 f64 of an end, how long the call took; NaN without
 */
import type { EventView } from './event.js';

export const ROW_BYTES = 64;
/** The most rows in a run. */
export const MOST_ROWS = 1024;
/** Longest name in a row. */
export const LONGEST_NAME = 15;

export interface EventRows {
  readonly bytes: Uint8Array;
  /** Index of the source that they are of. */
  readonly source: number;
  readonly count: number;
  /** Added to the times to put them on the run's axis. But for those of kind 6 they don't fall from row to row. */
  readonly shiftNs: number;
  /** Row i as a decoder gives it, valid until the next call. */
  view(i: number): EventView;
}

/** Types of events that are no ordinary calls have no code; of others it is a number below TYPE_CODES, mostly its own. */
export const TYPE_CODES = 1024;

/** The code of the type in text[start, end), which must not be empty. */
export function typeCode(text: Uint8Array, start: number, end: number): number {
  const length = end - start;
  return (
    (length * 131 + text[start]! * 31 + text[end - 1]! * 7 + text[start + (length >> 1)]!) & (TYPE_CODES - 1)
  );
}
