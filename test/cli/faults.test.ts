/** The built program where its input, its disk or its user gives up. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from './built.js';

const TRACE =
  '1 10:00:00.000000000 0 a (1) > read fd=1\n2 10:00:02.000000000 0 a (1) > read fd=1\n3 10:00:02.100000000 0 a (1) > read fd=1\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-faults-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program, or a shell's command line that ends in it. */
function start(args: readonly string[], shell?: string): { child: ChildProcess; ended: Promise<Outcome> } {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: join(folder, 'tmp') };
  const options = { cwd: folder, env } as const;
  const child =
    shell === undefined
      ? spawn(process.execPath, [PROGRAM, ...args], options)
      : spawn('sh', ['-c', `${shell} exec "$@"`, 'sh', process.execPath, PROGRAM, ...args], options);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr!.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdin!.on('error', () => {});
  return {
    child,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
  };
}

async function until<T>(found: () => T | undefined): Promise<T> {
  for (;;) {
    const value = found();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function fifo(name: string): string {
  spawnSync('mkfifo', [join(folder, name)]);
  return name;
}

/** More than is kept in memory, all of which may be asked for. */
function feedLong(child: ChildProcess, megabytes: number): Promise<void> {
  return new Promise((resolve) => {
    let num = 0;
    const more = (): void => {
      if (num >= megabytes * 10_000) {
        resolve();
        return;
      }
      const lines: string[] = [];
      for (let i = 0; i < 10_000; i++, num++) {
        const s = 36_000 + Math.floor(num / 100_000);
        const time = `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}.${String((num % 100_000) * 10_000).padStart(9, '0')}`;
        lines.push(`${num + 1} ${time} 0 prog (${num % 5}) > read fd=1 ${'.'.repeat(60)}\n`);
      }
      if (child.exitCode !== null) resolve();
      else child.stdin!.write(lines.join(''), () => more());
    };
    more();
  });
}

/** Resolves when the program has opened the file; signals count from then on, before they end it as they end any. */
function opened(child: ChildProcess, name: string): Promise<true> {
  return until(() =>
    readdirSync(`/proc/${child.pid}/fd`).some((fd) => linkOf(child, fd).endsWith(name)) ? true : undefined,
  );
}

describe('a FIFO', { timeout: 60_000 }, () => {
  it('is waited for until somebody writes to it', async () => {
    const { ended } = start(['-t', '1s', '--no-why', fifo('late')]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    writeFileSync(join(folder, 'late'), TRACE);
    const { code, stdout } = await ended;
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      '1 gap of at least 1 s in 2.1 s: 2 s from 10:00:00.000000000',
    ]);
  });

  it('that nobody writes to can be left', async () => {
    const { child, ended } = start([fifo('never')]);
    await opened(child, 'never');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});

describe.skipIf(process.platform !== 'linux')('a signal', { timeout: 60_000 }, () => {
  const COMMANDS: readonly (readonly string[])[] = [
    ['-t', '1s'],
    ['-t', '1s', '-o', 'json'],
    ['-t', 'auto', '--by', 'thread', '--why', 'all'],
    ['vrrp'],
    ['activity'],
    ['--conversations'],
  ];

  it.each(
    COMMANDS.flatMap((args) => [
      { args, signal: 'SIGINT' as const, status: 130 },
      { args, signal: 'SIGTERM' as const, status: 143 },
    ]),
  )('$signal on a pipe that goes on: sysgap $args reports', async ({ args, signal, status }) => {
    const name = fifo(`slow-${args.join('')}-${signal}`);
    const { child, ended } = start([...args, name]);
    await opened(child, name);
    const slow = createWriteStream(join(folder, name));
    await new Promise((resolve) => slow.write(TRACE, resolve));
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    slow.destroy();
    expect([code, stderr.split('\n').filter((line) => line.startsWith('    at '))]).toEqual([status, []]);
    if (args.includes('json')) expect(JSON.parse(stdout)).toMatchObject({ interrupted: true });
    else expect(stdout).toMatch(/^interrupted, so far: /);
  });
});

describe('a long pipe, which a thread of its own reads', { timeout: 60_000 }, () => {
  const MEGABYTES = 24;
  const TELLS = 'NODE_OPTIONS="--require ./tells.cjs"';
  const ARGS = ['-t', '5ms', '--by', 'thread', '-o', 'json'];
  beforeAll(() =>
    writeFileSync(
      join(folder, 'tells.cjs'),
      "process.on('worker', () => process.stderr.write('a worker\\n'));",
    ),
  );

  it.each([
    ['0', ''],
    ['1', 'a worker\n'],
  ])('gives with --workers %s the same report', async (workers, told) => {
    const { child, ended } = start([...ARGS, '--workers', workers], TELLS);
    await feedLong(child, MEGABYTES);
    child.stdin!.end(TRACE.replaceAll('10:00', '23:00'));
    const { code, stdout, stderr } = await ended;
    expect([code, stderr.replace(/^sysgap: .*\n/gm, '')]).toEqual([0, told]);
    const { sources, gaps } = JSON.parse(stdout);
    expect(sources[0]).toMatchObject({ lines: MEGABYTES * 10_000 + 3, unparsed: 0 });
    expect(gaps[0]).toMatchObject({
      start: { num: 239_997 },
      end: { num: 1 },
      durationNs: 46_797_600_040_000,
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('can be left by %s', async (signal) => {
    const { child, ended } = start([...ARGS, '--workers', '1'], TELLS);
    await feedLong(child, MEGABYTES);
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect([code, stderr.includes('a worker')]).toEqual([signal === 'SIGINT' ? 130 : 143, true]);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true });
  });
});

it('a run that nothing holds any more is an error, not silence', async () => {
  writeFileSync(join(folder, 'deaf.cjs'), "require('node:fs').read = () => {};");
  writeFileSync(join(folder, 'unread.txt'), TRACE);
  const { code, stdout, stderr } = await start(['unread.txt'], 'NODE_OPTIONS="--require ./deaf.cjs"').ended;
  expect([code, stdout]).toEqual([70, '']);
  expect(stderr).toContain('nothing is left to wait for');
});

describe('a damaged file', () => {
  it('is warned of on standard error, and its report stands', async () => {
    writeFileSync(join(folder, 'damaged.gz'), Buffer.concat([gzipSync(TRACE), Buffer.from('garbage')]));
    const { code, stdout, stderr } = await start(['-t', '1s', '--no-why', 'damaged.gz']).ended;
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      '1 gap of at least 1 s in 2.1 s: 2 s from 10:00:00.000000000',
    ]);
    expect(stderr).toMatch(
      /^sysgap: warning: damaged\.gz \(byte \d+\): reading stopped here, the rest is lost: .*\n$/,
    );
  });
});

describe.skipIf(process.platform !== 'linux')('what cannot be read', { timeout: 60_000 }, () => {
  it.each([
    ['/proc/self/mem', /^sysgap: \/proc\/self\/mem: can't be read \(EIO\)\n$/],
    ['/dev/null', /^sysgap: \/dev\/null: it is empty/],
    ['/dev/zero', /^sysgap: \/dev\/zero: its format is not known/],
    ['.', /^sysgap: \.: is a directory/],
  ])('%s', async (path, message) => {
    const { code, stdout, stderr } = await start([path]).ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('without permission', async () => {
    const path = join(folder, 'private.txt');
    writeFileSync(path, TRACE);
    chmodSync(path, 0);
    chmodSync(folder, 0o755);
    // Root may read anything: the program is started as nobody.
    const identity = process.getuid!() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, path], {
      cwd: folder,
      encoding: 'utf8',
      ...identity,
    });
    expect([status, stdout, stderr]).toEqual([2, '', `sysgap: ${path}: no permission to read it\n`]);
  });

  it('a full disk under the report is status 2', async () => {
    writeFileSync(join(folder, 'trace.txt'), TRACE);
    const { code, stderr } = await start(['trace.txt'], 'exec >/dev/full;').ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^sysgap: the report can't be written: ENOSPC/);
  });
});

function linkOf(child: ChildProcess, fd: string): string {
  try {
    return readlinkSync(`/proc/${child.pid}/fd/${fd}`);
  } catch {
    return '';
  }
}

describe.skipIf(process.platform !== 'linux')('the temporary file', { timeout: 120_000 }, () => {
  it('is private, has no name, and is gone after a signal', async () => {
    spawnSync('mkdir', ['-p', join(folder, 'tmp')]);
    const { child, ended } = start(['--by', 'thread', '--top', '3', '--no-why', '-']);
    const fed = feedLong(child, 100);
    const fd = await until(() =>
      readdirSync(`/proc/${child.pid}/fd`).find((fd) =>
        /\/sysgap-[0-9a-f]{32} \(deleted\)$/.test(linkOf(child, fd)),
      ),
    );
    expect(statSync(`/proc/${child.pid}/fd/${fd}`).mode & 0o7777).toBe(0o600);
    await fed;
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(143);
    expect(stdout).toContain('records');
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('on a full disk: the report comes, and says what is no longer held', async () => {
    spawnSync('mkdir', ['-p', join(folder, 'tmp')]);
    // A file of this size is refused like one on a full disk; the signal that goes with it is ignored.
    const { child, ended } = start(
      ['--by', 'thread', '-t', '1us', '--top', '3', '--no-why', '-'],
      "trap '' XFSZ; ulimit -f 2048;",
    );
    await feedLong(child, 100);
    child.stdin!.end();
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /only the last \d+ MiB of the stream are still held for context \(the temporary file: EFBIG/,
    );
  });
});
