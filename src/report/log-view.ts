/**
 * What the side logs have in a gap: the lines of each, and a sentence of figures for iostat and vmstat.
 *
 *     keepalived-m.log: 1 line within the gap
 *       Sat Nov 21 07:44:06 2026  A thread timer expired 2.562658 seconds ago
 *     sda: 98 % busy, await 812 ms in the gap (4 %, 1.2 ms before)
 */

import { plural } from '../model/count.js';
import { shortDuration } from '../model/duration.js';
import { escapeControl } from '../model/escape.js';
import type { Gap } from '../model/gap.js';
import type { LogContext, LogFigures, LogLine, LogReport } from '../model/logs.js';
import type { Paint } from './paint.js';
import { cutToWidth, wrapText } from './width.js';

/** Lines of one log at one gap: beyond that the first and the last. */
const LINES_SHOWN = 20;
const INDENT = '    ';

export interface LogViewStyle {
  readonly width: number;
  readonly eventWidth: number;
  readonly paint: Paint;
}

/** `reports` are those of the run, by the index that lines and figures have. */
export function logLines(gap: Gap, reports: readonly LogReport[], style: LogViewStyle): string[] {
  const name = (log: number): string => escapeControl(reports[log]?.path ?? `log ${log}`);
  const lines: string[] = [];
  for (const [index, { kind }] of reports.entries()) {
    const figures = gap.figures?.find(({ log }) => log === index);
    if (figures !== undefined)
      lines.push(...wrapText(`  ${name(index)}: ${inWords(figures)}`, style.width, 4));
    else if (kind !== 'lines')
      lines.push(...wrapText(`  ${name(index)}: no sample of the gap`, style.width, 4));
    const context = gap.logContext?.find(({ log }) => log === index);
    const own = (gap.logs ?? []).filter(({ log }) => log === index);
    if (context !== undefined) lines.push(...linesOf(gap, name(index), context, own, style));
  }
  return lines;
}

function linesOf(
  gap: Gap,
  name: string,
  context: LogContext,
  own: readonly LogLine[],
  style: LogViewStyle,
): string[] {
  const line = (entry: LogLine): string =>
    INDENT +
    cutToWidth(escapeControl(`${entry.time}  ${entry.text}`).trimEnd(), style.eventWidth - INDENT.length);
  if (context.lines === 0) {
    return [
      ...wrapText(`  ${name}: no line within the gap`, style.width, 4),
      ...neighbours(gap, context).flatMap(({ label, entry }) => [
        `${INDENT}${label}`,
        style.paint.quiet(INDENT + line(entry)),
      ]),
    ];
  }
  const title = wrapText(`  ${name}: ${plural(context.lines, 'line')} within the gap`, style.width, 4);
  if (context.lines <= LINES_SHOWN) return [...title, ...own.map(line)];
  const half = LINES_SHOWN / 2;
  const left = `${INDENT}… ${plural(context.lines - LINES_SHOWN, 'more line')} …`;
  return [...title, ...own.slice(0, half).map(line), style.paint.quiet(left), ...own.slice(-half).map(line)];
}

/** The nearest lines of a log that has none within. */
function neighbours(gap: Gap, { before, after }: LogContext): { label: string; entry: LogLine }[] {
  const event = gap.start ?? gap.end;
  const offsetNs = event?.offsetNs ?? null;
  if (offsetNs === null) return [];
  const startNs = gap.start === null ? offsetNs - gap.durationNs : offsetNs;
  const endNs = startNs + gap.durationNs;
  return [
    ...(before === null
      ? []
      : [{ label: `${shortDuration(Math.max(0, startNs - before.offsetNs))} before it`, entry: before }]),
    ...(after === null
      ? []
      : [{ label: `${shortDuration(Math.max(0, after.offsetNs - endNs))} after it`, entry: after }]),
  ];
}

function inWords(figures: LogFigures): string {
  return figures.kind === 'iostat' ? diskInWords(figures) : machineInWords(figures);
}

/** `sda: 98 % busy, await 812 ms in the gap (4 %, 1.2 ms before)` */
function diskInWords(figures: Extract<LogFigures, { kind: 'iostat' }>): string {
  const { before } = figures;
  const parts = [
    compared(figures.utilPercent, before?.utilPercent, (v) => `${plain(v)} %`, 'busy'),
    compared(figures.awaitMs, before?.awaitMs, (v) => `${plain(v)} ms`, '', 'await '),
    ...(figures.utilPercent === null
      ? [
          compared(figures.readKBps, before?.readKBps, (v) => `${plain(v)} kB/s`, 'read'),
          compared(figures.writeKBps, before?.writeKBps, (v) => `${plain(v)} kB/s`, 'written'),
        ]
      : []),
    compared(figures.iowaitPercent, before?.iowaitPercent, (v) => `${plain(v)} %`, '', 'iowait '),
  ].filter((part) => part !== null);
  const device = figures.device === null ? '' : `${escapeControl(figures.device)}: `;
  return device + told(parts);
}

function machineInWords(figures: Extract<LogFigures, { kind: 'vmstat' }>): string {
  const { before } = figures;
  const parts = [
    compared(figures.running, before?.running, plain, 'runnable'),
    compared(figures.blocked, before?.blocked, plain, 'blocked'),
    compared(figures.iowaitPercent, before?.iowaitPercent, (v) => `${plain(v)} %`, '', 'iowait '),
    compared(figures.idlePercent, before?.idlePercent, (v) => `${plain(v)} %`, '', 'idle '),
    compared(figures.stealPercent, before?.stealPercent, (v) => `${plain(v)} %`, '', 'stolen '),
    compared(figures.swapIn, before?.swapIn, plain, '', 'swap in '),
    compared(figures.swapOut, before?.swapOut, plain, '', 'out '),
  ].filter((part) => part !== null);
  return told(parts);
}

interface Compared {
  readonly now: string;
  readonly before: string | null;
}

function compared(
  now: number | null,
  before: number | null | undefined,
  print: (value: number) => string,
  behind: string,
  ahead = '',
): Compared | null {
  if (now === null) return null;
  return {
    now: `${ahead}${print(now)}${behind === '' ? '' : ` ${behind}`}`,
    before: before === null || before === undefined ? null : print(before),
  };
}

function told(parts: readonly Compared[]): string {
  if (parts.length === 0) return 'no figures in the gap';
  const before = parts.every((part) => part.before === null)
    ? ''
    : ` (${parts.map((part) => part.before ?? '-').join(', ')} before)`;
  return `${parts.map(({ now }) => now).join(', ')} in the gap${before}`;
}

/** Three digits at the most behind the first: `812`, `98.4`, `1.2`, `0`. */
function plain(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
