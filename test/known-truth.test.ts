/** Real captures with stalls put there on purpose: the gaps are known to the nanosecond. */
import { describe, expect, it } from 'vitest';
import { closed, EXPECTED, run, samplePath } from './samples.js';

describe('known gaps', () => {
  for (const expected of EXPECTED) {
    it(`${expected.file}: ${expected.gaps.length} of at least ${expected.threshold}`, async () => {
      const { gaps, report } = await run(samplePath(expected.file), {
        filter: expected.filter,
        threshold: expected.threshold,
      });
      expect(closed(gaps)).toEqual(expected.gaps);
      expect(report.sources[0]!.unparsed).toBe(0);
    });
  }
});

describe('healthy traces', () => {
  for (const expected of EXPECTED.filter((e) => e.gaps.length === 0)) {
    it(`${expected.file}: -t auto finds nothing`, async () => {
      const { gaps } = await run(samplePath(expected.file), { filter: expected.filter, threshold: 'auto' });
      expect(gaps).toEqual([]);
    });
  }
});

describe('broken rhythms', () => {
  for (const expected of EXPECTED.filter((e) => e.gaps.length > 0)) {
    it(`${expected.file}: -t auto finds the stall`, async () => {
      const { gaps } = await run(samplePath(expected.file), { filter: expected.filter, threshold: 'auto' });
      expect(closed(gaps)).toEqual(expected.gaps);
    });
  }
});
