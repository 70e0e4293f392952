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
import { compile, instantiate } from './kernel.js';
import { KERNEL, KernelLineMemory, linesOf } from './newlines.js';
import { onDemand } from './on-demand.js';

/**
 * The kernel of a format, whose export `part(at, end, out, room, ...parameters)` works on the bytes [at, end) and
 * writes its table to `out`; it gives 0 for a part that is not for it.
 */
export interface PartJob {
  readonly kernel: string;
  readonly parameters: readonly number[];
}

/** What is done in this memory, which is made for it. */
export type PartLook = (memory: KernelLineMemory) => PartJob;

export interface PartLayout {
  /** Parts in memory at a time, each in a slot of its own: `reserve` bytes of room, then the part. */
  readonly slots: number;
  readonly reserve: number;
  readonly partBytes: number;
}

/** What the threads share. */
interface Shared {
  readonly memory: object;
  readonly fd: number;
  /** Where in the file part 0 begins. */
  readonly from: number;
  readonly parts: number;
  readonly layout: PartLayout;
  readonly tablesAt: number;
  readonly tableBytes: number;
  readonly parameters: readonly number[];
  readonly modules: { readonly lines: object; readonly job: object };
  /** NEXT, RELEASED, STOPPED, then for each slot from SLOTS on: the part in it + 1, its bytes, what the kernel gave. */
  readonly control: Int32Array;
}

const NEXT = 0;
const RELEASED = 1;
const STOPPED = 2;
const SLOTS = 3;
const SLOT_LENGTH = 3;
/** Bytes of a part that could not be read. */
const FAILED = -1;

/** Bytes of a table for each byte of a part: rows of lines that are not too short. */
const TABLE_RATIO = 3;
const TABLE_LEAST = 4096;
/** Waiting for a part that another thread reads: so long at a time, in milliseconds, and so often in one go. */
const WAIT_MS = 2;
const WAITS = 10;

export interface Part {
  /** Bytes read: fewer than a part has at the end of the file. */
  readonly count: number;
  /** What the kernel wrote, and where; null for a part that was not for it. */
  readonly table: Uint32Array | null;
}

export class ReadAhead {
  readonly memory: KernelLineMemory;
  private readonly shared: Shared;
  private readonly workers: Worker[] = [];
  private readonly make: (part: number) => void;
  /** The part handed over next. */
  private part = 0;
  /** A worker has failed, and with it perhaps a part that nobody else will make. */
  private broken = false;

  /**
   * @param end size of the file: what it grows by is left to others.
   */
  constructor(fd: number, from: number, end: number, layout: PartLayout, look: PartLook, threads: number) {
    const slotBytes = layout.reserve + layout.partBytes;
    const tableBytes = Math.ceil(Math.max(TABLE_LEAST, layout.partBytes * TABLE_RATIO) / 16) * 16;
    const tables = { count: layout.slots, bytes: tableBytes };
    this.memory = new KernelLineMemory(layout.slots * slotBytes, slotBytes, tables);
    const { space } = this.memory;
    const { kernel, parameters } = look(this.memory);
    this.shared = {
      memory: space.memory,
      fd,
      from,
      parts: Math.ceil((end - from) / layout.partBytes),
      layout,
      tablesAt: this.memory.partsAt,
      tableBytes,
      parameters,
      modules: { lines: compile(KERNEL, true), job: compile(kernel, true) },
      control: new Int32Array(new SharedArrayBuffer(4 * (SLOTS + SLOT_LENGTH * layout.slots))),
    };
    this.make = partMaker(this.shared, instantiate(kernel, space, linesOf(space)) as Kernel, readSync);
    for (let i = 0; i < threads; i++)
      this.workers.push(startWorker(this.shared).on('error', () => (this.broken = true)));
  }

  /** The next part, once it is there; null behind the last one, and where reading must go on without. */
  async next(): Promise<Part | null> {
    const { part, shared } = this;
    const { control, parts, layout } = shared;
    if (part === parts) return null;
    const at = SLOTS + SLOT_LENGTH * (part % layout.slots);
    for (let waits = 0; Atomics.load(control, at) !== part + 1; ) {
      if (this.makeOne()) continue;
      const seen = Atomics.load(control, at);
      if (
        seen !== part + 1 &&
        Atomics.wait(control, at, seen, WAIT_MS) === 'timed-out' &&
        ++waits === WAITS
      ) {
        // A disk that keeps it waiting: signals come in between.
        waits = 0;
        await new Promise(setImmediate);
        if (this.broken) return null;
      }
    }
    this.part++;
    const count = control[at + 1]!;
    if (count === FAILED) return null;
    const tableAt = this.tableAt(part);
    const { buffer } = this.memory.space.memory;
    const table = control[at + 2] === 0 ? null : new Uint32Array(buffer, tableAt, shared.tableBytes / 4);
    return { count, table };
  }

  private tableAt(part: number): number {
    return this.shared.tablesAt + (part % this.shared.layout.slots) * this.shared.tableBytes;
  }

  /** Nobody looks at the parts before the one handed over last any more. */
  release(): void {
    const { control, layout } = this.shared;
    Atomics.store(control, RELEASED, this.part - 1);
    Atomics.notify(control, RELEASED, layout.slots);
  }

  /** Makes the next part that nobody has begun; false where there is none, or no room for it. */
  private makeOne(): boolean {
    const { control, parts, layout } = this.shared;
    const next = Atomics.load(control, NEXT);
    if (next >= parts || next - Atomics.load(control, RELEASED) >= layout.slots) return false;
    if (Atomics.compareExchange(control, NEXT, next, next + 1) === next) this.make(next);
    return true;
  }

  /** Resolves when no other thread reads the file any more. */
  async close(): Promise<void> {
    const { control, layout } = this.shared;
    Atomics.store(control, STOPPED, 1);
    Atomics.notify(control, RELEASED, layout.slots);
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
  }
}

/** Threads that have a CPU beside the main one. */
export function spareThreads(): number {
  return availableParallelism() - 1;
}

interface Kernel {
  part(at: number, end: number, out: number, room: number, ...parameters: number[]): number;
}

/** Reads part by part and has the kernel look at it. This function and `work` run in workers, too: they use no others. */
function partMaker(shared: Shared, kernel: Kernel, read: typeof readSync): (part: number) => void {
  const { fd, from, layout, tablesAt, tableBytes, parameters, control } = shared;
  const { slots, reserve, partBytes } = layout;
  const bytes = Buffer.from((shared.memory as { buffer: ArrayBuffer }).buffer);
  return (part) => {
    const slot = part % slots;
    const at = slot * (reserve + partBytes) + reserve;
    const place = from + part * partBytes;
    let count = 0;
    try {
      for (let n = -1; n !== 0 && count < partBytes; count += n)
        n = read(fd, bytes, at + count, partBytes - count, place + count);
    } catch {
      count = -1;
    }
    const out = tablesAt + slot * tableBytes;
    const status = count > 0 ? kernel.part(at, at + count, out, tableBytes, ...parameters) : 0;
    const entry = 3 + 3 * slot;
    control[entry + 1] = count;
    control[entry + 2] = status;
    Atomics.store(control, entry, part + 1);
    Atomics.notify(control, entry);
  };
}

/** What a worker does: part after part, until there is none. */
function work(shared: Shared, makerOf: typeof partMaker, read: typeof readSync): void {
  const { control, parts, layout, modules } = shared;
  const env = { memory: shared.memory };
  const lines = new WebAssembly.Instance(modules.lines, { env }).exports;
  const job = new WebAssembly.Instance(modules.job, { env, lines }).exports;
  const make = makerOf(shared, job as Kernel, read);
  for (;;) {
    const part = Atomics.add(control, 0, 1);
    if (part >= parts) return;
    for (;;) {
      const released = Atomics.load(control, 1);
      if (Atomics.load(control, 2) !== 0) return;
      if (part - released < layout.slots) break;
      Atomics.wait(control, 1, released);
    }
    make(part);
  }
}

/** The worker's whole program is the two functions: it needs no file of its own, wherever this one is bundled into. */
function startWorker(shared: Shared): Worker {
  const { Worker } = onDemand<typeof import('node:worker_threads')>('node:worker_threads');
  const program = `(${work})(require('node:worker_threads').workerData, ${partMaker}, require('node:fs').readSync)`;
  const worker = new Worker(program, { eval: true, workerData: shared });
  worker.unref();
  return worker;
}
