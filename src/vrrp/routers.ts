/**
 * The history of virtual routers, from their adverts in the order of time: who advertised when, and why each
 * sender began. A router is a virtual router id of one address family and protocol version; each of its senders
 * is a sequence of adverts.
 */
import type { Advert } from './adverts.js';
import { isOnTime, newRouter, outranks, overdueNs, type Router, rivals, type Sender } from './router.js';
import { advance, noteSplitBrain, release } from './transitions.js';

/** What an advert means for the sequences of adverts. */
export interface Seen {
  readonly sender: Sender;
  /** Sequences that are silent from here on as the protocol asks, not by a fault. */
  readonly excused: readonly number[];
}

const ACTIVE_KEPT = 8;
const BURSTS_KEPT = 1000;
const ADDRESSES_KEPT = 64;
/** Copies of a packet on several interfaces of one host. */
const COPY_NS = 200_000;
/** The same advert in two sources: from its call to the wire, or by clocks that differ a little. */
const ACROSS_SOURCES_NS = 5e6;
const SHORTEST_BEAT_NS = 5e7;
/** Adverts within this of the first one were sent together. */
export const BURST_NS = 5e7;

export class Routers {
  readonly routers: Router[] = [];
  readonly senders: Sender[] = [];
  duplicates = 0;
  private readonly byKey = new Map<string, Router>();

  /** The sender of an advert; new ones get the next number. */
  senderOf(advert: Advert): Sender {
    const router = this.routerOf(advert);
    const known = router.senders.get(advert.senderKey);
    if (known !== undefined) return known;
    const sender: Sender = {
      sequence: this.senders.length,
      router,
      name: advert.sender,
      hasAddress: advert.hasAddress,
      source: -1,
      adverts: 0,
      lastNs: Number.NEGATIVE_INFINITY,
      priority: null,
      intervalNs: null,
      beatNs: Number.POSITIVE_INFINITY,
      addresses: [],
      copies: { adverts: 0, copied: 0, isCopied: false },
      state: null,
      bursts: [],
    };
    router.senders.set(advert.senderKey, sender);
    this.senders.push(sender);
    return sender;
  }

  /** The sender of an advert, if it is none that is new. */
  knownSender(advert: Advert): Sender | undefined {
    return this.byKey.get(keyOf(advert))?.senders.get(advert.senderKey);
  }

  private routerOf(advert: Advert): Router {
    const { family, version, vrid } = advert;
    const key = keyOf(advert);
    let router = this.byKey.get(key);
    if (router === undefined) {
      router = newRouter(family, version ?? null, vrid ?? null);
      this.byKey.set(key, router);
      this.routers.push(router);
    }
    return router;
  }

  /** What an advert held, known only after it was seen. */
  tell(advert: Advert, { vrid, version }: Pick<Advert, 'vrid' | 'version'>): void {
    const router = this.byKey.get(keyOf(advert));
    if (router === undefined || vrid === undefined || router.isMixed) return;
    if (router.vrid !== null && router.vrid !== vrid) {
      router.isMixed = true;
      router.vrid = null;
      return;
    }
    router.vrid = vrid;
    router.version ??= version ?? null;
  }

  /**
   * The same advert once more: of another source of the run, or as with `-i any` or on a bridge. There its bytes
   * don't tell, and keepalived itself sends several adverts within microseconds when it wakes up late: so copies
   * are what comes with most adverts.
   */
  isCopy(sender: Sender, advert: Advert, atNs: number, source: number): boolean {
    const { last } = sender.router;
    const sinceNs = Math.abs(atNs - sender.lastNs);
    const isAlike =
      last !== null &&
      last.senderKey === advert.senderKey &&
      last.priority === advert.priority &&
      last.intervalNs === advert.intervalNs;
    if (isAlike && source !== sender.source && sinceNs <= ACROSS_SOURCES_NS) {
      this.duplicates++;
      return true;
    }
    sender.source = source;
    const isSame = isAlike && advert.isPacket && sinceNs <= COPY_NS;
    const { copies } = sender;
    if (!isSame) {
      copies.adverts++;
      copies.isCopied = false;
      return false;
    }
    const isHabit = (copies.copied - (copies.isCopied ? 1 : 0)) * 2 >= copies.adverts - 1;
    if (!copies.isCopied) copies.copied++;
    copies.isCopied = true;
    if (isHabit) this.duplicates++;
    return isHabit;
  }

  /** The sender's next advert, in the order of the trace: up to a millisecond late is as good as now. */
  see(sender: Sender, advert: Advert, atNs: number): Seen {
    const { router } = sender;
    const t = Math.max(atNs, router.nowNs);
    router.nowNs = t;
    router.last = advert;
    router.adverts++;
    for (const address of advert.addresses)
      if (router.addresses.size < ADDRESSES_KEPT) router.addresses.add(address);
    if (advert.addresses.length > 0) sender.addresses = advert.addresses;
    router.active = router.active.filter((other) => other !== sender);
    const excused: number[] = [];
    if (advert.priority === 0) {
      release(sender, t);
      excused.push(sender.sequence);
    } else {
      noteSplitBrain(router, sender, t);
      if (advert.priority !== undefined) sender.priority = advert.priority;
      if (advert.intervalNs !== undefined) router.intervalNs = advert.intervalNs;
      advance(sender, t, advert.intervalNs ?? sender.intervalNs);
      for (const other of rivals(sender))
        if (isOnTime(other, t) && outranks(sender, other)) excused.push(other.sequence);
      router.released = null;
    }
    noteTimes(sender, t);
    if (advert.intervalNs !== undefined) sender.intervalNs = advert.intervalNs;
    router.active.push(sender);
    if (router.active.length > ACTIVE_KEPT) router.active.shift();
    return { sender, excused };
  }

  /** The clock stepped: nothing before can be compared with what comes. */
  restart(): void {
    for (const sender of this.senders) {
      if (sender.state !== null) sender.state.ended ??= 'clock-step';
      sender.state = null;
      sender.lastNs = Number.NEGATIVE_INFINITY;
    }
    for (const router of this.routers) {
      router.active = [];
      router.released = null;
      router.nowNs = Number.NEGATIVE_INFINITY;
    }
  }
}

/** Without an id, senders can't be matched: each is a router of its own. */
function keyOf({ family, version, vrid, senderKey }: Advert): string {
  return `${family} ${version} ${vrid ?? senderKey}`;
}

function noteTimes(sender: Sender, t: number): void {
  const sinceNs = t - sender.lastNs;
  if (sinceNs >= SHORTEST_BEAT_NS && sinceNs < sender.beatNs) sender.beatNs = sinceNs;
  const burst = sender.bursts.at(-1);
  if (burst !== undefined && t - burst.startNs <= Math.min(BURST_NS, overdueNs(sender) / 6)) {
    burst.lastNs = t;
    burst.adverts++;
  } else {
    // Only what was sent together is kept.
    if (burst !== undefined && burst.adverts === 1) sender.bursts.pop();
    sender.bursts.push({ startNs: t, lastNs: t, adverts: 1 });
    if (sender.bursts.length > BURSTS_KEPT) sender.bursts.shift();
  }
  sender.lastNs = t;
  sender.adverts++;
}
