/**
 * Finds gaps: two neighbouring matched events of a sequence at least a threshold apart. Sequences are kept in
 * columns of numbers, so that a hundred thousand cost little and nothing is allocated per event; of each
 * event only what finds it again is kept.
 *
 * Neighbours are neighbours in time: events of different CPUs may be a few microseconds out of order, so a
 * sequence's newest event is its latest one, and an event that lands inside a gap just found moves its end.
 */
import { LATE_NS } from '../model/time.js';
import { LongestIntervals } from './longest-intervals.js';
import { KEPT_OF_MANY, KEPT_OF_ONE, type LearnedRhythm, learnRhythm } from './rhythm.js';

/** Where a matched event stands; enough to read it again. Times are on the run's common axis. */
export interface MatchRef {
  readonly timeNs: number;
  readonly source: number;
  readonly offset: number;
  readonly line: number;
  readonly num: number;
  readonly half: number;
}

export interface FoundGap {
  readonly sequence: number;
  readonly open: 'start' | 'end' | null;
  readonly startNs: number;
  endNs: number;
  readonly start: MatchRef | null;
  end: MatchRef | null;
  readonly before: readonly MatchRef[];
  after: readonly MatchRef[];
  /** Steps back of each source's clock before it, by source. */
  readonly epochs: readonly number[];
  /** Where the trace begins, as far as was known when the gap was found: strace -z may print an earlier line yet. */
  readonly firstNs: number;
  /** Among its sequence's longest intervals: the rhythm that is still to be learned says whether it is a gap. */
  readonly isCandidate: boolean;
  /** Its sequence's rhythm as far as it was known when the gap was found; null for one of very many gaps. */
  readonly rhythm: LearnedRhythm | null;
  /** When its context was whole and no late event could move its end any more; Infinity before. */
  readyNs: number;
}

/** Times on the run's axis. */
export interface Edges {
  readonly startNs: number;
  readonly endNs: number;
}

export interface FinderOptions {
  /** Nanoseconds, or null to learn it (`auto`), until `setThreshold` tells it of a sequence. */
  readonly thresholdNs: number | null;
  /** Where the threshold is to be learned and no rhythm recurs. Default none, and then no gap. */
  readonly fallbackNs?: number;
  /** Gaps are held for what comes so long after their end. Default 0. */
  readonly holdNs?: () => number;
  /** Matched events kept before and after each gap. */
  readonly before: number;
  readonly after: number;
  /** There may be many sequences. */
  readonly grouped: boolean;
  /** The time that all of the trace has reached at the newest event, by what its lines print. */
  readonly reachedNs: () => number;
}

/** Of so many sequences the rhythm is watched where the threshold does not depend on it. */
const RHYTHMS_WATCHED = 1024;

/** Gaps that wait for what comes after them, in trace order: some 0.7 KB each. */
export const WAITING_KEPT = 1 << 14;

const NEVER = Number.POSITIVE_INFINITY;
/** Of a sequence that was left; clocks step less often. */
const LEFT = 0xffffffff;
/** So many gaps get their sequence's rhythm, later ones only where they are long. */
const RHYTHMS_TOLD = 1000;

function refOf({ source, offset, line, num, half }: MatchRef, timeNs: number): MatchRef {
  return { timeNs, source, offset, line, num, half };
}

/** Of so many sequences it is found out each time how far back they may ask. */
const SEQUENCES_ASKED = 4096;

/** Numbers kept per matched event: time, source, offset, line, num, half. */
const REF_FIELDS = 6;

export class GapFinder {
  /** Gaps whose context is complete, in the order in which they became so. */
  readonly ready: FoundGap[] = [];
  found = 0;
  /** Gaps made ready without the events after them, since too many waited. */
  hurried = 0;
  /** Where silence before a sequence's first event begins. */
  startNs = 0;
  /** Where the trace begins, as far as is known. */
  firstNs = 0;
  /** Where the recording of a sequence begins and ends, if that is not the whole run; null if it is for all. */
  edges: ((sequence: number) => Edges) | null = null;
  private readonly ringSize: number;
  /** Of sequences that have none of their own; Infinity where it is to be learned. */
  private readonly thresholdNs: number;
  private readonly auto: boolean;
  private readonly longest: LongestIntervals;
  private capacity = 16;
  /** Events in a sequence's ring since it (re)started, at most its size. */
  private filled = new Int32Array(16);
  /** Where in the ring the next event goes. */
  private places = new Int32Array(16);
  private latest = new Float64Array(16);
  private generations = new Uint32Array(16);
  private thresholds = new Float64Array(16);
  private ring: Float64Array;
  private generation = 1;
  private epochs: number[] = [];
  /** Gaps that wait for events after them. */
  private waiting = new Map<number, FoundGap[]>();
  /** Those of them, candidates left out, whose context is not whole, in the order found. */
  private readonly unripe = new Set<FoundGap>();
  /** Those of them that take no more events: they wait for late ones only. */
  private readonly ripe = new Set<FoundGap>();
  private sequences = 0;
  private longestNs = 0;
  private totals = new Float64Array(16);
  /** None of them is ready before this time. */
  private nextReadyNs = NEVER;

  constructor(private readonly options: FinderOptions) {
    this.ringSize = options.before + 1;
    this.ring = new Float64Array(16 * this.ringSize * REF_FIELDS);
    this.thresholdNs = options.thresholdNs ?? Number.POSITIVE_INFINITY;
    this.thresholds.fill(this.thresholdNs);
    this.auto = options.thresholdNs === null;
    this.longest = new LongestIntervals(
      this.auto && !options.grouped ? KEPT_OF_ONE : KEPT_OF_MANY,
      this.auto ? Number.POSITIVE_INFINITY : RHYTHMS_WATCHED,
    );
  }

  /**
   * A matched event of a sequence (numbered from 0), in the order of the trace; `shiftNs` puts its time on the run's
   * axis. It is taken as it is: numbers handed over one by one would each be put on the heap.
   */
  see(sequence: number, e: MatchRef, shiftNs: number): void {
    if (sequence >= this.capacity) this.grow(sequence);
    if (sequence >= this.sequences) this.sequences = sequence + 1;
    const timeNs = e.timeNs + shiftNs;
    if (this.generations[sequence] !== this.generation) {
      this.begin(sequence, refOf(e, timeNs));
    } else {
      const interval = timeNs - this.latest[sequence]!;
      if (interval < 0) {
        this.late(sequence, refOf(e, timeNs));
        return;
      }
      this.totals[sequence]!++;
      this.longest.newest[0] = interval;
      const isLong = this.longest.isLong(sequence);
      const thresholdNs = this.thresholds[sequence]!;
      if (interval >= thresholdNs) {
        this.gap(sequence, refOf(e, timeNs));
        if (isLong) this.longest.add(sequence, interval, null);
      } else {
        if (this.waiting.size > 0 && this.waiting.has(sequence)) this.feed(sequence, refOf(e, timeNs));
        if (isLong) {
          const candidate = thresholdNs === NEVER ? this.newGap(sequence, refOf(e, timeNs), true) : null;
          this.longest.add(sequence, interval, candidate);
          if (candidate) this.wait(sequence, candidate);
        }
      }
    }
    this.latest[sequence] = timeNs;
    const place = this.places[sequence]!;
    const slot = (sequence * this.ringSize + place) * REF_FIELDS;
    const ring = this.ring;
    ring[slot] = timeNs;
    ring[slot + 1] = e.source;
    ring[slot + 2] = e.offset;
    ring[slot + 3] = e.line;
    ring[slot + 4] = e.num;
    ring[slot + 5] = e.half;
    this.places[sequence] = place + 1 === this.ringSize ? 0 : place + 1;
    if (this.filled[sequence]! < this.ringSize) this.filled[sequence]!++;
  }

  private begin(sequence: number, end: MatchRef): void {
    if (this.waiting.size > 0) this.feed(sequence, end);
    const first = this.generations[sequence] === 0;
    this.generations[sequence] = this.generation;
    this.filled[sequence] = 0;
    this.places[sequence] = 0;
    const startNs = Math.max(this.startNs, this.edges?.(sequence).startNs ?? this.startNs);
    // The start of the trace lies on another side of a step.
    if (!first || this.generation > 1 || end.timeNs - startNs < this.thresholds[sequence]!) return;
    this.found++;
    this.wait(sequence, {
      sequence,
      open: 'start',
      startNs,
      endNs: end.timeNs,
      start: null,
      end,
      before: [],
      after: [],
      epochs: this.epochs,
      firstNs: this.firstNs,
      isCandidate: false,
      rhythm: null,
      readyNs: NEVER,
    });
  }

  private gap(sequence: number, end: MatchRef): void {
    if (this.waiting.size > 0) this.feed(sequence, end);
    this.found++;
    this.wait(sequence, this.newGap(sequence, end, false));
  }

  private newGap(sequence: number, end: MatchRef, isCandidate: boolean): FoundGap {
    const context = this.context(sequence);
    const start = context.pop()!;
    return {
      sequence,
      open: null,
      startNs: start.timeNs,
      endNs: end.timeNs,
      start,
      end,
      before: context,
      after: [],
      epochs: this.epochs,
      firstNs: this.firstNs,
      isCandidate,
      rhythm: this.rhythmNow(sequence, end.timeNs - start.timeNs),
      readyNs: NEVER,
    };
  }

  /** Of the first gaps, and of those that are among the longest so far: they may be investigated. */
  private rhythmNow(sequence: number, gapNs: number): LearnedRhythm | null {
    if (this.auto || (this.found > RHYTHMS_TOLD && gapNs * 2 < this.longestNs)) return null;
    this.longestNs = Math.max(this.longestNs, gapNs);
    return this.rhythm(sequence);
  }

  /** The newest events of a sequence, oldest first; the last one is where silence begins. */
  private context(sequence: number): MatchRef[] {
    const filled = this.filled[sequence]!;
    // No larger than it is: there may be a hundred thousand.
    const refs = new Array<MatchRef>(filled);
    for (let i = 0; i < filled; i++) refs[i] = this.newest(sequence, filled - i);
    return refs;
  }

  /** The `back`-th newest event of a sequence, from 1. */
  private newest(sequence: number, back: number): MatchRef {
    const place = (this.places[sequence]! - back + this.ringSize) % this.ringSize;
    const slot = (sequence * this.ringSize + place) * REF_FIELDS;
    const [timeNs, source, offset, line, num, half] = this.ring.subarray(slot, slot + REF_FIELDS);
    return {
      timeNs: timeNs!,
      source: source!,
      offset: offset!,
      line: line!,
      num: num!,
      half: half!,
    };
  }

  private wait(sequence: number, gap: FoundGap): void {
    const list = this.waiting.get(sequence);
    if (list) list.push(gap);
    else this.waiting.set(sequence, [gap]);
    if (!gap.isCandidate) this.unripe.add(gap);
    this.ripen(gap);
    if (this.unripe.size <= WAITING_KEPT) return;
    const [oldest] = this.unripe;
    this.hurried++;
    this.endWait(oldest!);
  }

  /** Hands a matched event to the gaps of its sequence that still take what comes after them. */
  private feed(sequence: number, ref: MatchRef): void {
    for (const gap of this.waiting.get(sequence) ?? []) {
      if (this.ripe.has(gap)) continue;
      gap.after = [...gap.after, ref];
      this.ripen(gap);
    }
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
    this.unripe.delete(gap);
    this.ripe.add(gap);
  }

  /** The clock stepped back since it was found: nothing can be late for it. */
  private isOvertaken(gap: FoundGap): boolean {
    return gap.epochs !== this.epochs;
  }

  /** Makes gaps ready that nothing can change any more, in an order that does not depend on when this is called. */
  settle(): void {
    if (this.ripe.size === 0) return;
    const settledNs = this.options.reachedNs() - LATE_NS;
    // Asked for each advert, while thousands may wait ten seconds.
    if (settledNs < this.nextReadyNs) return;
    this.release([...this.ripe].filter((gap) => gap.readyNs <= settledNs));
    this.nextReadyNs = NEVER;
    for (const { readyNs } of this.ripe) if (readyNs < this.nextReadyNs) this.nextReadyNs = readyNs;
  }

  private release(due: FoundGap[]): void {
    due.sort((a, b) => compare(a.readyNs, b.readyNs) || compare(a.endNs, b.endNs) || a.sequence - b.sequence);
    for (const gap of due) {
      this.forget(gap);
      if (!gap.isCandidate) this.ready.push(gap);
    }
  }

  /** It waits no longer. */
  private forget(gap: FoundGap): void {
    this.unripe.delete(gap);
    this.ripe.delete(gap);
    const list = this.waiting.get(gap.sequence)!;
    if (list.length === 1) this.waiting.delete(gap.sequence);
    else list.splice(list.indexOf(gap), 1);
  }

  /**
   * An event older than its sequence's latest, by a millisecond unless strace -z printed it late: takes its place
   * among the newest ones, and divides a gap that it lands in, if that is not ready yet (whether or not `settle` was
   * asked since).
   */
  private late(sequence: number, ref: MatchRef): void {
    this.totals[sequence]!++;
    const newest = this.context(sequence);
    newest.splice(newest.filter((other) => other.timeNs <= ref.timeNs).length, 0, ref);
    this.refill(sequence, newest.slice(-this.ringSize));
    const waiting = this.waiting.get(sequence);
    if (waiting === undefined) return;
    const settledNs = this.options.reachedNs() - LATE_NS;
    for (const gap of [...waiting]) {
      if (this.isOvertaken(gap) || gap.readyNs <= settledNs) continue;
      if (ref.timeNs >= gap.endNs) this.insertAfter(gap, ref);
      else if (ref.timeNs > gap.startNs && gap.end) this.divide(sequence, gap, gap.end, ref);
      else if (ref.timeNs > gap.startNs) gap.endNs = ref.timeNs;
    }
  }

  private insertAfter(gap: FoundGap, ref: MatchRef): void {
    const earlier = gap.after.filter((other) => other.timeNs <= ref.timeNs).length;
    gap.after = gap.after.toSpliced(earlier, 0, ref).slice(0, this.options.after);
    if (!this.ripe.has(gap)) this.ripen(gap);
  }

  /** The gap ends at the late event; what is left behind it may be a gap of its own. */
  private divide(sequence: number, gap: FoundGap, end: MatchRef, late: MatchRef): void {
    const { after } = gap;
    this.insertAfter(gap, end);
    gap.end = late;
    gap.endNs = late.timeNs;
    this.ripen(gap);
    if (gap.isCandidate) return;
    const thresholdNs = this.thresholds[sequence]!;
    if (gap.endNs - gap.startNs < thresholdNs) {
      this.forget(gap);
      this.found--;
    }
    if (end.timeNs - late.timeNs >= thresholdNs) {
      const before = [...gap.before, ...(gap.start ? [gap.start] : [])].slice(-this.options.before);
      this.found++;
      this.wait(sequence, {
        sequence,
        open: null,
        startNs: late.timeNs,
        endNs: end.timeNs,
        start: late,
        end,
        before: this.options.before === 0 ? [] : before,
        after,
        epochs: this.epochs,
        firstNs: this.firstNs,
        isCandidate: false,
        rhythm: null,
        readyNs: NEVER,
      });
    }
  }

  /** Puts these events, oldest first, in the place of the sequence's newest ones. */
  private refill(sequence: number, refs: readonly MatchRef[]): void {
    for (const [place, ref] of refs.entries()) {
      const { timeNs, source, offset, line, num, half } = ref;
      this.ring.set(
        [timeNs, source, offset, line, num, half],
        (sequence * this.ringSize + place) * REF_FIELDS,
      );
    }
    this.filled[sequence] = refs.length;
    this.places[sequence] = refs.length % this.ringSize;
  }

  /** A source's clock stepped back, for the `epoch`-th time: no interval can be measured across this point. */
  restart(source: number, epoch: number): void {
    this.generation++;
    this.epochs = [...this.epochs];
    this.epochs[source] = epoch;
    this.release([...this.ripe]);
  }

  /**
   * The trace is over; `runEndNs` is its last event's time. Gives the rhythms learned, and the silences that last
   * to its end, which are counted as they are asked for: there may be a hundred thousand.
   */
  finish(runEndNs: number): { rhythms: Map<number, LearnedRhythm>; ends: Iterable<FoundGap> } {
    this.release([...this.waiting.values()].flat());
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
    const silence = endNs - this.latest[sequence]!;
    const ownNs = this.thresholds[sequence]!;
    const thresholdNs = ownNs === NEVER ? this.learnedThreshold(rhythms.get(sequence)) : ownNs;
    if (this.generations[sequence] !== this.generation || silence < thresholdNs) return null;
    const before = this.context(sequence);
    const start = before.pop()!;
    return {
      sequence,
      open: 'end',
      startNs: start.timeNs,
      endNs,
      start,
      end: null,
      before,
      after: [],
      epochs: this.epochs,
      firstNs: this.firstNs,
      isCandidate: false,
      rhythm: this.rhythmNow(sequence, silence),
      readyNs: NEVER,
    };
  }

  private learnedThreshold(rhythm: LearnedRhythm | null | undefined): number {
    return rhythm?.thresholdNs ?? this.options.fallbackNs ?? NEVER;
  }

  private learned(): Map<number, LearnedRhythm> {
    const rhythms = new Map<number, LearnedRhythm>();
    const gaps: FoundGap[] = [];
    for (let sequence = 0; sequence < this.sequences; sequence++) {
      if (this.thresholds[sequence] !== NEVER) continue;
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
    if (sequence >= this.capacity) this.grow(sequence);
    this.thresholds[sequence] = thresholdNs;
  }

  /** The sequence is over, or has not begun: silence is no gap until its next event, with which it begins anew. */
  leave(sequence: number): void {
    if (sequence >= this.capacity) this.grow(sequence);
    this.generations[sequence] = LEFT;
  }

  /** The rhythm of a sequence, as far as it was seen; null where none recurs (or it is one of very many). */
  rhythm(sequence: number): LearnedRhythm | null {
    const lengths = this.longest.of(sequence).map(({ gap, ns }) => (gap ? gap.endNs - gap.startNs : ns));
    return learnRhythm(lengths, this.totals[sequence]!, this.longest.total(sequence));
  }

  /**
   * What gaps still to be delivered may ask for reaches back to this time at the most: their context, and before
   * their start as long a stretch again. Of very many sequences it is not looked for.
   */
  neededNs(nowNs: number): number {
    if (this.auto || this.ready.length > 0 || this.sequences === 0 || this.sequences > SEQUENCES_ASKED)
      return Number.NEGATIVE_INFINITY;
    let neededNs = nowNs;
    for (let sequence = 0; sequence < this.sequences; sequence++) {
      if (this.generations[sequence] !== this.generation) continue;
      const filled = this.filled[sequence]!;
      const oldest = filled < this.ringSize ? 0 : this.places[sequence]!;
      neededNs = Math.min(
        neededNs,
        this.ring[(sequence * this.ringSize + oldest) * REF_FIELDS]!,
        2 * this.latest[sequence]! - nowNs,
      );
    }
    for (const list of this.waiting.values()) {
      for (const gap of list)
        neededNs = Math.min(neededNs, gap.before[0]?.timeNs ?? gap.startNs, 2 * gap.startNs - gap.endNs);
    }
    return neededNs;
  }

  /** Thresholds are learned. */
  get isLearning(): boolean {
    return this.auto;
  }

  /** Intervals measured in a sequence. */
  intervals(sequence: number): number {
    return this.totals[sequence] ?? 0;
  }

  private grow(sequence: number): void {
    let capacity = this.capacity;
    while (capacity <= sequence) capacity *= 2;
    const larger = <T extends Float64Array | Uint32Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    this.filled = larger(this.filled, new Int32Array(capacity));
    this.places = larger(this.places, new Int32Array(capacity));
    this.latest = larger(this.latest, new Float64Array(capacity));
    this.totals = larger(this.totals, new Float64Array(capacity));
    this.generations = larger(this.generations, new Uint32Array(capacity));
    this.thresholds = larger(
      this.thresholds,
      new Float64Array(capacity).fill(this.thresholdNs, this.capacity),
    );
    this.ring = larger(this.ring, new Float64Array(capacity * this.ringSize * REF_FIELDS));
    this.capacity = capacity;
  }
}

/** Also of infinite numbers. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
