/**
 * A run that looks for gaps in VRRP advertisements: an event matches where it is one, each virtual router and
 * sender is a sequence, and the threshold is what the adverts promise, half an interval more than one. Recordings of
 * several places have sequences of their own: what the sender sent and what came over the wire fill no gap of each
 * other. Who was master when follows from all of them together.
 */
import type { TraceSource } from './formats/trace-source.js';
import type { GapFinder } from './gaps/finder.js';
import type { FoundGap } from './gaps/found-gap.js';
import type { Sequences } from './gaps/sequences.js';
import type { EventView } from './model/event.js';
import type { VrrpGap, VrrpReport } from './model/vrrp.js';
import { type Advert, AdvertReader } from './vrrp/adverts.js';
import { describeGap } from './vrrp/gap.js';
import { DEFAULT_INTERVAL_NS, OVERDUE } from './vrrp/protocol.js';
import { describeRouters } from './vrrp/report.js';
import type { Router, Sender } from './vrrp/router.js';
import { BURST_NS, Routers } from './vrrp/routers.js';

/** Gaps are held for so long after their end, for the adverts of a burst. */
export const VRRP_HOLD_NS = BURST_NS;
/** Where no interval is printed and too few adverts came to learn it: that of the protocol's default. */
export const VRRP_FALLBACK_NS = OVERDUE * DEFAULT_INTERVAL_NS;
/** What every line holds that may be an advert. */
export const VRRP_LITERAL = Buffer.from('send');

/** What a gap is told with: its sequence's name as it was known, and what the protocol makes of it. */
interface Told {
  readonly group: string;
  readonly vrrp: VrrpGap;
}

export class VrrpRun implements Sequences {
  private readonly history = new Routers();
  private advert: Advert | null = null;
  private recordings: readonly number[] = [];
  /** The sender of each of the finder's sequences. */
  private readonly senders: Sender[] = [];
  /** The recording that each of them is of. */
  readonly recordingOf: number[] = [];
  private readonly sequences: Map<number, number>[] = [];
  private readonly begun = new Set<number>();
  private readonly seenIn = new Map<Router, Set<number>>();
  /** Ready gaps, as they are told: what is seen after a gap became ready changes nothing of it. */
  private readonly told = new WeakMap<FoundGap, Told>();
  /** All sources are traces of calls: of what hosts send themselves. */
  private readonly ownSendsOnly: boolean;
  private readonly predicates: ((e: EventView) => boolean)[];

  /** @param hasOwnThreshold the user gave one, which then is that of all sequences. @param text prints a time. */
  constructor(
    sources: readonly TraceSource[],
    private readonly finder: GapFinder,
    private readonly hasOwnThreshold: boolean,
    private readonly text: (ns: number) => string,
    private readonly most: number,
  ) {
    const formats = sources.map(({ decoder }) => decoder.traits().format);
    this.ownSendsOnly = formats.every((format) => format === 'sysdig' || format === 'strace');
    this.predicates = sources.map(({ decoder }, i) => {
      const reader = new AdvertReader(decoder, formats[i]!, (advert, header) => {
        this.tellReady();
        this.history.tell(advert, header);
      });
      return (e) => {
        const advert = reader.read(e);
        if (advert === undefined) return false;
        this.advert = advert;
        return true;
      };
    });
  }

  /** Whether the source's event is an advert. */
  predicate(source: number): (e: EventView) => boolean {
    return this.predicates[source]!;
  }

  /** Told before the first event: which recording each source is a part of. */
  join(recordings: readonly number[]): void {
    this.recordings = recordings;
  }

  /** The sequence of the advert that matched last; of further senders nothing is kept. */
  of(e: EventView): number {
    const isFull = this.senders.length >= this.most;
    const sender = isFull ? this.history.knownSender(this.advert!) : this.history.senderOf(this.advert!);
    if (sender === undefined) return -2;
    const recording = this.recordings[e.source] ?? 0;
    const own = this.sequencesOf(sender);
    let sequence = own.get(recording);
    if (sequence === undefined) {
      if (isFull) return -2;
      sequence = this.senders.length;
      this.senders.push(sender);
      this.recordingOf.push(recording);
      own.set(recording, sequence);
    }
    return sequence;
  }

  /** A sender's sequences by recording. */
  private sequencesOf({ sequence }: Sender): Map<number, number> {
    return (this.sequences[sequence] ??= new Map());
  }

  /** `51 10.77.0.1` */
  name(sequence: number): string {
    const { name, router } = this.senders[sequence]!;
    return router.vrid === null ? name : `${router.vrid} ${name}`;
  }

  /** The advert that matched last, for the finder and for the routers' history; `shiftNs` puts its time on the run's axis. */
  see(sequence: number, e: EventView, shiftNs: number): void {
    this.tellReady();
    const advert = this.advert!;
    const { history, finder } = this;
    const sender = this.senders[sequence]!;
    const timeNs = e.timeNs + shiftNs;
    const recording = this.recordings[e.source] ?? 0;
    const isCopy = history.isCopy(sender, advert, timeNs, e.source);
    if (isCopy && recording === (this.recordings[sender.source] ?? 0)) return;
    // Only before a router's first advert is something missing: a backup is silent by rights.
    const isFirst = this.isFirstOf(sender.router, recording);
    if (isFirst) this.promise(sequence, advert);
    else if (!this.begun.has(sequence)) finder.leave(sequence);
    this.begun.add(sequence);
    finder.see(sequence, e, shiftNs);
    this.promise(sequence, advert);
    if (isCopy) {
      // What the first sighting of it ended is not begun by the second one.
      if (sender.state === null) finder.leave(sequence);
      return;
    }
    for (const silent of history.see(sender, advert, timeNs).excused)
      for (const own of this.sequences[silent]?.values() ?? []) finder.leave(own);
  }

  private isFirstOf(router: Router, recording: number): boolean {
    let seenIn = this.seenIn.get(router);
    if (seenIn === undefined) this.seenIn.set(router, (seenIn = new Set()));
    if (seenIn.has(recording)) return false;
    seenIn.add(recording);
    return true;
  }

  /** From this advert on, the next one is due within its interval. */
  private promise(sequence: number, { intervalNs }: Advert): void {
    if (intervalNs !== undefined && !this.hasOwnThreshold)
      this.finder.setThreshold(sequence, OVERDUE * intervalNs);
  }

  /** A clock stepped back, which the finder knows already. */
  restart(): void {
    this.tellReady();
    this.history.restart();
  }

  /** What the history says of the gaps that are ready, before it goes on. */
  private tellReady(): void {
    this.finder.settle();
    const { ready } = this.finder;
    for (let i = ready.length - 1; i >= 0 && !this.told.has(ready[i]!); i--)
      this.told.set(ready[i]!, this.tell(ready[i]!, ready[i]!.rhythm?.typicalNs ?? null));
  }

  private tell({ sequence, open, startNs, endNs }: FoundGap, rhythmNs: number | null): Told {
    const silence = { open, startNs, endNs, rhythmNs, ownSendsOnly: this.ownSendsOnly };
    return {
      group: this.name(sequence),
      vrrp: describeGap(this.senders[sequence]!, silence, this.text),
    };
  }

  /** What is told of a ready gap, whose sequence has this rhythm; to be asked for once. */
  describe(gap: FoundGap, rhythmNs: number | null): Told {
    const told = this.told.get(gap) ?? this.tell(gap, rhythmNs);
    this.told.delete(gap);
    return told;
  }

  report(endNs: number, text: (ns: number) => string): VrrpReport {
    return describeRouters(this.history, {
      text,
      endNs,
      rhythmNs: (sender) => this.rhythmNs(sender),
    });
  }

  /** In the first of a sender's sequences that has one. */
  private rhythmNs(sender: number): number | null {
    for (const sequence of this.sequences[sender]?.values() ?? []) {
      const rhythm = this.finder.rhythm(sequence);
      if (rhythm !== null) return rhythm.typicalNs;
    }
    return null;
  }

  /** What to know of the adverts as a whole. */
  notes(): string[] {
    const { duplicates, routers } = this.history;
    const notes: string[] = [];
    if (duplicates > 0)
      notes.push(
        `${duplicates} adverts were captured more than once (several interfaces or files, a bridge), and count once`,
      );
    if (routers.some(({ vrid }) => vrid === null))
      notes.push(
        "the trace does not show the virtual router's id: each sender is listed for itself, and several virtual routers that share its socket can't be told apart",
      );
    const assumed = this.history.senders.filter(
      ({ intervalNs, sequence }) => intervalNs === null && this.rhythmNs(sequence) === null,
    );
    if (assumed.length > 0 && !this.hasOwnThreshold)
      notes.push(
        `${named(assumed.map(({ name }) => name))}: the trace does not show the interval, and too few adverts to learn it; the protocol's default of 1 s is assumed (-t gives a threshold of your own)`,
      );
    return notes;
  }
}

/** The first few names of a list. */
function named(names: readonly string[]): string {
  const more = names.length - 3;
  return `${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
