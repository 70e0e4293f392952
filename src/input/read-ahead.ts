/**
 * A regular file read ahead by worker threads: it is cut into parts of a fixed size, which begin and end anywhere;
 * each is read into memory that all threads share, and a kernel makes of it what can be made of bytes alone. The
 * parts are handed over in order, and whoever waits for one makes parts itself meanwhile, so no thread idles while
 * there is something left. What a part's place among the others says is left to the reader, so answers are the same
 * with any number of threads.
 */
import { readSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { compile, instantiate } from '../model/kernel.js';
import { KERNEL, KernelLineMemory, linesOf, type PartKernel, SPARE_FOR_PICKING } from './newlines.js';
import { FAILED, partMaker, putToWork, type Shared, WORDS } from './part-thread.js';

/**
 * The kernel of a format, whose export `part(at, end, out, room, text, textEnd, ...parameters)` works on the bytes
 * [at, end) and writes its table to `out`; it gives 0 for a part that is not for it. With a place for text it
 * copies the lines that matter there, and gives the number of bytes: only these are handed over.
 */
export interface PartJob {
  readonly kernel: string;
  readonly parameters: readonly number[];
}

/** What is done in this memory, which is made for it. */
export type PartLook = (memory: KernelLineMemory) => PartJob;

export interface PartLayout {
  /** Bytes of a part that is handed over whole, and room in front of it. */
  readonly blockSize: number;
  readonly reserve: number;
  /** Parts in memory at a time. */
  readonly slots: number;
  /** Where only lines that matter are handed over; null where parts are handed over whole. */
  readonly sparse: SparseLayout | null;
}

/** Parts of which only lines that matter are in memory: they take little of it, so they can be far ahead. */
export interface SparseLayout {
  /** Bytes of a part in the file. */
  readonly partBytes: number;
  readonly slots: number;
  /** Room in front of such a part, for its lines and for its table, which is a multiple of 16. */
  readonly reserve: number;
  readonly textBytes: number;
  readonly tableBytes: number;
}

export interface Part {
  /** Where it lies in memory, with so much room in front, and so many bytes. */
  readonly at: number;
  readonly reserve: number;
  readonly stored: number;
  /** Where in the file it begins, and its bytes there: fewer than a part has at the end of the file. */
  readonly offset: number;
  readonly count: number;
  /** Only lines that matter are in memory. */
  readonly sparse: boolean;
  /** What the kernel wrote; null for a part that was not for it. */
  readonly table: Uint32Array | null;
}

/** Bytes of a table for each byte of a part: rows of lines that are not too short. */
const TABLE_RATIO = 3;
const TABLE_LEAST = 1 << 18;
/** Waiting for a part that another thread reads: so long at a time, in milliseconds, and so often in a row. */
const WAIT_MS = 2;
const WAITS = 10;

/** Of the table of a part that is handed over whole. */
export function tableBytesOf(partBytes: number): number {
  return Math.ceil(Math.max(TABLE_LEAST, partBytes * TABLE_RATIO) / 16) * 16;
}

export class ReadAhead {
  readonly memory: KernelLineMemory;
  private readonly shared: Shared;
  private readonly workers: Worker[] = [];
  private readonly make: (part: number) => void;
  /** The part handed over next. */
  private part = 0;
  /** A worker has failed, and with it perhaps a part that nobody else will make: reading must go on without. */
  broken = false;

  /**
   * The memory has room in front of the parts for two blocks of a part's size that are read plainly.
   * @param end size of the file: what it grows by is left to others.
   */
  constructor(
    fd: number,
    from: number,
    end: number,
    { blockSize, reserve, slots, sparse }: PartLayout,
    look: PartLook,
    threads: number,
  ) {
    const layout = sparse
      ? { ...sparse, slotBytes: sparse.reserve + sparse.textBytes }
      : {
          partBytes: blockSize,
          slots,
          slotBytes: reserve + blockSize,
          reserve,
          tableBytes: tableBytesOf(blockSize),
        };
    const { partBytes } = layout;
    const plain = 2 * (reserve + partBytes);
    const readsAt = plain + layout.slots * layout.slotBytes;
    const reads = sparse ? (threads + 1) * partBytes : 0;
    const tables = { count: layout.slots, bytes: layout.tableBytes };
    this.memory = new KernelLineMemory(readsAt + reads, reserve + partBytes, tables, SPARE_FOR_PICKING);
    const { space } = this.memory;
    const { kernel, parameters } = look(this.memory);
    this.shared = {
      memory: space.memory,
      fd,
      from,
      parts: Math.ceil((end - from) / partBytes),
      ...layout,
      slotsAt: plain,
      readsAt,
      sparse: sparse !== null,
      tablesAt: this.memory.partsAt,
      parameters,
      modules: { lines: compile(KERNEL, true), job: compile(kernel, true) },
      control: new Int32Array(new SharedArrayBuffer(4 * (WORDS.slots + WORDS.slotLength * layout.slots))),
      words: WORDS,
    };
    this.make = partMaker(this.shared, 0, instantiate(kernel, space, linesOf(space)) as PartKernel, readSync);
    this.start(threads);
  }

  /** As many as the system gives: without any, whoever waits for a part makes all of them. */
  private start(threads: number): void {
    try {
      for (let i = 1; i <= threads; i++)
        this.workers.push(putToWork(this.shared, i).on('error', () => (this.broken = true)));
    } catch {}
  }

  /** Of each but the last one. */
  get partBytes(): number {
    return this.shared.partBytes;
  }

  /** The next part, once it is there; null behind the last one, and where reading must go on without. */
  async next(): Promise<Part | null> {
    for (;;) {
      const part = this.nextNow();
      if (part !== undefined) return part;
      // A disk that keeps it waiting: signals come in between.
      await new Promise(setImmediate);
      if (this.broken) return null;
    }
  }

  /** As `next`, but undefined where others have taken the part and it takes them long. */
  nextNow(): Part | null | undefined {
    const { part, shared } = this;
    const { control, parts, slots } = shared;
    if (part === parts) return null;
    const entry = WORDS.slots + WORDS.slotLength * (part % slots);
    for (let waits = 0; Atomics.load(control, entry) !== part + 1; ) {
      if (this.makeOne()) continue;
      const seen = Atomics.load(control, entry);
      if (seen === part + 1 || Atomics.wait(control, entry, seen, WAIT_MS) !== 'timed-out') continue;
      if (++waits === WAITS) return undefined;
    }
    this.part++;
    const count = control[entry + WORDS.bytes]!;
    return count === FAILED ? null : this.handOver(part, count, control[entry + WORDS.status]!);
  }

  private handOver(part: number, count: number, status: number): Part {
    const { from, partBytes, slots, slotsAt, slotBytes, reserve, tablesAt, tableBytes, sparse } = this.shared;
    const slot = part % slots;
    const { buffer } = this.memory.space.memory;
    return {
      at: slotsAt + slot * slotBytes + reserve,
      reserve,
      stored: sparse ? status : count,
      offset: from + part * partBytes,
      count,
      sparse,
      table: status === 0 ? null : new Uint32Array(buffer, tablesAt + slot * tableBytes, tableBytes / 4),
    };
  }

  /** Nobody looks at the parts before the one handed over last any more. */
  release(): void {
    const { control, slots } = this.shared;
    Atomics.store(control, WORDS.released, this.part - 1);
    // Waking somebody costs 30 us: now and then is enough, there are parts left till then.
    if (this.part % Math.ceil(slots / 2) === 0) Atomics.notify(control, WORDS.released, slots);
  }

  /** Makes the next part that nobody has begun; false where there is none, or no room for it. */
  private makeOne(): boolean {
    const { control, parts, slots } = this.shared;
    const next = Atomics.load(control, WORDS.next);
    if (next >= parts || next - Atomics.load(control, WORDS.released) >= slots) return false;
    if (Atomics.compareExchange(control, WORDS.next, next, next + 1) === next) this.make(next);
    return true;
  }

  /** Resolves when no other thread reads the file any more. */
  async close(): Promise<void> {
    const { control, slots } = this.shared;
    Atomics.store(control, WORDS.stopped, 1);
    Atomics.notify(control, WORDS.released, slots);
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
  }
}
