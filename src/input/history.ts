/**
 * Going back: the bytes of a source once more, by offset. A file is read again; of a stream the newest bytes are
 * kept in memory up to a bound, older ones in a private temporary file up to another, the oldest are dropped.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, read, unlinkSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Stretch {
  /** Offset of the first byte given: later than asked for where older bytes are no longer held. */
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface History {
  /** The bytes [from, to) as far as they are still held. */
  read(from: number, to: number): Promise<Stretch>;
  /** Offset of the oldest byte held. */
  readonly heldFrom: number;
  close(): Promise<void>;
}

function readAt(fd: number, into: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let done = 0;
    const more = (): void =>
      read(fd, into, done, into.length - done, position + done, (error, count) => {
        if (error) return reject(error);
        done += count;
        if (count === 0 || done === into.length) resolve(done);
        else more();
      });
    more();
  });
}

function writeAt(fd: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let done = 0;
    const more = (): void =>
      write(fd, bytes, done, bytes.length - done, position + done, (error, count) => {
        if (error) return reject(error);
        done += count;
        if (done === bytes.length) resolve();
        else more();
      });
    more();
  });
}

/** A regular file, read again through its own descriptor. */
export class FileHistory implements History {
  readonly heldFrom = 0;

  constructor(private readonly fd: number) {}

  async read(from: number, to: number): Promise<Stretch> {
    const bytes = Buffer.allocUnsafe(Math.max(0, to - from));
    const count = bytes.length === 0 ? 0 : await readAt(this.fd, bytes, from);
    return { offset: from, bytes: bytes.subarray(0, count) };
  }

  async close(): Promise<void> {}
}

export interface StreamHistoryLimits {
  readonly memoryBytes: number;
  readonly spillBytes: number;
}

export const STREAM_LIMITS: StreamHistoryLimits = {
  memoryBytes: 64 << 20,
  spillBytes: 4 * 2 ** 30,
};

interface Kept {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** What has passed of a stream. `append` in order; reading waits for writes under way. */
export class StreamHistory implements History {
  private readonly kept: Kept[] = [];
  private keptFirst = 0;
  private keptBytes = 0;
  private total = 0;
  private fd = -1;
  /** Spilled bytes are [spillFrom, spillTo), each at its offset modulo the bound. */
  private spillFrom = 0;
  private spillTo = 0;
  private writing: Promise<void> = Promise.resolve();
  private spillFailed: Error | null = null;

  constructor(private readonly limits: StreamHistoryLimits = STREAM_LIMITS) {}

  get heldFrom(): number {
    return this.spillTo > this.spillFrom ? this.spillFrom : (this.kept[this.keptFirst]?.offset ?? this.total);
  }

  /** In words, what is no longer held; null while everything is. */
  get lost(): string | null {
    if (this.heldFrom === 0) return null;
    const why = this.spillFailed ? ` (the temporary file: ${this.spillFailed.message})` : '';
    return `only the last ${Math.round((this.total - this.heldFrom) / (1 << 20))} MiB of the stream are still held for context${why}`;
  }

  /** Keeps a copy of the bytes. */
  append(bytes: Buffer): void {
    this.kept.push({ offset: this.total, bytes: Buffer.from(bytes) });
    this.total += bytes.length;
    this.keptBytes += bytes.length;
    while (this.keptBytes > this.limits.memoryBytes && this.kept.length - this.keptFirst > 1)
      this.spillOldest();
    if (this.keptFirst > 1024 && this.keptFirst > this.kept.length / 2) {
      this.kept.splice(0, this.keptFirst);
      this.keptFirst = 0;
    }
  }

  private spillOldest(): void {
    const oldest = this.kept[this.keptFirst]!;
    this.kept[this.keptFirst++] = EMPTY_KEPT;
    this.keptBytes -= oldest.bytes.length;
    if (this.spillFailed || this.limits.spillBytes < oldest.bytes.length) {
      this.spillFrom = this.spillTo = 0;
      return;
    }
    if (this.spillTo !== oldest.offset) this.spillFrom = oldest.offset;
    this.spillTo = oldest.offset + oldest.bytes.length;
    this.spillFrom = Math.max(this.spillFrom, this.spillTo - this.limits.spillBytes);
    this.writing = this.writing
      .then(() => this.spill(oldest))
      .catch((error: Error) => {
        this.spillFailed ??= error;
        this.spillFrom = this.spillTo = 0;
      });
  }

  /** Writes in a ring: what is older than the bound is overwritten. */
  private async spill(block: Kept): Promise<void> {
    if (this.spillFailed) return;
    if (this.fd < 0) this.createSpillFile();
    const bound = this.limits.spillBytes;
    const at = block.offset % bound;
    const head = Math.min(block.bytes.length, bound - at);
    await writeAt(this.fd, block.bytes.subarray(0, head), at);
    if (head < block.bytes.length) await writeAt(this.fd, block.bytes.subarray(head), 0);
  }

  /**
   * Readable by its owner alone, under a name that can't be guessed, and without that name at once: the file
   * lives as long as its descriptor, so that not even a killed process leaves it behind.
   */
  private createSpillFile(): void {
    const path = join(tmpdir(), `sysgap-${randomBytes(16).toString('hex')}`);
    this.fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
  }

  /** Bytes waiting to be written; the reader of the stream waits while they are many. */
  async drained(): Promise<void> {
    await this.writing;
  }

  async read(from: number, to: number): Promise<Stretch> {
    await this.writing;
    const start = Math.min(Math.max(from, this.heldFrom), this.total);
    const end = Math.max(start, Math.min(to, this.total));
    const bytes = Buffer.allocUnsafe(end - start);
    const spillEnd = Math.min(end, this.spillTo);
    if (start < spillEnd) await this.readSpilled(bytes, start, spillEnd);
    for (let i = this.indexOf(start); i < this.kept.length; i++) {
      const block = this.kept[i]!;
      if (block.offset >= end) break;
      const first = Math.max(start, block.offset);
      block.bytes.copy(
        bytes,
        first - start,
        first - block.offset,
        Math.min(end - block.offset, block.bytes.length),
      );
    }
    return { offset: start, bytes };
  }

  private async readSpilled(into: Buffer, from: number, to: number): Promise<void> {
    const bound = this.limits.spillBytes;
    for (let offset = from; offset < to; ) {
      const at = offset % bound;
      const length = Math.min(to - offset, bound - at);
      await readAt(this.fd, into.subarray(offset - from, offset - from + length), at);
      offset += length;
    }
  }

  /** Index of the first kept block that reaches beyond `offset`. */
  private indexOf(offset: number): number {
    let low = this.keptFirst;
    let high = this.kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const block = this.kept[middle]!;
      if (block.offset + block.bytes.length <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async close(): Promise<void> {
    await this.writing;
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
    this.kept.length = 0;
  }
}

const EMPTY_KEPT: Kept = { offset: 0, bytes: Buffer.alloc(0) };
