/** The records that calls.wat makes of lines, in words: the times in front of them, then one for each line. */
export const RECORD_BYTES = 16;
export const RECORD_WORDS = RECORD_BYTES / 4;
/** Of the first line: where it ends, and its bits. */
export const END_AT = RECORD_WORDS;
export const BITS_AT = RECORD_WORDS + 1;

/** Where a line begins, by the records of a block that begins at `start`. */
export function lineStart(records: Uint32Array, line: number, start: number): number {
  return line === 0 ? start : records[END_AT + RECORD_WORDS * (line - 1)]! + 1;
}
