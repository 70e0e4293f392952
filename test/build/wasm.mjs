// Compiles src/input/newlines.wat and prints it as the base64 string that newlines.ts holds.
import { readFileSync } from 'node:fs';
import wabt from 'wabt';

const { parseWat } = await wabt();
const source = new URL('../../src/input/newlines.wat', import.meta.url);
const module = parseWat('newlines.wat', readFileSync(source, 'utf8'), {
  simd: true,
});
console.log(Buffer.from(module.toBinary({}).buffer).toString('base64'));
