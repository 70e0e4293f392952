/**
 * The subject thread's states through the stretch, from its entries, exits, signals and switches.
 *
 * Where the trace holds exits only, the call is known when it ends: the time off CPU that its exit follows at
 * once belongs to it, back to where the thread last ran for longer than a moment. A call that does not wait on
 * purpose gets none of it. Pairs of switches around each call (a tracer's stops) are short and change nothing.
 */
import { DIR_ENTER, DIR_EXIT, type EventView } from '../model/event.js';
import { POINT_EVENTS } from '../model/point-events.js';
import { type Result, readResult, timeStruct, wasInterrupted } from './arguments.js';
import type { CallSpan, CallTotals, Piece } from './call-span.js';
import { argumentsIn, mayNameError, rawOf, resultInRaw, resumedArgs, textOf, typeOf } from './event-text.js';
import { HeldTime, MOMENT_NS } from './held-time.js';
import { signalOf } from './signals.js';
import { overlap, type Span } from './span.js';
import { StopTracker } from './stops.js';
import { askedNs, natureOf, timedOut } from './syscalls.js';

/** Calls and pieces shorter than this part of the gap are counted, not listed. */
const LISTED_PART = 1 / 512;

interface OpenCall {
  type: string;
  args: string;
  fromNs: number;
  num: number;
  raw: string;
  onNs: number;
  offNs: number;
  backNs: number;
  leftToIdle: boolean;
}

type CpuState = 'unknown' | 'on' | 'assumed' | 'off';

export class SubjectStates {
  readonly calls: CallSpan[] = [];
  readonly pieces: Piece[] = [];
  readonly stops: StopTracker;
  readonly totals = new Map<string, CallTotals>();
  readonly totalsBefore = new Map<string, CallTotals>();
  /** Switch-ins and -outs per CPU: where it runs, and where its switches are in view. */
  readonly cpusUsed = new Map<number, number>();
  readonly outsOn = new Set<number>();
  events = 0;
  endedNs = Number.NaN;
  ending: { num: number; raw: string } | null = null;
  majorFaults = 0;
  /** When the timer was due that the thread had set before a listed call, where that is within the call. */
  readonly timerDue = new Map<CallSpan, number>();
  /** Names of the calls that the thread made. */
  readonly callTypes = new Set<string>();
  private timerDueNs = Number.NaN;
  private firstFaults = -1;
  private readonly listedNs: number;
  private open: OpenCall | null = null;
  private readonly held: HeldTime;
  private state: CpuState = 'unknown';
  private cpu = -1;
  private next = -1;
  private positionNs: number;
  private lastOutNum = -1;
  private entries: boolean;

  constructor(
    private readonly span: Span,
    private readonly sysdig: boolean,
    entries: boolean,
  ) {
    this.entries = entries;
    this.listedNs = (span.endNs - span.startNs) * LISTED_PART;
    this.positionNs = span.baselineNs;
    this.held = new HeldTime(this.listedNs, (piece) => this.list(piece));
    this.stops = new StopTracker(span);
  }

  /** Whether entries of calls are in the trace. */
  get hasEntries(): boolean {
    return this.entries;
  }

  /** The CPU that it is taken to run on; -1 for none. */
  get runningOn(): number {
    return this.state === 'on' || this.state === 'assumed' ? this.cpu : -1;
  }

  /** An event of the thread itself that is no switch. */
  own(e: EventView, timeNs: number): void {
    this.events++;
    const type = typeOf(e);
    if (type === 'page_fault') return;
    this.present(e.cpu, timeNs);
    const point = POINT_EVENTS.has(type);
    if (!point) this.callTypes.add(type);
    if (!point && e.dir === DIR_ENTER) this.enter(e, type, timeNs);
    else if (!point && e.dir === DIR_EXIT) this.exit(e, type, timeNs);
    else {
      this.settle(timeNs, type);
      this.held.drop(type);
      if (type === 'procexit' && Number.isNaN(this.endedNs)) {
        this.endedNs = timeNs;
        this.ending = { num: e.num, raw: rawOf(e) };
        if (this.open) this.close(this.open, timeNs, 'bound', null);
      } else if (type === 'signaldeliver' || type === 'stopped') {
        this.stops.signal(signalOf(e), e.num, rawOf(e), timeNs);
      }
    }
  }

  /** The thread leaves its CPU for `next`. */
  leaves(timeNs: number, cpu: number, next: number, num: number, majorFaults: number): void {
    if (this.state === 'off' || (this.cpu >= 0 && this.cpu !== cpu)) this.state = 'unknown';
    this.cpu = cpu;
    this.settle(timeNs, null);
    this.state = 'off';
    this.next = next;
    this.lastOutNum = num;
    this.outsOn.add(cpu);
    this.cpusUsed.set(cpu, (this.cpusUsed.get(cpu) ?? 0) + 1);
    this.countFaults(majorFaults, timeNs);
  }

  /** Another thread left a CPU to it. */
  returns(timeNs: number, cpu: number, num: number): void {
    if (this.state !== 'off') this.state = 'unknown';
    this.settle(timeNs, null, num);
    if (this.open) this.open.backNs = timeNs;
    this.held.returns(timeNs);
    this.state = 'on';
    this.cpu = cpu;
  }

  /**
   * Another thread shows on a CPU. Where the subject was taken to run there, its leaving was missed: nothing is
   * known of it since its last step.
   */
  contradict(cpu: number, timeNs: number): void {
    if (cpu !== this.cpu || cpu < 0 || (this.state !== 'on' && this.state !== 'assumed')) return;
    this.state = 'unknown';
    this.settle(timeNs, null);
  }

  finish(): void {
    const { endNs } = this.span;
    if (Number.isNaN(this.endedNs)) {
      this.settle(endNs, null);
      if (this.open) this.close(this.open, endNs, 'open', null);
      this.held.drop(null);
    }
    this.stops.finish(Number.isNaN(this.endedNs) ? endNs : this.endedNs);
    for (const [i, piece] of this.pieces.entries())
      if (piece.state === 'no-call' && piece.cpu >= 0 && this.outsOn.has(piece.cpu))
        this.pieces[i] = { ...piece, state: 'on-cpu' };
  }

  private countFaults(majorFaults: number, timeNs: number): void {
    if (majorFaults < 0) return;
    if (this.firstFaults < 0 || timeNs < this.span.startNs) this.firstFaults = majorFaults;
    else this.majorFaults = majorFaults - this.firstFaults;
  }

  /** It does something on a CPU: if it was off, it came back unseen. */
  private present(cpu: number, timeNs: number): void {
    if (this.state === 'off') {
      this.settle(timeNs, null);
      if (this.open) this.open.backNs = timeNs;
      this.state = 'assumed';
    } else if (this.state === 'unknown' || (cpu >= 0 && this.cpu >= 0 && cpu !== this.cpu)) {
      this.settle(timeNs, null);
      this.state = 'assumed';
    }
    if (cpu >= 0) this.cpu = cpu;
  }

  private enter(e: EventView, type: string, timeNs: number): void {
    this.entries = true;
    this.settle(timeNs, type);
    if (this.open) this.close(this.open, timeNs, 'bound', null);
    this.stops.acts(timeNs);
    const raw = rawOf(e);
    this.open = {
      type,
      args: argumentsIn(e, raw),
      fromNs: timeNs,
      num: e.num,
      raw,
      onNs: 0,
      offNs: 0,
      backNs: Number.NaN,
      leftToIdle: false,
    };
  }

  private exit(e: EventView, type: string, timeNs: number): void {
    const { open } = this;
    const isOwn =
      open !== null && (open.type === type || open.type === 'restart_syscall' || type === 'restart_syscall');
    // Most calls are too short to be listed: then their texts are not made.
    const result = isOwn && !this.sysdig && !mayNameError(e) ? null : readResult(textOf(e), this.sysdig);
    if (isOwn) {
      this.settle(timeNs, null);
      this.close(open, timeNs, 'seen', e);
    } else if (!open && !this.entries) this.infer(e, type, textOf(e), result, timeNs);
    else {
      this.settle(timeNs, type);
      if (open) this.close(open, timeNs, 'bound', null);
      // Its entry lies before the stretch: strace says how long it took.
      else if (e.durationNs > 0 && timeNs - e.durationNs < this.positionNs)
        this.unseenEntry(e, type, result, timeNs);
    }
    this.stops.acts(timeNs);
    if (wasInterrupted(result)) this.stops.interrupted(type, e.num, rawOf(e), timeNs);
  }

  private unseenEntry(e: EventView, type: string, result: Result | null, timeNs: number): void {
    this.keep({
      type,
      args: resumedArgs(e),
      result,
      fromNs: timeNs - e.durationNs,
      toNs: timeNs,
      onNs: 0,
      offNs: 0,
      backNs: timeNs,
      leftToIdle: false,
      entryKnown: true,
      end: 'seen',
      cpu: this.cpu,
      nums: [e.num],
      raw: [rawOf(e)],
    });
  }

  /** An exit whose entry the trace does not hold. */
  private infer(e: EventView, type: string, args: string, result: Result | null, timeNs: number): void {
    const nature = natureOf(type, args, this.sysdig);
    const asked = timedOut(type, result) ? askedNs(type, args, this.sysdig) : null;
    const ranNs = timeNs - this.positionNs;
    const { tail } = this.held;
    const span = {
      type,
      args,
      result,
      toNs: timeNs,
      end: 'seen' as const,
      cpu: this.cpu,
      nums: [e.num],
      raw: [rawOf(e)],
    };
    if (tail && nature.kind !== 'runs' && this.state !== 'off' && ranNs <= MOMENT_NS) {
      this.held.take();
      this.positionNs = timeNs;
      const { fromNs, onNs, offNs, backNs, leftToIdle } = tail;
      const nums = tail.pieces[0] ? [...tail.pieces[0].nums, e.num] : span.nums;
      this.keep({ ...span, fromNs, onNs: onNs + ranNs, offNs, backNs, leftToIdle, entryKnown: false, nums });
      return;
    }
    if (asked !== null && asked > 0 && this.state !== 'on') {
      // It came back because the time it asked for was over: so long at least it was inside.
      const fromNs = Math.max(this.positionNs, timeNs - asked);
      this.settle(fromNs, type);
      this.held.drop(type);
      this.positionNs = timeNs;
      this.keep({ ...span, fromNs, onNs: 0, offNs: 0, backNs: timeNs, leftToIdle: false, entryKnown: false });
      return;
    }
    this.settle(timeNs, type);
    this.held.drop(type);
  }

  /** strace: `5<anon_inode:[timerfd]>, 0, {it_interval=..., it_value={tv_sec=0, tv_nsec=999999000}}, NULL` */
  private setTimer(call: OpenCall): void {
    const m = /^[^,]*, 0, .*it_value=(\{[^}]*\})/.exec(call.args);
    const valueNs = timeStruct(m?.[1]);
    this.timerDueNs = valueNs === undefined || valueNs === 0 ? Number.NaN : call.fromNs + valueNs;
  }

  /** The call is over; `exit` ended it, if one did. */
  private close(open: OpenCall, toNs: number, end: CallSpan['end'], exit: EventView | null): void {
    const { sysdig } = this;
    this.open = null;
    if (open.type === 'timerfd_settime' && !sysdig) this.setTimer(open);
    if (!this.tally(open.type, open.fromNs, toNs, end)) return;
    const text = exit ? textOf(exit) : '';
    const more = exit && !sysdig ? resumedArgs(exit) : text;
    const result = exit && readResult(text, sysdig);
    const exitRaw = exit ? rawOf(exit) : open.raw;
    const exitNum = exit ? exit.num : -1;
    const seen = exitNum >= 0 && exitRaw !== open.raw;
    this.push({
      type: open.type,
      args: more === '' ? open.args : `${open.args}${sysdig ? ' ' : ', '}${more}`,
      result: result ?? (end === 'bound' ? resultInRaw(open.raw, sysdig) : null),
      fromNs: open.fromNs,
      toNs,
      onNs: open.onNs,
      offNs: open.offNs,
      backNs: Number.isNaN(open.backNs) ? toNs : open.backNs,
      leftToIdle: open.leftToIdle,
      entryKnown: true,
      end,
      cpu: this.cpu,
      nums: seen ? [open.num, exitNum] : [open.num],
      raw: seen ? [open.raw, exitRaw] : [open.raw],
    });
  }

  private keep(call: CallSpan): void {
    if (this.tally(call.type, call.fromNs, call.toNs, call.end)) this.push(call);
  }

  /** Counts a call; whether it is long enough to be listed. */
  private tally(type: string, fromNs: number, toNs: number, end: CallSpan['end']): boolean {
    const { span } = this;
    count(this.totalsBefore, type, overlap(fromNs, toNs, span.baselineNs, span.startNs));
    if (toNs < span.startNs) return false;
    // What a call without an end took can't be told.
    if (end !== 'bound') count(this.totals, type, overlap(fromNs, toNs, span.startNs, span.endNs));
    return this.isListed(fromNs, toNs);
  }

  private isListed(fromNs: number, toNs: number): boolean {
    const ns = overlap(fromNs, toNs, this.span.startNs, this.span.endNs);
    return ns >= this.listedNs && ns > 0;
  }

  private push(call: CallSpan): void {
    this.calls.push(call);
    if (this.timerDueNs > call.fromNs && this.timerDueNs < call.toNs)
      this.timerDue.set(call, this.timerDueNs);
  }

  /** Accounts the time since the last step to the open call, or to the time between calls. */
  private settle(timeNs: number, endedBy: string | null, inNum = -1): void {
    const fromNs = this.positionNs;
    if (timeNs <= fromNs) return;
    this.positionNs = timeNs;
    const ns = timeNs - fromNs;
    const { open, state } = this;
    if (state === 'off') this.stops.off(fromNs, timeNs, this.next);
    if (open) {
      if (state === 'off') {
        open.offNs += ns;
        if (this.next === 0) open.leftToIdle = true;
      } else if (state === 'on' || (state === 'assumed' && this.outsOn.has(this.cpu))) open.onNs += ns;
      return;
    }
    if (this.entries && !this.isListed(fromNs, timeNs)) return;
    const piece: Piece = {
      state: state === 'off' ? 'off-cpu' : state === 'on' ? 'on-cpu' : 'no-call',
      fromNs,
      toNs: timeNs,
      cpu: state === 'unknown' ? -1 : this.cpu,
      next: state === 'off' ? this.next : -1,
      endedBy,
      nums: state !== 'off' ? [] : inNum >= 0 ? [this.lastOutNum, inNum] : [this.lastOutNum],
    };
    if (this.entries) this.list(piece);
    else this.held.add(piece, ns);
  }

  private list(piece: Piece): void {
    if (this.isListed(piece.fromNs, piece.toNs)) this.pieces.push(piece);
  }
}

function count(totals: Map<string, CallTotals>, type: string, ns: number): void {
  if (ns <= 0) return;
  const entry = totals.get(type);
  if (!entry) totals.set(type, { count: 1, totalNs: ns, longestNs: ns });
  else {
    entry.count++;
    entry.totalNs += ns;
    if (ns > entry.longestNs) entry.longestNs = ns;
  }
}
