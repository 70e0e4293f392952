/** A command's run: its report to standard output at the reader's pace, ended by a signal or a closed pipe. */
import { isatty } from 'node:tty';
import { type Progress, UsageError } from '../index.js';
import { ProgressLine } from './progress.js';
import { ReportWriter } from './terminal.js';

const STANDARD_INPUT = 0;
const STANDARD_ERROR = 2;
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** What a run is given. */
export interface RunHooks {
  readonly inputs: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface Printed {
  /** The status that a signal asks for, 0 without one. */
  readonly status: number;
  /** Nobody reads any more. */
  readonly gone: boolean;
}

/**
 * Writes the pieces that `report` gives. `command` is how it is called, for the message where there is
 * nothing to read. Throws UsageError.
 */
export async function printReport(
  command: string,
  files: readonly string[],
  report: (hooks: RunHooks) => AsyncIterable<string>,
): Promise<Printed> {
  // Asking process.stdin would make a stream of it, which takes 4 ms.
  if (files.length === 0 && isatty(STANDARD_INPUT)) {
    throw new UsageError(
      'input',
      `no file is given and standard input is a terminal: name a trace, as in "${command} trace.txt", ` +
        `or pipe one in, as in "sysdig -r capture.scap | ${command}"\n${command} --help lists the options`,
    );
  }
  const abort = new AbortController();
  let status = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      status = SIGNAL_STATUS[name];
      abort.abort();
    });
  }
  const writer = new ReportWriter(process.stdout, () => abort.abort());
  const progress = isatty(STANDARD_ERROR) ? new ProgressLine(process.stderr) : null;
  const pieces = report({
    inputs: files.length === 0 ? ['-'] : files,
    signal: abort.signal,
    onProgress: (now) => progress?.update(now),
  });
  try {
    for await (const piece of pieces) {
      progress?.clear();
      if (!(await writer.write(piece))) break;
    }
  } finally {
    progress?.clear();
  }
  await writer.flush();
  if (writer.failure !== undefined) {
    throw new UsageError('input', `the report can't be written: ${writer.failure.message}`);
  }
  return { status, gone: writer.gone };
}

/** What a machine-readable report leaves to standard error. */
export function printDiagnostics(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`sysgap: ${line}\n`);
}
