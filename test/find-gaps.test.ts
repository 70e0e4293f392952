/** The pipeline on small traces made for one purpose each. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { activity } from '../src/activity.js';
import { findConversations } from '../src/find-conversations.js';
import { findGaps } from '../src/find-gaps.js';
import { FileHistory } from '../src/input/history.js';
import { closed, type Outcome, run, samplePath, sampleText } from './samples.js';

const folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** sysdig lines at the given seconds after 17:00:00, by one thread each. */
function sysdig(events: readonly [seconds: number, tid: number, type?: string][], firstNum = 1): string {
  return events
    .map(([seconds, tid, type = 'sendmsg'], i) => {
      const ns = Math.round(seconds * 1e9);
      const at = new Date(Date.UTC(2020, 0, 1, 17) + Math.floor(ns / 1e9) * 1000).toISOString().slice(11, 19);
      const fraction = String(((ns % 1e9) + 1e9) % 1e9).padStart(9, '0');
      return `${firstNum + i} ${at}.${fraction} 0 prog${tid} (${tid}) > ${type} fd=${tid}(<f>/tmp/${tid}) \n`;
    })
    .join('');
}

function lines(text: string): Readable {
  return Readable.from([Buffer.from(text)]);
}

function spans({ gaps }: Outcome): unknown[] {
  return gaps.map((g) => [g.open, g.group, g.start?.num ?? null, g.end?.num ?? null, g.durationNs / 1e9]);
}

describe('time', () => {
  it('a step backwards is a problem of its own, never a gap', async () => {
    const { gaps, report } = await run(
      lines(
        sysdig([
          [10, 1],
          [10.5, 1],
          [3, 1],
          [3.5, 1],
          [20, 1],
        ]),
      ),
    );
    expect(closed(gaps)).toEqual([{ startNum: 4, endNum: 5, durationNs: 16.5e9 }]);
    expect(report.sources[0]!.problems).toEqual([
      {
        line: 3,
        byte: 120,
        reason: 'time steps back by 7.5 s: the clock was set, or the lines are out of order',
      },
    ]);
    expect(report.spanNs).toBeNull();
  });

  it('small inversions between CPUs are counted', async () => {
    const { gaps, report } = await run(
      lines(
        sysdig([
          [1, 1],
          [1.000004, 2],
          [1.000001, 1],
          [2.5, 1],
        ]),
      ),
    );
    expect(closed(gaps)).toEqual([{ startNum: 2, endNum: 4, durationNs: 1.499996e9 }]);
    expect(report.sources[0]!.outOfOrder).toBe(1);
    expect(report.sources[0]!.problems).toEqual([]);
  });

  it('goes over midnight', async () => {
    const { gaps } = await run(
      lines(
        sysdig([
          [25_198, 1],
          [25_199.5, 1],
          [25_202.5, 1],
        ]),
      ),
    );
    expect(closed(gaps).map((g) => g.durationNs)).toEqual([1.5e9, 3e9]);
    expect(gaps[1]!.end).toMatchObject({ time: '00:00:02.500000000', offsetNs: 86_402.5e9 });
  });
});

describe('sequences', () => {
  const text = sysdig([
    [0, 1],
    [0.5, 2],
    [0.9, 1],
    [1.2, 3],
    [1.6, 1],
    [2.6, 2],
    [2.7, 1],
    [2.75, 3],
  ]);

  it('--by thread has one per thread, open at both ends', async () => {
    expect(spans(await run(lines(text), { by: 'thread' }))).toEqual([
      ['start', '3', null, 4, 1.2],
      [null, '2', 2, 6, 2.1],
      [null, '1', 5, 7, 1.1],
      [null, '3', 4, 8, 1.55],
    ]);
  });

  it.each(['thread.tid', 'proc', 'proc.name', 'fd', 'fd.num', 'evt.arg.fd'])(
    '--by %s finds the same silences',
    async (by) => {
      const outcome = await run(lines(text), { by });
      expect(outcome.gaps.map((g) => g.durationNs / 1e9)).toEqual([1.2, 2.1, 1.1, 1.55]);
    },
  );

  it('events without the field belong to none, and are counted', async () => {
    const { gaps, report } = await run(
      lines(
        sysdig([
          [0, 1],
          [5, 1],
        ]).replaceAll('prog1', '<NA>'),
      ),
      { by: 'proc' },
    );
    expect(gaps).toEqual([]);
    expect(report.warnings).toContain('2 matched events have no proc and belong to no sequence');
  });
});

describe('the edges of the trace', () => {
  it('silence before the first and behind the last match is open', async () => {
    const text = sysdig([
      [0, 2],
      [4, 1],
      [4.5, 1],
      [9, 2],
    ]);
    const outcome = await run(lines(text), { tid: 1, around: 1 });
    expect(spans(outcome)).toEqual([
      ['start', null, null, 2, 4],
      ['end', null, 3, null, 4.5],
    ]);
    expect(outcome.gaps[0]!.around).toMatchObject({ start: [{ num: 1 }], end: [{ num: 1 }] });
    expect(outcome.gaps[1]!.around).toMatchObject({ start: [{ num: 4 }], end: [{ num: 4 }] });
  });

  it('--from and --to are edges like them', async () => {
    const text = sysdig(
      Array.from({ length: 50 }, (_, i) => [i * 0.5, i % 2 === 0 && i > 10 && i < 30 ? 2 : 1]),
    );
    const all = await run(lines(text), { tid: 2, from: '17:00:02', to: '+20s' });
    expect(spans(all)).toEqual([
      ['start', null, null, 13, 4],
      [null, null, 13, 15, 1],
      [null, null, 15, 17, 1],
      [null, null, 17, 19, 1],
      [null, null, 19, 21, 1],
      [null, null, 21, 23, 1],
      [null, null, 23, 25, 1],
      [null, null, 25, 27, 1],
      [null, null, 27, 29, 1],
      ['end', null, 29, null, 6],
    ]);
    expect(all.report.sources[0]!.matched).toBe(9);
  });

  it('is read again once, of however many gaps it is one, and however far from it the last events are', async () => {
    const busy = Array.from({ length: 3000 }, (_, i): [number, number] => [i / 1000, i % 50]);
    const text = sysdig([...busy, [5400, 0]]);
    const copy = vi.spyOn(FileHistory.prototype, 'copy');
    const { gaps } = await run(file('edge', text), { by: 'thread', threshold: '1s', why: false });
    const bytes = await Promise.all(copy.mock.results.map(({ value }) => value as Promise<number>));
    copy.mockRestore();
    expect(gaps.filter(({ open }) => open === 'end')).toHaveLength(49);
    expect(gaps.every(({ around }) => around.end.length > 0)).toBe(true);
    expect(bytes.reduce((sum, count) => sum + count, 0)).toBeLessThan(10 * text.length);
  });
});

describe('several sources', () => {
  it('are one timeline, each event with its source', async () => {
    const a = file(
      'a',
      sysdig([
        [0, 1],
        [1, 1],
        [5, 1],
      ]),
    );
    const b = file(
      'b',
      sysdig([
        [0.5, 2],
        [2.2, 2],
        [4.9, 2],
      ]),
    );
    const { gaps, report } = await run([a, b], { around: 2 });
    expect(
      gaps.map((g) => [g.start!.source, g.start!.num, g.end!.source, g.end!.num, g.durationNs / 1e9]),
    ).toEqual([
      [0, 2, 1, 2, 1.2],
      [1, 2, 1, 3, 2.7],
    ]);
    expect(gaps[0]!.before.map((e) => [e.source, e.num])).toEqual([[1, 1]]);
    expect(report.sources.map((s) => [s.events, s.matched])).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  it('rotated over midnight, in the order of time', async () => {
    const late = file(
      'late',
      sysdig([
        [25_190, 1],
        [25_199, 1],
      ]),
    );
    const early = file(
      'early',
      sysdig(
        [
          [25_201, 1],
          [25_202, 1],
        ],
        3,
      ),
    );
    for (const order of [
      [late, early],
      [early, late],
    ]) {
      const { gaps } = await run(order, { threshold: '1.5s' });
      expect(gaps.map((g) => [g.start!.num, g.end!.num, g.durationNs])).toEqual([
        [1, 2, 9e9],
        [2, 3, 2e9],
      ]);
    }
  });

  it('parts of one capture show around gaps what the whole does, and are not walked through for it', async () => {
    // Thread 1 is silent each second second, thread 2 comes every 7 ms.
    const events = Array.from({ length: 3000 }, (_, i): [number, number] => [
      i * 0.007,
      i % 30 === 0 && (i * 0.007) % 2 < 1 ? 1 : 2,
    ]);
    const options = { filter: 'thread.tid=1', threshold: '0.9s', around: 4, why: false } as const;
    const whole = await run(file('whole', sysdig(events)), options);
    const halves = [
      file('half1', sysdig(events.slice(0, 1400))),
      file('half2', sysdig(events.slice(1400), 1401)),
    ];
    const copy = vi.spyOn(FileHistory.prototype, 'copy');
    const parts = await run(halves, options);
    const walked = copy.mock.calls.length;
    copy.mockRestore();
    const shown = ({ gaps }: Outcome): unknown =>
      gaps.map(({ around, before, after }) =>
        [around.start, around.end, before, after].map((list) => list.map(({ raw }) => raw)),
      );
    expect(whole.gaps.length).toBeGreaterThan(8);
    expect(shown(parts)).toEqual(shown(whole));
    expect(walked).toBeLessThan(whole.gaps.length);
  });

  it('strace -ff: the thread id comes from the file name, and around shows all threads', async () => {
    const parts = ['1567', '1568'].map((tid) => samplePath(`strace/ff_ttt_T/trace.${tid}`));
    const { gaps } = await run(parts, { type: 'sendmsg', dir: 'enter', threshold: '1.2s', around: 4 });
    expect(gaps.map((g) => [g.durationNs, g.start!.tid])).toEqual([[2_277_800_000, 1568]]);
    expect(gaps[0]!.around.end.map((e) => [e.tid, e.dir, e.type])).toEqual([
      [1568, '>', 'read'],
      [1567, '>', 'timerfd_settime'],
      [1568, '<', 'read'],
      [1567, '<', 'timerfd_settime'],
    ]);
  });

  it('of different clocks are refused', async () => {
    const day = file('day', sysdig([[0, 1]]));
    await expect(run([day, samplePath('sysdig/renderings.both.t_r.txt.gz')])).rejects.toThrow(
      /can't be put on one time axis: the first has times of day without a date, the second times since its own start/,
    );
  });
});

describe('a gap from one source to another', () => {
  it('has both events, wherever in their files they stand', async () => {
    const captures = ['sigstop3', 'healthy'].map((name) => samplePath(`pcap/${name}.pcap`));
    const { gaps } = await run(captures, { threshold: '50s', why: false, around: 0 });
    expect(gaps.map(({ start, end }) => [start?.source, end?.source])).toEqual([[1, 0]]);
  });
});

describe('options', () => {
  const text = sysdig(Array.from({ length: 40 }, (_, i) => [i + (i % 7 === 0 ? 0.4 : 0), 1]));

  it('--top keeps the longest', async () => {
    const { gaps, report } = await run(lines(text), { threshold: '1.1s', top: 2 });
    expect(gaps.map((g) => g.durationNs / 1e9)).toEqual([1.4, 1.4]);
    expect(report.gapsFound).toBe(5);
  });

  it('a threshold below the rhythm gets a hint', async () => {
    const { report } = await run(lines(text), { threshold: '500ms' });
    expect(report.warnings).toContain(
      'most intervals (39 of 39) reach the threshold of 500 ms: its rhythm is 1 s (spread 0 ns); use -t 1.3s, or -t auto',
    );
  });

  it.each([
    [
      { threshold: '1' },
      'threshold "1" is no duration above zero: 1s, 250ms, 1.5s, 2m, or auto; did you mean 1s?',
    ],
    [{ threshold: '0s' }, 'threshold "0s" is no duration above zero: 1s, 250ms, 1.5s, 2m, or auto'],
    [{ top: 0 }, '--top 0 is no whole number from 1 on'],
    [{ around: -1 }, '--around -1 is no whole number from 0 on'],
    [{ by: 'proc.nam' }, /proc\.name/],
  ] as const)('%j is refused', async (options, message) => {
    await expect(run(lines(text), options)).rejects.toThrow(message);
  });

  it('stops when told to, and reports what it has', async () => {
    const abort = new AbortController();
    const endless = new Readable({ read() {} });
    endless.push(text);
    setTimeout(() => abort.abort(), 50);
    const { report } = await run(endless, { threshold: '1.1s', signal: abort.signal });
    expect(report.interrupted).toBe(true);
    expect(report.sources[0]!.events).toBeGreaterThan(30);
  });

  it('a caller who stops iterating leaves nothing behind', async () => {
    const running = findGaps(lines(text), { threshold: '500ms' });
    for await (const _ of running) break;
    expect((await running.report).sources.length).toBe(1);
  });
});

describe('the report', () => {
  const text = sysdig([
    [0, 1],
    [2, 1],
    [5, 1],
  ]);

  it('comes without iterating', async () => {
    const { report } = findGaps(lines(text));
    expect(await report).toMatchObject({ gapsFound: 2, sources: [{ events: 3 }] });
    await expect(findGaps('no such file').report).rejects.toThrow(/no such file/);
    expect(await findGaps(lines('prose')).report.catch(({ code }) => code)).toBe('format');
    expect(await findGaps(lines(text)).report.finally(() => undefined)).toMatchObject({ gapsFound: 2 });
  });

  it('takes no gap from who iterates: asked for first, or only caught', async () => {
    for (const ask of [
      (report: Promise<unknown>) => report.then(),
      (report: Promise<unknown>) => report.catch(() => undefined),
    ]) {
      const running = findGaps(lines(text));
      ask(running.report);
      const gaps: unknown[] = [];
      for await (const gap of running) gaps.push(gap);
      expect(gaps.length).toBe(2);
    }
    const later = findGaps(lines(text));
    later.report.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const gaps: unknown[] = [];
    for await (const gap of later) gaps.push(gap);
    expect(gaps.length).toBe(2);
  });

  it('once awaited, leaves nothing to iterate', async () => {
    const running = findGaps(lines(text));
    await running.report;
    await expect(running[Symbol.asyncIterator]().next()).rejects.toThrow(
      /^the gaps of a run can be had once, .*: call findGaps again$/,
    );
  });
});

describe('names of options', () => {
  const path = samplePath('sysdig/sigstop3.both.txt');
  it.each([
    ['findGaps', () => run(path, { treshold: '1s' } as object), /"treshold" \(did you mean threshold\?\)$/],
    ['findGaps', () => run(path, { utc_offset: 0 } as object), /"utc_offset" \(did you mean utcOffset\?\)$/],
    ['findGaps', () => run(path, { x: 1 } as object), /"x": there are from, to, .*, why$/],
    ['findGaps', () => run(path, { __proto__x: 1 } as object), /there is no option "__proto__x": there/],
    ['activity', () => activity(path, { treshold: 1 } as object), /"treshold": there are from/],
    ['findConversations', () => findConversations(path, { tops: 1 } as object), /\(did you mean top\?\)$/],
  ])('%s refuses unknown ones', async (_, call, message) => {
    await expect(call()).rejects.toMatchObject({ code: 'option', message: expect.stringMatching(message) });
  });
});

describe('bad input', () => {
  it.each([
    ['nothing at all', '', /stream: it is empty/],
    ['prose', 'this is\nno trace\n', /its format is not known\. Tried:\n {2}sysdig: .*\n {2}strace: /],
    [
      'the beginning of a pcap',
      Buffer.from('d4c3b2a1020004000000000000000000', 'hex'),
      /stream: the capture ends within its header, after 16 bytes/,
    ],
    [
      'a scap',
      Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c00000001020000', 'hex'),
      /is a sysdig capture \(\.scap\), which is not read yet; use: sysdig -r stream \| sysgap/,
    ],
    [
      'sysdig -t d',
      sampleText('sysdig/renderings.both.t_d.txt.gz'),
      /its times are durations of calls \(sysdig -t d\)/,
    ],
  ])('%s is refused', async (_, content, message) => {
    await expect(run(Readable.from([Buffer.from(content)]))).rejects.toThrow(message);
  });

  it('lines that are no trace are counted and shown, and the run goes on', async () => {
    const { gaps, report } = await run(lines(`${sysdig([[0, 1]])}what is this\n\n${sysdig([[2, 1]], 2)}`));
    expect(closed(gaps)).toEqual([{ startNum: 1, endNum: 2, durationNs: 2e9 }]);
    expect(report.sources[0]).toMatchObject({ lines: 4, records: 2, ignored: 1, unparsed: 1 });
    expect(report.sources[0]!.problems).toEqual([
      { line: 2, byte: 60, reason: 'not a sysdig line: "what is this"' },
    ]);
  });

  it('a gzip stream that breaks off is reported up to there', async () => {
    const { gzipSync } = await import('node:zlib');
    const packed = gzipSync(sampleText('sysdig/sigstop3.both.txt'));
    const { report } = await run(Readable.from([packed.subarray(0, packed.length >> 1)]));
    expect(report.sources[0]!.events).toBeGreaterThan(500);
    expect(report.sources[0]!.problems.at(-1)!.reason).toMatch(
      /reading stopped here, the rest is lost: unexpected end of file/,
    );
  });
});

describe('compression', () => {
  const options = { proc: 'keepalived', type: 'sendmsg', dir: 'enter', threshold: '1.2s' } as const;
  const text = sampleText('sysdig/sigstop3.both.txt');
  const packers = [
    ['xz', ['-c']],
    ['zstd', ['-q', '-c']],
  ] as const;

  for (const [tool, args] of packers) {
    const packed = spawnSync(tool, args, { input: text, maxBuffer: 1 << 24 });
    const supported = tool === 'xz' || 'createZstdDecompress' in zlib;
    it.skipIf(packed.error !== undefined)(`${tool} is read, or refused with what would help`, async () => {
      const reading = run(Readable.from([packed.stdout]), options);
      if (supported) expect(closed((await reading).gaps).map((g) => g.durationNs)).toEqual([3_563_215_748]);
      else
        await expect(reading).rejects.toThrow(
          /is zstd-compressed, which Node .* can't read \(22\.15 and 23\.8 on can\)/,
        );
    });
  }
});

it('of many gaps only those that may be among the longest are delivered, where that is asked for', async () => {
  const times = Array.from({ length: 300 }, (_, i) => [i * 2 + (i > 200 ? 3 : 0), 1] as [number, number]);
  const text = sysdig(times);
  const all = await run(lines(text), { why: false });
  const { gaps, report } = await run(lines(text), { why: false, longest: 3 });
  expect(all.gaps).toHaveLength(299);
  expect(gaps.map(({ durationNs }) => durationNs / 1e9)).toEqual([2, 2, 2, 5]);
  expect(gaps[3]).toEqual(all.gaps[200]);
  expect(report).toEqual(all.report);
  expect((await run(lines(text), { why: 5, longest: 3 })).gaps.filter(({ cause }) => cause)).toHaveLength(
    (await run(lines(text), { why: 5 })).gaps.filter(({ cause }) => cause).length,
  );
});

it('a stretch lasts to its end where any of the sources has a later event, whoever is read first', async () => {
  const reaches = (seconds: number[]): Readable =>
    lines(seconds.map((s, i) => `${i} 10:00:0${s}.000000000 0 p (1) > read fd=${i}\n`).join(''));
  for (const sources of [
    [
      [0, 9],
      [0, 3],
    ],
    [
      [0, 3],
      [0, 9],
    ],
  ]) {
    const { gaps, report } = await run(sources.map(reaches), { to: '+5s', why: false });
    expect(report.spanNs).toBe(5e9);
    expect(gaps.map(({ open, durationNs }) => [open, durationNs])).toEqual([
      [null, 3e9],
      ['end', 2e9],
    ]);
  }
});
