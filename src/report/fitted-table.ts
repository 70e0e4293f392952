/** Tables without borders, fitted to a width by narrowing or leaving out columns. */
import { escapeControl } from '../model/escape.js';
import type { Paint } from './paint.js';
import { cutToWidth, displayWidth } from './width.js';

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly paint: (text: string) => string;
  /** Escaped and measured by the table. */
  readonly cell: (row: Row, index: number) => string;
  /** Columns with the highest number are narrowed or left out first; 0 is always there. */
  readonly yields: number;
  /** Narrowed no further than this; what does not fit then is left out. */
  readonly least?: number;
  readonly cut?: (text: string, width: number) => string;
}

const SEPARATOR = 2;
/** No cell is cut to less than this. */
const LEAST_CELL = 3;

/** Whether the rows fit into `width` as they are. */
export function fits<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): boolean {
  return rowWidth(measure(columns, rows)) <= width;
}

/** Lines of the table, its titles first. */
export async function fittedTable<Row>(
  given: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const columns = fitColumns(given, rows, width);
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
  const { heading, quiet } = paint;
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

interface FittedColumn<Row> {
  readonly column: Column<Row>;
  readonly title: string;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Leaves out or narrows columns until a row fits, the most yielding first; at last the widest are narrowed. */
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
  while (rowWidth(fitted) > width) {
    const widest = fitted.reduce((best, f) => (f.width > best.width ? f : best));
    if (widest.width <= LEAST_CELL) break;
    fitted = fitted.map((f) => (f === widest ? narrow(f, f.width - 1) : f));
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
