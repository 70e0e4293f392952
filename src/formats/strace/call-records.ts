/** The records that calls.wat makes of lines, in words: the times in front of them, then one for each line. */
export const RECORD_BYTES = 16;
export const RECORD_WORDS = RECORD_BYTES / 4;
/** Of the first line: where it ends, and its bits. */
export const END_AT = RECORD_WORDS;
const BITS_AT = RECORD_WORDS + 1;

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
