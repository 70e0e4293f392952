/**
 * Samples of iostat and vmstat in order of time. A sample is of the time between the report before and its own
 * stamp; the first report, of the time since the machine started, is none.
 */
import { readLineTime, type Stamp } from './line-time.js';

/** One report; `numbers` are its figures, in an order that its maker knows. */
export interface Sample {
  fromNs: number;
  toNs: number;
  readonly numbers: number[];
}

/** What reading a line of samples came to. `figures`: part of a timed sample; `layout`: headers and blank lines. */
export type SampleLine = 'figures' | 'layout' | 'unparsed';

/** Places a stamp on the run's axis; NaN where it has no place. */
export type Place = (stamp: Stamp) => number;

export class SampleStore {
  private samples: Sample[] = [];
  private numbers = 0;
  private longestNs = 0;

  /** Holds up to `limit` figures. */
  constructor(private readonly limit: number) {}

  get count(): number {
    return this.samples.length;
  }

  /** False where there is no room. */
  add(sample: Sample): boolean {
    // Beside its figures a sample takes about ten numbers.
    if (this.numbers + sample.numbers.length + 10 > this.limit) return false;
    this.numbers += sample.numbers.length + 10;
    this.samples.push(sample);
    return true;
  }

  forgetBefore(fromNs: number): void {
    const kept = new SampleStore(this.limit);
    for (const sample of this.samples) if (sample.toNs >= fromNs) kept.add(sample);
    Object.assign(this, kept);
  }

  finish(shiftNs: number): void {
    for (const sample of this.samples) {
      sample.fromNs += shiftNs;
      sample.toNs += shiftNs;
      this.longestNs = Math.max(this.longestNs, sample.toNs - sample.fromNs);
    }
    if (this.samples.some(({ toNs }, i) => i > 0 && toNs < this.samples[i - 1]!.toNs))
      this.samples.sort((a, b) => a.toNs - b.toNs);
  }

  /** Those that overlap the stretch. */
  within(startNs: number, endNs: number): Sample[] {
    const found: Sample[] = [];
    for (let i = this.firstAfter(startNs); i < this.samples.length; i++) {
      const sample = this.samples[i]!;
      if (sample.toNs - this.longestNs >= endNs) break;
      if (sample.fromNs < endNs) found.push(sample);
    }
    return found;
  }

  /** For comparison: those of as long a stretch before, or the last one before. */
  before(startNs: number, endNs: number): Sample[] {
    const end = this.firstAfter(startNs);
    let start = end;
    while (start > 0 && (start === end || this.samples[start - 1]!.toNs > 2 * startNs - endNs)) start--;
    return this.samples.slice(start, end);
  }

  /** Place of the first sample that ends later than `ns`. */
  private firstAfter(ns: number): number {
    let low = 0;
    let high = this.samples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.samples[middle]!.toNs <= ns) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A mean whose parts have weights; parts that are NaN don't count. Null without any. */
export class Mean {
  private sum = 0;
  private weights = 0;

  add(value: number, weight: number): void {
    if (Number.isNaN(value) || !(weight > 0)) return;
    this.sum += value * weight;
    this.weights += weight;
  }

  /** Rounded to two decimals, finer than what iostat prints is noise. */
  get value(): number | null {
    return this.weights === 0 ? null : Math.round((this.sum / this.weights) * 100) / 100;
  }
}

/** How much of the sample lies in the stretch; a stretch of no length takes all of it. */
export function overlapNs({ fromNs, toNs }: Sample, startNs: number, endNs: number): number {
  return endNs > startNs ? Math.min(toNs, endNs) - Math.max(fromNs, startNs) : toNs - fromNs;
}

/** A decimal as iostat and vmstat print it, in any locale; NaN when it is none. */
export function decimal(text: string | undefined): number {
  return text !== undefined && /^-?\d{1,15}(?:[.,]\d{1,9})?$/.test(text)
    ? Number(text.replace(',', '.'))
    : Number.NaN;
}

/** The stamp of a line that holds nothing else; iostat of sysstat 9 puts `Time:` in front. */
export function stampAlone(line: string): Stamp | null {
  const bare = line.replace(/^Time: /, '').trimEnd();
  const time = readLineTime(bare);
  return typeof time === 'object' && time.textStart >= bare.length ? time.stamp : null;
}
