/**
 * The context of a gap, read again from the sources: its two events, the matched ones before and after, and
 * the unfiltered events inside it, next to its edges. With several sources the edges show all of them.
 */
import type { EventRecord } from '../model/event.js';
import type { Gap } from '../model/gap.js';
import { LATE_NS } from '../model/time.js';
import type { EventRef } from './format.js';
import { type EventAndNear, readBefore, readFrom } from './look-back.js';
import { visitStretch } from './stretch.js';
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
  /** Steps back of each source's clock before it, by source. */
  readonly epochs: readonly number[];
}

/** Time next to an edge that is looked through first; ten times as much while it holds too few events. */
const FIRST_WINDOW_NS = 1e7;
/** Events read beyond those asked for, in the place of some that lie outside the gap. */
const SPARE = 4;
/** Matched events that are remembered: the edges of a gap and its neighbours are mostly those of the next ones, too. */
const REMEMBERED = 4;
/** Characters of a line that is not read again for that. */
const LONGEST_REMEMBERED = 64 << 10;

export class AroundReader {
  private kept: { start?: KeptEdge; end?: KeptEdge } = {};
  /** The matched events that were read last, each in the place of the oldest one. */
  private readonly remembered: { readonly ref: EventRef; readonly record: EventRecord }[] = [];
  private oldest = 0;

  constructor(private readonly sources: readonly TraceSource[]) {}

  /** The gap with `count` unfiltered events at each edge. */
  async describe(gap: GapPlaces, group: string | null, count: number): Promise<Gap> {
    const start = gap.start && this.readStart(gap, gap.start, count);
    const end = gap.end && this.readEnd(gap, gap.end, count);
    const first = start && this.sufficient(gap.start!.source, gap.startNs, start.near.slice(0, count), count);
    const last = end && this.sufficient(gap.end!.source, gap.endNs, lastOf(end.near, count), count);
    if (gap.start) this.remember(gap.start, start?.record ?? null);
    if (gap.end) this.remember(gap.end, end?.record ?? null);
    return {
      durationNs: gap.endNs - gap.startNs,
      open: gap.open,
      group,
      start: start?.record ?? null,
      end: end?.record ?? null,
      before: this.records(gap.before),
      after: this.records(gap.after),
      around: {
        start: first ?? (await this.edge(gap, count, 'start')),
        end: last ?? (await this.edge(gap, count, 'end')),
      },
      cause: null,
      call: null,
      class: null,
      summary: null,
      evidence: null,
      next: null,
      contributing: null,
      activity: null,
    };
  }

  /**
   * The events that stand next to an edge in its own source; null where other sources may have some that are nearer. Parts
   * of one capture, which follow each other, have none: to walk to an edge by its time takes a hundred times as long.
   */
  private sufficient(
    index: number,
    edgeNs: number,
    near: readonly EventRecord[],
    count: number,
  ): readonly EventRecord[] | null {
    if (this.sources.length === 1) return near;
    if (near.length < count) return null;
    const { shiftNs } = this.sources[index]!;
    let fromNs = edgeNs - LATE_NS;
    let toNs = edgeNs + LATE_NS;
    for (const { offsetNs } of near) {
      if (offsetNs === null) return null;
      fromNs = Math.min(fromNs, offsetNs + shiftNs - LATE_NS);
      toNs = Math.max(toNs, offsetNs + shiftNs + LATE_NS);
    }
    const areElsewhere = this.sources.every(
      ({ index: other, decoder, firstNs, latestNs, isDone }) =>
        other === index ||
        // Else lines may be printed long after their time.
        (decoder.skippable && decoder.clock.epoch === 0 && (firstNs > toNs || (isDone && latestNs < fromNs))),
    );
    return areElsewhere ? near : null;
  }

  private areInside(records: readonly EventRecord[], gap: GapPlaces): boolean {
    return records.every((record) => this.isInside(record, gap));
  }

  /** Late events stand in the file next to an edge that they are beyond in time. */
  private isInside(record: EventRecord, gap: GapPlaces): boolean {
    if (record.offsetNs === null) return true;
    const timeNs = record.offsetNs + this.sources[record.source]!.shiftNs;
    return timeNs >= gap.startNs && timeNs <= gap.endNs;
  }

  /** Behind the last event of a scan that ended before its source: more may be there, or not yet. */
  private scanned({ isDone, lastTimed }: TraceSource): EventRef | null {
    return isDone || lastTimed === null ? null : { ...lastTimed, half: lastTimed.half + 1 };
  }

  private readStart(gap: GapPlaces, ref: EventRef, count: number): EventAndNear {
    if (count === 0) return { record: this.record(ref), near: [] };
    const source = this.sources[ref.source]!;
    const { end } = gap;
    const until = end === null ? this.scanned(source) : end.source === ref.source ? end : null;
    const start = readFrom(source, ref, count, until);
    if (this.areInside(start.near, gap)) return start;
    const { record, near } = readFrom(source, ref, count + SPARE, until);
    return { record, near: near.filter((other) => this.isInside(other, gap)) };
  }

  private readEnd(gap: GapPlaces, ref: EventRef, count: number): EventAndNear {
    const source = this.sources[ref.source]!;
    const end = readBefore(source, ref, count, gap.start, count + SPARE);
    const record = end.record ?? this.record(ref);
    const inside = end.near.filter((other) => this.isInside(other, gap));
    if (inside.length >= count || this.areInside(lastOf(end.near, count), gap))
      return { record, near: inside };
    const { near } = readBefore(source, ref, count + SPARE, gap.start);
    return { record, near: near.filter((other) => this.isInside(other, gap)) };
  }

  private record(ref: EventRef): EventRecord | null {
    const known = this.recall(ref);
    if (known) return known;
    const { record } = readFrom(this.sources[ref.source]!, ref, 0, null);
    this.remember(ref, record);
    return record;
  }

  private recall(ref: EventRef): EventRecord | null {
    for (const event of this.remembered) if (isAt(event.ref, ref)) return event.record;
    return null;
  }

  private remember(ref: EventRef, record: EventRecord | null): void {
    // What is no longer held is asked for again.
    if (record === null || record.raw === '' || record.raw.length > LONGEST_REMEMBERED) return;
    if (this.recall(ref)) return;
    this.remembered[this.oldest] = { ref, record };
    this.oldest = (this.oldest + 1) % REMEMBERED;
  }

  private records(refs: readonly EventRef[]): EventRecord[] {
    const records: EventRecord[] = [];
    for (const ref of refs) {
      const record = this.record(ref);
      if (record && record.raw !== '') records.push(record);
    }
    return records;
  }

  /** The events of all sources nearest to an edge, in order of time; found by time. */
  private async edge(gap: GapPlaces, count: number, side: 'start' | 'end'): Promise<EventRecord[]> {
    if (count === 0) return [];
    const edgeNs = side === 'start' ? gap.startNs : gap.endNs;
    const gapNs = gap.endNs - gap.startNs;
    const kept = this.keptAt(edgeNs, count, side, gap.epochs);
    // Beyond the gap sources may have been read or not.
    const widened = (window: number): number => Math.min(window, gapNs);
    for (let window = kept?.window ?? widened(FIRST_WINDOW_NS); ; window = widened(window * 10)) {
      const nearest = await this.nearest(edgeNs, window, count, side, gap.epochs);
      // The gap's own events are no surroundings of it.
      const inside = nearest.filter(
        (near) =>
          near.timeNs >= gap.startNs &&
          near.timeNs <= gap.endNs &&
          !(gap.start && isAt(gap.start, near)) &&
          !(gap.end && isAt(gap.end, near)),
      );
      if (inside.length >= count || window >= gapNs) {
        const records = inside.map(({ record }) => record);
        return side === 'start' ? records.slice(0, count) : lastOf(records, count);
      }
    }
  }

  /** What was read last at this edge: a smaller window would tell nothing else. */
  private keptAt(
    edgeNs: number,
    count: number,
    side: 'start' | 'end',
    epochs: readonly number[],
  ): KeptEdge | undefined {
    const kept = this.kept[side];
    return kept?.edgeNs === edgeNs && kept.count === count && kept.epochs === epochs ? kept : undefined;
  }

  /**
   * The events in a window on one side of an edge that are nearest to it, as many as asked for and four more.
   * Kept for the next gap: many are open at the same edge, that of the trace.
   */
  private async nearest(
    edgeNs: number,
    window: number,
    count: number,
    side: 'start' | 'end',
    epochs: readonly number[],
  ): Promise<readonly Near[]> {
    const kept = this.keptAt(edgeNs, count, side, epochs);
    if (kept?.window === window) return kept.events;
    const events: Near[] = [];
    const [fromNs, toNs] = side === 'start' ? [edgeNs, edgeNs + window] : [edgeNs - window, edgeNs];
    await visitStretch(
      this.sources,
      fromNs,
      toNs,
      (e, timeNs, record) => {
        if (events.length === count + SPARE) {
          if (side === 'start') return false;
          events.shift();
        }
        const { source, offset, half } = e;
        events.push({ source, offset, half, timeNs, record: record() });
        return;
      },
      epochs,
    );
    // Fewer may be there since the rest of the window has not been read yet.
    if (side === 'end' || events.length === count + SPARE)
      this.kept[side] = { edgeNs, window, count, epochs, events };
    return events;
  }
}

/** An event near an edge. */
interface Near {
  readonly source: number;
  readonly offset: number;
  readonly half: number;
  readonly timeNs: number;
  readonly record: EventRecord;
}

interface KeptEdge {
  readonly edgeNs: number;
  readonly window: number;
  readonly count: number;
  readonly epochs: readonly number[];
  readonly events: readonly Near[];
}

function lastOf(records: readonly EventRecord[], count: number): EventRecord[] {
  return records.slice(Math.max(0, records.length - count));
}

function isAt(ref: EventRef, e: Pick<EventRef, 'source' | 'offset' | 'half'>): boolean {
  return ref.source === e.source && ref.offset === e.offset && ref.half === e.half;
}
