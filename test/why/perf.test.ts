/**
 * perf sched recorded the same machine while sysdig did (starve_fifo). From the moment the hog takes CPU 1 to the
 * moment keepalived gets it back, the CPU has no idle time, so perf's run times are complete there: the same
 * stretch must give the same time per task within 2 %.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { visitStretch } from '../../src/formats/stretch.js';
import { ActivityView } from '../../src/why/activity.js';
import { samplePath, scanned } from '../samples.js';

/** CLOCK_REALTIME minus CLOCK_MONOTONIC of the recording, less the midnight of its day. */
const OFFSET_NS = 1795243504216635329n - 1795219200000000000n;

interface Row {
  readonly outNs: number;
  readonly tid: number;
  readonly runNs: number;
}

function perfRows(): Row[] {
  const text = gunzipSync(readFileSync(samplePath('perf/starve_fifo.timehist.txt.gz'))).toString('utf8');
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    const m = /^\s*(\d+)\.(\d{6}) \[0001\]\s+\S.*?\[(\d+)(?:\/\d+)?\]\s+[\d.]+\s+[\d.]+\s+(\d+\.\d+)/.exec(
      line,
    );
    if (m)
      rows.push({
        outNs: Number(m[1]) * 1e9 + Number(m[2]) * 1e3,
        tid: Number(m[3]),
        runNs: Number(m[4]) * 1e6,
      });
  }
  return rows;
}

describe('CPU 1 while the hog held it', () => {
  const rows = perfRows();
  const begin = rows.find((row) => row.tid === 5576)!;
  const back = rows.findIndex((row) => row.outNs > begin.outNs + 0.9e9 && row.tid === 5567);
  const stretch = rows.slice(rows.indexOf(begin) + 1, back + 1);
  const startNs = begin.outNs + Number(OFFSET_NS);
  const endNs = stretch[stretch.length - 1]!.outNs + Number(OFFSET_NS);

  for (const file of ['sysdig/starve_fifo.both.txt.gz', 'sysdig/starve_fifo.exits.txt.gz']) {
    it(`${file} agrees with perf within 2 %`, async () => {
      const source = await scanned(file);
      const view = new ActivityView({ baselineNs: startNs - (endNs - startNs), startNs, endNs });
      await visitStretch([source], startNs - (endNs - startNs), endNs, (e, t) => {
        view.see(e, t);
      });
      await source.close();
      view.end();
      const report = view.report(64);
      expect(report.chain).toBe('whole');
      const [cpu] = report.cpus.filter((c) => c.cpu === 1);
      const length = endNs - startNs;
      const near = (ours: number, perf: number): void =>
        expect(Math.abs(ours - perf)).toBeLessThan(0.02 * length);
      near(cpu!.idleNs!, 0);
      near(cpu!.unknownNs!, 0);
      const hogNs = stretch.filter((row) => row.tid === 5576).reduce((sum, row) => sum + row.runNs, 0);
      expect(hogNs).toBeGreaterThan(0.9 * length);
      const hog = report.processes.find((p) => p.tid === 5576)!;
      expect(hog.proc).toBe('labhog');
      expect(Math.abs(hog.onCpuNs! - hogNs)).toBeLessThan(0.02 * hogNs);
      const kernelNs = stretch
        .filter((row) => [21, 20376].includes(row.tid))
        .reduce((sum, row) => sum + row.runNs, 0);
      near(cpu!.kernelNs!, kernelNs);
      near(cpu!.userNs!, hogNs);
    });
  }
});
