/**
 * Standard input, a pipe, read by a thread of its own into a ring of memory. A pipe holds 64 KiB: while the main
 * thread is busy with a block whoever writes must wait, and then it for them. 400 MB from `cat`, every line decoded,
 * took 0.9 s, a quarter of it in such waits.
 */
import type { Worker } from 'node:worker_threads';
import type { ByteSource } from './byte-source.js';
import { onDemand } from './on-demand.js';
import { checkRoom } from './part-thread.js';

/** A power of two, so that counters may wrap. */
const RING_BYTES = 4 << 20;

/** What both threads see: bytes put in and taken out so far, modulo 2^32, and who waits for the other. */
const WORDS = { put: 0, taken: 1, readerWaits: 2, writerWaits: 3 } as const;

/** What the thread says: there are bytes for who waits, or it is through. */
type Said = { readonly kind: 'bytes' | 'end' } | { readonly kind: 'failed'; readonly reason: string };

interface Shared {
  readonly fd: number;
  readonly ring: SharedArrayBuffer;
  readonly control: Int32Array;
  readonly words: typeof WORDS;
}

export class PipeThread implements ByteSource {
  private readonly ring = Buffer.from(new SharedArrayBuffer(RING_BYTES));
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(WORDS).length));
  private readonly worker: Worker;
  /** The last that it said, once nothing more will come. */
  private end: Said | null = null;
  private wake: (() => void) | null = null;

  /** Nobody else reads from the pipe `fd` any more. Throws where no thread is to be had. */
  constructor(fd: number) {
    checkRoom();
    const { Worker } = onDemand<typeof import('node:worker_threads')>('node:worker_threads');
    const program = `(${readPipe})(require('node:worker_threads'), require('node:net').Socket)`;
    const shared: Shared = {
      fd,
      ring: this.ring.buffer as SharedArrayBuffer,
      control: this.control,
      words: WORDS,
    };
    this.worker = new Worker(program, { eval: true, execArgv: [], workerData: shared });
    this.worker.unref();
    this.worker.on('message', (said: Said) => this.hear(said));
    this.worker.on('error', (error) => this.hear({ kind: 'failed', reason: error.message }));
    this.worker.on('exit', () => this.hear({ kind: 'failed', reason: 'the thread that reads it is gone' }));
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    const { control } = this;
    let held = this.held();
    while (held === 0) {
      const { end } = this;
      Atomics.store(control, WORDS.readerWaits, 1);
      held = this.held();
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
      held = this.held();
    }
    const from = control[WORDS.taken]! & (RING_BYTES - 1);
    const count = Math.min(length, held, RING_BYTES - from);
    this.ring.copy(into, at, from, from + count);
    Atomics.add(control, WORDS.taken, count);
    // Half of it at a time: waking the thread costs as much as reading 64 KiB.
    if (held - count <= RING_BYTES / 2 && Atomics.exchange(control, WORDS.writerWaits, 0) === 1)
      this.worker.postMessage(null);
    return count;
  }

  private held(): number {
    return (Atomics.load(this.control, WORDS.put) - this.control[WORDS.taken]!) | 0;
  }

  private hear(said: Said): void {
    if (said.kind !== 'bytes') this.end ??= said;
    this.wake?.();
    this.wake = null;
  }

  /** The thread failed before it took anything: nothing is lost. */
  get isUntouched(): boolean {
    return this.control[WORDS.put] === 0;
  }

  /** Whoever still waits for bytes is told of the end. */
  async close(): Promise<void> {
    this.hear({ kind: 'end' });
    await this.worker.terminate();
  }
}

/** What the thread does; it uses nothing else of this file, since its text alone is its program. */
function readPipe(
  { parentPort, workerData }: typeof import('node:worker_threads'),
  Socket: typeof import('node:net').Socket,
): void {
  const { fd, ring, control, words } = workerData as Shared;
  const bytes = new Uint8Array(ring);
  let rest = new Uint8Array(0);
  const say = (said: Said): void => parentPort!.postMessage(said);
  const free = (): number => bytes.length - ((control[words.put]! - Atomics.load(control, words.taken)) | 0);
  const put = (): boolean => {
    while (rest.length > 0) {
      if (free() === 0) {
        Atomics.store(control, words.writerWaits, 1);
        if (free() === 0) return false;
      }
      const at = control[words.put]! & (bytes.length - 1);
      const part = rest.subarray(0, Math.min(free(), bytes.length - at));
      bytes.set(part, at);
      Atomics.add(control, words.put, part.length);
      rest = rest.subarray(part.length);
      if (Atomics.exchange(control, words.readerWaits, 0) === 1) say({ kind: 'bytes' });
    }
    return true;
  };
  const onread = {
    buffer: new Uint8Array(65_536),
    callback: (count: number, buffer: Uint8Array<ArrayBuffer>) => {
      rest = buffer.subarray(0, count);
      return put();
    },
  };
  const options = { fd, readable: true, writable: false, onread };
  const socket = new Socket(options);
  parentPort!.on('message', () => put() && socket.resume());
  const finish = (said: Said): void => {
    say(said);
    parentPort!.unref();
  };
  socket.on('error', ({ message }) => finish({ kind: 'failed', reason: message }));
  for (const event of ['end', 'close']) socket.on(event, () => finish({ kind: 'end' }));
  socket.resume();
}
