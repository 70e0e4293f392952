/** Compressed traces that are damaged: what came before the damage is reported, the rest is named as lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, run } from '../samples.js';

const LINES = 6000;
const TEXT = Buffer.from(
  Array.from(
    { length: LINES },
    (_, i) =>
      `${i + 1} 10:00:${String(Math.floor(i / 1000)).padStart(2, '0')}.${String((i % 1000) * 1e6).padStart(9, '0')} 0 a (1) > read fd=${(i * 7919) % 1009}\n`,
  ).join(''),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** From a file and from a stream, which must tell the same. */
async function read(packed: Buffer): Promise<Outcome['report']> {
  const path = join(folder, 'packed');
  writeFileSync(path, packed);
  const [file, stream] = [
    await run(path, { why: false }),
    await run(Readable.from([packed]), { why: false }),
  ].map(({ report }) => report);
  expect({ ...stream!.sources[0], path }).toEqual(file!.sources[0]);
  return file!;
}

describe('gzip', { timeout: 60_000 }, () => {
  it('with garbage behind it gives all that was packed, and says where the garbage begins', async () => {
    const packed = gzipSync(TEXT);
    const { sources } = await read(Buffer.concat([packed, Buffer.from('garbage')]));
    expect(sources[0]).toMatchObject({ records: LINES, unparsed: 0, bytes: TEXT.length });
    expect(sources[0]!.problems).toEqual([
      {
        line: null,
        byte: TEXT.length,
        reason: `reading stopped here, the rest is lost: incorrect header check, found at byte ${packed.length + 1} of the packed data`,
      },
    ]);
  });

  it('of three members, the middle one damaged, gives the first and names the rest as lost', async () => {
    const [first, second, third] = [0, 2000, 4000].map((from) =>
      gzipSync(
        Buffer.from(
          `${TEXT.toString()
            .split('\n')
            .slice(from, from + 2000)
            .join('\n')}\n`,
        ),
      ),
    );
    second!.fill(0xff, 10, 40);
    const { sources } = await read(Buffer.concat([first!, second!, third!]));
    expect(sources[0]!.records).toBeGreaterThanOrEqual(2000);
    expect(sources[0]!.records).toBeLessThan(2010);
    const told = /the rest is lost: .*, found at byte (\d+) of the packed data$/.exec(
      sources[0]!.problems.at(-1)!.reason,
    );
    expect(Number(told![1]) - first!.length).toBeGreaterThanOrEqual(10);
    expect(Number(told![1]) - first!.length).toBeLessThan(60);
  });

  it('cut anywhere gives every whole line before the cut', async () => {
    const packed = gzipSync(TEXT);
    let before = 0;
    for (let end = 1000; end < packed.length; end += 9001) {
      const { sources } = await read(packed.subarray(0, end));
      expect(sources[0]!.problems.at(-1)!.reason).toBe(
        `reading stopped here, the rest is lost: unexpected end of file, found at byte ${end} of the packed data`,
      );
      expect(sources[0]!.bytes).toBeGreaterThan(before);
      before = sources[0]!.bytes;
    }
    expect(before).toBeGreaterThan(TEXT.length * 0.7);
  });

  it('of any number of members is one trace; zeros behind it are padding', async () => {
    const half = TEXT.indexOf(10, TEXT.length >> 1) + 1;
    const packed = [gzipSync(TEXT.subarray(0, half)), gzipSync(TEXT.subarray(half)), Buffer.alloc(1000)];
    const { sources } = await read(Buffer.concat(packed));
    expect(sources[0]).toMatchObject({ records: LINES, unparsed: 0, problems: [] });
  });
});
