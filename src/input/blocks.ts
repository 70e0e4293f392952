/**
 * Cuts a byte source into blocks of whole lines. While one block is decoded the next is being read; what a
 * block leaves over (the part of a line, or lines that wait for their continuation) is carried in front of it.
 * Where a picker tells which lines can match at all, a block holds only those (`picks`). Binary captures have no
 * lines: their blocks are bytes as they came, and the decoder says where the next one begins.
 */
import type { Problem } from '../model/problem.js';
import type { ByteSource } from './byte-source.js';
import type { LinePicker } from './line-picker.js';
import { KernelLineMemory, type KernelSpace, type LineMemory, PlainLineMemory } from './newlines.js';

/**
 * Lines of a block: `ends[i]` is the position of the newline (or of the block's end) that closes line i. A block
 * of a binary capture has none.
 */
export interface LineBlock {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly ends: Uint32Array;
  readonly count: number;
  /** Absolute byte offset of `bytes[start]` in the source, and the number of the first line, or packet. */
  readonly offset: number;
  readonly line: number;
  /** The source ends with this block. */
  readonly final: boolean;
  /** Where a format's kernel can work on the block: `bytes` and `ends` lie in its memory; null where there is none. */
  readonly space: KernelSpace | null;
  /** Only these lines are to be decoded; null for all. `ends` and `count` are then of the picked lines. */
  readonly picks: LinePicks | null;
}

export interface LinePicks {
  readonly starts: Uint32Array;
  /** Line numbers. */
  readonly lines: Float64Array;
  /** Lines of the block that were passed over. */
  readonly passed: number;
  /** The events on those. */
  readonly passedEvents: number;
  /** The latest time of an event on those that no picked line tells, on the source's axis. */
  readonly latestNs: number;
}

export interface BlockOptions {
  /** Bytes read at a time. */
  readonly blockSize: number;
  /** So many bytes at the start are decoded line by line even where a picker is set; DECODED_IN_FULL unless told. */
  readonly decodedInFull?: number;
  /** Search for line ends by the kernel; false where many sources are open at once. */
  readonly kernel: boolean;
  /** A binary capture: blocks have no lines. */
  readonly binary?: boolean;
  /** Sees every byte once, in order. */
  readonly onBytes?: (bytes: Buffer) => void;
  /** Where in the trace the source begins; its start without. */
  readonly from?: { readonly offset: number; readonly line: number };
}

/** Longer lines are cut here. */
export const MAX_LINE = 1 << 20;
const NEWLINE = 10;
const FIRST_RESERVE = 64 << 10;
const BOM = [0xef, 0xbb, 0xbf];
/** So much of each source is decoded line by line even where only some lines can match. */
export const DECODED_IN_FULL = 1 << 20;

export class BlockReader {
  /** Lines that were cut: their number, and the first few as problems. */
  cutLines = 0;
  readonly problems: Problem[] = [];
  /** Bytes read from the source. */
  bytesRead = 0;
  /** Some lines were passed over. */
  picked = false;
  /** Which lines are to be decoded; null for all. */
  picker: LinePicker | null = null;

  private memory: LineMemory;
  private reserve = FIRST_RESERVE;
  /** Index of the slot that the current block lies in. */
  private slot = 0;
  private start: number;
  private end: number;
  private consumed: number;
  private offset = 0;
  private line = 1;
  private current: LineBlock | null = null;
  private pending: Promise<number> | null = null;
  private ended = false;
  /** Inside a line that was cut: everything up to its newline is dropped. */
  private skipping = false;
  /** Bytes of the source that the decoder of a binary capture passed over beyond its block. */
  private passing = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly options: BlockOptions,
  ) {
    this.memory = this.allocate();
    this.offset = options.from?.offset ?? 0;
    this.line = options.from?.line ?? 1;
    this.start = this.end = this.consumed = this.slotAt(0) + this.reserve;
  }

  private get slotSize(): number {
    return this.reserve + this.options.blockSize;
  }

  private slotAt(slot: number): number {
    return slot * this.slotSize;
  }

  private allocate(): LineMemory {
    const capacity = this.slotSize * 2;
    return this.options.kernel && !this.options.binary
      ? new KernelLineMemory(capacity, this.slotSize)
      : new PlainLineMemory(capacity);
  }

  private read(): void {
    const at = this.slotAt(1 - this.slot) + this.reserve;
    this.pending = this.source.read(this.memory.bytes, at, this.options.blockSize);
    // A failure is met where the bytes are awaited.
    this.pending.catch(() => undefined);
  }

  /** Bytes beyond the end of the source that its decoder meant to pass over. */
  get missing(): number {
    return this.passing;
  }

  /**
   * How far the current block was decoded: what lies behind comes again. `nextNumber`: of the packet there, in a
   * binary capture, whose decoder may also pass over bytes beyond the block.
   */
  release(consumed: number, nextNumber: number | null = null): void {
    const block = this.current;
    if (!block) return;
    this.current = null;
    if (nextNumber !== null) {
      this.line = nextNumber;
      this.passing = Math.max(0, consumed - this.end);
      consumed -= this.passing;
    } else if (block.picks === null) {
      this.line +=
        block.ends[block.count - 1]! < consumed ? block.count : countBelow(block.ends, block.count, consumed);
    } else {
      this.line += block.picks.passed + block.count;
    }
    if (!this.skipping) {
      this.offset += consumed - this.consumed;
      this.consumed = consumed;
    }
  }

  /** The next block, or null at the end. A failing source rejects; the blocks before stay good. */
  async next(): Promise<LineBlock | null> {
    for (;;) {
      if (this.ended) return null;
      const left = this.end - this.consumed;
      const overlong = left > MAX_LINE && !this.options.binary ? this.overlong() : null;
      if (overlong) return overlong;
      if (left > this.reserve) await this.enlarge(left);
      if (!this.pending) this.read();
      const count = await this.pending!;
      this.pending = null;
      this.take(left, count);
      if (count === 0) this.ended = true;
      else this.read();
      if (this.skipping) this.dropCutLine();
      if (this.passing > 0) this.passOver();
      const block = this.options.binary ? this.uncut() : this.cutIntoLines();
      if (block) return block;
    }
  }

  /** Moves on to the slot just read, the carry in front. */
  private take(left: number, count: number): void {
    const bytes = this.memory.bytes;
    this.slot = 1 - this.slot;
    const at = this.slotAt(this.slot) + this.reserve;
    bytes.copy(bytes, at - left, this.consumed, this.end);
    this.start = this.consumed = at - left;
    this.end = at + count;
    if (count > 0) {
      this.options.onBytes?.(bytes.subarray(at, at + count));
      if (this.offset === 0 && !this.options.binary) this.dropByteOrderMark();
      this.bytesRead += count;
    }
  }

  private dropByteOrderMark(): void {
    if (BOM.every((byte, i) => this.start + i < this.end && this.memory.bytes[this.start + i] === byte)) {
      this.offset = BOM.length;
      this.start = this.consumed = this.start + BOM.length;
    }
  }

  private dropCutLine(): void {
    const at = this.memory.bytes.subarray(this.consumed, this.end).indexOf(NEWLINE);
    const stop = at < 0 ? this.end : this.consumed + at + 1;
    this.offset += stop - this.consumed;
    this.start = this.consumed = stop;
    this.skipping = at < 0;
  }

  private passOver(): void {
    const passed = Math.min(this.passing, this.end - this.start);
    this.passing -= passed;
    this.offset += passed;
    this.start = this.consumed = this.start + passed;
  }

  private uncut(): LineBlock | null {
    const { memory, start, end, offset, line, ended } = this;
    return start === end ? null : this.hand(blockOfBytes(memory.bytes, start, end, offset, line, ended));
  }

  private cutIntoLines(): LineBlock | null {
    const { memory, start, end } = this;
    if (start === end) return null;
    const final = this.ended;
    if (
      this.picker &&
      !final &&
      this.offset >= (this.options.decodedInFull ?? DECODED_IN_FULL) &&
      end - start <= MAX_LINE
    ) {
      const block = this.pick(this.picker);
      if (block) return block;
    }
    const ends = memory.index(start, end, final);
    let count = ends.length;
    if (end - start > MAX_LINE) {
      for (let i = 0, from = start; i < count; from = ends[i++]! + 1)
        if (ends[i]! - from > MAX_LINE) count = i;
    }
    if (count === 0) return null;
    return this.hand({
      bytes: memory.bytes,
      start,
      end,
      ends,
      count,
      offset: this.offset,
      line: this.line,
      final,
      space: memory.space,
      picks: null,
    });
  }

  private hand(block: LineBlock): LineBlock {
    this.current = block;
    return block;
  }

  /** Only some of the lines; null when one needs a closer look. */
  private pick(picker: LinePicker): LineBlock | null {
    const { memory, start } = this;
    const last = memory.bytes.subarray(start, this.end).lastIndexOf(NEWLINE);
    if (last < 0) return null;
    const end = start + last + 1;
    const picked = picker.pick(memory, start, end, this.line);
    if (!picked) return null;
    this.picked = true;
    const { picks, ends, count } = picked;
    return this.hand({
      bytes: memory.bytes,
      start,
      end,
      ends,
      count,
      offset: this.offset,
      line: this.line,
      final: false,
      space: memory.space,
      picks,
    });
  }

  /** The first carried line, if it is longer than a line may be: its head as a block of one line. */
  private overlong(): LineBlock | null {
    const { memory, consumed, end } = this;
    const at = memory.bytes.subarray(consumed, end).indexOf(NEWLINE);
    const stop = at < 0 ? end : consumed + at;
    if (stop - consumed <= MAX_LINE) return null;
    this.cutLines++;
    if (this.problems.length < 5) {
      this.problems.push({
        line: this.line,
        byte: this.offset,
        reason: `line longer than ${MAX_LINE} bytes, cut there`,
      });
    }
    const bytes = Buffer.from(memory.bytes.subarray(consumed, consumed + MAX_LINE));
    const block: LineBlock = {
      bytes,
      start: 0,
      end: MAX_LINE,
      ends: Uint32Array.of(MAX_LINE),
      count: 1,
      offset: this.offset,
      line: this.line,
      final: false,
      space: null,
      picks: null,
    };
    this.line++;
    const next = at < 0 ? end : stop + 1;
    this.offset += next - consumed;
    this.consumed = next;
    this.skipping = at < 0;
    // Not `current`: whatever the decoder makes of it, the line is over.
    return block;
  }

  /** Makes room in front of the slots for a longer carry. */
  private async enlarge(left: number): Promise<void> {
    const bytesBefore = this.memory.bytes;
    const kept = Buffer.from(bytesBefore.subarray(this.consumed, this.end));
    const read = this.pending ? await this.pending : -1;
    const from = this.slotAt(1 - this.slot) + this.reserve;
    const ahead = read > 0 ? Buffer.from(bytesBefore.subarray(from, from + read)) : null;
    this.reserve = left * 2;
    this.memory = this.allocate();
    this.end = this.slotAt(this.slot) + this.slotSize;
    this.consumed = this.start = this.end - kept.length;
    kept.copy(this.memory.bytes, this.start);
    if (read < 0) return;
    ahead?.copy(this.memory.bytes, this.slotAt(1 - this.slot) + this.reserve);
    this.pending = Promise.resolve(read);
  }

  async close(): Promise<void> {
    await this.source.close();
    await this.pending?.catch(() => undefined);
  }
}

function countBelow(ends: Uint32Array, count: number, position: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whole lines in a buffer of their own as a block; `final`: a last line without newline counts too. */
export function blockOfLines(bytes: Buffer, offset: number, line: number, final: boolean): LineBlock {
  const ends: number[] = [];
  let from = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
    ends.push(at);
    from = at + 1;
  }
  if (final && from < bytes.length) ends.push(bytes.length);
  return {
    bytes,
    start: 0,
    end: bytes.length,
    ends: Uint32Array.from(ends),
    count: ends.length,
    offset,
    line,
    final,
    space: null,
    picks: null,
  };
}

const NO_LINES = new Uint32Array(0);

/** The bytes [start, end) of a binary capture as a block; `number` is that of the first packet in it. */
export function blockOfBytes(
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
  number: number,
  final: boolean,
): LineBlock {
  return {
    bytes,
    start,
    end,
    ends: NO_LINES,
    count: 0,
    offset,
    line: number,
    final,
    space: null,
    picks: null,
  };
}
