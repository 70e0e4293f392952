/** Where every match must contain a literal: only the lines of a block that do, the others counted by how they begin. */
import type { LinePicks } from './blocks.js';
import type { LineMemory } from './newlines.js';

const NEWLINE = 10;

/** Finds the lines that contain a literal; its tables are reused from block to block. */
export class LinePicker {
  private starts = new Uint32Array(1024);
  private ends = new Uint32Array(1024);
  private lines = new Float64Array(1024);
  private count = 0;

  /** null when a line that does not begin like a record asks for a closer look. */
  pick(
    memory: LineMemory,
    start: number,
    end: number,
    firstLine: number,
  ): { picks: LinePicks; ends: Uint32Array; count: number } | null {
    this.count = 0;
    const bytes = memory.bytes.subarray(start, end);
    const firstEnd = start + bytes.indexOf(NEWLINE);
    if (!isDigit(memory.bytes[start]!)) return null;
    this.put(start, firstEnd, firstLine);
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
      this.put(lineStart, lineEnd, line++);
      from = lineEnd + 1;
    }
    if (from < end && !isDigit(memory.bytes[from]!)) return null;
    const rest = from < end ? memory.survey(from, end) : 0;
    if (rest < 0) return null;
    const total = line + rest - firstLine;
    if (rest > 0) {
      const lastStart = start + bytes.lastIndexOf(NEWLINE, end - start - 2) + 1;
      this.put(lastStart, end - 1, line + rest - 1);
    }
    return {
      picks: { starts: this.starts, lines: this.lines, passed: total - this.count },
      ends: this.ends,
      count: this.count,
    };
  }

  private put(start: number, end: number, line: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts, new Uint32Array(this.count * 2));
      this.ends = doubled(this.ends, new Uint32Array(this.count * 2));
      this.lines = doubled(this.lines, new Float64Array(this.count * 2));
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.lines[this.count++] = line;
  }
}

function doubled<T extends Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
