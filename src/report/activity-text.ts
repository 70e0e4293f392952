/** The text report of a stretch of activity: what it is of, the facts, and what was read. */

import type { ActivityReport } from '../model/activity-report.js';
import { shortDuration } from '../model/duration.js';
import { escapeControl } from '../model/escape.js';
import { factLines } from './activity-view.js';
import { createPaint } from './paint.js';
import type { TextOptions } from './text.js';
import { plainTotals } from './totals.js';
import { wrapText } from './width.js';

const LEAST_WIDTH = 40;

/** The report as one text; it is a page at most. */
export async function activityText(
  report: ActivityReport,
  options: Pick<TextOptions, 'width' | 'color'> = {},
): Promise<string> {
  const width = Math.max(LEAST_WIDTH, options.width ?? 100);
  const paint = await createPaint(options.color ?? false);
  const { activity, sources, from, to } = report;
  const format = sources[0]?.format ?? 'sysdig';
  const title =
    from === null || to === null
      ? 'no event found'
      : `${shortDuration(report.durationNs)} of activity, ${escapeControl(from)} to ${escapeControl(to)}`;
  const lines = [
    ...wrapText(report.interrupted ? `interrupted, so far: ${title}` : title, width, 2).map(paint.heading),
    ...factLines(activity, report.durationNs, { width, paint, legend: 'plain', format }),
    '',
    ...plainTotals(report, width, paint),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
