import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FileHistory, StreamHistory } from '../../src/input/history.js';

function bytesFrom(offset: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => ((offset + i) * 2_654_435_761) >>> 24));
}

describe('history of a stream', () => {
  it('gives back what is held, from memory and from the spill file, and says from where', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 2000 }),
        fc.constantFrom(0, 500, 3000, 100_000),
        async (sizes, memoryBytes, spillBytes) => {
          const history = new StreamHistory({ memoryBytes, spillBytes });
          let total = 0;
          for (const size of sizes) {
            history.append(bytesFrom(total, size));
            total += size;
          }
          // At once, while bytes that left memory wait to be written, and once they are.
          for (const isWritten of [false, true]) {
            if (isWritten) await new Promise((resolve) => setTimeout(resolve, 2));
            for (const [from, to] of [
              [0, total],
              [total >> 1, total],
              [0, total >> 2],
              [total - 1, total + 10],
            ] as const) {
              const stretch = history.read(from, to);
              expect(stretch.offset).toBe(Math.min(Math.max(from, history.heldFrom), total));
              const end = Math.max(stretch.offset, Math.min(to, total));
              expect(stretch.bytes.equals(bytesFrom(stretch.offset, end - stretch.offset))).toBe(true);
            }
          }
          expect(total - history.heldFrom).toBeGreaterThan(0);
          if (total <= memoryBytes) expect(history.heldFrom).toBe(0);

          await history.close();
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('history of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sysgap-history-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives what the file holds, near the last place and far from it, also once it has grown', () => {
    const path = join(folder, 'file');
    const whole = bytesFrom(0, 6_000_000);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: whole.length }),
        fc.array(
          fc.tuple(
            fc.oneof(fc.nat({ max: whole.length }), fc.integer({ min: -80_000, max: 80_000 })),
            fc.constantFrom(1, 512, 2048, 9000, 70_000, 300_000),
            fc.boolean(),
          ),
          { minLength: 1, maxLength: 80, size: 'max' },
        ),
        (size, reads) => {
          writeFileSync(path, whole.subarray(0, size));
          const fd = openSync(path, 'r');
          const history = new FileHistory(fd, { position: size, shrunk: false });
          let length = size;
          let last = 0;
          for (const [place, count, grows] of reads) {
            if (grows && length < whole.length) {
              appendFileSync(path, whole.subarray(length, length + 50_000));
              length = Math.min(whole.length, length + 50_000);
            }
            // Small numbers are a distance from the place before.
            const from = Math.max(0, Math.abs(place) <= 80_000 ? last + place : place);
            last = from;
            const { offset, bytes } = history.read(from, from + count);
            const expected = whole.subarray(from, Math.max(from, Math.min(from + count, length)));
            expect(offset).toBe(from);
            expect(bytes.equals(expected), `${from} ${count} of ${length}`).toBe(true);
          }
          expect(history.lost).toBeNull();
          closeSync(fd);
        },
      ),
      { numRuns: 40 },
    );
  });
});
