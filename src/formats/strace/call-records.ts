/** The records that calls.wat makes of lines, in words: what is known of all of them in front, then one for each. */
export const RECORD_BYTES = 8;
export const RECORD_WORDS = RECORD_BYTES / 4;
/** In front, as 64-bit integers; times are in microseconds. */
export const HALVES = 0;
export const LATEST_END = 1;
export const FIRST_TIME = 2;
export const LAST_TIME = 3;
export const HEAD_LENGTH = 4;
const HEAD_WORDS = HEAD_LENGTH * 2;
/** Bytes for what is in front, and for two records that are written before it is known that there are no more. */
export const SPARE_BYTES = HEAD_LENGTH * 8 + 2 * RECORD_BYTES;
/** Of the first line: where it ends, and its bits. */
export const END_AT = HEAD_WORDS;
const BITS_AT = HEAD_WORDS + 1;

/** Bits of a line: it is decoded in any case; it changes what is known of threads; its name is not in the table. */
export const DECODED = 1 << 24;
export const CHANGES_THREADS = 1 << 25;
export const NOT_MET = 1 << 28;
/** It changes what is known of other threads, too. */
export const CHANGES_OTHERS = 1 << 29;
/** -T stands on it. */
export const HAS_DURATION = 1 << 30;

/** Where a line begins, by the records of a block that begins at `start`. */
export function lineStart(records: Uint32Array, line: number, start: number): number {
  return line === 0 ? start : lineEnd(records, line - 1) + 1;
}

export function lineEnd(records: Uint32Array, line: number): number {
  return records[END_AT + RECORD_WORDS * line]!;
}

/** Whether a line has one of these bits. */
export function hasBits(records: Uint32Array, line: number, bits: number): boolean {
  return (records[BITS_AT + RECORD_WORDS * line]! & bits) !== 0;
}
