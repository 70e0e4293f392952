/** Lines of a block that are to be decoded, where not all are; the others are only counted. */

import { isDigit } from '../model/ascii.js';
import type { LinePicks } from './blocks.js';
import { mayShowTime } from './line-times.js';
import { goesOn, KERNEL, type LineMemory, MAX_LITERAL } from './newlines.js';
import { FIRST_NEWLINE, LINES, PICK_LENGTH, PICKED, PICKS_AT } from './part-table.js';
import type { PartLook, SparseLayout } from './read-ahead.js';

export interface Picked {
  readonly picks: LinePicks;
  readonly ends: Uint32Array;
  readonly count: number;
}

/** Lines [start, end) in memory: the number of the first one, and its offset in the source. */
export interface WholeLines {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly offset: number;
}

/** What a kernel made of a part, and where in the source that begins. */
export interface LookedAt {
  readonly table: Uint32Array;
  readonly offset: number;
  /** Only lines that the kernel took to matter are in memory. */
  readonly isSparse: boolean;
  /**
   * Reads the bytes [from, to) of the part again, to where they lie if all lines are in memory, one behind the other:
   * where the first one begins then; -1 where they can't be read.
   */
  read(from: number, to: number): number;
}

export interface LinePicker {
  /** It looks at every line: none is passed over that is unlike a record. */
  readonly seesAll: boolean;
  /**
   * Picks of these whole lines; null where they must be decoded in full. `part`: what `ahead` made of them, but for
   * the first line.
   */
  pick(memory: LineMemory, lines: WholeLines, part: LookedAt | null): Picked | null;
  /** What may be done to a part of the trace before its turn; null for nothing. */
  readonly ahead: PartLook | null;
  /** For a source read in blocks of so many bytes: its parts, where only lines that matter are in memory; null for none. */
  readonly sparse: ((blockSize: number) => SparseLayout) | null;
}

/** The table of picked lines; reused from block to block. */
export class PickedLines {
  private starts = new Uint32Array(1024);
  private ends = new Uint32Array(1024);
  private lines = new Float64Array(1024);
  private offsets = new Float64Array(1024);
  private count = 0;

  clear(): void {
    this.count = 0;
  }

  put(start: number, end: number, line: number, offset: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts, new Uint32Array(this.count * 2));
      this.ends = doubled(this.ends, new Uint32Array(this.count * 2));
      this.lines = doubled(this.lines, new Float64Array(this.count * 2));
      this.offsets = doubled(this.offsets, new Float64Array(this.count * 2));
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.offsets[this.count] = offset;
    this.lines[this.count++] = line;
  }

  /** Of `total` lines of the block; the others hold `passedEvents`, one each unless told, up to `latestNs`. */
  of(total: number, passedEvents = total - this.count, latestNs = Number.NEGATIVE_INFINITY): Picked {
    const { starts, ends, lines, offsets, count } = this;
    return { picks: { starts, lines, offsets, passed: total - count, passedEvents, latestNs }, ends, count };
  }
}

/**
 * Of each part the lines of a sixtieth of it. Of parts as small as blocks the main thread has so much to do that 400 MB
 * take a thirtieth longer.
 */
function sparseParts(blockSize: number): SparseLayout {
  return { partBytes: 2 * blockSize, slots: 128, reserve: 512, textBytes: 16_384, tableBytes: 5120 };
}

/** What is asked of the lines that are decoded whatever they hold, for the clock. */
export interface LineClock {
  /** Whether a line's event is on it alone, and not behind the end of what is looked at. */
  reads(bytes: Buffer, start: number, end: number): boolean;
  /** Whether the times of two lines, the next ones, are in order, behind all before them, and of the same day. */
  follows(bytes: Buffer, start: number, end: number, start2: number, end2: number): boolean;
}

/**
 * Where every match must contain a literal: the lines that do, and for the clock a block's first two and its last. Lines
 * begin as `Decoder.lineClock` says.
 */
export class LiteralPicker implements LinePicker {
  readonly seesAll = false;
  readonly sparse = sparseParts;
  private readonly picked = new PickedLines();
  private searched: LineMemory | null = null;

  /** `clock` knows the lines before; the kernel compares those behind the second. */
  constructor(
    readonly literal: Buffer,
    private readonly clock: LineClock,
  ) {}

  /** null when a line that does not begin like a record, or does not end there, or a step of the clock, asks for more. */
  pick(memory: LineMemory, lines: WholeLines, part: LookedAt | null): Picked | null {
    if (this.searched !== memory) (this.searched = memory).setLiteral(this.literal);
    const { start, line } = lines;
    const { bytes } = memory;
    const table = part ? part.table : memory.picks(start, lines.end);
    if (!table || !isDigit(bytes[start]!)) return null;
    const firstEnd = table[FIRST_NEWLINE]!;
    if (goesOn(bytes, firstEnd)) return null;
    const stop = PICKS_AT + table[PICKED]! * PICK_LENGTH;
    if (!this.hasEdges(bytes, start, firstEnd, table, stop - PICK_LENGTH)) return null;
    const { picked } = this;
    const { offset } = part ?? lines;
    picked.clear();
    picked.put(start, firstEnd, line, lines.offset);
    for (let at = PICKS_AT; at < stop; at += PICK_LENGTH)
      picked.put(table[at]!, table[at + 1]!, line + table[at + 2]!, offset + table[at + 3]!);
    return picked.of(table[LINES]!);
  }

  /** Whether the first line [start, end), the second and the last (in the table at `last`) leave the clock no doubt. */
  private hasEdges(bytes: Buffer, start: number, end: number, table: Uint32Array, last: number): boolean {
    const { clock } = this;
    if (last < PICKS_AT) return clock.reads(bytes, start, end);
    return (
      clock.follows(bytes, start, end, table[PICKS_AT]!, table[PICKS_AT + 1]!) &&
      clock.reads(bytes, table[last]!, table[last + 1]!)
    );
  }

  /** Whether this line may be passed over where its block is not decoded in full: true of all that ever are. */
  mayPass(bytes: Buffer, start: number, end: number): boolean {
    return (
      mayShowTime(bytes, start, end) &&
      !bytes.subarray(start, end).includes(this.literal.subarray(0, MAX_LITERAL))
    );
  }

  readonly ahead: PartLook = (memory) => {
    memory.setLiteral(this.literal);
    return { kernel: KERNEL, parameters: memory.literalParameters };
  };
}

function doubled<T extends Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
