/** The report on virtual routers, from their history. */
import type { MasterState, VirtualRouter, VrrpReport } from '../model/vrrp.js';
import { configurableInterval, DEFAULT_INTERVAL_NS } from './protocol.js';
import { overdueNs, type Router, type Sender, type State } from './router.js';
import type { Routers } from './routers.js';

/** More than a report has room for. */
const ROUTERS_TOLD = 512;
const SENDERS_TOLD = 100;

export interface ReportContext {
  /** Prints a time of the run's axis. */
  readonly text: (ns: number) => string;
  /** The trace's end. */
  readonly endNs: number;
  /** The rhythm of a sequence, where no interval is advertised. */
  readonly rhythmNs: (sequence: number) => number | null;
}

export function describeRouters(history: Routers, context: ReportContext): VrrpReport {
  const routers = [...history.routers].sort(
    (a, b) =>
      (a.vrid ?? 256) - (b.vrid ?? 256) || compare(a.family, b.family) || (a.version ?? 0) - (b.version ?? 0),
  );
  return {
    routers: routers.slice(0, ROUTERS_TOLD).map((router) => describeRouter(router, context)),
    routersNotShown: Math.max(0, routers.length - ROUTERS_TOLD),
    duplicates: history.duplicates,
  };
}

function describeRouter(router: Router, context: ReportContext): VirtualRouter {
  const { text } = context;
  const senders = [...router.senders.values()];
  const learnedNs = learned(senders, context);
  return {
    vrid: router.vrid,
    family: router.family,
    version: router.version,
    addresses: [...router.addresses],
    intervalNs: router.intervalNs ?? learnedNs ?? DEFAULT_INTERVAL_NS,
    intervalFrom: router.intervalNs !== null ? 'advert' : learnedNs !== null ? 'learned' : 'default',
    adverts: router.adverts,
    senders: senders
      .slice(0, SENDERS_TOLD)
      .map(({ name, priority, adverts }) => ({ sender: name, priority, adverts })),
    states: router.toldStates.map((state) => describeState(state, context)),
    splitBrain: router.splitBrain.map(({ fromNs, toNs, masters }) => ({
      fromNs,
      toNs,
      time: text(fromNs),
      toTime: text(toNs),
      masters,
    })),
    takeovers: router.takeovers.map(({ atNs, ...rest }) => ({ atNs, time: text(atNs), ...rest })),
    notShown: {
      senders: Math.max(0, senders.length - SENDERS_TOLD),
      states: router.stateCount - router.toldStates.length,
      splitBrain: router.splitBrainCount - router.splitBrain.length,
      takeovers: router.takeoverCount - router.takeovers.length,
    },
  };
}

function describeState(state: State, { text, endNs }: ReportContext): MasterState {
  const { fromNs, toNs, sender, priority, adverts, reason, afterNs, ended } = state;
  const fellSilent = endNs - toNs >= overdueNs(sender);
  return {
    fromNs,
    toNs,
    time: text(fromNs),
    toTime: text(toNs),
    master: sender.name,
    priority,
    adverts,
    reason,
    afterNs,
    ended: ended ?? (fellSilent ? 'silent' : null),
  };
}

function learned(senders: readonly Sender[], { rhythmNs }: ReportContext): number | null {
  for (const { sequence } of senders) {
    const ns = rhythmNs(sequence);
    if (ns !== null) return configurableInterval(ns);
  }
  return null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
