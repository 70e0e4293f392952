/** A log's lines: any ends, any chunks, any packing; long ones are cut, and one without end ends the log. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logLines } from '../../src/input/log-lines.js';
import { openSource } from '../../src/input/source.js';

/** The lines, and why reading failed, if it did. */
async function read(chunks: readonly Uint8Array[], longest?: number): Promise<[string[], string | null]> {
  const opened = await openSource({ name: 'log', stream: Readable.from(chunks) });
  let failure: string | null = null;
  const lines: string[] = [];
  for await (const line of logLines(opened, (reason) => (failure = reason), longest)) lines.push(line);
  await opened.close();
  return [lines, failure];
}

it('ends of either kind, empty lines, none at the end', async () => {
  expect(await read([Buffer.from('a\r\nb\n\nc')])).toEqual([['a', 'b', '', 'c'], null]);
  expect(await read([Buffer.from('a\r'), Buffer.from('\nb\n')])).toEqual([['a', 'b'], null]);
  expect(await read([])).toEqual([[], null]);
});

it('any text in any chunks', async () => {
  const text = fc.array(fc.constantFrom('a', 'ü', '€', '😀', '\n', '\r\n', ' '), {
    maxLength: 60,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
      const whole = parts.join('');
      const bytes = Buffer.from(whole);
      const chunks: Buffer[] = [];
      for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size));
      const lines = whole.split(/\r?\n/);
      if (lines.at(-1) === '') lines.pop();
      expect(await read(chunks)).toEqual([lines, null]);
    }),
  );
});

it('a line that never ends is cut, the next one whole', async () => {
  const long = Buffer.alloc(300_000, 'x');
  expect(await read([long, long, Buffer.from('\nnext\n'), long], 1000)).toEqual([
    ['x'.repeat(1000), 'next', 'x'.repeat(1000)],
    null,
  ]);
});

it('a line of many megabytes costs no more than its bytes', async () => {
  const chunk = Buffer.alloc(1 << 20, 'x');
  const [lines] = await read(Array.from({ length: 16 }, () => chunk));
  expect(lines.map((line) => line.length)).toEqual([65_536]);
});

it('packed, and packed and broken off', async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${Math.sin(i)}`).join('\n');
  const packed = gzipSync(text);
  expect((await read([packed]))[0]).toEqual(text.split('\n'));
  const [lines, failure] = await read([packed.subarray(0, packed.length / 2)]);
  expect(lines.length).toBeGreaterThan(1000);
  expect(failure).toMatch(/^unexpected end of file, found at byte \d+ of the packed data$/);
});

it('reading that fails is told', async () => {
  const stream = Readable.from(
    (async function* () {
      yield Buffer.from('07:44:03 a\n'.repeat(20));
      throw new Error('the disk is gone');
    })(),
  );
  const opened = await openSource({ name: 'log', stream });
  let failure = '';
  const lines: string[] = [];
  for await (const line of logLines(opened, (reason) => (failure = reason))) lines.push(line);
  expect([lines.length, failure]).toEqual([20, 'the disk is gone']);
});

/** Zeros without end, a megabyte at a time. */
function* zeros(first: string): Generator<Buffer> {
  if (first !== '') yield Buffer.from(first);
  const megabyte = Buffer.alloc(1 << 20);
  for (;;) yield megabyte;
}

it('reading stops in a line without end', async () => {
  const stream = Readable.from(zeros('first\n'), { objectMode: false });
  const opened = await openSource({ name: 'log', stream });
  const reasons: string[] = [];
  const lines: string[] = [];
  for await (const line of logLines(opened, (reason) => reasons.push(reason), 3)) lines.push(line);
  await opened.close();
  expect([lines, reasons]).toEqual([['first'.slice(0, 3), '\0\0\0'], ['a line is longer than 64 MiB']]);
});

it('what is such a line from its start is no log', async () => {
  const opened = await openSource({ name: 'zeros', stream: Readable.from(zeros(''), { objectMode: false }) });
  const lines = logLines(opened, () => undefined);
  await expect(
    (async () => {
      for await (const _ of lines);
    })(),
  ).rejects.toThrow(/^zeros: its first line does not end within 64 MiB, so it is no log$/);
  await opened.close();
});
