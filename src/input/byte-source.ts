/** Where bytes come from: a file descriptor, or a stream of chunks (a Readable, a decompressor). */
import { close, fstatSync, read, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { onDemand } from './on-demand.js';
import { PipeThread } from './pipe-thread.js';

/** Reads up to `length` bytes into `into` at `at`; 0 at the end. Errors reject. */
export interface ByteSource {
  read(into: Buffer, at: number, length: number): Promise<number>;
  /** A regular file that is read by position: others may read it, too. Absent for anything else. */
  readonly file?: SharedFile | null;
  close(): Promise<void>;
}

export interface SharedFile {
  readonly fd: number;
  /** Bytes that it holds by now. */
  readonly size: number;
  /** Where the next read begins: others that read on move it. */
  position: number;
}

/** A file or pipe, read in order through its descriptor. `seekable`: read by position, so that others may read it too. */
export class FileSource implements ByteSource {
  /**
   * Read a regular file on the spot instead of in the background. Where a block is consumed in less time than
   * a read takes to be handed over, waiting costs more than it hides: 430 MB in 256 KB blocks, one literal
   * searched, 57 ms against 170 ms.
   */
  onTheSpot = false;
  /** Bytes read so far. */
  position = 0;
  /** It ended before the size that it had when it was opened. */
  shrunk = false;
  private reading: Promise<number> | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    readonly fd: number,
    private readonly seekable: boolean,
    private readonly owned: boolean,
    private readonly sizeAtOpen = 0,
  ) {}

  read(into: Buffer, at: number, length: number): Promise<number> {
    const position = this.seekable ? this.position : null;
    if (this.onTheSpot && this.seekable) return this.readNow(into, at, length);
    this.reading = new Promise((resolve, reject) => {
      const attempt = (): void =>
        read(this.fd, into, at, length, position, (error, count) => {
          // A terminal or a pipe shared with another process may be non-blocking.
          if (error?.code === 'EAGAIN') setTimeout(attempt, 10);
          else if (error?.code === 'EOF') resolve(0);
          else if (error) reject(error);
          else {
            this.advance(count);
            resolve(count);
          }
        });
      attempt();
    });
    return this.reading;
  }

  get file(): SharedFile | null {
    return this.seekable ? this : null;
  }

  get size(): number {
    return fstatSync(this.fd).size;
  }

  /** The same bytes from the start, for a second reader; null where there is no going back. */
  again(): ByteSource | null {
    return this.seekable ? new FileSource(this.fd, true, false) : null;
  }

  async close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  /** A second time it might be somebody else's: descriptors are given out again, to other threads, too. */
  private async closeOnce(): Promise<void> {
    await this.reading?.catch(() => undefined);
    if (this.owned) await new Promise<void>((resolve) => close(this.fd, () => resolve()));
  }

  private async readNow(into: Buffer, at: number, length: number): Promise<number> {
    const count = readSync(this.fd, into, at, length, this.position);
    this.advance(count);
    return count;
  }

  private advance(count: number): void {
    this.position += count;
    if (count === 0 && this.position < this.sizeAtOpen) this.shrunk = true;
  }
}

/** A file read whole, so that thousands of small ones need no descriptor each. */
export class BufferSource implements ByteSource {
  private position = 0;

  constructor(private readonly content: Buffer) {}

  async read(into: Buffer, at: number, length: number): Promise<number> {
    const count = this.content.copy(into, at, this.position, this.position + length);
    this.position += count;
    return count;
  }

  again(): ByteSource {
    return new BufferSource(this.content);
  }

  async close(): Promise<void> {}
}

/** Chunks as they come from an async iterable; a chunk larger than asked for is handed out in parts. */
export class ChunkSource implements ByteSource {
  private readonly chunks: AsyncIterator<unknown>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly stream: AsyncIterable<unknown>) {
    const chunks = stream;
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    while (this.rest.length === 0) {
      const { value, done } = await this.chunks.next();
      if (done) return 0;
      this.rest = asBuffer(value);
    }
    const count = Math.min(length, this.rest.length);
    this.rest.copy(into, at, 0, count);
    this.rest = this.rest.subarray(count);
    return count;
  }

  async close(): Promise<void> {
    if (this.stream instanceof Readable) this.stream.destroy();
    else await this.chunks.return?.();
  }
}

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError(`a trace stream must give bytes or strings, not ${typeof chunk}`);
}

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
