/** iostat -t of several sysstat versions and option sets, as they print. */
import { describe, expect, it } from 'vitest';
import { at, readLog } from './axis.js';

const BANNER = 'Linux 6.1.0-18-amd64 (ha-1) \t11/21/2026 \t_x86_64_\t(2 CPU)\n\n';
const CPU = 'avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n';

/** Reports of one disk a second each from 07:44:01 on, `cells` behind its name. */
function reports(
  header: string,
  rows: readonly string[],
  stamp = (s: number) => `11/21/2026 07:44:0${s} AM`,
) {
  const bodies = rows.map(
    (row, i) =>
      `${stamp(i + 1)}\n${CPU}           1.01    0.00    1.52   ${i * 10}.25    0.00   50.26\n\n${header}\n${row}\n\n`,
  );
  return `${BANNER}${bodies.join('')}`;
}

/** The figures of 07:44:03 to 07:44:05, two reports, with those of the two before. */
function figures(text: string) {
  return readLog(text).figuresIn(at('07:44:03'), at('07:44:05'));
}

const X10 =
  'Device:         rrqm/s   wrqm/s     r/s     w/s    rkB/s    wkB/s avgrq-sz avgqu-sz   await r_await w_await  svctm  %util';
const X12 =
  'Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wkB/s   wrqm/s  %wrqm w_await wareq-sz     d/s     dkB/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util';
const PLAIN12 =
  'Device             tps    kB_read/s    kB_wrtn/s    kB_dscd/s    kB_read    kB_wrtn    kB_dscd';

describe('columns', () => {
  it('sysstat 10, -x: await stands there', () => {
    const row = (wait: number, util: number): string =>
      `sda               0.00     1.51    1.00    3.00     8.00    16.00    17.53     0.00    ${wait}    0.92    1.21   0.35   ${util}`;
    const text = reports(X10, [row(9, 9), row(1, 2), row(2, 4), row(800, 97), row(824, 99)]);
    expect(figures(text)).toEqual({
      log: 0,
      kind: 'iostat',
      device: 'sda',
      utilPercent: 98,
      awaitMs: 812,
      readKBps: 8,
      writeKBps: 16,
      iowaitPercent: 35.25,
      samples: 2,
      before: {
        device: 'sda',
        utilPercent: 3,
        awaitMs: 1.5,
        readKBps: 8,
        writeKBps: 16,
        iowaitPercent: 15.25,
        samples: 2,
      },
    });
  });

  it('sysstat 12, -x: await by the requests of each kind; a flush counts', () => {
    const row = (r: number, rWait: number, w: number, wWait: number, f: number, fWait: number): string =>
      `nvme0n1 ${r}.00 8.00 0.00 0.00 ${rWait}.00 4.00 ${w}.00 16.00 0.00 0.00 ${wWait}.00 4.00 0.00 0.00 0.00 0.00 0.00 0.00 ${f}.00 ${fWait}.00 9.75 98.40`;
    const quiet = row(0, 0, 0, 0, 0, 0);
    const text = reports(X12, [quiet, quiet, quiet, quiet, row(1, 10, 2, 100, 1, 1000)]);
    expect(figures(text)).toMatchObject({
      device: 'nvme0n1',
      utilPercent: 98.4,
      // (10 + 200 + 1000) / 4, all in the second of the two samples.
      awaitMs: 302.5,
      before: { awaitMs: null, utilPercent: 98.4 },
    });
  });

  it('without -x: the device that moves most, no await', () => {
    const row = (kb: number): string =>
      `sda               1.00        ${kb}.50         0.00         0.00          2          0          0\nsdb 2.00 0.00 100.00 0.00 0 100 0`;
    const text = reports(PLAIN12, [row(1), row(1), row(1), row(900), row(900)]);
    expect(figures(text)).toMatchObject({
      device: 'sda',
      utilPercent: null,
      awaitMs: null,
      readKBps: 900.5,
      before: { device: 'sda', readKBps: 1.5 },
    });
  });

  it('-m and sectors become kB', () => {
    const mega = 'Device:            tps    MB_read/s    MB_wrtn/s    MB_read    MB_wrtn';
    const sectors = 'Device:            tps   Blk_read/s   Blk_wrtn/s   Blk_read   Blk_wrtn';
    const rows = Array.from({ length: 5 }, () => 'sda 1.00 2.00 4.00 1 1');
    expect(figures(reports(mega, rows))).toMatchObject({ readKBps: 2048, writeKBps: 4096 });
    expect(figures(reports(sectors, rows))).toMatchObject({ readKBps: 1, writeKBps: 2 });
  });

  it('decimal commas', () => {
    const rows = Array.from({ length: 5 }, () => 'sda 1,00 2,25 4,00 1 1');
    const header = 'Device:            tps    kB_read/s    kB_wrtn/s    kB_read    kB_wrtn';
    expect(figures(reports(header, rows).replaceAll('.25', ',25'))).toMatchObject({ readKBps: 2.25 });
  });

  it('-c has no device', () => {
    const text = reports('', ['', '', '', '', '']);
    expect(figures(text)).toMatchObject({
      device: null,
      utilPercent: null,
      iowaitPercent: 35.25,
      samples: 2,
    });
  });

  it('the busiest of several disks, by the larger await where they are equally busy', () => {
    const header = 'Device            r/s     w/s     rkB/s     wkB/s r_await w_await  %util';
    const row =
      'dm-0 0.00 9.00 0.00 1.00 0.00 5.00 90.00\nsda 0.00 4.00 0.00 1.00 0.00 700.00 90.00\nsdb 0 0 0 0 0 0 0.10';
    expect(figures(reports(header, [row, row, row, row, row]))).toMatchObject({
      device: 'sda',
      awaitMs: 700,
    });
  });
});

describe('stamps', () => {
  const header = 'Device            r/s     w/s     rkB/s     wkB/s r_await w_await  %util';
  const rows = [1, 2, 3, 40, 60].map((util) => `sda 0.00 4.00 0.00 1.00 0.00 7.00 ${util}.00`);

  it.each([
    ['ISO', (s: number) => `2026-11-21T07:44:0${s}`],
    ['day first', (s: number) => `21/11/26 07:44:0${s}`],
    ['points', (s: number) => `21.11.2026 07:44:0${s}`],
    ['C locale', (s: number) => `11/21/26 07:44:0${s}`],
    ['sysstat 9', (s: number) => `Time: 07:44:0${s} AM`],
  ])('%s', (_, stamp) => {
    expect(figures(reports(header, rows, stamp))).toMatchObject({
      utilPercent: 50,
      before: { utilPercent: 2.5 },
    });
  });

  it('a sample covers the time before its stamp; one that overlaps a little counts a little', () => {
    const log = readLog(reports(header, rows));
    expect(log.figuresIn(at('07:44:03.750'), at('07:44:04.250'))).toMatchObject({
      utilPercent: 50,
      samples: 2,
      before: { utilPercent: 3, samples: 1 },
    });
    expect(log.figuresIn(at('07:44:01.500'), at('07:44:01.600'))).toMatchObject({
      utilPercent: 2,
      before: null,
    });
  });

  it('the report since the machine started is none, in a second run as well', () => {
    const log = readLog(reports(header, rows));
    expect(log.figuresIn(at('07:44:00'), at('07:44:01'))).toBe(null);
    const twice = readLog(reports(header, rows) + reports(header, rows).replaceAll('07:44', '07:54'));
    expect(twice.figuresIn(at('07:50:00'), at('07:54:01'))).toBe(null);
    expect(twice.figuresIn(at('07:54:03'), at('07:54:05'))).toMatchObject({ utilPercent: 50 });
  });

  it('without -t there is nothing to place, and the report says so', () => {
    const log = readLog(reports(header, rows, () => ''));
    expect(log.figuresIn(at('07:44:03'), at('07:44:05'))).toBe(null);
    expect(log.report()).toMatchObject({ kind: 'iostat', timed: 0, unparsed: 10 });
    expect(log.report().problems.at(-1)!.reason).toBe(
      '10 lines of figures have no time: run iostat with -t to have one for each sample',
    );
  });
});

it('counts its lines', () => {
  const header = 'Device            r/s     w/s     rkB/s     wkB/s r_await w_await  %util';
  const text = reports(header, ['sda 0 4 0 1 0 7 1', 'garbage here', 'sda 0 4 0 1 0 7 1']);
  expect(readLog(text).report()).toEqual({
    path: 'side.log',
    kind: 'iostat',
    lines: 23,
    timed: 5,
    unparsed: 1,
    problems: [{ line: 15, byte: null, reason: 'no line of iostat -t: "garbage here"' }],
  });
});

it('a sample holds no more figures than machines have devices', () => {
  const rows = 'sda 9.00 1.00 1.00 1.00 1 1 1\n'.repeat(5000);
  const log = readLog(
    `11/21/2026 07:44:01 AM\n${PLAIN12}\n${rows}\n11/21/2026 07:44:05 AM\n${PLAIN12}\n${rows}`,
  );
  expect(log.report()).toMatchObject({ timed: 5000 + 4096, unparsed: 5000 - 4096 });
});
