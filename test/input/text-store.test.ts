/** Text that waits: the same text comes out, and what is more than a bound is not in memory. */
import { ftruncateSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { TextStore } from '../../src/input/text-store.js';
import { UsageError } from '../../src/model/problem.js';

const { TMPDIR } = process.env;

afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
});

it('gives back what was added, in order, from memory', () => {
  const store = new TextStore();
  for (const text of ['a', '', 'ü漢', '\u{1f600}']) store.add(text);
  expect([...store.pieces()].join('')).toBe('aü漢\u{1f600}');
  expect(store.storedBytes).toBe(0);
  store.close();
});

it('moves to a file all of what is more than a bound', () => {
  const store = new TextStore();
  const texts = Array.from({ length: 9000 }, (_, i) => `${i} ü漢\u{1f600} ${'.'.repeat(1000)}\n`);
  for (const text of texts) store.add(text);
  const pieces = [...store.pieces()];
  expect(pieces.join('')).toBe(texts.join(''));
  expect(store.storedBytes).toBe(Buffer.byteLength(texts.join('')));
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(200_000);
  store.close();
});

it('says what to do where the file can be made nowhere', () => {
  process.env.TMPDIR = '/nowhere/at/all';
  const store = new TextStore();
  const add = (): void => {
    for (let i = 0; i < 6000; i++) store.add('.'.repeat(1000));
  };
  expect(add).toThrow(UsageError);
  expect(add).toThrow(
    /\/nowhere\/at\/all \(ENOENT\): TMPDIR=\.\.\. names another folder, -o ndjson needs none/,
  );
  store.close();
});

/** Spoils the file; the descriptor to read. */
type Spoil = (fd: number) => number;

function cutOff(fd: number): number {
  ftruncateSync(fd, 1000);
  return fd;
}

it.each<[string, Spoil, string]>([
  ['cut short', cutOff, 'it ends after 1000 of 5242880 bytes'],
  ['not to be read', () => openSync(tmpdir(), 'r'), 'EISDIR'],
])('says what to do where the file is %s', (_, spoil, reason) => {
  const store = new TextStore();
  for (let i = 0; i < 40; i++) store.add('.'.repeat(128 << 10));
  Reflect.set(store, 'fd', spoil(Reflect.get(store, 'fd') as number));
  const read = (): string[] => [...store.pieces()];
  expect(read).toThrow(UsageError);
  expect(read).toThrow(
    `which can't be read back in ${tmpdir()} (${reason}): TMPDIR=... names another folder, -o ndjson needs none`,
  );
  store.close();
});
