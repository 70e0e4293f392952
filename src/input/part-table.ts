/**
 * What a kernel's `part` leaves of a part of a trace: a table of words. All kernels begin it alike; where the rest
 * lies is theirs. Line 0 of a part may have begun before it and ends at the first newline.
 */

/** Positions of the first newline and of the last one, and the lines up to that. */
export const FIRST_NEWLINE = 0;
export const LAST_NEWLINE = 1;
export const LINES = 2;

/**
 * Where lines that matter are handed over alone, and of lines with a literal: how many there are, and how far behind
 * the start the last, broken line begins.
 */
export const PICKED = 3;
export const REST = 4;
/** newlines.wat: from here on of each pick its start, its end, its number and how far behind the start it begins. */
export const PICKS_AT = 8;
export const PICK_LENGTH = 4;

/** formats/sysdig/heads.wat: where the rows begin, in bytes. */
export const ROWS_BYTE = 3;
/** The line ends, as in a block. */
export const ENDS_AT = 16;

/**
 * formats/strace/calls.wat, where lines are handed over alone: where the part lay, and its first newline there, as
 * the records have it.
 */
export const PART_AT = 5;
export const PART_NEWLINE = 6;
/** What is in front of records, then these, once one is put before those of the part, which stand a record behind. */
export const RECORDS_AT = 14;
