/** Threads that read ahead change nothing in an answer: every sample, in parts that are much smaller than it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findConversations } from '../src/find-conversations.js';
import { run, sampleFiles, sampleText } from './samples.js';

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
  const filter = file.startsWith('tcpdump') ? 'fd.dip exists' : 'evt.type in (futex, fsync, sendmsg, read)';
  it.each([
    { by: 'thread', filter, threshold: '5ms', why: false },
    { filter: 'evt.type=fsync or evt.type=sendmsg', threshold: '100ms' },
    { filter: 'proc.name=keepalived', threshold: '1s' },
  ] as const)('%o', async (options) => {
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
    // The first line makes room for the second: where there is none, the file is no longer read ahead.
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
