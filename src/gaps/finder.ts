/**
 * Finds gaps: two neighbouring matched events of a sequence at least a threshold apart. What is known of sequences
 * stands in a table of numbers; of each event only what finds it again is kept.
 *
 * Neighbours are neighbours in time: events of different CPUs may be a few microseconds out of order, so a
 * sequence's newest event is its latest one, and an event that lands inside a gap just found moves its end.
 */
import { DOUBLE_ZERO } from '../model/event.js';
import { type FoundGap, type MatchRef, makeGap, refOf } from './found-gap.js';
import { LongestIntervals } from './longest-intervals.js';
import { KEPT_OF_MANY, KEPT_OF_ONE, type LearnedRhythm } from './rhythm.js';
import { GENERATION, LATEST, SequenceTable, THRESHOLD, TOTAL, WAITING } from './sequence-table.js';
import { WaitingGaps, type WaitingOptions } from './waiting-gaps.js';

/** Times on the run's axis. */
export interface Edges {
  readonly startNs: number;
  readonly endNs: number;
}

export interface FinderOptions extends WaitingOptions {
  /** Nanoseconds, or null to learn it (`auto`), until `setThreshold` tells it of a sequence. */
  readonly thresholdNs: number | null;
  /** Where the threshold is to be learned and no rhythm recurs. Default none, and then no gap. */
  readonly fallbackNs?: number;
  /** Matched events kept before each gap. */
  readonly before: number;
  /** There may be many sequences. */
  readonly grouped: boolean;
}

/** Of so many sequences the rhythm is watched where the threshold does not depend on it. */
const RHYTHMS_WATCHED = 1024;

const NEVER = Number.POSITIVE_INFINITY;
/** Of a sequence that was left; clocks step less often. */
const LEFT = -1;
/** So many gaps get their sequence's rhythm, later ones only where they are long. */
const RHYTHMS_TOLD = 1000;

/** Of so many sequences it is found out each time how far back they may ask. */
const SEQUENCES_ASKED = 4096;

export class GapFinder {
  found = 0;
  /** Where silence before a sequence's first event begins. */
  startNs = 0;
  /** Where the trace begins, as far as is known. */
  firstNs = 0;
  /** Where the recording of a sequence begins and ends, if that is not the whole run; null if it is for all. */
  edges: ((sequence: number) => Edges) | null = null;
  private readonly auto: boolean;
  private readonly longest: LongestIntervals;
  private readonly table: SequenceTable;
  private readonly waiting: WaitingGaps;
  private generation = 1;
  private sequences = 0;
  private longestNs = DOUBLE_ZERO;

  constructor(private readonly options: FinderOptions) {
    this.table = new SequenceTable(options.before + 1, options.thresholdNs ?? NEVER);
    this.waiting = new WaitingGaps(options, this.table);
    this.auto = options.thresholdNs === null;
    this.longest = new LongestIntervals(
      this.auto && !options.grouped ? KEPT_OF_ONE : KEPT_OF_MANY,
      this.auto ? Number.POSITIVE_INFINITY : RHYTHMS_WATCHED,
    );
  }

  /** Gaps whose context is complete, in the order in which they became so. */
  get ready(): FoundGap[] {
    return this.waiting.ready;
  }

  /** Gaps made ready without the events after them, since too many waited. */
  get hurried(): number {
    return this.waiting.hurried;
  }

  /**
   * A matched event of a sequence (numbered from 0), in the order of the trace; `shiftNs` puts its time on the run's
   * axis. It is taken as it is: numbers handed over one by one would each be put on the heap.
   */
  see(sequence: number, e: MatchRef, shiftNs: number): void {
    const { table } = this;
    const at = table.enter(sequence);
    const { rows, ints } = table;
    if (sequence >= this.sequences) this.sequences = sequence + 1;
    const timeNs = e.timeNs + shiftNs;
    if (ints[2 * at + GENERATION] !== this.generation) {
      this.begin(sequence, refOf(e, timeNs));
    } else {
      const interval = timeNs - rows[at + LATEST]!;
      if (interval < 0) {
        this.late(sequence, refOf(e, timeNs));
        return;
      }
      rows[at + TOTAL]!++;
      this.longest.newest[0] = interval;
      const isLong = this.longest.isLong(sequence);
      if (isLong || interval >= rows[at + THRESHOLD]! || ints[2 * at + WAITING] !== 0)
        this.note(sequence, refOf(e, timeNs), interval, isLong);
    }
    rows[at + LATEST] = timeNs;
    table.add(at, e, shiftNs);
  }

  /** Events of these sequences come next, -1 being none. */
  expect(next: Int32Array, count: number): void {
    this.table.fetch(next, count);
  }

  /** An event behind an interval that is a gap or among the longest, or behind a gap that waits. */
  private note(sequence: number, ref: MatchRef, interval: number, isLong: boolean): void {
    const thresholdNs = this.known(sequence, THRESHOLD);
    const isGap = interval >= thresholdNs;
    this.waiting.feed(sequence, ref);
    if (isGap) this.gap(sequence, ref);
    if (!isLong) return;
    const candidate = !isGap && thresholdNs === NEVER ? this.newGap(sequence, ref, true) : null;
    this.longest.add(sequence, interval, candidate);
    if (candidate) this.waiting.add(candidate);
  }

  private begin(sequence: number, end: MatchRef): void {
    this.waiting.feed(sequence, end);
    const first = this.generationOf(sequence) === 0;
    this.setGeneration(sequence, this.generation);
    this.table.begin(sequence);
    const startNs = Math.max(this.startNs, this.edges?.(sequence).startNs ?? this.startNs);
    // The start of the trace lies on another side of a step.
    if (!first || this.generation > 1 || end.timeNs - startNs < this.known(sequence, THRESHOLD)) return;
    this.found++;
    this.waiting.add(makeGap(this.here(sequence), null, end, startNs));
  }

  private gap(sequence: number, end: MatchRef): void {
    this.found++;
    this.waiting.add(this.newGap(sequence, end, false));
  }

  private newGap(sequence: number, end: MatchRef, isCandidate: boolean): FoundGap {
    const before = this.table.newest(sequence);
    const start = before.pop()!;
    const rhythm = this.rhythmNow(sequence, end.timeNs - start.timeNs);
    return makeGap(this.here(sequence), start, end, Number.NaN, { before, isCandidate, rhythm });
  }

  /** What a gap of the sequence that is found now has of the trace. */
  private here(sequence: number): Pick<FoundGap, 'sequence' | 'epochs' | 'firstNs'> {
    return { sequence, epochs: this.waiting.epochs, firstNs: this.firstNs };
  }

  /** Of the first gaps, and of those that are among the longest so far: they may be investigated. */
  private rhythmNow(sequence: number, gapNs: number): LearnedRhythm | null {
    if (this.auto || (this.found > RHYTHMS_TOLD && gapNs * 2 < this.longestNs)) return null;
    this.longestNs = Math.max(this.longestNs, gapNs);
    return this.rhythm(sequence);
  }

  /** Makes gaps ready that nothing can change any more, in an order that does not depend on when this is called. */
  settle(): void {
    this.waiting.settle();
  }

  /**
   * An event older than its sequence's latest, by a millisecond unless strace -z printed it late: takes its place
   * among the newest ones, and divides a gap that it lands in, if that is not ready yet (whether or not `settle` was
   * asked since).
   */
  private late(sequence: number, ref: MatchRef): void {
    const at = this.table.enter(sequence);
    this.table.rows[at + TOTAL]!++;
    this.table.insert(sequence, ref);
    for (const gap of this.waiting.open(sequence)) {
      if (ref.timeNs >= gap.endNs) this.waiting.insertAfter(gap, ref);
      else if (ref.timeNs > gap.startNs && gap.end) this.divide(sequence, gap, gap.end, ref);
      else if (ref.timeNs > gap.startNs) gap.endNs = ref.timeNs;
    }
  }

  /** The gap ends at the late event; what is left behind it may be a gap of its own. */
  private divide(sequence: number, gap: FoundGap, end: MatchRef, late: MatchRef): void {
    const { waiting } = this;
    const { after } = gap;
    waiting.insertAfter(gap, end);
    waiting.endAt(gap, late);
    if (gap.isCandidate) return;
    const thresholdNs = this.known(sequence, THRESHOLD);
    if (gap.endNs - gap.startNs < thresholdNs) {
      waiting.forget(gap);
      this.found--;
    }
    if (end.timeNs - late.timeNs >= thresholdNs) {
      const { before } = this.options;
      const newest = [...gap.before, ...(gap.start ? [gap.start] : [])].slice(-before);
      this.found++;
      waiting.add(
        makeGap(this.here(sequence), late, end, Number.NaN, { before: before === 0 ? [] : newest, after }),
      );
    }
  }

  /** A source's clock stepped back, for the `epoch`-th time: no interval can be measured across this point. */
  restart(source: number, epoch: number): void {
    this.generation++;
    this.waiting.restart(source, epoch);
  }

  /**
   * The trace is over; `runEndNs` is its last event's time. Gives the rhythms learned, and the silences that last
   * to its end, which are counted as they are asked for: there may be a hundred thousand.
   */
  finish(runEndNs: number): { rhythms: Map<number, LearnedRhythm>; ends: Iterable<FoundGap> } {
    this.waiting.finish();
    const rhythms = this.auto ? this.learned() : new Map<number, LearnedRhythm>();
    return { rhythms, ends: this.ends(runEndNs, rhythms) };
  }

  private *ends(runEndNs: number, rhythms: ReadonlyMap<number, LearnedRhythm>): Generator<FoundGap> {
    for (let sequence = 0; sequence < this.sequences; sequence++) {
      const silence = this.silenceOf(sequence, runEndNs, rhythms);
      if (!silence) continue;
      this.found++;
      yield silence;
    }
  }

  /** The sequence's silence at the end, if it is a gap. */
  private silenceOf(
    sequence: number,
    runEndNs: number,
    rhythms: ReadonlyMap<number, LearnedRhythm>,
  ): FoundGap | null {
    const endNs = Math.min(runEndNs, this.edges?.(sequence).endNs ?? runEndNs);
    const silence = endNs - this.known(sequence, LATEST);
    const ownNs = this.known(sequence, THRESHOLD);
    const thresholdNs = ownNs === NEVER ? this.learnedThreshold(rhythms.get(sequence)) : ownNs;
    if (this.generationOf(sequence) !== this.generation || silence < thresholdNs) return null;
    const before = this.table.newest(sequence);
    const start = before.pop()!;
    return makeGap(this.here(sequence), start, null, endNs, {
      before,
      rhythm: this.rhythmNow(sequence, silence),
    });
  }

  private learnedThreshold(rhythm: LearnedRhythm | null | undefined): number {
    return rhythm?.thresholdNs ?? this.options.fallbackNs ?? NEVER;
  }

  private learned(): Map<number, LearnedRhythm> {
    const rhythms = new Map<number, LearnedRhythm>();
    const gaps: FoundGap[] = [];
    for (let sequence = 0; sequence < this.sequences; sequence++) {
      if (this.known(sequence, THRESHOLD) !== NEVER) continue;
      const rhythm = this.rhythm(sequence);
      if (rhythm) rhythms.set(sequence, rhythm);
      const thresholdNs = this.learnedThreshold(rhythm);
      for (const { gap } of this.longest.of(sequence)) {
        if (!gap || gap.endNs - gap.startNs < thresholdNs) continue;
        this.found++;
        gaps.push(gap);
      }
    }
    for (const gap of gaps.sort((a, b) => a.endNs - b.endNs)) this.ready.push(gap);
    return rhythms;
  }

  /** From its newest event on, this is the sequence's threshold. */
  setThreshold(sequence: number, thresholdNs: number): void {
    const at = this.table.enter(sequence);
    this.table.rows[at + THRESHOLD] = thresholdNs;
  }

  /** The sequence is over, or has not begun: silence is no gap until its next event, with which it begins anew. */
  leave(sequence: number): void {
    this.setGeneration(sequence, LEFT);
  }

  /** The rhythm of a sequence, as far as it was seen; null where none recurs (or it is one of very many). */
  rhythm(sequence: number): LearnedRhythm | null {
    return this.longest.groups(sequence).rhythm(this.intervals(sequence), this.longest.total(sequence));
  }

  /**
   * What gaps still to be delivered may ask for reaches back to this time at the most: their context, and before
   * their start as long a stretch again. Of very many sequences it is not looked for.
   */
  neededNs(nowNs: number): number {
    const isHeld = this.ready.length > 0 || this.waiting.holdsSettled;
    if (this.auto || isHeld || this.sequences === 0 || this.sequences > SEQUENCES_ASKED)
      return Number.NEGATIVE_INFINITY;
    let neededNs = nowNs;
    for (let sequence = 0; sequence < this.sequences; sequence++) {
      if (this.generationOf(sequence) !== this.generation) continue;
      const latestNs = this.known(sequence, LATEST);
      neededNs = Math.min(neededNs, this.table.oldestNs(sequence), 2 * latestNs - nowNs);
    }
    for (const { before, startNs, endNs } of this.waiting.all())
      neededNs = Math.min(neededNs, before[0]?.timeNs ?? startNs, 2 * startNs - endNs);
    return neededNs;
  }

  /** Thresholds are learned. */
  get isLearning(): boolean {
    return this.auto;
  }

  /** Intervals measured in a sequence. */
  intervals(sequence: number): number {
    return this.known(sequence, TOTAL);
  }

  private generationOf(sequence: number): number {
    const at = this.table.enter(sequence);
    return this.table.ints[2 * at + GENERATION]!;
  }

  private setGeneration(sequence: number, generation: number): void {
    const at = this.table.enter(sequence);
    this.table.ints[2 * at + GENERATION] = generation;
  }

  /** A double of a sequence's row, also of one that was never seen. */
  private known(sequence: number, place: number): number {
    const at = this.table.enter(sequence);
    return this.table.rows[at + place]!;
  }
}
