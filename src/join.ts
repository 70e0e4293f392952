/**
 * Several sources on one timeline: those that are parts of one recording, how far the clocks of the others are
 * apart, and which adverts of two of them are the same sender's. Estimated from the head of the sources, read once
 * before the run; with a single source, or with one kind of trace that can't show the same thing twice, nothing of this
 * costs anything.
 */
import type { TraceSource } from './formats/trace-source.js';
import type { GapInput } from './input/source.js';
import { type Estimate, pairByContent, pairByRhythm, type Series } from './join/pairing.js';
import type { Kind } from './join/wording.js';
import { shortDuration } from './model/duration.js';
import { type ClockOffsets, clockOffsetText, parseClockOffset } from './model/join.js';
import { didYouMean } from './model/nearest-name.js';
import type { GapOptions } from './model/options.js';
import { UsageError } from './model/problem.js';
import { LATE_NS } from './model/time.js';
import type { RunSizes } from './run-sources.js';
import { openScouts, type Scout } from './scout.js';
import type { Advert } from './vrrp/adverts.js';

/** Below this a difference is as well the time that packets are under way. */
const LEAST_OFFSET_NS = 5e5;
/** Senders of one recording that are compared with those of another. */
const MOST_COMPARED = 64;
/** Copies of an advert on several interfaces are one sighting. */
const COPY_NS = LATE_NS;

/** What is known of a run's sources together. */
export interface Joined {
  /** Which recording each source is a part of. */
  readonly recordings: readonly number[];
  readonly links: Links;
  readonly warnings: readonly string[];
}

/** Adverts of a sender whose address is not known, and the same sender's in another recording. */
export class Links {
  private readonly known = new Map<string, string>();

  add(a: number, keyA: string, b: number, keyB: string): void {
    this.known.set(`${a} ${b} ${keyA}`, keyB);
    this.known.set(`${b} ${a} ${keyB}`, keyA);
  }

  /** The key that the sender has in another recording; undefined where that is not known. */
  of(recording: number, key: string, other: number): string | undefined {
    return this.known.get(`${recording} ${other} ${key}`);
  }
}

/** The source's name in a sentence. */
export function nameOf({ name }: TraceSource): string {
  return name === '-' ? 'standard input' : name;
}

export function kindOf({ decoder }: TraceSource): Kind {
  const { format } = decoder.traits();
  return format === 'tcpdump' || format === 'pcap' ? 'packets' : 'calls';
}

/** What tells the adverts of one sender and router from others within a source. */
export function advertKey({ family, vrid, senderKey }: Advert): string {
  return `${family} ${vrid ?? '?'} ${senderKey}`;
}

/** Whether two adverts may be of one sender, as far as each source shows it. */
export function mayBeSame(a: Advert, b: Advert): boolean {
  return (
    a.family === b.family &&
    (a.vrid === undefined || b.vrid === undefined || a.vrid === b.vrid) &&
    (!a.hasAddress || !b.hasAddress || a.senderKey === b.senderKey)
  );
}

/**
 * Adds the offsets that are given to the sources' shifts.
 * @throws UsageError where one names no source or is no length of time.
 */
export function giveOffsets(sources: readonly TraceSource[], offsets: ClockOffsets | undefined): void {
  for (const [name, value] of Object.entries(offsets ?? {})) {
    const ns = parseClockOffset(name, value);
    const named = sources.filter((source) => source.name === name);
    if (named.length === 0) {
      const names = [...new Set(sources.map((source) => source.name))];
      throw new UsageError(
        'option',
        `--offset ${name}: no input has that name${didYouMean(name, names)}; the inputs are ${names.join(', ')}`,
      );
    }
    for (const source of named) {
      source.shiftNs += ns;
      source.clockOffset = { ns, from: 'given', pairs: 0 };
    }
  }
}

/**
 * Puts the clocks of aligned sources together. The first source is what the others are measured by, and one with an
 * offset of its own stays where that puts it.
 */
export async function joinSources(
  sources: readonly TraceSource[],
  inputs: readonly GapInput[],
  options: GapOptions,
  sizes: RunSizes,
): Promise<Joined> {
  giveOffsets(sources, options.offsets);
  const links = new Links();
  const alone = sources.map(() => 0);
  // Two hosts send adverts of their own; only packets show those of others.
  if (sources.length < 2 || sources.every((source) => kindOf(source) === 'calls'))
    return { recordings: alone, links, warnings: [] };
  const scouts = await openScouts(sources, inputs, options, sizes, advertKey);
  const recordings = recordingsOf(scouts);
  const groups = recordings.reduce<Group[]>((list, recording, index) => {
    (list[recording] ??= new Group(recording)).add(scouts[index]!);
    return list;
  }, []);
  const warnings = [...settle(groups, links)];
  for (const [i, source] of sources.entries()) {
    const isToldOf = sources.every(
      (other, k) => recordings[k] === recordings[i] || other.clockOffset.from === 'given',
    );
    if (scouts[i]!.isUnread && source.clockOffset.from === null && !isToldOf)
      warnings.push(
        `${nameOf(source)} is a stream, read once: whether its clock differs from the others' is not estimated; --offset ${source.name}=+12ms would tell it`,
      );
  }
  return { recordings, links, warnings };
}

/** Parts of one recording follow each other in time, or are the threads' files of one strace run. */
function recordingsOf(scouts: readonly Scout[]): number[] {
  const recordings = scouts.map(() => -1);
  const last: Scout[] = [];
  const inTime = [...scouts].sort((a, b) => a.fromNs - b.fromNs || a.source.index - b.source.index);
  for (const scout of inTime) {
    let recording = last.findIndex(
      (other) => other.format === scout.format && (scout.format === 'strace' || other.isFollowedBy(scout)),
    );
    if (recording < 0) recording = last.length;
    last[recording] = scout;
    recordings[scout.source.index] = recording;
  }
  return recordings;
}

/** The sources of one recording, and what they show together. */
class Group {
  readonly scouts: Scout[] = [];

  constructor(readonly recording: number) {}

  add(scout: Scout): void {
    this.scouts.push(scout);
  }

  get isFixed(): boolean {
    return this.scouts.some(({ source }) => source.index === 0 || source.clockOffset.from === 'given');
  }

  get name(): string {
    return this.scouts[0]!.source.name;
  }

  get kind(): Kind {
    return kindOf(this.scouts[0]!.source);
  }

  /** Its times are too coarse to compare clocks by (strace -t). */
  get isCoarse(): boolean {
    return this.scouts.some(({ source }) => source.decoder.timebase.resolutionNs > LATE_NS);
  }

  /** Adverts by key, over all parts. */
  adverts(shiftNs: number): Map<string, { readonly advert: Advert; readonly series: Series }> {
    const all = new Map<string, { advert: Advert; times: number[] }>();
    for (const scout of this.scouts)
      for (const [key, { advert, times }] of scout.adverts) {
        const known = all.get(key);
        if (known) known.times.push(...times);
        else all.set(key, { advert, times: [...times] });
      }
    const fromNs = Math.min(...this.scouts.map((scout) => scout.fromNs)) + shiftNs;
    const toNs = Math.max(...this.scouts.map((scout) => scout.toNs)) + shiftNs;
    return new Map(
      [...all].map(([key, { advert, times }]) => {
        times.sort((a, b) => a - b);
        const apart = times.filter((ns, i) => i === 0 || ns - times[i - 1]! > COPY_NS);
        return [key, { advert, series: { times: apart.map((ns) => ns + shiftNs), fromNs, toNs } }];
      }),
    );
  }

  /** Packets that were seen once, by their text. */
  packets(shiftNs: number): Map<string, number> {
    const all = new Map<string, number>();
    for (const { packets } of this.scouts)
      for (const [text, ns] of packets) all.set(text, all.has(text) ? Number.NaN : ns + shiftNs);
    for (const [text, ns] of all) if (Number.isNaN(ns)) all.delete(text);
    return all;
  }
}

interface Match {
  readonly estimate: Estimate;
  readonly keys: readonly [string, string] | null;
}

/** Measures each recording by one that is settled already, the best match first; gives what is to be told. */
function* settle(groups: readonly Group[], links: Links): Generator<string> {
  const settled = groups.filter((group) => group.isFixed).map((group) => ({ group, shiftNs: 0 }));
  for (const [i, { group: a }] of settled.entries())
    for (const { group: b } of settled.slice(i + 1)) noteLink(links, a, b, match(a, 0, b));
  let open = groups.filter((group) => !group.isFixed);
  while (open.length > 0) {
    const tried = open.flatMap((group) =>
      settled.flatMap(({ group: base, shiftNs }) => {
        const found = match(base, shiftNs, group);
        return found === null ? [] : [{ group, base, found }];
      }),
    );
    tried.sort((a, b) => worth(b.found) - worth(a.found));
    const [best] = tried;
    if (best === undefined) return;
    const { group, base, found } = best;
    const { aheadNs, spreadNs, pairs } = found.estimate;
    noteLink(links, base, group, found);
    const isApart = Math.abs(aheadNs) > Math.max(spreadNs, LEAST_OFFSET_NS);
    const ns = isApart ? -aheadNs : null;
    for (const { source } of group.scouts) {
      source.shiftNs += ns ?? 0;
      source.clockOffset = { ns, from: isApart ? 'estimated' : null, pairs };
    }
    if (isApart) yield told(group, base, found.estimate);
    settled.push({ group, shiftNs: ns ?? 0 });
    open = open.filter((other) => other !== group);
  }
}

function told(group: Group, base: Group, { aheadNs, spreadNs, pairs, of, ambiguousNs }: Estimate): string {
  const lead = `${shortDuration(Math.abs(aheadNs))} ${aheadNs > 0 ? 'ahead of' : 'behind'}`;
  const doubt =
    ambiguousNs === null
      ? ''
      : `; they are so regular that ${shortDuration(ambiguousNs)} more or less can't be excluded`;
  const taken = aheadNs > 0 ? 'taking that off' : 'adding that';
  return `${group.name}: clock ${lead} ${base.name} by ${pairs} ${of} that both show (spread ${shortDuration(spreadNs)}, transit included)${doubt}; times are compared after ${taken}; --offset ${group.name}=${clockOffsetText(-aheadNs)} says the same`;
}

function noteLink(links: Links, a: Group, b: Group, found: Match | null): void {
  if (found?.keys) links.add(a.recording, found.keys[0], b.recording, found.keys[1]);
}

function worth({ estimate: { of, pairs, alone } }: Match): number {
  return of === 'packets' ? Number.MAX_SAFE_INTEGER : pairs - alone;
}

/** How `b` compares with `a`, whose clock is settled at `shiftNs`; null where they show too little in common. */
function match(a: Group, shiftNs: number, b: Group): Match | null {
  if ((a.kind === 'calls' && b.kind === 'calls') || a.isCoarse || b.isCoarse) return null;
  const byContent = a.kind === b.kind ? pairByContent(a.packets(shiftNs), b.packets(0)) : null;
  if (byContent !== null) return { estimate: byContent, keys: null };
  let best: Match | null = null;
  let compared = 0;
  const others = b.adverts(0);
  for (const [keyA, one] of a.adverts(shiftNs))
    for (const [keyB, other] of others) {
      if (!mayBeSame(one.advert, other.advert) || ++compared > MOST_COMPARED) continue;
      const estimate = pairByRhythm(one.series, other.series);
      if (estimate === null) continue;
      const found: Match = { estimate, keys: [keyA, keyB] };
      if (best === null || worth(found) > worth(best)) best = found;
    }
  return best;
}
