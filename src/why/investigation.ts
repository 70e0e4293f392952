/**
 * The investigation of one gap: takes every event of the stretch [start - length, end] once, in order of time,
 * and gives the facts and one judgement. Linear in the stretch; what it keeps is figures per CPU and thread.
 */
import { ABSENT, type EventView } from '../model/event.js';
import type { EventRows } from '../model/event-rows.js';
import type { Activity, Finding, SilentToo, SubjectState } from '../model/findings.js';
import type { TraceTraits } from '../model/trace.js';
import { ActivityView, type RowSeer } from './activity.js';
import { ClockCheck } from './clock-check.js';
import { Facts, type ForeignStop, type Question } from './facts.js';
import { judge } from './judge.js';
import { limitsOf } from './limits.js';
import { holdsPackets } from './packets.js';
import { STOP_SIGNALS, signalOf } from './signals.js';
import type { Span } from './span.js';
import { describeStates } from './state-list.js';
import { SubjectStates } from './thread-states.js';

export type { Question } from './facts.js';

const STRIP_WIDTH = 64;
const STOPS_KEPT = 8;
const SIGNAL_TYPE = Buffer.from('signaldeliver');

export interface FinishOptions {
  /** Letters per CPU strip; 64 unless told. */
  readonly stripWidth?: number;
}

export interface Investigated {
  readonly activity: Activity;
  readonly finding: Finding;
  /** What this kind of trace can't show; the same for every gap of a source, to be said once. */
  readonly limits: readonly string[];
}

export class Investigation implements RowSeer {
  private readonly view: ActivityView;
  private readonly subject: SubjectStates;
  private readonly clock: ClockCheck;
  private readonly strace: boolean;
  private readonly ofPackets: boolean;
  private readonly source: number | null;
  private readonly foreignStops: ForeignStop[] = [];
  /** NaN for none. strace prints no thread ids where it traces a single thread: then every line is the subject's. */
  private readonly subjectTid: number;

  /** @param traits of the subject's source. */
  constructor(
    private readonly question: Question,
    private readonly traits: TraceTraits,
  ) {
    const { startNs, endNs, subjectTid } = question;
    const span: Span = {
      baselineNs: Math.min(startNs, Math.max(startNs - (endNs - startNs), question.traceStartNs)),
      startNs,
      endNs,
    };
    this.strace = traits.format === 'strace';
    this.ofPackets = holdsPackets(traits);
    this.subjectTid = subjectTid ?? (this.strace ? ABSENT : Number.NaN);
    this.subject = new SubjectStates(span, !this.strace, this.strace || traits.directions === 'both');
    this.clock = new ClockCheck(startNs, endNs, traits.timebase.resolutionNs);
    this.view = new ActivityView(span, subjectTid, this.strace ? this.clock : null);
    // CPUs and threads of two machines have the same numbers; files of one strace run, or capture, belong together.
    this.source =
      this.strace || this.ofPackets ? null : ((question.startEvent ?? question.endEvent)?.source ?? null);
  }

  /** Threads and CPUs that are kept, in figures of so many threads. */
  get weight(): number {
    return this.view.weight;
  }

  /** Takes the next event in order of time; `timeNs` on the run's axis. `e` is read now and not kept. */
  see(e: EventView, timeNs: number): void {
    if (this.source !== null && e.source !== this.source) return;
    if (this.ofPackets) this.view.packets.see(e, timeNs >= this.question.startNs);
    const switched = this.view.see(e, timeNs);
    const { subjectTid } = this;
    if (Number.isNaN(subjectTid)) return;
    if (e.tid !== subjectTid) this.subject.contradict(e.cpu, timeNs);
    if (switched) {
      const { next, majorFaults } = this.view.switchLine;
      if (e.tid === subjectTid) this.subject.leaves(timeNs, e.cpu, next, e.num, majorFaults);
      else if (next === subjectTid) this.subject.returns(timeNs, e.cpu, e.num);
    } else if (e.tid === subjectTid) this.subject.own(e, timeNs);
    else if (this.isSignal(e)) this.seeForeignSignal(e, timeNs);
  }

  /** Takes a run of ordinary events in order of time, those within [fromNs, toNs]. */
  seeRows(rows: EventRows, fromNs: number, toNs: number): void {
    if (this.source !== null && rows.source !== this.source) return;
    this.view.seeRows(rows, fromNs, toNs, this);
  }

  get subjectCpu(): number | null {
    return this.ofPackets ? null : this.subject.runningOn;
  }

  own(e: EventView, timeNs: number): void {
    this.subject.own(e, timeNs);
  }

  /** No more events come for the time being. */
  rest(): void {
    this.view.rest();
  }

  /** It has answered, or never will: nothing more is asked of it. */
  close(): void {
    this.view.close();
  }

  private isSignal(e: EventView): boolean {
    return (
      e.typeEnd - e.typeStart === SIGNAL_TYPE.length &&
      e.text[e.typeStart] === SIGNAL_TYPE[0] &&
      e.text.subarray(e.typeStart, e.typeEnd).equals(SIGNAL_TYPE)
    );
  }

  private seeForeignSignal(e: EventView, timeNs: number): void {
    const signal = signalOf(e);
    if (!STOP_SIGNALS.has(signal) || this.foreignStops.length >= STOPS_KEPT) return;
    this.foreignStops.push({ tid: e.tid, timeNs, signal, num: e.num, raw: e.raw() });
  }

  /** The stretch is over; call once. */
  finish(options: FinishOptions = {}): Investigated {
    this.subject.finish();
    this.view.end();
    const facts = new Facts(
      this.question,
      this.traits,
      this.view,
      this.subject,
      this.clock,
      this.foreignStops,
    );
    return {
      activity: this.view.report(options.stripWidth ?? STRIP_WIDTH, this.states(), this.silentToo()),
      finding: judge(facts),
      limits: limitsOf(this.traits, this.view),
    };
  }

  private states(): SubjectState[] {
    return Number.isNaN(this.subjectTid) ? [] : describeStates(this.subject, this.view.span);
  }

  /** Other threads that were regularly active before and silent through the subject's own silence. */
  private silentToo(): SilentToo | null {
    const { subjectTid } = this.question;
    const own = subjectTid === null ? undefined : this.view.threads.all.get(subjectTid);
    if (!own || own.silenceNs <= 0) return null;
    const threads = this.view.threads.silentThrough(own.silenceFromNs, own.silenceToNs, subjectTid);
    if (threads.length === 0) return null;
    return {
      threads: threads.length,
      processes: [...new Set(threads.map((thread) => thread.name ?? `thread ${thread.tid}`))],
      fromNs: own.silenceFromNs,
      toNs: own.silenceToNs,
    };
  }
}
