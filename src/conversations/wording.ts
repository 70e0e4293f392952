/** The verdict in a sentence: who let whom wait. */
import {
  type ConversationTotals,
  isUnanswered,
  type Side,
  type SideWaits,
  type UnansweredWait,
} from '../model/conversations.js';
import { shortDuration } from '../model/duration.js';

const OTHER: Readonly<Record<Side, Side>> = {
  client: 'server',
  server: 'client',
  'this process': 'peer',
  peer: 'this process',
};

const ENDS = {
  trace: "the trace's end",
  closed: 'the close',
  reset: 'the reset',
  clock: 'a step of the clock',
  dropped: 'the end of its record',
} as const;

/** `the server`, `this process`, `its peer`. */
function sideInWords(side: Side): string {
  return side === 'this process' ? side : side === 'peer' ? 'its peer' : `the ${side}`;
}

/** `durationNs`: how long the conversation was. */
export function conversationVerdict(
  sides: readonly [SideWaits, SideWaits],
  durationNs: number,
  open: UnansweredWait | null,
): string {
  const weight = (side: SideWaits): number =>
    side.totalNs + (open?.side === side.side && isUnanswered(open) ? open.ns : 0);
  const [a, b] = sides;
  const worse = weight(b) >= weight(a) ? b : a;
  const parts: string[] = [];
  if (worse.waits > 0) parts.push(letWait(worse, durationNs));
  if (open !== null && (isUnanswered(open) || parts.length === 0)) {
    parts.push(
      `${sideInWords(open.side)} had not answered for ${shortDuration(open.ns)} when ${ENDS[open.end]} came`,
    );
  }
  return parts.length === 0 ? 'no side waited for the other' : parts.join('; ');
}

/** Over all conversations: one part for those whose client is known, one for the others. */
export function totalsVerdict(totals: Omit<ConversationTotals, 'verdict'>): string {
  const of = (name: Side): SideWaits | undefined => totals.sides.find(({ side }) => side === name);
  const parts = (
    [
      ['server', 'client'],
      ['this process', 'peer'],
    ] as const
  ).flatMap(([a, b]) => {
    const pair = [of(a), of(b)].filter((side) => side !== undefined && side.waits > 0) as SideWaits[];
    const [worse] = pair.sort((x, y) => y.totalNs - x.totalNs);
    const otherNs = pair[1]?.totalNs ?? 0;
    return worse === undefined
      ? []
      : [
          `${sideInWords(worse.side)} let ${sideInWords(OTHER[worse.side])} wait ${shortDuration(worse.totalNs)} ` +
            `in ${turns(worse.waits)}, ${sideInWords(OTHER[worse.side])} let ${sideInWords(worse.side)} wait ${shortDuration(otherNs)}`,
        ];
  });
  return parts.length === 0 ? 'no side waited for the other' : parts.join('; ');
}

function letWait({ side, totalNs, waits, longest }: SideWaits, durationNs: number): string {
  const [most] = longest;
  const nums =
    most === undefined || most.fromNum === null || most.toNum === null
      ? ''
      : ` (events ${most.fromNum} -> ${most.toNum})`;
  const peak = most === undefined ? '' : `; the longest ${shortDuration(most.ns)}${nums}`;
  return (
    `${sideInWords(side)} let ${sideInWords(OTHER[side])} wait ${shortDuration(totalNs)} ` +
    `of ${shortDuration(durationNs)} in ${turns(waits)}${peak}`
  );
}

function turns(count: number): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} turn${count === 1 ? '' : 's'}`;
}
