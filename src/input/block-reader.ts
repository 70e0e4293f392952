/**
 * Cuts a byte source into blocks of whole lines. While one block is decoded the next is being read; what a
 * block leaves over (the part of a line, or lines that wait for their continuation) is carried in front of it.
 * Where a picker tells which lines can match at all, a block holds only those (`picks`). Binary captures have no
 * lines: their blocks are bytes as they came, and the decoder says where the next one begins.
 */

import { NoKernelMemory } from '../model/kernel.js';
import type { Problem } from '../model/problem.js';
import { blockOfBytes, blockOfLines, type LineBlock } from './blocks.js';
import type { ByteSource } from './byte-source.js';
import type { LinePicker } from './line-picker.js';
import {
  giveBack,
  KernelLineMemory,
  type LineMemory,
  PlainLineMemory,
  SPARE,
  SPARE_FOR_PICKING,
  takeMemory,
} from './newlines.js';
import { type AheadOptions, openParts, type Parts } from './part-reader.js';
import { ENDS_AT, LAST_NEWLINE, LINES, REST } from './part-table.js';
import type { Part, PartLook } from './read-ahead.js';
import { isTurnDue, turn } from './turns.js';

export interface BlockOptions {
  /** Bytes read at a time, until it is read in parts of which only some lines are in memory. */
  readonly blockSize: number;
  /**
   * So many bytes at the start are decoded line by line even where a picker is set that does not look at every line;
   * DECODED_IN_FULL unless told.
   */
  readonly decodedInFull?: number;
  /** Search for line ends by the kernel; false where many sources are open at once. */
  readonly kernel: boolean;
  /** A picker may be set. */
  readonly mayPick?: boolean;
  /** A binary capture: blocks have no lines. */
  readonly binary?: boolean;
  /** Sees every byte once, in order; what it gives is waited for before more is read. */
  readonly onBytes?: (bytes: Buffer) => Promise<void> | undefined;
  /** Threads that read ahead in a large file; none unless told. */
  readonly ahead?: AheadOptions | undefined;
  /** Where in the trace the source begins; its start without. */
  readonly from?: { readonly offset: number; readonly line: number };
}

/** Longer lines are cut here. */
export const MAX_LINE = 1 << 20;
const NEWLINE = 10;
const FIRST_RESERVE = 64 << 10;
const BOM = [0xef, 0xbb, 0xbf];
/** So much is decoded line by line where a picker does not look at every line. */
export const DECODED_IN_FULL = 1 << 20;

/** What a block of lines has beside its place. */
type Lines = Pick<LineBlock, 'end' | 'ends' | 'count' | 'final' | 'picks' | 'part'>;

export class BlockReader {
  /** Lines that were cut: their number, and the first few as problems. */
  cutLines = 0;
  readonly problems: Problem[] = [];
  /** Bytes read from the source. */
  bytesRead = 0;
  /** Which lines are to be decoded; null for all. */
  picker: LinePicker | null = null;
  /** What is done to parts of the file before their turn; null for nothing, and where the picker says. */
  look: PartLook | null = null;

  private memory: LineMemory;
  /** Bytes read at a time: as many as a part has, once there are parts. */
  private readBytes: number;
  private reserve = FIRST_RESERVE;
  /** Two slots take turns; the block read last lies in this one. */
  private slot = 0;
  private start: number;
  private end: number;
  private consumed: number;
  private offset = 0;
  private line = 1;
  private current: LineBlock | null = null;
  private pending: Promise<number> | null = null;
  /** Where the source is read ahead: `memory` is theirs then. */
  private parts: Parts | null = null;
  private aheadTried = false;
  /** The current block's, if it was read ahead. */
  private part: Part | null = null;
  /** Resolves when more may be read. */
  private held: Promise<void> | undefined;
  private ended = false;
  /** Inside a line that was cut: everything up to its newline is dropped. */
  private skipping = false;
  /** Bytes of the source that the decoder of a binary capture passed over beyond its block. */
  private passing = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly options: BlockOptions,
  ) {
    this.readBytes = options.blockSize;
    this.memory = this.allocate();
    this.offset = options.from?.offset ?? 0;
    this.line = options.from?.line ?? 1;
    this.start = this.end = this.consumed = this.slotAt(0) + this.reserve;
  }

  private get slotSize(): number {
    return this.reserve + this.readBytes;
  }

  private slotAt(slot: number): number {
    return slot * this.slotSize;
  }

  private allocate(): LineMemory {
    const capacity = this.slotSize * 2;
    const { kernel, binary, mayPick } = this.options;
    if (!kernel || binary) return new PlainLineMemory(capacity);
    try {
      return mayPick
        ? new KernelLineMemory(capacity, this.slotSize, null, SPARE_FOR_PICKING)
        : takeMemory(capacity, this.slotSize, SPARE);
    } catch (error) {
      if (!(error instanceof NoKernelMemory)) throw error;
      return new PlainLineMemory(capacity);
    }
  }

  private read(): Promise<number> {
    const at = this.slotAt(1 - this.slot) + this.reserve;
    this.pending = this.source.read(this.memory.bytes, at, this.readBytes);
    // A failure is met where the bytes are awaited.
    this.pending.catch(() => undefined);
    return this.pending;
  }

  /** From this byte on lines may be passed over by a picker that does not look at every line. */
  get pickedFrom(): number {
    return this.options.decodedInFull ?? DECODED_IN_FULL;
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
      const { part } = this;
      if (part?.sparse) this.offset = part.offset + part.table![REST]!;
      else this.offset += consumed - this.consumed;
      this.consumed = consumed;
    }
  }

  /** The next block, or null at the end. A failing source rejects; the blocks before stay good. */
  async next(): Promise<LineBlock | null> {
    for (;;) {
      if (this.ended) return null;
      const { left } = this;
      const overlong = left > MAX_LINE && !this.options.binary ? this.overlong() : null;
      if (overlong) return overlong;
      if (left > this.reserve) await this.enlarge(left);
      // Also within a line of many megabytes, which no block hands over.
      if (this.held) await this.held;
      const count = await this.fetch(left);
      this.held = this.take(left, count);
      if (count === 0) this.ended = true;
      else if (!this.parts && !this.aheadDue) this.read();
      const block = this.cut();
      if (block) return block;
    }
  }

  /**
   * The next block where a part that was read ahead has it; null where `next` must be asked. Each promise on the way
   * costs as much as a block of which hardly a line matters.
   */
  nextNow(): LineBlock | null {
    const { parts, left } = this;
    if (!parts || this.held || left > this.reserve || isTurnDue()) return null;
    this.part = parts.nextNow(this.consumed, this.end, this.skipping);
    if (!this.part) return null;
    this.held = this.take(left, this.part.count);
    return this.cut();
  }

  /**
   * The rest of the current block, of which so much was decoded, by a picker that was set meanwhile and looks at every
   * line; null where there is none. Decoding all of a first block takes 15 ms: nothing is compiled yet.
   */
  cutAgain(consumed: number): LineBlock | null {
    if (this.picker?.seesAll !== true || this.current === null || this.current.final) return null;
    this.release(consumed);
    this.start = this.consumed;
    return this.cut();
  }

  /** Bytes of the block before that come again. */
  private get left(): number {
    return this.end - this.consumed;
  }

  /** Has the next bytes read, wherever they will lie; 0 at the end. `left` are carried. */
  private async fetch(left: number): Promise<number> {
    // Parts that are there already, and reads on the spot, leave the event loop no turn of its own.
    if (this.parts || this.picker) await turn();
    if (this.parts?.isBroken) await this.readPlainly();
    if (this.parts?.isTooDense) {
      await this.readPlainly();
      this.readAhead(left, true);
    } else if (this.aheadDue && !this.pending) this.readAhead(left, false);
    const { parts, consumed, end, skipping } = this;
    this.part =
      parts && (parts.nextNow(consumed, end, skipping) ?? (await parts.next(consumed, end, skipping)));
    if (this.part) return this.part.count;
    if (parts?.isBroken) await this.readPlainly();
    const count = await (this.pending ?? this.read());
    this.pending = null;
    if (this.parts && !this.parts.isInStep(count)) await this.readPlainly();
    return count;
  }

  /** So much was decoded in full as must be. */
  private get isPastStart(): boolean {
    return this.picker?.seesAll === true || this.offset >= this.pickedFrom;
  }

  /**
   * Threads may be put to the source once so much of it was decoded in full as must be. Where the picker does not look at
   * every line, what is counted depends on where blocks begin, so it is cut into parts even where there are none.
   */
  private get aheadDue(): boolean {
    const { ahead, kernel, binary } = this.options;
    const { pipe } = this.source;
    return (
      !this.aheadTried &&
      (!pipe || pipe.isReady) &&
      ahead !== undefined &&
      (ahead.threads > 0 || this.picker?.seesAll === false) &&
      kernel &&
      !binary &&
      (this.picker !== null || this.look !== null) &&
      this.isPastStart
    );
  }

  /**
   * From here on a file that is long enough is read by several threads, a pipe by one; `whole`: parts of the file are
   * handed over whole even where only some lines matter.
   */
  private readAhead(left: number, whole: boolean): void {
    this.aheadTried = true;
    const { picker, options, source, reserve } = this;
    const { blockSize, ahead } = options;
    const look = picker ? picker.ahead : this.look;
    if (!look) return;
    const sparse = (!whole && picker?.sparse?.(blockSize)) || null;
    if (source.file) this.parts = openParts(source.file, blockSize, reserve, look, sparse, ahead!);
    else if (source.pipe) this.parts = source.pipe.readParts(blockSize, reserve, look);
    if (this.parts) this.moveTo(this.parts.memory, left, this.parts.partBytes);
    else if (this.readBytes !== blockSize) this.moveTo(this.memory, left, blockSize);
  }

  /** From here on so many bytes are read at a time, into this memory, which has room for them; what is carried comes along. */
  private moveTo(memory: LineMemory, left: number, readBytes: number): void {
    const { reserve } = this;
    const at = reserve - left;
    this.memory.bytes.copy(memory.bytes, at, this.consumed, this.end);
    this.memory = memory;
    this.readBytes = readBytes;
    this.slot = 0;
    this.start = this.consumed = at;
    this.end = reserve;
  }

  private async readPlainly(): Promise<void> {
    await this.parts?.close();
    this.parts = null;
  }

  /** Moves on to the bytes just read, the carry in front; resolves when more may be read. */
  private take(left: number, count: number): Promise<void> | undefined {
    const { part } = this;
    const bytes = this.memory.bytes;
    if (!part) this.slot = 1 - this.slot;
    const at = part ? part.at : this.slotAt(this.slot) + this.reserve;
    bytes.copy(bytes, at - left, this.consumed, this.end);
    this.parts?.release();
    this.start = this.consumed = at - left;
    this.end = at + (part ? part.stored : count);
    if (count === 0) return undefined;
    if (this.offset === 0 && !this.options.binary) this.dropByteOrderMark();
    this.bytesRead += count;
    return this.options.onBytes?.(bytes.subarray(at, at + count));
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

  private cut(): LineBlock | null {
    if (this.skipping) this.dropCutLine();
    if (this.passing > 0) this.passOver();
    return this.options.binary ? this.uncut() : this.cutIntoLines();
  }

  private uncut(): LineBlock | null {
    const { memory, start, end, offset, line, ended } = this;
    return start === end ? null : this.hand(blockOfBytes(memory.bytes, start, end, offset, line, ended));
  }

  private cutIntoLines(): LineBlock | null {
    if (this.start === this.end) return null;
    const final = this.ended;
    // With a newline in the bytes that a longer line would take in any case, there is none.
    const isShort =
      this.end - this.start <= MAX_LINE ||
      this.memory.bytes.subarray(this.end - MAX_LINE, this.start + MAX_LINE).includes(NEWLINE);
    if (this.picker && !final && this.isPastStart && isShort) {
      const block = this.pick(this.picker);
      if (block) return block;
      if (this.part?.sparse && !this.unfold(this.part)) return null;
    }
    const { memory, start, end } = this;
    // A last line without its newline: no reader of digits runs on into what was there before. There is room, since
    // the read that met the end brought nothing.
    if (final) memory.bytes[end] = NEWLINE;
    const part = this.picker || !isShort ? null : (this.part?.table ?? null);
    const ends = part ? part.subarray(ENDS_AT, ENDS_AT + part[LINES]!) : memory.index(start, end, final);
    let count = ends.length;
    if (end - start > MAX_LINE) {
      for (let i = 0, from = start; i < count; from = ends[i++]! + 1)
        if (ends[i]! - from > MAX_LINE) count = i;
    }
    if (count === 0) return null;
    return this.handLines({ end, ends, count, final, picks: null, part });
  }

  private handLines({ end, ends, count, final, picks, part }: Lines): LineBlock {
    const { memory, start, offset, line } = this;
    const { bytes, space } = memory;
    return this.hand({ bytes, start, end, ends, count, offset, line, final, space, picks, part });
  }

  private hand(block: LineBlock): LineBlock {
    this.current = block;
    return block;
  }

  /** Only some of the lines; null when one needs a closer look. */
  private pick(picker: LinePicker): LineBlock | null {
    const { memory, start } = this;
    const { offset, line } = this;
    const { part: ahead } = this;
    const part = ahead?.table
      ? {
          table: ahead.table,
          offset: ahead.offset,
          isSparse: ahead.sparse,
          read: (from: number, to: number) => this.readAgain(ahead, from, to),
        }
      : null;
    const last = part
      ? part.table[LAST_NEWLINE]!
      : start + memory.bytes.subarray(start, this.end).lastIndexOf(NEWLINE);
    if (last < start) return null;
    const end = last + 1;
    const picked = picker.pick(memory, { start, end, line, offset }, part);
    if (!picked) return null;
    const { picks, ends, count } = picked;
    return this.handLines({ end, ends, count, final: false, picks, part: null });
  }

  /**
   * Reads the bytes [from, to) of a part again, to where they lie if all of it does, behind those that are carried:
   * where these begin; -1 where they can't be read.
   */
  private readAgain(part: Part, from: number, to: number): number {
    const at = this.slotAt(0) + this.reserve;
    if (!this.parts!.readAgain(part, from, to, at + from)) return -1;
    const { bytes } = this.memory;
    const start = at - (part.at - this.start);
    if (from === 0) bytes.copy(bytes, start, this.start, part.at);
    return start;
  }

  /** A part of which only some lines are in memory as if it had been read whole; false where it is to be read anew. */
  private unfold(part: Part): boolean {
    const start = this.readAgain(part, 0, part.count);
    this.part = null;
    if (start < 0) {
      this.parts!.giveBack(part);
      this.bytesRead -= part.count;
      this.end = part.at;
      return false;
    }
    this.slot = 0;
    this.start = this.consumed = start;
    this.end = this.slotAt(0) + this.reserve + part.count;
    return true;
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
    const block = { ...blockOfLines(bytes, this.offset, this.line, true), final: false };
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
    await this.readPlainly();
    // Anew, with as much room. That doubles, up to the longest line, so it comes to a few times.
    this.aheadTried = false;
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

  /** Call it once; blocks that it gave are not looked at any more. */
  async close(): Promise<void> {
    await this.readPlainly();
    await this.source.close();
    await this.pending?.catch(() => undefined);
    const { memory } = this;
    // Stretches of a trace are read again by thousands of readers; one that picks is its source's.
    if (!this.options.mayPick && memory instanceof KernelLineMemory) giveBack(memory);
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
