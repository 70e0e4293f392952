/** Damaged traces. FUZZ_MINUTES and FUZZ_SEED make it longer and other (`npm run fuzz -- --minutes 10`). */
import { describe, expect, it } from 'vitest';
import { run } from '../samples.js';
import { describeRound, play, roundOf } from './rounds.js';

const SHORT = 120;
/** A round that never ends is between the last seed told and the next. */
const TOLD_EACH = 100;
const minutes = Number(process.env.FUZZ_MINUTES ?? 0);
const first = Number(process.env.FUZZ_SEED ?? 1);

/** Rounds whose answers once depended on how the bytes arrive. */
const MENDED = [91234170, 555902237];

describe('damaged traces', () => {
  it.each(MENDED)('seed %i is answered alike', (seed) => play(roundOf(seed)));

  it(
    'are answered alike however they arrive, and the sums add up',
    async () => {
      const until = performance.now() + minutes * 60_000;
      for (let seed = first; seed < first + SHORT || performance.now() < until; seed++) {
        const round = roundOf(seed);
        if (minutes > 0 && seed % TOLD_EACH === 0) process.stdout.write(`seed ${seed}\n`);
        await play(round).catch((error: Error) => {
          throw new Error(`${describeRound(round)}: ${error.message}`, { cause: error });
        });
      }
    },
    (minutes + 2) * 60_000,
  );

  it('noise is no trace', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i * 31 + i * 7) & 0xff));
    await expect(run((await import('node:stream')).Readable.from([noise]))).rejects.toThrow(
      /its format is not known/,
    );
  });
});
