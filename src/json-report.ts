/** The JSON document of a run, in memory that does not grow with the number of its gaps. */
import { TextStore } from './input/text-store.js';
import type { Gap, RunReport } from './model/gap.js';
import { jsonDocument } from './report/json.js';

/**
 * One JSON document in pieces. Its gaps wait for what stands before them: 4 MiB in memory, more in an unnamed
 * temporary file. Throws UsageError when that can't be written or read back.
 */
export async function* jsonReport(
  gaps: Iterable<Gap> | AsyncIterable<Gap>,
  report: RunReport | Promise<RunReport>,
): AsyncGenerator<string, void, undefined> {
  const waiting = new TextStore();
  try {
    yield* jsonDocument(gaps, report, waiting);
  } finally {
    waiting.close();
  }
}
