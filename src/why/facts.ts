/** Everything that the rules judge by, and the measures that they share. */
import type { EventRecord } from '../model/event.js';
import type { CallClass, Cause, FindingEvidence } from '../model/findings.js';
import type { TraceTraits } from '../model/trace.js';
import type { ActivityFacts } from './activity.js';
import type { CallSpan } from './call-span.js';
import type { ClockCheck } from './clock-check.js';
import { holdsPackets } from './packets.js';
import { overlap } from './span.js';
import { askedNs, type CallNature, natureOf, timedOut } from './syscalls.js';
import type { SubjectStates } from './thread-states.js';
import { roughly } from './wording.js';

/** The gap that is asked about. Times are on the run's axis, nanoseconds. */
export interface Question {
  readonly startNs: number;
  readonly endNs: number;
  readonly open: 'start' | 'end' | null;
  readonly subjectTid: number | null;
  readonly subjectProc: string | null;
  readonly startEvent: EventRecord | null;
  readonly endEvent: EventRecord | null;
  /** Median interval of the sequence's other matched events; null where it has no rhythm. */
  readonly typicalNs: number | null;
  /** Median deviation from it; where it is given, a wide one (a quarter of the interval) is no rhythm. */
  readonly typicalSpreadNs?: number | null;
  /** The stretch that is looked at begins here at the earliest. */
  readonly traceStartNs: number;
}

/** A stop signal delivered to another thread than the subject. */
export interface ForeignStop {
  readonly tid: number;
  readonly timeNs: number;
  readonly signal: string;
  readonly num: number;
  readonly raw: string;
}

/** What a rule proves. */
export interface Proof {
  readonly cause: Cause;
  readonly call?: string | null;
  readonly class?: CallClass | null;
  readonly summary: string;
  readonly evidence: readonly FindingEvidence[];
  readonly next: readonly string[];
}

export type Rule = (facts: Facts) => Proof | null;

/** Of the gap, so much must a cause cover. */
const MOST = 0.5;
/** Or so much of what the gap is longer than the sequence's own rhythm. */
const MOST_OF_EXCESS = 0.8;
const LEAST_SHARE = 0.1;
/** A timer may be so late without anybody's fault: slack, a tracer, a busy moment. */
const LATE_NS = 50e6;
const LATE_SHARE = 0.1;
/** So many different calls of one thread, or event types of a trace, are not a choice of somebody's capture filter. */
const OWN_CALL_TYPES = 4;
const CALL_TYPES = 8;

/** A call of the subject with what can be said of it. */
export interface JudgedCall {
  readonly span: CallSpan;
  readonly nature: CallNature;
  /** Its time within the gap. */
  readonly ns: number;
  readonly askedNs: number | null;
  readonly timedOut: boolean | null;
  /** How much later than asked it came back; null where it asked for no known time or came back for another reason. */
  readonly lateNs: number | null;
}

export class Facts {
  readonly gapNs: number;
  readonly sysdig: boolean;
  /** The trace holds packets and nothing else. */
  readonly ofPackets: boolean;
  /** `keepalived (10400)` */
  readonly who: string;
  /** Listed calls, longest first. */
  readonly calls: readonly JudgedCall[];
  readonly rhythmNs: number | null;

  constructor(
    readonly question: Question,
    readonly traits: TraceTraits,
    readonly activity: ActivityFacts,
    readonly subject: SubjectStates,
    readonly clock: ClockCheck,
    /** Stop signals delivered to other threads. */
    readonly processStops: readonly ForeignStop[],
  ) {
    const { startNs, endNs, subjectTid, subjectProc, typicalNs, typicalSpreadNs } = question;
    this.gapNs = endNs - startNs;
    this.ofPackets = holdsPackets(traits);
    this.sysdig = traits.format !== 'strace' && !this.ofPackets;
    const name =
      subjectProc ?? (subjectTid === null ? null : (activity.threads.all.get(subjectTid)?.name ?? null));
    this.who =
      subjectTid === null ? 'the traced program' : name ? `${name} (${subjectTid})` : `thread ${subjectTid}`;
    const steady =
      typicalNs !== null && typicalNs > 0 && !(typicalSpreadNs != null && typicalSpreadNs > typicalNs / 4);
    this.rhythmNs = steady && typicalNs < this.gapNs ? typicalNs : null;
    this.calls = subject.calls
      .map((span) => this.judge(span))
      .filter((call) => call.ns > 0)
      .sort((a, b) => b.ns - a.ns);
  }

  get longestCall(): JudgedCall | null {
    return this.calls[0] ?? null;
  }

  /** Within the gap. */
  within(fromNs: number, toNs: number): number {
    return overlap(fromNs, toNs, this.question.startNs, this.question.endNs);
  }

  /** It lasted through most of the gap. */
  isMost(ns: number): boolean {
    return ns >= MOST * this.gapNs;
  }

  /** Something out of the ordinary that accounts for the gap: most of it, or of what it exceeds the rhythm by. */
  explains(ns: number): boolean {
    if (this.isMost(ns)) return true;
    return (
      this.rhythmNs !== null &&
      ns >= MOST_OF_EXCESS * (this.gapNs - this.rhythmNs) &&
      ns >= LEAST_SHARE * this.gapNs
    );
  }

  /** `1.70 s of the 1.90 s` */
  share(ns: number): string {
    return `${roughly(ns)} of the ${roughly(this.gapNs)}`;
  }

  /**
   * Many different calls are in the trace, or of the subject: it was not cut down to a few, and a time without
   * a call is one.
   */
  get callsComplete(): boolean {
    return this.subject.callTypes.size >= OWN_CALL_TYPES || this.activity.types.count >= CALL_TYPES;
  }

  /** A CPU that the subject was seen on has its time accounted for. */
  get accounted(): boolean {
    return [...this.subject.cpusUsed.keys()].some((cpu) => this.activity.cpus.isWhole(cpu));
  }

  /** By how much a call outlasted the timer that the thread had set before it (strace prints timerfd_settime); null without one. */
  timerOverdueNs(span: CallSpan): number | null {
    const dueNs = this.subject.timerDue.get(span);
    if (dueNs === undefined) return null;
    const late = span.toNs - dueNs;
    return late > Math.max(LATE_NS, LATE_SHARE * (dueNs - span.fromNs)) ? late : null;
  }

  /** Its CPUs were busy with others all the time: true, false, or null where the trace can't say. */
  heldThrough(fromNs: number, toNs: number): boolean | null {
    const { cpusUsed } = this.subject;
    if (cpusUsed.size === 0) return null;
    let held: boolean | null = true;
    for (const cpu of cpusUsed.keys()) {
      const answer = this.activity.cpus.heldByOthers(cpu, fromNs, toNs);
      if (answer === false) return false;
      if (answer === null) held = null;
    }
    return held;
  }

  private judge(span: CallSpan): JudgedCall {
    const nature = natureOf(span.type, span.args, this.sysdig);
    const asked = askedNs(span.type, span.args, this.sysdig);
    const ranOut = timedOut(span.type, span.result);
    const tookNs = span.toNs - span.fromNs;
    const late = asked !== null && ranOut && span.end === 'seen' && span.entryKnown ? tookNs - asked : null;
    return {
      span,
      nature,
      ns: this.within(span.fromNs, span.toNs),
      askedNs: asked,
      timedOut: ranOut,
      lateNs: late !== null && late > Math.max(LATE_NS, LATE_SHARE * asked!) ? late : null,
    };
  }
}

/** Evidence for a call: its events and raw lines. */
export function callEvidence(call: CallSpan, text: string): FindingEvidence {
  return { text, nums: call.nums, raw: call.raw };
}

/** The gap ends with another thread's event: said, since the subject is the thread of the start event. */
export function spanning(facts: Facts): FindingEvidence[] {
  const { startEvent, endEvent, subjectTid } = facts.question;
  if (!startEvent || !endEvent || endEvent.tid === null || endEvent.tid === subjectTid) return [];
  return [
    {
      text: `the gap begins with an event of ${facts.who} and ends with one of ${endEvent.proc ?? 'thread'} (${endEvent.tid}): what is said here is about the first`,
      nums: [startEvent.num, endEvent.num].filter((num) => num !== null),
      raw: [],
    },
  ];
}
