/**
 * A look at the heads of several files before the run: which adverts and packets each shows, and when. The files are
 * opened a second time, so that the run itself begins at their beginning; streams can't be, and show nothing.
 */
import type { TraceSource } from './formats/trace-source.js';
import type { GapInput } from './input/source.js';
import type { EventView } from './model/event.js';
import type { GapOptions } from './model/options.js';
import { LATE_NS } from './model/time.js';
import type { FormatName } from './model/trace.js';
import { openSources, type RunSizes, stepSource } from './run-sources.js';
import { type Advert, AdvertReader } from './vrrp/adverts.js';

/** Read of all files together. */
const MOST_BYTES = 64 << 20;
/** Kept of each source. */
const MOST_ADVERTS = 400;
const MOST_PACKETS = 4000;
const MOST_KEYS = 64;
/** Longer texts of packets are not kept. */
const MOST_TEXT = 500;
/** Clocks are compared that are apart by no more. */
const FURTHEST_NS = 30e9;
/** What begins in the first half of another recording is none of its parts. */
const LEAST_SHARE = 0.5;

export class Scout {
  readonly adverts = new Map<string, { readonly advert: Advert; readonly times: number[] }>();
  /** Text of a packet to its time; NaN where it came more than once. */
  readonly packets = new Map<string, number>();
  /** What of the source was looked at, on the run's axis. */
  fromNs = Number.POSITIVE_INFINITY;
  toNs = Number.NEGATIVE_INFINITY;
  /** It was looked at to its end. */
  isWhole = false;
  private readonly reader: AdvertReader | null;
  private readonly showsPackets: boolean;

  /** @param file the same file once more; null where there is none to read. */
  constructor(
    readonly source: TraceSource,
    readonly file: TraceSource | null,
    private readonly keyOf: (advert: Advert) => string,
  ) {
    const { format } = this;
    this.showsPackets = format === 'pcap' || format === 'tcpdump';
    this.reader = file === null ? null : new AdvertReader(file.decoder, format, () => undefined);
    const { timeNs } = source.event;
    if (!Number.isNaN(timeNs)) this.fromNs = timeNs + source.shiftNs;
  }

  get format(): FormatName {
    return this.source.decoder.traits().format;
  }

  get isUnread(): boolean {
    return this.file === null;
  }

  /** Whether the source may be the part of a recording that comes behind this one. */
  isFollowedBy(later: Scout): boolean {
    if (this.file === null) return false;
    if (this.isWhole) return !(this.toNs > later.fromNs + LATE_NS);
    // By the share that was read: its end is not known, but it is not near its beginning.
    const { storedSize, storedRead } = this.file.opened;
    const share = Math.min(1, storedRead() / (storedSize ?? Number.POSITIVE_INFINITY));
    return later.fromNs > this.fromNs + (LEAST_SHARE * (this.toNs - this.fromNs)) / share;
  }

  /** It has as much of something as will be compared. */
  get isFull(): boolean {
    if (this.packets.size >= MOST_PACKETS) return true;
    for (const { times } of this.adverts.values()) if (times.length >= MOST_ADVERTS) return true;
    return false;
  }

  see(e: EventView): void {
    const ns = e.timeNs + this.source.shiftNs;
    if (Number.isNaN(ns)) return;
    if (ns > this.toNs) this.toNs = ns;
    const advert = this.reader?.read(e);
    if (advert !== undefined) this.note(advert, ns);
    else if (this.showsPackets && this.packets.size < MOST_PACKETS) {
      this.file!.decoder.spell(e);
      if (e.argsEnd - e.argsStart > MOST_TEXT) return;
      const text = e.args();
      this.packets.set(text, this.packets.has(text) ? Number.NaN : ns);
    }
  }

  private note(advert: Advert, ns: number): void {
    const key = this.keyOf(advert);
    const known = this.adverts.get(key);
    if (known === undefined) {
      if (this.adverts.size < MOST_KEYS) this.adverts.set(key, { advert, times: [ns] });
    } else if (known.times.length < MOST_ADVERTS) known.times.push(ns);
  }
}

/** A scout for each source, in their order; the files are read in the order of time, as far as there is need. */
export async function openScouts(
  sources: readonly TraceSource[],
  inputs: readonly GapInput[],
  options: GapOptions,
  sizes: RunSizes,
  keyOf: (advert: Advert) => string,
): Promise<Scout[]> {
  const files: TraceSource[] = [];
  const readable = sources.filter((source) => typeof inputs[source.index] === 'string' && !source.mayWait);
  try {
    const paths = readable.map((source) => inputs[source.index]!);
    await openSources(files, paths, options, sizes, options.signal);
    const scouts = sources.map((source) => new Scout(source, files[readable.indexOf(source)] ?? null, keyOf));
    await walk(scouts, options.signal);
    return scouts;
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

async function walk(scouts: readonly Scout[], signal: AbortSignal | undefined): Promise<void> {
  let standing: { readonly scout: Scout; readonly file: TraceSource }[] = [];
  for (const scout of scouts) {
    const { file } = scout;
    if (file !== null && (await stepSource(file, signal))) standing.push({ scout, file });
  }
  const bytes = (): number => scouts.reduce((sum, { file }) => sum + (file?.bytes ?? 0), 0);
  while (standing.length > 1 || standing.some(({ scout }) => isWanted(scout, scouts))) {
    if (signal?.aborted || bytes() >= MOST_BYTES || scouts.every((scout) => scout.isUnread || scout.isFull))
      return;
    const [next] = standing.sort((a, b) => a.scout.toNs - b.scout.toNs);
    const { scout, file } = next!;
    do scout.see(file.event);
    while (file.advance());
    if (await stepSource(file, signal)) continue;
    scout.isWhole = signal?.aborted !== true;
    standing = standing.filter((other) => other !== next);
  }
}

/** The last one under way: what it shows meets something only where another one reached so far. */
function isWanted(scout: Scout, scouts: readonly Scout[]): boolean {
  return scouts.some((other) => other !== scout && other.toNs + FURTHEST_NS > scout.toNs);
}
