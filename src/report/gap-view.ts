/**
 * One gap in full: its title, why it came, the matched events with a rule in the place of the silence, and
 * the unfiltered events at its edges.
 */
import { escapeControl } from '../model/escape.js';
import type { EventRecord } from '../model/event.js';
import type { Gap, RunReport } from '../model/gap.js';
import type { FormatName } from '../model/trace.js';
import { displayPath } from './diagnostics.js';
import { type EventColumns, eventLine, measureEvents } from './event-lines.js';
import { clockLength, exactLength } from './lengths.js';
import { logLines } from './log-view.js';
import { vrrpLines } from './vrrp-view.js';
import { proofLines, sentenceLines, type WhyStyle } from './why-view.js';
import { cutToWidth, displayWidth, wrapText } from './width.js';

/** What the gaps of one report are shown with. */
export interface GapViewStyle extends WhyStyle {
  readonly length: (ns: number) => string;
  /** Prints the times that VRRP's protocol sets. */
  readonly clock?: (time: string) => string;
}

const INDENT = '    ';

const OPEN_IN_WORDS = {
  start: "open: no earlier event since the trace's start",
  end: "open: no further event until the trace's end",
} as const;

/** The lines of one gap; `position` is its number in the table. */
export function gapView(gap: Gap, position: number, report: RunReport, style: GapViewStyle): string[] {
  const { start, end } = gap.around;
  const shown = [...matchedEvents(gap), ...start, ...end];
  const columns = measureEvents(shown);
  return [
    ...titleLines(gap, position, style),
    ...sentenceLines(gap, style),
    ...vrrpLines(gap, style),
    ...elsewhereLines(gap, style),
    ...noteLines(gap, report, style),
    ...proofLines(gap, formatOf(gap, report), style),
    ...logLines(gap, report.logs ?? [], style),
    ...matchedLines(gap, columns, style),
    ...edgeLines(gap, columns, style),
  ];
}

function titleLines(gap: Gap, position: number, style: GapViewStyle): string[] {
  const length = style.length(gap.durationNs);
  const rough = gap.durationNs >= 60e9 ? ` (${clockLength(gap.durationNs)})` : '';
  const from = gap.start === null ? '' : ` from ${printedTime(gap.start)}`;
  const to = gap.end === null ? '' : ` to ${printedTime(gap.end)}`;
  const open = gap.open === null ? '' : `, ${OPEN_IN_WORDS[gap.open]}`;
  const title = `Gap ${position}: ${length}${rough}${from}${to}${open}`;
  return wrapText(title, style.width, 2).map(style.paint.gap);
}

/** Its sequence, and where several files were read the one it lies in. */
function noteLines(gap: Gap, report: RunReport, { width }: GapViewStyle): string[] {
  const notes: string[] = [];
  if (report.by !== null && gap.vrrp === undefined) {
    notes.push(`  ${report.by} = ${gap.group === null ? '(none)' : escapeControl(gap.group)}`);
  }
  if (report.sources.length > 1) notes.push(`  ${sourceNote(gap, report)}`);
  return notes.flatMap((note) => wrapText(note, width, 4));
}

/** What others saw meanwhile. */
function elsewhereLines({ elsewhere }: Gap, { width }: GapViewStyle): string[] {
  return (elsewhere ?? []).flatMap(({ summary }) => wrapText(`  ${escapeControl(summary)}`, width, 4));
}

function formatOf(gap: Gap, report: RunReport): FormatName {
  return report.sources[(gap.start ?? gap.end)?.source ?? 0]?.format ?? 'sysdig';
}

function matchedLines(gap: Gap, columns: EventColumns, style: GapViewStyle): string[] {
  const { paint } = style;
  const line = (event: EventRecord): string => indented(event, columns, style);
  const before = [...gap.before, ...(gap.start === null ? [] : [gap.start])];
  const after = [...(gap.end === null ? [] : [gap.end]), ...gap.after];
  return [
    '  matched events',
    ...(gap.open === 'start' ? [`${INDENT}(the trace starts)`] : []),
    ...before.map(line),
    INDENT + paint.gap(rule(style.length(gap.durationNs), style.width - INDENT.length)),
    ...(gap.open === 'end' ? [`${INDENT}(the trace ends)`] : []),
    ...after.map(line),
  ];
}

function edgeLines(gap: Gap, columns: EventColumns, style: GapViewStyle): string[] {
  const { start, end } = gap.around;
  const line = (event: EventRecord): string => indented(event, columns, style);
  const overlap = start.length === 0 ? -1 : end.findIndex((e) => isSame(e, start[0]!));
  const lastStart = start.at(-1);
  const joint = lastStart === undefined ? -1 : end.findIndex((e) => isSame(e, lastStart));
  if (joint >= 0 || overlap >= 0) {
    const all = overlap >= 0 ? end : [...start, ...end.slice(joint + 1)];
    return ['  all events inside the gap, unfiltered', ...all.map(line)];
  }
  const lines: string[] = [];
  if (start.length > 0) {
    const label = gap.open === 'start' ? "after the trace's start" : "after the gap's start";
    lines.push(`  ${label}, unfiltered`, ...start.map(line));
  }
  const between = silenceBetween(lastStart, end[0]);
  if (between !== undefined) lines.push(INDENT + style.paint.quiet(`… ${between} not shown …`));
  if (end.length > 0) {
    const label = gap.open === 'end' ? "before the trace's end" : "before the gap's end";
    lines.push(`  ${label}, unfiltered`, ...end.map(line));
  }
  return lines;
}

function indented(event: EventRecord, columns: EventColumns, style: GapViewStyle): string {
  return INDENT + eventLine(event, columns, style.eventWidth - INDENT.length, style.paint);
}

/** `──────── 5.035431870 s ────────`, as wide as a pasted ticket bears. */
function rule(text: string, width: number): string {
  const side = Math.max(2, Math.min(24, Math.floor((width - displayWidth(text) - 2) / 2)));
  const dashes = '─'.repeat(side);
  return cutToWidth(`${dashes} ${text} ${dashes}`, width);
}

function sourceNote(gap: Gap, report: RunReport): string {
  const name = (event: EventRecord): string => {
    const source = report.sources[event.source];
    return source === undefined ? `source ${event.source}` : escapeControl(displayPath(source));
  };
  const { start, end } = gap;
  if (start !== null && end !== null && start.source !== end.source) {
    return `from ${name(start)} to ${name(end)}`;
  }
  const either = start ?? end;
  return either === null ? '' : `in ${name(either)}`;
}

function matchedEvents(gap: Gap): EventRecord[] {
  return [...gap.before, gap.start, gap.end, ...gap.after].filter((event) => event !== null);
}

/** The same event in two lists: records are copied, so it is told by its place in the trace. */
function isSame(a: EventRecord, b: EventRecord): boolean {
  return (
    a.source === b.source &&
    a.num === b.num &&
    a.offsetNs === b.offsetNs &&
    a.dir === b.dir &&
    a.type === b.type &&
    a.raw === b.raw
  );
}

function silenceBetween(from: EventRecord | undefined, to: EventRecord | undefined): string | undefined {
  if (from === undefined || to === undefined || from.source !== to.source) return undefined;
  if (from.offsetNs === null || to.offsetNs === null || to.offsetNs <= from.offsetNs) return undefined;
  return exactLength(to.offsetNs - from.offsetNs);
}

function printedTime(event: EventRecord): string {
  return event.time === null ? 'an event without time' : escapeControl(event.time);
}
