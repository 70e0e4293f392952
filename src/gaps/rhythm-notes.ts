/** What the run learned of its sequences' rhythms: for `auto`, and where the threshold lies below the rhythm. */
import { formatDuration } from '../model/duration.js';
import type { Rhythm } from '../model/gap.js';
import type { GapFinder } from './finder.js';
import type { FoundGap } from './found-gap.js';
import { type LearnedRhythm, median } from './rhythm.js';
import type { Sequences } from './sequences.js';

/** Rhythms told in a report; of many sequences those with most intervals. */
const TOLD = 20;
/** Gap lengths kept per sequence for its median. */
const LENGTHS_KEPT = 10_000;
const SEQUENCES_KEPT = 10_000;
const ENOUGH_INTERVALS = 3;
const MARGIN = 1.25;

export class RhythmNotes {
  learned: ReadonlyMap<number, LearnedRhythm> = new Map();
  private readonly lengths = new Map<number, number[]>();
  private readonly exceeding = new Map<number, number>();

  /** A gap was found (and, in `auto`, broke its sequence's rhythm). */
  gap(gap: FoundGap): void {
    if (gap.open !== null) return;
    this.exceeding.set(gap.sequence, (this.exceeding.get(gap.sequence) ?? 0) + 1);
    const list = this.lengths.get(gap.sequence);
    if (list) {
      if (list.length < LENGTHS_KEPT) list.push(gap.endNs - gap.startNs);
    } else if (this.lengths.size < SEQUENCES_KEPT) this.lengths.set(gap.sequence, [gap.endNs - gap.startNs]);
  }

  report(
    finder: GapFinder,
    sequences: Sequences,
    thresholdNs: number | null,
  ): { rhythms: Rhythm[]; hints: string[] } {
    const rhythms =
      thresholdNs === null ? this.ofAuto(sequences) : this.belowRhythm(finder, sequences, thresholdNs);
    rhythms.sort((a, b) => b.intervals - a.intervals);
    const told = rhythms.slice(0, TOLD);
    return {
      rhythms: told,
      hints: thresholdNs === null ? this.autoHints() : told.map((r) => hint(r, thresholdNs)),
    };
  }

  private ofAuto(sequences: Sequences): Rhythm[] {
    return [...this.learned].map(([sequence, rhythm]) => ({
      group: sequences.name(sequence),
      ...rhythm,
      exceeding: this.exceeding.get(sequence) ?? 0,
    }));
  }

  private autoHints(): string[] {
    if (this.learned.size > 0) return [];
    return ['no rhythm could be learned: no interval recurs often enough; give a threshold, as in -t 1s'];
  }

  /** Sequences most of whose intervals reach the threshold: those are its beat, not gaps. */
  private belowRhythm(finder: GapFinder, sequences: Sequences, thresholdNs: number): Rhythm[] {
    const rhythms: Rhythm[] = [];
    for (const [sequence, lengths] of [...this.lengths].sort((a, b) => a[0] - b[0])) {
      const intervals = finder.intervals(sequence);
      const exceeding = this.exceeding.get(sequence)!;
      if (intervals < ENOUGH_INTERVALS || exceeding * 2 <= intervals) continue;
      const sorted = lengths.sort((a, b) => b - a);
      const typicalNs = median(sorted);
      const spreadNs = median(sorted.map((ns) => Math.abs(ns - typicalNs)).sort((a, b) => b - a));
      rhythms.push({
        group: sequences.name(sequence),
        intervals,
        typicalNs,
        spreadNs,
        thresholdNs,
        exceeding,
      });
    }
    return rhythms;
  }
}

function hint(rhythm: Rhythm, thresholdNs: number): string {
  const of = rhythm.group === null ? '' : ` of ${rhythm.group}`;
  return (
    `most intervals${of} (${rhythm.exceeding} of ${rhythm.intervals}) reach the threshold of ${formatDuration(thresholdNs)}: ` +
    `its rhythm is ${formatDuration(rhythm.typicalNs)} (spread ${formatDuration(rhythm.spreadNs)}); ` +
    `use -t ${asOption(rhythm.typicalNs * MARGIN)}, or -t auto`
  );
}

/** A threshold as one would type it: two digits, rounded up. */
function asOption(ns: number): string {
  const [unit, size] =
    ns >= 1e9 ? (['s', 1e9] as const) : ns >= 1e6 ? (['ms', 1e6] as const) : (['us', 1e3] as const);
  const value = ns / size;
  const digits = value >= 10 ? 0 : 1;
  return `${(Math.ceil(value * 10 ** digits) / 10 ** digits).toFixed(digits)}${unit}`;
}
