/** `--conversations`, from the arguments to what the built program prints. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.js';
import { type ConversationsReport, UsageError } from '../../src/index.js';
import { expectGolden } from '../report/golden.js';
import { sampleText } from '../samples.js';
import { PROGRAM } from './built.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SAMPLE = 'strace/request_reply.f_ttt_T_yy_Y.txt';

function start(args: readonly string[], input?: Buffer) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, '--conversations', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', COLUMNS: '80' },
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
  return { status, stdout, stderr };
}

describe('arguments', () => {
  const parse = (...args: string[]) => parseCommandLine(['--conversations', ...args], 80);

  it('are those on which events, and how to read and print', () => {
    const args = ['-p', 'web', '--tid', '7', '--type', 'read', '--from', '+1s', '--to', '+2s', '--top', '3'];
    expect(
      parse(...args, '-f', 'fd.sport=80', '--format', 'strace', '-o', 'json', '--color', 'never', 'a', 'b'),
    ).toEqual({
      kind: 'conversations',
      files: ['a', 'b'],
      options: {
        ...{ proc: 'web', tid: 7, type: ['read'], from: '+1s', to: '+2s', top: 3 },
        ...{ filter: 'fd.sport=80', format: 'strace' },
      },
      output: 'json',
      color: 'never',
    });
    expect(parse()).toEqual({ kind: 'conversations', files: [], options: {}, output: 'text', color: 'auto' });
  });

  it.each([
    [['--by', 'fd'], '--by: says nothing about conversations; with --conversations leave it out'],
    [['--no-why'], '--no-why: says nothing about conversations; with --conversations leave it out'],
    [['--why', '3'], '--why: says nothing about conversations; with --conversations leave it out'],
    [['--dir', '<'], '--dir: says nothing about conversations; with --conversations leave it out'],
    [['--exit-code'], '--exit-code: says nothing about conversations; with --conversations leave it out'],
    [
      ['-t', '1s', '-C', '2', '--around', '0'],
      '--threshold, --context, --around: say nothing about conversations; with --conversations leave them out',
    ],
    [['-o', 'ndjson'], '--output: ndjson is for gaps; with --conversations it is text or json'],
  ])('%j would be ignored and is refused', (args, message) => {
    expect(() => parse(...args)).toThrow(new UsageError('option', message));
  });
});

describe('the program', () => {
  it('prints the report', () => {
    const { status, stdout, stderr } = start([`samples/${SAMPLE}`]);
    expect([status, stderr]).toEqual([0, '']);
    expectGolden('conversations', stdout);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('prints JSON, the same through a pipe', () => {
    const { stdout } = start(['-o', 'json', '--top', '1', `samples/${SAMPLE}`]);
    const report = JSON.parse(stdout) as ConversationsReport;
    expect(Object.keys(report)).toEqual([
      ...['sysgap', 'filter', 'sources', 'conversations', 'totals', 'limits', 'warnings', 'interrupted'],
    ]);
    expect(Object.keys(report.conversations[0]!)).toEqual([
      ...['name', 'proc', 'pid', 'tid', 'fd', 'protocol', 'self', 'firstNs', 'lastNs', 'handshakeNs'],
      ...['sides', 'open', 'ended', 'verdict'],
    ]);
    expect(report.conversations).toHaveLength(1);
    expect(report.totals.conversations).toBe(2);
    const piped = JSON.parse(
      start(['-o', 'json', '--top', '1'], sampleText(SAMPLE)).stdout,
    ) as ConversationsReport;
    expect(piped).toEqual({ ...report, sources: piped.sources });
  });

  it('escapes what a trace says', () => {
    const lines = ['> write fd=8(<u>/run/\x1b[31m\u202e) size=4', '< write res=4 data=x'];
    const text = lines
      .map((line, i) => `${i + 1} 17:00:0${i}.000000000 0 \x1b]0;x\x07 (7) ${line} \n`)
      .join('');
    for (const output of ['text', 'json']) {
      const { status, stdout } = start(['-o', output], Buffer.from(text));
      expect(status).toBe(0);
      expect(stdout).toContain('1');
      expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(stdout)).toBe(false);
    }
  });

  it('says where there is none', () => {
    const { status, stdout } = start(['samples/strace/sigstop3.f_tt_T_y.txt']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^no conversation found\n/);
    expect(stdout).toContain('no data on a connection was found; strace names sockets with -yy');
  });
});
