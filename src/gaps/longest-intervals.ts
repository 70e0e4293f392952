/** The longest intervals of each sequence, from which its rhythm is learned, without keeping all of them. */
import type { FoundGap } from './finder.js';

interface Interval {
  readonly ns: number;
  /** As a gap that it may turn out to be; null where that is known already. */
  readonly gap: FoundGap | null;
}

interface Kept {
  /** Heap with the shortest in front. */
  readonly heap: Interval[];
  totalNs: number;
}

const NONE: readonly Interval[] = [];

/** The longest intervals of each sequence. */
export class LongestIntervals {
  private readonly sequences: Kept[] = [];

  /** `kept` intervals of each of the first `watched` sequences. */
  constructor(
    private readonly kept: number,
    private readonly watched: number,
  ) {}

  of(sequence: number): readonly Interval[] {
    return this.sequences[sequence]?.heap ?? NONE;
  }

  /** Sum of all intervals of a sequence, nanoseconds. */
  total(sequence: number): number {
    return this.sequences[sequence]?.totalNs ?? 0;
  }

  /** Counts the interval; whether it is among the longest so far, and is to be added. */
  isLong(sequence: number, ns: number): boolean {
    const entry = this.sequences[sequence];
    if (!entry) return this.begin(sequence, ns);
    entry.totalNs += ns;
    return entry.heap.length < this.kept || ns > entry.heap[0]!.ns;
  }

  private begin(sequence: number, ns: number): boolean {
    if (sequence >= this.watched) return false;
    while (this.sequences.length <= sequence) this.sequences.push({ heap: [], totalNs: 0 });
    this.sequences[sequence]!.totalNs += ns;
    return true;
  }

  add(sequence: number, ns: number, gap: FoundGap | null): void {
    const { heap } = this.sequences[sequence]!;
    if (heap.length < this.kept) {
      heap.push({ ns, gap });
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (heap[parent]!.ns <= heap[i]!.ns) break;
        [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
        i = parent;
      }
      return;
    }
    heap[0] = { ns, gap };
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && heap[child]!.ns < heap[least]!.ns) least = child;
      }
      if (least === i) break;
      [heap[least], heap[i]] = [heap[i]!, heap[least]!];
      i = least;
    }
  }
}
