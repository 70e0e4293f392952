/**
 * The machine-readable reports. Names and their order are stable: tools build on them. Traced text stays
 * as it is in value, but every character that could act on a terminal is written as a \u escape.
 */

import type { ActivityReport } from '../model/activity-report.js';
import type { ConversationsReport } from '../model/conversations.js';
import { UNSAFE } from '../model/escape.js';
import type { EventRecord } from '../model/event.js';
import type { Gap, RunReport, SourceReport } from '../model/gap.js';
import { version } from './version.js';

/** Text that waits; `pieces` gives all of it in order. */
export interface WaitingText {
  add(text: string): void;
  pieces(): Iterable<string>;
}

/**
 * One JSON document in pieces. `sources` precedes `gaps` and is complete only when the last gap is known, so the
 * gaps go to `waiting` as they come; no string ever holds all of them.
 */
export async function* jsonDocument(
  gaps: Iterable<Gap> | AsyncIterable<Gap>,
  report: RunReport | Promise<RunReport>,
  waiting: WaitingText,
): AsyncGenerator<string, void, undefined> {
  let isEmpty = true;
  for await (const gap of gaps) {
    waiting.add(isEmpty ? '\n    ' : ',\n    ');
    waiting.add(gapJson(gap));
    isEmpty = false;
  }
  const run = await report;
  yield `{ ${member('sysgap', version)},\n`;
  yield `  ${member('filter', run.filter)},\n`;
  yield `  ${member('thresholdNs', run.thresholdNs)},\n`;
  yield `  ${member('by', run.by)},\n`;
  yield `  "sources": [\n${run.sources.map((source) => `    ${sourceJson(source)}`).join(',\n')}\n  ],\n`;
  yield '  "gaps": [';
  yield* waiting.pieces();
  yield `${isEmpty ? '' : '\n  '}],\n`;
  if (run.logs !== undefined) yield `  ${member('logs', run.logs)},\n`;
  yield `  ${member('warnings', run.warnings)},\n`;
  yield `  ${member('rhythms', run.rhythms)},\n`;
  yield `  ${member('gapsFound', run.gapsFound)},\n`;
  yield `  ${member('spanNs', run.spanNs ?? null)},\n`;
  yield `  ${member('interrupted', run.interrupted)},\n`;
  if (run.vrrp !== undefined) yield `  ${member('vrrp', run.vrrp)},\n`;
  yield `  ${member('limits', run.limits)} }\n`;
}

/** One gap per line, each as soon as it is known. */
export async function* ndjsonReport(
  gaps: Iterable<Gap> | AsyncIterable<Gap>,
): AsyncGenerator<string, void, undefined> {
  for await (const gap of gaps) yield `${gapJson(gap)}\n`;
}

/** A gap as one line of JSON, without a line end. */
export function gapJson(gap: Gap): string {
  return toJson({
    durationNs: gap.durationNs,
    open: gap.open,
    group: gap.group,
    start: eventFields(gap.start),
    end: eventFields(gap.end),
    before: gap.before.map(eventFields),
    after: gap.after.map(eventFields),
    around: {
      start: gap.around.start.map(eventFields),
      end: gap.around.end.map(eventFields),
    },
    cause: gap.cause,
    call: gap.call,
    class: gap.class,
    summary: gap.summary,
    evidence: gap.evidence,
    next: gap.next,
    activity: gap.activity,
    contributing: gap.contributing,
    // Absent without logs, which JSON leaves out.
    logs: gap.logs,
    logContext: gap.logContext,
    figures: gap.figures,
    ...(gap.vrrp === undefined ? {} : { vrrp: gap.vrrp }),
    elsewhere: gap.elsewhere,
  });
}

/** A stretch of activity as one JSON document. */
export function activityJson(report: ActivityReport): string {
  const members = [
    member('sysgap', version),
    `"sources": [\n${report.sources.map((source) => `    ${sourceJson(source)}`).join(',\n')}\n  ]`,
    member('from', report.from),
    member('to', report.to),
    member('fromNs', report.fromNs),
    member('toNs', report.toNs),
    member('durationNs', report.durationNs),
    member('activity', report.activity),
    member('limits', report.limits),
    member('warnings', report.warnings),
    member('interrupted', report.interrupted),
  ];
  return `{ ${members.join(',\n  ')} }\n`;
}

/** Conversations as one JSON document. */
export function conversationsJson(report: ConversationsReport): string {
  const members = [
    member('sysgap', version),
    member('filter', report.filter),
    `"sources": [\n${report.sources.map((source) => `    ${sourceJson(source)}`).join(',\n')}\n  ]`,
    `"conversations": [${report.conversations.map((conversation) => `\n    ${toJson(conversation)}`).join(',')}\n  ]`,
    member('totals', report.totals),
    member('limits', report.limits),
    member('warnings', report.warnings),
    member('interrupted', report.interrupted),
  ];
  return `{ ${members.join(',\n  ')} }\n`;
}

function sourceJson(source: SourceReport): string {
  return toJson({
    path: source.path,
    format: source.format,
    bytes: source.bytes,
    lines: source.lines,
    records: source.records,
    events: source.events,
    matched: source.matched,
    ignored: source.ignored,
    unparsed: source.unparsed,
    outOfOrder: source.outOfOrder,
    origin: source.origin,
    first: source.first,
    last: source.last,
    problems: source.problems.map(({ line, byte, reason }) => ({
      line,
      byte,
      reason,
    })),
    clockOffsetNs: source.clockOffsetNs,
    clockOffsetFrom: source.clockOffsetFrom,
    clockPairs: source.clockPairs,
  });
}

function eventFields(event: EventRecord | null): EventRecord | null {
  return event === null
    ? null
    : {
        source: event.source,
        num: event.num,
        time: event.time,
        offsetNs: event.offsetNs,
        cpu: event.cpu,
        proc: event.proc,
        tid: event.tid,
        dir: event.dir,
        type: event.type,
        args: event.args,
        raw: event.raw,
      };
}

function member(name: string, value: unknown): string {
  return `${toJson(name)}: ${toJson(value)}`;
}

/** JSON.stringify escapes C0 controls; this does it for the other characters that a terminal may act on. */
function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
