/**
 * Whose line it is, when it was, what it is called: the state that strace's lines build on one another. A fork,
 * which decodes a stretch again, reads names and tracees as they were there instead of learning them.
 */
import { MAX_LINE } from '../../input/block-reader.js';
import { sameBytes } from '../../model/bytes.js';
import { ABSENT, type EventView } from '../../model/event.js';
import { Words } from '../words.js';
import { unescapeBytes } from './arguments.js';
import { attachedThread } from './diagnostics.js';
import { StraceFields } from './fields.js';
import { type Layout, prefixOf } from './layout.js';
import { NameHistory } from './names.js';
import type { Prefix } from './prefix.js';
import {
  adoptChild,
  describeExec,
  nameGiven,
  STATE_CLONE,
  STATE_EXEC,
  STATE_EXIT,
  type StateCall,
} from './state-calls.js';
import { isInCall, Thread, Threads } from './threads.js';
import { HALF_DAY_NS, stepText, Timing } from './timing.js';
import { Tracees } from './tracees.js';

const PROBLEMS_KEPT = 100;
const STEPS_KEPT = 1 << 16;
const NEVER_NS = Number.NEGATIVE_INFINITY;
/** No line is of a thread with this id. */
const NO_THREAD = new Thread(-1, Number.NaN);

/** What a fork shares with the decoder it came from, and only reads. */
export interface Learned {
  readonly names: NameHistory;
  readonly tracees: Tracees;
  readonly threads: Threads;
  /** Offsets of the lines that were far back, and not printed late. Not all of them lead the clock back: past midnight one may be of the next day. */
  readonly steps: Set<number>;
}

export abstract class ThreadTracking extends StraceFields {
  protected readonly history: NameHistory;
  protected readonly known: Threads;
  protected readonly threads: Threads;
  protected readonly words = new Words();
  protected readonly prefix: Prefix;
  protected readonly timing: Timing;
  /** Decodes a stretch again. */
  protected readonly again: boolean;
  /** The thread of the newest line. */
  protected thread: Thread = NO_THREAD;
  private readonly tracees: Tracees;
  private readonly steps: Set<number>;
  /** Time of the newest line. */
  protected timeNs = Number.NaN;
  private clockEpoch = 0;
  /** -r alone: times are sums. */
  private readonly sums: boolean;

  constructor(layout: Layout, learned?: Learned) {
    super(layout);
    this.again = learned !== undefined;
    this.history = learned?.names ?? new NameHistory();
    this.threads = new Threads(this.history);
    this.known = learned?.threads ?? this.threads;
    this.steps = learned?.steps ?? new Set();
    this.tracees = learned?.tracees ?? new Tracees(layout.fileTid);
    this.prefix = prefixOf(layout, this.words);
    this.timing = new Timing(layout.kind, this.clock, this.timebase.resolutionNs);
    this.sums = layout.kind === 'relative';
  }

  /** All lines are known that the clock was set at. */
  protected get knowsSteps(): boolean {
    return this.steps.size < STEPS_KEPT;
  }

  /** -T of the newest line, NaN without. */
  protected abstract durationNs(): number;

  protected override lateLines(): number {
    return this.timing.lateLines;
  }

  protected override shortDeltas(): number {
    return this.timing.shortDeltas;
  }

  protected override forgottenThreads(): number {
    return this.threads.forgotten;
  }

  protected learned(): Learned {
    return { names: this.history, tracees: this.tracees, threads: this.known, steps: this.steps };
  }

  /** Sets `timeNs`. It is a field since a number returned is a number allocated, 80 bytes a line in all. */
  protected placeStamp(e: EventView, thread: Thread, entry: boolean): void {
    const clock = this.clock;
    const ns = this.prefix.stampNs + this.timing.dayNs;
    const { latestNs } = clock;
    const isNear = ns - latestNs < HALF_DAY_NS || latestNs === NEVER_NS;
    if (ns >= latestNs && isNear && !this.sums) {
      clock.latestNs = ns;
      this.timeNs = ns;
    } else this.placeOdd(e, thread, entry);
    thread.lastNs = this.timeNs;
  }

  private placeOdd(e: EventView, thread: Thread, entry: boolean): void {
    // What a line far back is depends on the lines before it, which a stretch decoded again does not have.
    const known = this.again && this.knowsSteps;
    const { timing } = this;
    // One that was cut does not show when its call ended: the clock is left to the lines behind it.
    const isCut = e.recordEnd - e.recordStart >= MAX_LINE;
    const set = known ? this.steps.has(e.offset) : isCut ? false : undefined;
    this.timeNs = timing.place(this.prefix.stampNs, this.durationNs(), entry, thread.lastNs, set);
    if (timing.wasSet && !this.again && this.steps.size < STEPS_KEPT) this.steps.add(e.offset);
    if (this.clock.epoch === this.clockEpoch) return;
    this.clockEpoch = this.clock.epoch;
    if (this.problems.length < PROBLEMS_KEPT) {
      this.problems.push({ line: e.line, byte: e.offset, reason: stepText(this.clock.lastStepNs) });
    }
  }

  /** The thread of the line whose prefix was just read. */
  protected lineThread(e: EventView): Thread {
    const prefix = this.prefix;
    let tid = prefix.tid;
    if (!this.layout.pidColumn) {
      if (!prefix.bracketed) tid = this.again ? this.tracees.at(e.offset) : this.tracees.current();
      else if (!this.again && tid !== this.thread.tid) this.meetTracee(tid, e.offset, false);
    }
    if (tid === this.thread.tid) return this.thread;
    return this.switchThread(tid, e);
  }

  private switchThread(tid: number, e: EventView): Thread {
    let thread = this.threads.get(tid);
    if (thread === undefined || thread.ended) {
      // Its time is not placed yet; the stamp of the line before is the best bound.
      thread = this.threads.create(tid, this.clock.latestNs);
      const parent = this.again ? null : this.threads.parentOfNewThread();
      if (parent !== null && parent.name !== null) {
        thread.name = parent.name;
        this.history.add(tid, e.offset, parent.name);
      }
    }
    this.thread = thread;
    return thread;
  }

  /** The thread of a `resumed` line: on standard error its first half may stand on a line without `[pid N]`. */
  protected resumingThread(e: EventView, bytes: Buffer, nameStart: number, nameEnd: number): Thread {
    const prefix = this.prefix;
    const nameless = prefix.bracketed ? this.threads.get(ABSENT) : undefined;
    const begun =
      nameless !== undefined &&
      this.threads.get(prefix.tid)?.open !== true &&
      isInCall(nameless, bytes, nameStart, nameEnd);
    if (!begun) return this.lineThread(e);
    if (!this.again) this.meetTracee(prefix.tid, e.offset, true);
    const thread = this.lineThread(e);
    nameless.open = false;
    thread.open = true;
    thread.entryNs = nameless.entryNs;
    this.threads.keepEntry(thread, nameless.entryText!, 0, nameless.entryLength, nameless.entryNameLength);
    if (this.threads.cloning.delete(nameless)) this.threads.cloning.add(thread);
    return thread;
  }

  /** `[pid N]` on a line of standard error. The first thread's lines had none before. */
  private meetTracee(tid: number, offset: number, resumes: boolean): void {
    const { tracees } = this;
    const unknown = tracees.root === ABSENT;
    tracees.seen(tid, offset, resumes);
    if (!unknown || tracees.root !== tid) return;
    const nameless = this.threads.get(ABSENT);
    if (nameless === undefined) return;
    const thread = this.threads.get(tid) ?? this.threads.create(tid, nameless.bornNs);
    thread.info ??= nameless.info;
    if (thread.info?.pid === ABSENT) thread.info.pid = tid;
    if (nameless.name === null || thread.name !== null) return;
    thread.name = nameless.name;
    this.history.add(tid, offset, nameless.name);
  }

  protected noteAttached(bytes: Buffer, start: number, end: number, offset: number): void {
    if (this.again) return;
    const tid = attachedThread(bytes, start, end);
    if (tid >= 0) this.tracees.attached(tid, offset);
  }

  protected openCall(thread: Thread, bytes: Buffer, start: number, end: number, nameEnd: number): void {
    thread.open = true;
    thread.entryNs = this.timeNs;
    this.threads.keepEntry(thread, bytes, start, end, nameEnd - start);
  }

  /** What the call that just ended, `this.call`, tells of its thread. */
  protected learn(state: StateCall, thread: Thread, e: EventView, entryNs: number, exitNs: number): void {
    if (state === STATE_EXIT) {
      this.leaving(thread, e);
      return;
    }
    const result = this.call.resultText();
    const text = this.call.argumentsText();
    if (result === undefined || text === undefined) return;
    const args = Buffer.from(text, 'utf8');
    if (state === STATE_CLONE) {
      if (!/^[1-9]\d{0,6}(?:$|[ <])/.test(result)) return;
      const tid = Number.parseInt(result, 10);
      adoptChild(this.threads, this.history, thread, tid, args, entryNs, exitNs, e.offset);
      if (!this.layout.pidColumn) this.tracees.attached(tid, e.offset);
      return;
    }
    const name = nameGiven(state, args, result);
    if (name === null) return;
    thread.name = name;
    thread.printed = null;
    this.history.add(thread.tid, e.offset + 0.5, name);
    if (state === STATE_EXEC) describeExec(thread, args);
  }

  /** exit and exit_group: with -qq nothing else tells that the thread is gone. */
  protected leaving(thread: Thread, e: EventView): void {
    if (!this.again && this.prefix.bracketed) this.tracees.ended(thread.tid, e.offset);
  }

  protected end(thread: Thread, e: EventView): void {
    thread.open = false;
    thread.ended = true;
    this.thread = NO_THREAD;
    if (this.again) return;
    this.threads.cloning.delete(thread);
    this.history.add(thread.tid, e.offset + 0.5, null);
    if (!this.layout.pidColumn) this.tracees.ended(thread.tid, e.offset);
  }

  /** Thread `tid` called execve and goes on under its process's id, that of `leader`. */
  protected supersede(leader: Thread, tid: number, e: EventView): void {
    const caller = this.threads.get(tid);
    if (caller === undefined || caller === leader) return;
    if (caller.open && caller.entryText !== null && caller.entryLength >= 0) {
      leader.open = true;
      leader.entryNs = caller.entryNs;
      this.threads.keepEntry(leader, caller.entryText, 0, caller.entryLength, caller.entryNameLength);
    }
    this.end(caller, e);
  }

  protected nameEvent(e: EventView, thread: Thread, position: number): void {
    const name = this.again ? this.history.at(thread.tid, position) : thread.name;
    if (name === null) {
      e.nameStart = -1;
      e.nameEnd = -1;
      return;
    }
    e.name = name;
    e.nameStart = 0;
    e.nameEnd = name.length;
  }

  /** -Y: the name stands on the line, `<` and `>` and unprintable bytes escaped. */
  protected nameFromLine(e: EventView, bytes: Buffer, thread: Thread): void {
    const { commStart, commEnd } = this.prefix;
    const printed = thread.printed;
    if (printed === null || !sameBytes(printed, bytes, commStart, commEnd)) {
      const comm = Buffer.from(bytes.subarray(commStart, commEnd));
      thread.printed = comm;
      const name = unescapeBytes(comm, 0, comm.length);
      if (thread.name === null || !thread.name.equals(name)) {
        thread.name = name;
        if (!this.again) this.history.add(thread.tid, e.offset, name);
      }
    }
    const name = thread.name!;
    e.name = name;
    e.nameStart = 0;
    e.nameEnd = name.length;
  }
}
