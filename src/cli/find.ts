/** Finding gaps, as a command: the library's run, its report to standard output, all else to standard error. */
import {
  findGaps,
  type Gap,
  type GapRun,
  jsonReport,
  ndjsonReport,
  renderDamage,
  renderDiagnostics,
  textReport,
} from '../index.js';
import type { Request } from './command-line.js';
import { printDiagnostics, printReport } from './print-report.js';
import { reportWidths, wantsColor } from './terminal.js';

/** Gaps in the table of the text, unless --top says how many. */
const ROWS = 50;

type FindRequest = Extract<Request, { kind: 'find' }>;

/** Carries out the request; resolves with the exit status. Throws UsageError. */
export async function findCommand(request: FindRequest): Promise<number> {
  let run: GapRun | undefined;
  let found = false;
  const printed = await printReport('sysgap', request.files, (hooks) => {
    const { inputs, ...rest } = hooks;
    const longest = request.output === 'text' ? { longest: rowsOf(request) } : {};
    const started = findGaps(inputs, { ...request.options, ...longest, ...rest });
    run = started;
    const gaps = noticing(started, () => {
      found = true;
    });
    return reportPieces(request, started, gaps);
  });
  if (run !== undefined && !printed.gone) {
    const render = request.output === 'text' ? renderDamage : renderDiagnostics;
    printDiagnostics(render(await run.report));
  }
  if (printed.status !== 0) return printed.status;
  return request.exitCode && found ? 1 : 0;
}

/** Gaps that the text shows. */
function rowsOf({ options }: FindRequest): number {
  return options.top ?? ROWS;
}

function reportPieces(request: FindRequest, run: GapRun, gaps: AsyncIterable<Gap>): AsyncIterable<string> {
  switch (request.output) {
    case 'text': {
      const { top, why } = request.options;
      return textReport(gaps, run.report, {
        ...reportWidths(process.stdout, process.env),
        color: wantsColor(request.color, process.stdout, process.env),
        ...(why === undefined ? {} : { why }),
        rows: rowsOf(request),
        ...(top === undefined ? {} : { details: top }),
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
