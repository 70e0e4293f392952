/** The decoder against a second reading of the same text, on real captures and on what strace writes here. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXPECTED, sampleFiles, sampleText } from '../../samples.js';
import { decode, type Seen } from './decode.js';
import { isTraceLine, readTrace } from './oracle.js';

function compare(text: Buffer): Seen[] {
  const { events, decoder } = decode(text);
  const { readings, broken } = readTrace(text.toString('latin1'));
  const lines = text.toString('latin1').split('\n');
  // The oracle knows neither lines joined nor the ends of broken ones.
  const whole = events.filter((e) => !broken.has(e.num!) && isTraceLine(lines[e.num! - 1]!));
  expect(
    whole.map((e) => ({ num: e.num, dir: e.dir, type: e.type, ns: e.ns === null ? null : BigInt(e.ns) })),
  ).toEqual(readings.map(({ num, dir, type, ns }) => ({ num, dir, type, ns })));
  const tids = new Map(readings.map((r) => [r.num, r.tid]));
  for (const e of whole) if (tids.get(e.num!) !== null) expect(e.tid).toBe(tids.get(e.num!));
  expect(decoder.clock.epoch).toBe(0);
  return events;
}

describe('samples', () => {
  for (const file of sampleFiles('strace').filter((name) => !/notime|_r_T|relns/.test(name))) {
    it(`${file}: every event, its line and its time`, () => {
      expect(decode(sampleText(file)).decoder.counts.unparsed).toBe(0);
      compare(sampleText(file));
    });
  }

  for (const file of sampleFiles('strace').filter((name) => /_r_T|relns/.test(name))) {
    it(`${file}: times are the sums of the deltas`, () => {
      const deltas = new Map<number, bigint>();
      let sum = 0n;
      for (const [i, line] of sampleText(file).toString('latin1').split('\n').entries()) {
        const m = /^\d+ +(\d+)\.(\d+) /.exec(line);
        if (m) deltas.set(i + 1, (sum += BigInt(m[1]!) * 1_000_000_000n + BigInt(m[2]!.padEnd(9, '0'))));
      }
      const { events } = decode(sampleText(file));
      for (const e of events.filter((x) => x.half === 0)) expect(BigInt(e.ns!)).toBe(deltas.get(e.num!));
    });
  }

  for (const expected of EXPECTED.filter((x) => x.file.startsWith('strace/'))) {
    it(`${expected.file}: ${expected.gaps.length} gaps of at least ${expected.threshold}`, () => {
      const type = /evt\.type=(\w+)/.exec(expected.filter)![1];
      const sent = decode(sampleText(expected.file)).events.filter((e) => e.type === type && e.dir === '>');
      const gaps = sent.slice(1).map((e, i) => ({
        startNum: sent[i]!.num,
        endNum: e.num,
        durationNs: e.ns! - sent[i]!.ns!,
      }));
      const threshold = Number.parseFloat(expected.threshold) * 1e9;
      expect(gaps.filter((gap) => gap.durationNs >= threshold)).toEqual(expected.gaps);
    });
  }
});

const folder = mkdtempSync(join(tmpdir(), 'strace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SCRIPT = `(sleep 0.02; ls /) & echo hi; printf 'no newline'; cat /etc/hostname /nonexistent; kill -USR1 $$; wait`;
const TIMES = [
  '-t',
  '-tt',
  '-ttt',
  '-r -tt',
  '-r -ttt',
  '--absolute-timestamps=format:unix,precision:ns',
  '--absolute-timestamps=format:time,precision:ms',
];
const EXTRAS = [
  '',
  '-T',
  '--syscall-times=ns',
  '-T -yy',
  '-i -n',
  '-Y -T',
  '-k',
  '-T -e read=all',
  '-X verbose',
  '-T -C',
];

/** strace may be missing, too old for an option, or not allowed to trace. */
function works(options: readonly string[]): boolean {
  return (
    spawnSync('strace', [...options, '-o', join(folder, 'probe'), 'true'], { stdio: 'ignore' }).status === 0
  );
}

describe('what strace writes here', () => {
  for (const times of TIMES) {
    it.skipIf(!works(times.split(' ')))(
      `${times}, with all else`,
      () => {
        for (const extra of times === '-ttt' ? EXTRAS : ['-T -yy', '-i -n']) {
          const options = ['-f', ...times.split(' '), ...extra.split(' ').filter(Boolean)];
          if (!works(options)) continue;
          const file = join(folder, 'trace');
          spawnSync('strace', [...options, '-o', file, 'sh', '-c', `trap : USR1; ${SCRIPT}`], {
            stdio: 'ignore',
          });
          const events = compare(readFileSync(file));
          expect(decode(readFileSync(file)).decoder.counts.unparsed).toBe(0);
          expect(events.some((e) => e.proc === 'cat' && e.type === 'write')).toBe(true);
          expect(events.some((e) => e.type === 'signaldeliver')).toBe(true);
          const command = ['strace', ...options, 'sh', '-c', `'trap : USR1; ${SCRIPT.replaceAll("'", '"')}'`];
          const mixed = execFileSync('sh', ['-c', `${command.join(' ')} 2>&1`]);
          compare(mixed);
        }
      },
      60_000,
    );
  }
});
