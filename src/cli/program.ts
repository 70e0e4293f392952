/** What the arguments ask for, carried out; the exit status. */
import type { Worker } from 'node:worker_threads';
import { renderMessage, UsageError, version } from '../index.js';
import { keepThread } from '../input/part-thread.js';
import { activityCommand } from './activity.js';
import { parseCommandLine } from './command-line.js';
import { conversationsCommand } from './conversations.js';
import { findCommand } from './find.js';
import { reportWidths } from './terminal.js';

/** Resolves with the exit status; rejects only with errors in sysgap itself. `thread`: one that was started already. */
export async function program(args: readonly string[], thread: Worker | null = null): Promise<number> {
  if (thread) keepThread(thread);
  try {
    const { width } = reportWidths(process.stdout, process.env);
    const request = parseCommandLine(args, Math.min(width, 110));
    switch (request.kind) {
      case 'version':
        return await print(`${version}\n`);
      case 'help':
        return await print(request.text);
      case 'activity':
        return await activityCommand(request);
      case 'conversations':
        return await conversationsCommand(request);
      case 'find':
        return await findCommand(request);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`sysgap: ${renderMessage(error.message)}\n`);
    return 2;
  }
}

/** Resolves with status 0 when the text has left the process, also when nobody reads it. */
function print(text: string): Promise<number> {
  return new Promise((resolve) => {
    const done = (): void => resolve(0);
    process.stdout.on('error', done).write(text, done);
  });
}
