import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/formats/clock.js';

const HOUR = 3600e9;

describe('clock', () => {
  it('goes on over midnight', () => {
    const clock = new Clock(true);
    expect([24 * HOUR - 5, 3, 24 * HOUR - 1, 4].map((ns) => clock.place(ns) - 24 * HOUR)).toEqual([
      -5, 3, -1, 4,
    ]);
    expect(clock.place(23 * HOUR) - 24 * HOUR).toBe(23 * HOUR);
    expect(clock.place(1) - 48 * HOUR).toBe(1);
    expect([clock.epoch, clock.inversions]).toEqual([0, 1]);
  });

  it('takes small inversions as they are and counts them', () => {
    const clock = new Clock(false);
    expect([5e9, 5e9 - 4000, 5e9 - 1e6, 5e9 + 1].map((ns) => clock.place(ns))).toEqual([
      5e9,
      5e9 - 4000,
      5e9 - 1e6,
      5e9 + 1,
    ]);
    expect([clock.epoch, clock.inversions, clock.latestNs]).toEqual([0, 2, 5e9 + 1]);
  });

  it('starts a new stretch when it was set back', () => {
    const clock = new Clock(true);
    clock.place(17 * HOUR);
    expect(clock.place(17 * HOUR - 2e6)).toBe(17 * HOUR - 2e6);
    expect([clock.epoch, clock.lastStepNs, clock.latestNs]).toEqual([1, 2e6, 17 * HOUR - 2e6]);
  });

  it('does not roll over where times have a date', () => {
    const clock = new Clock(false);
    clock.place(23 * HOUR);
    clock.place(1 * HOUR);
    expect([clock.epoch, clock.latestNs]).toEqual([1, HOUR]);
  });
});

describe('the times of the next two lines', () => {
  const HOUR = 3600e9;
  it.each([
    ['follow', 10 * HOUR, 10 * HOUR, true],
    ['late first', 9 * HOUR, 11 * HOUR, false],
    ['late second', 11 * HOUR, 10.5 * HOUR, false],
    ['half a day ahead', 11 * HOUR, 22 * HOUR + 1, false],
    ['no times', Number.NaN, 11 * HOUR, false],
  ])('%s', (_, first, second, expected) => {
    const clock = new Clock(true);
    expect(clock.follows(first, second)).toBe(!Number.isNaN(first) && first <= second);
    clock.place(10 * HOUR);
    expect(clock.follows(first, second)).toBe(expected);
    // Of the next day.
    clock.place(0);
    clock.place(10 * HOUR);
    expect(clock.follows(first, second)).toBe(expected);
  });
});
