/** The program as built, started as its users start it; time zone, width and colour fixed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityReport, Gap } from '../../src/index.js';
import { expectGolden } from '../report/golden.js';
import { PROGRAM } from './built.js';

const sample = (name: string): string => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));

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
  readonly input?: string | Buffer;
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
  copyFileSync(sample('sysdig/starve_fifo.both.txt.gz'), join(folder, 'starve_fifo.txt.gz'));
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

describe('why', () => {
  const FIFO = 'starve_fifo.txt.gz';
  const STARVED = ['-f', "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'", '-t', '1.2s', FIFO];

  it('names the cause in the first line under the gap', async () => {
    const { code, stdout } = await start(STARVED);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nGap 1: .*\n {2}starved: keepalived \(5567\) /);
    expect(stdout).toMatch(/\n {4}1 \.+u+ +49 % +<0\.1 % +50 % +1\.1 %\n/);
    expect(stdout).toMatch(/\n {4}labhog\(5576\) +951 ms +774 +none then\n/);
    expect(stdout).toContain('\n  look at next\n    chrt -p 5576; taskset -p 5576\n');
  });

  it('is in JSON in the order of names that tools build on', async () => {
    const { stdout } = await start([...STARVED, '-o', 'json']);
    const [found] = (JSON.parse(stdout) as { gaps: Gap[] }).gaps;
    expect(found).toMatchObject({ cause: 'starved', call: null, class: null });
    expect(Object.keys(found!).slice(8)).toEqual([
      ...['cause', 'call', 'class', 'summary', 'evidence', 'next', 'activity', 'contributing'],
    ]);
    expect(Object.keys(found!.evidence![0]!)).toEqual(['text', 'nums', 'raw']);
  });

  it('is left out by --no-why', async () => {
    const { stdout } = await start([...STARVED, '--no-why']);
    expect(stdout).not.toMatch(/starved|investigated|cause|CPU /);
    const json = await start([...STARVED, '--no-why', '-o', 'json']);
    expect((JSON.parse(json.stdout) as { gaps: Gap[] }).gaps[0]).toMatchObject({
      cause: null,
      activity: null,
    });
  });

  it('is for as many gaps as --why says, the others say so', async () => {
    const beats = ['-p', 'keepalived', '--type', 'sendmsg', '--dir', 'enter', '-t', '900ms', 'trace.txt'];
    const { stdout } = await start([...beats, '--why', '1', '--top', '3']);
    expect(stdout.match(/not investigated: only the longest is \(--why all\)/g)).toHaveLength(2);
    expect((await start([...beats, '--why', 'all'])).stdout).not.toContain('not investigated');
  });

  it('says of the OpenStack lines what they prove', async () => {
    const { stdout } = await start([
      '-p',
      'keepalived',
      '--type',
      'sendmsg',
      sample('sysdig/openstack-case.txt'),
    ]);
    expect(stdout).toMatch(/\n {2}cause unknown: /);
    const told = stdout.replaceAll(/\s+/g, ' ');
    expect(told).toContain(
      'CPU 3 is in view for 37.6 ms only: 99.7 % of that idle, 0.2 % kernel, 0.1 % user',
    );
    expect(told).toContain("tid 7 10 57.2 µs every 4.00 ms, as an idle CPU's tick");
    expect(told).toContain('the recorder itself on CPU events sysdig(25978) 48.8 µs 2');
  });
});

describe('activity', () => {
  const FIFO = 'starve_fifo.txt.gz';

  it('shows a stretch with a hog, and a healthy one', async () => {
    const hog = await start(['activity', FIFO, '--from', '08:10:16', '--to', '08:10:16.8']);
    expect([hog.code, hog.stderr]).toEqual([0, '']);
    expectGolden('activity-hog', hog.stdout);
    const healthy = await start(['activity', FIFO, '--from', '08:10:00', '--to', '08:10:05']);
    expectGolden('activity-healthy', healthy.stdout);
  });

  it('is the same through a pipe', async () => {
    const stretch = ['activity', '--from', '+41s', '--to', '+43s', '-o', 'json'];
    const file = JSON.parse((await start([...stretch, FIFO])).stdout) as ActivityReport;
    const { stdout, stderr } = await start(stretch, { input: gunzipSync(readFileSync(join(folder, FIFO))) });
    const piped = JSON.parse(stdout) as ActivityReport;
    expect(stderr).toBe('');
    expect(piped.activity).toEqual(file.activity);
    expect(piped).toMatchObject({ fromNs: file.fromNs, durationNs: 2e9, from: '08:10:14.541120415' });
    expect(Object.keys(piped)).toEqual([
      ...['sysgap', 'sources', 'from', 'to', 'fromNs', 'toNs', 'durationNs'],
      ...['activity', 'limits', 'warnings', 'interrupted'],
    ]);
    expect(piped.activity.processes[0]).toMatchObject({ proc: 'labhog', tid: 5576 });
  });

  it('says what strace can’t show', async () => {
    const log = sample('strace/sigstop3.f_tt_T_y.txt');
    const { stdout } = await start(['activity', log, '--from', '07:44:03', '--to', '07:44:07']);
    expect(stdout).toMatch(/^4\.00 s of activity, 07:44:03\.000000 to 07:44:07\.000000\n {2}most active/);
    expect(stdout).toContain("\nWhat this trace can't show\n  strace has no scheduler events");
  });

  it('says what the OpenStack lines prove, and no more', async () => {
    const { stdout } = await start(['activity', sample('sysdig/openstack-case.txt')]);
    const facts = stdout.replace(/\nRead[\s\S]*/, '').replaceAll(/\s+/g, ' ');
    expect(facts).toContain('CPU 3 is in view for 37.6 ms only: 99.7 % of that idle');
    expect(facts).toContain("tid 7 10 57.2 µs every 4.00 ms, as an idle CPU's tick");
    expect(facts).toContain('the recorder itself on CPU events sysdig(25978) 48.8 µs 2');
  });

  it.each([
    [['--from', '09:00'], "--from 09:00 is after the trace's last event, at 08:10:23.241161223"],
    [['--to', '08:00'], "--to 08:00 is before the trace's first event, at 08:09:33.541120415"],
    [['--from', '+3s', '--to', '+2s'], '--to is not later than --from: there is nothing in between'],
    [['-t', '2s'], "unknown option '-t'\nsysgap activity --help lists the options"],
  ])('%j can’t be used', async (args, message) => {
    expect(await start(['activity', FIFO, ...args])).toEqual({
      code: 2,
      stdout: '',
      stderr: `sysgap: ${message}\n`,
    });
  });

  it('refuses two captures at once', async () => {
    const { code, stderr } = await start(['activity', FIFO, sample('sysdig/starve_fifo.exits.txt.gz')]);
    expect(code).toBe(2);
    expect(stderr).toContain('are not parts of one capture: look at one of them at a time');
  });

  it('leaves a file of that name reachable', async () => {
    writeFileSync(join(folder, 'activity'), trace());
    const { code, stdout } = await start([...SENDS, '--no-why', './activity']);
    expect([code, stdout.includes('./activity (sysdig)')]).toEqual([0, true]);
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

describe('progress', () => {
  it('of a run of seconds is nothing that a file of messages should hold', async () => {
    const { stderr } = await start(['-t', '1us', '-o', 'ndjson'], {
      input: trace(40),
      onFirstOutput: (child) =>
        setTimeout(() => child.stdin!.end(trace(10).replaceAll('17:01', '17:02')), 1300),
    });
    expect(stderr).not.toContain(' read, ');
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
