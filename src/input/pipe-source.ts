/** Bytes of a pipe or a socket: through one of Node's at first, of a long pipe by a thread of its own. */
import type { Socket } from 'node:net';
import type { ByteSource, SharedPipe } from './byte-source.js';
import { onDemand } from './on-demand.js';
import type { Parts } from './part-reader.js';
import { beginParts } from './pipe-parts.js';
import { PipeThread } from './pipe-thread.js';
import type { PartLook } from './read-ahead.js';

/** What a read of a pipe may bring at a time. */
const PIPE_BYTES = 64 << 10;
const STANDARD_INPUT = 0;

/** A pipe as Node's sockets read it, into one buffer of its own: a new one for each read would be most of the work. */
export class PipeSource implements ByteSource, SharedPipe {
  private readonly socket: Socket;
  /** Bytes that came through the socket and are handed over. */
  private socketBytes = 0;
  /** Bytes of the buffer that nobody asked for yet. */
  private rest: Uint8Array = new Uint8Array(0);
  private ended = false;
  private failure: Error | null = null;
  /** Started ahead of its use: the socket reads on until it has come to life. */
  private thread: PipeThread | null = null;
  private threadTried = false;
  private waiting: { into: Buffer; at: number; end: number; taken: number; done: () => void } | null = null;

  /** Behind `threadFrom` bytes a thread may be put to it. */
  constructor(
    private readonly fd: number,
    private readonly threadFrom: number,
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
    if (this.position >= this.threadFrom && !this.threadTried) this.startThread();
    const { thread } = this;
    if (thread && this.isReady) {
      this.socket.pause();
      thread.begin(this.fd);
    }
    if (thread?.hasBegun) return this.readByThread(thread, into, at, length);
    const count = await this.readSocket(into, at, length);
    this.socketBytes += count;
    return count;
  }

  private readByThread(thread: PipeThread, into: Buffer, at: number, length: number): Promise<number> {
    return thread.read(into, at, length).catch((error: unknown) => {
      if (!thread.isUntouched) throw error;
      this.thread = null;
      return this.read(into, at, length);
    });
  }

  private startThread(): void {
    this.threadTried = true;
    // Another descriptor would be closed by either of its two readers.
    if (this.fd !== STANDARD_INPUT) return;
    try {
      this.thread = new PipeThread();
    } catch {
      // The system gives no more threads.
    }
  }

  get pipe(): SharedPipe {
    return this;
  }

  get position(): number {
    return this.socketBytes + (this.thread?.position ?? 0);
  }

  get isReady(): boolean {
    const { thread, rest, ended, waiting } = this;
    return thread?.isReady === true && !thread.hasBegun && rest.length === 0 && !ended && !waiting;
  }

  readParts(partBytes: number, reserve: number, look: PartLook): Parts | null {
    const { thread, fd, position } = this;
    this.socket.pause();
    return thread && beginParts(thread, fd, position, partBytes, reserve, look);
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
