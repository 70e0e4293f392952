/** A thread that reads standard input changes nothing in an answer: every sample, in parts that are much smaller than it. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PipeThread } from '../src/input/pipe-thread.js';
import type { GapOptions } from '../src/model/options.js';
import { type Outcome, questionsOf, run, sampleFiles, sampleText } from './samples.js';

const PART = 3000;
const SIZES = { aheadLeast: 0, decodedInFull: 0, blockSize: PART };
const FILES = [...sampleFiles('sysdig'), ...sampleFiles('strace'), ...sampleFiles('tcpdump')].filter(
  (file) => !/notime|t_d|norm/.test(file),
);
const BY_THREAD = { by: 'thread', threshold: '5ms', before: 2, after: 2 } as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
});
afterAll(() => {
  closeSync(0);
  openSync('/dev/null', 'r');
  rmSync(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** What is told of standard input, to which a shell's command writes. */
async function piped(command: string, options: GapOptions, workers: number): Promise<Outcome> {
  const fifo = join(folder, 'fifo');
  rmSync(fifo, { force: true });
  spawnSync('mkfifo', [fifo]);
  closeSync(0);
  expect(openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)).toBe(0);
  spawn('sh', ['-c', `exec > '${fifo}'; ${command}`], { cwd: folder, stdio: 'ignore' });
  return run('-', { ...options, workers }, SIZES);
}

/** Writes the head, then little by little until there is a thread, as none is there at once: `n` bytes in all. */
const begun = (head: number, step: number): string =>
  `n=${head}; head -c $n content; while [ ! -e begun -a $n -lt ${head + 1000 * step} ]; do ${from('$n')} | head -c ${step}; n=$((n + ${step})); sleep 0.005; done`;
/** The rest, and the rest up to a place. */
const REST = 'tail -c +$((n + 1)) content';
const restTo = (end: number): string => `${REST} | head -c $((${end} - n))`;
const from = (start: number | string): string => `tail -c +$((${start} + 1)) content`;

const { begin } = PipeThread.prototype;

/** Has the writer notice that a thread has begun, and remembers with what. `as`: with another descriptor. */
function noticed(as = 0): unknown[][] {
  const calls: unknown[][] = [];
  rmSync(join(folder, 'begun'), { force: true });
  vi.spyOn(PipeThread.prototype, 'begin').mockImplementation(function (this: PipeThread, ...args) {
    calls.push(args);
    writeFileSync(join(folder, 'begun'), '');
    begin.call(this, as, ...(args.slice(1) as []));
  });
  return calls;
}

/** Of the smallest samples a head as long is known for what it is, and leaves seconds for a thread to come to life. */
const HEAD = [500, 1] as const;

async function expectSame(
  bytes: Buffer,
  options: GapOptions,
  command = REST,
  [head, step]: readonly [number, number] = HEAD,
): Promise<void> {
  writeFileSync(join(folder, 'content'), bytes);
  const alone = await piped('cat content', options, 0);
  const calls = noticed();
  const threaded = await piped(`${begun(head, step)}; ${command}`, options, 1);
  expect(calls.length).toBe(1);
  expect(threaded).toEqual(alone);
}

describe.skipIf(process.platform === 'win32')('standard input', { timeout: 120_000 }, () => {
  describe.each(FILES)('%s', (file) => {
    it.each(questionsOf(file))('%o', (options) => expectSame(sampleText(file), options));
  });

  const text = sampleText('sysdig/sigstop3.both.txt').subarray(0, 300_000);
  const pause = 'dd if=content bs=2000 skip=$((60 + i)) count=1 2>&-; sleep 0.1';
  it.each([
    [
      'single bytes',
      text,
      `${restTo(150_000)}; dd if=content bs=1 skip=150000 count=700 2>&-; ${from(150_700)}`,
    ],
    ['pauses', text, `${restTo(120_000)}; for i in 0 1 2 3; do ${pause}; done; ${from(128_000)}`],
    ['a pause at the border of a part', text, `${restTo(120_000)}; sleep 0.3; ${from(120_000)}`],
    ['an end in the middle of a line', text.subarray(0, 299_990), REST],
    ['an end at the border of a part', text, REST],
    ['an end behind it', text.subarray(0, 270_001), REST],
    ['a writer that dies', text.subarray(0, 250_000), `${REST}; kill -9 $$`],
  ])('with %s', async (_, bytes, command) => {
    for (const filter of [{}, { filter: 'proc.name=keepalived' }])
      await expectSame(bytes, { ...BY_THREAD, ...filter }, command, [PART, PART]);
  });

  it('is read through the socket where the thread fails at once', async () => {
    writeFileSync(join(folder, 'content'), text);
    const alone = await piped('cat content', BY_THREAD, 0);
    // No descriptor of that number is open.
    const calls = noticed(99_999);
    expect(await piped(`${begun(...HEAD)}; ${REST}`, BY_THREAD, 1)).toEqual(alone);
    expect(calls.length).toBe(1);
  });

  it('is read by a thread without parts where there is no memory for them', async () => {
    writeFileSync(join(folder, 'content'), text);
    const alone = await piped('cat content', BY_THREAD, 0);
    const { Memory } = WebAssembly;
    const scarce = new Proxy(Memory, {
      construct: (target, [limits]) => {
        if (limits.shared) throw new RangeError('could not allocate memory');
        return new target(limits);
      },
    });
    const calls = noticed();
    Object.assign(WebAssembly, { Memory: scarce });
    try {
      expect(await piped(`${begun(...HEAD)}; ${REST}`, BY_THREAD, 1)).toEqual(alone);
    } finally {
      Object.assign(WebAssembly, { Memory });
    }
    expect(calls).toEqual([[0]]);
  });
});
