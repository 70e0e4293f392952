// Makes dist/: the library and the command line in a few files, since Node takes nearly a millisecond to load
// each module (a full report on a small trace: 90 ms over bare Node with one file per module).
import { readFileSync, rmSync } from 'node:fs';
import { rolldown } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
const bundle = await rolldown({
  input: { index: 'src/index.ts', 'cli/main': 'src/cli/main.ts' },
  platform: 'node',
  external: [/^node:/, ...Object.keys(dependencies)],
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  // As deep as dist/cli, so that package.json is found from there.
  chunkFileNames: 'chunks/[name].js',
  // Blanks and comments are left out, names stay: half the bytes to compile, and stacks can be read.
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
});
