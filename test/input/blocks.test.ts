import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockReader, DECODED_IN_FULL, MAX_LINE } from '../../src/input/block-reader.js';
import { ChunkSource } from '../../src/input/byte-source.js';
import { LiteralPicker, PickedLines } from '../../src/input/line-picker.js';
import { chunked } from '../samples.js';

interface Line {
  readonly text: string;
  readonly offset: number;
  readonly line: number;
}

/** All lines that a reader hands out, as (text, offset, number). */
async function lines(reader: BlockReader): Promise<{ lines: Line[]; passed: number }> {
  const seen: Line[] = [];
  let passed = 0;
  for (let block = await reader.next(); block; block = await reader.next()) {
    let start = block.start;
    for (let i = 0; i < block.count; i++) {
      if (block.picks) start = block.picks.starts[i]!;
      const end = block.ends[i]!;
      seen.push({
        text: block.bytes.toString('latin1', start, end),
        offset: block.offset + start - block.start,
        line: block.picks ? block.picks.lines[i]! : block.line + i,
      });
      start = end + 1;
    }
    passed += block.picks?.passed ?? 0;
    reader.release(block.picks ? block.end : start);
  }
  await reader.close();
  return { lines: seen, passed };
}

function expected(text: string): Line[] {
  const out: Line[] = [];
  let offset = 0;
  const parts = text.split('\n');
  if (parts.at(-1) === '') parts.pop();
  for (const [i, part] of parts.entries()) {
    out.push({ text: part, offset, line: i + 1 });
    offset += part.length + 1;
  }
  return out;
}

describe('blocks', () => {
  it('end the last line, also where it has no newline and other lines lay before', async () => {
    const reader = new BlockReader(new ChunkSource(chunked(Buffer.from('99999\n99\n9'), 5)), {
      blockSize: 5,
      kernel: true,
    });
    const behind: (number | undefined)[] = [];
    for (let block = await reader.next(); block; block = await reader.next()) {
      const end = block.ends[block.count - 1]!;
      behind.push(block.bytes[end]);
      reader.release(end + 1);
    }
    expect(behind).toEqual(behind.map(() => 10));
  });

  it('hand out every line once, wherever reads and blocks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n', '1', 'é'), maxLength: 40, size: 'max' }), {
          maxLength: 30,
          size: 'max',
        }),
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (parts, blockSize, sizes, kernel) => {
          const bytes = Buffer.from(parts.join(''), 'latin1');
          const reader = new BlockReader(new ChunkSource(chunked(bytes, ...sizes)), { blockSize, kernel });
          expect((await lines(reader)).lines).toEqual(expected(bytes.toString('latin1')));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keep what a decoder did not take, however much it is', async () => {
    const text = Array.from({ length: 9000 }, (_, i) => `line ${i} ${'.'.repeat(i % 50)}`).join('\n');
    for (const blockSize of [700, 3000, 50_000]) {
      const reader = new BlockReader(new ChunkSource(chunked(Buffer.from(text), 5000)), {
        blockSize,
        kernel: true,
      });
      let last = '';
      for (let block = await reader.next(); block; block = await reader.next()) {
        last = block.bytes.toString('latin1', block.start, block.end);
        expect([block.line, block.offset]).toEqual([1, 0]);
        expect(text.startsWith(last)).toBe(true);
        reader.release(block.start);
      }
      expect(last).toBe(text);
    }
  });

  it('cut a line at 1 MiB, count it, and go on behind it', async () => {
    for (const blockSize of [1000, 300_000, 5 << 20]) {
      const bytes = Buffer.concat([
        Buffer.from('one\n'),
        Buffer.alloc(MAX_LINE + 5, 'x'),
        Buffer.from('\ntwo\n'),
        Buffer.alloc(MAX_LINE, 'y'),
        Buffer.from('\nthree\n'),
        Buffer.alloc(2.5 * MAX_LINE, 'z'),
      ]);
      const reader = new BlockReader(new ChunkSource(chunked(bytes, 1 << 20)), { blockSize, kernel: true });
      const { lines: seen } = await lines(reader);
      expect(seen.map((l) => [l.text.slice(0, 5), l.text.length, l.line, l.offset])).toEqual([
        ['one', 3, 1, 0],
        ['xxxxx', MAX_LINE, 2, 4],
        ['two', 3, 3, MAX_LINE + 10],
        ['yyyyy', MAX_LINE, 4, MAX_LINE + 14],
        ['three', 5, 5, 2 * MAX_LINE + 15],
        ['zzzzz', MAX_LINE, 6, 2 * MAX_LINE + 21],
      ]);
      expect(reader.cutLines).toBe(2);
      expect(reader.problems).toEqual([
        { line: 2, byte: 4, reason: 'line longer than 1048576 bytes, cut there' },
        { line: 6, byte: 2 * MAX_LINE + 21, reason: 'line longer than 1048576 bytes, cut there' },
      ]);
    }
  });

  it('of a line of 300 MB take no more memory than others, and wait for who keeps the bytes', async () => {
    const megabytes = 300;
    let given = 0;
    let largest = 0;
    let unkept = 0;
    let mostUnkept = 0;
    const reader = new BlockReader(
      {
        async read(into, at, length) {
          largest = Math.max(largest, into.buffer.byteLength);
          if (given >= megabytes << 20) return 0;
          into.fill(given === 0 ? '\n' : 'x', at, at + length);
          given += length;
          return length;
        },
        async close() {},
      },
      {
        blockSize: 256 << 10,
        kernel: true,
        onBytes(bytes) {
          unkept += bytes.length;
          mostUnkept = Math.max(mostUnkept, unkept);
          return new Promise((resolve) =>
            setImmediate(() => {
              unkept -= bytes.length;
              resolve();
            }),
          );
        },
      },
    );
    const { lines: seen } = await lines(reader);
    expect(reader.bytesRead).toBe(megabytes << 20);
    expect(seen.at(-1)!.text.length).toBe(MAX_LINE);
    expect(reader.cutLines).toBe(1);
    expect(largest).toBeLessThan(40 << 20);
    expect(mostUnkept).toBe(256 << 10);
  });

  it('pick the lines with a literal, with their places, and count the others', async () => {
    const all: string[] = [];
    for (let i = 0; all.length < 120_000; i++)
      all.push(
        `${i} 1700000000.${100_000_000 + i} ${i % 997 === 0 ? 'needle' : 'hay'} ${'.'.repeat(i % 90)}`,
      );
    const text = `${all.join('\n')}\n`;
    expect(text.length).toBeGreaterThan(DECODED_IN_FULL + (1 << 20));
    const reader = new BlockReader(new ChunkSource(chunked(Buffer.from(text), 50_000)), {
      blockSize: 100_000,
      kernel: true,
    });
    reader.picker = new LiteralPicker(Buffer.from('needle'), { reads: () => true, follows: () => true });
    const { lines: seen, passed } = await lines(reader);
    const whole = expected(text);
    const places = new Set(seen.map((l) => `${l.line} ${l.offset} ${l.text}`));
    const wanted = whole.filter((l) => l.text.includes('needle'));
    expect(wanted.every((l) => places.has(`${l.line} ${l.offset} ${l.text}`))).toBe(true);
    expect(seen.length + passed).toBe(whole.length);
    expect(passed).toBeGreaterThan(10_000);
  });

  it('are cut again behind what was decoded, for a picker that looks at every line', async () => {
    const text = 'a 1\nb 22\nc 333\nd 4444\ne 5\nf';
    const source = new ChunkSource(chunked(Buffer.from(`${text}inal\n`), text.length));
    const reader = new BlockReader(source, { blockSize: 1024, kernel: false });
    const whole = (await reader.next())!;
    expect(whole.count).toBe(5);
    const consumed = whole.start + 'a 1\nb 22\n'.length;
    expect(reader.cutAgain(consumed)).toBeNull();
    const picked = new PickedLines();
    reader.picker = {
      seesAll: true,
      sparse: null,
      ahead: null,
      pick: (_memory, { start, end, line, offset }) => {
        picked.put(start, start + 'c 333'.length, line, offset);
        return end - start === 'c 333\nd 4444\ne 5\n'.length ? picked.of(3) : null;
      },
    };
    const block = reader.cutAgain(consumed)!;
    expect(block.bytes.toString('latin1', block.picks!.starts[0], block.ends[0])).toBe('c 333');
    expect([block.line, block.offset, block.picks!.passed]).toEqual([3, 9, 2]);
    reader.release(block.end);
    const { lines: rest } = await lines(reader);
    expect(rest).toEqual([{ text: 'final', offset: 26, line: 6 }]);
  });
});
