/**
 * The most memory that the built program ever held (VmHWM) over hostile traces. Bounds are about twice what was
 * measured, and several times below what it takes where something grows with the trace.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from './built.js';

const PEAK = `process.on('exit', () => {
  const status = require('node:fs').readFileSync('/proc/self/status', 'utf8');
  require('node:fs').writeFileSync(process.env.PEAK_FILE, /VmHWM:\\s+(\\d+)/.exec(status)[1]);
});`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-memory-'));
  writeFileSync(join(folder, 'peak.cjs'), PEAK);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly head: string;
  readonly peakMb: number;
}

/** Runs the program over `trace`, as a file or (`piped`) through a pipe. */
function run(trace: string, args: readonly string[], piped = false): Promise<Ran> {
  const peakFile = join(folder, 'peak');
  const child = spawn(
    process.execPath,
    ['--require', join(folder, 'peak.cjs'), PROGRAM, ...args, piped ? '-' : trace],
    { env: { PATH: process.env.PATH ?? '', TMPDIR: folder, PEAK_FILE: peakFile } },
  );
  child.stdin.on('error', () => {});
  if (piped) createReadStream(trace).pipe(child.stdin);
  else child.stdin.end();
  let head = '';
  child.stdout.on('data', (bytes: Buffer) => {
    if (head.length < 4000) head += bytes.toString();
  });
  child.stderr.resume();
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, head, peakMb: Number(readFileSync(peakFile, 'utf8')) / 1024 }),
    ),
  );
}

/** A trace of `count` lines. */
function lines(count: number, line: (i: number) => string): (path: string) => void {
  return (path) => {
    const fd = openSync(path, 'w');
    for (let from = 0; from < count; from += 10_000) {
      const part: string[] = [];
      for (let i = from; i < Math.min(count, from + 10_000); i++) part.push(line(i));
      writeSync(fd, part.join(''));
    }
    closeSync(fd);
  };
}

function oneLine(head: string, megabytes: number, byte: string): (path: string) => void {
  return (path) => {
    const fd = openSync(path, 'w');
    writeSync(fd, head);
    for (let i = 0; i < megabytes; i++) writeSync(fd, Buffer.alloc(1_000_000, byte));
    closeSync(fd);
  };
}

function timeOfDay(us: number): string {
  const s = Math.floor(us / 1e6);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${String(us % 1e6).padStart(6, '0')}000`;
}

/** One line a 100 µs. */
const sysdig = (i: number, rest: string): string => `${i + 1} ${timeOfDay(36e9 + i * 100)} ${rest}\n`;
const strace = (tid: number, us: number, call: string): string =>
  `${tid} ${1_700_000_000 + Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')} ${call}\n`;

const SOCKET = 'fd=3(<4t>10.0.0.1:40000->10.0.0.2:80)';
const TURN = [
  `> write ${SOCKET} size=10 `,
  '< write res=10 data=x ',
  `> read ${SOCKET} size=10 `,
  '< read res=10 data=x ',
];
const RECORD = '1 10:00:00.000000000 0 a (1) > read fd=1 data=';

const TRACES = {
  'a million unclosed calls': lines(1e6, (i) => strace(i + 1, i * 10, 'read(3, <unfinished ...>')),
  'a million clones that never return': lines(1e6, (i) =>
    strace(i + 1, i * 10, 'clone(child_stack=NULL, <unfinished ...>'),
  ),
  'a million names': lines(1e6, (i) =>
    strace((i % 90_000) + 1, i * 10, `prctl(PR_SET_NAME, "n${i}") = 0 <0.000001>`),
  ),
  '100 MB without a newline': oneLine(RECORD, 100, 'x'),
  '100 MB of null bytes in a line': oneLine(RECORD, 100, '\0'),
  '100,000 threads': lines(300_000, (i) => sysdig(i, `0 prog (${(i % 100_000) + 1}) > read fd=3 size=10 `)),
  '200,000 threads': lines(600_000, (i) => sysdig(i, `0 prog (${(i % 200_000) + 1}) > read fd=3 size=10 `)),
  '65,536 CPUs': lines(400_000, (i) =>
    i === 100_000 || i === 399_999
      ? sysdig(i, '0 prog (9) > read fd=3 size=10 ')
      : sysdig(i, `${i % 65_536} p (${(i % 7) + 1}) > switch next=${(i % 5) + 1}(q) pgft_maj=0 vm_size=1 `),
  ),
  'a million types': lines(1e6, (i) => sysdig(i, `0 prog (7) > t${i} fd=3 `)),
  'a million waits': lines(1e6, (i) => sysdig(i * 10, `0 prog (7) ${TURN[i % 4]}`)),
  'years of idle time': lines(5000, (i) => strace(7, i * 86_400e6 * 30, 'read(3, "", 1) = 0 <0.000010>')),
  'a clock that steps back each time': lines(300_000, (i) =>
    strace(7, (300_000 - i) * 10_000, 'read(3, "", 1) = 0 <0.000010>'),
  ),
} as const;

const CASES: readonly [
  trace: keyof typeof TRACES,
  args: readonly string[],
  mostMb: number,
  piped?: boolean,
][] = [
  ['a million unclosed calls', [], 350],
  ['a million unclosed calls', ['--by', 'thread', '--top', '5', '--no-why'], 450],
  ['a million clones that never return', [], 350],
  ['a million names', ['-p', 'n1'], 350],
  ['100 MB without a newline', [], 140],
  ['100 MB without a newline', [], 260, true],
  ['100 MB of null bytes in a line', [], 140],
  ['100,000 threads', ['--by', 'thread', '--top', '5'], 500],
  ['100,000 threads', ['--by', 'thread', '-t', 'auto'], 400],
  ['200,000 threads', ['--by', 'thread', '--top', '5', '--no-why'], 700],
  ['65,536 CPUs', ['--tid', '9'], 400],
  ['a million types', ['--by', 'evt.type', '--top', '5', '--no-why'], 600],
  ['a million types', ['-f', 'evt.num=1 or evt.num=999999'], 400],
  ['a million waits', ['--conversations'], 300],
  ['years of idle time', [], 250],
  ['a clock that steps back each time', [], 200],
];

describe.skipIf(process.platform !== 'linux')('memory is bounded (measured by /proc)', () => {
  for (const name of Object.keys(TRACES) as (keyof typeof TRACES)[]) {
    describe(name, () => {
      const path = (): string => join(folder, 'trace');
      beforeAll(() => TRACES[name](path()), 60_000);
      it.each(
        CASES.filter(([trace]) => trace === name).map(([, args, mostMb, piped]) => ({ args, mostMb, piped })),
      )(
        '$args below $mostMb MB',
        async ({ args, mostMb, piped }) => {
          const { code, head, peakMb } = await run(path(), args, piped);
          expect([code, head.length > 0], head).toEqual([0, true]);
          expect(peakMb).toBeGreaterThan(20);
          expect(peakMb).toBeLessThan(mostMb);
        },
        120_000,
      );
    });
  }
});
