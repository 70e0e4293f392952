/** The figures of one side: exact where they are kept, within the stated error beyond. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Moment } from '../../src/conversations/step.js';
import { LONGEST, Waits } from '../../src/conversations/waits.js';

function moment(ns: number): Moment {
  return { ns, num: ns, time: null, source: 0 };
}

function waitsOf(list: readonly number[]): ReturnType<Waits['report']> {
  const waits = new Waits();
  for (const [i, ns] of list.entries()) waits.add(ns, moment(i), moment(i + 1));
  return waits.report('server');
}

/** Nearest rank. */
function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

describe('waits', () => {
  it('of none have no figures', () => {
    expect(waitsOf([])).toEqual({
      side: 'server',
      waits: 0,
      totalNs: 0,
      minNs: null,
      medianNs: null,
      p95Ns: null,
      p99Ns: null,
      maxNs: null,
      bytes: 0,
      longest: [],
    });
  });

  it('up to 256 are exact', () => {
    const list = Array.from({ length: 256 }, (_, i) => ((i * 7919) % 256) + 1);
    expect(waitsOf(list)).toMatchObject({
      waits: 256,
      totalNs: 32_896,
      medianNs: 128,
      p95Ns: 244,
      p99Ns: 254,
    });
  });

  it('of any number and size have exact sums and extremes, and percentiles within 3.2 %', () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 5e9 }),
      fc.maxSafeInteger().map(Math.abs),
    );
    fc.assert(
      fc.property(fc.array(length, { minLength: 1, maxLength: 1500, size: 'max' }), (list) => {
        const told = waitsOf(list);
        expect(told.waits).toBe(list.length);
        expect(told.totalNs).toBe(list.reduce((sum, ns) => sum + ns, 0));
        expect(told.minNs).toBe(list.reduce((a, b) => Math.min(a, b)));
        expect(told.maxNs).toBe(list.reduce((a, b) => Math.max(a, b)));
        for (const [value, share] of [
          [told.medianNs, 0.5],
          [told.p95Ns, 0.95],
          [told.p99Ns, 0.99],
        ] as const) {
          const truth = quantile(list, share);
          // Beyond 2 ** 53 ns, all is one bucket; no trace is 104 days long.
          if (truth < 2 ** 52) expect(Math.abs(value! - truth)).toBeLessThanOrEqual(truth * 0.032 + 0.5);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('the longest are told with their events, the longest first', () => {
    const { longest } = waitsOf([5, 9, 1, 9, 7]);
    expect(longest.map(({ ns, fromNum }) => [ns, fromNum])).toEqual([
      [9, 1],
      [9, 3],
      [7, 4],
    ]);
    expect(longest).toHaveLength(LONGEST);
  });
});
