/**
 * What sources of other hosts or kinds show during a gap: whether the same sender's adverts went on there, which tells
 * "not sent" and "lost by the network" apart, or else how busy they were. Their stretch is read once more.
 */
import { visitStretch } from './formats/stretch.js';
import type { TraceSource } from './formats/trace-source.js';
import type { FoundGap } from './gaps/found-gap.js';
import { Worth } from './investigate.js';
import { summarise } from './join/wording.js';
import { advertKey, type Joined, kindOf, mayBeSame, nameOf } from './join.js';
import type { EventView } from './model/event.js';
import type { EventFields } from './model/event-fields.js';
import type { Gap } from './model/gap.js';
import type { Elsewhere } from './model/join.js';
import { LATE_NS } from './model/time.js';
import { type Advert, AdvertReader } from './vrrp/adverts.js';

/** The others are read for so many gaps, the longest ones so far. */
const LOOKED_AT = 200;
/** An advert so far from an edge of the gap is that of the edge: transit, and what is left of the clocks' difference. */
const EDGE_NS = 5e7;
const EDGE_SHARE = 1 / 8;
/** Around the gap, where the others' last advert before it and the first one after it are looked for. */
const LEAST_PAD_NS = 2e9;
const MOST_PAD_NS = 10e9;
const ADVERTS_KEPT = 10_000;

export class Elsewheres {
  private readonly worth = new Worth(LOOKED_AT);
  /** So much behind a gap must have been read before the others are looked at; parts of one strace run have nobody beside them. */
  readonly holdNs: number;

  /** @param toNs the run ends there. @param text prints a time of the run's axis. */
  constructor(
    private readonly sources: readonly TraceSource[],
    private readonly joined: Joined,
    private readonly toNs: number,
    private readonly text: (ns: number) => string,
  ) {
    this.holdNs = sources.every(({ decoder }) => decoder.traits().format === 'strace') ? 0 : MOST_PAD_NS;
  }

  /** Null for a gap that is not among the longest; empty where no other source overlaps it. */
  async beside(found: FoundGap, gap: Gap): Promise<readonly Elsewhere[] | null> {
    if (!this.worth.take(found)) return null;
    const subject = this.sources[(gap.start ?? gap.end)?.source ?? 0]!;
    const others = partiesBeside(this.sources, subject).filter((party) =>
      party.some(({ firstNs, latestNs }) => firstNs <= found.endNs && latestNs >= found.startNs),
    );
    if (others.length === 0) return [];
    const advert = await this.advertOf(found, subject);
    const seen: Elsewhere[] = [];
    for (const party of others) seen.push(await this.look(party, subject, advert, found));
    return seen;
  }

  /** Calls and packets that have no time in common are hardly meant to be. */
  warnings(): string[] {
    const parts = ['calls', 'packets'].map((kind) =>
      this.sources.filter((source) => kindOf(source) === kind && !Number.isNaN(source.firstNs)),
    ) as [TraceSource[], TraceSource[]];
    const [calls, packets] = parts;
    if (calls.length === 0 || packets.length === 0) return [];
    const overlap = calls.some((a) =>
      packets.some((b) => a.firstNs <= b.latestNs && b.firstNs <= a.latestNs),
    );
    if (overlap) return [];
    return [
      `${nameOf(calls[0]!)} and ${nameOf(packets[0]!)} have no time in common, so neither tells of the other's gaps; --utc-offset tells the zone of times without one, --offset what a clock was off`,
    ];
  }

  /** The advert at the gap's edge; null where its events are none. */
  private async advertOf({ start, end, epochs }: FoundGap, subject: TraceSource): Promise<Advert | null> {
    const ref = start ?? end;
    if (ref === null) return null;
    const readers = new Readers(subject);
    let advert: Advert | null = null;
    await visitStretch(
      [subject],
      ref.timeNs - LATE_NS,
      ref.timeNs,
      (e, _timeNs, _record, fields) => {
        const read = readers.read(e, fields);
        // The exit of a send that its entry announced is the same advert.
        if (read !== undefined && (e.offset <= ref.offset || advert === null)) advert = read;
      },
      epochs,
    );
    return advert;
  }

  private async look(
    party: readonly TraceSource[],
    subject: TraceSource,
    advert: Advert | null,
    found: FoundGap,
  ): Promise<Elsewhere> {
    const { startNs, endNs, epochs } = found;
    const first = party[0]!;
    const gapNs = endNs - startNs;
    const edgeNs = Math.max(Math.min(EDGE_NS, gapNs * EDGE_SHARE), ...[subject, ...party].map(resolutionOf));
    const padNs = Math.min(MOST_PAD_NS, Math.max(LEAST_PAD_NS, gapNs));
    const kind = kindOf(first);
    const gapKind = kindOf(subject);
    const comparable = advert !== null && (kind === 'packets' || gapKind === 'packets') && 2 * edgeNs < gapNs;
    const isSame = comparable ? this.sameAs(advert, subject, first) : () => false;
    const readers = new Readers(first);
    const silence = new Silence(startNs, endNs);
    const same: number[] = [];
    let sender = advert?.sender ?? '';
    let others = 0;
    const { missingBeforeNs } = await visitStretch(
      party,
      startNs - padNs,
      Math.min(endNs + padNs, this.toNs),
      (e, ns, _record, fields) => {
        silence.see(ns);
        if (!comparable) return;
        const other = readers.read(e, fields);
        if (other === undefined) return;
        if (isSame(other)) {
          if (other.hasAddress) sender = other.sender;
          if (same.length < ADVERTS_KEPT) same.push(ns);
        } else if (ns > startNs && ns < endNs) others++;
      },
      epochs,
    );
    silence.end();
    const within = same.filter((ns) => ns > startNs + edgeNs && ns < endNs - edgeNs);
    const before = same.findLast((ns) => ns <= startNs + edgeNs);
    const after = same.find((ns) => ns >= endNs - edgeNs);
    const isKnown = comparable && same.length > 0;
    const [fromNs, toNs] = isKnown
      ? longest([before ?? startNs, ...within, after ?? endNs])
      : [silence.fromNs, silence.toNs];
    const covers =
      missingBeforeNs <= startNs &&
      Math.min(...party.map(({ firstNs }) => firstNs)) <= startNs + edgeNs &&
      Math.max(...party.map(({ latestNs }) => latestNs)) >= endNs - edgeNs;
    const summary = summarise({
      gapName: nameOf(subject),
      gapKind,
      name: nameOf(first),
      kind,
      covers,
      clocksKnown:
        (this.isSettled(subject) && this.isSettled(first)) ||
        subject.clockOffset.from === 'given' ||
        first.clockOffset.from === 'given',
      events: silence.events,
      silentFrom: this.clock(fromNs),
      silentTo: this.clock(toNs),
      silentNs: toNs - fromNs,
      same: isKnown
        ? {
            sender,
            count: within.length,
            first: this.clock(within[0] ?? 0),
            last: this.clock(within.at(-1) ?? 0),
            others,
          }
        : null,
    });
    return {
      source: first.index,
      summary,
      silentFromNs: fromNs,
      silentToNs: toNs,
      events: silence.events,
      same: isKnown ? within.length : null,
    };
  }

  /** Whether an advert of the other source is of the gap's sender: by address, or as their rhythm linked them. */
  private sameAs(advert: Advert, subject: TraceSource, other: TraceSource): (read: Advert) => boolean {
    const { recordings, links } = this.joined;
    const key = advertKey(advert);
    const [mine, theirs] = [recordings[subject.index]!, recordings[other.index]!];
    const linked = links.of(mine, key, theirs);
    return (read) => {
      if (!mayBeSame(advert, read)) return false;
      if (advert.hasAddress && read.hasAddress) return true;
      const back = links.of(theirs, advertKey(read), mine);
      if (linked === undefined && back === undefined) return true;
      return linked === advertKey(read) || back === key;
    };
  }

  /** Its clock is what the others are measured by, or was compared, or is told. */
  private isSettled({ index, clockOffset }: TraceSource): boolean {
    const { recordings } = this.joined;
    return recordings[index] === recordings[0] || clockOffset.from !== null || clockOffset.pairs > 0;
  }

  /** `07:44:03.306` */
  private clock(ns: number): string {
    const text = this.text(ns).replace(/^\d{4}-\d\d-\d\dT|Z$/g, '');
    return text.replace(/(\.\d{3})\d+/, '$1');
  }
}

/** strace -t prints whole seconds. */
function resolutionOf({ decoder }: TraceSource): number {
  return decoder.timebase.resolutionNs;
}

/** An AdvertReader for every decoder that events come from. */
class Readers {
  private readonly known = new Map<EventFields, AdvertReader>();

  constructor(private readonly source: TraceSource) {}

  read(e: EventView, fields: EventFields): Advert | undefined {
    let reader = this.known.get(fields);
    if (reader === undefined) {
      reader = new AdvertReader(fields, this.source.decoder.traits().format, () => undefined);
      this.known.set(fields, reader);
    }
    return reader.read(e);
  }
}

/** The longest time without any event between two times. */
class Silence {
  events = 0;
  fromNs: number;
  toNs: number;
  private lastNs: number;

  constructor(
    private readonly startNs: number,
    private readonly endNs: number,
  ) {
    this.fromNs = this.toNs = this.lastNs = startNs;
  }

  see(ns: number): void {
    if (ns <= this.startNs || ns >= this.endNs) return;
    this.events++;
    this.upTo(ns);
    this.lastNs = ns;
  }

  end(): void {
    this.upTo(this.endNs);
  }

  private upTo(ns: number): void {
    if (ns - this.lastNs <= this.toNs - this.fromNs) return;
    this.fromNs = this.lastNs;
    this.toNs = ns;
  }
}

function longest(times: readonly number[]): [number, number] {
  let best: [number, number] = [times[0]!, times[1]!];
  for (let i = 2; i < times.length; i++)
    if (times[i]! - times[i - 1]! > best[1] - best[0]) best = [times[i - 1]!, times[i]!];
  return best;
}

/** The sources that are not of the subject's recording, those of one recording together. */
function partiesBeside(sources: readonly TraceSource[], subject: TraceSource): TraceSource[][] {
  const parties: TraceSource[][] = [];
  for (const source of sources) {
    if (source === subject || isOneRecording(source, subject) || Number.isNaN(source.firstNs)) continue;
    const party = parties.find((members) => members.every((other) => isOneRecording(source, other)));
    if (party) party.push(source);
    else parties.push([source]);
  }
  return parties;
}

/** Parts of one strace run, or of one capture, which follow each other. */
function isOneRecording(a: TraceSource, b: TraceSource): boolean {
  const { format } = a.decoder.traits();
  if (format !== b.decoder.traits().format) return false;
  return format === 'strace' || follows(a, b) || follows(b, a);
}

function follows(later: TraceSource, earlier: TraceSource): boolean {
  return later.firstNs >= earlier.latestNs - LATE_NS;
}
