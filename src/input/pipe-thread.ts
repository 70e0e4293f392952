/**
 * Standard input, a pipe, read by a thread of its own. A pipe holds 64 KiB: while the main thread is busy with
 * a block whoever writes must wait, and then it for them. What comes is laid down part by part in memory that both
 * threads see, so a kernel can look at each part that is full (`pipe-parts`); of one that is not, bytes are taken as
 * they come.
 */
import type { Worker } from 'node:worker_threads';
import type { PartKernel } from './newlines.js';
import { onDemand } from './on-demand.js';
import { checkRoom } from './part-thread.js';

/** Where parts lie in memory: in slots that they take in turn, each with room in front of the part. */
export interface PipeLayout {
  readonly memory: { readonly buffer: ArrayBuffer | SharedArrayBuffer };
  readonly partBytes: number;
  readonly slotsAt: number;
  readonly slotBytes: number;
  readonly reserve: number;
}

/** What is done to full parts, as in read-ahead.ts; the table of slot n is the nth. */
export interface PipeJob {
  readonly lines: object;
  readonly kernel: object;
  readonly parameters: readonly number[];
  readonly tablesAt: number;
  readonly tableBytes: number;
}

/** A part as it lies there. */
export interface PipePart {
  /** Number of the part. */
  readonly part: number;
  readonly at: number;
  /** What the kernel gave. */
  readonly status: number;
}

/** What both threads see: a word each, and two of each slot. */
const WORDS = {
  /** Bytes put in so far, modulo 2^32. */
  put: 0,
  /** Nobody looks at the parts before this one any more. */
  released: 1,
  readerWaits: 2,
  /** Nothing more will come. */
  ended: 3,
  /** Parts need not be looked at any more. */
  plain: 4,
  stopped: 5,
  slots: 6,
  slotLength: 2,
  /** In a slot's: the part in it + 1, once the kernel is through with it, and what that gave: 0 where it did nothing. */
  part: 0,
  status: 1,
} as const;

/** What the thread says: there are bytes for who waits, or it is through. */
type Said = { readonly kind: 'bytes' | 'end' } | { readonly kind: 'failed'; readonly reason: string };

interface Shared extends PipeLayout {
  readonly fd: number;
  readonly slots: number;
  /** The kernel is at work where so many parts wait. */
  readonly enough: number;
  readonly pipeBytes: number;
  readonly job: PipeJob | null;
  readonly control: Int32Array;
  readonly words: typeof WORDS;
}

/** Parts in memory at a time. */
export const PARTS_AHEAD = 12;
/**
 * The thread lets the kernel look at a part where so many wait. With fewer, whoever takes them would soon wait, and can
 * look himself; and where he waits, writer and reader of the pipe have a CPU each, and wait for one another at every
 * page: a third more CPU for both.
 */
const ENOUGH = PARTS_AHEAD / 2;
/** What a read may bring at a time: all that a pipe holds. Where more is asked for, it contends with the writer for it. */
const PIPE_BYTES = 64 << 10;
/** Of what nobody looks at before its turn. */
const PLAIN_PART = 256 << 10;
/** For the rest of a part the reader waits while more comes within so many milliseconds, and so often. */
const WAIT_MS = 1;
const WAITS = 4;

/** A thread, at first without anything to read. */
export class PipeThread {
  /** It has come to life. */
  isReady = false;
  private readonly worker: Worker;
  private shared: Shared | null = null;
  private bytes: Buffer = Buffer.alloc(0);
  /** Bytes taken out so far; the last ones as a whole part. */
  private taken = 0;
  private isWhole = false;
  /** The last that it said, once nothing more will come. */
  private end: Said | null = null;
  private wake: (() => void) | null = null;

  /** Throws where no thread is to be had. */
  constructor() {
    checkRoom();
    const { Worker } = onDemand<typeof import('node:worker_threads')>('node:worker_threads');
    const program = `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', (shared) => (${readPipe})(shared, parentPort, require('node:net').Socket))`;
    this.worker = new Worker(program, { eval: true, execArgv: [] });
    this.worker.unref();
    this.worker.on('online', () => {
      this.isReady = true;
    });
    this.worker.on('message', (said: Said) => this.hear(said));
    this.worker.on('error', (error) => this.hear({ kind: 'failed', reason: error.message }));
    this.worker.on('exit', () => this.hear({ kind: 'failed', reason: 'the thread that reads it is gone' }));
  }

  /** From now on nobody else reads from the pipe `fd`. Without a layout, parts are of no interest. */
  begin(fd: number, layout: PipeLayout = plainLayout(), job: PipeJob | null = null): void {
    const control = new Int32Array(new SharedArrayBuffer(4 * (WORDS.slots + WORDS.slotLength * PARTS_AHEAD)));
    this.bytes = Buffer.from(layout.memory.buffer as ArrayBuffer);
    const [slots, enough, pipeBytes] = [PARTS_AHEAD, ENOUGH, PIPE_BYTES];
    this.shared = { ...layout, fd, slots, enough, pipeBytes, job, control, words: WORDS };
    if (!job) control[WORDS.plain] = 1;
    this.worker.postMessage(this.shared);
  }

  get hasBegun(): boolean {
    return this.shared !== null;
  }

  /** Bytes taken out so far. */
  get position(): number {
    return this.taken;
  }

  /** As of a `ByteSource`. */
  async read(into: Buffer, at: number, length: number): Promise<number> {
    const shared = this.shared!;
    const { control, partBytes } = shared;
    let held = this.held(shared);
    while (held === 0) {
      const { end } = this;
      Atomics.store(control, WORDS.readerWaits, 1);
      held = this.held(shared);
      if (held > 0) break;
      if (end?.kind === 'failed') throw new Error(end.reason);
      if (end) return 0;
      // Only who waits for bytes holds the process.
      this.worker.ref();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      // Nor is its end waited for by anybody else.
      if (!this.end) this.worker.unref();
      held = this.held(shared);
    }
    const filled = this.taken % partBytes;
    const from = placeOf(shared, Math.floor(this.taken / partBytes)) + filled;
    const count = Math.min(length, held, partBytes - filled);
    this.bytes.copy(into, at, from, from + count);
    this.taken += count;
    this.isWhole = false;
    if (Atomics.load(control, WORDS.plain) !== 0) this.release();
    return count;
  }

  /** Takes the next part, if nothing of it was taken yet and all of it is there, or comes at once. */
  takePart(): PipePart | null {
    const { shared, taken } = this;
    if (!shared || taken % shared.partBytes !== 0) return null;
    const { control, partBytes } = shared;
    if (this.end && this.held(shared) < partBytes) return null;
    const part = taken / partBytes;
    const entry = WORDS.slots + WORDS.slotLength * (part % PARTS_AHEAD);
    let put = Atomics.load(control, WORDS.put);
    for (let waits = 0; ; waits++) {
      const isOver = Atomics.load(control, WORDS.ended) !== 0;
      const seen = Atomics.load(control, entry);
      if (seen === part + 1) break;
      if (isOver || waits === WAITS) return null;
      if (Atomics.wait(control, entry, seen, WAIT_MS) !== 'timed-out') continue;
      const before = put;
      put = Atomics.load(control, WORDS.put);
      if (put === before && this.held(shared) < partBytes) return null;
    }
    this.taken += partBytes;
    this.isWhole = true;
    return { part, at: placeOf(shared, part), status: control[entry + WORDS.status]! };
  }

  /** Nobody decodes any more what was taken, but for a part that was taken last. */
  release(): void {
    const shared = this.shared!;
    const { control, partBytes } = shared;
    const released = Math.floor(this.taken / partBytes) - (this.isWhole ? 1 : 0);
    if (released === control[WORDS.released]) return;
    Atomics.store(control, WORDS.released, released);
    // Waking somebody costs 30 us: it is done once there is room for more than a part.
    if (this.held(shared) <= (partBytes * PARTS_AHEAD) / 2) Atomics.notify(control, WORDS.released);
  }

  /** From here on bytes are only read. */
  readPlainly(): void {
    Atomics.store(this.shared!.control, WORDS.plain, 1);
    this.isWhole = false;
    this.release();
  }

  private held({ control }: Shared): number {
    return (Atomics.load(control, WORDS.put) - this.taken) | 0;
  }

  private hear(said: Said): void {
    if (said.kind !== 'bytes') this.end ??= said;
    this.wake?.();
    this.wake = null;
  }

  /** The thread failed before it took anything: nothing is lost. */
  get isUntouched(): boolean {
    return this.shared === null || this.shared.control[WORDS.put] === 0;
  }

  /** Whoever still waits for bytes is told of the end. */
  async close(): Promise<void> {
    this.hear({ kind: 'end' });
    if (this.shared) {
      const { control } = this.shared;
      Atomics.store(control, WORDS.stopped, 1);
      Atomics.notify(control, WORDS.released);
    }
    await this.worker.terminate();
  }
}

function placeOf({ slots, slotsAt, slotBytes, reserve }: Shared, part: number): number {
  return slotsAt + (part % slots) * slotBytes + reserve;
}

function plainLayout(): PipeLayout {
  const memory = { buffer: new SharedArrayBuffer(PLAIN_PART * PARTS_AHEAD) };
  const [partBytes, slotBytes] = [PLAIN_PART, PLAIN_PART];
  return { memory, partBytes, slotsAt: 0, slotBytes, reserve: 0 };
}

/** What the thread does; it uses nothing else of this file, since its text alone is its program. */
function readPipe(
  shared: Shared,
  port: import('node:worker_threads').MessagePort,
  Socket: typeof import('node:net').Socket,
): void {
  const { fd, job, memory, partBytes, slots, slotsAt, slotBytes, reserve, control, words } = shared;
  const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
  const say = (said: Said): void => port.postMessage(said);
  let look: PartKernel['part'] | null = null;
  if (job) {
    const env = { memory };
    const lines = new WebAssembly.Instance(job.lines, { env }).exports;
    look = (new WebAssembly.Instance(job.kernel, { env, lines }).exports as PartKernel).part;
  }
  let part = 0;
  let filled = 0;
  const place = (): number => slotsAt + (part % slots) * slotBytes + reserve;
  const lookAt = (slot: number): number => {
    const isBehind = part + 1 - Atomics.load(control, words.released) < shared.enough;
    if (!job || !look || isBehind) return 0;
    const out = job.tablesAt + slot * job.tableBytes;
    return look(place(), place() + partBytes, out, job.tableBytes, 0, 0, ...job.parameters);
  };
  const finishPart = (): void => {
    if (Atomics.load(control, words.plain) === 0) {
      const slot = part % slots;
      const entry = words.slots + words.slotLength * slot;
      control[entry + words.status] = lookAt(slot);
      Atomics.store(control, entry + words.part, part + 1);
      Atomics.notify(control, entry + words.part);
    }
    part++;
    filled = 0;
  };
  /** Waits until the next bytes have a place; false where nobody wants them any more. */
  const hasRoom = (): boolean => {
    for (;;) {
      const released = Atomics.load(control, words.released);
      if (Atomics.load(control, words.stopped) !== 0) return false;
      if (part - released < slots) return true;
      Atomics.wait(control, words.released, released);
    }
  };
  const put = (count: number): boolean => {
    Atomics.add(control, words.put, count);
    filled += count;
    if (Atomics.exchange(control, words.readerWaits, 0) === 1) say({ kind: 'bytes' });
    if (filled === partBytes) finishPart();
    return hasRoom();
  };
  const onread = {
    buffer: () => {
      const at = place() + filled;
      return bytes.subarray(at, at + Math.min(shared.pipeBytes, partBytes - filled));
    },
    callback: put,
  };
  const options = { fd, readable: true, writable: false, onread };
  const socket = new Socket(options);
  const finish = (said: Said): void => {
    Atomics.store(control, words.ended, 1);
    Atomics.notify(control, words.slots + words.slotLength * (part % slots));
    say(said);
  };
  socket.on('error', ({ message }) => finish({ kind: 'failed', reason: message }));
  for (const event of ['end', 'close']) socket.on(event, () => finish({ kind: 'end' }));
  socket.resume();
}
