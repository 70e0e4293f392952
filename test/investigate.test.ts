import { expect, it } from 'vitest';
import { Worth } from '../src/investigate.js';

it('the longest gaps so far are investigated', () => {
  const worth = new Worth(2);
  expect([5, 3, 4, 2, 9, 4].map((ns) => worth.take(ns, 100, 1000))).toEqual([
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
  const taken = Array.from({ length: 1000 }, (_, i) => worth.take(i + 1, i + 2, (i + 1) * 1e6)).filter(
    (is) => is,
  ).length;
  expect(taken).toBeLessThan(300);
  expect(taken + worth.leftOut).toBe(1000);
});

it('all are where all are asked for', () => {
  const worth = new Worth(null);
  expect([1, 2, 3].map((ns) => worth.take(ns, 0, 0))).toEqual([true, true, true]);
});
