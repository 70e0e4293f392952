/** Finding gaps, as a command: the library's run, its report to standard output, all else to standard error. */
import {
  findGaps,
  type Gap,
  type GapRun,
  jsonReport,
  ndjsonReport,
  renderDiagnostics,
  textReport,
  UsageError,
} from '../index.js';
import type { Request } from './command-line.js';
import { ProgressLine } from './progress.js';
import { ReportWriter, reportWidths, wantsColor } from './terminal.js';

type FindRequest = Extract<Request, { kind: 'find' }>;

const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Carries out the request; resolves with the exit status. Throws UsageError. */
export async function findCommand(request: FindRequest): Promise<number> {
  const { stdin, stdout, stderr } = process;
  if (request.files.length === 0 && stdin.isTTY) {
    throw new UsageError(
      'input',
      'no file is given and standard input is a terminal: name a trace, as in "sysgap trace.txt", ' +
        'or pipe one in, as in "sysdig -r capture.scap | sysgap"\nsysgap --help lists the options',
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
  const writer = new ReportWriter(stdout, () => abort.abort());
  const progress = new ProgressLine(stderr);
  const run = findGaps(request.files.length === 0 ? ['-'] : request.files, {
    ...request.options,
    signal: abort.signal,
    onProgress: (now) => progress.update(now),
  });
  run.report.catch(() => undefined);

  let found = false;
  const gaps = noticing(run, () => {
    found = true;
  });
  try {
    for await (const piece of reportPieces(request, run, gaps)) {
      progress.clear();
      if (!(await writer.write(piece))) break;
    }
  } finally {
    progress.clear();
  }
  await writer.flush();
  if (writer.failure !== undefined) {
    throw new UsageError('input', `the report can't be written: ${writer.failure.message}`);
  }
  if (request.output !== 'text' && !writer.gone) {
    for (const line of renderDiagnostics(await run.report)) stderr.write(`sysgap: ${line}\n`);
  }
  if (status !== 0) return status;
  return request.exitCode && found ? 1 : 0;
}

function reportPieces(request: FindRequest, run: GapRun, gaps: AsyncIterable<Gap>): AsyncIterable<string> {
  switch (request.output) {
    case 'text': {
      const { top } = request.options;
      return textReport(gaps, run.report, {
        ...reportWidths(process.stdout, process.env),
        color: wantsColor(request.color, process.stdout, process.env),
        ...(top === undefined ? {} : { rows: top, details: top }),
      });
    }
    case 'json':
      return jsonReport(gaps, run.report);
    case 'ndjson':
      return ndjsonReport(gaps);
  }
}

async function* noticing(gaps: AsyncIterable<Gap>, notice: () => void): AsyncGenerator<Gap, void, undefined> {
  for await (const gap of gaps) {
    notice();
    yield gap;
  }
}
