#!/usr/bin/env node
/** The program: the only place that ends the process. `--version` answers before anything else is loaded. */
import { createRequire } from 'node:module';

/** Status of an error in sysgap itself, sysexits.h's EX_SOFTWARE. */
const INTERNAL_ERROR = 70;

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) return printVersion();
  const { renderMessage, UsageError } = await import('../index.js');
  try {
    const { parseCommandLine } = await import('./command-line.js');
    const { reportWidths } = await import('./terminal.js');
    const { width } = reportWidths(process.stdout, process.env);
    const request = parseCommandLine(args, Math.min(width, 110));
    if (request.kind === 'version') return printVersion();
    if (request.kind === 'help') return print(request.text);
    if (request.kind === 'activity') {
      const { activityCommand } = await import('./activity.js');
      return await activityCommand(request);
    }
    const { findCommand } = await import('./find.js');
    return await findCommand(request);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`sysgap: ${renderMessage(error.message)}\n`);
    return 2;
  }
}

function printVersion(): Promise<number> {
  const { version } = createRequire(import.meta.url)('../../package.json') as {
    version: string;
  };
  return print(`${version}\n`);
}

/** Resolves with status 0 when the text has left the process, also when nobody reads it. */
function print(text: string): Promise<number> {
  return new Promise((resolve) => {
    const done = (): void => resolve(0);
    process.stdout.on('error', done).write(text, done);
  });
}

function internalError(error: unknown): number {
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`sysgap: an error in sysgap itself, please report it\n${stack}\n`);
  return INTERNAL_ERROR;
}

process.exit(await main(process.argv.slice(2)).catch(internalError));
