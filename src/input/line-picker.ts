/** Lines of a block that are to be decoded, where not all are; the others are only counted. */
import type { LinePicks } from './blocks.js';
import { KERNEL, type LineMemory, PICK_LENGTH, PICKS_AT } from './newlines.js';
import type { PartLook } from './read-ahead.js';

export interface Picked {
  readonly picks: LinePicks;
  readonly ends: Uint32Array;
  readonly count: number;
}

export interface LinePicker {
  /** No line is passed over at which the clock steps back. */
  readonly seesSteps: boolean;
  /**
   * Picks of the whole lines in [start, end); null for a block that must be decoded in full. `part`: what `ahead`
   * made of it, but for its first line.
   */
  pick(
    memory: LineMemory,
    start: number,
    end: number,
    firstLine: number,
    part: Uint32Array | null,
  ): Picked | null;
  /** What may be done to a part of the trace before its turn; null for nothing. */
  readonly ahead: PartLook | null;
}

/** The table of picked lines; reused from block to block. */
export class PickedLines {
  private starts = new Uint32Array(1024);
  private ends = new Uint32Array(1024);
  private lines = new Float64Array(1024);
  private count = 0;

  clear(): void {
    this.count = 0;
  }

  put(start: number, end: number, line: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts, new Uint32Array(this.count * 2));
      this.ends = doubled(this.ends, new Uint32Array(this.count * 2));
      this.lines = doubled(this.lines, new Float64Array(this.count * 2));
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.lines[this.count++] = line;
  }

  /** Of `total` lines of the block; the others hold `passedEvents`, one each unless told, up to `latestNs`. */
  of(total: number, passedEvents = total - this.count, latestNs = Number.NEGATIVE_INFINITY): Picked {
    const { starts, ends, lines, count } = this;
    return { picks: { starts, lines, passed: total - count, passedEvents, latestNs }, ends, count };
  }
}

/** Where every match must contain a literal: the lines that do, and a block's first and last for the clock. */
export class LiteralPicker implements LinePicker {
  readonly seesSteps = false;
  private readonly picked = new PickedLines();
  private searched: LineMemory | null = null;

  constructor(private readonly literal: Buffer) {}

  /** null when a line that does not begin like a record asks for a closer look. */
  pick(
    memory: LineMemory,
    start: number,
    end: number,
    firstLine: number,
    part: Uint32Array | null,
  ): Picked | null {
    if (this.searched !== memory) (this.searched = memory).setLiteral(this.literal);
    const table = part ?? memory.picks(start, end);
    if (!table || !isDigit(memory.bytes[start]!)) return null;
    const { picked } = this;
    picked.clear();
    picked.put(start, table[0]!, firstLine);
    const stop = PICKS_AT + table[3]! * PICK_LENGTH;
    for (let at = PICKS_AT; at < stop; at += PICK_LENGTH)
      picked.put(table[at]!, table[at + 1]!, firstLine + table[at + 2]!);
    return picked.of(table[2]!);
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

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
