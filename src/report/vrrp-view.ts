/** What VRRP makes of a gap, and who was master when, in print. */

import { plural } from '../model/count.js';
import { escapeControl } from '../model/escape.js';
import type { Gap } from '../model/gap.js';
import type { IntervalFrom, MasterState, VirtualRouter, VrrpGap, VrrpReport } from '../model/vrrp.js';
import { type Column, fittedTable } from './fitted-table.js';
import { roughLength } from './lengths.js';
import type { Paint } from './paint.js';
import { wrapText } from './width.js';

export interface VrrpStyle {
  readonly width: number;
  readonly paint: Paint;
  /** Prints a time: of one day only, without its date. */
  readonly clock?: (time: string) => string;
}

const DATED = /^(\d{4}-\d\d-\d\d)T(.*)Z$/;

/** How the times of a report are printed: where all its virtual routers' are of one day, as times of day. */
export function vrrpClock(report: VrrpReport | undefined): (time: string) => string {
  const days = new Set<string | undefined>();
  for (const { states } of report?.routers ?? [])
    for (const { time, toTime } of states) days.add(DATED.exec(time)?.[1]).add(DATED.exec(toTime)?.[1]);
  if (days.size > 1) return (time) => time;
  const [day] = days;
  return (time) => {
    const m = DATED.exec(time);
    return m !== null && m[1] === day ? m[2]! : time;
  };
}

const ROUTERS_SHOWN = 20;
const STATES_SHOWN = 30;
const SPLITS_SHOWN = 5;
const ADDRESSES_SHOWN = 4;

/** The protocol's lines of a gap; none in a run for anything else. */
export function vrrpLines(gap: Gap, { width, clock = asItIs }: VrrpStyle): string[] {
  const { vrrp } = gap;
  if (vrrp === undefined) return [];
  const told = [missedInWords(vrrp, clock), ...backupInWords(vrrp, gap, clock)];
  if (vrrp.burst !== null) {
    const { adverts, lengthNs } = vrrp.burst;
    told.push(
      `the silence ended in a late burst: ${plural(adverts, 'advert')} within ${roughLength(lengthNs)}`,
    );
  }
  return told.flatMap((text) => wrapText(`  ${escapeControl(text)}`, width, 4));
}

const asItIs = (time: string): string => time;

type Clock = (time: string) => string;

function missedInWords(
  { sender, priority, missed, due, intervalNs, intervalFrom }: VrrpGap,
  clock: Clock,
): string {
  const rank = priority === null ? '' : ` (priority ${priority})`;
  const first = due === null ? '' : `, the first due at ${clock(due.time)}`;
  return `${sender}${rank}: ${plural(missed, 'advert')} missed (${every(intervalNs, intervalFrom)})${missed === 0 ? '' : first}`;
}

function every(intervalNs: number, from: IntervalFrom): string {
  const interval = `every ${roughLength(intervalNs)}`;
  return from === 'advert' ? interval : `${interval}, ${from === 'learned' ? 'as learned' : 'assumed'}`;
}

/** Whether and when a backup had to take over, and whether one did. */
function backupInWords(vrrp: VrrpGap, gap: Gap, clock: Clock): string[] {
  const { takeOver, backup, ownSendsOnly } = vrrp;
  const { earliest, latest } = backup;
  if (earliest === null || latest === null) return [];
  if (takeOver !== null) {
    const rank = takeOver.priority === null ? '' : ` (priority ${takeOver.priority})`;
    const how = takeOver.reason === 'preempted' ? ' by its higher priority' : '';
    const timer =
      backup.sender === takeOver.by ? `; its timer runs out after ${roughLength(earliest.afterNs)}` : '';
    if (takeOver.reason === 'second-master')
      return [
        `${takeOver.by}${rank} was master besides from ${clock(takeOver.time)} on, ${roughLength(takeOver.afterNs)} after the last advert`,
      ];
    return [
      `${takeOver.by}${rank} took over${how} at ${clock(takeOver.time)}, ${roughLength(takeOver.afterNs)} after the last advert${timer}`,
    ];
  }
  const none = ownSendsOnly ? 'no advert of a backup in this trace' : 'none did';
  const ending = gap.open === 'end' ? 'the trace ended before that' : 'the silence was shorter';
  if (backup.sender !== null) {
    const who = `a backup of priority ${backup.priority} (${backup.sender}) takes over after ${roughLength(earliest.afterNs)}, at ${clock(earliest.time)}`;
    return [`${who}; ${backup.mustTakeOver ? none : ending}`];
  }
  const range = `${roughLength(earliest.afterNs)} (priority 254) to ${roughLength(latest.afterNs)} (priority 1)`;
  if (backup.mustTakeOver) {
    return [`a backup of any priority had to take over, after ${range}, by ${clock(latest.time)}; ${none}`];
  }
  if (backup.fromPriority === null) {
    return [
      `a backup takes over after ${roughLength(earliest.afterNs)} at the earliest (priority 254); ${ending}`,
    ];
  }
  return [
    `a backup takes over after ${range}; one of priority ${backup.fromPriority} or more had to; ${none}`,
  ];
}

/** A section per virtual router; of many, those with most changes. */
export async function routerSections(
  { routers, routersNotShown }: VrrpReport,
  style: VrrpStyle,
): Promise<string[][]> {
  const changes = ({ states, splitBrain, notShown }: VirtualRouter): number =>
    states.length + splitBrain.length + notShown.states;
  const shown = new Set([...routers].sort((a, b) => changes(b) - changes(a)).slice(0, ROUTERS_SHOWN));
  const sections: string[][] = [];
  for (const router of routers) if (shown.has(router)) sections.push(await routerLines(router, style));
  const more = routers.length - shown.size + routersNotShown;
  if (more > 0)
    sections.push(
      wrapText(
        `… and ${plural(more, 'more virtual router')} with fewer changes: -o json lists them`,
        style.width,
        2,
      ),
    );
  return sections;
}

async function routerLines(router: VirtualRouter, style: VrrpStyle): Promise<string[]> {
  const { width, paint, clock = asItIs } = style;
  const states = router.states.slice(0, STATES_SHOWN);
  const lines = wrapText(routerTitle(router), width, 2).map(paint.heading);
  const table = await fittedTable(stateColumns(paint, clock), states, width - 2, paint);
  lines.push(...table.map((line) => `  ${line}`));
  const more = router.states.length - states.length + router.notShown.states;
  if (more > 0)
    lines.push(
      `  … and ${plural(more, 'later state')}: -o json lists ${router.notShown.states > 0 ? 'the first ones' : 'them'}`,
    );
  for (const { time, toTime, masters, fromNs, toNs } of router.splitBrain.slice(0, SPLITS_SHOWN)) {
    const text = `split brain: ${masters.join(' and ')} were both master from ${clock(time)} to ${clock(toTime)} (${roughLength(toNs - fromNs)})`;
    lines.push(...wrapText(`  ${escapeControl(text)}`, width, 4).map(paint.gap));
  }
  const splits = router.splitBrain.length - SPLITS_SHOWN + router.notShown.splitBrain;
  if (splits > 0) lines.push(`  … and ${plural(splits, 'more time')} of two masters`);
  return lines;
}

/** `Virtual router 51 (IPv4, VRRPv2), 10.77.0.100, an advert every 1 s` */
function routerTitle({ vrid, family, version, addresses, intervalNs, intervalFrom }: VirtualRouter): string {
  const name = vrid === null ? 'Virtual router of unknown id' : `Virtual router ${vrid}`;
  const protocol = version === null ? 'VRRP' : `VRRPv${version}`;
  const more = addresses.length - ADDRESSES_SHOWN;
  const listed = addresses.slice(0, ADDRESSES_SHOWN).map((address) => `, ${escapeControl(address)}`);
  return `${name} (${family}, ${protocol})${listed.join('')}${more > 0 ? ` and ${more} more` : ''}, an advert ${every(intervalNs, intervalFrom)}`;
}

function stateColumns(paint: Paint, clock: Clock): Column<MasterState>[] {
  const plain = (text: string): string => text;
  return [
    { title: 'from', align: 'left', paint: paint.time, yields: 0, cell: ({ time }) => clock(time) },
    { title: 'to', align: 'left', paint: paint.time, yields: 2, cell: ({ toTime }) => clock(toTime) },
    { title: 'master', align: 'left', paint: paint.proc, yields: 1, least: 12, cell: ({ master }) => master },
    {
      title: 'priority',
      align: 'right',
      paint: plain,
      yields: 3,
      cell: ({ priority }) => (priority === null ? '-' : String(priority)),
    },
    { title: 'adverts', align: 'right', paint: plain, yields: 4, cell: ({ adverts }) => String(adverts) },
    { title: 'began', align: 'left', paint: plain, yields: 0, cell: beginInWords },
    { title: 'ended', align: 'left', paint: plain, yields: 0, cell: endInWords },
  ];
}

function beginInWords({ reason, afterNs }: MasterState): string {
  const after = afterNs === null ? '' : ` after ${roughLength(afterNs)}`;
  switch (reason) {
    case 'first-seen':
      return 'first seen';
    case 'took-over':
      return `took over${after}`;
    case 'preempted':
      return 'higher priority';
    case 'after-release':
      return afterNs === null ? 'after release' : `after release (${roughLength(afterNs)})`;
    case 'resumed':
      return `resumed${after}`;
    case 'second-master':
      return 'second master';
    case 'changed':
      return 'changed';
  }
}

function endInWords({ ended }: MasterState): string {
  switch (ended) {
    case 'silent':
      return 'fell silent';
    case 'released':
      return 'released';
    case 'preempted':
      return 'preempted';
    case 'changed':
      return 'changed';
    case 'clock-step':
      return 'clock stepped';
    case null:
      return '';
  }
}
