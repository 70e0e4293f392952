/** One test per bug that was found. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { jsonReport } from '../src/json-report.js';
import type { GapOptions } from '../src/model/options.js';
import { joined } from './report/fixtures.js';
import { chunked, closed, type Outcome, run, samplePath } from './samples.js';

function lines(...text: string[]): Readable {
  return Readable.from([Buffer.from(`${text.join('\n')}\n`)]);
}

/** One sysdig line per time in seconds after 10:00:00. */
function at(...seconds: number[]): Readable {
  return lines(...seconds.map((s, i) => `${i + 1} 10:00:0${s.toFixed(9)} 0 a (1) > read fd=1`));
}

async function gapsOf(input: Readable, options: GapOptions = {}): Promise<unknown[]> {
  return closed((await run(input, options)).gaps).map((g) => [g.startNum, g.endNum, g.durationNs]);
}

describe('going back', () => {
  it('to an exit behind midnight, and in -r traces, ends', async () => {
    const { gaps } = await run(
      lines(
        '1 23:59:58.000000 epoll_wait(4, [], 3, -1) = 1 <1.000000>',
        '2 00:00:05.000000 read(3, "", 1) = 0 <0.000010>',
      ),
    );
    expect(gaps.map((g) => [g.durationNs, g.start!.time, g.end!.time])).toEqual([
      [1e9, '23:59:58.000000', '23:59:59.000000'],
      [6e9, '23:59:59.000000', '00:00:05.000000'],
    ]);
    expect((await run(samplePath('strace/options.f_r_T.txt'))).gaps.length).toBeGreaterThan(0);
  });
});

describe('late events', () => {
  it('that divide a gap leave none below the threshold', async () => {
    expect(await gapsOf(at(0, 1.0002, 0.9999))).toEqual([]);
  });

  it.each([0, 1, 3])('end a gap, whatever context (%i) is asked for', async (after) => {
    expect(await gapsOf(at(0, 2, 2.0005, 1.9996), { after })).toEqual([[1, 4, 1_999_600_000]]);
  });

  it('may leave a gap behind them too', async () => {
    expect(await gapsOf(at(0, 2.0009, 2), { threshold: '500us' })).toEqual([
      [1, 3, 2e9],
      [3, 2, 900_000],
    ]);
  });

  it('stand in order of time in the context, and around shows nothing beyond the gap', async () => {
    const { gaps } = await run(at(0.1, 0.2, 0.3003, 0.3, 2, 2.5), { threshold: '1s', before: 2 });
    expect(gaps[0]!.before.map((e) => e.num)).toEqual([2, 4]);
    expect(gaps[0]!.around.start).toEqual([]);
  });

  it('at the very start are the start', async () => {
    const { gaps } = await run(
      lines(
        '1 10:00:00.000500000 0 a (1) > read fd=1',
        '2 10:00:00.000000000 0 b (2) > read fd=1',
        '3 10:00:01.000400000 0 c (3) > read fd=1',
      ),
      { proc: 'c' },
    );
    expect(gaps.map((g) => [g.open, g.durationNs])).toEqual([['start', 1_000_400_000]]);
  });
});

describe('edges', () => {
  it('what comes after a gap is the next match, also over a step of the clock', async () => {
    const { gaps } = await run(at(5, 7, 1, 1.1), { after: 3 });
    expect(gaps.map((g) => g.after.map((e) => e.num))).toEqual([[3, 4]]);
  });

  it('a silence reaches to the last line, also where that is no event', async () => {
    const { gaps } = await run(
      lines(
        '1 17:00:00.000000 read(3, "", 1) = 0 <0.000010>',
        '1 17:00:00.500000 read(3,  <unfinished ...>',
        '1 17:00:04.000000 <... read resumed> <unfinished ...>',
      ),
    );
    expect(gaps.map(({ open, durationNs }) => [open, durationNs])).toEqual([['end', 3.5e9]]);
  });

  it('an open gap at --to shows nothing behind it', async () => {
    const { gaps } = await run(at(0, 0.1, 3, 3.1), { to: '+2s' });
    expect(gaps.map((g) => [g.open, g.around.start, g.around.end])).toEqual([['end', [], []]]);
  });
});

describe('what a gap held', () => {
  const call = (tid: number, at: string, seconds: string) =>
    `${tid} 17:00:${at} read(3, "", 1) = 0 <${seconds}>`;

  it('includes a line that is printed behind the call that ends it', async () => {
    const text = [
      call(1, '00.000000', '0.000010'),
      call(1, '02.000000', '0.500000'),
      call(2, '01.999900', '0.000010'),
      call(1, '02.600000', '0.000010'),
    ];
    const { gaps } = await run(lines(...text), { tid: 1, why: 'all' });
    expect(gaps.map(({ activity }) => activity!.records)).toEqual([2]);
  });

  it('is told alike whether it is investigated alone or with others', async () => {
    const text = [
      call(1, '00.000000', '0.000010'),
      call(1, '02.000000', '2.900000'),
      call(1, '05.000000', '0.000010'),
      call(1, '06.500000', '0.000010'),
      // Of strace -z: printed when it ended.
      call(2, '01.000000', '6.000000'),
      call(1, '07.100000', '0.000010'),
    ];
    const bytes = Buffer.from(`${text.join('\n')}\n`);
    const options: GapOptions = { tid: 1, why: 'all' };
    const apart = await run(chunked(bytes, 60), options, { blockSize: 60 });
    const { gaps } = await run(chunked(bytes, 1000), options);
    expect(gaps).toHaveLength(3);
    expect(gaps).toEqual(apart.gaps);
  });
});

describe('what came before a gap', () => {
  it('is as much as was known when it was found', async () => {
    const text = ['10', '11', '14', '14.5', '15'].map(
      (second) => `1 17:00:${Number(second).toFixed(6)} read(3, "", 1) = 0 <0.000010>`,
    );
    // Of strace -z: it begins before all the others.
    text.push(
      '2 17:00:09.000000 wait4(-1) = 0 <7.000000>',
      '1 17:00:16.100000 read(3, "", 1) = 0 <0.000010>',
    );
    const bytes = Buffer.from(`${text.join('\n')}\n`);
    const options: GapOptions = { threshold: '2s', why: 'all', tid: 1 };
    const apart = await run(chunked(bytes, 60), options, { blockSize: 60 });
    expect((await run(chunked(bytes, 1000), options)).gaps).toEqual(apart.gaps);
    expect(apart.gaps).toHaveLength(1);
  });
});

describe('around a gap of two sources', () => {
  it('events of one time stand in the order of the sources, wherever the walk there began', async () => {
    const text = Array.from({ length: 400 }, (_, i) => {
      const seconds = (i / 100 + (i >= 300 ? 2 : 0)).toFixed(9);
      return `${i + 1} 10:00:0${seconds} 0 a (1) > read fd=1\n`;
    });
    const around = async (blockSize: number) => {
      const inputs = ['a', 'b'].map((name) => ({
        name,
        stream: chunked(Buffer.from(text.join('')), blockSize),
      }));
      const { gaps } = await run(inputs, { filter: 'evt.num < 200', around: 5, why: false }, { blockSize });
      return gaps[0]!.around.start.map(({ num, source }) => `${num} of ${source}`);
    };
    for (const blockSize of [100, 150, 1000, 10_000])
      expect(await around(blockSize)).toEqual(['199 of 0', '200 of 0', '200 of 1', '201 of 0', '201 of 1']);
  });
});

describe('layouts', () => {
  it('of sysdig: the first line that is certain decides, text or JSON', async () => {
    const text = '1 10:00:00.000000000 0 a (1) > read fd=1';
    const json = JSON.stringify({
      'evt.num': 2,
      'evt.outputtime': 1_700_000_000_000_000_000,
      'evt.type': 'read',
      'evt.dir': '>',
    });
    for (const [first, second] of [
      [text, json],
      [json, text],
    ]) {
      const bytes = Buffer.from(`${first}\n${second}\n${second}\n`);
      const whole = await run(chunked(bytes, 1000));
      expect(whole.report.sources[0]).toMatchObject({ records: 1, unparsed: 2 });
      expect((await run(chunked(bytes, 20), {}, { blockSize: 20 })).report.sources).toEqual(
        whole.report.sources,
      );
    }
  });

  it('raw times of nanoseconds are read without --layout', async () => {
    const both: Outcome[] = [];
    for (const options of [
      {},
      { layout: '%evt.num %evt.rawtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info' },
    ]) {
      both.push(
        await run(samplePath('sysdig/renderings.exits.p.txt.gz'), {
          proc: 'keepalived',
          why: false,
          ...options,
        }),
      );
    }
    expect(both[0]!.gaps.length).toBeGreaterThan(0);
    expect(both[0]!.gaps).toEqual(both[1]!.gaps);
  });

  it('the idle thread has no name, also where <NA> was lost', async () => {
    const { gaps } = await run(samplePath('sysdig/openstack-case.txt'), { proc: 'keepalived' });
    expect(gaps[0]!.around.start[0]).toMatchObject({ tid: 0, proc: null });
    expect(gaps[0]!.around.start[1]).toMatchObject({ tid: 7, proc: '' });
  });
});

describe('durations that strace shows from some line on', () => {
  it.each([
    ['times of day', ['12:00:00.100000', '12:00:02.500000', '12:00:02.900000', '12:00:05.500000']],
    ['differences', ['     0.000', '     2.400', '     0.400', '     2.600']],
  ])('say nothing of the lines before: %s', async (_, times) => {
    const output = (time: string) => `${time} write(1, "x\\n", 2x\n)  = 2\n`;
    const bytes = Buffer.from(
      `${output(times[0]!)}${times[1]} <... read resumed>"", 1) = 0\n${output(times[2]!)}${times[3]} getpid() = 1 <0.000010>\n`,
    );
    const options: GapOptions = { why: 'all', around: 5 };
    const { gaps } = await run(chunked(bytes, 1000), options);
    expect(gaps.map(({ start, end }) => [start!.num, end!.num])).toEqual([
      [1, 3],
      [4, 6],
    ]);
    expect(gaps[1]!.around.start.map(({ num }) => num)).toEqual([5]);
    expect(gaps).toEqual((await run(chunked(bytes, 40), options, { blockSize: 40 })).gaps);
  });
});

describe('advice', () => {
  it('on the threshold is the same for any blocks, also where --top lets most gaps go', async () => {
    let us = 0;
    const text = Array.from({ length: 15_000 }, (_, i) => {
      us += 1 + ((i * i * 31) % 997);
      return `${i + 1} 10:00:${(us / 1e6).toFixed(9).padStart(12, '0')} 0 a (1) > read fd=1\n`;
    });
    const bytes = Buffer.from(text.join(''));
    const advice = async (blockSize: number) =>
      (await run(chunked(bytes, blockSize), { threshold: '1us', top: 1, why: false }, { blockSize })).report
        .warnings;
    const expected = await advice(1 << 20);
    expect(expected.join()).toMatch(
      /^most intervals \(14999 of 14999\) reach the threshold of 1 µs: its rhythm is/,
    );
    for (const blockSize of [5000, 50_000]) expect(await advice(blockSize)).toEqual(expected);
  });

  it('a filter on what processes are says what is known of them', async () => {
    const { report } = await run(samplePath('sysdig/sigstop3.exits.txt'), { filter: 'proc.pid=428' });
    expect(report.warnings.join('\n')).toMatch(/is known only after the trace shows their clone or execve/);
  });

  it('exits without a time are told from a missing -T', async () => {
    const { report } = await run(samplePath('strace/mt.f_tt_T_y.txt.gz'), {
      filter: "evt.dir='<'",
      why: false,
    });
    expect(report.warnings.join('\n')).toMatch(/take part in no gap: exits of calls that never returned/);
  });
});

describe('picked lines', () => {
  it('that end in `=` are events like others', async () => {
    const text = Array.from(
      { length: 120_000 },
      (_, i) =>
        `${i + 1} 10:${String(Math.floor(i / 60_000)).padStart(2, '0')}:${String(Math.floor(i / 1000) % 60).padStart(2, '0')}.${String((i % 1000) * 1_000_000).padStart(9, '0')} 0 prog (1) < read res=0 data=`,
    ).join('\n');
    const { report } = await run(Readable.from([Buffer.from(`${text}\n`)]), { proc: 'prog', why: false });
    expect(report.sources[0]).toMatchObject({ lines: 120_000, events: 120_000, matched: 120_000 });
  });
});

describe('steps of the clock', () => {
  it('a late event behind one divides no gap before it', async () => {
    expect(await gapsOf(at(5, 7, 1, 1.0005, 1.0002), { after: 5, threshold: '1s' })).toEqual([[1, 2, 2e9]]);
  });

  it('no silence since the start is measured over one', async () => {
    const { gaps } = await run(
      lines(
        '1 10:00:09.000000000 0 a (1) > read fd=1',
        '2 10:00:00.000000000 0 a (1) > read fd=1',
        '3 10:00:05.000000000 0 c (3) > read fd=1',
      ),
      { proc: 'c' },
    );
    expect(gaps).toEqual([]);
  });

  it('behind midnight: a gap after one holds what it held when it was found', async () => {
    const text = ['23:59:58', '00:00:02', '23:59:58', '23:59:50', '23:59:55'].map(
      (time) => `1 ${time}.000000 read(3, "", 1) = 0 <0.000010>`,
    );
    const { gaps } = await run(lines(...text), { why: 'all' });
    expect(gaps.at(-1)).toMatchObject({ durationNs: 4_999_990_000, activity: { records: 1 } });
  });
});

describe('days', () => {
  it('of dateless files: the day is cut at its largest hole', async () => {
    const { writeFileSync, mkdtempSync } = await import('node:fs');
    const folder = mkdtempSync(`${(await import('node:os')).tmpdir()}/sysgap-test-`);
    const paths = ['12', '23', '01'].map((hour, i) => {
      const path = `${folder}/${hour}`;
      writeFileSync(path, `${i + 1} ${hour}:00:00.000000000 0 a (1) > read fd=1\n`);
      return path;
    });
    const { report } = await run(paths, { why: false });
    expect(report.spanNs).toBe(13 * 3600e9);
  });
});

describe('inputs that go wrong', () => {
  it('a run that is stopped before its format is known ends', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 30);
    const { gaps, report } = await run(new Readable({ read() {} }), { signal: abort.signal });
    expect([gaps, report.interrupted, report.sources]).toEqual([[], true, []]);
  });

  it('a format that does not fit is refused, also when it was named', async () => {
    for (const format of ['sysdig', 'strace'] as const) {
      await expect(run(lines('nothing', 'of interest'), { format })).rejects.toThrow(
        /its format is not known/,
      );
    }
  });

  it('a kernel thread in coloured text has no process', async () => {
    const esc = '\u001b';
    const { report } = await run(
      lines(
        `1 07:42:22.601130489 1 ${esc}[01;32m<NA>${esc}[00m (${esc}[01;36m<NA>${esc}[00m.15) > ${esc}[01;34mswitch${esc}[00m next=0 `,
        `2 07:42:24.601130489 1 ${esc}[01;32mbash${esc}[00m (${esc}[01;36m200${esc}[00m.201) > ${esc}[01;34mread${esc}[00m fd=3 `,
      ),
    );
    expect(report.sources[0]).toMatchObject({ records: 2, unparsed: 0 });
  });

  it('beats of a sequence need no cause, what breaks them does', async () => {
    const beats = Array.from({ length: 9 }, (_, i) => (i < 6 ? i * 1.1 : i * 1.1 + 0.0));
    const { gaps } = await run(at(...beats.filter((t) => t < 9.9)), { threshold: '1s' });
    expect(gaps.filter((g) => g.cause !== null).length).toBeLessThan(gaps.length);
  });
});

it('a call that ends behind --to does not end the scan', async () => {
  const text = lines(
    '1 17:00:00.000000 poll([], 0, -1) = 0 <100.000000>',
    '2 17:00:01.000000 read(3, "", 1) = 0 <0.000010>',
    '2 17:00:04.000000 read(3, "", 1) = 0 <0.000010>',
    '2 17:00:30.000000 read(3, "", 1) = 0 <0.000010>',
  );
  const { gaps } = await run(text, { tid: 2, to: '+5s', threshold: '1s' });
  expect(gaps.map((gap) => [gap.open, gap.durationNs])).toContainEqual([null, 2_999_990_000]);
});

describe('hostile numbers', () => {
  const sysdig = (num: string, time: string, tid: string) => `${num} ${time} 0 a (${tid}) > read fd=1`;
  const traces: Readonly<Record<string, readonly string[]>> = {
    'event numbers beyond 2^53, and falling': [
      sysdig('9007199254740993', '10:00:00.000000000', '1'),
      sysdig('99999999999999999999', '10:00:02.000000000', '1'),
      sysdig('3', '10:00:04.000000000', '1'),
      sysdig('0', '10:00:06.000000000', '1'),
    ],
    'thread ids that repeat, fall and are far too large': [
      sysdig('1', '10:00:00.000000000', '4294967297'),
      sysdig('2', '10:00:02.000000000', '99999999999999999999'),
      sysdig('3', '10:00:04.000000000', '1'),
      sysdig('4', '10:00:06.000000000', '4294967297'),
      sysdig('5', '10:00:08.000000000', '0'),
    ],
    'years of silence (sysdig)': [
      sysdig('1', '1.000000000', '1'),
      sysdig('2', '1600000000.000000001', '1'),
      sysdig('3', '9999999999.000000000', '1'),
      sysdig('4', '9999999999.500000000', '1'),
    ],
    'years of silence (strace)': [
      '1 1000000000.000000 read(3, "", 1) = 0 <0.000010>',
      '1 1600000000.000000 read(3, "", 1) = 0 <0.000010>',
      '1 9999999999.000000 read(3, "", 1) = 0 <0.000010>',
    ],
    'durations that are negative, huge or none': [
      '1 1600000000.000000 read(3, "", 1) = 0 <-1.000010>',
      '1 1600000001.000000 read(3, "", 1) = 0 <99999999999999999999.000000>',
      '1 1600000002.000000 read(3, "", 1) = 0 <1e308>',
      '1 1600000004.000000 read(3, "", 1) = 0 <NaN>',
      '1 1600000006.000000 read(3, "", 1) = 0 <0.000010>',
    ],
  };
  for (const [name, trace] of Object.entries(traces))
    it.each([{}, { by: 'thread' }, { threshold: 'auto' }])(`${name}: %j`, async (options) => {
      const { gaps, report } = await run(lines(...trace), options);
      const read = report.sources[0]!;
      expect(read.records + read.ignored + read.unparsed).toBe(trace.length);
      expect(gaps.filter(({ durationNs }) => !(durationNs > 0 && Number.isFinite(durationNs)))).toEqual([]);
      const json = await joined(jsonReport(gaps, report));
      expect(JSON.parse(json).gaps.length).toBe(gaps.length);
      expect(json).not.toMatch(/"(?:duration|span|typical|spread)Ns":-/);
      expect([...report.warnings, ...gaps.map(({ summary }) => summary)].join()).not.toMatch(/NaN|Infinity/);
      if (!('threshold' in options)) expect(gaps.length).toBeGreaterThan(0);
    });
});

it('around a gap that --to ends nothing is shown from behind the place where the scan ended', async () => {
  const text = [
    '1 10:00:00.000000000 0 a (1) > fsync fd=3 ',
    '2 10:00:06.000000000 0 b (2) > read fd=3 ',
    '3 10:00:04.900000000 0 b (2) < read res=0 data=late ',
    '4 10:00:07.000000000 0 b (2) > read fd=3 ',
    '',
  ].join('\n');
  const options = { filter: 'evt.type=fsync', to: '+5s', why: false } as const;
  const whole = await run(chunked(Buffer.from(text), 1000), options);
  expect(whole.gaps.map(({ open, around }) => [open, around.start])).toEqual([['end', []]]);
  // The pipe brings no more than the half of line 3 before the scan ends.
  const { gaps } = await run(chunked(Buffer.from(text), 100, 1000), options, { blockSize: 100 });
  expect(gaps).toEqual(whole.gaps);
});

describe('raw arguments', () => {
  const call = (n: number, text: string): string => `${n} 10:00:00.00000000${n} 0 a (1) ${text}`;
  const opening = (n: number, flags: string, mode: string): string =>
    call(n, `< openat fd=3(<f>/x) dirfd=-100(AT_FDCWD) name=/x flags=${flags} mode=${mode} dev=FE00 `);

  it.each([
    ['evt.rawarg.flags=4097', 1],
    ['evt.rawarg.dev=65024', 2],
    ['evt.rawarg.dev=0xFE00', 2],
    ['evt.rawarg.prot=10', 1],
    ['evt.rawarg.prot=16', 0],
    ['evt.rawarg.addr=0x7fec036c2000', 1],
    ['evt.rawarg.mode=420', 1],
    ['evt.is_open_exec=true', 1],
  ])('are read once, in the base that sysdig prints them in: %s', async (filter, matched) => {
    const { report } = await run(
      lines(
        opening(1, '4097(O_RDONLY|O_CLOEXEC)', '0'),
        opening(2, '14(O_APPEND|O_CREAT|O_WRONLY)', '0644'),
        call(3, '> mmap addr=7FEC036C2000 length=8192 prot=10(PROT_READ) flags=2 fd=3(<f>/x) offset=0 '),
        call(4, '< open fd=3(<f>/y) name=/y flags=14(O_APPEND|O_CREAT|O_WRONLY) mode=0755 '),
      ),
      { filter },
    );
    expect(report.sources[0]!.matched).toBe(matched);
  });
});
