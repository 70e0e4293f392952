/**
 * A regular file read ahead by worker threads: it is cut into parts of a fixed size, which begin and end anywhere;
 * each is read into memory that all threads share, and a kernel makes of it what can be made of bytes alone. The
 * parts are handed over in order, and whoever waits for one makes parts itself meanwhile, so no thread idles while
 * there is something left. What a part's place among the others says is left to the reader, so answers are the same
 * with any number of threads.
 */
import { readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { compile, instantiate } from '../model/kernel.js';
import { KERNEL, KernelLineMemory, linesOf, type PartKernel, SPARE_FOR_PICKING } from './newlines.js';
import { onDemand } from './on-demand.js';

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
  readonly partBytes: number;
  /** Room in front of a part that is handed over whole. */
  readonly reserve: number;
  /** Parts in memory at a time. */
  readonly whole: number;
  /** The same where only lines that matter are: they can be far ahead. */
  readonly sparse: number;
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

/** What the threads share. */
interface Shared {
  readonly memory: object;
  readonly fd: number;
  /** Where in the file part 0 begins. */
  readonly from: number;
  readonly parts: number;
  readonly partBytes: number;
  /** Slots that the parts take in turn, and how a slot is laid out. */
  readonly slots: number;
  readonly slotsAt: number;
  readonly slotBytes: number;
  readonly reserve: number;
  /** Where each thread reads to if lines are sparse; else it is the slot. */
  readonly readsAt: number;
  readonly sparse: boolean;
  readonly tablesAt: number;
  readonly tableBytes: number;
  readonly parameters: readonly number[];
  readonly modules: { readonly lines: object; readonly job: object };
  readonly control: Int32Array;
  readonly words: typeof WORDS;
}

/** Words of the control: for all threads, and for each slot, whose own lie behind those of the one before. */
const WORDS = {
  /** The part that nobody has begun. */
  next: 0,
  /** Nobody looks at the parts before this one any more. */
  released: 1,
  stopped: 2,
  slots: 3,
  slotLength: 3,
  /** In a slot's: the part in it + 1, its bytes, what the kernel gave. */
  part: 0,
  bytes: 1,
  status: 2,
} as const;
/** Bytes of a part that could not be read. */
const FAILED = -1;

/** Bytes of a table for each byte of a part: rows of lines that are not too short. */
const TABLE_RATIO = 3;
const TABLE_LEAST = 1 << 18;
/** Of sparse parts: a page for each, which holds the lines of a hundredth of it. */
const SPARSE_RESERVE = 512;
const SPARSE_TEXT = 2304;
const SPARSE_TABLE = 1280;
/** Waiting for a part that another thread reads: so long at a time, in milliseconds, and so often in a row. */
const WAIT_MS = 2;
const WAITS = 10;

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
   * The memory has room in front of the parts for two blocks of that size that are read plainly.
   * @param end size of the file: what it grows by is left to others.
   */
  constructor(
    fd: number,
    from: number,
    end: number,
    { partBytes, reserve, whole, sparse }: PartLayout,
    look: PartLook,
    readonly isSparse: boolean,
    threads: number,
  ) {
    const plain = 2 * (reserve + partBytes);
    const dense = {
      slots: whole,
      slotBytes: reserve + partBytes,
      reserve,
      tableBytes: Math.ceil(Math.max(TABLE_LEAST, partBytes * TABLE_RATIO) / 16) * 16,
    };
    const thin = {
      slots: sparse,
      slotBytes: SPARSE_RESERVE + SPARSE_TEXT,
      reserve: SPARSE_RESERVE,
      tableBytes: SPARSE_TABLE,
    };
    const layout = isSparse ? thin : dense;
    const readsAt = plain + layout.slots * layout.slotBytes;
    const reads = isSparse ? (threads + 1) * partBytes : 0;
    const tables = { count: layout.slots, bytes: layout.tableBytes };
    this.memory = new KernelLineMemory(readsAt + reads, reserve + partBytes, tables, SPARE_FOR_PICKING);
    const { space } = this.memory;
    const { kernel, parameters } = look(this.memory);
    this.shared = {
      memory: space.memory,
      fd,
      from,
      parts: Math.ceil((end - from) / partBytes),
      partBytes,
      ...layout,
      slotsAt: plain,
      readsAt,
      sparse: isSparse,
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
        this.workers.push(startWorker(this.shared, i).on('error', () => (this.broken = true)));
    } catch {}
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

/** Threads that have a CPU beside the main one. */
export function spareThreads(): number {
  return availableParallelism() - 1;
}

/**
 * Reads part by part and has the kernel look at it; `thread` is 0 for the main one. This function and `work` run in
 * workers, too: they use no others.
 */
function partMaker(
  shared: Shared,
  thread: number,
  kernel: PartKernel,
  read: typeof readSync,
): (part: number) => void {
  const { fd, from, partBytes, slots, slotsAt, slotBytes, reserve, sparse, control, words } = shared;
  const bytes = Buffer.from((shared.memory as { buffer: ArrayBuffer }).buffer);
  return (part) => {
    const slot = part % slots;
    const slotAt = slotsAt + slot * slotBytes;
    const at = sparse ? shared.readsAt + thread * partBytes : slotAt + reserve;
    const offset = from + part * partBytes;
    let count = 0;
    try {
      for (let n = -1; n !== 0 && count < partBytes; count += n)
        n = read(fd, bytes, at + count, partBytes - count, offset + count);
    } catch {
      count = -1;
    }
    const out = shared.tablesAt + slot * shared.tableBytes;
    const [text, textEnd] = sparse ? [slotAt + reserve, slotAt + slotBytes] : [0, 0];
    const status =
      count > 0
        ? kernel.part(at, at + count, out, shared.tableBytes, text, textEnd, ...shared.parameters)
        : 0;
    const entry = words.slots + words.slotLength * slot;
    control[entry + words.bytes] = count;
    control[entry + words.status] = status;
    Atomics.store(control, entry + words.part, part + 1);
    Atomics.notify(control, entry + words.part);
  };
}

/** What a worker does: part after part, until there is none. */
function work(shared: Shared, thread: number, makerOf: typeof partMaker, read: typeof readSync): void {
  const { control, words, parts, slots, modules } = shared;
  const env = { memory: shared.memory };
  const lines = new WebAssembly.Instance(modules.lines, { env }).exports;
  const job = new WebAssembly.Instance(modules.job, { env, lines }).exports;
  const make = makerOf(shared, thread, job as PartKernel, read);
  for (;;) {
    const part = Atomics.add(control, words.next, 1);
    if (part >= parts) return;
    for (;;) {
      const released = Atomics.load(control, words.released);
      if (Atomics.load(control, words.stopped) !== 0) return;
      if (part - released < slots) break;
      Atomics.wait(control, words.released, released);
    }
    make(part);
  }
}

/** The worker's whole program is the two functions: it needs no file of its own, wherever this one is bundled into. */
function startWorker(shared: Shared, thread: number): Worker {
  const { Worker } = onDemand<typeof import('node:worker_threads')>('node:worker_threads');
  const program = `(${work})(require('node:worker_threads').workerData, ${thread}, ${partMaker}, require('node:fs').readSync)`;
  const worker = new Worker(program, { eval: true, execArgv: [], workerData: shared });
  worker.unref();
  return worker;
}
