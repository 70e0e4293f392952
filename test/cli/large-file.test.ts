/** A file that threads read ahead, by the program as built: its first thread is started before it is known what for. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROGRAM } from './built.js';

const folder = mkdtempSync(join(tmpdir(), 'sysgap-large-'));
afterAll(() => rmSync(folder, { recursive: true }));
const BYTES = 68 << 20;

/** Lines 40 us apart, of which one in 5,000 is a send; one of those is left out. */
function trace(): string {
  const path = join(folder, 'large.txt');
  const lines: string[] = [];
  for (let i = 0, length = 0; length < BYTES; i++) {
    const at = new Date(i / 25).toISOString().slice(11, 23);
    const tail = String((i * 40_000) % 1_000_000).padStart(6, '0');
    const isSend = i % 5000 === 0 && i !== 300_000;
    const what = isSend
      ? 'keepalived (800) > sendmsg fd=9(<4>10.0.0.1->224.0.0.18) size=40'
      : `worker (${1000 + (i % 7)}) > read fd=7(<f>/srv/data/file-${i % 97}) size=4096`;
    const line = `${i + 1} ${at}${tail} ${i % 4} ${what}\n`;
    lines.push(line);
    length += line.length;
  }
  writeFileSync(path, lines.join(''));
  return path;
}

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

const QUESTION = ['-f', 'proc.name=keepalived and evt.type=sendmsg', '-t', '300ms', '-o', 'json'];

describe('a large file', () => {
  const path = trace();
  const free = run(...QUESTION, path);
  it.each([
    ['a literal', ['-f', 'proc.name=keepalived and evt.type=sendmsg', '-t', '300ms']],
    ['every line', ['--by', 'thread', '-t', '300ms']],
  ])('answers as without threads: %s', (_, args) => {
    const alone = run(...args, '-o', 'json', '--workers', '0', path);
    expect(JSON.parse(alone).gapsFound).toBe(1);
    for (const workers of [[], ['--workers', '2']])
      expect(run(...args, '-o', 'json', ...workers, path)).toBe(alone);
  });

  it('may stand beside arguments of any kind', () => {
    const odd = ['-f', `proc.name="${'x'.repeat(5000)}\u0001/"`, '-t', '1s', '-o', 'json'];
    expect(JSON.parse(run(...odd, path)).gapsFound).toBe(0);
  });

  it.skipIf(availableParallelism() < 2)('has its thread begun before anything is done with it', () => {
    const counter = join(folder, 'count.cjs');
    writeFileSync(
      counter,
      `let n = 0; process.on('worker', () => n++); process.on('exit', () => process.stderr.write('threads ' + n));`,
    );
    const packed = join(folder, 'packed');
    writeFileSync(packed, Buffer.of(0x1f, 0x8b));
    truncateSync(packed, BYTES);
    const small = join(folder, 'small.txt');
    writeFileSync(small, '1 17:00:00.000000000 0 a (7) > read \n');
    const threads = (...args: readonly string[]): string =>
      spawnSync(process.execPath, ['--require', counter, PROGRAM, '--help', ...args], { encoding: 'utf8' })
        .stderr;
    expect(threads(path)).toBe('threads 1');
    expect(threads('--workers', '0', path)).toBe('threads 0');
    expect(threads('--workers=0', path)).toBe('threads 0');
    expect(threads(packed)).toBe('threads 0');
    expect(threads(small)).toBe('threads 0');
  });

  it
    .skipIf(process.platform !== 'linux')
    .each([
      ['-n 20'],
      ['-n 21'],
      ['-n 22'],
      ['-n 23'],
      ['-n 24'],
      ['-v 1200000'],
      ['-v 14000000'],
      ['-d 4000000'],
    ])('gets no threads where there is little room for them: ulimit %s', (limit) => {
    const limited = (...args: readonly string[]) => {
      const command = ['-c', `ulimit ${limit}; exec "$0" "$@"`, process.execPath, PROGRAM];
      const { status, stdout, stderr } = spawnSync('sh', [...command, ...QUESTION, ...args, path], {
        encoding: 'utf8',
      });
      return { status, stdout, stderr };
    };
    const alone = limited('--workers', '0');
    expect([0, 2]).toContain(alone.status);
    // Where no memory for kernels is to be had either, their work is done without.
    if (!limit.startsWith('-n')) expect(alone.stdout).toBe(free);
    expect(limited()).toEqual(alone);
    expect(limited('--workers', '1')).toEqual(alone);
  });

  it('is of no use to who only asks for help', () => {
    expect(run('--help', path)).toContain('Usage: sysgap');
  });
});
