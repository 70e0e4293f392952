/** The arithmetic of RFC 3768 (version 2) and RFC 5798 / 9568 (version 3), by tables and as properties. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  configurableInterval,
  lowestExpired,
  masterDownNs,
  missedAdverts,
  skewNs,
} from '../../src/vrrp/protocol.js';

const S = 1e9;

describe('skew and master-down interval', () => {
  it.each([
    // RFC 3768, 6.1: Skew_Time ((256 - Priority) / 256) s; Master_Down_Interval 3 * Advertisement_Interval + Skew_Time.
    [2, 100, S, 609_375_000, 3_609_375_000],
    [2, 150, S, 414_062_500, 3_414_062_500],
    [2, 254, S, 7_812_500, 3_007_812_500],
    [2, 1, S, 996_093_750, 3_996_093_750],
    // The skew of version 2 is in seconds, whatever the interval.
    [2, 100, 5 * S, 609_375_000, 15_609_375_000],
    // RFC 5798, 6.1: Skew_Time ((256 - priority) * Master_Adver_Interval) / 256.
    [3, 100, S, 609_375_000, 3_609_375_000],
    [3, 100, 5 * S, 3_046_875_000, 18_046_875_000],
    [3, 200, 0.5 * S, 109_375_000, 1_609_375_000],
    [3, 254, 1e7, 78_125, 30_078_125],
  ])('version %i, priority %i, interval %i ns', (version, priority, intervalNs, skew, down) => {
    expect(skewNs(version, priority, intervalNs)).toBe(skew);
    expect(masterDownNs(version, priority, intervalNs)).toBe(down);
  });

  const priority = fc.integer({ min: 1, max: 255 });
  const centiseconds = fc.integer({ min: 1, max: 4095 }).map((n) => n * 1e7);

  it('lies between three and four intervals in version 3, and falls with the priority', () => {
    fc.assert(
      fc.property(priority, centiseconds, (p, intervalNs) => {
        const down = masterDownNs(3, p, intervalNs);
        expect(down).toBeGreaterThan(3 * intervalNs);
        expect(down).toBeLessThan(4 * intervalNs);
        if (p > 1) expect(down).toBeLessThan(masterDownNs(3, p - 1, intervalNs));
      }),
    );
  });

  it('is the same in both versions where the interval is a second', () => {
    fc.assert(
      fc.property(priority, (p) => {
        expect(masterDownNs(2, p, S)).toBe(masterDownNs(3, p, S));
      }),
    );
  });

  it('has run out for the lowest expired priority and those above, and for none below', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3),
        centiseconds,
        fc.double({ min: 0, max: 6, noNaN: true }),
        (version, intervalNs, lengths) => {
          const silenceNs = Math.round(lengths * intervalNs);
          const lowest = lowestExpired(version, intervalNs, silenceNs);
          for (let p = 1; p <= 254; p++) {
            const ran = masterDownNs(version, p, intervalNs) <= silenceNs;
            expect(lowest !== null && p >= lowest, `priority ${p}`).toBe(ran);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('missed adverts', () => {
  it.each([
    [1.0003, false, 0],
    [1.5, false, 1],
    [2.0003, false, 1],
    [2.36, false, 2],
    [3.563, false, 3],
    [5.035, false, 4],
    [1.5, true, 1],
    [3.2, true, 3],
    [0.4, true, 0],
  ])('%d intervals, open %s: %i', (intervals, open, missed) => {
    expect(missedAdverts(intervals * S, S, open)).toBe(missed);
    expect(missedAdverts(intervals * 1e7, 1e7, open)).toBe(missed);
  });
});

it.each([
  [1_000_187_466, 1e9],
  [4_998_000_000, 5e9],
  [500_400_000, 5e8],
  [1_230_100_000, 1.23e9],
  [300, 1e7],
])('a rhythm of %i ns is an interval of %i ns', (rhythmNs, intervalNs) => {
  expect(configurableInterval(rhythmNs)).toBe(intervalNs);
});
