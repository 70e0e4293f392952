/**
 * Gaps that are found and not told yet: they wait for the matched events after them, and then until no late event can
 * move their end any more. They stand in arrays: a Set or Map that gaps come to and go from makes a new table after a
 * few of them, which the old one points to, so V8 took what stood in any of them for alive, 1 KB for each gap.
 */
import { LATE_NS } from '../model/time.js';
import type { FoundGap, MatchRef } from './found-gap.js';
import { type SequenceTable, WAITING } from './sequence-table.js';

/** Gaps that wait for what comes after them, or for other sources, in trace order: some 0.7 KB each. */
export const WAITING_KEPT = 1 << 14;

const NONE: readonly FoundGap[] = [];

export interface WaitingOptions {
  /** Matched events kept after each gap. */
  readonly after: number;
  /** Gaps are held for what comes so long after their end. Default 0. */
  readonly holdNs?: () => number;
  /** The time that all of the trace has reached at the newest event, by what its lines print. */
  readonly reachedNs: () => number;
  /** All sources were read so far that they can be asked about the gap. Default at once. */
  readonly isPassed?: (gap: FoundGap) => boolean;
}

export class WaitingGaps {
  /** Gaps whose context is complete, in the order in which they became so. */
  readonly ready: FoundGap[] = [];
  /** Gaps made ready without the events after them, since too many waited. */
  hurried = 0;
  /** Steps back of each source's clock so far, by source: gaps found before the newest one have another list. */
  epochs: readonly number[] = [];
  private readonly bySequence: (FoundGap[] | undefined)[] = [];
  /** Those of them, candidates left out, whose context is not whole, in the order found; and as many others at the most. */
  private unripe: FoundGap[] = [];
  private unripeCount = 0;
  /** None stands in `unripe` before this place. */
  private oldestUnripe = 0;
  /** Those of them that take no more events: they wait for late ones only. */
  private ripe: FoundGap[] = [];
  /** Settled ones, in the order in which they are told: each waits until all sources have passed it. */
  private settled: FoundGap[] = [];
  /** None of them is ready before this time. */
  private nextReadyNs = Number.POSITIVE_INFINITY;

  /** `table`: has of each sequence how many wait, which is asked for each event. */
  constructor(
    private readonly options: WaitingOptions,
    private readonly table: SequenceTable,
  ) {}

  private of(sequence: number): readonly FoundGap[] {
    return this.bySequence[sequence] ?? NONE;
  }

  all(): FoundGap[] {
    return this.bySequence.flatMap((gaps) => gaps ?? NONE);
  }

  add(gap: FoundGap): void {
    const gaps = this.bySequence[gap.sequence];
    if (gaps) gaps.push(gap);
    else this.bySequence[gap.sequence] = [gap];
    this.count(gap, 1);
    if (!gap.isCandidate) {
      this.unripe.push(gap);
      this.unripeCount++;
    }
    this.ripen(gap);
    if (this.unripe.length > 2 * this.unripeCount) {
      this.unripe = this.unripe.filter(isUnripe);
      this.oldestUnripe = 0;
    }
    if (this.unripeCount <= WAITING_KEPT) return;
    while (!isUnripe(this.unripe[this.oldestUnripe]!)) this.oldestUnripe++;
    this.hurried++;
    this.endWait(this.unripe[this.oldestUnripe]!);
  }

  /** Hands a matched event to the gaps of its sequence that still take what comes after them. */
  feed(sequence: number, ref: MatchRef): void {
    for (const gap of this.of(sequence)) {
      if (gap.stage === 'ripe') continue;
      gap.after = [...gap.after, ref];
      this.ripen(gap);
    }
  }

  /** Those of a sequence that a late event may still change. */
  open(sequence: number): FoundGap[] {
    const gaps = this.of(sequence);
    if (gaps.length === 0) return [];
    const settledNs = this.options.reachedNs() - LATE_NS;
    return gaps.filter((gap) => !this.isOvertaken(gap) && gap.readyNs > settledNs);
  }

  /** A late event behind the gap's end. */
  insertAfter(gap: FoundGap, ref: MatchRef): void {
    const earlier = gap.after.filter((other) => other.timeNs <= ref.timeNs).length;
    gap.after = gap.after.toSpliced(earlier, 0, ref).slice(0, this.options.after);
    if (gap.stage === 'unripe') this.ripen(gap);
  }

  /** The gap ends earlier, at a late event. */
  endAt(gap: FoundGap, late: MatchRef): void {
    gap.end = late;
    gap.endNs = late.timeNs;
    this.ripen(gap);
  }

  private ripen(gap: FoundGap): void {
    if (gap.after.length >= this.options.after) this.endWait(gap);
  }

  /** It takes no more events, and is ready once none can be late for it. */
  private endWait(gap: FoundGap): void {
    const reachedNs = this.options.reachedNs();
    const holdNs = this.options.holdNs?.() ?? 0;
    gap.readyNs = this.isOvertaken(gap) ? reachedNs : Math.max(reachedNs, gap.endNs + LATE_NS + holdNs);
    this.nextReadyNs = Math.min(this.nextReadyNs, gap.readyNs);
    if (gap.stage === 'ripe') return;
    this.leaveStage(gap);
    gap.stage = 'ripe';
    this.ripe.push(gap);
  }

  /** The clock stepped back since it was found: nothing can be late for it. */
  private isOvertaken(gap: FoundGap): boolean {
    return gap.epochs !== this.epochs;
  }

  /** Makes gaps ready that nothing can change any more, in an order that does not depend on when this is called. */
  settle(): void {
    if (this.settled.length > 0) this.handOver(WAITING_KEPT);
    if (this.ripe.length === 0) return;
    const settledNs = this.options.reachedNs() - LATE_NS;
    // Asked for each advert, while thousands may wait ten seconds.
    if (settledNs < this.nextReadyNs) return;
    this.release(this.ripe.filter((gap) => isRipe(gap) && gap.readyNs <= settledNs));
    this.ripe = this.ripe.filter(isRipe);
    this.nextReadyNs = Number.POSITIVE_INFINITY;
    for (const { readyNs } of this.ripe) if (readyNs < this.nextReadyNs) this.nextReadyNs = readyNs;
  }

  /** A source's clock stepped back, for the `epoch`-th time. */
  restart(source: number, epoch: number): void {
    const epochs = [...this.epochs];
    epochs[source] = epoch;
    this.epochs = epochs;
    this.release(this.ripe.filter(isRipe));
    this.ripe = [];
  }

  /** The trace is over. */
  finish(): void {
    this.release(this.all());
    this.handOver(0);
  }

  /** Sources may still be asked about gaps of before a step of the clock. */
  get holdsSettled(): boolean {
    return this.settled.length > 0;
  }

  private release(due: FoundGap[]): void {
    due.sort((a, b) => compare(a.readyNs, b.readyNs) || compare(a.endNs, b.endNs) || a.sequence - b.sequence);
    for (const gap of due) {
      this.forget(gap);
      if (!gap.isCandidate) this.settled.push(gap);
    }
    this.handOver(WAITING_KEPT);
  }

  /** Makes settled gaps ready up to the first one that not all sources have passed, and all beyond the newest `kept`. */
  private handOver(kept: number): void {
    const { settled, ready } = this;
    const { isPassed } = this.options;
    let count = Math.max(0, settled.length - kept);
    while (count < settled.length && (isPassed?.(settled[count]!) ?? true)) count++;
    for (const gap of settled.splice(0, count)) ready.push(gap);
  }

  /** It waits no longer. */
  forget(gap: FoundGap): void {
    this.leaveStage(gap);
    gap.stage = 'over';
    const gaps = this.bySequence[gap.sequence]!;
    if (gaps.length === 1) this.bySequence[gap.sequence] = undefined;
    else gaps.splice(gaps.indexOf(gap), 1);
    this.count(gap, -1);
  }

  private count({ sequence }: FoundGap, by: number): void {
    const at = this.table.enter(sequence);
    this.table.ints[2 * at + WAITING]! += by;
  }

  private leaveStage(gap: FoundGap): void {
    if (isUnripe(gap) && !gap.isCandidate) this.unripeCount--;
  }
}

function isUnripe({ stage }: FoundGap): boolean {
  return stage === 'unripe';
}

function isRipe({ stage }: FoundGap): boolean {
  return stage === 'ripe';
}

/** Also of infinite numbers. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
