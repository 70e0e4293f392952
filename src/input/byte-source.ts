/** Where bytes come from: a file descriptor, or a stream of chunks (a Readable, a decompressor). */
import { close, fstatSync, read, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Parts } from './part-reader.js';
import type { PartLook } from './read-ahead.js';

/** Reads up to `length` bytes into `into` at `at`; 0 at the end. Errors reject. */
export interface ByteSource {
  read(into: Buffer, at: number, length: number): Promise<number>;
  /** A regular file that is read by position: others may read it, too. Absent for anything else. */
  readonly file?: SharedFile | null;
  /** A pipe that a thread may be put to. Absent for anything else. */
  readonly pipe?: SharedPipe | null;
  close(): Promise<void>;
}

export interface SharedPipe {
  /** A thread waits to be put to it, and all bytes that were read are handed over. */
  readonly isReady: boolean;
  /** Bytes handed over so far. */
  readonly position: number;
  /** From here on the thread reads it and looks at parts of that size; null where there is no memory for that. */
  readParts(partBytes: number, reserve: number, look: PartLook): Parts | null;
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
