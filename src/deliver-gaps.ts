/**
 * The delivery of a run's gaps: which of them are told, each with its context, its cause if it is worth one, and what
 * other hosts and side logs have of its time.
 */

import type { Elsewheres } from './elsewhere.js';
import { AroundReader } from './formats/around.js';
import { type TraceSource, waypointBefore } from './formats/trace-source.js';
import type { FoundGap } from './gaps/found-gap.js';
import { Longest } from './gaps/longest.js';
import type { LearnedRhythm } from './gaps/rhythm.js';
import { RhythmNotes } from './gaps/rhythm-notes.js';
import type { Sequences } from './gaps/sequences.js';
import { turn } from './input/turns.js';
import { investigate, type OpenCase, Worth } from './investigate.js';
import type { EventRecord } from './model/event.js';
import type { Gap } from './model/gap.js';
import { checkCount, type GapOptions, INVESTIGATED } from './model/options.js';
import type { SideLogs } from './side-logs.js';
import type { VrrpRun } from './vrrp-run.js';
import type { Investigated } from './why/investigation.js';

/** Gaps found together are investigated together: their stretches overlap. */
export const BATCH = 256;

/** Bytes of trace that an interrupted run still investigates. */
const BYTES_AFTER_STOP = 32 << 20;
/** And so many gaps are told: the report has all of those that are ready as a rule. */
const TOLD_AFTER_STOP = 4096;

/** What the run knows by the time that gaps are delivered. */
export interface RunState {
  readonly sources: readonly TraceSource[];
  readonly sequences: Sequences;
  readonly vrrp: VrrpRun | null;
  readonly sideLogs: SideLogs | null;
  readonly elsewheres: Elsewheres | null;
  readonly interrupted: boolean;
  /** Whether the run is told to stop, which it notes. */
  stopped(): boolean;
  /** A time of the run's axis as the trace prints it. */
  timeText(ns: number): string;
}

export class GapDelivery {
  readonly rhythms = new RhythmNotes();
  /** What the traces can't show, as the investigations met it. */
  readonly limits = new Set<string>();
  /** Only so many are delivered, the longest ones, when all are known; null for all, as they come. */
  readonly top: number | null;
  private readonly around: number;
  /** Which gaps are delivered; null for all. */
  private readonly wanted: Longest | null;
  private readonly worth: Worth | null;
  private readonly reader: AroundReader;
  private readonly held: FoundGap[] = [];
  /** Bytes of trace that were investigated since the run was told to stop. */
  private bytesAfterStop = 0;
  /** Gaps that were told since then. */
  private toldAfterStop = 0;

  /** @throws UsageError for an option that can't be used. */
  constructor(
    private readonly run: RunState,
    private readonly options: GapOptions,
  ) {
    const { around = 3, top, longest, why = true } = options;
    this.around = checkCount('--around', around, 0);
    this.top = top === undefined ? null : checkCount('--top', top, 1);
    this.wanted = longest === undefined ? null : new Longest(checkCount('longest', longest, 1));
    this.worth = worthOf(why);
    this.reader = new AroundReader(run.sources);
  }

  /** Gaps that were among the longest, and were not investigated since others had cost too much. */
  get uninvestigated(): number {
    return this.worth?.leftOut ?? 0;
  }

  /** Takes the gaps that are complete out of `ready`; gives them, or holds those that may be among the longest. */
  async *take(ready: FoundGap[]): AsyncGenerator<Gap> {
    const found = ready.splice(0);
    for (const gap of found) this.rhythms.gap(gap);
    if (this.top === null) yield* this.tell(found);
    else this.hold(found, this.top);
  }

  /** No more gaps come: gives those that were held. */
  async *end(): AsyncGenerator<Gap> {
    if (this.top === null) return;
    this.letGo(this.top);
    yield* this.tell(this.held);
  }

  /** Keeps the longest gaps, and at most as many others; the rest is counted already. */
  private hold(found: readonly FoundGap[], top: number): void {
    for (const gap of found) this.held.push(gap);
    if (this.held.length > 2 * Math.max(top, BATCH)) this.letGo(top);
  }

  private letGo(top: number): void {
    this.held.sort((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs) || a.startNs - b.startNs);
    this.held.splice(top);
  }

  private async *tell(found: readonly FoundGap[]): AsyncGenerator<Gap> {
    for (let i = 0; i < found.length; i += BATCH) {
      await turn();
      if (this.run.stopped() && (this.toldAfterStop += BATCH) > TOLD_AFTER_STOP) return;
      yield* this.tellBatch(found.slice(i, i + BATCH));
    }
  }

  /** Those to be investigated are described together, the others one at a time: very many may come at once. */
  private async *tellBatch(batch: readonly FoundGap[]): AsyncGenerator<Gap> {
    const told: FoundGap[] = [];
    const cases: OpenCase[] = [];
    for (const found of batch) {
      const rhythm = this.rhythmOf(found);
      const isWorthWhile = this.isWorthWhile(found, rhythm);
      if (!(this.wanted?.take(found.endNs - found.startNs) ?? true) && !isWorthWhile) continue;
      if (isWorthWhile) cases.push({ found, gap: await this.describe(found), rhythm });
      told.push(found);
    }
    const answers = cases.length > 0 ? await investigate(this.run.sources, cases) : [];
    const judged = new Map(cases.map(({ found, gap }, i) => [found, this.judged(gap, answers[i]!)]));
    for (const found of told) {
      const gap = judged.get(found) ?? (await this.describe(found));
      judged.delete(found);
      const { elsewheres } = this.run;
      const seen = elsewheres === null ? gap : { ...gap, elsewhere: await elsewheres.beside(found, gap) };
      yield this.withLogs(seen, found);
    }
  }

  private rhythmOf(found: FoundGap): LearnedRhythm | null {
    return this.rhythms.learned.get(found.sequence) ?? found.rhythm;
  }

  private async describe(found: FoundGap): Promise<Gap> {
    const { vrrp, sequences } = this.run;
    const told = vrrp?.describe(found, this.rhythmOf(found)?.typicalNs ?? null);
    const group = told ? told.group : sequences.name(found.sequence);
    const gap = this.timed(await this.reader.describe(found, group, this.around), found);
    return told ? { ...gap, vrrp: told.vrrp } : gap;
  }

  /** Events whose lines are no longer held have at least their times. */
  private timed(gap: Gap, { startNs, endNs }: FoundGap): Gap {
    if (gap.start?.raw !== '' && gap.end?.raw !== '') return gap;
    const timed = (event: EventRecord | null, ns: number): EventRecord | null =>
      event?.raw === '' ? { ...event, time: this.run.timeText(ns) } : event;
    return { ...gap, start: timed(gap.start, startNs), end: timed(gap.end, endNs) };
  }

  /** It is to be investigated. */
  private isWorthWhile(found: FoundGap, rhythm: LearnedRhythm | null): boolean {
    const ns = found.endNs - found.startNs;
    // Below the threshold that its rhythm asks for it is a beat, which needs no cause.
    const isBeat = rhythm !== null && found.open === null && ns < rhythm.thresholdNs;
    if (isBeat && this.options.why !== 'all') return false;
    return (this.worth?.take(found) ?? false) && this.isAffordable(found);
  }

  /** Whoever interrupts a run waits for its report: only so much is investigated then. */
  private isAffordable({ start, end, startNs, endNs }: FoundGap): boolean {
    if (!this.run.interrupted) return true;
    const source = this.run.sources[(start ?? end)?.source ?? 0]!;
    const { waypoints, decoder, shiftNs, bytes } = source;
    const from = waypointBefore(waypoints, 2 * startNs - endNs - shiftNs, decoder.clock.epoch);
    this.bytesAfterStop += (end?.offset ?? bytes) - from.offset;
    if (this.bytesAfterStop <= BYTES_AFTER_STOP) return true;
    if (this.worth) this.worth.leftOut++;
    return false;
  }

  private withLogs(gap: Gap, { startNs, endNs }: FoundGap): Gap {
    const { sideLogs, sources } = this.run;
    if (sideLogs === null) return gap;
    const shiftNs = sources[(gap.start ?? gap.end)?.source ?? 0]!.shiftNs;
    return { ...gap, ...sideLogs.beside(startNs, endNs, shiftNs) };
  }

  private judged(gap: Gap, { activity, finding, limits }: Investigated): Gap {
    for (const limit of limits) this.limits.add(limit);
    return { ...gap, ...finding, activity };
  }
}

function worthOf(why: boolean | number | 'all'): Worth | null {
  if (why === false) return null;
  return new Worth(why === 'all' ? null : why === true ? INVESTIGATED : checkCount('--why', why, 0));
}
