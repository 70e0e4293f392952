/** The answer must not depend on how a trace arrives: blocks, pipes, compression, line ends, its name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../src/model/event.js';
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
