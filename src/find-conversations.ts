/**
 * Request and reply: one pass over the sources, merged by time, each event shown to what makes steps of a
 * conversation of it; what the sides let each other wait is added up as the steps come.
 */
import { CallSteps, type Shown } from './conversations/call-steps.js';
import { Conversations, MOST_HELD } from './conversations/conversations.js';
import { packetSteps } from './conversations/packets.js';
import type { Moment, Step } from './conversations/step.js';
import { StepQueue } from './conversations/step-queue.js';
import { checkFilter, compileFilter, type JoinedFilter, joinShorthands } from './filter/filter.js';
import { alignSources, MergeQueue } from './formats/timeline.js';
import type { TraceSource } from './formats/trace-source.js';
import { emptyWindow, WindowEdge } from './gaps/time-window.js';
import type { GapInput } from './input/source.js';
import { giveOffsets } from './join.js';
import type { ConversationsReport } from './model/conversations.js';
import { ABSENT, type EventView } from './model/event.js';
import { NO_NEEDS } from './model/event-fields.js';
import { CONVERSATION_OPTIONS, type ConversationOptions, checkOptionNames } from './model/options.js';
import { UsageError } from './model/problem.js';
import { LATE_NS } from './model/time.js';
import { parseUtcOffset } from './model/utc-offset.js';
import {
  openInputs,
  ProgressTeller,
  type RunSizes,
  sourceReport,
  sourceWarnings,
  stepSource,
} from './run-sources.js';

const TOP = 10;
const MOST_TOP = 1000;

/**
 * The conversations of one or more traces: per TCP flow of packets, per connected socket of calls, how long each
 * side let the other wait. Rejects with UsageError when the filter, an option or an input can't be used.
 */
export async function findConversations(
  inputs: GapInput | readonly GapInput[],
  options: ConversationOptions = {},
  sizes: RunSizes = {},
): Promise<ConversationsReport> {
  const list = Array.isArray(inputs) ? (inputs as readonly GapInput[]) : [inputs as GapInput];
  const run = new Run(options);
  try {
    await openInputs(run.sources, list, options, sizes, options.signal);
    await run.scan();
    return run.report();
  } finally {
    await Promise.all(run.sources.map((source) => source.close()));
  }
}

class Run {
  readonly sources: TraceSource[] = [];
  private readonly filter: JoinedFilter | null;
  private readonly from: WindowEdge | null;
  private readonly to: WindowEdge | null;
  private readonly offsetSeconds: number | null;
  /** What had to be assumed to put the sources on one axis. */
  private assumed: readonly string[] = [];
  private readonly conversations: Conversations;
  private readonly queue: StepQueue;
  private readonly progress: ProgressTeller;
  private calls: CallSteps[] = [];
  private adders: ((step: Step) => void)[] = [];
  private predicates: ((e: EventView) => boolean)[] = [];
  private fromNs = Number.NEGATIVE_INFINITY;
  private toNs = Number.POSITIVE_INFINITY;
  private firstNs = Number.POSITIVE_INFINITY;
  private lastNs = Number.NEGATIVE_INFINITY;
  private clockStepped = false;
  private sawPackets = false;

  constructor(private readonly options: ConversationOptions) {
    checkOptionNames(options, CONVERSATION_OPTIONS);
    const { top = TOP, from, to } = options;
    if (!Number.isSafeInteger(top) || top < 1 || top > MOST_TOP)
      throw new UsageError(
        'option',
        `--top ${top}: of conversations it takes a whole number from 1 to ${MOST_TOP}`,
      );
    this.filter = joinShorthands(options);
    this.from = from === undefined ? null : WindowEdge.parse('--from', from);
    this.to = to === undefined ? null : WindowEdge.parse('--to', to);
    this.offsetSeconds = options.utcOffset === undefined ? null : parseUtcOffset(options.utcOffset);
    this.conversations = new Conversations({ top });
    this.queue = new StepQueue((step) => this.conversations.see(step));
    this.progress = new ProgressTeller(options.onProgress);
  }

  /** Walks all events once. */
  async scan(): Promise<void> {
    if (this.sources.length === 0) return;
    for (const source of this.sources) {
      const { decoder } = source;
      decoder.track({ ...NO_NEEDS, fd: true, process: true });
      this.predicates.push(
        this.filter ? compileFilter(this.filter.ast, decoder, decoder.timebase) : () => true,
      );
      const add = (step: Step): void => this.queue.add(step, decoder.clock.latestNs + source.shiftNs);
      this.adders.push(add);
      this.calls.push(new CallSteps(decoder.traits().format === 'strace', add));
    }
    const queue = await this.start();
    for (let next = queue.take(); next; next = queue.take()) {
      const { source } = next;
      const limitNs = queue.earliestNs;
      let stands = true;
      while (stands && this.look(source, limitNs)) {
        this.queue.settle(this.reachedNs());
        this.progress.tell(this.sources, null);
        // Nothing but the last event is read twice, for its time.
        source.neededNs = (source.lastTimed?.timeNs ?? Number.NEGATIVE_INFINITY) - source.shiftNs;
        stands = !this.isOver(source) && (await stepSource(source, this.options.signal));
        if (source.event.timeNs + source.shiftNs > limitNs) break;
      }
      if (this.options.signal?.aborted) break;
      if (stands && !this.isOver(source)) queue.add(source, next.timeNs);
    }
    for (const source of this.sources) await source.noteLast();
    this.queue.finish();
    this.conversations.finish(Math.min(this.lastNs, this.toNs));
  }

  /** Stands all sources at their first event, on one axis. */
  private async start(): Promise<MergeQueue> {
    const queue = new MergeQueue();
    const standing: TraceSource[] = [];
    for (const source of this.sources)
      if (await stepSource(source, this.options.signal)) standing.push(source);
    for (const source of standing) source.lookAhead();
    const { timebase, assumed } = alignSources(this.sources, this.offsetSeconds);
    giveOffsets(this.sources, this.options.offsets);
    this.assumed = assumed;
    for (const source of standing) {
      if (!Number.isNaN(source.event.timeNs)) this.noteFirst(source);
    }
    const firstNs = Number.isFinite(this.firstNs) ? this.firstNs : 0;
    this.fromNs = this.from?.resolve(timebase, firstNs) ?? this.fromNs;
    this.toNs = this.to?.resolve(timebase, firstNs) ?? this.toNs;
    if (this.toNs <= this.fromNs) throw emptyWindow();
    for (const source of standing) queue.add(source, Number.NEGATIVE_INFINITY);
    return queue;
  }

  /** The source stands at its first event that has a time. */
  private noteFirst(source: TraceSource): void {
    source.firstNs = source.event.timeNs + source.shiftNs;
    source.firstTime = source.decoder.timeText(source.event);
    if (source.firstNs < this.firstNs) this.firstNs = source.firstNs;
  }

  /**
   * Looks at the source's events, from the one it stands at, until it stands at one later than `limitNs` (false)
   * or its block is used up (true).
   */
  private look(source: TraceSource, limitNs: number): boolean {
    const { decoder, event: e, shiftNs } = source;
    const matches = this.predicates[source.index]!;
    const calls = this.calls[source.index]!;
    const add = this.adders[source.index]!;
    const moment = (): Moment => ({
      ns: e.timeNs + shiftNs,
      num: e.num === ABSENT ? null : e.num,
      time: decoder.timeText(e),
      source: source.index,
    });
    const timed = { source: source.index, offset: -1, line: 0, num: 0, timeNs: 0, half: 0 };
    let used = true;
    for (;;) {
      if (decoder.clock.epoch !== source.epoch) this.restart(source);
      const t = e.timeNs + shiftNs;
      if (t > this.lastNs) this.lastNs = t;
      if (!Number.isNaN(t)) {
        if (Number.isNaN(source.firstNs)) this.noteFirst(source);
        timed.offset = e.offset;
        timed.line = e.line;
        timed.half = e.half;
        timed.timeNs = t;
      }
      // A time that is NaN is outside of nothing.
      const inside = !(t < this.fromNs || t > this.toNs);
      const matched = inside && matches(e);
      if (matched) source.matched++;
      const shown: Shown = { matched, inside, at: moment };
      if (packetSteps(e, decoder, moment, matched && !Number.isNaN(t) ? add : ignore)) this.sawPackets = true;
      else calls.read(e, decoder, shown);
      if (this.isPast(source) || !decoder.next(e)) break;
      if (e.timeNs + shiftNs > limitNs) {
        used = false;
        break;
      }
    }
    if (timed.offset >= 0) source.lastTimed = timed;
    return used;
  }

  /** The clock stepped back: nothing is measured across that. */
  private restart(source: TraceSource): void {
    source.epoch = source.decoder.clock.epoch;
    this.clockStepped = true;
    this.queue.finish();
    this.conversations.restart();
    this.calls[source.index]!.restart();
    this.lastNs = source.event.timeNs + source.shiftNs;
  }

  /** Time that all sources have reached by what they print; exits that a line announces may lie ahead of it. */
  private reachedNs(): number {
    return this.sources.reduce(
      (least, { isDone, decoder, shiftNs }) =>
        isDone ? least : Math.min(least, decoder.clock.latestNs + shiftNs),
      Number.POSITIVE_INFINITY,
    );
  }

  private isOver(source: TraceSource): boolean {
    return this.options.signal?.aborted === true || this.isPast(source);
  }

  /** What it prints is past the end of the stretch; an exit that a line announces may be so earlier. */
  private isPast({ decoder, shiftNs }: TraceSource): boolean {
    return decoder.clock.latestNs + shiftNs > this.toNs + LATE_NS;
  }

  report(): ConversationsReport {
    const totals = this.conversations.totals();
    return {
      filter: this.filter?.text ?? null,
      sources: this.sources.map(sourceReport),
      conversations: this.conversations.longest(),
      totals,
      limits: this.limits(),
      warnings: this.warnings(totals.conversations),
      interrupted: this.options.signal?.aborted ?? false,
    };
  }

  /** What this kind of trace can't show. */
  private limits(): string[] {
    const limits = new Set<string>();
    const traits = this.sources.map(({ decoder }) => decoder.traits());
    if (this.sawPackets)
      limits.add(
        "packets: times are those at the capture point: a wait of the end that is further away holds the network's time there and back",
      );
    if (traits.some(({ format }) => format === 'sysdig' || format === 'strace'))
      limits.add(
        "calls: a peer's wait holds the network's time there and back, and the time until the process reads",
      );
    if (traits.some(({ format, directions }) => format === 'sysdig' && directions !== 'both'))
      limits.add(
        "this trace holds only exits of calls: a process's own wait ends when its send ended, not when it began",
      );
    if (traits.some(({ format, exitTimes }) => format === 'strace' && !exitTimes))
      limits.add(
        "strace ran without -T: a receive is taken to end where its thread's next line begins, so what the thread computed in between counts as its peer's",
      );
    return [...limits];
  }

  private warnings(found: number): string[] {
    const warnings = new Set<string>();
    const strace = this.sources.some(({ decoder }) => decoder.traits().format === 'strace');
    if (this.filter)
      for (const { decoder } of this.sources)
        for (const warning of checkFilter(this.filter.ast, decoder.traits())) warnings.add(warning);
    for (const warning of this.assumed) warnings.add(warning);
    for (const warning of sourceWarnings(this.sources)) warnings.add(warning);
    if (this.clockStepped) warnings.add('the clock stepped back: no wait is measured across that');
    const { letGo } = this.conversations;
    if (letGo > 0)
      warnings.add(
        `more than ${MOST_HELD} conversations were under way at once: ${letGo} were let go, and count anew from their next data`,
      );
    if (found === 0 && this.sources.length > 0)
      warnings.add(
        `no data on a connection was found${this.filter ? ' that the filter lets through' : ''}` +
          (strace ? '; strace names sockets with -yy' : ''),
      );
    return [...warnings];
  }
}

function ignore(): void {}
