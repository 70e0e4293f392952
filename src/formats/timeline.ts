/** Several sources on one axis of time, their events merged in order. */

import { UsageError } from '../model/problem.js';
import { DAY_NS } from '../model/time.js';
import type { Timebase } from '../model/trace.js';
import type { TraceSource } from './trace-source.js';

/**
 * Sets each source's shift so that all count from one origin, and gives that origin. Sources must have stood
 * at their first event.
 * @throws UsageError where times of different kinds have no common axis.
 */
export function alignSources(sources: readonly TraceSource[]): Timebase {
  const first = sources[0]!.decoder.timebase;
  for (const source of sources.slice(1)) {
    const { kind } = source.decoder.timebase;
    if (kind !== first.kind) {
      throw new UsageError(
        'input',
        `${sources[0]!.name} and ${source.name} can't be put on one time axis: the first has ${KINDS[first.kind]}, ` +
          `the second ${KINDS[kind]}; record or print both with epoch times (sysdig -t a, strace -ttt)`,
      );
    }
    if (kind === 'relative') {
      throw new UsageError(
        'input',
        `${sources[0]!.name} and ${source.name} can't be put on one time axis: the times of both count from their own ` +
          'start; record or print them with epoch times (sysdig -t a, strace -ttt)',
      );
    }
  }
  if (first.kind === 'epoch') {
    const origins = sources.map((s) => s.decoder.timebase.originSeconds!);
    const earliest = origins.reduce((a, b) => (b < a ? b : a));
    for (const [i, source] of sources.entries()) source.shiftNs = Number(origins[i]! - earliest) * 1e9;
    return { ...first, originSeconds: earliest };
  }
  placeOnDays(sources.filter(({ event }) => !Number.isNaN(event.timeNs)));
  return first;
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
