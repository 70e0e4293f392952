/** README shows what the program prints, names every option and every export. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { longFlag, OPTIONS } from '../src/cli/options.js';
import * as library from '../src/index.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const text = readFileSync(`${ROOT}README.md`, 'utf8');
const section = (title: string): string => text.split(/^## /m).find((part) => part.startsWith(`${title}\n`))!;

const examples = [...text.matchAll(/^```console\n\$ (sysgap .*)\n([\s\S]*?)^```$/gm)]
  .map((match) => ({ command: match[1]!, shown: match[2]! }))
  .filter(({ command }) => command.includes('samples/'));

describe('README', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThan(3));

  it.each(examples)('$command', ({ command, shown }) => {
    const { stdout, stderr, status } = spawnSync(
      'sh',
      ['-c', command.replace(/^sysgap/, 'node dist/cli/main.js')],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TZ: 'UTC' },
      },
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    // A line of "…" stands for what is left out.
    const parts = shown.split(/^…\n/m);
    if (parts.length === 1) return expect(stdout).toBe(shown);
    let rest = stdout;
    for (const part of parts) {
      expect(rest).toContain(part);
      rest = rest.slice(rest.indexOf(part) + part.length);
    }
  });

  it('names every option in its table', () => {
    const flags = OPTIONS.flatMap(({ flags }) => flags.split(', ').map((flag) => flag.split(' ')[0]!));
    for (const flag of flags) expect(section('Options'), flag).toMatch(new RegExp(`[\`\\s]${flag}[\`\\s,]`));
    const named = section('Options').match(/(?<=[`\s])--[a-z][a-z-]+/g)!;
    for (const flag of named) expect(OPTIONS.map(longFlag)).toContain(flag);
  });

  it('names every export', () => {
    const words = new Set(section('Library').match(/\w+/g));
    expect(Object.keys(library).filter((name) => !words.has(name))).toEqual([]);
  });
});
