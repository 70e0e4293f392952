/** The text report of every sample fits a terminal of 40 columns; only commands to be copied are never cut. */
import { describe, expect, it } from 'vitest';
import type { GapOptions } from '../../src/model/options.js';
import { textReport } from '../../src/report/text.js';
import { displayWidth } from '../../src/report/width.js';
import { run, sampleFiles, samplePath } from '../samples.js';
import { joined } from './fixtures.js';

const COLUMNS = 40;
const RUNS: readonly GapOptions[] = [
  { threshold: '200ms' },
  { threshold: '500ms', by: 'thread' },
  { vrrp: true },
];
const FOLDERS = ['sysdig', 'strace', 'tcpdump', 'pcap'] as const;

describe(`a terminal of ${COLUMNS} columns`, () => {
  it.each(FOLDERS)(
    'holds each line of the reports on the %s samples',
    async (folder) => {
      let reports = 0;
      for (const file of sampleFiles(folder)) {
        for (const options of RUNS) {
          const found = await run(samplePath(file), options).catch(() => null);
          if (found === null) continue;
          reports++;
          const commands = new Set(found.gaps.flatMap(({ next }) => next ?? []));
          const text = await joined(
            textReport(found.gaps, found.report, { width: COLUMNS, eventWidth: COLUMNS }),
          );
          const wide = text
            .split('\n')
            .filter((line) => displayWidth(line) > COLUMNS && !commands.has(line.trim()));
          expect(wide, `${file} ${JSON.stringify(options)}`).toEqual([]);
        }
      }
      expect(reports).toBeGreaterThan(2);
    },
    60_000,
  );
});
