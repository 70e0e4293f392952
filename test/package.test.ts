/** What is published and what comes with it: nothing runs at installation, nothing is known to be unsafe, it works. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { samplePath } from './samples.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BUILT = existsSync(`${ROOT}dist/cli/main.js`);
const WAIT_MS = 120_000;

/** Development packages that may run something when they are installed. */
const MAY_RUN: readonly string[] = [];

/** What the program and the library are made of; the rest of dist are types and licences. */
const NEEDED = [
  'dist/index.js',
  'dist/index.d.ts',
  'dist/cli/main.js',
  'dist/cli/package.json',
  'dist/cli/program.cjs',
  'dist/cli/LICENSES.txt',
  'README.md',
  'LICENSE',
  'package.json',
];

interface Locked {
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'sysgap-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

function npm(args: readonly string[], cwd: string) {
  return spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: WAIT_MS });
}

describe('package-lock.json', () => {
  const { packages } = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const locked = Object.entries(packages).filter(([path]) => path !== '');

  it('has packages of both kinds', () => {
    expect(locked.some(([, { dev }]) => dev)).toBe(true);
    expect(locked.some(([, { dev }]) => !dev)).toBe(true);
  });

  it('lets nothing run at installation but what is named', () => {
    const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(running.filter(([, { dev }]) => !dev).map(([path]) => path)).toEqual([]);
    expect(running.map(([path]) => path).filter((path) => !MAY_RUN.includes(path))).toEqual([]);
  });

  it('says of each package what it must be', () => {
    const loose = locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it(
    'has no known vulnerability in what is used at run time',
    ({ skip }) => {
      const { stdout } = npm(['audit', '--omit=dev', '--json', '--fetch-retries=0'], ROOT);
      const found = parsed(stdout) as { metadata?: { vulnerabilities: Record<string, number> } } | null;
      if (!found?.metadata) return skip('the registry answers no audit');
      expect(found.metadata.vulnerabilities).toMatchObject({ total: 0 });
    },
    WAIT_MS,
  );
});

describe.skipIf(!BUILT)('the package (needs dist: npm run build)', () => {
  const packed = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const [{ filename, files }] = parsed(packed.stdout) as [
    { filename: string; files: readonly { path: string }[] },
  ];
  const paths = files.map(({ path }) => path);

  it('holds what is built and what is to be read, nothing else', () => {
    const others = paths.filter(
      (path) => !path.startsWith('dist/') && !['README.md', 'LICENSE', 'package.json'].includes(path),
    );
    expect(others).toEqual([]);
    expect(NEEDED.filter((path) => !paths.includes(path))).toEqual([]);
    expect(paths.filter((path) => /(?:^|[/.])(?:test|node_modules|npmrc|env)\b/.test(path))).toEqual([]);
  });

  it(
    'works where it is installed',
    ({ skip }) => {
      writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
      const installed = npm(
        [
          'install',
          '--prefer-offline',
          '--no-audit',
          '--no-fund',
          '--ignore-scripts',
          '--fetch-retries=0',
          join(folder, filename),
        ],
        folder,
      );
      if (installed.status !== 0) return skip("its dependencies can't be fetched");
      const sysgap = (...args: string[]) =>
        spawnSync('npx', ['--no-install', '--loglevel=error', 'sysgap', ...args], {
          cwd: folder,
          encoding: 'utf8',
        });
      const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };
      expect(sysgap('--version')).toMatchObject({ status: 0, stdout: expect.stringContaining(version) });
      const trace = samplePath('sysdig/sigstop3.both.txt');
      expect(sysgap(trace, '-t', '1.2s', '--type', 'sendmsg', '--dir', 'enter')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^1 gap of at least 1\.2 s in 47\.2 s: 3\.563215748 s/),
        stderr: '',
      });
      const program = `import { findGaps } from 'sysgap';
        const { report } = findGaps(${JSON.stringify(trace)}, { threshold: '1.2s', type: 'sendmsg', dir: 'enter' });
        console.log((await report).gapsFound);`;
      expect(
        spawnSync(process.execPath, ['--input-type=module', '-e', program], {
          cwd: folder,
          encoding: 'utf8',
        }),
      ).toMatchObject({ status: 0, stdout: '1\n' });
    },
    WAIT_MS,
  );
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
