/** Threads that read ahead change nothing in an answer: every sample, in parts that are much smaller than it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findConversations } from '../src/find-conversations.js';
import { CallPicker } from '../src/formats/strace/calls.js';
import { questionsOf, run, sampleFiles, sampleText } from './samples.js';

const SIZES = { aheadLeast: 0, decodedInFull: 0 };
const FILES = [...sampleFiles('sysdig'), ...sampleFiles('strace'), ...sampleFiles('tcpdump')].filter(
  (file) => !/notime|t_d|norm/.test(file),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(FILES)('%s', (file) => {
  it.each(questionsOf(file))('%o', async (options) => {
    const path = join(folder, basename(file, '.gz'));
    writeFileSync(path, sampleText(file));
    const sizes = { ...SIZES, blockSize: 3000 };
    const alone = await run(path, { ...options, workers: 0 }, sizes);
    expect(await run(path, { ...options, workers: 1 }, sizes)).toEqual(alone);
  });
});

it('conversations', async () => {
  const path = join(folder, 'conversations');
  for (const file of sampleFiles('sysdig').slice(0, 5)) {
    writeFileSync(path, sampleText(file));
    const sizes = { ...SIZES, blockSize: 3000 };
    expect(await findConversations(path, { workers: 2 }, sizes)).toEqual(
      await findConversations(path, { workers: 0 }, sizes),
    );
  }
});

/** Calls of some threads, many in halves; later also of calls and threads that were not met before. */
function calls(lines: number): string {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
  const names = ['read', 'futex', 'write', 'poll', 'fsync', 'statx', 'name_to_handle_at', 'clone', 'prctl'];
  const open = new Map<number, string>();
  const text: string[] = [];
  for (let i = 0, us = 0; i < lines; i++) {
    us += random(60) === 0 ? 20_000 : random(90);
    const time = `1700000${String(Math.floor(us / 1e6)).padStart(3, '0')}.${String(us % 1e6).padStart(6, '0')}`;
    const tid = 100 + random(6 + Math.floor(i / 1000));
    const before = open.get(tid);
    const name = before ?? names[random(random(40) === 0 ? names.length : 4 + Math.floor((i * 2) / lines))]!;
    const args = name === 'prctl' ? 'PR_SET_NAME, "other"' : `3, "${'x'.repeat(random(30))}"`;
    let rest = `${name}(${args}) = 0 <0.000020>`;
    if (before) rest = `<... ${name} resumed>) = 0 <0.000090>`;
    else if (random(3) === 0) rest = `${name}(${args} <unfinished ...>`;
    else if (random(200) === 0) rest = '+++ exited with 0 +++              ';
    if (rest.endsWith('...>')) open.set(tid, name);
    else open.delete(tid);
    text.push(`${tid}  ${time} ${rest}\n`);
  }
  return text.join('');
}

describe.each([
  { filter: 'evt.type=fsync and evt.dir=>', threshold: '5ms' },
  { filter: 'evt.type in (fsync, prctl) and evt.dir=<', by: 'thread', threshold: '20ms' },
  { filter: 'proc.name=other', threshold: '5ms', why: false },
  { filter: 'thread.tid=103', threshold: '2ms', why: false },
] as const)("strace's lines that matter, %o", (options) => {
  it.each([4000, 9000, 40_000])('in parts of %i bytes', async (blockSize) => {
    const path = join(folder, 'calls');
    writeFileSync(path, calls(12_000));
    const sizes = { ...SIZES, blockSize };
    const { gaps, report } = await run(path, { ...options, workers: 0 }, sizes);
    expect(gaps.length).toBeGreaterThan(5);
    for (const workers of [1, 2]) {
      const ahead = await run(path, { ...options, workers }, sizes);
      expect(ahead.report).toEqual(report);
      expect(ahead.gaps).toEqual(gaps);
    }
  });
});

describe('lines of strace are picked by what is known of their threads when their turn comes', () => {
  afterEach(() => vi.restoreAllMocks());
  it.each([
    { filter: 'evt.type=fsync and evt.dir=>' },
    { filter: 'proc.name=other' },
    { filter: 'thread.tid=103' },
    { filter: 'proc.name=other and evt.type=futex' },
    // More lines than there is room for.
    { filter: 'evt.type!=fsync', blockSize: 60_000 },
  ])('$filter', async ({ filter, blockSize = 9000 }) => {
    const path = join(folder, 'picked');
    writeFileSync(path, calls(12_000));
    const lines: number[] = [];
    const { pick } = CallPicker.prototype;
    vi.spyOn(CallPicker.prototype, 'pick').mockImplementation(function (this: CallPicker, ...args) {
      const picked = pick.apply(this, args);
      lines.push(...(picked?.picks.lines.subarray(0, picked.count) ?? [-1]));
      return picked;
    });
    const picked = async (workers: number): Promise<number[]> => {
      lines.length = 0;
      await run(path, { filter, threshold: '5ms', why: false, around: 0, workers }, { ...SIZES, blockSize });
      return [...lines];
    };
    const alone = await picked(0);
    expect(alone.length).toBeGreaterThan(200);
    expect(await picked(1)).toEqual(alone);
  });
});

describe('a line that is cut', () => {
  const sample = sampleText('sysdig/sigstop3.both.txt');
  const middle = sample.indexOf(10, sample.length / 2) + 1;
  const long = (time: string, filler: string, length: number): Buffer =>
    Buffer.from(`9 ${time} 0 keepalived (428) > read ${filler.repeat(length)}\n`);
  it.each([
    ['and whose rest no line could begin with', 'x'],
    ['and whose rest looks like the beginning of a line', '1'],
  ])('%s is one line', async (_, filler) => {
    const path = join(folder, 'cut');
    // The first line makes room for the second: where there is none, that is not read ahead.
    const lines = [long('07:43:00.000000000', 'x', 900_000), sample.subarray(0, middle)];
    lines.push(long('07:44:04.000000000', filler, 3 << 19), sample.subarray(middle));
    writeFileSync(path, Buffer.concat(lines));
    const sizes = { ...SIZES, blockSize: 20_000 };
    for (const filter of [undefined, 'proc.name=keepalived']) {
      const options = { ...(filter ? { filter } : { by: 'thread' }), threshold: '1s', why: false } as const;
      const alone = await run(path, { ...options, workers: 0 }, sizes);
      expect(alone.report.sources[0]!.unparsed).toBe(0);
      const { gaps, report } = await run(path, { ...options, workers: 1 }, sizes);
      expect(report).toEqual(alone.report);
      expect(JSON.stringify(gaps) === JSON.stringify(alone.gaps)).toBe(true);
    }
  });
});

it('a buffer that was dumped behind its event has no events, whatever it looks like', async () => {
  const path = join(folder, 'dumped');
  const lines = sampleText('sysdig/sigstop3.both.txt').toString('latin1').trimEnd().split('\n');
  const dump = (line: string): string[] => {
    const [num, time] = line.split(' ');
    return [
      `${num} ${time} 0 java (2888) < read res=46 data=`,
      `5 ${time} 0 keepalived (428) > sendmsg fd=13 size=40`,
    ];
  };
  const dumped = lines.flatMap((line, i) => (i % 100 === 7 ? [line, ...dump(line)] : [line]));
  const literal = {
    filter: 'proc.name=keepalived and evt.type=sendmsg',
    threshold: '500ms',
    why: false,
  } as const;
  const decoded = { ...literal, filter: `(${literal.filter}) or evt.num>99999999999` };
  for (const end of ['\n', '\r\n']) {
    writeFileSync(path, dumped.join(end), 'latin1');
    for (const [blockSize, workers] of [
      [3000, 0],
      [3000, 1],
      [20_000, 1],
      [1 << 20, 0],
    ] as const) {
      const sizes = { ...SIZES, blockSize };
      const told = await run(path, { ...literal, workers }, sizes);
      const wanted = await run(path, { ...decoded, workers }, sizes);
      expect(told.gaps.map(({ durationNs }) => durationNs)).toEqual(
        wanted.gaps.map(({ durationNs }) => durationNs),
      );
      expect(told.report.sources[0]!.matched).toBe(wanted.report.sources[0]!.matched);
    }
  }
});

describe('lines that are broken', () => {
  it.each([
    ['behind their time, and passed over', 26],
    ['anywhere, so that blocks are decoded in full', 2],
  ])('%s, are counted alike', async (_, least) => {
    const path = join(folder, 'broken');
    const lines = sampleText('sysdig/sigstop3.both.txt').toString('latin1').split('\n');
    const broken = lines.map((line, i) => (i % 7 === 3 ? line.slice(0, least + ((i * 31) % 50)) : line));
    writeFileSync(path, broken.join('\n'), 'latin1');
    const options = { filter: 'proc.name=keepalived and evt.type=sendmsg', why: false } as const;
    for (const blockSize of [2000, 3000, 20_000]) {
      const { report } = await run(path, { ...options, workers: 0 }, { ...SIZES, blockSize });
      expect(report.sources[0]!.unparsed).toBeGreaterThan(0);
      for (const workers of [1, 2])
        expect((await run(path, { ...options, workers }, { ...SIZES, blockSize })).report).toEqual(report);
    }
  });
});

it('without the memory for it the file is read all the same', async () => {
  const path = join(folder, 'memory');
  writeFileSync(path, sampleText('sysdig/sigstop3.both.txt'));
  const options = { by: 'thread', threshold: '5ms', why: false } as const;
  const sizes = { ...SIZES, blockSize: 3000 };
  const alone = await run(path, { ...options, workers: 0 }, sizes);
  const { Memory } = WebAssembly;
  const refused = vi.fn(() => {
    throw new RangeError('could not allocate memory');
  });
  const scarce = new Proxy(Memory, {
    construct: (target, [limits]) => (limits.shared ? refused() : new target(limits)),
  });
  Object.assign(WebAssembly, { Memory: scarce });
  try {
    expect(await run(path, { ...options, workers: 1 }, sizes)).toEqual(alone);
  } finally {
    Object.assign(WebAssembly, { Memory });
  }
  expect(refused).toHaveBeenCalled();
});
