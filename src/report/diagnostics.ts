/**
 * Diagnostics in words. They are data until here: a problem of the input, a warning of the run, the message
 * of an error. All of them may quote a trace or a file's name, so all are escaped.
 */

import { formatCount } from '../model/count.js';
import { escapeControl } from '../model/escape.js';
import type { RunReport, SourceReport } from '../model/gap.js';
import type { Problem } from '../model/problem.js';

/** Problems shown of one source; the counts in the totals hold them all. */
const PROBLEMS_SHOWN = 5;

/** A message with everything but its own line ends escaped. */
export function renderMessage(message: string): string {
  return message.split('\n').map(escapeControl).join('\n');
}

/** `trace.txt:12 (byte 345): reason`. */
export function renderProblem(path: string, problem: Problem): string {
  const line = problem.line === null ? '' : `:${problem.line}`;
  const byte = problem.byte === null ? '' : ` (byte ${problem.byte})`;
  return escapeControl(`${path === '-' ? '(stdin)' : path}${line}${byte}: ${problem.reason}`);
}

/** The first problems of a source, a line each, and how many unparsed lines there are beyond them. */
export function renderProblems(source: Pick<SourceReport, 'path' | 'problems' | 'unparsed'>): string[] {
  const lines = source.problems
    .slice(0, PROBLEMS_SHOWN)
    .map((problem) => renderProblem(source.path, problem));
  const more = Math.max(source.problems.length, source.unparsed) - lines.length;
  if (lines.length > 0 && more > 0)
    lines.push(`${escapeControl(displayPath(source))}: ${formatCount(more)} more like these`);
  return lines;
}

/** What a run has to say beside its gaps, a line each: for the machine-readable reports' standard error. */
export function renderDiagnostics(report: Pick<RunReport, 'warnings' | 'sources' | 'logs'>): string[] {
  return [
    ...report.warnings.map((warning) => `warning: ${renderMessage(warning)}`),
    ...[...report.sources, ...(report.logs ?? [])].flatMap(renderProblems),
  ];
}

/** Sources that could not be read to their end, a line each: for the text report's standard error. */
export function renderDamage(report: Pick<RunReport, 'sources' | 'logs'>): string[] {
  return [...report.sources, ...(report.logs ?? [])].flatMap((source) =>
    source.problems
      .filter(({ line }) => line === null)
      .map((problem) => `warning: ${renderProblem(source.path, problem)}`),
  );
}

/** A source's name in print. */
export function displayPath(source: Pick<SourceReport, 'path'>): string {
  return source.path === '-' ? '(stdin)' : source.path;
}
