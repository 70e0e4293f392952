/**
 * The lines of a part of which only those are in memory that may matter, as calls.wat's `part` copies them. Which do
 * depends on the threads when their turn comes, so one that was not copied may be asked for, too: it is read again.
 */
import type { LookedAt, WholeLines } from '../../input/line-picker.js';
import { LINES, PART_AT, PART_NEWLINE, PICKED, RECORDS_AT, REST } from '../../input/part-table.js';
import type { SparseLayout } from '../../input/read-ahead.js';
import { END_AT, lineEnd, lineStart, RECORD_WORDS } from './call-records.js';

/** Parts are far ahead; of each the copies of lines, five in a hundred at most, and the records of all. */
const SLOTS = 64;
const RESERVE = 4096;
const COPIED_BYTES = 32 << 10;
/** What calls.wat asks for beside a quarter of a byte for each of the part's. */
const TABLE_LEAST = 65_792 + COPIED_BYTES / 4;
/** The copies stand so many words behind the records of all lines: of each its index and where it is. */
const COPIES_AT = RECORDS_AT + END_AT + 8;
const COPY_WORDS = 2;
/** With so many lines missing, all that stand behind the last one are read again. */
const MOST_MISSING = 8;

export function copiedParts(blockSize: number): SparseLayout {
  const tableBytes = Math.ceil((TABLE_LEAST + blockSize / 4) / 16) * 16;
  return { partBytes: blockSize, slots: SLOTS, reserve: RESERVE, textBytes: COPIED_BYTES, tableBytes };
}

export class CopiedLines {
  /** Of all lines, once the first one's is put in front. */
  readonly records: Uint32Array;
  private readonly first: number;
  private readonly stop: number;
  private copy: number;
  /** Where the first line begins if all are in memory, one behind the other; up to where they are now. */
  private start = -1;
  private readTo = 0;
  private missing = 0;

  constructor(
    private readonly part: LookedAt,
    private readonly lines: WholeLines,
  ) {
    const { table } = part;
    this.records = table.subarray(RECORDS_AT);
    this.first = this.copy = COPIES_AT + RECORD_WORDS * table[LINES]!;
    this.stop = this.first + COPY_WORDS * table[PICKED]!;
  }

  /** Offset in the source behind the last line. */
  get end(): number {
    return this.part.offset + this.part.table[REST]!;
  }

  /** The first line's record, which is of where it lies now, becomes like the others, which are of where the part lay. */
  joinFirst(): void {
    this.records[END_AT] = this.part.table[PART_NEWLINE]!;
  }

  /** Offset in the source of a line, which is not the first. */
  offsetOf(line: number): number {
    return this.part.offset + this.startOf(line);
  }

  /** How far behind the part's start that is. */
  private startOf(line: number): number {
    return lineStart(this.records, line, 0) - this.part.table[PART_AT]!;
  }

  lengthOf(line: number): number {
    return lineEnd(this.records, line) - lineStart(this.records, line, 0);
  }

  /** Where a line is, which is not the first; they are asked for in order. -1 where it can't be read again. */
  placeOf(line: number): number {
    const { part, lines, stop } = this;
    const { table } = part;
    while (this.copy < stop && table[this.copy]! < line) this.copy += COPY_WORDS;
    if (this.copy < stop && table[this.copy] === line) return table[this.copy + 1]!;
    const from = this.startOf(line);
    if (from >= this.readTo) {
      this.readTo = ++this.missing < MOST_MISSING ? from + this.lengthOf(line) + 1 : table[REST]!;
      this.start = part.read(from, this.readTo);
    }
    return this.start < 0 ? -1 : this.start + part.offset + from - lines.offset;
  }

  /** All lines, one behind the other; null where they can't be read again. */
  readAll(): WholeLines | null {
    const { part, lines } = this;
    const start = part.read(0, part.table[REST]!);
    return start < 0 ? null : { ...lines, start, end: start + this.end - lines.offset };
  }

  /** Calls `see` with each copy: its line, and where it is. */
  each(see: (line: number, at: number) => void): void {
    const { table } = this.part;
    for (let copy = this.first; copy < this.stop; copy += COPY_WORDS) see(table[copy]!, table[copy + 1]!);
  }
}
