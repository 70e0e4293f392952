// Makes dist/: the library, and the program as one file with its compiled code beside it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** Loaded when they are needed. */
const LAZY = ['re2js', 'readline-transform', 'xz-decompress'];

// Blanks and comments are left out, names stay: half the bytes to compile, and stacks can be read.
const minify = { mangle: false, compress: false, codegen: { removeWhitespace: true } };

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The library and the program lie at different depths, so neither looks for package.json: the version is in them. */
const versioned = {
  name: 'version',
  load: (id) =>
    resolve(id) === resolve('src/report/version.ts')
      ? { code: `export const version = ${JSON.stringify(manifest.version)};`, moduleType: 'js' }
      : null,
};

/** commander starts programs for commands that sysgap has none of: loading this takes Node a millisecond. */
const UNUSED = 'node:child_process';
const unused = {
  name: 'unused',
  resolveId: (id) => (id === UNUSED ? '\0unused' : null),
  load: (id) => (id === '\0unused' ? { code: 'module.exports = {};', moduleType: 'js' } : null),
};

/** What is run before the compiled code is taken: it holds the functions that ran. */
const WARMING = [
  [
    'samples/sysdig/sigstop3.both.txt',
    '-t',
    '1.2s',
    '-f',
    "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'",
  ],
  ['samples/strace/sigstop3.f_tt_T_y.txt', '-t', '1.2s', '--type', 'sendmsg', '--dir', 'enter', '-o', 'json'],
];

async function build() {
  rmSync('dist', { recursive: true, force: true });
  await bundle({ index: 'src/index.ts' }, Object.keys(manifest.dependencies), { format: 'esm' });
  await bundle({ 'cli/main': 'src/cli/main.ts' }, [], { format: 'cjs' });
  const modules = await bundle({ 'cli/program': 'src/cli/program.ts' }, LAZY, {
    format: 'cjs',
    entryFileNames: '[name].cjs',
    codeSplitting: false,
  });
  // One byte a character: read and compiled faster.
  const program = readFileSync('dist/cli/program.cjs', 'utf8');
  const escaped = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync('dist/cli/program.cjs', program.replace(/[^\0-\x7f]/g, escaped));
  writeFileSync('dist/cli/LICENSES.txt', licences(modules));
  writeFileSync('dist/cli/package.json', '{ "type": "commonjs" }\n');
  await bundle({ 'cli/compiled': 'src/cli/compiled.ts' }, [], { format: 'cjs' });
  const { status } = spawnSync(process.execPath, [process.argv[1], 'compile'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync('dist/cli/compiled.js');
  return status;
}

async function bundle(input, external, options) {
  const { rolldown } = await import('rolldown');
  const made = await rolldown({
    input,
    platform: 'node',
    external: [/^node:(?!child_process$)/, ...external],
    plugins: [versioned, unused],
    // A path serves createRequire as well; making a URL of it takes a millisecond.
    ...(options.format === 'cjs' ? { transform: { define: { 'import.meta.url': '__filename' } } } : {}),
  });
  const { output } = await made.write({ dir: 'dist', entryFileNames: '[name].js', minify, ...options });
  return output.flatMap((file) => file.moduleIds ?? []);
}

/** Texts of the licences of the packages that these modules come from. */
function licences(modules) {
  const folders = new Set(modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]));
  folders.delete(undefined);
  const texts = [...folders].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = ['LICENSE', 'license', 'LICENSE-MIT.txt'].find((f) => existsSync(join(folder, f)));
    if (!file) throw new Error(`${name} ships no licence text`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8')}`;
  });
  return texts.join('\n----\n\n');
}

/** In a process of its own: runs the program and keeps what V8 compiled. */
async function compile() {
  const { loadCompiled } = createRequire(import.meta.url)('./dist/cli/compiled.js');
  const { exports, script } = loadCompiled(resolve('dist/cli/program.cjs'));
  for (const args of WARMING) await exports.program(args);
  writeFileSync('dist/cli/program.cache', script.createCachedData());
  return 0;
}

process.exitCode = process.argv[2] === 'compile' ? await compile() : await build();
