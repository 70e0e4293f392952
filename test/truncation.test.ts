/** The heads of samples of every format, cut at each byte: nothing throws, sums add up, whole lines give what they gave. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../src/model/event.js';
import type { Gap } from '../src/model/gap.js';
import { UsageError } from '../src/model/problem.js';
import { type Outcome, run, sampleFiles, sampleText } from './samples.js';

const HEAD = 800;
/** Samples of each format, spread over all of them. */
const SAMPLES = 5;
const OPTIONS = { threshold: '1us', why: false, around: 0 } as const;

async function outcome(bytes: Buffer): Promise<Outcome | null> {
  try {
    return await run(Readable.from([bytes]), OPTIONS, { blockSize: 8192 });
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

const key = ({ start, end, durationNs }: Gap): string => `${start!.offsetNs} ${end!.offsetNs} ${durationNs}`;

describe('cut at each byte', () => {
  it.each(['sysdig', 'strace', 'tcpdump', 'pcap'] as const)(
    '%s',
    async (folder) => {
      let compared = 0;
      const files = sampleFiles(folder);
      const step = Math.ceil(files.length / SAMPLES);
      for (const file of files.filter((_, i) => i % step === 0)) {
        const head = sampleText(file).subarray(0, HEAD);
        const whole = await outcome(head);
        for (let cut = 0; cut <= head.length; cut++) {
          const bytes = head.subarray(0, cut);
          const found = await outcome(bytes);
          if (!found) continue;
          const place = `${file} cut at ${cut}`;
          const { lines, records, ignored, unparsed, format } = found.report.sources[0]!;
          expect(records + ignored + unparsed, place).toBe(lines);
          for (const gap of found.gaps) expect(gap.durationNs, place).toBeGreaterThan(0);
          if (!whole || whole.report.sources[0]?.format !== format) continue;
          const lastWhole = bytes.lastIndexOf(10, bytes.lastIndexOf(10) - 1);
          const isBefore = ({ num, raw }: EventRecord): boolean =>
            format === 'pcap' ? num! < records : head.indexOf(raw) < lastWhole;
          const gapsBefore = ({ gaps }: Outcome) =>
            gaps.filter(({ open, end }) => open === null && isBefore(end!)).map(key);
          compared += gapsBefore(whole).length;
          expect(gapsBefore(found), place).toEqual(gapsBefore(whole));
        }
      }
      expect(compared).toBeGreaterThan(100);
    },
    120_000,
  );
});
