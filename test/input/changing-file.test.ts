/** Files that change while they are read, and runs that are stopped: they end, and the report says what it lacks. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findGaps } from '../../src/find-gaps.js';
import type { Gap, RunReport } from '../../src/model/gap.js';
import { run } from '../samples.js';

const LINES = 100_000;
const GAP_EVERY = 10_000;

function line(i: number): string {
  const ms = i + Math.floor(i / GAP_EVERY) * 2000;
  const at = `${String(Math.floor(ms / 60_000)).padStart(2, '0')}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;
  return `${i + 1} 10:${at}.${String(ms % 1000).padStart(3, '0')}000000 0 prog (7) > read fd=3 size=${i}\n`;
}

const TEXT = Buffer.from(Array.from({ length: LINES }, (_, i) => line(i)).join(''));

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-changing-'));
  path = join(folder, 'trace.txt');
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => writeFileSync(path, TEXT));

/** Gaps and report of a run in which something happens at its first gap. */
async function changing(happens: () => void): Promise<{ gaps: Gap[]; report: RunReport }> {
  const running = findGaps(path, { threshold: '1s', around: 3 }, { blockSize: 8192 });
  const gaps: Gap[] = [];
  for await (const gap of running) if (gaps.push(gap) === 1) happens();
  return { gaps, report: await running.report };
}

describe('a file that changes while it is read', { timeout: 60_000 }, () => {
  it('shrinks: what was read stands, the end is there, and the report says that it shrank', async () => {
    const { gaps, report } = await changing(() => truncateSync(path, 1000));
    expect(gaps.length).toBeLessThan(LINES / GAP_EVERY - 1);
    expect(gaps[0]!.durationNs).toBe(2_001_000_000);
    expect(report.sources[0]!.lines).toBeLessThan(LINES);
    expect(report.warnings).toContain(
      'the file shrank while it was read: what is told of its end is not complete',
    );
  });

  it('grows: it is read to the end that it has then', async () => {
    const { gaps, report } = await changing(() => appendFileSync(path, line(LINES)));
    expect(gaps).toHaveLength(LINES / GAP_EVERY);
    expect(report.sources[0]).toMatchObject({ lines: LINES + 1, records: LINES + 1, problems: [] });
  });

  it('vanishes: it is read all the same', async () => {
    const whole = await run(path, { threshold: '1s', around: 3 });
    expect(await changing(() => unlinkSync(path))).toEqual(whole);
  });
});

/** Thread 9 is silent from the second line on. */
function* endless(seconds: number): Generator<Buffer> {
  for (let s = 0; s < seconds; s++) {
    const parts: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      const tid = s === 0 && i === 1 ? 9 : 1;
      const time = `10:00:${String(s).padStart(2, '0')}.${String(i * 100).padStart(6, '0')}000`;
      parts.push(`${s * 10_000 + i + 1} ${time} 0 p (${tid}) > read ${'.'.repeat(60)}\n`);
    }
    yield Buffer.from(parts.join(''));
  }
}

/** Stopped when so many seconds of trace were read; the silence in progress, and what the run warns of. */
async function stoppedAfter(seconds: number): Promise<{ gap: Gap; warnings: readonly string[] }> {
  const stop = new AbortController();
  function* chunks(): Generator<Buffer> {
    yield* endless(seconds);
    stop.abort();
    yield Buffer.from('\n');
  }
  const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: 1 });
  const { gaps, report } = await run(stream, { threshold: '1s', tid: 9, signal: stop.signal });
  expect(report.interrupted).toBe(true);
  expect(gaps).toHaveLength(1);
  return { gap: gaps[0]!, warnings: report.warnings };
}

describe('a run that is stopped', { timeout: 60_000 }, () => {
  it('investigates the silence in progress', async () => {
    const { gap, warnings } = await stoppedAfter(4);
    expect(gap.activity).not.toBeNull();
    expect(warnings.join()).not.toContain('not investigated');
  });

  it('does not begin to read hundreds of megabytes again', async () => {
    const { gap, warnings } = await stoppedAfter(40);
    expect(gap).toMatchObject({ open: 'end', activity: null });
    expect(warnings).toContain(
      '1 long gaps were not investigated, since that takes long and the run was interrupted',
    );
  });
});
