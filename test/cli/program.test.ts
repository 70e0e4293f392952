/** The program as built, started as its users start it; time zone, width and colour fixed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGolden } from '../report/golden.js';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let folder: string;

/** A sender that beats every second, stalls once, and another process in between. */
function trace(beats = 8): string {
  const lines: string[] = [];
  let num = 0;
  const add = (ns: number, cpu: number, proc: string, tid: number, rest: string): void => {
    const time = `17:01:${String(10 + Math.floor(ns / 1e9)).padStart(2, '0')}.${String(ns % 1e9).padStart(9, '0')}`;
    lines.push(`${++num} ${time} ${cpu} ${proc} (${tid}) ${rest}`);
  };
  for (let beat = 0; beat < beats; beat++) {
    const at = beat * 1e9 + (beat > 3 ? 4_035_431_870 : 0);
    add(at, 0, 'keepalived', 10400, '> sendmsg fd=13(192.168.205.8->224.0.0.18) size=40 ');
    add(at + 4100, 0, 'keepalived', 10400, '< sendmsg res=40 data=E..(\\e[31m ');
    add(at + 9800, 0, 'keepalived', 10400, '> fsync fd=7(<f>/var/log/keepalived.log) ');
    add(at + 500_000_000, 1, 'haproxy', 2101, '> epoll_wait maxevents=200 ');
  }
  return `${lines.join('\n')}\n`;
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with the child and its first output. */
  readonly onFirstOutput?: (child: ChildProcess) => void;
}

function start(args: readonly string[], { env = {}, input, onFirstOutput }: Start = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', COLUMNS: '80', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    const first = stdout === '';
    stdout += bytes.toString();
    if (first) onFirstOutput?.(child);
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdin.on('error', () => {});
  if (input !== undefined) child.stdin.write(input);
  if (onFirstOutput === undefined) child.stdin.end();
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-cli-'));
  writeFileSync(join(folder, 'trace.txt'), trace());
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SENDS = ['-p', 'keepalived', '--type', 'sendmsg', '--dir', 'enter', '-t', '1.5s'];

describe('report', () => {
  it('of a trace with one stall', async () => {
    const { code, stdout, stderr } = await start([...SENDS, 'trace.txt']);
    expect([code, stderr]).toEqual([0, '']);
    expectGolden('program-text', stdout);
  });

  it('is the same from standard input, but for the name', async () => {
    const file = await start([...SENDS, 'trace.txt']);
    for (const args of [SENDS, [...SENDS, '-']]) {
      const { code, stdout } = await start(args, { input: trace() });
      expect(code).toBe(0);
      expect(stdout).toBe(file.stdout.replace('  trace.txt (sysdig)', '  (stdin) (sysdig)'));
    }
  });

  it('as one JSON document', async () => {
    const { code, stdout } = await start([...SENDS, '-o', 'json', 'trace.txt']);
    const parsed = JSON.parse(stdout) as { gaps: { durationNs: number; start: { time: string } }[] };
    expect(code).toBe(0);
    expect(parsed.gaps.map((gap) => [gap.durationNs, gap.start.time])).toEqual([
      [5_035_431_870, '17:01:13.000000000'],
    ]);
  });

  it('as a gap per line', async () => {
    const { stdout } = await start(['-t', '400ms', '-o', 'ndjson', 'trace.txt']);
    const gaps = stdout.trimEnd().split('\n');
    expect(gaps.length).toBeGreaterThan(8);
    for (const gap of gaps) expect(Object.keys(JSON.parse(gap) as object)[0]).toBe('durationNs');
  });

  it('has colour only where it is wanted', async () => {
    const args = [...SENDS, 'trace.txt'];
    const outputs = [
      await start(args),
      await start(args, { env: { FORCE_COLOR: '1' } }),
      await start([...args, '--color', 'always'], { env: { NO_COLOR: '1' } }),
      await start([...args, '--color=never'], { env: { FORCE_COLOR: '1' } }),
    ];
    expect(outputs.map(({ stdout }) => stdout.includes('\x1b'))).toEqual([false, true, true, false]);
  });
});

describe('exit status', () => {
  it('is 1 for a gap, where that is asked for', async () => {
    const { code } = await start([...SENDS, '--exit-code', 'trace.txt']);
    expect(code).toBe(1);
    const none = await start([...SENDS, '-t', '1m', '--exit-code', 'trace.txt']);
    expect(none.code).toBe(0);
  });

  it.each([
    [['--top', '0'], 'sysgap: --top: "0" is not a whole number of at least 1, as in --top 10\n'],
    [
      ['--fliter', 'x'],
      "sysgap: unknown option '--fliter'\n(Did you mean --filter?)\nsysgap --help lists the options\n",
    ],
  ])('is 2 for %j, with the reason on standard error only', async (args, stderr) => {
    expect(await start([...args, 'trace.txt'])).toEqual({ code: 2, stdout: '', stderr });
  });

  it('is 2 for a file that cannot be read or a filter that cannot be parsed', async () => {
    for (const args of [['nowhere.txt'], ['-f', 'evt.type=', 'trace.txt']]) {
      const { code, stdout, stderr } = await start(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^sysgap: /);
      expect(stderr).not.toMatch(/\n {4}at /);
    }
  });
});

describe('--version and --help', () => {
  it('print to standard output', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    for (const args of [['--version'], ['-V'], ['-V', 'x']]) {
      expect(await start(args)).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    }
    const help = await start(['--help']);
    expect(help.code).toBe(0);
    expect(help.stderr).toBe('');
    expectGolden('program-help', help.stdout);
  });
});

describe('being cut short', () => {
  it('a reader that has had enough is no error', async () => {
    const { code, stderr } = await start(['-t', '1us', '-o', 'ndjson'], {
      input: trace(40),
      onFirstOutput: (child) => {
        child.stdout!.destroy();
        child.stdin!.end(trace(40));
      },
    });
    expect([code, stderr]).toEqual([0, '']);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the run with what was found', async (signal, status) => {
    const { code, stdout } = await start(['-t', '400ms', '-o', 'ndjson'], {
      input: trace(40),
      onFirstOutput: (child) => child.kill(signal),
    });
    expect(code).toBe(status);
    for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
  });
});
