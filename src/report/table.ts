/** Tables, fitted to the width by leaving out columns; the summary of gaps, a line each. */
import { escapeControl } from '../model/escape.js';
import type { Gap, RunReport } from '../model/gap.js';
import { cutProcess, processLabel } from './event-lines.js';
import type { GapViewStyle } from './gap-view.js';
import { cutToWidth, displayWidth } from './width.js';

/** A column of a table of rows of any kind. */
export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly paint: (text: string) => string;
  readonly cell: (row: Row, index: number) => string;
  /** Columns with the highest number are narrowed or left out first; 0 always stays whole. */
  readonly yields: number;
  /** Narrowed no further than this; what does not fit then is left out. */
  readonly least?: number;
  readonly cut?: (text: string, width: number) => string;
}

const SEPARATOR = 2;

/** Lines of the table, gaps in the order given. */
export async function gapTable(
  gaps: readonly Gap[],
  report: RunReport,
  style: GapViewStyle,
): Promise<string[]> {
  const columns = gapColumns(gaps, report, style, true);
  const isRoomy = rowWidth(measure(columns, gaps)) <= style.width;
  return tableLines(isRoomy ? columns : gapColumns(gaps, report, style, false), gaps, style);
}

/** Lines of any table, rows in the order given. */
export async function tableLines<Row>(
  wanted: readonly Column<Row>[],
  rows: readonly Row[],
  style: Pick<GapViewStyle, 'width' | 'paint'>,
): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const columns = fitColumns(wanted, rows, style.width);
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: ' '.repeat(SEPARATOR),
  };
  const table = new Table({
    chars: none,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: columns.map(({ column }) => column.align),
  });
  const { heading, quiet } = style.paint;
  table.push(columns.map(({ title }) => heading(title)));
  table.push(columns.map(({ width }) => quiet('─'.repeat(width))));
  rows.forEach((_row, row) => {
    table.push(columns.map(({ column, cells }) => column.paint(cells[row]!)));
  });
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
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

interface FittedColumn<Row> {
  readonly column: Column<Row>;
  readonly title: string;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Leaves out or narrows columns until a row fits, the most yielding first. */
function fitColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): FittedColumn<Row>[] {
  let fitted = measure(columns, rows);
  const yielding = columns.filter(({ yields }) => yields > 0).sort((a, b) => b.yields - a.yields);
  const steps = [
    ...yielding.filter(({ least }) => least === undefined),
    ...yielding.filter(({ least }) => least !== undefined),
    ...yielding,
  ];
  for (const [step, column] of steps.entries()) {
    const excess = rowWidth(fitted) - width;
    if (excess <= 0) break;
    const narrowing = column.least !== undefined && step < yielding.length;
    fitted = fitted.flatMap((f) =>
      f.column !== column ? [f] : narrowing ? [narrow(f, Math.max(column.least ?? 0, f.width - excess))] : [],
    );
  }
  return fitted;
}

function measure<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): FittedColumn<Row>[] {
  return columns.map((column) => {
    const cells = rows.map((row, index) => escapeControl(column.cell(row, index)));
    return { column, title: column.title, cells, width: widest([column.title, ...cells]) };
  });
}

function narrow<Row>({ column, ...fitted }: FittedColumn<Row>, width: number): FittedColumn<Row> {
  const cut = column.cut ?? cutToWidth;
  const cells = fitted.cells.map((cell) => cut(cell, width));
  const title = cutToWidth(fitted.title, width);
  return { column, title, cells, width: widest([title, ...cells]) };
}

function rowWidth(fitted: readonly { readonly width: number }[]): number {
  return fitted.reduce((sum, { width }) => sum + width + SEPARATOR, -SEPARATOR);
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);
}
