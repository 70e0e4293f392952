/**
 * Unpacks a source ahead of its reader by one of zlib's transforms (gzip, zstd), which work in a thread of their
 * own: it waits for a turn of the event loop between two chunks, and for nothing else. A stream that breaks off
 * ends there: what came before is good to the very byte (`salvage`).
 */
import type { ByteSource } from './byte-source.js';
import { freeMemory } from './free-memory.js';
import { salvage, type Unpacker } from './salvage.js';
import { turn } from './turns.js';

/** One of zlib's transforms. */
export type Transform = Unpacker & {
  /** Packed bytes that went through without error. */
  readonly bytesWritten: number;
  on(event: 'end', seen: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  end(): unknown;
};

/** Where packed bytes come from. */
export interface PackedSource extends ByteSource {
  /** The bytes from the start once more; null where there is no going back. */
  again(): ByteSource | null;
}

/** What a transform makes at a time: after each, its thread waits for the event loop. */
const CHUNK = 1 << 20;
/** The same of a small file: there may be thousands of them. */
const SMALL_CHUNK = 64 << 10;
const READ_SIZE = 256 << 10;
/** Unpacked bytes that may wait for their reader, who is busy while it looks into a gap. */
const MOST_WAITING = 16 << 20;
/** So much of a packed stream is kept for going back to its start. */
const PACKED_KEPT = 16 << 20;

export class UnpackedSource implements ByteSource {
  /** Why the stream broke off, once its reader has all that came before. */
  failure: string | null = null;
  private readonly transform: Transform;
  private readonly packed: PackedBytes;
  private readonly chunkSize: number;
  /** What the reader didn't take yet; of the first chunk, the bytes from `taken` on. */
  private readonly chunks: Buffer[] = [];
  private taken = 0;
  private waitingBytes = 0;
  /** All that the transform gave so far. */
  private unpackedBytes = 0;
  private ended = false;
  /** Why it ended; null at the end of the data. */
  private breakReason: string | null = null;
  private wake: (() => void) | null = null;
  private recovering: Promise<void> | undefined;

  /** `create` makes a transform that gives so many bytes at a time. */
  constructor(
    private readonly stored: PackedSource,
    private readonly create: (chunkSize: number) => Transform,
    isSmall = false,
  ) {
    this.chunkSize = isSmall ? SMALL_CHUNK : CHUNK;
    this.packed = new PackedBytes(stored);
    this.transform = create(this.chunkSize);
    this.transform.on('data', (chunk) => this.take(chunk));
    this.transform.on('end', () => this.finish(null));
    this.transform.on('error', (error) => {
      this.recovering = this.recover(error);
    });
    this.feed().catch((error: Error) => this.finish(error.message));
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    // Also where bytes are there: in a turn of the loop the transform gets its next ones.
    if (this.chunks.length > 0) await turn();
    else if (!this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    let count = 0;
    for (let chunk = this.chunks[0]; chunk !== undefined && count < length; chunk = this.chunks[0]) {
      const copied = chunk.copy(into, at + count, this.taken, this.taken + length - count);
      count += copied;
      this.taken += copied;
      if (this.taken < chunk.length) break;
      this.chunks.shift();
      this.taken = 0;
      // Where it ends its memory the transform has begun with another one.
      if (chunk.byteOffset + chunk.length === this.chunkSize) freeMemory(chunk, this.chunkSize);
    }
    this.waitingBytes -= count;
    if (count === 0) this.failure = this.breakReason;
    else if (this.waitingBytes < MOST_WAITING) this.transform.resume();
    return count;
  }

  private take(chunk: Buffer): void {
    this.unpackedBytes += chunk.length;
    this.push(chunk);
    if (this.waitingBytes >= MOST_WAITING) this.transform.pause();
  }

  private push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.waitingBytes += chunk.length;
    this.wakeReader();
  }

  private finish(reason: string | null): void {
    if (!this.ended) this.breakReason = reason;
    this.ended = true;
    this.wakeReader();
  }

  private wakeReader(): void {
    this.wake?.();
    this.wake = null;
  }

  /** Writes the packed bytes, from two buffers: while one is unpacked the other one is filled. */
  private async feed(): Promise<void> {
    const size = this.chunkSize / 2;
    const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] as const;
    let [before, newest]: Promise<void>[] = [];
    try {
      for (let i: 0 | 1 = 0; ; i = i === 0 ? 1 : 0) {
        await before;
        if (this.ended || this.recovering) return;
        const bytes = await this.packed.read(buffers[i]);
        if (bytes.length === 0) break;
        before = newest;
        newest = new Promise((resolve) => {
          this.transform.write(bytes, () => resolve());
        });
      }
    } catch (error) {
      // Reading failed: what was read is good.
      await newest;
      throw error;
    }
    this.transform.end();
  }

  /** Finds what the transform dropped when it met the damage. */
  private async recover(error: Error): Promise<void> {
    if (!this.packed.canGoBack) return this.finish(error.message);
    try {
      const { bytes, good } = await salvage(
        () => this.create(this.chunkSize),
        () => this.packed.again(() => this.ended),
        this.transform.bytesWritten,
        this.unpackedBytes,
      );
      for (const chunk of bytes) this.push(chunk);
      this.finish(`${error.message}, found at byte ${good} of the packed data`);
    } catch (failure) {
      this.finish((failure as Error).message);
    }
  }

  async close(): Promise<void> {
    this.finish(null);
    this.chunks.length = 0;
    this.transform.destroy();
    await this.recovering;
    await this.stored.close();
  }
}

/** Packed bytes on their way, to be read once more from the start: of a file all, of a stream the first ones. */
class PackedBytes {
  private held: Buffer[] | null = [];
  private heldBytes = 0;
  private readonly isStream: boolean;

  constructor(private readonly stored: PackedSource) {
    this.isStream = stored.again() === null;
  }

  /** The next bytes, in `into`; none at the end. */
  async read(into: Buffer): Promise<Buffer> {
    const bytes = into.subarray(0, await this.stored.read(into, 0, into.length));
    if (this.isStream) this.keep(bytes);
    return bytes;
  }

  private keep(bytes: Buffer): void {
    this.heldBytes += bytes.length;
    if (this.heldBytes > PACKED_KEPT) this.held = null;
    this.held?.push(Buffer.from(bytes));
  }

  get canGoBack(): boolean {
    return this.held !== null;
  }

  /** All from the start; ends early where `isOver` says so. */
  async *again(isOver: () => boolean): AsyncGenerator<Buffer> {
    const source = this.stored.again();
    const chunks = source ? chunksOf(source) : (this.held ?? []);
    for await (const chunk of chunks) {
      if (isOver()) return;
      yield chunk;
    }
  }
}

/** A source's bytes, in chunks that nobody writes to any more. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(READ_SIZE);
    const count = await source.read(chunk, 0, READ_SIZE);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}
