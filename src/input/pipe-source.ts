/** Bytes of a pipe or a socket: through one of Node's at first, of a long standard input by a thread of its own. */
import type { Socket } from 'node:net';
import type { ByteSource } from './byte-source.js';
import { onDemand } from './on-demand.js';
import { PipeThread } from './pipe-thread.js';

/** What a read of a pipe may bring at a time. */
const PIPE_BYTES = 64 << 10;
/** Behind so many bytes a thread of its own reads standard input: starting one takes as long as decoding half of them. */
const BYTES_BEFORE_THREAD = 16 << 20;
const STANDARD_INPUT = 0;

/** A pipe as Node's sockets read it, into one buffer of its own: a new one for each read would be most of the work. */
export class PipeSource implements ByteSource {
  private readonly socket: Socket;
  /** Bytes of the buffer that nobody asked for yet. */
  private rest: Uint8Array = new Uint8Array(0);
  private ended = false;
  private failure: Error | null = null;
  private bytesRead = 0;
  private thread: PipeThread | null = null;
  private waiting: { into: Buffer; at: number; end: number; taken: number; done: () => void } | null = null;

  /** `mayThread`: a thread may be put to it. */
  constructor(
    private readonly fd: number,
    private mayThread: boolean,
  ) {
    const { Socket } = onDemand<typeof import('node:net')>('node:net');
    const options = {
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: Buffer.alloc(PIPE_BYTES),
        callback: (count: number, buffer: Uint8Array) => this.take(buffer.subarray(0, count)),
      },
    };
    this.socket = new Socket(options);
    this.socket.on('end', () => this.finish(null)).on('error', (error) => this.finish(error));
    this.socket.on('close', () => this.finish(null));
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    const thread = this.threaded();
    const count = await (thread
      ? this.readByThread(thread, into, at, length)
      : this.readSocket(into, at, length));
    this.bytesRead += count;
    return count;
  }

  private readByThread(thread: PipeThread, into: Buffer, at: number, length: number): Promise<number> {
    return thread.read(into, at, length).catch((error: unknown) => {
      if (!thread.isUntouched) throw error;
      this.thread = null;
      return this.readSocket(into, at, length);
    });
  }

  /** The thread that reads the pipe, once that is worth it. */
  private threaded(): PipeThread | null {
    const { fd, rest, ended } = this;
    if (!this.mayThread || this.thread || this.bytesRead < BYTES_BEFORE_THREAD) return this.thread;
    // Another descriptor would be closed by either of its two readers.
    if (fd !== STANDARD_INPUT || rest.length > 0 || ended) return null;
    this.mayThread = false;
    this.socket.pause();
    try {
      this.thread = new PipeThread(fd);
    } catch {
      // The system gives no more threads.
    }
    return this.thread;
  }

  private async readSocket(into: Buffer, at: number, length: number): Promise<number> {
    if (this.rest.length > 0) {
      const part = this.rest.subarray(0, length);
      into.set(part, at);
      this.rest = this.rest.subarray(part.length);
      return part.length;
    }
    if (this.failure) throw this.failure;
    if (this.ended) return 0;
    return new Promise((resolve, reject) => {
      const waiting = {
        into,
        at,
        end: at + length,
        taken: 0,
        done: () => {
          if (this.waiting !== waiting) return;
          this.waiting = null;
          if (waiting.taken === 0 && this.failure) reject(this.failure);
          else resolve(waiting.taken);
        },
      };
      this.waiting = waiting;
      this.socket.resume();
    });
  }

  /** Bytes came: true to be given more at once. */
  private take(bytes: Uint8Array): boolean {
    const { waiting } = this;
    if (!waiting) {
      this.rest = bytes;
      return false;
    }
    const part = bytes.subarray(0, waiting.end - waiting.at);
    waiting.into.set(part, waiting.at);
    waiting.at += part.length;
    // More may lie in the pipe already: they come before the next turn of the loop.
    if (waiting.taken === 0) setImmediate(waiting.done);
    waiting.taken += part.length;
    this.rest = bytes.subarray(part.length);
    if (waiting.at < waiting.end) return true;
    waiting.done();
    return false;
  }

  private finish(error: Error | null): void {
    this.ended = true;
    this.failure ??= error;
    this.waiting?.done();
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.thread?.close();
  }
}
