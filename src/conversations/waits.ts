/**
 * The waits of one side: count, sum and extremes exact, percentiles from all of them. Up to 256 waits are kept as
 * they are; beyond, they are counted in a histogram with 16 buckets for each doubling: a percentile is the middle
 * of its bucket, at most 1/32 off. 3 KiB at the most.
 */
import type { Side, SideWaits, Wait } from '../model/conversations.js';
import type { Moment } from './step.js';

const KEPT_EXACT = 256;
/** Longest waits told of. */
export const LONGEST = 3;
const SUB_BITS = 4;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Waits of 2 ** 52 ns, 52 days, and more share a bucket. */
const TOP_EXPONENT = 52;
const BUCKETS = (TOP_EXPONENT - SUB_BITS + 2) * SUB_BUCKETS;

export class Waits {
  count = 0;
  totalNs = 0;
  bytes = 0;
  private minNs = Number.POSITIVE_INFINITY;
  private maxNs = 0;
  private exact: number[] = [];
  private histogram: Uint32Array | null = null;
  private readonly longest: { readonly ns: number; readonly from: Moment; readonly to: Moment }[] = [];

  /** `from`: the other side's last data; `to`: the first of this side after it. */
  add(ns: number, from: Moment, to: Moment): void {
    this.count++;
    this.totalNs += ns;
    if (ns < this.minNs) this.minNs = ns;
    if (ns > this.maxNs) this.maxNs = ns;
    this.remember(ns);
    const { longest } = this;
    if (longest.length === LONGEST && ns <= longest[LONGEST - 1]!.ns) return;
    let place = longest.length;
    while (place > 0 && longest[place - 1]!.ns < ns) place--;
    longest.splice(place, 0, { ns, from, to });
    if (longest.length > LONGEST) longest.pop();
  }

  report(side: Side): SideWaits {
    const none = this.count === 0;
    const [median, p95, p99] = none ? [null, null, null] : this.quantiles([0.5, 0.95, 0.99]);
    return {
      side,
      waits: this.count,
      totalNs: this.totalNs,
      minNs: none ? null : this.minNs,
      medianNs: median ?? null,
      p95Ns: p95 ?? null,
      p99Ns: p99 ?? null,
      maxNs: none ? null : this.maxNs,
      bytes: this.bytes,
      longest: this.longest.map(
        ({ ns, from, to }): Wait => ({
          ns,
          fromNum: from.num,
          toNum: to.num,
          time: from.time,
          toTime: to.time,
          fromSource: from.source,
          toSource: to.source,
        }),
      ),
    };
  }

  private remember(ns: number): void {
    if (this.histogram === null) {
      if (this.exact.length < KEPT_EXACT) {
        this.exact.push(ns);
        return;
      }
      this.histogram = new Uint32Array(BUCKETS);
      for (const kept of this.exact) this.histogram[bucketOf(kept)]!++;
      this.exact = [];
    }
    this.histogram[bucketOf(ns)]!++;
  }

  /** Of each share the smallest wait that at least this share of all waits doesn't exceed. */
  private quantiles(shares: readonly number[]): number[] {
    const ranks = shares.map((share) => Math.max(1, Math.ceil(share * this.count)));
    const { histogram } = this;
    if (histogram === null) {
      const sorted = Float64Array.from(this.exact).sort();
      return ranks.map((rank) => sorted[rank - 1]!);
    }
    return ranks.map((rank) => {
      let seen = 0;
      let bucket = 0;
      while (bucket < BUCKETS - 1 && (seen += histogram[bucket]!) < rank) bucket++;
      return Math.min(this.maxNs, Math.max(this.minNs, middleOf(bucket)));
    });
  }
}

function bucketOf(ns: number): number {
  const whole = Math.min(Math.floor(ns), 2 ** (TOP_EXPONENT + 1) - 1);
  if (whole < SUB_BUCKETS) return whole;
  const high = Math.floor(whole / 2 ** 32);
  const exponent = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(whole);
  const sub = Math.floor(whole / 2 ** (exponent - SUB_BITS)) - SUB_BUCKETS;
  return (exponent - SUB_BITS + 1) * SUB_BUCKETS + sub;
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const width = 2 ** (Math.floor(bucket / SUB_BUCKETS) - 1);
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS)) * width + Math.floor(width / 2);
}
