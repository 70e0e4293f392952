/** What very many gaps cost in memory: the peak of the program as built, with generous limits. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROGRAM } from './built.js';

/** MiB; a file without a gap takes some 65. */
const MOST = 150;
const canMeasure = existsSync('/proc/self/status');

const folder = mkdtempSync(join(tmpdir(), 'sysgap-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));
const PEAK = join(folder, 'peak.cjs');
writeFileSync(
  PEAK,
  `process.on('exit', () => require('node:fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS / 1024)));`,
);

/** A line every two milliseconds. */
function trace(name: string, lines: number): string {
  const path = join(folder, name);
  let text = '';
  for (let i = 0; i < lines; i++) {
    const at = new Date(i * 2).toISOString();
    text += `${i + 1} ${at.slice(11, 23)}000000 0 worker (1000) > read fd=7(<f>/srv/data/file-${i % 97}) size=4096 \n`;
  }
  writeFileSync(path, text);
  return path;
}

/** Peak memory in MiB, and what was printed. */
function run(args: readonly string[]): { peak: number; stdout: string } {
  const file = join(folder, 'peak');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', PEAK, PROGRAM, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, PEAK_FILE: file },
  });
  expect(status, stderr).toBe(0);
  return { peak: Number(readFileSync(file, 'utf8')), stdout };
}

describe.skipIf(!canMeasure)('peak memory (needs /proc)', () => {
  const many = trace('gaps.txt', 40_000);

  it.each(['json', 'ndjson', 'text'])('of 40,000 gaps as %s', (kind) => {
    const { peak, stdout } = run(['-t', '1ms', '-o', kind, many]);
    if (kind === 'json') expect(JSON.parse(stdout).gaps).toHaveLength(39_999);
    if (kind === 'ndjson') expect(stdout.split('\n')).toHaveLength(40_000);
    expect(peak).toBeLessThan(MOST);
  });
});
