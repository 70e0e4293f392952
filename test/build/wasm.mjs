// Compiles the kernels and prints each as the base64 string that a TypeScript file beside it holds.
import { readFileSync } from 'node:fs';
import wabt from 'wabt';

const KERNELS = [
  'input/newlines',
  'formats/sysdig/heads',
  'formats/sysdig/rows',
  'formats/strace/calls',
  'why/fold',
];

const { parseWat } = await wabt();
for (const name of process.argv.length > 2 ? process.argv.slice(2) : KERNELS) {
  const source = readFileSync(new URL(`../../src/${name}.wat`, import.meta.url), 'utf8');
  const module = parseWat(name, source, { simd: true });
  console.log(`${name} ${Buffer.from(module.toBinary({}).buffer).toString('base64')}`);
}
