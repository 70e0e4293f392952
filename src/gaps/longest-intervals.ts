/** The longest intervals of each sequence, from which its rhythm is learned, without keeping all of them. */
import type { FoundGap } from './found-gap.js';
import { IntervalGroups } from './rhythm.js';

interface Interval {
  readonly ns: number;
  /** As a gap that it may turn out to be; null where that is known already. */
  readonly gap: FoundGap | null;
}

const NONE: readonly Interval[] = [];

/** The longest intervals of each sequence. Sums and limits stand in columns: they are asked for every event. */
export class LongestIntervals {
  /** Of each sequence a heap with the shortest in front. */
  private readonly heaps: Interval[][] = [];
  /** Of each sequence, until another interval is among its longest; null where that is not known. */
  private readonly grouped: (IntervalGroups | null)[] = [];
  private totals = new Float64Array(16);
  /** What an interval must exceed to be among the longest. */
  private limits = new Float64Array(16);
  private begun = 0;
  /** The interval that `isLong` is asked about: as its argument a number would be made for each event. */
  readonly newest = new Float64Array(1);

  /** `kept` intervals of each of the first `watched` sequences. */
  constructor(
    private readonly kept: number,
    private readonly watched: number,
  ) {}

  of(sequence: number): readonly Interval[] {
    return this.heaps[sequence] ?? NONE;
  }

  groups(sequence: number): IntervalGroups {
    const known = this.grouped[sequence];
    if (known) return known;
    const intervals = this.of(sequence);
    const groups = new IntervalGroups(intervals.map(({ gap, ns }) => (gap ? gap.endNs - gap.startNs : ns)));
    // The end of one that may turn out to be a gap may still move.
    if (intervals.length > 0 && intervals.every(({ gap }) => gap === null)) this.grouped[sequence] = groups;
    return groups;
  }

  /** Sum of all intervals of a sequence, nanoseconds. */
  total(sequence: number): number {
    return sequence < this.begun ? this.totals[sequence]! : 0;
  }

  /** Counts the newest interval; whether it is among the longest so far, and is to be added. */
  isLong(sequence: number): boolean {
    if (sequence >= this.begun && !this.begin(sequence)) return false;
    const ns = this.newest[0]!;
    this.totals[sequence]! += ns;
    return ns > this.limits[sequence]!;
  }

  private begin(sequence: number): boolean {
    if (sequence >= this.watched) return false;
    if (sequence >= this.totals.length) {
      this.totals = enlarged(this.totals, sequence);
      this.limits = enlarged(this.limits, sequence);
    }
    for (; this.begun <= sequence; this.begun++) {
      this.heaps.push([]);
      this.grouped.push(null);
      this.limits[this.begun] = -1;
    }
    return true;
  }

  add(sequence: number, ns: number, gap: FoundGap | null): void {
    const heap = this.heaps[sequence]!;
    this.grouped[sequence] = null;
    this.sift(heap, ns, gap);
    if (heap.length === this.kept) this.limits[sequence] = heap[0]!.ns;
  }

  private sift(heap: Interval[], ns: number, gap: FoundGap | null): void {
    if (heap.length < this.kept) {
      heap.push({ ns, gap });
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (heap[parent]!.ns <= heap[i]!.ns) break;
        swap(heap, parent, i);
        i = parent;
      }
      return;
    }
    heap[0] = { ns, gap };
    for (let i = 0; ; ) {
      let least = i;
      for (let child = 2 * i + 1; child <= 2 * i + 2; child++) {
        if (child < heap.length && heap[child]!.ns < heap[least]!.ns) least = child;
      }
      if (least === i) break;
      swap(heap, least, i);
      i = least;
    }
  }
}

function enlarged(column: Float64Array<ArrayBuffer>, index: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 ** Math.ceil(Math.log2(index + 2)));
  larger.set(column);
  return larger;
}

function swap(heap: Interval[], a: number, b: number): void {
  const held = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = held;
}
