#!/usr/bin/env node
/**
 * The program: the only place that ends the process. `--version` answers before the rest is loaded. The build
 * makes CommonJS of it: Node's loader of ES modules takes 4 ms to start.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { LARGE_FILE, spareThreads, startThread } from '../input/part-thread.js';
import { loadCompiled } from './compiled.js';
import type * as Program from './program.js';

/** Status of an error in sysgap itself, sysexits.h's EX_SOFTWARE. */
const INTERNAL_ERROR = 70;
/** So long V8's own threads leave the CPUs to the program. */
const FIRST_MS = 300;
/** Bytes of bytecode that a function runs before V8 compiles it: at first, and V8's own number. */
const FIRST_BUDGET = 400_000;
const BUDGET = 66 << 10;

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  process.on('worker', (worker) => worker.once('online', keepYoungSpaceSmall));
  const thread = threadFor(args);
  const { exports } = loadCompiled(join(__dirname, 'program.cjs'));
  // Compiled code is taken only under the flags that it was made with, so this comes after it.
  keepYoungSpaceSmall();
  keepV8ThreadsIdle();
  return (exports as typeof Program).program(args, thread);
}

/** The thread that a large file will need, if one of the arguments names one: it starts while the program is loaded. */
function threadFor(args: readonly string[]): Worker | null {
  const none = args.some((arg, i) => arg === '--workers=0' || (arg === '--workers' && args[i + 1] === '0'));
  if (none || !args.some(isLargeText) || spareThreads() === 0) return null;
  try {
    return startThread();
  } catch {
    return null;
  }
}

/** A large file that begins with a digit, as lines of sysdig and strace do, and nothing packed does. */
function isLargeText(path: string): boolean {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size < LARGE_FILE) return false;
    const fd = openSync(path, 'r');
    try {
      const first = Buffer.alloc(1);
      readSync(fd, first);
      return /\d/.test(first.toString('latin1'));
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/**
 * V8 lets the space of young objects grow to 32 MB, which the process then keeps. At its first size it is emptied
 * more often, which costs little where nearly nothing survives: 10,000 gaps take 25 MB less. A worker's start sets
 * the flag back for all threads (V8's Heap::ConfigureHeap).
 */
function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * V8 compiles hot functions and marks its heap in threads of its own. What ends within some tenths of a second gains
 * little from either, and needs the CPU to read ahead: a third of all CPU time went into compiling while 400 MB were
 * searched for a literal, which took an eighth longer so, and a twentieth longer with the marking. Known of V8 11
 * alone, that of Node 20.
 */
function keepV8ThreadsIdle(): void {
  if (!process.versions.v8.startsWith('11.')) return;
  setFlagsFromString(`--interrupt-budget=${FIRST_BUDGET}`);
  setFlagsFromString('--no-incremental-marking');
  setTimeout(() => {
    setFlagsFromString(`--interrupt-budget=${BUDGET}`);
    setFlagsFromString('--incremental-marking');
  }, FIRST_MS).unref();
}

function internalError(error: unknown): number {
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`sysgap: an error in sysgap itself, please report it\n${stack}\n`);
  return INTERNAL_ERROR;
}

process.once('beforeExit', () => process.exit(internalError(new Error('nothing is left to wait for'))));
main(process.argv.slice(2))
  .catch(internalError)
  .then((status) => process.exit(status));
