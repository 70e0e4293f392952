/**
 * Text that waits until what goes before it is known: as UTF-8, the first megabytes in memory, all of it in an
 * unnamed temporary file where it is more.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UsageError } from '../model/problem.js';
import { openTemporaryFile } from './temporary-file.js';

/** Held in memory. */
const IN_MEMORY = 4 << 20;
/** Characters that are collected before they become bytes. */
const PIECE = 128 << 10;

export class TextStore {
  /** Bytes that the temporary file holds; 0 without one. */
  storedBytes = 0;
  private recent: string[] = [];
  private recentLength = 0;
  /** Pieces in memory, none once there is a file. */
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  /** Lengths of the pieces in the file. */
  private readonly lengths: number[] = [];
  private fd = -1;

  /** @throws UsageError when the temporary file can't be made or written. */
  add(text: string): void {
    this.recent.push(text);
    this.recentLength += text.length;
    if (this.recentLength >= PIECE) this.settle();
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
    if (this.recentLength === 0) return;
    const piece = Buffer.from(this.recent.join(''), 'utf8');
    this.recent = [];
    this.recentLength = 0;
    if (this.fd < 0 && this.heldBytes + piece.length <= IN_MEMORY) {
      this.held.push(piece);
      this.heldBytes += piece.length;
      return;
    }
    try {
      if (this.fd < 0) this.fd = openTemporaryFile();
      for (const other of this.held.splice(0)) this.store(other);
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
