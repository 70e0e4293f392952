/** The layout is the architecture: which folder may import which, and who may touch the outside world. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Folders that each folder may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  input: ['model'],
  formats: ['model', 'input'],
  filter: ['model'],
  gaps: ['model'],
  why: ['model'],
  logs: ['model'],
  conversations: ['model'],
  vrrp: ['model'],
  join: ['model'],
  report: ['model'],
  cli: ['index.ts'],
};
/** What the command line starts before the program is loaded. */
const EARLY = { module: 'input/part-thread.ts', by: ['cli/main.ts', 'cli/program.ts'] };
const OUTSIDE = /^node:(fs|child_process|os|tty|readline)/;
const MAY_TOUCH = ['input', 'cli'];

interface Module {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const modules: Module[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1]!);
    return { path, folder: path.includes('/') ? path.split('/')[0]! : '', text, imports };
  });

describe('layers', () => {
  it.each(modules.filter((m) => m.folder !== ''))(
    '$path imports only what its folder may',
    ({ path, folder, imports }) => {
      for (const target of imports.filter((i) => i.startsWith('.'))) {
        const resolved = relative(SRC, join(SRC, dirname(path), target)).replace(/\.js$/, '.ts');
        if (resolved === EARLY.module && EARLY.by.includes(path)) continue;
        const to = resolved.includes('/') ? resolved.split('/')[0]! : resolved;
        expect([folder, ...MAY_IMPORT[folder]!], `${path} imports ${resolved}`).toContain(to);
      }
    },
  );

  it('files, processes and the console belong to input and cli', () => {
    for (const { path, text, imports } of modules.filter((m) => !MAY_TOUCH.includes(m.folder))) {
      const manifest = path === 'report/version.ts' ? ['node:fs'] : [];
      expect(
        imports.filter((i) => OUTSIDE.test(i) && !manifest.includes(i)),
        path,
      ).toEqual([]);
      expect(/\bconsole\.|\bprocess\.(exit|std|argv|on)/.test(text), path).toBe(false);
    }
  });

  it('only the command line ends the process', () => {
    const enders = modules.filter((m) => /process\.(exit|exitCode)\b/.test(m.text)).map((m) => m.path);
    expect(enders).toEqual(['cli/main.ts']);
  });
});
