/** The text report of conversations: the verdict over all, a line for each, and the waits of the first few. */
import {
  type Conversation,
  type ConversationsReport,
  isUnanswered,
  type Side,
  type SideWaits,
} from '../model/conversations.js';
import { formatCount, plural } from '../model/count.js';
import { shortDuration } from '../model/duration.js';
import { escapeControl } from '../model/escape.js';
import { renderMessage } from './diagnostics.js';
import { type Column, fittedTable } from './fitted-table.js';
import { exactLength, share } from './lengths.js';
import { createPaint, type Paint } from './paint.js';
import type { TextOptions } from './text.js';
import { plainTotals } from './totals.js';
import { wrapText } from './width.js';

const LEAST_WIDTH = 40;
/** Conversations whose waits are shown one by one. */
const DETAILS = 3;
const SIDES: readonly Side[] = ['client', 'server', 'this process', 'peer'];

const ENDS = {
  trace: "the trace's end",
  closed: 'the close',
  reset: 'the reset',
  clock: 'a step of the clock',
  dropped: 'where it was let go',
} as const;

interface Style {
  readonly width: number;
  readonly paint: Paint;
}

/** The report as one text. */
export async function conversationsText(
  report: ConversationsReport,
  options: Pick<TextOptions, 'width' | 'color'> = {},
): Promise<string> {
  const style = {
    width: Math.max(LEAST_WIDTH, options.width ?? 100),
    paint: await createPaint(options.color ?? false),
  };
  const { conversations } = report;
  const lines = [...headLines(report, style), ''];
  if (conversations.length > 0) {
    lines.push(
      ...(await fittedTable(columns(conversations, style.paint), conversations, style.width, style.paint)),
      '',
    );
    for (const [index, conversation] of conversations.slice(0, DETAILS).entries())
      lines.push(...(await detailLines(conversation, index, style)), '');
  }
  lines.push(...plainTotals(report, style.width, style.paint, true));
  return lines.map((line) => `${line}\n`).join('');
}

function headLines(report: ConversationsReport, { width, paint }: Style): string[] {
  const { totals: all, conversations, interrupted, filter } = report;
  const count = plural(all.conversations, 'conversation');
  const title = all.conversations === 0 ? 'no conversation found' : `${count}: ${all.verdict}`;
  const lines = wrapText(interrupted ? `interrupted, so far: ${title}` : title, width, 2).map(paint.heading);
  const notes = [
    ...(conversations.length < all.conversations
      ? [`shown: the ${formatCount(conversations.length)} that waited longest`]
      : []),
    ...(all.open > 0 ? [`${plural(all.open, 'conversation')} left without an answer`] : []),
    ...(all.withoutData > 0 ? [`${plural(all.withoutData, 'connection')} without data`] : []),
  ];
  if (notes.length > 0) lines.push(...wrapText(notes.join('; '), width, 2));
  if (filter !== null) lines.push(...wrapText(`filter: ${escapeControl(filter)}`, width, 2));
  return lines;
}

function columns(conversations: readonly Conversation[], paint: Paint): Column<Conversation>[] {
  const plain = (text: string): string => text;
  const sides = SIDES.filter((side) => conversations.some((c) => sideOf(c, side) !== undefined));
  const hasProcess = conversations.some(({ proc, tid }) => proc !== null || tid !== null);
  const isOpen = conversations.some(({ open }) => isUnanswered(open));
  return [
    { title: '#', align: 'right', paint: plain, yields: 0, cell: (_c, index) => String(index + 1) },
    {
      title: 'conversation',
      align: 'left',
      paint: paint.type,
      yields: 1,
      least: 20,
      cell: ({ name }) => name,
    },
    ...(hasProcess
      ? [
          {
            title: 'process',
            align: 'left' as const,
            paint: paint.proc,
            yields: 2,
            least: 8,
            cell: (c: Conversation) => processOf(c) ?? '-',
          },
        ]
      : []),
    {
      title: 'turns',
      align: 'right',
      paint: plain,
      yields: 4,
      cell: ({ sides: [a, b] }) => formatCount(a.waits + b.waits),
    },
    ...sides.map((side) => ({
      title: side,
      align: 'right' as const,
      paint: plain,
      yields: 0,
      cell: (c: Conversation) => {
        const waits = sideOf(c, side);
        return waits === undefined ? '' : shortDuration(waits.totalNs);
      },
    })),
    {
      title: 'longest',
      align: 'right',
      paint: paint.gap,
      yields: 3,
      cell: ({ sides: [a, b] }) =>
        a.waits + b.waits === 0 ? '-' : shortDuration(Math.max(a.maxNs ?? 0, b.maxNs ?? 0)),
    },
    ...(isOpen
      ? [
          {
            title: 'unanswered',
            align: 'left' as const,
            paint: paint.warning,
            yields: 5,
            cell: ({ open }: Conversation) =>
              isUnanswered(open) ? `${open!.side} ${shortDuration(open!.ns)}` : '',
          },
        ]
      : []),
  ];
}

async function detailLines(c: Conversation, index: number, { width, paint }: Style): Promise<string[]> {
  const process = processOf(c);
  const what = [
    ...(process === null ? [] : [`${process}${c.self === null ? '' : `, the ${c.self}`}`]),
    ...(c.fd === null ? [] : [`fd ${c.fd}`]),
    ...(c.protocol === null ? [] : [c.protocol === 'tcp' ? 'TCP' : 'unix socket']),
    `${shortDuration(c.lastNs - c.firstNs)} long`,
    ...(c.handshakeNs === null ? [] : [`handshake ${shortDuration(c.handshakeNs)}`]),
    ...(c.ended === 'reset' ? ['reset'] : []),
  ];
  const rows = await fittedTable(sideColumns(c), c.sides, width - 2, paint);
  return [
    ...wrapText(`Conversation ${index + 1}: ${escapeControl(c.name)}`, width, 2).map(paint.heading),
    ...wrapText(`  ${escapeControl(what.join(', '))}`, width, 4),
    ...wrapText(`  ${renderMessage(c.verdict)}`, width, 4),
    ...rows.map((row) => `  ${row}`),
    ...longestLines(c, width),
  ];
}

function sideColumns({ lastNs, firstNs }: Conversation): Column<SideWaits>[] {
  const plain = (text: string): string => text;
  const column = (title: string, yields: number, cell: (side: SideWaits) => string): Column<SideWaits> => ({
    title,
    align: 'right',
    paint: plain,
    yields,
    cell,
  });
  const length = (ns: number | null): string => (ns === null ? '-' : shortDuration(ns));
  return [
    { ...column('waits of', 0, ({ side }) => side), align: 'left' },
    column('turns', 0, ({ waits }) => formatCount(waits)),
    column('total', 0, ({ totalNs }) => shortDuration(totalNs)),
    column('share', 5, ({ totalNs }) => share(totalNs, lastNs - firstNs)),
    column('min', 6, ({ minNs }) => length(minNs)),
    column('median', 2, ({ medianNs }) => length(medianNs)),
    column('p95', 3, ({ p95Ns }) => length(p95Ns)),
    column('p99', 4, ({ p99Ns }) => length(p99Ns)),
    column('max', 1, ({ maxNs }) => length(maxNs)),
    column('bytes sent', 7, ({ bytes }) => formatCount(bytes)),
  ];
}

/** The longest waits of both sides, with the events that bound them. */
function longestLines({ sides, open }: Conversation, width: number): string[] {
  const waits = sides
    .flatMap(({ side, longest }) => longest.map((wait) => ({ side, ...wait })))
    .sort((a, b) => b.ns - a.ns);
  const lines = waits.map(
    ({ side, ns, fromNum, toNum, time, toTime }) =>
      `${side} ${exactLength(ns)}, events ${fromNum ?? '?'} -> ${toNum ?? '?'}, ${time ?? '?'} to ${toTime ?? '?'}`,
  );
  // A client that has its answer and closes left nothing unanswered.
  if (open !== null && isUnanswered(open)) {
    const { side, ns, fromNum, time, end } = open;
    lines.push(
      `${side} ${exactLength(ns)}, event ${fromNum ?? '?'} not answered, ${time ?? '?'} to ${ENDS[end]}`,
    );
  }
  return lines.length === 0
    ? []
    : ['  longest', ...lines.flatMap((line) => wrapText(`    ${escapeControl(line)}`, width, 6))];
}

function sideOf({ sides }: Conversation, name: Side): SideWaits | undefined {
  return sides.find(({ side }) => side === name);
}

function processOf({ proc, pid, tid }: Conversation): string | null {
  const id = pid ?? tid;
  if (proc === null) return id === null ? null : `tid ${id}`;
  return id === null ? proc : `${proc}(${id})`;
}
