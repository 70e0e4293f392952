/**
 * The pipeline of one run: sources, filter, scan, gaps, report. Nothing flows back: the scan walks each source once;
 * what a found gap needs from earlier is read again as it is delivered.
 */

import { BATCH, GapDelivery, type RunState } from './deliver-gaps.js';
import { Elsewheres } from './elsewhere.js';
import {
  compileField,
  compileFilter,
  type FilterAst,
  fieldNeeds,
  filterNeeds,
  headConditions,
  type JoinedFilter,
  joinShorthands,
  requiredLiteral,
} from './filter/filter.js';
import type { Decoder, LineConditions } from './formats/format.js';
import { alignSources, MergeQueue } from './formats/timeline.js';
import type { TraceSource } from './formats/trace-source.js';
import { GapFinder } from './gaps/finder.js';
import type { FoundGap } from './gaps/found-gap.js';
import {
  KindSequences,
  MAX_LEARNED,
  MAX_SENDERS,
  MAX_SEQUENCES,
  ONE_SEQUENCE,
  type Sequences,
  ThreadSequences,
  ValueSequences,
} from './gaps/sequences.js';
import { parseThreshold } from './gaps/threshold.js';
import { emptyWindow, instantText, WindowEdge } from './gaps/time-window.js';
import { type LinePicker, LiteralPicker } from './input/line-picker.js';
import type { GapInput } from './input/source.js';
import { joinSources, kindOf } from './join.js';
import { LazyPromise } from './lazy-promise.js';
import type { EventView } from './model/event.js';
import type { FieldNeeds } from './model/event-fields.js';
import type { Gap, RunReport } from './model/gap.js';
import { checkCount, checkOptionNames, GAP_OPTIONS, type GapOptions } from './model/options.js';
import { UsageError } from './model/problem.js';
import { LATE_NS } from './model/time.js';
import type { Timebase } from './model/trace.js';
import { parseUtcOffset } from './model/utc-offset.js';
import {
  openInputs,
  ProgressTeller,
  type RunSizes,
  sourceReport,
  sourceWarnings,
  stepNow,
  stepSource,
} from './run-sources.js';
import { filterWarnings, leftOutWarnings } from './run-warnings.js';
import { SideLogs } from './side-logs.js';
import { vrrpWarnings } from './vrrp/warnings.js';
import { VRRP_FALLBACK_NS, VRRP_HOLD_NS, VRRP_LITERAL, VrrpRun } from './vrrp-run.js';

export type { GapInput } from './input/source.js';
export type { RunSizes } from './run-sources.js';

/**
 * Gaps as they are found; iterate once. `report` is known when the iteration has ended, and rejects as it does.
 * Where it is awaited and nobody has begun to iterate, the run goes on by itself, and its gaps are only counted.
 */
export interface GapRun extends AsyncIterable<Gap> {
  readonly report: Promise<RunReport>;
}

/**
 * Finds the gaps of one or more traces: paths (`-` is standard input) or Readables.
 * Iterating throws UsageError when the filter, an option or an input can't be used, and when it is done twice.
 */
export function findGaps(
  inputs: GapInput | readonly GapInput[],
  options: GapOptions = {},
  sizes: RunSizes = {},
): GapRun {
  const list = Array.isArray(inputs) ? (inputs as readonly GapInput[]) : [inputs as GapInput];
  let settle: { resolve: (report: RunReport) => void; reject: (error: unknown) => void } | undefined;
  const settled = new Promise<RunReport>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever iterates sees the error there.
  settled.catch(() => undefined);
  let begun = false;
  async function* gaps(): AsyncGenerator<Gap, void, undefined> {
    if (begun)
      throw new UsageError(
        'input',
        'the gaps of a run can be had once, and its report was awaited or they were iterated before: call findGaps again',
      );
    begun = true;
    let run: Run | undefined;
    try {
      run = new Run(list, options, sizes);
      yield* run.gaps();
    } catch (error) {
      settle!.reject(error);
      run = await closed(run);
      throw error;
    } finally {
      // Also when the caller stopped iterating: what was read so far is reported.
      if (run) settle!.resolve(run.report());
      await closed(run);
    }
  }
  // Who asks for the report first and then iterates does so in the same turn.
  const report = new LazyPromise(settled, () => {
    if (!begun) setImmediate(() => (begun ? undefined : exhaust(gaps())));
  });
  return { report, [Symbol.asyncIterator]: gaps };
}

/** Runs to the end; whoever awaits the report sees the error there. */
async function exhaust(gaps: AsyncIterable<Gap>): Promise<void> {
  try {
    for await (const _ of gaps);
  } catch {}
}

async function closed(run: Run | undefined): Promise<undefined> {
  await run?.close();
}

/** So many events are prepared together. */
const THREADS_AHEAD = 64;

class Run implements RunState {
  readonly sources: TraceSource[] = [];
  sequences: Sequences = ONE_SEQUENCE;
  vrrp: VrrpRun | null = null;
  sideLogs: SideLogs | null = null;
  elsewheres: Elsewheres | null = null;
  interrupted = false;
  private readonly delivery: GapDelivery;
  private readonly filter: JoinedFilter | null;
  private readonly thresholdNs: number | null;
  private readonly from: WindowEdge | null;
  private readonly to: WindowEdge | null;
  private readonly finder: GapFinder;
  private predicates: ((e: EventView) => boolean)[] = [];
  private timebase: Timebase | null = null;
  private fromNs = Number.NEGATIVE_INFINITY;
  private toNs = Number.POSITIVE_INFINITY;
  private firstNs = Number.POSITIVE_INFINITY;
  private lastNs = Number.NEGATIVE_INFINITY;
  private clockStepped = false;
  private readonly offsetSeconds: number | null;
  /** What had to be assumed to put the sources on one axis. */
  private assumed: readonly string[] = [];
  private untimed = 0;
  private ungrouped = 0;
  /** Matched events of sequences beyond the bound. */
  private beyond = 0;
  private readonly progress: ProgressTeller;
  /** Threads of the next events, and then their sequences. */
  private readonly ahead = new Int32Array(THREADS_AHEAD);

  constructor(
    private readonly inputs: readonly GapInput[],
    private readonly options: GapOptions,
    private readonly sizes: RunSizes,
  ) {
    checkOptionNames(options, GAP_OPTIONS);
    this.filter = joinShorthands(options);
    if (options.vrrp && options.by !== undefined)
      throw new UsageError(
        'option',
        `--by ${options.by} and --vrrp: with --vrrp each virtual router and sender is a sequence of its own; leave one of them out`,
      );
    this.thresholdNs =
      options.vrrp && options.threshold === undefined ? null : parseThreshold(options.threshold);
    this.from = options.from === undefined ? null : WindowEdge.parse('--from', options.from);
    this.to = options.to === undefined ? null : WindowEdge.parse('--to', options.to);
    this.delivery = new GapDelivery(this, options);
    this.progress = new ProgressTeller(options.onProgress);
    this.offsetSeconds = options.utcOffset === undefined ? null : parseUtcOffset(options.utcOffset);
    this.finder = new GapFinder({
      thresholdNs: this.thresholdNs,
      before: checkCount('--before', options.before ?? 1, 0),
      after: checkCount('--after', options.after ?? 1, 0),
      grouped: options.by !== undefined || !!options.vrrp,
      reachedNs: () => this.reachedNs(),
      isPassed: (gap) => this.sources.length === 1 || this.isPassed(gap),
      holdNs: () => Math.max(options.vrrp ? VRRP_HOLD_NS : 0, this.elsewheres?.holdNs ?? 0),
      ...(options.vrrp && options.threshold === undefined ? { fallbackNs: VRRP_FALLBACK_NS } : {}),
    });
  }

  async *gaps(): AsyncGenerator<Gap> {
    await this.open();
    if (this.stopped()) return;
    const { delivery } = this;
    const { ready } = this.finder;
    for await (const _ of this.scan()) yield* delivery.take(ready);
    for (const source of this.sources) {
      await source.noteLast();
      // Lines that hold no event, or were passed over, may reach further than any event that was looked at.
      // Also one that was left behind the stretch's end: whether its last event was looked at depends on the others.
      if (!this.stopped() && source.epoch === source.decoder.clock.epoch)
        this.lastNs = Math.max(this.lastNs, source.latestNs);
    }
    const { rhythms, ends } = this.finder.finish(Math.min(this.lastNs, this.toNs));
    delivery.rhythms.learned = rhythms;
    for (const gap of ends) {
      ready.push(gap);
      if (ready.length >= BATCH) yield* delivery.take(ready);
    }
    yield* delivery.take(ready);
    yield* delivery.end();
  }

  private async open(): Promise<void> {
    const { logs = [] } = this.options;
    if (logs.length > 0) this.sideLogs = await SideLogs.open(logs, this.options.signal);
    if (this.stopped()) return;
    await openInputs(this.sources, this.inputs, this.options, this.sizes, this.options.signal);
    if (this.stopped()) return;
    const needs = bothNeeds(this.filter ? filterNeeds(this.filter.ast) : null, this.options.by);
    for (const { decoder } of this.sources) decoder.track(needs);
    this.predicates = this.sources.map(({ decoder }) =>
      this.filter ? compileFilter(this.filter.ast, decoder, decoder.timebase) : () => true,
    );
    if (this.options.by !== undefined) {
      const keys = this.sources.map(({ decoder }) =>
        compileField(this.options.by!, decoder, decoder.timebase),
      );
      this.sequences = ['thread', 'thread.tid'].includes(this.options.by)
        ? new ThreadSequences(this.mostSequences)
        : new ValueSequences(keys, this.mostSequences);
    } else if (new Set(this.sources.map(kindOf)).size > 1) {
      this.sequences = new KindSequences(this.sources.map(kindOf));
    }
    if (this.options.vrrp) this.lookForAdverts();
  }

  private get mostSequences(): number {
    const { options, finder, sizes } = this;
    return sizes.sequences ?? (options.vrrp ? MAX_SENDERS : finder.isLearning ? MAX_LEARNED : MAX_SEQUENCES);
  }

  private lookForAdverts(): void {
    const vrrp = new VrrpRun(
      this.sources,
      this.finder,
      this.options.threshold !== undefined,
      (ns) => this.timeText(ns),
      this.mostSequences,
    );
    this.predicates = this.predicates.map((matches, source) => {
      const isAdvert = vrrp.predicate(source);
      return this.filter ? (e) => isAdvert(e) && matches(e) : isAdvert;
    });
    this.sequences = this.vrrp = vrrp;
  }

  /** Which lines can match at all, where the filter tells. */
  private pickLines(): void {
    for (const source of this.sources) {
      const picker = this.pickerOf(source.decoder);
      source.decoder.untilNs = this.toNs + LATE_NS - source.shiftNs;
      if (picker) source.pickLines(picker);
      else source.lookAhead();
    }
  }

  private pickerOf(decoder: Decoder): LinePicker | null {
    const traits = decoder.traits();
    if (this.filter) {
      const { ast } = this.filter;
      return decoder.skippable
        ? literalPicker(literalOf(ast, decoder), decoder)
        : decoder.picker(conditionsOf(ast, decoder));
    }
    return this.vrrp && decoder.skippable && traits.format === 'sysdig'
      ? literalPicker(VRRP_LITERAL, decoder)
      : null;
  }

  /** Walks all events once; yields now and then, when gaps may be ready. */
  private async *scan(): AsyncGenerator<void> {
    const queue = new MergeQueue();
    const standing: TraceSource[] = [];
    for (const source of this.sources) if (await this.step(source)) standing.push(source);
    const { timebase, assumed } = alignSources(this.sources, this.offsetSeconds);
    this.timebase = timebase;
    const joined = await joinSources(this.sources, this.inputs, this.options, this.sizes);
    this.assumed = [...assumed, ...joined.warnings];
    this.vrrp?.join(joined.recordings);
    this.finder.edges = this.edgesByRecording(joined.recordings);
    for (const source of standing) {
      if (!Number.isNaN(source.event.timeNs)) this.noteFirst(source);
    }
    const firstNs = Number.isFinite(this.firstNs) ? this.firstNs : 0;
    this.fromNs = this.from?.resolve(this.timebase, firstNs) ?? this.fromNs;
    this.toNs = this.to?.resolve(this.timebase, firstNs) ?? this.toNs;
    if (this.toNs <= this.fromNs) throw emptyWindow();
    this.pickLines();
    if (this.sources.length > 1)
      this.elsewheres = new Elsewheres(this.sources, joined, this.toNs, (ns) => this.timeText(ns));
    this.finder.startNs = Math.max(this.fromNs, this.firstNs);
    await this.readLogs(timebase);
    for (const source of standing) queue.add(source, Number.NEGATIVE_INFINITY);

    for (let next = queue.take(); next; next = queue.take()) {
      const { source } = next;
      const limitNs = queue.earliestNs;
      let stands = true;
      while (stands && this.look(source, limitNs)) {
        this.finder.settle();
        if (this.finder.ready.length > 0) yield;
        this.progress.tell(this.sources, this.finder.found);
        if (this.delivery.top === null) source.neededNs = this.finder.neededNs(this.lastNs) - source.shiftNs;
        stands = !this.isOver(source) && (stepNow(source) || (await this.step(source)));
        if (source.event.timeNs + source.shiftNs > limitNs) break;
      }
      if (this.stopped()) return;
      if (stands && !this.isOver(source)) queue.add(source, next.timeNs);
    }
  }

  /** A recording's own edges, where sequences are of one recording each: what it did not record is no silence. */
  private edgesByRecording(recordings: readonly number[]): GapFinder['edges'] {
    const { vrrp, sequences, sources } = this;
    const [parts, partOf]: [readonly number[], (sequence: number) => number] =
      vrrp !== null
        ? [recordings, (sequence) => vrrp.recordingOf[sequence]!]
        : sequences instanceof KindSequences
          ? [sequences.bySource, (sequence) => sequence]
          : [[], () => 0];
    if (new Set(parts).size < 2) return null;
    return (sequence) => {
      const part = partOf(sequence);
      const own = sources.filter(({ index, firstNs }) => parts[index] === part && !Number.isNaN(firstNs));
      return {
        startNs: Math.min(...own.map(({ firstNs }) => firstNs)),
        endNs: Math.max(...own.map(({ latestNs }) => latestNs)),
      };
    };
  }

  private async readLogs(timebase: Timebase): Promise<void> {
    const { fromNs, toNs } = this;
    const firstNs = Number.isFinite(this.firstNs) ? this.firstNs : 0;
    const window = { timebase, firstNs, fromNs, toNs, offsetSeconds: this.offsetSeconds ?? 0 };
    await this.sideLogs?.read(window, this.sources[0]!.name, this.options.signal);
  }

  /** The source stands at its first event that has a time. */
  private noteFirst(source: TraceSource): void {
    source.firstNs = source.event.timeNs + source.shiftNs;
    this.finder.firstNs = this.firstNs = Math.min(this.firstNs, source.firstNs);
    source.firstTime = source.decoder.timeText(source.event);
  }

  /** Time that all sources have reached by what they print; exits that a line announces may lie ahead of it. */
  private reachedNs(): number {
    return this.sources.reduce(
      (least, { isDone, decoder, shiftNs }) =>
        isDone ? least : Math.min(least, decoder.clock.latestNs + shiftNs),
      Number.POSITIVE_INFINITY,
    );
  }

  /** All sources print times from behind the gap, or their clocks stepped since. */
  private isPassed({ endNs, epochs }: FoundGap): boolean {
    const behindNs = endNs + (this.elsewheres?.holdNs ?? 0) + 2 * LATE_NS;
    return this.sources.every(
      ({ index, isDone, decoder: { clock }, shiftNs }) =>
        isDone || clock.epoch !== (epochs[index] ?? 0) || clock.latestNs + shiftNs >= behindNs,
    );
  }

  /** The run was told to stop, or has passed the end of its stretch. */
  private isOver({ decoder, shiftNs }: TraceSource): boolean {
    return this.stopped() || decoder.clock.latestNs + shiftNs > this.toNs + LATE_NS;
  }

  /**
   * Looks at the source's events, from the one it stands at, until it stands at one later than `limitNs` (false)
   * or its block is used up (true). Everything that happens per event happens here.
   */
  private look(source: TraceSource, limitNs: number): boolean {
    const { decoder, event: e, shiftNs } = source;
    const { clock } = decoder;
    const { finder, sequences, vrrp, fromNs, toNs } = this;
    const matches = this.predicates[source.index]!;
    const overNs = toNs + LATE_NS;
    let epoch = source.epoch;
    let lastNs = this.lastNs;
    let used = false;
    let started = !Number.isNaN(source.firstNs);
    let timedOffset = -1;
    let timedLine = 0;
    let timedHalf = 0;
    let timedNs = 0;
    const threads =
      decoder.threadsAhead && sequences instanceof ThreadSequences && sequences.areMany ? sequences : null;
    let expected = 0;
    const passed = { offset: 0, line: 0, timeNs: 0 };
    const { maySkim } = source;
    const skimToNs = Math.min(limitNs, toNs);
    for (;;) {
      const t = e.timeNs + shiftNs;
      if (clock.epoch !== epoch) {
        epoch = clock.epoch;
        finder.restart(source.index, epoch);
        vrrp?.restart();
        this.clockStepped = true;
        lastNs = t;
      }
      if (!Number.isNaN(t)) {
        if (!started) {
          started = true;
          this.noteFirst(source);
        }
        timedOffset = e.offset;
        timedLine = e.line;
        timedHalf = e.half;
        timedNs = t;
      }
      if (t > lastNs) lastNs = t;
      else if (t < this.firstNs && !this.clockStepped) {
        finder.firstNs = this.firstNs = source.firstNs = t;
        finder.startNs = Math.max(fromNs, t);
      }
      // A time that is NaN is outside of nothing.
      if (!(t < fromNs || t > toNs) && matches(e)) {
        source.matched++;
        const sequence = sequences.of(e);
        if (Number.isNaN(t)) this.untimed++;
        else if (sequence === -1) this.ungrouped++;
        else if (sequence < 0) this.beyond++;
        else if (vrrp) vrrp.see(sequence, e, shiftNs);
        else finder.see(sequence, e, shiftNs);
      }
      if (maySkim && started && source.passOver(skimToNs, passed)) {
        timedOffset = passed.offset;
        timedLine = passed.line;
        timedHalf = 0;
        timedNs = passed.timeNs + shiftNs;
        if (timedNs > lastNs) lastNs = timedNs;
      }
      if (threads && --expected <= 0) expected = this.expectThreads(decoder, threads);
      // By what the lines print: the exit that a line announces may lie far ahead.
      if (clock.latestNs + shiftNs > overNs || !decoder.next(e)) {
        used = true;
        break;
      }
      if (e.timeNs + shiftNs > limitNs) break;
    }
    source.epoch = epoch;
    if (timedOffset >= 0) {
      source.lastTimed = {
        source: source.index,
        offset: timedOffset,
        line: timedLine,
        num: 0,
        timeNs: timedNs,
        half: timedHalf,
      };
    }
    this.lastNs = lastNs;
    return used;
  }

  /** What is known of the threads that come next is fetched from memory for all of them together. How many events those have. */
  private expectThreads(decoder: Decoder, threads: ThreadSequences): number {
    const { ahead } = this;
    const count = decoder.threadsAhead?.(ahead) ?? 0;
    threads.findAll(ahead, count);
    this.finder.expect(ahead, count);
    return count;
  }

  private async step(source: TraceSource): Promise<boolean> {
    const stands = await stepSource(source, this.options.signal);
    if (!stands) this.stopped();
    return stands;
  }

  stopped(): boolean {
    if (!this.options.signal?.aborted) return false;
    this.interrupted = true;
    return true;
  }

  timeText(ns: number): string {
    return instantText(ns, this.timebase!, this.firstNs);
  }

  report(): RunReport {
    const rhythms = this.delivery.rhythms.report(this.finder, this.sequences, this.thresholdNs);
    const endNs = Math.min(this.lastNs, this.toNs);
    const vrrp = this.vrrp?.report(endNs, (ns) => this.timeText(ns));
    const notes = this.vrrp && vrrp ? [...vrrpWarnings(vrrp, endNs), ...this.vrrp.notes()] : [];
    return {
      filter: this.filter?.text ?? null,
      thresholdNs: this.thresholdNs,
      by: this.vrrp ? 'vrrp' : (this.options.by ?? null),
      sources: this.sources.map(sourceReport),
      warnings: [...new Set(this.collectWarnings()), ...(this.vrrp ? [] : rhythms.hints), ...notes],
      limits: [...this.delivery.limits],
      rhythms: rhythms.rhythms,
      gapsFound: this.finder.found,
      spanNs: this.spanNs(),
      interrupted: this.interrupted,
      ...(this.sideLogs === null ? {} : { logs: this.sideLogs.report() }),
      ...(vrrp ? { vrrp } : {}),
    };
  }

  /** From the first event to the last, as far as the run looked at; null where the clock stepped in between. */
  private spanNs(): number | null {
    const span = Math.min(this.lastNs, this.toNs) - Math.max(this.firstNs, this.fromNs);
    return this.clockStepped || !Number.isFinite(span) || span < 0 ? null : span;
  }

  private collectWarnings(): string[] {
    const { offsetSeconds, firstNs, lastNs } = this;
    return [
      ...filterWarnings(this.filter, this.sources),
      ...sourceWarnings(this.sources),
      ...this.assumed,
      ...(this.interrupted ? [] : (this.elsewheres?.warnings() ?? [])),
      ...(this.sideLogs?.warnings(offsetSeconds, firstNs, lastNs) ?? []),
      ...leftOutWarnings({
        sources: this.sources,
        by: this.options.by,
        mostSequences: this.mostSequences,
        untimed: this.untimed,
        ungrouped: this.ungrouped,
        beyond: this.beyond,
        hurried: this.finder.hurried,
        uninvestigated: this.delivery.uninvestigated,
        interrupted: this.interrupted,
      }),
    ];
  }

  async close(): Promise<void> {
    await Promise.all([...this.sources.map((source) => source.close()), this.sideLogs?.close()]);
  }
}

function bothNeeds(filter: FieldNeeds | null, by: string | undefined): FieldNeeds {
  const group = by === undefined ? null : fieldNeeds(by);
  return {
    fd: !!(filter?.fd || group?.fd),
    latency: !!(filter?.latency || group?.latency),
    process: !!(filter?.process || group?.process),
    threadNames: !!(filter?.threadNames || group?.threadNames),
    args: !!(filter?.args || group?.args),
  };
}

function literalOf(ast: FilterAst, decoder: Decoder): Buffer | null {
  const { format, hasNames: names } = decoder.traits();
  return requiredLiteral(ast, { format, names, tids: true, args: false });
}

function literalPicker(literal: Buffer | null, { lineClock }: Decoder): LinePicker | null {
  return literal && lineClock ? new LiteralPicker(literal, lineClock) : null;
}

function conditionsOf(ast: FilterAst, decoder: Decoder): LineConditions {
  const { type, thread } = headConditions(ast);
  const compiled = (condition: FilterAst | null) =>
    condition && compileFilter(condition, decoder, decoder.timebase);
  return { type: compiled(type), thread: compiled(thread) };
}
