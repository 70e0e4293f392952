/**
 * How far two clocks are apart, from what both recorded. Packets that can be told from each other give their
 * differences at once. VRRP adverts look alike, so they are paired by their rhythm: the difference at which most
 * of them meet and fewest stay alone. A perfect rhythm meets itself again one interval on; what breaks it (a
 * stall, a burst, a start, the jitter of its timer) singles one difference out, and where nothing does the smallest
 * is taken and that is told. The time that packets are under way can't be told from a difference of the clocks.
 */

export interface Estimate {
  /** How far the second clock is ahead of the first. */
  readonly aheadNs: number;
  /** Median absolute deviation of the pairs' differences from it. */
  readonly spreadNs: number;
  readonly pairs: number;
  /** Sightings that met none though the other source covers their time. */
  readonly alone: number;
  readonly of: 'adverts' | 'packets';
  /** That much more or less can't be excluded; null where it can. */
  readonly ambiguousNs: number | null;
}

/** Sightings of one thing that recurs; times in order. */
export interface Series {
  readonly times: readonly number[];
  /** What the source covers: its first and last event. */
  readonly fromNs: number;
  readonly toNs: number;
}

const LEAST_PAIRS = 4;
/** Of what each shows half must meet, or so many. */
const SURE_PAIRS = 10;
/** Clocks further apart can't be told by a rhythm. */
const FURTHEST_NS = 30e9;
const TOLERANCE_SHARE = 1 / 16;
const LEAST_TOLERANCE_NS = 1e5;
const MOST_TOLERANCE_NS = 2e7;
/** The spread may be so much of the interval. */
const SPREAD_SHARE = 1 / 20;
const MOST_SPREAD_NS = 2e6;
/** So many of the pairs that the best difference has; one interval off, those at the ends are missing. */
const ENOUGH = 0.65;
const AS_MANY = 0.75;
/** Of so few pairs a smaller share says nothing. */
const FEW = 20;
/** Of the sightings so many may stay alone by chance. */
const CHANCE_SHARE = 0.02;
/** Timers jitter by more than a network does: at the right difference the pairs lie closer together than that. */
const JITTER_RATIO = 4;
const JITTER_NS = 5e4;
/** So many times closer, and this much. */
const CLOSER = 2;
const CLOSER_OF_FEW = 3;
const CLOSER_NS = 2e3;
const MOST_CANDIDATES = 500;
/** Two things that met by accident are further apart than these of one network. */
const PACKET_SPREAD_NS = 1e8;

interface Candidate {
  readonly aheadNs: number;
  readonly spreadNs: number;
  readonly pairs: number;
  readonly alone: number;
}

/** By rhythm; null where too few meet. */
export function pairByRhythm(a: Series, b: Series): Estimate | null {
  const intervalNs = typicalInterval(a.times);
  if (intervalNs === null || b.times.length < LEAST_PAIRS) return null;
  const tolerance = Math.min(MOST_TOLERANCE_NS, Math.max(LEAST_TOLERANCE_NS, intervalNs * TOLERANCE_SHARE));
  const found = peaks(differences(a.times, b.times), tolerance)
    .map((aheadNs) => meet(a, b, aheadNs, tolerance))
    .filter((one) => one !== null);
  const singled = singledOut(found, tolerance);
  if (singled) return { ...singled, of: 'adverts', ambiguousNs: null };
  const most = found.reduce((sum, { pairs }) => Math.max(sum, pairs), 0);
  const half = Math.min(a.times.length, b.times.length) / 2;
  const sound = found.filter(
    ({ pairs, alone }) =>
      pairs >= Math.max(LEAST_PAIRS, most * (most < FEW ? AS_MANY : ENOUGH), Math.min(half, SURE_PAIRS)) &&
      alone <= pairs,
  );
  // A difference further off compares less: what counts is the share that stays alone, and chance has its part in it.
  const least = sound.reduce(
    (sum, one) => Math.min(sum, one.alone / sightings(one)),
    Number.POSITIVE_INFINITY,
  );
  const fewest = sound.reduce((sum, { alone }) => Math.min(sum, alone), Number.POSITIVE_INFINITY);
  const met = sound.filter(
    (one) => one.alone <= Math.max(fewest + 1, 1 + (least + CHANCE_SHARE) * sightings(one)),
  );
  const closest = met.reduce((sum, { spreadNs }) => Math.min(sum, spreadNs), Number.POSITIVE_INFINITY);
  const likely = met.filter(({ spreadNs }) => spreadNs <= closest * JITTER_RATIO + JITTER_NS);
  likely.sort((x, y) => Math.abs(x.aheadNs) - Math.abs(y.aheadNs) || x.alone - y.alone);
  const best = likely[0];
  if (best === undefined || best.spreadNs > Math.min(MOST_SPREAD_NS, intervalNs * SPREAD_SHARE)) return null;
  const others = likely
    .filter(({ pairs, alone }) => alone <= best.alone + 1 && pairs >= best.pairs * AS_MANY)
    .map(({ aheadNs }) => Math.abs(aheadNs - best.aheadNs))
    .filter((ns) => ns > 2 * tolerance);
  const ambiguousNs = others.length === 0 ? null : Math.round(Math.min(...others));
  return { ...best, of: 'adverts', ambiguousNs };
}

/** Pairs that lie far closer together than at any other difference are the same adverts: timers jitter, networks less. */
function singledOut(found: readonly Candidate[], tolerance: number): Candidate | null {
  const sure = found.filter(({ pairs, alone }) => pairs >= SURE_PAIRS && alone <= pairs);
  const [best] = sure.sort((x, y) => x.spreadNs - y.spreadNs);
  const next = sure.find(({ aheadNs }) => Math.abs(aheadNs - best!.aheadNs) > 2 * tolerance);
  if (!best || !next) return null;
  const closer = best.pairs < FEW ? CLOSER_OF_FEW : CLOSER;
  return best.spreadNs * closer + CLOSER_NS < next.spreadNs ? best : null;
}

function sightings({ pairs, alone }: Candidate): number {
  return pairs + alone;
}

/** By what tells one packet from all others: its text to its time, each at most once in a source. */
export function pairByContent(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): Estimate | null {
  const ahead: number[] = [];
  for (const [text, ns] of a) {
    const other = b.get(text);
    if (other !== undefined) ahead.push(other - ns);
  }
  if (ahead.length < LEAST_PAIRS) return null;
  const { median, spread } = middle(ahead);
  if (spread > PACKET_SPREAD_NS) return null;
  return {
    aheadNs: median,
    spreadNs: spread,
    pairs: ahead.length,
    alone: 0,
    of: 'packets',
    ambiguousNs: null,
  };
}

/** Every difference between two sightings that clocks may have, in order. */
function differences(a: readonly number[], b: readonly number[]): Float64Array {
  const found: number[] = [];
  let first = 0;
  for (const ns of a) {
    while (first < b.length && b[first]! < ns - FURTHEST_NS) first++;
    for (let j = first; j < b.length && b[j]! <= ns + FURTHEST_NS; j++) found.push(b[j]! - ns);
  }
  return Float64Array.from(found).sort();
}

/** Where differences crowd: the middles of windows that hold most of them. */
function peaks(sorted: Float64Array, width: number): number[] {
  const windows: { readonly from: number; readonly count: number }[] = [];
  let end = 0;
  let most = 0;
  for (let from = 0; from < sorted.length; from++) {
    while (end < sorted.length && sorted[end]! - sorted[from]! <= width) end++;
    windows.push({ from, count: end - from });
    most = Math.max(most, end - from);
  }
  const least = Math.max(LEAST_PAIRS, most / 3);
  const taken: number[] = [];
  const crowded = windows.filter(({ count }) => count >= least).sort((x, y) => y.count - x.count);
  const seen = new Set<number>();
  for (const { from, count } of crowded) {
    const at = sorted[from + (count >> 1)]!;
    const cell = Math.round(at / width);
    if (seen.has(cell)) continue;
    seen.add(cell);
    taken.push(at);
    if (taken.length === MOST_CANDIDATES) break;
  }
  return taken;
}

/** Pairs sightings one to one, in order, that are `aheadNs` apart within the tolerance. */
function meet(a: Series, b: Series, aheadNs: number, tolerance: number): Candidate | null {
  const ahead: number[] = [];
  let alone = 0;
  let i = 0;
  let j = 0;
  while (i < a.times.length || j < b.times.length) {
    const x = a.times[i] ?? Number.POSITIVE_INFINITY;
    const y = b.times[j] ?? Number.POSITIVE_INFINITY;
    const off = y - x - aheadNs;
    if (Math.abs(off) <= tolerance) {
      ahead.push(y - x);
      i++;
      j++;
    } else if (off > 0) {
      if (x + aheadNs >= b.fromNs && x + aheadNs <= b.toNs) alone++;
      i++;
    } else {
      if (y - aheadNs >= a.fromNs && y - aheadNs <= a.toNs) alone++;
      j++;
    }
  }
  if (ahead.length < LEAST_PAIRS) return null;
  const { median, spread } = middle(ahead);
  return { aheadNs: median, spreadNs: spread, pairs: ahead.length, alone };
}

/** The median distance of neighbours. */
function typicalInterval(times: readonly number[]): number | null {
  if (times.length < LEAST_PAIRS) return null;
  return middle(times.slice(1).map((ns, i) => ns - times[i]!)).median;
}

function middle(values: readonly number[]): { median: number; spread: number } {
  const median = medianOf(values);
  return { median, spread: medianOf(values.map((value) => Math.abs(value - median))) };
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return Math.round(sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2);
}
