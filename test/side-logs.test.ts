/** Side logs beside the gaps of a run, and sources with and without dates on one axis. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonReport, ndjsonReport, renderDiagnostics, textReport } from '../src/index.js';
import { expectGolden } from './report/golden.js';
import { run, samplePath } from './samples.js';

const folder = mkdtempSync(join(tmpdir(), 'sysgap-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const SENDMSG = "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'";
const MASTER = samplePath('logs/sigstop3.keepalived-m.log');
const BACKUP = samplePath('logs/sigstop3.keepalived-b.log');
const TRACE = samplePath('sysdig/sigstop3.both.txt');
const EPOCH_TRACE = samplePath('sysdig/renderings.both.t_a.txt.gz');
const STALL = { filter: SENDMSG, threshold: '1.2s' };

/** iostat -xt 1 through the stall. */
const IOSTAT = file(
  'iostat.txt',
  `Linux 6.1.0-18-amd64 (ha-1) \t11/21/2026 \t_x86_64_\t(2 CPU)\n\n${[0, 1, 2, 3, 4, 5, 6, 7, 8]
    .map(
      (s) =>
        `11/21/2026 07:44:0${s} AM\navg-cpu:  %user   %nice %system %iowait  %steal   %idle\n           1.01    0.00    1.52    0.25    0.00   97.22\n\n` +
        `Device            r/s     w/s     rkB/s     wkB/s r_await w_await  %util\nsda 0.00 5.00 0.00 20.00 0.00 ${s > 3 && s < 8 ? '812.00 98.00' : '1.20 4.00'}\n\n`,
    )
    .join('')}`,
);

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** The stall of a run over sigstop3 with these options. */
async function stall(options: object, input: string | readonly string[] = TRACE) {
  const { gaps, report } = await run(input, { ...STALL, ...options });
  expect(gaps).toHaveLength(1);
  return { gap: gaps[0]!, report };
}

describe('lines', () => {
  it('of keepalived stand beside its stall', async () => {
    const { gap, report } = await stall({ logs: [MASTER, BACKUP] });
    expect(gap.logs).toEqual([
      {
        log: 0,
        time: 'Sat Nov 21 07:44:06 2026',
        offsetNs: 27_846e9,
        text: 'A thread timer expired 2.562658 seconds ago',
      },
    ]);
    expect(gap.logContext).toMatchObject([
      { log: 0, lines: 1 },
      {
        log: 1,
        lines: 0,
        before: { time: 'Sat Nov 21 07:43:12 2026' },
        after: { text: '(VI_1) Backup received priority 0 advertisement' },
      },
    ]);
    expect(report.logs).toEqual([
      { path: MASTER, kind: 'lines', lines: 31, timed: 31, unparsed: 0, problems: [] },
      { path: BACKUP, kind: 'lines', lines: 29, timed: 29, unparsed: 0, problems: [] },
    ]);
    expect(report.warnings).toEqual([]);
  });

  it('are the same beside a trace with dates, on its axis', async () => {
    const { gap, report } = await stall({ logs: [MASTER], utcOffset: '+00:00' }, EPOCH_TRACE);
    expect(gap.logs!.map(({ text }) => text)).toEqual(['A thread timer expired 2.562658 seconds ago']);
    const [line] = gap.logs!;
    expect(line!.offsetNs - gap.start!.offsetNs!).toBe(2_693_696_777);
    expect(report.warnings).toEqual([]);
  });

  it('packed, with CR LF, from a relay that stamps otherwise', async () => {
    const text = readFileSync(MASTER, 'utf8');
    const relayed = text.replace(/^Sat Nov 21 ([\d:]{8}) 2026:/gm, '2026-11-21T$1.000Z ha-1 keepalived:');
    const path = file('relayed.gz', gzipSync(relayed.replaceAll('\n', '\r\n')));
    const { gap } = await stall({ logs: [path], utcOffset: 'Z' });
    // Milliseconds cover no whole second, but this second lies within.
    expect(gap.logs).toMatchObject([
      {
        time: '2026-11-21T07:44:06.000Z',
        text: 'ha-1 keepalived: A thread timer expired 2.562658 seconds ago',
      },
    ]);
  });

  it('follow midnight', async () => {
    const trace = samplePath('sysdig/midnight.exits.txt.gz');
    const log = file(
      'midnight.log',
      'Nov 20 23:59:58 ha-1 a\nNov 21 00:00:13 ha-1 b\nNov 21 00:00:15 ha-1 c\nNov 21 00:00:17 ha-1 d\n',
    );
    const { gaps } = await run(trace, {
      filter: 'proc.name=keepalived and evt.type=sendmsg',
      threshold: '1.2s',
      logs: [log],
    });
    expect(gaps.map(({ logs }) => logs!.map(({ text }) => text))).toEqual([['ha-1 c', 'ha-1 d']]);
  });
});

describe('the zone', () => {
  it('of local lines is told by --utc-offset, or assumed with a warning', async () => {
    const local = file('local.log', '2026-11-21 09:44:05 local\n2026-11-21 07:44:05 utc\n');
    const told = await stall({ logs: [local], utcOffset: '+02:00' }, EPOCH_TRACE);
    expect(told.gap.logs!.map(({ text }) => text)).toEqual(['local']);
    expect(told.report.warnings).toEqual([]);
    const assumed = await stall({ logs: [local] }, EPOCH_TRACE);
    expect(assumed.gap.logs!.map(({ text }) => text)).toEqual(['utc']);
    expect(assumed.report.warnings).toEqual([
      'times without a zone are taken as UTC+00:00 to place the logs beside the trace (--utc-offset tells another zone)',
    ]);
  });

  it('of a trace without dates too', async () => {
    const absolute = file('absolute.log', '2026-11-21T05:44:05Z x\n1795247045 y\n');
    const { gap } = await stall({ logs: [absolute], utcOffset: '+0200' });
    expect(gap.logs!.map(({ text }) => text)).toEqual(['x']);
  });

  it('a log of several days is laid on its last one, with a warning', async () => {
    const days = file('days.log', 'Nov 20 07:44:05 x\nNov 21 07:44:05 y\nNov 21 12:00:00 z\n');
    const { gap, report } = await stall({ logs: [days] });
    expect(gap.logs!.map(({ time }) => time)).toEqual(['Nov 21 07:44:05']);
    expect(report.warnings).toEqual([
      `${days}: 2 days of it may be the trace's, whose times or the log's have no date: the last one is taken`,
    ]);
  });
});

it('a log of another time is told of', async () => {
  const local = file('elsewhere.log', '2026-11-21 09:44:05 x\n2026-11-21 09:44:06 y\n');
  const wrong = await stall({ logs: [local], utcOffset: '+00:00' }, EPOCH_TRACE);
  expect(wrong.report.warnings).toEqual([
    `${local}: nothing in it is from the time of the trace, its lines are of 2026-11-21 09:44:05 to 2026-11-21 09:44:06; --utc-offset tells the zone of times without one`,
  ]);
  const ofDay = await stall({ logs: [local] });
  expect(ofDay.report.warnings).toEqual([
    `${local}: nothing in it is from the time of the trace, its lines are of 2026-11-21 09:44:05 to 2026-11-21 09:44:06`,
  ]);
  const samples = file('early.txt', readFileSync(IOSTAT, 'utf8').replaceAll(' 07:44', ' 03:44'));
  expect((await stall({ logs: [samples] })).report.warnings).toEqual([
    `${samples}: nothing in it is from the time of the trace`,
  ]);
});

describe('figures', () => {
  it('of iostat: the busiest device in the gap against before', async () => {
    const { gap } = await stall({ logs: [IOSTAT] });
    // The gap begins 0.31 s into a quiet second.
    expect(gap.figures).toMatchObject([
      { log: 0, kind: 'iostat', device: 'sda', utilPercent: 98, awaitMs: 812, before: { utilPercent: 4 } },
    ]);
    expect(gap.logs).toEqual([]);
  });
});

describe('reports', () => {
  it('as text', async () => {
    const { gaps, report } = await run(TRACE, {
      ...STALL,
      why: false,
      around: 0,
      logs: [MASTER, BACKUP, IOSTAT],
    });
    const named = {
      ...report,
      sources: report.sources.map((source) => ({ ...source, path: 'sigstop3.txt' })),
      logs: report.logs!.map((log, i) => ({
        ...log,
        path: ['keepalived-m.log', 'keepalived-b.log', 'io.txt'][i]!,
      })),
    };
    expectGolden('side-logs', await joined(textReport(gaps, named)));
  });

  it('as JSON: keys on each gap and in the document, only where logs were asked for', async () => {
    const { gaps, report } = await run(TRACE, { ...STALL, logs: [MASTER, IOSTAT] });
    const document = JSON.parse(await joined(jsonReport(gaps, report)));
    expect(document.logs.map((log: { kind: string }) => log.kind)).toEqual(['lines', 'iostat']);
    expect(document.gaps[0].logs[0].text).toBe('A thread timer expired 2.562658 seconds ago');
    expect(JSON.parse(await joined(ndjsonReport(gaps))).figures[0].device).toBe('sda');
    const without = await run(TRACE, STALL);
    expect(await joined(jsonReport(without.gaps, without.report))).not.toMatch(
      /"logs"|"figures"|"logContext"/,
    );
  });

  it('escape what a log says, and cut what is long', async () => {
    const log = file('evil.log', `07:44:04 \u001b[2J\u202e${'x'.repeat(5000)}\nno time \u001b[31m\n`);
    const { gaps, report } = await run(TRACE, { ...STALL, logs: [log] });
    const text = await joined(textReport(gaps, report));
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text).toContain('\\x1b[2J');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(160);
    expect(renderDiagnostics(report)).toEqual([
      `${log}:2: no time at the start of the line: "no time \\u001b[31m"`,
    ]);
    expect(await joined(jsonReport(gaps, report))).not.toMatch(/[\u001b\u202e]/);
  });

  it('of many lines at one gap show the first and the last', async () => {
    const log = file('many.log', Array.from({ length: 500 }, (_, i) => `07:44:04 line ${i}\n`).join(''));
    const { gaps, report } = await run(TRACE, { ...STALL, logs: [log] });
    const text = await joined(textReport(gaps, report));
    expect(text).toMatch(
      /500 lines within the gap\n.*line 0\n(?:.*\n){8}.*line 9\n.*… 480 more lines …\n.*line 490\n/,
    );
  });
});

describe('what can’t be used', () => {
  it.each([
    ['missing', 'nowhere.log', /^--log nowhere\.log: no such file$/],
    ['a folder', folder, /^--log .*: is a directory/],
    ['standard input', '-', /^--log -: standard input is the trace's; name a file/],
  ])('%s', async (_, path, message) => {
    await expect(run(TRACE, { logs: [path] })).rejects.toThrow(message);
  });

  it('times since a trace’s own start', async () => {
    await expect(run(samplePath('sysdig/renderings.both.t_r.txt.gz'), { logs: [MASTER] })).rejects.toThrow(
      /^--log .*: the times of .* count from its own start, .* \(sysdig -t a, strace -ttt\)$/,
    );
  });

  it('an offset that is none', async () => {
    await expect(run(TRACE, { utcOffset: '25:00' })).rejects.toThrow(
      '--utc-offset: "25:00" is no offset from UTC of at most 15 h, as in --utc-offset +02:00, -5, +0530 or Z',
    );
  });
});

describe('sources with and without dates', () => {
  const strace = (from: number, clock: (s: number) => string) =>
    Readable.from([
      Array.from({ length: 4 }, (_, i) => `428 ${clock(from + i)} getpid() = 428 <0.000001>\n`).join(''),
    ]);
  const base = Date.parse('2026-11-21T23:59:58Z') / 1000;
  const dated = () => strace(base, (s) => `${s}.000000`);
  const local = (from: number, offset: number) =>
    strace(from, (s) => `${new Date((s + offset) * 1000).toISOString().slice(11, 19)}.500000`);

  it.each([
    ['UTC', 0, undefined],
    ['ahead of it', 7200, '+02:00'],
    ['behind it', -28_936, '-08:02:16'],
  ])('stand on one axis: %s', async (_, offset, utcOffset) => {
    const options = {
      threshold: '500ms',
      dir: '>',
      ...(utcOffset === undefined ? {} : { utcOffset }),
    } as const;
    for (const start of [base, base - 1, base + 3]) {
      const { gaps, report } = await run([local(start, offset), dated()], options);
      const expected = [0, 1, 2, 3].flatMap((i) => [base + i, start + i + 0.5]).sort((a, b) => a - b);
      expect(gaps.map((gap) => gap.durationNs / 1e9)).toEqual(
        expected.slice(1).map((t, i) => t - expected[i]!),
      );
      expect(report.warnings[0]).toMatch(
        /^stream has times of day without date or zone: taken to start on 2026-11-2[12], the times as UTC[+-]/,
      );
      expect(report.warnings[0]!.endsWith('(--utc-offset tells another zone)')).toBe(utcOffset === undefined);
    }
  });
});
