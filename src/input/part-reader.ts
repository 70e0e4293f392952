/**
 * The parts of a file that threads read ahead, as whoever cuts blocks takes them: each serves behind what is carried
 * from the block before, or its bytes are read plainly, as if there were no threads.
 */
import { readSync } from 'node:fs';
import { isDigit } from '../model/ascii.js';
import { UsageError } from '../model/problem.js';
import type { SharedFile } from './byte-source.js';
import type { LineMemory } from './newlines.js';
import { type Part, type PartLook, ReadAhead, type SparseLayout } from './read-ahead.js';

export interface AheadOptions {
  readonly threads: number;
  /** Starting them is worth it where so many bytes are left. */
  readonly leastBytes: number;
}

/** Whole parts in memory at a time. */
const WHOLE_PARTS = 8;
/** With so many parts that hold too many lines to hand over those alone, they are better read whole. */
const MOST_DENSE = 8;
/** So also where one part of so many is read again. */
const SELDOM = 4;
const NEWLINE = 10;

/** Puts threads to the rest of a file; null where that is not worth it, or another memory is not to be had. */
export function openParts(
  file: SharedFile,
  partBytes: number,
  reserve: number,
  look: PartLook,
  sparse: SparseLayout | null,
  { threads, leastBytes }: AheadOptions,
): PartReader | null {
  const { fd, position, size } = file;
  if (size - position < leastBytes) return null;
  const layout = { partBytes, reserve, slots: WHOLE_PARTS, sparse };
  try {
    const ahead = new ReadAhead(fd, position, size, layout, look, threads);
    return new PartReader(file, partBytes, ahead, sparse !== null);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

export class PartReader {
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
    private readonly partBytes: number,
    private readonly ahead: ReadAhead,
    private readonly isSparse: boolean,
  ) {}

  /** The parts lie in it; its first bytes are room for two blocks that are read plainly. */
  get memory(): LineMemory {
    return this.ahead.memory;
  }

  /** Too many parts hold too many lines to be handed over by those that matter. */
  get isTooDense(): boolean {
    const { dense, readAgains, used } = this;
    return this.isSparse && (dense >= MOST_DENSE || readAgains * SELDOM >= used + MOST_DENSE * SELDOM);
  }

  /** A part may never come, or was not what it had been. */
  get isBroken(): boolean {
    return this.ahead.broken || this.isLost;
  }

  /**
   * The next part, behind the carried bytes [from, to) of the memory, or inside a line that was cut; null where `next`
   * must be asked.
   */
  nextNow(from: number, to: number, isCut: boolean): Part | null {
    if (this.isUnused || this.isTooDense || this.isBroken) return null;
    const part = this.ahead.nextNow();
    return part === undefined ? null : this.use(part, from, to, isCut);
  }

  /** As `nextNow`, but waits for the part; null where its bytes must be read plainly. */
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
    // The end of the line that was cut, which is no line, is counted as one in the table.
    if (isCut) return part.sparse ? null : { ...part, table: null };
    const { bytes } = this.memory;
    // A table is of the part alone: where whole lines are carried, all are looked at together.
    const carriesLines = bytes.subarray(from, to).includes(NEWLINE);
    if (!part.sparse) return carriesLines ? { ...part, table: null } : part;
    const isFit = part.table !== null && !carriesLines && isDigit(bytes[to > from ? from : part.at]!);
    if (!isFit) this.dense++;
    return isFit ? part : null;
  }

  /** Reads the bytes [from, to) of a part, of which only some lines are in memory; whether they are still there. */
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

  /** The part's bytes are to be read plainly, and all that follow. */
  giveBack({ offset }: Part): void {
    this.isLost = true;
    this.file.position = offset;
  }

  /** Nobody looks at the parts before the one handed over last any more. */
  release(): void {
    this.ahead.release();
  }

  /** Resolves when no other thread reads the file any more. */
  close(): Promise<void> {
    return this.ahead.close();
  }
}
