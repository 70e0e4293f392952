/** vmstat -t: texts of its versions, and the tool itself. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { at, readLog, windowFrom } from './axis.js';

const HEADER = `procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----
 r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC
`;

function line(second: number, blocked: number, wait: number, tail = ''): string {
  return ` 2  ${blocked}      0 23351668   2948 491644    1    2     3     4  526  685 51  1 ${48 - wait} ${wait}  0${tail} 2026-11-21 07:44:0${second}\n`;
}

const LOG = HEADER + line(1, 9, 9) + line(2, 0, 1) + line(3, 0, 3) + HEADER + line(4, 3, 30) + line(5, 5, 40);

describe('figures', () => {
  it('are means in the gap and before, without those since the machine started', () => {
    const log = readLog(LOG);
    expect(log.figuresIn(at('07:44:03'), at('07:44:05'))).toEqual({
      log: 0,
      kind: 'vmstat',
      running: 2,
      blocked: 4,
      swapIn: 1,
      swapOut: 2,
      blocksIn: 3,
      blocksOut: 4,
      contextSwitches: 685,
      userPercent: 51,
      systemPercent: 1,
      idlePercent: 13,
      iowaitPercent: 35,
      stealPercent: 0,
      samples: 2,
      before: expect.objectContaining({ blocked: 0, iowaitPercent: 2, samples: 2 }),
    });
    expect(log.figuresIn(at('07:44:00'), at('07:44:01'))).toBe(null);
    expect(log.report()).toMatchObject({ kind: 'vmstat', lines: 9, timed: 5, unparsed: 0 });
  });

  it('with gu of procps 4.0.4, and local time', () => {
    const header = HEADER.replace(' st  ', ' st gu ').replace('UTC', 'CET');
    const text = header + [1, 2, 3, 4, 5].map((second) => line(second, 1, 7, '  0')).join('');
    const figures = readLog(text).figuresIn(at('07:44:03'), at('07:44:05'));
    expect(figures).toMatchObject({ blocked: 1, iowaitPercent: 7, samples: 2 });
  });

  it('without -t have no place', () => {
    const log = readLog(LOG.replaceAll(/ 2026-.*/g, ''));
    expect(log.figuresIn(at('07:44:03'), at('07:44:05'))).toBe(null);
    expect(log.report()).toMatchObject({ kind: 'vmstat', timed: 0, unparsed: 5 });
    expect(log.report().problems.at(-1)!.reason).toMatch(
      /^5 lines of figures have no time: run vmstat with -t /,
    );
  });
});

const real = spawnSync('vmstat', ['-t', '1', '3'], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });

it.skipIf(real.error !== undefined)('vmstat itself (skipped where it is missing)', () => {
  const stamps = [...real.stdout.matchAll(/\d\d:\d\d:\d\d/g)].map(([clock]) => clock);
  const log = readLog(real.stdout, windowFrom(stamps[0]!));
  expect(log.report()).toMatchObject({ kind: 'vmstat', timed: 3, unparsed: 0, problems: [] });
  if (stamps[2]! < stamps[0]!) return;
  expect(log.figuresIn(at(stamps[1]!), at(stamps[2]!))).toMatchObject({
    samples: 1,
    idlePercent: expect.any(Number),
    before: { samples: 1 },
  });
});
