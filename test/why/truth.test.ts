/** Real captures with stalls put there on purpose: the judgement against what was done. */
import { describe, expect, it } from 'vitest';
import { EXPECTED, samplePath } from '../samples.js';
import { investigate } from './investigate.js';
import { typicalOf } from './typical.js';

const rows: string[] = [];

describe('truth and judgement', () => {
  for (const expected of EXPECTED.filter((e) => e.gaps.length > 0)) {
    it(`${expected.file}: ${expected.longestCauseOneOf!.join(' or ')}`, async () => {
      const [gap] = [...expected.gaps].sort((a, b) => b.durationNs - a.durationNs);
      // Packets have no direction.
      const dir = /evt\.dir='([<>])'/.exec(expected.filter)?.[1] as '<' | '>' | undefined;
      const { finding, activity } = await investigate(samplePath(expected.file), {
        ...gap!,
        ...(dir === undefined ? {} : { dir }),
        typicalNs: typicalOf(expected),
      });
      rows.push(
        `${expected.file.padEnd(42)} ${expected.longestCauseOneOf!.join('|').padEnd(24)} ${finding.cause.padEnd(10)} ${finding.call ?? ''}/${finding.class ?? ''}`,
      );
      if (process.env.SHOW) rows.push(JSON.stringify({ finding, activity }, null, 1));
      expect(expected.longestCauseOneOf).toContain(finding.cause);
      if (expected.call !== null && finding.cause !== 'unknown') expect(finding.call).toBe(expected.call);
      if (expected.class !== null && finding.cause !== 'unknown') expect(finding.class).toBe(expected.class);
    });
  }

  it('prints the table', () => {
    console.log(rows.join('\n'));
  });
});
