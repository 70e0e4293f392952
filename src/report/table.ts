/** The summary: a line per gap, fitted to the width by leaving out what the details below repeat. */
import type { Gap, RunReport } from '../model/gap.js';
import { cutProcess, processLabel } from './event-lines.js';
import { type Column, fits, fittedTable } from './fitted-table.js';
import type { GapViewStyle } from './gap-view.js';
import { cutToWidth, displayWidth } from './width.js';

/** Lines of the table, gaps in the order given. */
export function gapTable(gaps: readonly Gap[], report: RunReport, style: GapViewStyle): Promise<string[]> {
  const { width, paint } = style;
  const whole = gapColumns(gaps, report, style, true);
  const columns = fits(whole, gaps, width) ? whole : gapColumns(gaps, report, style, false);
  return fittedTable(columns, gaps, width, paint);
}

/** Of a time that has no room its date goes first. */
function cutTime(time: string, width: number): string {
  return cutToWidth(displayWidth(time) > width ? time.replace(/^\d{4}-\d\d-\d\d[ T]/, '…') : time, width);
}

/** @param calls whether causes are shown with the call, as in `blocked in fsync`. */
function gapColumns(
  gaps: readonly Gap[],
  report: RunReport,
  style: GapViewStyle,
  calls: boolean,
): Column<Gap>[] {
  const { paint } = style;
  const subject = (gap: Gap) => gap.start ?? gap.end;
  const plain = (text: string): string => text;
  const columns: Column<Gap>[] = [
    {
      title: '#',
      align: 'right',
      paint: plain,
      yields: 0,
      cell: (_gap, index) => String(index + 1),
    },
    {
      title: 'from',
      align: 'left',
      paint: paint.time,
      yields: 0,
      cut: cutTime,
      cell: (gap) => (gap.start === null ? "trace's start" : (gap.start.time ?? '-')),
    },
    {
      title: 'to',
      align: 'left',
      paint: paint.time,
      yields: 4,
      cell: (gap) => (gap.end === null ? "trace's end" : (gap.end.time ?? '-')),
    },
    {
      title: 'length',
      align: 'right',
      paint: paint.gap,
      yields: 0,
      cell: (gap) => style.length(gap.durationNs),
    },
    {
      title: 'process',
      align: 'left',
      paint: paint.proc,
      yields: 2,
      least: 10,
      cut: cutProcess,
      cell: (gap) => {
        const event = subject(gap);
        return event === null ? '-' : processLabel(event);
      },
    },
    {
      title: 'type',
      align: 'left',
      paint: paint.type,
      yields: 1,
      least: 7,
      cell: (gap) => subject(gap)?.type ?? '-',
    },
  ];
  if (gaps.some(({ cause }) => cause !== null)) {
    columns.push({
      title: 'cause',
      align: 'left',
      paint: plain,
      yields: 3,
      cell: ({ cause, call }) =>
        cause === null ? '-' : `${cause}${calls && call !== null ? ` in ${call}` : ''}`,
    });
  }
  if (report.by !== null) {
    columns.push({
      title: report.by,
      align: 'left',
      paint: plain,
      yields: 3,
      least: 10,
      cell: (gap) => gap.group ?? '(none)',
    });
  }
  if (gaps.some((gap) => gap.open !== null)) {
    columns.push({
      title: 'open',
      align: 'left',
      paint: plain,
      yields: 0,
      cell: (gap) => gap.open ?? '',
    });
  }
  return columns;
}
