import { expect, it } from 'vitest';
import { type FoundGap, type MatchRef, makeGap } from '../src/gaps/found-gap.js';
import { Worth } from '../src/investigate.js';

/** A gap of `ns` that ends `spanNs` and `bytes` behind the start of the trace. */
function gap(ns: number, spanNs: number, bytes: number, sequence = 0): FoundGap {
  const ref = (timeNs: number): MatchRef => ({ timeNs, source: 0, offset: bytes, line: 1, num: 1, half: 0 });
  return makeGap({ sequence, epochs: [], firstNs: 0 }, ref(spanNs - ns), ref(spanNs), Number.NaN);
}

it('the longest gaps so far are investigated', () => {
  const worth = new Worth(2);
  expect([5, 3, 4, 2, 9, 4].map((ns) => worth.take(gap(ns, 100, 1000)))).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(worth.leftOut).toBe(0);
});

it('gaps that grow and grow over one another are bounded, and counted', () => {
  const worth = new Worth(2);
  const taken = Array.from({ length: 1000 }, (_, i) => worth.take(gap(i + 1, i + 2, (i + 1) * 1e6))).filter(
    (is) => is,
  ).length;
  expect(taken).toBeLessThan(300);
  expect(taken + worth.leftOut).toBe(1000);
});

it('fewer are taken where there are thousands of sequences', () => {
  const takenOf = (sequences: number): number => {
    const worth = new Worth(1);
    const gaps = Array.from({ length: 1000 }, (_, i) => gap(i + 1, i + 2, 1e6, Math.min(i, sequences)));
    return gaps.filter((one) => worth.take(one)).length;
  };
  expect(takenOf(100)).toBeGreaterThan(300);
  expect(takenOf(5000)).toBeLessThan(takenOf(100));
  expect(takenOf(5000)).toBeGreaterThan(100);
});

it('all are where all are asked for', () => {
  const worth = new Worth(null);
  expect([1, 2, 3].map((ns) => worth.take(gap(ns, 0, 0)))).toEqual([true, true, true]);
});
