/** Several sources on one axis of time, their events merged in order. */

import { UsageError } from '../model/problem.js';
import { DAY_NS } from '../model/time.js';
import type { Timebase } from '../model/trace.js';
import { utcOffsetText } from '../model/utc-offset.js';
import type { TraceSource } from './trace-source.js';

/** The axis that a run's sources share. */
export interface Alignment {
  readonly timebase: Timebase;
  /** What had to be assumed to put them on it. */
  readonly assumed: readonly string[];
}

/**
 * Sets each source's shift so that all count from one origin, and gives that origin. Sources must have stood
 * at their first event. Where only some have dates, times of day are taken to be local ones, `offsetSeconds` east
 * of UTC (null: not told, then UTC), of the day that brings their first event nearest to the earliest one that has a
 * date.
 * @throws UsageError where times of different kinds have no common axis.
 */
export function alignSources(sources: readonly TraceSource[], offsetSeconds: number | null): Alignment {
  const first = sources[0]!.decoder.timebase;
  const relative = sources.find(({ decoder }) => decoder.timebase.kind === 'relative');
  if (relative !== undefined && sources.length > 1) throw noCommonAxis(relative, sources);
  const dated = sources.filter(({ decoder }) => decoder.timebase.kind === 'epoch');
  const undated = sources.filter(({ decoder }) => decoder.timebase.kind === 'time-of-day');
  placeOnDays(undated.filter(({ event }) => !Number.isNaN(event.timeNs)));
  if (dated.length === 0) return { timebase: first, assumed: [] };
  const origins = dated.map((s) => s.decoder.timebase.originSeconds!);
  const earliest = origins.reduce((a, b) => (b < a ? b : a));
  for (const [i, source] of dated.entries()) source.shiftNs = Number(origins[i]! - earliest) * 1e9;
  const timebase = { ...dated[0]!.decoder.timebase, originSeconds: earliest };
  if (undated.length === 0) return { timebase, assumed: [] };
  return { timebase, assumed: placeOnDates(undated, dated, earliest, offsetSeconds) };
}

function noCommonAxis(relative: TraceSource, sources: readonly TraceSource[]): UsageError {
  const other = sources.find((source) => source !== relative)!;
  const [a, b] = relative.index < other.index ? [relative, other] : [other, relative];
  const { kind } = other.decoder.timebase;
  const why =
    kind === 'relative'
      ? 'the times of both count from their own start; record or print them'
      : `the first has ${KINDS[a.decoder.timebase.kind]}, the second ${KINDS[b.decoder.timebase.kind]}; record or print both`;
  return new UsageError(
    'input',
    `${a.name} and ${b.name} can't be put on one time axis: ${why} with epoch times (sysdig -t a, strace -ttt)`,
  );
}

/** Times of day beside times with a date; they lie on one day or the next already. */
function placeOnDates(
  undated: readonly TraceSource[],
  dated: readonly TraceSource[],
  originSeconds: bigint,
  offsetSeconds: number | null,
): string[] {
  const earliest = (sources: readonly TraceSource[]): number =>
    sources.reduce((least, { event, shiftNs }) => {
      const t = event.timeNs + shiftNs;
      return t < least ? t : least;
    }, Number.POSITIVE_INFINITY);
  const [dayNs, dateNs] = [earliest(undated), earliest(dated)];
  if (!Number.isFinite(dayNs) || !Number.isFinite(dateNs)) return [];
  // The axis's time at the midnight before its origin, where times of day count from.
  const midnight = -((Number(originSeconds) + (offsetSeconds ?? 0)) % DAY_SECONDS) * 1e9;
  const shift = midnight + Math.round((dateNs - dayNs - midnight) / DAY_NS) * DAY_NS;
  for (const source of undated) source.shiftNs += shift;
  const seconds = Number(originSeconds) + (offsetSeconds ?? 0) + Math.floor((dayNs + shift) / 1e9);
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  const zone = utcOffsetText(offsetSeconds ?? 0);
  const told = offsetSeconds === null ? ' (--utc-offset tells another zone)' : '';
  return undated.map(
    ({ name }) =>
      `${name} has times of day without date or zone: taken to start on ${date}, the times as ${zone}${told}`,
  );
}

/**
 * Times of day without a date: the day is cut where the sources leave the largest hole in it, so that those
 * behind midnight follow those before.
 */
function placeOnDays(sources: readonly TraceSource[]): void {
  const inDay = [...sources].sort((a, b) => a.event.timeNs - b.event.timeNs);
  const before = (i: number): number =>
    inDay[i]!.event.timeNs - (inDay[i - 1]?.event.timeNs ?? inDay.at(-1)!.event.timeNs - DAY_NS);
  let cut = 0;
  for (let i = 1; i < inDay.length; i++) if (before(i) > before(cut)) cut = i;
  for (const source of inDay.slice(0, cut)) source.shiftNs = DAY_NS;
}

const DAY_SECONDS = 86_400;

const KINDS = {
  epoch: 'times with a date',
  'time-of-day': 'times of day without a date',
  relative: 'times since its own start',
} as const;

/** The sources that still have events, the one with the earliest event in front. */
export class MergeQueue {
  private readonly heap: { readonly source: TraceSource; timeNs: number }[] = [];

  /** Adds a source that stands at an event; `afterNs` is the time up to which it was delivered already. */
  add(source: TraceSource, afterNs: number): void {
    const t = source.event.timeNs + source.shiftNs;
    // Events without a time, or slightly out of order, stay behind the one before them.
    this.heap.push({ source, timeNs: t >= afterNs ? t : afterNs });
    let i = this.heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.less(i, parent)) break;
      this.swap(i, parent);
      i = parent;
    }
  }

  /** Takes out the source with the earliest event; undefined when none is left. */
  take(): { source: TraceSource; timeNs: number } | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (top === undefined || last === undefined || this.heap.length === 0) return top;
    this.heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < this.heap.length && this.less(child, least)) least = child;
      if (least === i) break;
      this.swap(i, least);
      i = least;
    }
    return top;
  }

  /** Time of the earliest event of the sources in the queue. */
  get earliestNs(): number {
    return this.heap[0]?.timeNs ?? Number.POSITIVE_INFINITY;
  }

  private less(a: number, b: number): boolean {
    const x = this.heap[a]!;
    const y = this.heap[b]!;
    return x.timeNs < y.timeNs || (x.timeNs === y.timeNs && x.source.index < y.source.index);
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}
