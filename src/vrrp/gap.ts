/** What the protocol says of one gap: adverts missed, when a backup had to take over, whether one did. */
import type { VrrpGap } from '../model/vrrp.js';
import {
  configurableInterval,
  DEFAULT_INTERVAL_NS,
  HIGHEST_BACKUP,
  LOWEST_BACKUP,
  lowestExpired,
  masterDownNs,
  missedAdverts,
  reckonedVersion,
} from './protocol.js';
import { areRivals, type Sender, type State } from './router.js';

/** A gap of a sender, on the run's axis. */
export interface Silence {
  readonly open: 'start' | 'end' | null;
  readonly startNs: number;
  readonly endNs: number;
  /** The sender's rhythm, where no interval is advertised. */
  readonly rhythmNs: number | null;
  readonly ownSendsOnly: boolean;
}

/** Describes the gap by what was seen up to its end; `text` prints a time. */
export function describeGap(sender: Sender, gap: Silence, text: (ns: number) => string): VrrpGap {
  const { router, name } = sender;
  const { open, startNs, endNs } = gap;
  const lengthNs = endNs - startNs;
  const state = stateAt(sender, open === 'start' ? endNs : startNs);
  const priority = state?.priority ?? null;
  const { intervalNs, intervalFrom } = intervalOf(state, gap.rhythmNs);
  const backup = backupOf(sender, endNs);
  const assumed = backup?.priority ?? priority;
  const version = reckonedVersion(router.version, intervalNs);
  const deadline = (afterNs: number) => ({ afterNs, atNs: startNs + afterNs, time: text(startNs + afterNs) });
  const down = (of: number): number => masterDownNs(version, of, intervalNs);
  // Silence from the trace's start: when the last advert came is not known.
  const after = (ns: number) => (open === 'start' ? null : deadline(ns));
  const fromPriority = open === 'start' ? null : lowestExpired(version, intervalNs, lengthNs);
  return {
    vrid: router.vrid,
    version: router.version,
    family: router.family,
    sender: name,
    priority,
    intervalNs,
    intervalFrom,
    missed: missedAdverts(lengthNs, intervalNs, open !== null),
    due: after(intervalNs),
    masterDownNs: assumed === null ? null : down(assumed),
    backup: {
      sender: backup?.sender.name ?? null,
      priority: backup?.priority ?? null,
      assumed,
      earliest: after(down(backup?.priority ?? HIGHEST_BACKUP)),
      latest: after(down(backup?.priority ?? LOWEST_BACKUP)),
      mustTakeOver: open === 'start' ? null : mustTakeOver(backup?.priority ?? null, fromPriority),
      fromPriority,
    },
    takeOver: takeOverOf(sender, gap, text),
    burst: burstOf(sender, gap),
    ownSendsOnly: gap.ownSendsOnly,
  };
}

function intervalOf(
  state: State | undefined,
  rhythmNs: number | null,
): Pick<VrrpGap, 'intervalNs' | 'intervalFrom'> {
  const intervalNs = state?.intervalNs ?? null;
  if (intervalNs !== null) return { intervalNs, intervalFrom: 'advert' };
  if (rhythmNs === null) return { intervalNs: DEFAULT_INTERVAL_NS, intervalFrom: 'default' };
  return { intervalNs: configurableInterval(rhythmNs), intervalFrom: 'learned' };
}

/** `fromPriority`: the lowest whose timer ran out; all of them did where that is 1. */
function mustTakeOver(priority: number | null, fromPriority: number | null): boolean | null {
  if (fromPriority === null) return false;
  if (priority !== null) return priority >= fromPriority;
  return fromPriority === LOWEST_BACKUP ? true : null;
}

/** Of the other senders up to that time the one with the highest priority: the first to take over. */
function backupOf(sender: Sender, untilNs: number): State | null {
  let best: State | null = null;
  for (const state of sender.router.states) {
    if (state.fromNs > untilNs) break;
    if (!state.priority || !areRivals(state.sender, sender)) continue;
    if (best === null || state.priority > best.priority!) best = state;
  }
  return best;
}

function takeOverOf(
  sender: Sender,
  { startNs, endNs }: Silence,
  text: (ns: number) => string,
): VrrpGap['takeOver'] {
  const { states } = sender.router;
  const state = states.slice(laterFrom(states, startNs)).find((one) => areRivals(one.sender, sender));
  if (state === undefined || state.fromNs > endNs) return null;
  const { fromNs: atNs, priority, reason } = state;
  return { atNs, time: text(atNs), by: state.sender.name, priority, afterNs: atNs - startNs, reason };
}

/** What the sender advertised last at that time. */
function stateAt(sender: Sender, ns: number): State | undefined {
  const { states } = sender.router;
  return states.slice(0, laterFrom(states, ns)).findLast((state) => state.sender === sender);
}

/** States stand in the order of time: the place of the first one that began after `ns`. */
function laterFrom(states: readonly State[], ns: number): number {
  let low = 0;
  let high = states.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (states[middle]!.fromNs <= ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

function burstOf({ bursts }: Sender, { open, endNs }: Silence): VrrpGap['burst'] {
  if (open === 'end') return null;
  const burst = bursts.findLast(({ startNs }) => startNs <= endNs);
  if (burst === undefined || burst.adverts < 2 || burst.lastNs < endNs) return null;
  return { adverts: burst.adverts, lengthNs: burst.lastNs - burst.startNs };
}
