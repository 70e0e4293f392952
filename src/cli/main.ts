#!/usr/bin/env node
/**
 * The program: the only place that ends the process. `--version` answers before anything else is loaded. The build
 * makes CommonJS of it: Node's loader of ES modules takes 4 ms to start.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { loadCompiled } from './compiled.js';
import type * as Program from './program.js';

/** Status of an error in sysgap itself, sysexits.h's EX_SOFTWARE. */
const INTERNAL_ERROR = 70;

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const { exports } = loadCompiled(join(__dirname, 'program.cjs'));
  // Compiled code is taken only under the flags that it was made with, so this comes after it.
  keepYoungSpaceSmall();
  process.on('worker', (worker) => worker.once('online', keepYoungSpaceSmall));
  return (exports as typeof Program).program(args);
}

/**
 * V8 lets the space of young objects grow to 32 MB, which the process then keeps. At its first size it is emptied
 * more often, which costs little where nearly nothing survives: 10,000 gaps take 25 MB less. A worker's start sets
 * the flag back for all threads (V8's Heap::ConfigureHeap).
 */
function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function internalError(error: unknown): number {
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`sysgap: an error in sysgap itself, please report it\n${stack}\n`);
  return INTERNAL_ERROR;
}

main(process.argv.slice(2))
  .catch(internalError)
  .then((status) => process.exit(status));
