/**
 * The context of a gap, read again from the sources: its two events, the matched ones before and after, and
 * the unfiltered events inside it, next to its edges. With several sources the edges show all of them.
 */
import { blockOfLines } from '../input/blocks.js';
import { type EventRecord, EventView, toRecord } from '../model/event.js';
import type { Gap } from '../model/gap.js';
import type { EventRef } from './format.js';
import { readBefore, readFrom } from './look-back.js';
import type { TraceSource } from './trace-source.js';

/** A gap by the places of its events; times on the run's axis. */
export interface GapPlaces {
  readonly open: 'start' | 'end' | null;
  readonly startNs: number;
  readonly endNs: number;
  readonly start: EventRef | null;
  readonly end: EventRef | null;
  readonly before: readonly EventRef[];
  readonly after: readonly EventRef[];
}

/** Bytes of one source that are decoded at a time when several are searched by time. */
const STRETCH = 256 << 10;
/** Stretches of one source that are looked through for an edge at the most. */
const STRETCHES = 16;

export class AroundReader {
  constructor(private readonly sources: readonly TraceSource[]) {}

  /** The gap with `count` unfiltered events at each edge. */
  async describe(gap: GapPlaces, group: string | null, count: number): Promise<Gap> {
    const single = this.sources.length === 1;
    const start = gap.start && (await this.readStart(gap.start, single ? count : 0, gap.end));
    return {
      durationNs: gap.endNs - gap.startNs,
      open: gap.open,
      group,
      start: start?.record ?? null,
      end: await this.record(gap.end),
      before: await this.records(gap.before),
      after: await this.records(gap.after),
      around: single
        ? {
            start: start ? start.after : await this.first(gap, count),
            end: gap.end
              ? await readBefore(this.sources[0]!, gap.end, count, gap.start)
              : await this.lastOf(this.sources[0]!, gap, count),
          }
        : {
            start: await this.edge(gap, count, 'start'),
            end: await this.edge(gap, count, 'end'),
          },
      cause: null,
      call: null,
      class: null,
      summary: null,
      evidence: null,
      next: null,
      activity: null,
    };
  }

  private readStart(ref: EventRef, count: number, until: EventRef | null): ReturnType<typeof readFrom> {
    return readFrom(this.sources[ref.source]!, ref, count, until);
  }

  private async record(ref: EventRef | null): Promise<EventRecord | null> {
    return ref && (await readFrom(this.sources[ref.source]!, ref, 0, null)).record;
  }

  private async records(refs: readonly EventRef[]): Promise<EventRecord[]> {
    const records: EventRecord[] = [];
    for (const ref of refs) {
      const record = await this.record(ref);
      if (record) records.push(record);
    }
    return records;
  }

  private async first(gap: GapPlaces, count: number): Promise<EventRecord[]> {
    return (await this.inside(this.sources[0]!, gap, count, 'start')).map(([, record]) => record);
  }

  private async lastOf(source: TraceSource, gap: GapPlaces, count: number): Promise<EventRecord[]> {
    return (await this.inside(source, gap, count, 'end')).map(([, record]) => record);
  }

  /** The events nearest to an edge over all sources, in order of time. */
  private async edge(gap: GapPlaces, count: number, side: 'start' | 'end'): Promise<EventRecord[]> {
    const found: [number, EventRecord][] = [];
    for (const source of this.sources) found.push(...(await this.inside(source, gap, count, side)));
    found.sort((a, b) => a[0] - b[0]);
    return (side === 'start' ? found.slice(0, count) : found.slice(Math.max(0, found.length - count))).map(
      ([, r]) => r,
    );
  }

  /**
   * Up to `count` events of one source inside the gap, nearest to its start or its end, with their times. The
   * source's waypoints say where to look.
   */
  private async inside(
    source: TraceSource,
    gap: GapPlaces,
    count: number,
    side: 'start' | 'end',
  ): Promise<[number, EventRecord][]> {
    if (count === 0) return [];
    const edgeNs = (side === 'start' ? gap.startNs : gap.endNs) - source.shiftNs;
    const { waypoints } = source;
    let at = lastBefore(waypoints, edgeNs);
    let found: [number, EventRecord][] = [];
    for (let i = 0; i < STRETCHES && at >= 0 && at < waypoints.length; i++) {
      const from = waypoints[at]!;
      const next = waypoints[at + 1];
      const to = next ? next.offset : from.offset + STRETCH;
      const { offset, bytes } = await source.opened.history.read(from.offset, to);
      if (offset !== from.offset) break;
      const events = eventsIn(source, bytes, from, gap).filter(
        ([timeNs]) =>
          // The gap's own events are no surroundings of it.
          timeNs >= gap.startNs && timeNs <= gap.endNs,
      );
      found = side === 'start' ? [...found, ...events].slice(0, count) : [...events, ...found].slice(-count);
      if (found.length === count) break;
      at += side === 'start' ? 1 : -1;
      if (side === 'start' && next && next.timeNs > gap.endNs - source.shiftNs) break;
      if (side === 'end' && from.timeNs < gap.startNs - source.shiftNs) break;
    }
    return found;
  }
}

/** Decodes a stretch that starts at a waypoint; the gap's own edges are left out. */
function eventsIn(
  source: TraceSource,
  bytes: Buffer,
  from: {
    readonly timeNs: number;
    readonly offset: number;
    readonly line: number;
  },
  gap: GapPlaces,
): [number, EventRecord][] {
  const decoder = source.decoder.fork();
  const e = new EventView();
  e.source = source.index;
  decoder.open(blockOfLines(bytes, from.offset, from.line, true));
  const events: [number, EventRecord][] = [];
  let shiftNs = Number.NaN;
  while (decoder.next(e)) {
    if (Number.isNaN(shiftNs)) {
      // The fork's clock starts anew: whole days (times of day) or the time so far (summed times) are missing.
      shiftNs = source.decoder.clockShift(e.timeNs, from.timeNs);
    }
    const isEdge = [gap.start, gap.end].some(
      (ref) => ref !== null && ref.source === source.index && ref.offset === e.offset && ref.half === e.half,
    );
    if (isEdge || Number.isNaN(e.timeNs)) continue;
    const record = toRecord(e, decoder.timeText(e));
    events.push([
      e.timeNs + shiftNs + source.shiftNs,
      shiftNs === 0 ? record : { ...record, offsetNs: e.timeNs + shiftNs },
    ]);
  }
  return events;
}

/** Index of the last waypoint whose time is before `timeNs`; the first one if none is. */
function lastBefore(waypoints: readonly { readonly timeNs: number }[], timeNs: number): number {
  let low = 0;
  let high = waypoints.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (waypoints[middle]!.timeNs < timeNs) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
