/** What was read to get there: sources with their counts, rhythms, warnings and problems. */

import { formatCount, plural } from '../model/count.js';
import { escapeControl } from '../model/escape.js';
import type { Rhythm, RunReport, SourceReport } from '../model/gap.js';
import type { LogReport } from '../model/logs.js';
import { displayPath, renderMessage, renderProblems } from './diagnostics.js';
import { roughLength } from './lengths.js';
import type { Paint } from './paint.js';
import { wrapText } from './width.js';

const SOURCES_SHOWN = 12;
const RHYTHMS_SHOWN = 10;
const PROBLEM_SOURCES_SHOWN = 10;

/** What every report ends with. */
export type Totals = Pick<RunReport, 'sources' | 'limits' | 'warnings' | 'logs'>;

/** The closing lines of the report on gaps. */
export function totals(report: RunReport, width: number, paint: Paint): string[] {
  return [
    ...sourceLines(report, width, paint, true),
    ...rhythmLines(report, width, paint),
    ...closingLines(report, width, paint),
  ];
}

/** The closing lines of a report without rhythms; `matching`: events were matched to get there. */
export function plainTotals(report: Totals, width: number, paint: Paint, matching = false): string[] {
  return [...sourceLines(report, width, paint, matching), ...closingLines(report, width, paint)];
}

function closingLines(report: Totals, width: number, paint: Paint): string[] {
  return [
    ...limitLines(report.limits, width, paint),
    ...warningLines(report, width, paint),
    ...problemLines(report, width, paint),
  ];
}

/** What this kind of trace can't show. */
function limitLines(limits: readonly string[], width: number, paint: Paint): string[] {
  if (limits.length === 0) return [];
  return [
    paint.heading("What this trace can't show"),
    ...limits.flatMap((limit) => wrapText(`  ${escapeControl(limit)}`, width, 4)),
  ];
}

function sourceLines(report: Totals, width: number, paint: Paint, matching: boolean): string[] {
  const lines = [paint.heading('Read')];
  const { sources } = report;
  for (const source of sources.slice(0, SOURCES_SHOWN)) {
    const span = source.first === null ? '' : `, ${source.first} to ${source.last ?? '?'}`;
    const name = escapeControl(`${displayPath(source)} (${source.format})${span}`);
    lines.push(...wrapText(`  ${name}`, width, 4), ...countLines(countsOf([source]), width, matching));
  }
  if (sources.length > SOURCES_SHOWN) {
    lines.push(`  … and ${plural(sources.length - SOURCES_SHOWN, 'more source')}`);
  }
  if (sources.length > 1) {
    lines.push(
      `  all ${formatCount(sources.length)} sources`,
      ...countLines(countsOf(sources), width, matching),
    );
  }
  for (const log of report.logs ?? []) lines.push(...readLogLines(log, width));
  return lines;
}

function readLogLines(log: LogReport, width: number): string[] {
  const kind = log.kind === 'lines' ? 'log' : log.kind;
  const counts = [
    plural(log.lines, 'line'),
    `${formatCount(log.timed)} with a time`,
    `${formatCount(log.unparsed)} unparsed`,
  ];
  return wrapText(`  ${escapeControl(log.path)} (${kind}), ${counts.join(', ')}`, width, 4);
}

type Counts = Pick<
  SourceReport,
  'lines' | 'records' | 'events' | 'matched' | 'ignored' | 'unparsed' | 'outOfOrder'
> & {
  /** Not so of packet captures alone. */
  readonly hasLines: boolean;
};

function countsOf(sources: readonly SourceReport[]): Counts {
  const sum = (count: Exclude<keyof Counts, 'hasLines'>): number =>
    sources.reduce((total, source) => total + source[count], 0);
  return {
    hasLines: sources.some(({ format }) => format !== 'pcap'),
    lines: sum('lines'),
    records: sum('records'),
    events: sum('events'),
    matched: sum('matched'),
    ignored: sum('ignored'),
    unparsed: sum('unparsed'),
    outOfOrder: sum('outOfOrder'),
  };
}

function countLines(counts: Counts, width: number, matching: boolean): string[] {
  const text = [
    ...(counts.hasLines ? [plural(counts.lines, 'line')] : []),
    plural(counts.records, 'record'),
    plural(counts.events, 'event'),
    ...(matching ? [`${formatCount(counts.matched)} matched`] : []),
    `${formatCount(counts.ignored)} ignored`,
    `${formatCount(counts.unparsed)} unparsed`,
    ...(counts.outOfOrder === 0 ? [] : [`${formatCount(counts.outOfOrder)} out of order`]),
  ];
  return wrapText(`    ${text.join(', ')}`, width, 4);
}

function rhythmLines(report: RunReport, width: number, paint: Paint): string[] {
  if (report.rhythms.length === 0) return [];
  const lines = [paint.heading('Rhythm')];
  const busiest = [...report.rhythms].sort((a, b) => b.intervals - a.intervals);
  for (const rhythm of busiest.slice(0, RHYTHMS_SHOWN)) {
    lines.push(...wrapText(`  ${rhythmInWords(rhythm, report)}`, width, 4));
  }
  if (busiest.length > RHYTHMS_SHOWN) {
    lines.push(`  … and ${plural(busiest.length - RHYTHMS_SHOWN, 'more sequence')}`);
  }
  return lines;
}

function rhythmInWords(rhythm: Rhythm, report: RunReport): string {
  const whose =
    rhythm.group === null
      ? report.by === null
        ? 'matched events'
        : `${report.by} (none)`
      : `${report.by} ${escapeControl(rhythm.group)}`;
  const beat = `every ${roughLength(rhythm.typicalNs)} ± ${roughLength(rhythm.spreadNs)}`;
  const reach = `${formatCount(rhythm.exceeding)} of ${plural(rhythm.intervals, 'interval')}`;
  return report.thresholdNs === null
    ? `${whose}: ${beat}, threshold ${roughLength(rhythm.thresholdNs)}, reached by ${reach}`
    : `${whose}: ${beat}, threshold reached by ${reach}`;
}

function warningLines(report: Totals, width: number, paint: Paint): string[] {
  if (report.warnings.length === 0) return [];
  const lines = [paint.heading('Warnings')];
  for (const warning of report.warnings) {
    const [first = '', ...rest] = renderMessage(warning).split('\n');
    lines.push(...wrapText(`  ${first}`, width, 4).map(paint.warning));
    lines.push(...rest.map((line) => paint.warning(`  ${line}`)));
  }
  return lines;
}

function problemLines(report: Totals, width: number, paint: Paint): string[] {
  const troubled = [...report.sources, ...(report.logs ?? [])].filter((source) => source.problems.length > 0);
  if (troubled.length === 0) return [];
  const lines = [paint.heading('Problems')];
  for (const source of troubled.slice(0, PROBLEM_SOURCES_SHOWN)) {
    for (const problem of renderProblems(source)) lines.push(...wrapText(`  ${problem}`, width, 4));
  }
  if (troubled.length > PROBLEM_SOURCES_SHOWN) {
    lines.push(`  … and in ${plural(troubled.length - PROBLEM_SOURCES_SHOWN, 'more source')}`);
  }
  return lines;
}
