/** The answer must not depend on how a trace arrives: blocks, pipes, compression, line ends, its name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../src/model/event.js';
import { type Random, randomOf } from './fuzz/mutate.js';
import { chunked, EXPECTED, type Outcome, run, sampleFiles, samplePath, sampleText } from './samples.js';

const CASES = EXPECTED.filter(
  (e) => ['sigstop3', 'midnight', 'block_futex'].includes(e.scenario) && !e.file.startsWith('pcap/'),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** All of an outcome but what tells of the source's form. */
function essence({ gaps, report }: Outcome): unknown {
  return {
    gaps,
    sources: report.sources.map(({ path: _, bytes: __, ...rest }) => rest),
    warnings: report.warnings,
  };
}

describe.each(CASES)('$file', ({ file, filter, threshold }) => {
  const options = { filter, threshold, around: 5, before: 2, after: 2 };
  let text: Buffer;
  let whole: unknown;
  beforeAll(async () => {
    text = sampleText(file);
    whole = essence(await run(samplePath(file), options));
  });

  it.each([1, 7, 64, 1000, 4096, 65_536, 1 << 20])('blocks of %i bytes', async (blockSize) => {
    const path = join(folder, 'part');
    // One byte at a time costs a read each: a head of the trace will do.
    const bytes = blockSize < 64 ? text.subarray(0, 12_000) : text;
    writeFileSync(path, bytes);
    const reference = blockSize < 64 ? essence(await run(path, options)) : whole;
    expect(essence(await run(path, options, { blockSize }))).toEqual(reference);
  });

  it('a pipe, split anywhere', async () => {
    expect(essence(await run(chunked(text, 1, 3, 7000, 64, 65_536), options))).toEqual(whole);
  });

  it('gzipped, in one member and in two', async () => {
    expect(essence(await run(chunked(gzipSync(text), 1000), options))).toEqual(whole);
    const path = join(folder, 'renamed.log');
    writeFileSync(path, Buffer.concat([gzipSync(text.subarray(0, 5000)), gzipSync(text.subarray(5000))]));
    expect(essence(await run(path, options))).toEqual(whole);
  });

  it('without its last newline, with a byte-order mark, under another name', async () => {
    const path = join(folder, 'no-name');
    const end = text[text.length - 1] === 10 ? text.length - 1 : text.length;
    writeFileSync(path, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text.subarray(0, end)]));
    expect((await run(path, options)).gaps).toEqual((whole as Outcome).gaps);
  });

  it('with CRLF line ends', async () => {
    const crlf = Buffer.from(text.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    const { gaps } = await run(chunked(crlf, 4096), options);
    const reference = (whole as Outcome).gaps;
    // A record of several lines holds the line ends between them.
    const plain = (e: EventRecord | null) => e && { ...e, raw: e.raw.replaceAll('\r\n', '\n') };
    expect(gaps.map((g) => [g.durationNs, plain(g.start), plain(g.end)])).toEqual(
      reference.map((g) => [g.durationNs, g.start, g.end]),
    );
  });
});

/** Every strace sample, and what may be asked of one: types, threads, names, whole calls and halves. */
const ASKED = [
  'evt.type=fsync',
  'evt.type=sendto',
  "evt.type in (read, write) and evt.dir='<'",
  'evt.type=clone or evt.type=execve',
  'not evt.type in (read, write, futex, epoll_wait)',
  'proc.name=labworker',
  'proc.name=keepalived and evt.type=sendmsg',
  'proc.name exists and evt.type!=read',
  'evt.type=procexit',
  'evt.type=futex and evt.latency>1ms',
];

describe.each(sampleFiles('strace').filter((file) => !file.includes('notime')))(
  '%s, passing lines over',
  (file) => {
    it.each([...ASKED, 'thread'])('%s', async (asked) => {
      const text = sampleText(file);
      const path = join(folder, basename(file, '.gz'));
      writeFileSync(path, text);
      const everything = await run(path, { threshold: '20ms', by: 'thread', why: false, around: 0 });
      // The thread with most gaps, where they tell.
      const tid = everything.gaps[0]?.group ?? '1';
      const filter = asked === 'thread' ? `thread.tid=${tid} and evt.type exists` : asked;
      const options = { filter, threshold: '20ms', why: false, around: 2 };
      const whole = essence(await run(path, options));
      for (const blockSize of [3000, 20_000])
        expect(essence(await run(path, options, { blockSize, decodedInFull: 0 }))).toEqual(whole);
    });
  },
);

/** What becomes of a line: cut, with another byte, two of them, another time, the head of a dump, none at all. */
const BREAKS: readonly ((line: string, random: Random) => string)[] = [
  (line, random) => line.slice(0, random(line.length + 1)),
  (line, random) => line.slice(0, 24 + random(40)),
  (_, random) => `${random(1000)} garbage`,
  (line, random) => replaced(line, random, 0, '\n'),
  (line) => `${line} data=`,
  (line) => line.replace(/\d\d:\d\d/, '99:99'),
  (line, random) => replaced(line, random, 1, '\0'),
  (line, random) => replaced(line, random, 1, String(random(10))),
];

function replaced(line: string, random: Random, length: number, by: string): string {
  const at = random(line.length + 1);
  return `${line.slice(0, at)}${by}${line.slice(at + length)}`;
}

/** Part of a sample of which some lines are broken, but not those by which it is known for what it is. */
function broken(file: string, random: Random): Buffer {
  const all = sampleText(file).toString('latin1').split('\n');
  const from = random(Math.max(1, all.length - 2000));
  const breaks = Array.from({ length: 1 + random(3) }, () => BREAKS[random(BREAKS.length)]!);
  const every = [3, 7, 40, 300][random(4)]!;
  const lines = all
    .slice(from, from + 3000)
    .map((line, i) => (i < 30 || random(every) > 0 ? line : breaks[random(breaks.length)]!(line, random)));
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** What a line with a match holds: others may be passed over. */
const LITERALS = {
  sysdig: ['proc.name=keepalived', 'evt.type=futex', 'evt.type=sendmsg', 'evt.type=switch'],
  tcpdump: ['evt.type=vrrp', 'vrrp.vrid=51', 'vrrp.prio >= 100'],
};

describe('lines that are broken are counted alike, passed over or not', () => {
  // Durations are refused.
  const files = [...sampleFiles('sysdig'), ...sampleFiles('tcpdump')].filter((file) => !file.includes('t_d'));
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('%i', async (seed) => {
    const random = randomOf(seed);
    const file = files[random(files.length)]!;
    const text = broken(file, random);
    const path = join(folder, `broken-${seed}`);
    writeFileSync(path, text);
    const literals = LITERALS[file.startsWith('sysdig') ? 'sysdig' : 'tcpdump'];
    const filter = literals[random(literals.length)]!;
    const options = { filter, threshold: '20ms', why: false, around: 1, workers: 0 } as const;
    const sizes = { decodedInFull: [0, 1, 5000, 50_000][random(4)]! };
    const whole = essence(await run(path, options, { ...sizes, blockSize: 1 << 20 }));
    for (const blockSize of [500, 3000, 20_000, 100_000]) {
      const blocks = { ...sizes, blockSize, aheadLeast: 0 };
      expect(essence(await run(path, options, blocks))).toEqual(whole);
      expect(essence(await run(path, { ...options, workers: 1 }, blocks))).toEqual(whole);
      const stream = chunked(text, 1 + random(5000), 1 + random(30_000));
      expect(essence(await run({ name: 'stream', stream }, options, blocks))).toEqual(whole);
    }
  });
});

it('what is late is counted, also behind a block whose last line or first one is ahead', async () => {
  const lines = Array.from({ length: 400 }, (_, i) => {
    const us = i * 20 + (i % 50 === 40 ? 300 : 0);
    const time = `17:01:21.${String(us).padStart(6, '0')}${String(i).padStart(3, '0')}`;
    return `${i} ${time} 0 ${i % 90 === 0 ? 'keepalived' : 'other'} (428) > read fd=3\n`;
  });
  const path = join(folder, 'ahead');
  writeFileSync(path, lines.join(''));
  const options = { filter: 'proc.name=keepalived', threshold: '1s', why: false } as const;
  for (let blockSize = 500; blockSize < 700; blockSize += 3) {
    const { report } = await run(path, options, { blockSize, decodedInFull: 0 });
    expect(report.sources[0]!.outOfOrder).toBe(7 * 14 + 9);
  }
});

it('a line without the literal that is broken is unparsed up to the place where lines may be passed over', async () => {
  const line = (i: number) => `${1000 + i} 17:01:21.${100_000_000 + i} 0 other (428) > read fd=3\n`;
  const lines = Array.from({ length: 400 }, (_, i) => line(i));
  const literal = lines[0]!.replace('other', 'keepalived');
  // Behind its time; so with the literal; one that shows no time.
  for (const i of [50, 300]) lines[i] = lines[i]!.replace('(428)', '(428');
  lines[310] = lines[310]!.replace('other (', 'keepalived ');
  lines[320] = '1320 17:01\n';
  const path = join(folder, 'counted');
  writeFileSync(path, literal + lines.slice(1).join(''));
  const options = { filter: 'proc.name=keepalived', threshold: '1s', why: false } as const;
  const at = literal.length + 200 * line(0).length;
  for (const blockSize of [500, 3000, 1 << 20]) {
    const { report } = await run(path, options, { blockSize, decodedInFull: at });
    expect(report.sources[0]).toMatchObject({ unparsed: 3, records: 397, events: 397, matched: 1 });
  }
});

it('packets around a gap have the numbers that the gap has, behind broken lines too', async () => {
  const line = (i: number, second: number): string => {
    const what =
      i % 50 === 0 ? 'VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s' : 'ICMP echo';
    return `17:01:${second}.${100_000 + i} IP 10.77.0.1 > 224.0.0.18: ${what}, length 20\n`;
  };
  const lines = Array.from({ length: 600 }, (_, i) => line(i, i < 500 ? 21 : 31));
  lines[498] = '17:01:99.100498 IP\n';
  const path = join(folder, 'numbers');
  writeFileSync(path, lines.join(''));
  const options = { filter: 'vrrp.vrid=51', threshold: '1s', why: false, around: 6 } as const;
  for (const blockSize of [5000, 1 << 20]) {
    const { gaps } = await run(path, options, { blockSize, decodedInFull: 0 });
    const [{ start, end, around }] = gaps as [(typeof gaps)[0]];
    expect([start!.num, end!.num]).toEqual([451, 501]);
    expect(around.end.map(({ num }) => num)).toEqual([494, 495, 496, 497, 498, 500]);
  }
});

it('a process whose name has a line break and a time is read alike with a literal and without', async () => {
  const lines = Array.from(
    { length: 300 },
    (_, i) => `${1000 + i} 17:01:21.${100_000_000 + i} 0 a (428) > read fd=3\n`,
  );
  lines[150] = '1150 17:01:21.100000150 0 a\n1150 17:01:21.100000150 x b (428) > futex fd=3\n';
  const path = join(folder, 'name');
  writeFileSync(path, lines.join(''));
  for (const filter of ['evt.type=futex', 'evt.type=futex or evt.num=1']) {
    const { report } = await run(
      path,
      { filter, threshold: '1s', why: false },
      { blockSize: 3000, decodedInFull: 0 },
    );
    expect(report.sources[0]!.matched).toBe(0);
  }
});

it.each([
  ['sysdig/sigstop3.both.txt', 'proc.name=keepalived and evt.type=sendmsg', '+11s'],
  ['sysdig/renderings.both.t_r.txt.gz', 'evt.type=futex', '+20s'],
  ['strace/block_futex.f_tt_T_y.txt', 'evt.type=fsync', '+10s'],
  ['strace/block_futex.f_tt_T_y.txt', 'proc.name=labworker', '+10s'],
])('%s, %s: a run to %s counts up to there', async (file, filter, to) => {
  const text = sampleText(file);
  const path = join(folder, 'until');
  writeFileSync(path, text);
  const options = { filter, to, threshold: '1s', why: false, around: 0 } as const;
  const whole = essence(
    await run(path, { ...options, workers: 0 }, { decodedInFull: 0, blockSize: 1 << 20 }),
  );
  for (const blockSize of [1500, 5000, 40_000]) {
    const sizes = { decodedInFull: 0, blockSize, aheadLeast: 0 };
    for (const workers of [0, 1])
      expect(essence(await run(path, { ...options, workers }, sizes))).toEqual(whole);
    const stream = chunked(text, 700, 9000);
    expect(essence(await run({ name: 'stream', stream }, options, sizes))).toEqual(whole);
  }
});
