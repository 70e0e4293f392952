/**
 * The facts of a stretch of trace, gap or not: time per CPU, kernel threads and their rhythm, who was active,
 * the longest silence over all CPUs, marks of lost events. `ActivityView` takes the events one by one and keeps
 * figures, not events.
 */
import type { EventView } from '../model/event.js';
import type { EventRows } from '../model/event-rows.js';
import type {
  Activity,
  ChainVerdict,
  CpuActivity,
  FindingEvidence,
  KernelThreadActivity,
  ProcessActivity,
  Silence,
  SilentToo,
  SubjectState,
} from '../model/findings.js';
import type { ClockCheck } from './clock-check.js';
import { Cpus } from './cpus.js';
import { Fold, type Lender, type Listening } from './fold.js';
import { LostEvents } from './lost-events.js';
import { PacketCounts } from './packets.js';
import type { Span } from './span.js';
import { isSwitch, SwitchLine } from './switch-line.js';
import { type ThreadFigures, Threads } from './threads.js';
import { TypesSeen } from './types-seen.js';

const PROCESSES_SHOWN = 10;
const KERNEL_THREADS_SHOWN = 10;
/** Programs that record traces: their own work is told apart from the rest. */
const OBSERVERS =
  /^(?:c?sysdig|scapdump\w*|falco|dragent|sysdig-\w+|strace|perf|tcpdump|dumpcap|ltrace|bpftrace)$/;

export function isObserver(name: string | null): boolean {
  return name !== null && OBSERVERS.test(name);
}

/** The facts that rules judge by; `finish` of the view must have run. */
export interface ActivityFacts {
  readonly span: Span;
  readonly threads: Threads;
  readonly cpus: Cpus;
  readonly lost: LostEvents;
  readonly silence: Silence | null;
  /** The longest silence in the baseline, nanoseconds. */
  readonly silenceBeforeNs: number;
  readonly chain: ChainVerdict;
  readonly types: TypesSeen;
  /** Counted by whoever knows that the events are packets. */
  readonly packets: PacketCounts;
}

/** Sees those events of a run that have to be seen by themselves. */
export interface RowSeer {
  /** The CPU that the subject may be on, of which all have to; -1 for none, null where every event has to. */
  readonly subjectCpu: number | null;
  see(e: EventView, timeNs: number): unknown;
  /** The same of a call of the subject that is among the facts already. */
  own?(e: EventView, timeNs: number): void;
}

/** Events that may go the long way, whatever the fold takes. */
const MOST_UNFOLDED = 4096;

export class ActivityView implements ActivityFacts, Lender, RowSeer {
  readonly threads: Threads;
  readonly cpus: Cpus;
  readonly lost = new LostEvents();
  readonly types = new TypesSeen();
  readonly packets = new PacketCounts();
  /** The event seen last, where it was a switch. */
  readonly switchLine = new SwitchLine();
  readonly subjectCpu = -1;
  readonly listening: Listening;
  private fold: Fold | null = null;
  /** Rows taken by the fold, and events that went the long way since; too many of these, and there is no fold. */
  private folded = 0;
  private unfolded = 0;

  /**
   * @param subjectTid whose time on CPUs is told apart; null for none.
   * @param clock sees every event, too.
   */
  constructor(
    readonly span: Span,
    private readonly subjectTid: number | null = null,
    readonly clock: ClockCheck | null = null,
  ) {
    this.threads = new Threads(span, subjectTid);
    this.cpus = new Cpus(span, this.threads, subjectTid);
    this.listening = {
      lastNs: span.baselineNs,
      lastNum: -1,
      silenceBeforeNs: 0,
      records: 0,
      silenceFromNs: 0,
      silenceToNs: 0,
      silenceNums: [],
    };
  }

  /** The longest silence in the gap. */
  get silence(): Silence | null {
    const { silenceFromNs: fromNs, silenceToNs: toNs, silenceNums: nums } = this.listening;
    return toNs > fromNs ? { fromNs, toNs, nums } : null;
  }

  get silenceBeforeNs(): number {
    return this.listening.silenceBeforeNs;
  }

  /**
   * Takes a run of ordinary events in order of time, those within [fromNs, toNs]; the ones that have to be seen by
   * themselves go to `seer`.
   */
  seeRows(rows: EventRows, fromNs: number, toNs: number, seer: RowSeer = this): void {
    for (let at = 0; at < rows.count; at++) {
      const { subjectCpu } = seer;
      if (subjectCpu !== null) at = this.foldRows(rows, at, fromNs, toNs, subjectCpu, seer);
      if (at === rows.count) return;
      const e = rows.view(at);
      const timeNs = e.timeNs + rows.shiftNs;
      if (timeNs >= fromNs && timeNs <= toNs) seer.see(e, timeNs);
    }
  }

  /**
   * Takes rows from `at` on: the first one that has to be seen by itself, or their number. Calls of the subject that are
   * taken go to `seer`, too.
   */
  private foldRows(
    rows: EventRows,
    at: number,
    fromNs: number,
    toNs: number,
    subjectCpu: number,
    seer: RowSeer,
  ): number {
    if (this.unfolded > MOST_UNFOLDED && this.unfolded > this.folded) {
      this.rest();
      return at;
    }
    this.fold ??= Fold.of(this);
    const { fold } = this;
    if (!fold) return at;
    const left = fold.run(rows, at, fromNs, toNs, this.subjectTid ?? -1, subjectCpu);
    this.folded += left - at;
    if (!seer.own) return left;
    const { ownCalls } = fold;
    for (let n = 0; n < ownCalls; n++) {
      const e = rows.view(fold.ownCallAt(n));
      seer.own(e, e.timeNs + rows.shiftNs);
    }
    return left;
  }

  /** No more events come for the time being: what they need is free for others. */
  rest(): void {
    this.fold?.release();
    this.fold = null;
  }

  /** Nothing more is asked of it: what it was made of is free for others. */
  close(): void {
    this.rest();
    this.threads.close();
  }

  /** Takes the next event, in order of time; true when it was a switch, which `switchLine` then holds. */
  see(e: EventView, timeNs: number): boolean {
    const { fold } = this;
    if (!fold) return this.take(e, timeNs);
    const { size } = this.threads.all;
    fold.before(e);
    const switched = this.take(e, timeNs);
    // Each thread comes the long way once.
    if (this.threads.all.size === size) this.unfolded++;
    fold.after(e, switched ? this.switchLine.next : -1);
    return switched;
  }

  private take(e: EventView, timeNs: number): boolean {
    this.clock?.see(e, timeNs);
    const inGap = timeNs >= this.span.startNs;
    this.listen(e.num, timeNs, inGap);
    if (e.half === 0 && inGap) this.listening.records++;
    const switched = isSwitch(e) && this.switchLine.read(e);
    if (e.tid < 0) return switched;
    const thread = this.threads.see(e, timeNs, switched);
    if (switched) this.seeSwitch(e, timeNs, thread);
    else {
      this.types.see(e);
      if (e.cpu >= 0 && e.dir !== 0) this.cpus.called(e.cpu, e.tid, timeNs, e.num);
      this.lost.see(e, timeNs, inGap);
    }
    return switched;
  }

  private seeSwitch(e: EventView, timeNs: number, thread: ThreadFigures): void {
    const line = this.switchLine;
    thread.leaves(line.vmSizeKb);
    if (line.nameStart >= 0) {
      const next = this.threads.of(line.next);
      if (next.name === null) next.learnName(e.text, line.nameStart, line.nameEnd);
    }
    if (e.cpu >= 0) this.cpus.switched(e.cpu, thread, line.next, timeNs, e.num);
  }

  private listen(num: number, timeNs: number, inGap: boolean): void {
    const { listening } = this;
    const { lastNs, lastNum } = listening;
    if (!inGap) {
      if (timeNs - lastNs > listening.silenceBeforeNs) listening.silenceBeforeNs = timeNs - lastNs;
    } else this.silent(timeNs, lastNum < 0 ? [num] : [lastNum, num]);
    if (timeNs >= lastNs) {
      listening.lastNs = timeNs;
      listening.lastNum = num;
    }
  }

  /** Ends the silence since the last event. */
  private silent(timeNs: number, nums: readonly number[]): void {
    const { listening } = this;
    const fromNs = Math.max(listening.lastNs, this.span.startNs);
    if (!(timeNs - fromNs > listening.silenceToNs - listening.silenceFromNs)) return;
    listening.silenceFromNs = fromNs;
    listening.silenceToNs = timeNs;
    listening.silenceNums = nums;
  }

  /** The stretch is over. `missingBeforeNs`: what is older is no longer held, and nothing is concluded from it. */
  end(): void {
    this.rest();
    const { lastNum } = this.listening;
    this.silent(this.span.endNs, lastNum < 0 ? [] : [lastNum]);
    this.cpus.finish();
    this.threads.finish();
  }

  /** Threads and CPUs that are kept, in figures of so many threads. */
  get weight(): number {
    return this.threads.all.size + this.cpus.weight;
  }

  /** More threads or CPUs came than are told apart. */
  get crowded(): boolean {
    return this.threads.crowded || this.cpus.crowded;
  }

  get chain(): ChainVerdict {
    if (!this.cpus.hasSwitches) return 'none';
    return this.cpus.numbers.some((cpu) => this.cpus.isWhole(cpu)) ? 'whole' : 'filtered';
  }

  /** The facts as reports show them; call `end` first. `stripWidth`: letters per CPU strip. */
  report(
    stripWidth: number,
    subject: readonly SubjectState[] = [],
    silentToo: SilentToo | null = null,
  ): Activity {
    const { startNs } = this.span;
    const silence = this.silence && {
      ...this.silence,
      fromNs: this.silence.fromNs - startNs,
      toNs: this.silence.toNs - startNs,
    };
    return {
      records: this.listening.records,
      longestSilenceNs: silence ? silence.toNs - silence.fromNs : 0,
      silence,
      chain: this.chain,
      cpus: this.cpus.numbers.map((cpu) => this.cpuReport(cpu, stripWidth)),
      kernelThreads: this.kernelThreads(),
      processes: this.processes(),
      subject,
      silentToo: silentToo && {
        ...silentToo,
        fromNs: silentToo.fromNs - startNs,
        toNs: silentToo.toNs - startNs,
      },
      lost: this.losses(),
    };
  }

  private cpuReport(cpu: number, stripWidth: number): CpuActivity {
    const switches = this.cpus.switchesOf(cpu);
    if (!this.cpus.isWhole(cpu))
      return { cpu, idleNs: null, kernelNs: null, userNs: null, unknownNs: null, switches, strip: null };
    const { idleNs, kernelNs, userNs, unknownNs } = this.cpus.occupancy(
      cpu,
      this.span.startNs,
      this.span.endNs,
    );
    const round = Math.round;
    return {
      cpu,
      idleNs: round(idleNs),
      kernelNs: round(kernelNs),
      userNs: round(userNs),
      unknownNs: round(unknownNs),
      switches,
      strip: this.cpus.strip(cpu, stripWidth),
    };
  }

  kernelThreads(): KernelThreadActivity[] {
    return [...this.threads.all.values()]
      .filter((thread) => thread.isKernel && thread.runs > 0)
      .sort((a, b) => b.onCpuNs - a.onCpuNs || b.runs - a.runs)
      .slice(0, KERNEL_THREADS_SHOWN)
      .map((thread) => ({
        tid: thread.tid,
        name: thread.name,
        runs: thread.runs,
        runNs: Math.round(thread.onCpuNs),
        periodNs: thread.periodNs,
      }));
  }

  private processes(): ProcessActivity[] {
    const { baselineNs, startNs, endNs } = this.span;
    const scale = startNs > baselineNs ? (startNs - baselineNs) / (endNs - startNs) : 0;
    const whole = this.chain === 'whole';
    return [...this.threads.all.values()]
      .filter((thread) => thread.tid !== 0 && !thread.isKernel && thread.records > 0)
      .sort((a, b) => b.onCpuNs - a.onCpuNs || b.records - a.records)
      .slice(0, PROCESSES_SHOWN)
      .map((thread) => ({
        proc: thread.name,
        tid: thread.tid,
        records: thread.records,
        onCpuNs: whole ? Math.round(thread.onCpuNs) : null,
        vsBaseline:
          thread.recordsBefore > 0 && scale > 0
            ? Math.round((100 * thread.records * scale) / thread.recordsBefore) / 100
            : null,
        observer: isObserver(thread.name),
      }));
  }

  private losses(): FindingEvidence[] {
    const breaks = this.cpus.losses().map((b) => ({
      text: `CPU ${b.cpu}: the switch by which ${this.threads.nameOf(b.expected)} left is missing`,
      nums: b.nums,
      raw: [],
    }));
    return [...breaks, ...this.lost.marks];
  }
}
