/**
 * Text that waits until what goes before it is known: as UTF-8, the first megabytes in memory, all of it in an
 * unnamed temporary file where it is more.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UsageError } from '../model/problem.js';
import { freeMemory } from './free-memory.js';
import { openTemporaryFile } from './temporary-file.js';

/** Held in memory. */
const IN_MEMORY = 4 << 20;
/** Bytes that are collected before they are put away. */
const PIECE = 128 << 10;
/** Of a character of a string, in UTF-8. */
const MOST_BYTES = 3;

export class TextStore {
  /** Bytes that the temporary file holds; 0 without one. */
  storedBytes = 0;
  private recent = Buffer.allocUnsafeSlow(PIECE);
  private recentBytes = 0;
  /** Pieces in memory, none once there is a file. */
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  /** Lengths of the pieces in the file. */
  private readonly lengths: number[] = [];
  private fd = -1;

  /** Takes text of whole characters. @throws UsageError when the temporary file can't be made or written. */
  add(text: string): void {
    const most = text.length * MOST_BYTES;
    if (this.recentBytes + most > this.recent.length) {
      this.settle();
      if (most > this.recent.length) this.recent = Buffer.allocUnsafeSlow(most);
    }
    this.recentBytes += this.recent.write(text, this.recentBytes);
    if (this.recentBytes >= PIECE) this.settle();
  }

  /**
   * All of it in order; call once, when nothing more is added.
   * @throws UsageError when the temporary file can't be read back.
   */
  *pieces(): Generator<string, void, undefined> {
    this.settle();
    for (const piece of this.held) yield piece.toString('utf8');
    let into = Buffer.alloc(0);
    let offset = 0;
    for (const length of this.lengths) {
      if (into.length < length) into = Buffer.allocUnsafeSlow(length * 2);
      this.fetch(into, length, offset);
      yield into.toString('utf8', 0, length);
      offset += length;
    }
  }

  /** Reads bytes of the file. */
  private fetch(into: Buffer, length: number, offset: number): void {
    try {
      for (let done = 0; done < length; ) {
        const count = readSync(this.fd, into, done, length - done, offset + done);
        if (count === 0) throw new Error(`it ends after ${offset + done} of ${this.storedBytes} bytes`);
        done += count;
      }
    } catch (error) {
      throw unusable('read back', error as NodeJS.ErrnoException);
    }
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }

  private settle(): void {
    if (this.recentBytes === 0) return;
    const piece = this.recent.subarray(0, this.recentBytes);
    this.recentBytes = 0;
    if (this.fd < 0 && this.heldBytes + piece.length <= IN_MEMORY) {
      this.held.push(Buffer.from(piece));
      this.heldBytes += piece.length;
      return;
    }
    try {
      if (this.fd < 0) this.fd = openTemporaryFile();
      for (const other of this.held.splice(0)) {
        this.store(other);
        freeMemory(other, other.length);
      }
      this.store(piece);
    } catch (error) {
      throw unusable('written', error as NodeJS.ErrnoException);
    }
  }

  private store(piece: Buffer): void {
    for (let done = 0; done < piece.length; )
      done += writeSync(this.fd, piece, done, piece.length - done, this.storedBytes + done);
    this.storedBytes += piece.length;
    this.lengths.push(piece.length);
  }
}

function unusable(what: 'written' | 'read back', { code, message }: NodeJS.ErrnoException): UsageError {
  return new UsageError(
    'input',
    `the report waits in a temporary file until its first part is known, which can't be ${what} in ${tmpdir()} (${code ?? message}): TMPDIR=... names another folder, -o ndjson needs none`,
  );
}
