/** A virtual router and its senders, and how they rank. */
import type { AddressFamily, MasterState, SplitBrain, StateReason, Takeover } from '../model/vrrp.js';
import type { Advert } from './adverts.js';
import { DEFAULT_INTERVAL_NS, OVERDUE } from './protocol.js';

/** A state under way or over; the report's without its texts. */
export interface State {
  readonly fromNs: number;
  toNs: number;
  readonly sender: Sender;
  readonly priority: number | null;
  /** As advertised, null where it is not. */
  readonly intervalNs: number | null;
  adverts: number;
  readonly reason: StateReason;
  /** Since the last advert before it, its predecessor's or its own; null where there was none. */
  readonly afterNs: number | null;
  ended: MasterState['ended'];
}

/** Adverts sent together. */
export interface Burst {
  readonly startNs: number;
  lastNs: number;
  adverts: number;
}

export interface Sender {
  readonly sequence: number;
  readonly router: Router;
  readonly name: string;
  readonly hasAddress: boolean;
  /** Source of the trace that its last advert is from. */
  source: number;
  adverts: number;
  lastNs: number;
  /** As advertised last, priority 0 left out. */
  priority: number | null;
  intervalNs: number | null;
  /** Where no interval is advertised: the shortest between two adverts. */
  beatNs: number;
  /** The virtual addresses, as advertised last. */
  addresses: readonly string[];
  /** Adverts that came apart from those before, how many of them with the same again at once, and whether the last one did. */
  readonly copies: { adverts: number; copied: number; isCopied: boolean };
  /** The one under way. */
  state: State | null;
  bursts: Burst[];
}

export type TakeoverFacts = Omit<Takeover, 'time'>;
export type SplitBrainFacts = { -readonly [K in keyof Omit<SplitBrain, 'time' | 'toTime'>]: SplitBrain[K] };

export interface Router {
  readonly family: AddressFamily;
  version: number | null;
  vrid: number | null;
  /** Its sender's adverts turned out to be of several. */
  isMixed: boolean;
  readonly addresses: Set<string>;
  intervalNs: number | null;
  adverts: number;
  readonly senders: Map<string, Sender>;
  /** All states to look up, newest last; of very many the oldest are dropped. */
  states: State[];
  /** Those for the report, the first ones. */
  readonly toldStates: State[];
  readonly takeovers: TakeoverFacts[];
  readonly splitBrain: SplitBrainFacts[];
  stateCount: number;
  takeoverCount: number;
  splitBrainCount: number;
  /** Senders heard of lately, newest last. */
  active: Sender[];
  /** The last resignation, until a sender follows. */
  released: { readonly sender: Sender; readonly atNs: number } | null;
  /** The copies of an advert come at once. */
  last: Advert | null;
  /** Latest advert. */
  nowNs: number;
}

export function newRouter(family: AddressFamily, version: number | null, vrid: number | null): Router {
  return {
    family,
    version,
    vrid,
    isMixed: false,
    addresses: new Set(),
    intervalNs: null,
    adverts: 0,
    senders: new Map(),
    states: [],
    toldStates: [],
    takeovers: [],
    splitBrain: [],
    stateCount: 0,
    takeoverCount: 0,
    splitBrainCount: 0,
    active: [],
    released: null,
    last: null,
    nowNs: Number.NEGATIVE_INFINITY,
  };
}

/** After so long without an advert one is missing. */
export function overdueNs({ intervalNs, beatNs }: Sender): number {
  return OVERDUE * (intervalNs ?? (Number.isFinite(beatNs) ? beatNs : DEFAULT_INTERVAL_NS));
}

export function isOnTime(sender: Sender, t: number): boolean {
  return t - sender.lastNs < overdueNs(sender);
}

/**
 * For the same addresses, as far as they are shown: an id is used again on another network. Senders without
 * address are a host's own sockets, which don't compete but with those of another trace.
 */
export function areRivals(a: Sender, b: Sender): boolean {
  if (a === b || a.hasAddress !== b.hasAddress) return false;
  if (!a.hasAddress && a.source === b.source) return false;
  if (a.addresses.length === 0 || b.addresses.length === 0) return true;
  return a.addresses.some((address) => b.addresses.includes(address));
}

/** Rivals under way, the latest last. */
export function rivals(sender: Sender): (Sender & { state: State })[] {
  return sender.router.active.filter(
    (other): other is Sender & { state: State } => other.state !== null && areRivals(sender, other),
  );
}

/** The other one falls silent when it hears this one. Of equal priorities the greater address ranks first. */
export function outranks(sender: Sender, other: Sender): boolean {
  if (sender.priority === null || other.priority === null) return true;
  if (sender.priority !== other.priority) return sender.priority > other.priority;
  return addressOrder(sender.name) > addressOrder(other.name);
}

/** An address as text that sorts as its number does. */
function addressOrder(address: string): string {
  if (!address.includes(':'))
    return address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('.');
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const missing = 8 - groups(head).length - groups(tail).length;
  const zeros = new Array<string>(tail === undefined ? 0 : Math.max(0, missing)).fill('0');
  return [...groups(head), ...zeros, ...groups(tail)].map((part) => part.padStart(4, '0')).join(':');
}
