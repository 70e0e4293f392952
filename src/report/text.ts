/**
 * The report for people: a verdict, a table of the gaps, each gap with its events, and what was read.
 *
 * Widths: prose and the table fit into `width`. Event lines are cut with `…` at `eventWidth`, which on a
 * terminal is the same, and elsewhere wider, since a file or a ticket can scroll but can't show what is cut.
 */

import { plural } from '../model/count.js';
import { escapeControl } from '../model/escape.js';
import type { Gap, RunReport } from '../model/gap.js';
import { INVESTIGATED } from '../model/options.js';
import { hasStrips } from './cpu-view.js';
import { type GapViewStyle, gapView } from './gap-view.js';
import { lengthFormat } from './lengths.js';
import { createPaint } from './paint.js';
import { gapTable } from './table.js';
import { totals } from './totals.js';
import { rhythmCaution, verdict } from './verdict.js';
import { routerSections, vrrpClock } from './vrrp-view.js';
import type { Uninvestigated } from './why-view.js';
import { wrapText } from './width.js';

/** How the text report is laid out. */
export interface TextOptions {
  /** Columns for prose and the table, at least 40. Default 100. */
  readonly width?: number;
  /** Columns for event lines. Default the larger of `width` and 160. */
  readonly eventWidth?: number;
  /** Default false: no escape byte at all. */
  readonly color?: boolean;
  /** Order of the gaps. Default `longest`. */
  readonly order?: GapOrder;
  /** Gaps listed in the table, the longest ones. Default 50. */
  readonly rows?: number;
  /** Gaps shown with their events, the first ones of the table. Default 20. */
  readonly details?: number;
  /** The run's own `why`, so that gaps without an investigation say how many have one. */
  readonly why?: boolean | number | 'all';
}

export type GapOrder = 'longest' | 'time';

/** A time and a length side by side; below that nothing is left to read. */
const LEAST_WIDTH = 40;

/**
 * The text report in pieces. The gaps are read to their end before the first piece, but only the `rows`
 * longest are kept.
 */
export async function* textReport(
  gaps: Iterable<Gap> | AsyncIterable<Gap>,
  report: RunReport | Promise<RunReport>,
  options: TextOptions = {},
): AsyncGenerator<string, void, undefined> {
  const width = Math.max(LEAST_WIDTH, options.width ?? 100);
  const { rows = 50, details = 20, order = 'longest' } = options;
  const { kept, longest } = await keepLongest(gaps, rows);
  const run = await report;
  const shown = order === 'time' ? inTimeOrder(kept, run) : kept;
  const length = lengthFormat([...(longest === null ? [] : [longest]), ...kept].map((gap) => gap.durationNs));
  const paint = await createPaint(options.color ?? false);
  const style: GapViewStyle = {
    width,
    eventWidth: Math.max(LEAST_WIDTH, options.eventWidth ?? Math.max(160, width)),
    paint,
    legend: 'none',
    uninvestigated: uninvestigated(shown, options.why),
    length,
    clock: vrrpClock(run.vrrp),
  };

  const matched = run.sources.some((source) => source.matched > 0);
  const role = longest !== null ? paint.gap : matched ? paint.good : paint.warning;
  const head = wrapText(verdict(run, longest, length), width, 2).map(role);
  if (run.filter !== null) {
    head.push(...wrapText(`filter: ${escapeControl(run.filter)}`, width, 8).map(paint.quiet));
  }
  const caution = rhythmCaution(run);
  if (caution !== undefined) head.push(...wrapText(caution, width, 2).map(paint.warning));
  yield block(head);

  if (shown.length > 0) {
    const table = await gapTable(shown, run, style);
    const more = run.gapsFound - shown.length;
    if (more > 0) {
      table.push(
        ...wrapText(
          `… and ${plural(more, order === 'longest' ? 'shorter gap' : 'more gap')}: --top ${run.gapsFound} lists them here, -o ndjson prints each on one line`,
          width,
          2,
        ),
      );
    }
    yield `\n${block(table)}`;
  }
  const explained = shown.findIndex(({ activity }) => hasStrips(activity));
  for (const [index, gap] of shown.slice(0, details).entries()) {
    const legend = index === explained ? 'subject' : 'none';
    yield `\n${block(gapView(gap, index + 1, run, { ...style, legend }))}`;
  }
  if (shown.length > details) {
    yield `\n${block(wrapText(`The events around the other ${shown.length - details} gaps of the table are not shown here: --top ${shown.length} shows them.`, width))}`;
  }
  if (run.vrrp !== undefined)
    for (const section of await routerSections(run.vrrp, style)) yield `\n${block(section)}`;
  yield `\n${block(totals(run, width, paint))}`;
}

/** What a gap without a cause has to say: nothing where none was looked for. */
function uninvestigated(gaps: readonly Gap[], why: TextOptions['why']): Uninvestigated {
  if (why === false || !gaps.some(({ summary }) => summary !== null)) return { kind: 'not-asked' };
  return { kind: 'only-longest', most: typeof why === 'number' ? why : INVESTIGATED };
}

/** The `limit` longest gaps, longest first, and of equal ones the earlier first. */
async function keepLongest(
  gaps: Iterable<Gap> | AsyncIterable<Gap>,
  limit: number,
): Promise<{ kept: Gap[]; longest: Gap | null }> {
  const kept: Gap[] = [];
  let longest: Gap | null = null;
  for await (const gap of gaps) {
    if (longest === null || gap.durationNs > longest.durationNs) longest = gap;
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (kept[middle]!.durationNs >= gap.durationNs) low = middle + 1;
      else high = middle;
    }
    if (low >= limit) continue;
    kept.splice(low, 0, gap);
    if (kept.length > limit) kept.pop();
  }
  return { kept, longest };
}

function inTimeOrder(gaps: readonly Gap[], report: RunReport): Gap[] {
  const originMs = report.sources.map(({ origin }) => (origin === null ? 0 : Date.parse(origin)));
  const seconds = (gap: Gap): { originMs: number; ns: number } => {
    const event = gap.start ?? gap.end;
    const ns = event?.offsetNs ?? 0;
    return {
      originMs: originMs[event?.source ?? 0] ?? 0,
      ns: gap.start === null ? ns - gap.durationNs : ns,
    };
  };
  return [...gaps].sort((a, b) => {
    const [x, y] = [seconds(a), seconds(b)];
    return (x.originMs - y.originMs) * 1e6 + (x.ns - y.ns);
  });
}

function block(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
