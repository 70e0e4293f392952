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

/** The rhythm in the `longest` intervals (any order) of `count` that fill `totalNs` together; null when none recurs. */
export function learnRhythm(
  longest: readonly number[],
  count: number,
  totalNs: number,
): LearnedRhythm | null {
  const sorted = [...longest].sort((a, b) => b - a);
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    let sum = sorted[from]!;
    while (to < sorted.length && sorted[to - 1]! <= sorted[to]! * GROUP_RATIO) sum += sorted[to++]!;
    const cutShort = to === sorted.length && sorted.length < count;
    if (to - from >= GROUP_MIN && sorted[from]! > 0 && (cutShort || sum >= totalNs * TIME_SHARE)) {
      return rhythmOf(sorted.slice(from, to), count);
    }
    from = to;
  }
  return null;
}

function rhythmOf(group: readonly number[], intervals: number): LearnedRhythm {
  const typicalNs = median(group);
  const spreadNs = median(group.map((ns) => Math.abs(ns - typicalNs)).sort((a, b) => b - a));
  const factor = MARGIN + (SPREAD_WEIGHT * spreadNs) / typicalNs;
  return {
    intervals,
    typicalNs,
    spreadNs,
    thresholdNs: Math.ceil(group[0]! * factor),
  };
}

/** Of a sorted list; the mean of the middle two, in whole nanoseconds. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
