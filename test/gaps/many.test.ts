/** Very many sequences and gaps: what is held of them is bounded, and what that leaves out is counted. */
import { describe, expect, it } from 'vitest';
import { GapFinder } from '../../src/gaps/finder.js';
import { Longest } from '../../src/gaps/longest.js';
import { WAITING_KEPT } from '../../src/gaps/waiting-gaps.js';

let reachedNs = 0;

function see(finder: GapFinder, sequence: number, timeNs: number): void {
  reachedNs = timeNs;
  finder.see(sequence, { timeNs, source: 0, offset: timeNs, line: 1, num: sequence, half: 0 }, 0);
}

describe('gaps that wait for the event after them', () => {
  const SEQUENCES = WAITING_KEPT + 1000;
  const finder = new GapFinder({
    thresholdNs: 1e9,
    before: 1,
    after: 1,
    grouped: true,
    reachedNs: () => reachedNs,
  });
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < SEQUENCES; i++) see(finder, i, round * 10e9 + i * 1000);
  reachedNs = 30e9;
  finder.settle();

  it('are ready without it, the oldest first, where too many wait', () => {
    expect(finder.hurried).toBe(1000);
    expect(finder.ready.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(finder.ready.every(({ after }) => after.length === 0)).toBe(true);
  });

  it('are all found', () => {
    see(finder, SEQUENCES - 1, 11e9);
    finder.finish(30e9);
    expect(finder.found).toBe(SEQUENCES);
    expect(finder.ready).toHaveLength(SEQUENCES);
    expect(finder.ready.filter(({ after }) => after.length > 0)).toHaveLength(1);
  });
});

it('the longest so far are told by their lengths', () => {
  const longest = new Longest(2);
  expect([5, 3, 4, 4, 9, 5, 6].map((ns) => longest.take(ns))).toEqual([
    ...[true, true, true, false, true, false, true],
  ]);
});
