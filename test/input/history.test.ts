import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamHistory } from '../../src/input/history.js';

function bytesFrom(offset: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => ((offset + i) * 2_654_435_761) >>> 24));
}

describe('history of a stream', () => {
  it('gives back what is held, from memory and from the spill file, and says from where', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }),
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
