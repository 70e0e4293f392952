/**
 * The parts of a file that threads read ahead, as whoever cuts blocks takes them: each serves behind what is carried
 * from the block before, or its bytes are read plainly, as if there were no threads.
 */
import { readSync } from 'node:fs';
import { isDigit } from '../model/ascii.js';
import { NoKernelMemory } from '../model/kernel.js';
import type { SharedFile } from './byte-source.js';
import type { LineMemory } from './newlines.js';
import { type Part, type PartLook, ReadAhead, type SparseLayout } from './read-ahead.js';

export interface AheadOptions {
  readonly threads: number;
  /** Starting them is worth it where so many bytes are left. */
  readonly leastBytes: number;
}

/** Parts of a source that threads read ahead, of a file or a pipe. */
export interface Parts {
  /** They lie in it; its first bytes are room for two blocks that are read plainly. */
  readonly memory: LineMemory;
  readonly partBytes: number;
  /** Too many parts hold too many lines to be handed over by those that matter. */
  readonly isTooDense: boolean;
  /** A part may never come, or was not what it had been. */
  readonly isBroken: boolean;
  /**
   * The next part, behind the carried bytes [from, to) of the memory, or inside a line that was cut; null where `next`
   * must be asked.
   */
  nextNow(from: number, to: number, isCut: boolean): Part | null;
  /** As `nextNow`, but waits for the part; null where its bytes must be read plainly. */
  next(from: number, to: number, isCut: boolean): Promise<Part | null>;
  /** Whether there may be parts again once so many bytes were read plainly. */
  isInStep(count: number): boolean;
  /** Reads the bytes [from, to) of a part, of which only some lines are in memory; whether they are still there. */
  readAgain(part: Part, from: number, to: number, at: number): boolean;
  /** The part's bytes are to be read plainly, and all that follow. */
  giveBack(part: Part): void;
  /** Nobody looks at the parts before the one handed over last any more. */
  release(): void;
  /** There will be no more parts. */
  close(): Promise<void>;
}

/** Whole parts in memory at a time. */
const WHOLE_PARTS = 8;
/** With so many parts that hold too many lines to hand over those alone, they are better read whole. */
const MOST_DENSE = 8;
/** So also where one part of so many is read again. */
const SELDOM = 4;
const NEWLINE = 10;

/**
 * Puts threads to the rest of a file; null where that is not worth it, or another memory is not to be had. Without any,
 * parts of which only some lines are in memory are made by whoever takes them.
 */
export function openParts(
  file: SharedFile,
  blockSize: number,
  reserve: number,
  look: PartLook,
  sparse: SparseLayout | null,
  { threads, leastBytes }: AheadOptions,
): PartReader | null {
  const { fd, position, size } = file;
  if (size - position < leastBytes || (threads === 0 && sparse === null)) return null;
  const layout = { blockSize, reserve, slots: WHOLE_PARTS, sparse };
  try {
    const ahead = new ReadAhead(fd, position, size, layout, look, threads);
    return new PartReader(file, ahead, sparse !== null);
  } catch (error) {
    if (error instanceof NoKernelMemory) return null;
    throw error;
  }
}

export class PartReader implements Parts {
  readonly partBytes: number;
  /** Parts of which too many lines matter. */
  private dense = 0;
  /** So many parts were read again, by their bytes. */
  private readAgains = 0;
  private used = 0;
  private isLost = false;
  /** The part handed over last does not serve. */
  private isUnused = false;

  constructor(
    private readonly file: SharedFile,
    private readonly ahead: ReadAhead,
    private readonly isSparse: boolean,
  ) {
    this.partBytes = ahead.partBytes;
  }

  get memory(): LineMemory {
    return this.ahead.memory;
  }

  get isTooDense(): boolean {
    const { dense, readAgains, used } = this;
    // Not before the part that does not serve was read plainly, or blocks would depend on time.
    if (!this.isSparse || this.isUnused) return false;
    return dense >= MOST_DENSE || readAgains * SELDOM >= used + MOST_DENSE * SELDOM;
  }

  get isBroken(): boolean {
    return this.ahead.broken || this.isLost;
  }

  nextNow(from: number, to: number, isCut: boolean): Part | null {
    if (this.isUnused || this.isTooDense || this.isBroken) return null;
    const part = this.ahead.nextNow();
    return part === undefined ? null : this.use(part, from, to, isCut);
  }

  async next(from: number, to: number, isCut: boolean): Promise<Part | null> {
    const part = this.isUnused ? null : this.use(await this.ahead.next(), from, to, isCut);
    this.isUnused = false;
    return part;
  }

  /** Its bytes need not be read any more, if it serves. */
  private use(part: Part | null, from: number, to: number, isCut: boolean): Part | null {
    const used = part && this.fit(part, from, to, isCut);
    if (used) {
      this.used++;
      this.file.position += used.count;
    }
    this.isUnused = used === null;
    return used;
  }

  private fit(part: Part, from: number, to: number, isCut: boolean): Part | null {
    if (part.count < this.partBytes || to - from > part.reserve) return null;
    const { bytes } = this.memory;
    if (!part.sparse) return behind(part, bytes.subarray(from, to), isCut);
    if (isCut) return null;
    const isFit =
      part.table !== null &&
      !bytes.subarray(from, to).includes(NEWLINE) &&
      isDigit(bytes[to > from ? from : part.at]!);
    if (!isFit) this.dense++;
    return isFit ? part : null;
  }

  readAgain({ offset }: Part, from: number, to: number, at: number): boolean {
    const { file, memory, partBytes } = this;
    this.readAgains += (to - from) / partBytes;
    try {
      for (let p = from, n = -1; p < to; p += n) {
        n = readSync(file.fd, memory.bytes, at + p - from, to - p, offset + p);
        if (n === 0) return false;
      }
      return true;
    } catch {
      return false;
    }
  }

  giveBack({ offset }: Part): void {
    this.isLost = true;
    this.file.position = offset;
  }

  /** What is not as long is the end, for now, or a file that grows. */
  isInStep(count: number): boolean {
    return count === this.partBytes;
  }

  release(): void {
    this.ahead.release();
  }

  /** Resolves when no other thread reads the file any more. */
  close(): Promise<void> {
    return this.ahead.close();
  }
}

/** A whole part behind the bytes that are carried, or inside a line that was cut. */
export function behind(part: Part, carried: Buffer, isCut: boolean): Part {
  // The end of a line that was cut, which is no line, is counted as one in the table; which is of the part alone: where
  // whole lines are carried, all are looked at together.
  return isCut || carried.includes(NEWLINE) ? { ...part, table: null } : part;
}
