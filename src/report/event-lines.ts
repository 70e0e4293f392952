/**
 * Events in print, one per line and aligned in columns:
 *
 *     368250 17:01:21.339942868 0 keepalived(10400) > sendmsg fd=13(192.168.205.8->224.0.0.18) size=40
 *
 * Event number (or line number), time, CPU, process (thread), direction, type, arguments. A column that none of the events fills is left out.
 */
import { escapeControl } from '../model/escape.js';
import type { EventRecord } from '../model/event.js';
import type { Paint } from './paint.js';
import { cutToWidth, displayWidth, padLeft, padRight } from './width.js';

const PROC_MAX = 28;
const TYPE_MAX = 20;

/** Column widths for a set of events; 0 leaves the column out. */
export interface EventColumns {
  readonly num: number;
  readonly time: number;
  readonly cpu: number;
  readonly proc: number;
  readonly dir: number;
  readonly type: number;
}

/** The widths that these events need, names and types bounded. */
export function measureEvents(events: readonly EventRecord[]): EventColumns {
  const widest = (text: (e: EventRecord) => string): number =>
    events.reduce((most, e) => Math.max(most, displayWidth(text(e))), 0);
  return {
    num: widest((e) => (e.num === null ? '' : String(e.num))),
    time: widest((e) => escapeControl(e.time ?? '')),
    cpu: widest((e) => (e.cpu === null ? '' : String(e.cpu))),
    proc: Math.min(PROC_MAX, widest(processLabel)),
    dir: widest((e) => e.dir ?? ''),
    type: Math.min(
      TYPE_MAX,
      widest((e) => escapeControl(e.type)),
    ),
  };
}

/** One event in at most `width` columns, cut with `…`, without a line end. */
export function eventLine(event: EventRecord, columns: EventColumns, width: number, paint: Paint): string {
  const cells: [text: string, paint: (text: string) => string][] = [];
  const cell = (text: string, role: (text: string) => string): void => {
    cells.push([text, role]);
  };
  if (columns.num > 0) cell(padLeft(event.num === null ? '-' : String(event.num), columns.num), paint.quiet);
  if (columns.time > 0) cell(padRight(escapeControl(event.time ?? '-'), columns.time), paint.time);
  if (columns.cpu > 0) cell(padLeft(event.cpu === null ? '-' : String(event.cpu), columns.cpu), paint.quiet);
  if (columns.proc > 0) {
    cell(padRight(cutProcess(processLabel(event), columns.proc), columns.proc), paint.proc);
  }
  if (columns.dir > 0) cell(event.dir ?? ' ', paint.quiet);
  const args = escapeControl(event.args).trim();
  const type = cutToWidth(escapeControl(event.type), columns.type);
  cell(args === '' ? type : padRight(type, columns.type), paint.type);
  if (args !== '') cell(args, (text) => text);

  let used = 0;
  const parts: string[] = [];
  for (const [text, role] of cells) {
    const fitted = cutToWidth(text, width - used);
    if (fitted.trim() !== '' || displayWidth(fitted) === displayWidth(text)) parts.push(role(fitted));
    used += displayWidth(text) + 1;
    if (used >= width) break;
  }
  return parts.join(' ').trimEnd();
}

/** `keepalived(10400)`; `tid 10400` where the trace gives no name, `-` where it gives neither. */
export function processLabel(event: EventRecord): string {
  if (event.proc === null) return event.tid === null ? '-' : `tid ${event.tid}`;
  const name = escapeControl(event.proc);
  return event.tid === null ? name : `${name}(${event.tid})`;
}

/** A process label in at most `width` columns; the thread id is kept, the name cut. */
export function cutProcess(label: string, width: number): string {
  if (displayWidth(label) <= width) return label;
  const paren = label.lastIndexOf('(');
  const id = paren < 0 ? '' : label.slice(paren);
  return id.length + 2 > width
    ? cutToWidth(label, width)
    : cutToWidth(label.slice(0, paren < 0 ? undefined : paren), width - id.length) + id;
}
