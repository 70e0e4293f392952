/**
 * The rhythm of a sequence: its longest intervals, from which `--threshold auto` learns what is usual. A sender
 * beats (1.0003 s, again and again) with bursts of short intervals in between; a stall stands out above the
 * beats. So the rhythm is the uppermost group of like intervals that recurs and fills much of the time, and
 * what lies clearly above it breaks it. Irregular traffic has a wide group, and so a wide margin.
 */

/** Longest intervals kept: where one sequence is watched, and where there may be a hundred thousand. */
export const KEPT_OF_ONE = 512;
export const KEPT_OF_MANY = 32;

/** Neighbours in the sorted intervals further apart than this factor belong to different groups. */
const GROUP_RATIO = 1.3;
const GROUP_MIN = 3;
/** A group that recurs but fills less of the time than this is a handful of stalls. */
const TIME_SHARE = 0.2;
/** The margin above the group's longest: this factor, and more by how wide the group spreads. */
const MARGIN = 1.3;
const SPREAD_WEIGHT = 3;

export interface LearnedRhythm {
  readonly intervals: number;
  readonly typicalNs: number;
  /** Median absolute deviation from the typical interval. */
  readonly spreadNs: number;
  readonly thresholdNs: number;
}

/** Like intervals that recur. */
interface Group {
  /** Longest first. */
  readonly intervals: readonly number[];
  readonly sumNs: number;
  /** The shortest of those kept is among them. */
  readonly isLast: boolean;
}

/** The groups among the longest intervals of a sequence. */
export class IntervalGroups {
  /** Longest first. */
  private readonly groups: Group[] = [];
  private readonly kept: number;
  /** What was found out of the group that was asked for last: mostly it is asked for again. */
  private beat: { readonly group: Group; readonly rhythm: Omit<LearnedRhythm, 'intervals'> } | null = null;

  /** @param longest in any order. */
  constructor(longest: readonly number[]) {
    const sorted = [...longest].sort((a, b) => b - a);
    this.kept = sorted.length;
    for (let from = 0; from < sorted.length; ) {
      let to = from + 1;
      let sumNs = sorted[from]!;
      while (to < sorted.length && sorted[to - 1]! <= sorted[to]! * GROUP_RATIO) sumNs += sorted[to++]!;
      if (to - from >= GROUP_MIN && sorted[from]! > 0)
        this.groups.push({ intervals: sorted.slice(from, to), sumNs, isLast: to === sorted.length });
      from = to;
    }
  }

  /** The rhythm where all `count` intervals fill `totalNs` together; null when none recurs. */
  rhythm(count: number, totalNs: number): LearnedRhythm | null {
    const group = this.groups.find(
      ({ sumNs, isLast }) => (isLast && this.kept < count) || sumNs >= totalNs * TIME_SHARE,
    );
    if (group === undefined) return null;
    if (this.beat?.group !== group) this.beat = { group, rhythm: rhythmOf(group.intervals) };
    return { intervals: count, ...this.beat.rhythm };
  }
}

function rhythmOf(group: readonly number[]): Omit<LearnedRhythm, 'intervals'> {
  const typicalNs = median(group);
  const spreadNs = median(group.map((ns) => Math.abs(ns - typicalNs)).sort((a, b) => b - a));
  const factor = MARGIN + (SPREAD_WEIGHT * spreadNs) / typicalNs;
  return { typicalNs, spreadNs, thresholdNs: Math.ceil(group[0]! * factor) };
}

/** Of a sorted list; the mean of the middle two, in whole nanoseconds. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
