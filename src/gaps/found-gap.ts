/** A gap as it is found: two neighbouring matched events of a sequence, or one and an edge of the trace. */
import type { LearnedRhythm } from './rhythm.js';

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
  /** Waiting for the matched events after it, then for late ones, then for nothing any more. */
  stage: 'unripe' | 'ripe' | 'over';
}

/** The event as what finds it again, at its time on the run's axis. */
export function refOf({ source, offset, line, num, half }: MatchRef, timeNs: number): MatchRef {
  return { timeNs, source, offset, line, num, half };
}

/** The state of the trace when a gap is found. */
type Found = Pick<FoundGap, 'sequence' | 'epochs' | 'firstNs'>;

/** What is told of some gaps beside their two events. */
type Context = Partial<Pick<FoundGap, 'before' | 'after' | 'isCandidate' | 'rhythm'>>;

const NO_CONTEXT: Context = {};

/** A gap that is not ready yet. One of its events is null where it is open: there the trace's edge, `edgeNs`, is its. */
export function makeGap(
  { sequence, epochs, firstNs }: Found,
  start: MatchRef | null,
  end: MatchRef | null,
  edgeNs: number,
  { before = [], after = [], isCandidate = false, rhythm = null }: Context = NO_CONTEXT,
): FoundGap {
  return {
    sequence,
    open: start === null ? 'start' : end === null ? 'end' : null,
    startNs: start === null ? edgeNs : start.timeNs,
    endNs: end === null ? edgeNs : end.timeNs,
    start,
    end,
    before,
    after,
    epochs,
    firstNs,
    isCandidate,
    rhythm,
    readyNs: Number.POSITIVE_INFINITY,
    stage: 'unripe',
  };
}
