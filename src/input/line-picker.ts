/** Lines of a block that are to be decoded, where not all are; the others are only counted. */
import type { LinePicks } from './blocks.js';
import type { LineMemory } from './newlines.js';

const NEWLINE = 10;

export interface Picked {
  readonly picks: LinePicks;
  readonly ends: Uint32Array;
  readonly count: number;
}

export interface LinePicker {
  /** No line is passed over at which the clock steps back. */
  readonly seesSteps: boolean;
  /** Picks of the whole lines in [start, end); null for a block that must be decoded in full. */
  pick(memory: LineMemory, start: number, end: number, firstLine: number): Picked | null;
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
  pick(memory: LineMemory, start: number, end: number, firstLine: number): Picked | null {
    if (this.searched !== memory) (this.searched = memory).setLiteral(this.literal);
    const { picked } = this;
    picked.clear();
    const bytes = memory.bytes.subarray(start, end);
    const firstEnd = start + bytes.indexOf(NEWLINE);
    if (!isDigit(memory.bytes[start]!)) return null;
    picked.put(start, firstEnd, firstLine);
    let from = firstEnd + 1;
    let line = firstLine + 1;
    while (from < end) {
      const hit = memory.find(from, end);
      if (hit === end) break;
      const lineStart = start + bytes.lastIndexOf(NEWLINE, hit - start) + 1;
      const lineEnd = start + bytes.indexOf(NEWLINE, hit - start);
      const passed = memory.survey(from, lineStart);
      if (passed < 0 || !isDigit(memory.bytes[from]!) || !isDigit(memory.bytes[lineStart]!)) return null;
      line += passed;
      picked.put(lineStart, lineEnd, line++);
      from = lineEnd + 1;
    }
    if (from < end && !isDigit(memory.bytes[from]!)) return null;
    const rest = from < end ? memory.survey(from, end) : 0;
    if (rest < 0) return null;
    if (rest > 0) {
      const lastStart = start + bytes.lastIndexOf(NEWLINE, end - start - 2) + 1;
      picked.put(lastStart, end - 1, line + rest - 1);
    }
    return picked.of(line + rest - firstLine);
  }
}

function doubled<T extends Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
