/** Where bytes come from: a file descriptor, or a stream of chunks (a Readable, a decompressor). */
import { close, fstatSync, read } from 'node:fs';

/** Reads up to `length` bytes into `into` at `at`; 0 at the end. Errors reject. */
export interface ByteSource {
  read(into: Buffer, at: number, length: number): Promise<number>;
  close(): Promise<void>;
}

/** A file or pipe, read in order through its descriptor. `seekable`: read by position, so that others may read it too. */
export class FileSource implements ByteSource {
  private position = 0;

  constructor(
    private readonly fd: number,
    private readonly seekable: boolean,
    private readonly owned: boolean,
  ) {}

  read(into: Buffer, at: number, length: number): Promise<number> {
    const position = this.seekable ? this.position : null;
    return new Promise((resolve, reject) => {
      const attempt = (): void =>
        read(this.fd, into, at, length, position, (error, count) => {
          // A terminal or a pipe shared with another process may be non-blocking.
          if (error?.code === 'EAGAIN') setTimeout(attempt, 10);
          else if (error?.code === 'EOF') resolve(0);
          else if (error) reject(error);
          else {
            this.position += count;
            resolve(count);
          }
        });
      attempt();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.owned ? close(this.fd, () => resolve()) : resolve()));
  }

  /** Size of a regular file now; null for anything else. */
  size(): number | null {
    const stat = fstatSync(this.fd);
    return stat.isFile() ? stat.size : null;
  }
}

/** Chunks as they come from an async iterable; a chunk larger than asked for is handed out in parts. */
export class ChunkSource implements ByteSource {
  private readonly chunks: AsyncIterator<unknown>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<unknown>) {
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
    await this.chunks.return?.();
  }
}

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError(`a trace stream must give bytes or strings, not ${typeof chunk}`);
}
