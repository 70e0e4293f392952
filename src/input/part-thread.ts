/**
 * The threads that make parts of a file for `read-ahead`. One takes as long to start as the whole program, so the
 * command line lets the first one begin before it loads the rest (`cli/main`): of 400 MB searched for a literal in
 * 0.16 s that is a tenth.
 */
import { readFileSync, type readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { PartKernel } from './newlines.js';
import { onDemand } from './on-demand.js';

/** Files with so many bytes left are worth it: starting a thread takes as long as reading that. */
export const LARGE_FILE = 64 << 20;

/** Threads that have a CPU beside the main one. */
export function spareThreads(): number {
  return availableParallelism() - 1;
}

/** Of limits as `ulimit` sets them (-n, -u, -v, -d), the numbers below which there is no room for threads. */
const LEAST_LIMITS = {
  'open files': 64,
  processes: 256,
  'address space': Number.POSITIVE_INFINITY,
  'data size': Number.POSITIVE_INFINITY,
};

/**
 * Throws where a thread may not leave enough to the program: it takes eight files and a process, and reserves address
 * space, and Node ends at once where it gets no memory or none of its own threads.
 */
export function checkRoom(): void {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return;
  }
  for (const [name, least] of Object.entries(LEAST_LIMITS)) {
    const soft = new RegExp(`^Max ${name} +(\\d+)`, 'm').exec(limits)?.[1];
    if (soft !== undefined && Number(soft) < least) throw new Error(`no room for a thread: ${soft} ${name}`);
  }
}

/** What the threads share. */
export interface Shared {
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
export const WORDS = {
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
/** Bytes of a part that could not be read, as `partMaker` has them. */
export const FAILED = -1;

/**
 * A thread that waits for what it is to do; one that does not come to life takes no parts. Throws where the system
 * gives none, or has no room for one. Its program is two functions: it needs no file of its own, whatever this one is
 * bundled into.
 */
export function startThread(): Worker {
  checkRoom();
  const { Worker } = onDemand<typeof import('node:worker_threads')>('node:worker_threads');
  const program = `require('node:worker_threads').parentPort.once('message', ({ shared, thread }) =>
    (${work})(shared, thread, ${partMaker}, require('node:fs').readSync))`;
  const worker = new Worker(program, { eval: true, execArgv: [] });
  worker.unref();
  return worker.on('error', () => undefined);
}

let spare: Worker | null = null;

/** The next one that is asked for is this. */
export function keepThread(thread: Worker): void {
  spare = thread;
}

/** A thread at work, as number `thread` of those beside the main one, which is 0. Throws as `startThread` does. */
export function putToWork(shared: Shared, thread: number): Worker {
  const worker = spare ?? startThread();
  spare = null;
  worker.postMessage({ shared, thread });
  return worker;
}

/**
 * Reads part by part and has the kernel look at it; `thread` is 0 for the main one. This function and `work` are the
 * program of a thread: they use no others.
 */
export function partMaker(
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

/** What a thread does: part after part, until there is none. */
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
