/**
 * What each CPU did, from its chain of switch events: the interval between two switches belongs to the thread
 * that leaves at the second one, which must be the `next` of the first. The same links say whether the trace is whole: a filtered one has no CPU accounting, and says so.
 * Kept per CPU: totals, 256 equal parts of the gap, the links' counts. No lists of switches.
 */
import { BREAKS_KEPT, CPU_F64, CPU_I32, CPU_KNOWN, type Figures, PARTS } from './fold-layout.js';
import { overlap, type Span } from './span.js';
import type { ThreadFigures, Threads } from './threads.js';

/** Of the links that could be checked, so many must hold. */
const WHOLE_SHARE = 0.95;
/** Links broken at threads that never show as leaving (their own events are suppressed) may be this many. */
const SUPPRESSED_SHARE = 0.25;
const FEW_LINKS = 4;
/** CPUs found without a look into the map. */
const AT_HAND = 256;

/** A link that does not hold: `expected` was to leave, another thread did. */
export interface Break {
  readonly cpu: number;
  readonly expected: number;
  /** The last event on this CPU before, and the one that shows the break. */
  readonly fromNs: number;
  readonly toNs: number;
  readonly nums: readonly number[];
}

export interface Occupancy {
  readonly idleNs: number;
  readonly kernelNs: number;
  readonly userNs: number;
  readonly unknownNs: number;
  /** Of userNs, the subject's. */
  readonly subjectNs: number;
}

const IDLE = 0;
const KERNEL = 1;
const USER = 2;
const UNKNOWN = 3;
const SUBJECT = 4;
const LETTERS = 'iku?s';

/** CPUs told apart, and on each the threads that its links broke at. */
export const MOST_CPUS = 1 << 12;
const MOST_BROKEN = 1 << 12;
/** A CPU weighs as much as so many threads. */
const CPU_WEIGHT = 24;

export class Cpu {
  /** The thread on it, -1 while unknown, and since when. */
  current = -1;
  sinceNs = Number.NaN;
  lastNs = Number.NaN;
  lastNum = -1;
  switches = 0;
  switchesBefore = 0;
  linksHeld = 0;
  readonly brokenAt = new Map<number, number>();
  /** Links broken at still other threads. */
  brokenElsewhere = 0;
  /** Links broken at threads of which no figures are kept: whether they leave anywhere is not known. */
  brokenAtStrangers = 0;
  readonly breaks: Break[] = [];
  longestRunNs = 0;
  /** Of its broken links, once the stretch is over. */
  judged: { readonly suppressed: number; readonly broken: number } | null = null;
  parts: readonly Float64Array[] = [0, 1, 2, 3, 4].map(() => new Float64Array(PARTS));
  topTid: Int32Array = new Int32Array(PARTS).fill(-1);
  topNs: Float64Array = new Float64Array(PARTS);
  /** Where its figures are lent to the fold's memory; 0 for nowhere. */
  lentAt = 0;

  constructor(readonly cpu: number) {}

  /** Puts its figures into a row of fold.wat. */
  lend({ i32, f64 }: Figures, at: number): void {
    const i = at >> 2;
    const f = at >> 3;
    i32[i + CPU_I32.current] = this.current;
    f64[f + CPU_F64.sinceNs] = this.sinceNs;
    f64[f + CPU_F64.lastNs] = this.lastNs;
    f64[f + CPU_F64.lastNum] = this.lastNum;
    i32[i + CPU_I32.switches] = this.switches;
    i32[i + CPU_I32.switchesBefore] = this.switchesBefore;
    i32[i + CPU_I32.linksHeld] = this.linksHeld;
    i32[i + CPU_I32.breaks] = this.breaks.length;
    f64[f + CPU_F64.longestRunNs] = this.longestRunNs;
  }

  /** Takes the figures out of it. */
  takeBack({ i32, f64 }: Figures, at: number): void {
    const i = at >> 2;
    const f = at >> 3;
    this.sinceNs = f64[f + CPU_F64.sinceNs]!;
    this.lastNs = f64[f + CPU_F64.lastNs]!;
    this.lastNum = f64[f + CPU_F64.lastNum]!;
    this.switches = i32[i + CPU_I32.switches]!;
    this.switchesBefore = i32[i + CPU_I32.switchesBefore]!;
    this.linksHeld = i32[i + CPU_I32.linksHeld]!;
    this.longestRunNs = f64[f + CPU_F64.longestRunNs]!;
    // A thread id that a row has no room for was never changed there.
    if (i32[i + CPU_I32.state] === CPU_KNOWN) this.current = i32[i + CPU_I32.current]!;
  }

  /** The parts of the gap stand in the row itself, for both. */
  lendParts({ i32, f64 }: Figures, at: number): void {
    this.moveParts(i32.subarray((at >> 2) + CPU_I32.topTid), f64.subarray((at >> 3) + CPU_F64.topNs));
  }

  /** Takes the parts out of the row. */
  keepParts(): void {
    this.moveParts(new Int32Array(PARTS), new Float64Array(6 * PARTS));
  }

  /** `ns`: the time of the longest runner, then of each kind. */
  private moveParts(tids: Int32Array, ns: Float64Array): void {
    tids.set(this.topTid);
    ns.set(this.topNs);
    this.topTid = tids.subarray(0, PARTS);
    this.topNs = ns.subarray(0, PARTS);
    this.parts = this.parts.map((part, kind) => {
      const at = (kind + 1) * PARTS;
      ns.set(part, at);
      return ns.subarray(at, at + PARTS);
    });
  }

  /** Links were broken at a thread. */
  breaksAt(tid: number, count: number): void {
    const before = this.brokenAt.get(tid);
    if (before !== undefined || this.brokenAt.size < MOST_BROKEN)
      this.brokenAt.set(tid, (before ?? 0) + count);
    else this.brokenElsewhere += count;
  }
}

export class Cpus {
  private readonly cpus = new Map<number, Cpu>();
  /** Some CPUs came when there were too many: nothing is known of them. */
  crowded = false;
  readonly partNs: number;
  private isOver = false;
  /** The first ones by number: asked for with every event. */
  private readonly atHand: (Cpu | undefined)[] = new Array(AT_HAND).fill(undefined);

  constructor(
    private readonly span: Span,
    private readonly threads: Threads,
    private readonly subjectTid: number | null,
  ) {
    this.partNs = (span.endNs - span.startNs) / PARTS;
  }

  /** What is kept, in figures of so many threads. */
  get weight(): number {
    return this.cpus.size * CPU_WEIGHT;
  }

  get numbers(): number[] {
    return [...this.cpus.keys()].sort((a, b) => a - b);
  }

  all(): Iterable<Cpu> {
    return this.cpus.values();
  }

  find(cpuNumber: number): Cpu | undefined {
    return this.cpus.get(cpuNumber);
  }

  /** `thread` leaves the CPU for `next`. */
  switched(cpuNumber: number, thread: ThreadFigures, next: number, timeNs: number, num: number): void {
    const cpu = this.of(cpuNumber);
    if (!cpu) return;
    if (cpu.current >= 0) {
      if (cpu.current === thread.tid) {
        cpu.linksHeld++;
        this.add(cpu, thread, cpu.sinceNs, timeNs);
      } else this.breakLink(cpu, timeNs, num);
    }
    cpu.switches++;
    if (timeNs < this.span.startNs) cpu.switchesBefore++;
    cpu.current = next;
    cpu.sinceNs = timeNs;
    cpu.lastNs = timeNs;
    cpu.lastNum = num;
  }

  /** A call of a thread: it must be the one on the CPU. If not, it is from now on: the switch to it is missing. */
  called(cpuNumber: number, tid: number, timeNs: number, num: number): void {
    const cpu = cpuNumber < AT_HAND ? this.atHand[cpuNumber] : this.cpus.get(cpuNumber);
    if (!cpu) return;
    if (cpu.current >= 0 && cpu.current !== tid) {
      this.breakLink(cpu, timeNs, num);
      cpu.current = tid;
      cpu.sinceNs = timeNs;
    }
    cpu.lastNs = timeNs;
    cpu.lastNum = num;
  }

  /** Another thread shows on the CPU than its last switch put there. */
  private breakLink(cpu: Cpu, timeNs: number, num: number): void {
    // The last switch of a thread that ended is often left out.
    if (this.threads.all.get(cpu.current)?.ended) {
      this.fill(cpu, UNKNOWN, -1, cpu.sinceNs, timeNs);
      return;
    }
    if (this.threads.isFull && !this.threads.all.has(cpu.current)) cpu.brokenAtStrangers++;
    else cpu.breaksAt(cpu.current, 1);
    if (timeNs >= this.span.startNs && cpu.breaks.length < BREAKS_KEPT)
      cpu.breaks.push({
        cpu: cpu.cpu,
        expected: cpu.current,
        fromNs: cpu.lastNs,
        toNs: timeNs,
        nums: [cpu.lastNum, num],
      });
    this.fill(cpu, UNKNOWN, -1, cpu.sinceNs, timeNs);
  }

  /**
   * The last thread of each CPU still runs, for at most twice the CPU's longest run so far; where the CPU was in
   * view before the gap too. An excerpt of a few lines says nothing of what comes after it.
   */
  finish(): void {
    this.isOver = true;
    for (const cpu of this.cpus.values()) {
      if (cpu.current < 0 || cpu.switchesBefore === 0) continue;
      const until = Math.min(this.span.endNs, cpu.sinceNs + 2 * cpu.longestRunNs);
      const thread = this.threads.of(cpu.current);
      if (until > cpu.sinceNs) this.add(cpu, thread, cpu.sinceNs, until);
    }
  }

  switchesOf(cpuNumber: number): number {
    return this.cpus.get(cpuNumber)?.switches ?? 0;
  }

  get hasSwitches(): boolean {
    return this.cpus.size > 0;
  }

  /** Whether this CPU's switch events link up, so that its time can be told. */
  isWhole(cpuNumber: number): boolean {
    const cpu = this.cpus.get(cpuNumber);
    if (!cpu || cpu.switches < FEW_LINKS) return false;
    const { suppressed, broken } = this.judgeBreaks(cpu);
    const links = cpu.linksHeld + broken;
    return (
      links > 0 &&
      cpu.linksHeld >= WHOLE_SHARE * links &&
      suppressed <= SUPPRESSED_SHARE * (links + suppressed)
    );
  }

  /** Broken links within the gap on whole CPUs, at threads that do show as leaving: events are missing there. */
  losses(): Break[] {
    const list: Break[] = [];
    for (const cpu of this.cpus.values()) {
      if (!this.isWhole(cpu.cpu)) continue;
      for (const b of cpu.breaks) if (this.leaves(b.expected)) list.push(b);
    }
    return list;
  }

  private judgeBreaks(cpu: Cpu): { readonly suppressed: number; readonly broken: number } {
    if (cpu.judged) return cpu.judged;
    let suppressed = cpu.brokenAtStrangers;
    let broken = cpu.brokenElsewhere;
    for (const [tid, count] of cpu.brokenAt) {
      if (this.leaves(tid)) broken += count;
      else suppressed += count;
    }
    const judged = { suppressed, broken };
    if (this.isOver) cpu.judged = judged;
    return judged;
  }

  /** Idle is never suppressed; a thread that never leaves has its own events left out. */
  private leaves(tid: number): boolean {
    return tid === 0 || (this.threads.all.get(tid)?.outs ?? 0) > 0;
  }

  /** Time of the CPU between two times; at the edges to the 256th part of the gap. */
  occupancy(cpuNumber: number, fromNs: number, toNs: number): Occupancy {
    const cpu = this.cpus.get(cpuNumber);
    const total = [0, 0, 0, 0, 0];
    const { startNs } = this.span;
    for (let i = 0; cpu && i < PARTS; i++) {
      const shared =
        overlap(startNs + i * this.partNs, startNs + (i + 1) * this.partNs, fromNs, toNs) / this.partNs;
      if (shared > 0) for (let c = 0; c < total.length; c++) total[c]! += cpu.parts[c]![i]! * shared;
    }
    const known = total.reduce((sum, ns) => sum + ns, 0) - total[UNKNOWN]!;
    return {
      idleNs: total[IDLE]!,
      kernelNs: total[KERNEL]!,
      userNs: total[USER]! + total[SUBJECT]!,
      unknownNs: Math.max(0, overlap(fromNs, toNs, startNs, this.span.endNs) - known),
      subjectNs: total[SUBJECT]!,
    };
  }

  /**
   * Whether the CPU was busy with others through all of [fromNs, toNs]: never idle, nothing unknown, judged over
   * the whole parts in between. Null where the trace can't say.
   */
  heldByOthers(cpuNumber: number, fromNs: number, toNs: number): boolean | null {
    if (!this.isWhole(cpuNumber)) return null;
    const from = this.span.startNs + Math.ceil((fromNs - this.span.startNs) / this.partNs) * this.partNs;
    const to = this.span.startNs + Math.floor((toNs - this.span.startNs) / this.partNs) * this.partNs;
    if (to - from < 4 * this.partNs) return null;
    const { idleNs, unknownNs, subjectNs } = this.occupancy(cpuNumber, from, to);
    if (idleNs > 0.01 * (to - from)) return false;
    if (unknownNs > 0.05 * (to - from)) return null;
    return subjectNs <= 0.1 * (to - from);
  }

  /** Its last switch, not later than `timeNs`, made it idle. */
  restsSince(cpuNumber: number, timeNs: number): boolean {
    const cpu = this.cpus.get(cpuNumber);
    return cpu !== undefined && cpu.current === 0 && cpu.sinceNs <= timeNs;
  }

  /** Longest time between two switches of the CPU. */
  longestRunNs(cpuNumber: number): number {
    return this.cpus.get(cpuNumber)?.longestRunNs ?? 0;
  }

  /** Who held the CPU longest between two times, by the longest run in each part. */
  holders(cpuNumber: number, fromNs: number, toNs: number): { tid: number; ns: number }[] {
    const cpu = this.cpus.get(cpuNumber);
    const sums = new Map<number, number>();
    for (let i = 0; cpu && i < PARTS; i++) {
      const at = this.span.startNs + i * this.partNs;
      const tid = cpu.topTid[i]!;
      if (at + this.partNs <= fromNs || at >= toNs || tid <= 0 || tid === this.subjectTid) continue;
      sums.set(tid, (sums.get(tid) ?? 0) + cpu.topNs[i]!);
    }
    return [...sums].map(([tid, ns]) => ({ tid, ns })).sort((a, b) => b.ns - a.ns);
  }

  /** `width` letters for the gap, each the class that held most of its part. */
  strip(cpuNumber: number, width: number): string {
    let text = '';
    const gapNs = this.span.endNs - this.span.startNs;
    for (let i = 0; i < width; i++) {
      const from = this.span.startNs + (gapNs * i) / width;
      const o = this.occupancy(cpuNumber, from, from + gapNs / width);
      const classes = [o.idleNs, o.kernelNs, o.userNs - o.subjectNs, o.unknownNs, o.subjectNs];
      text += LETTERS[classes.indexOf(Math.max(...classes))]!;
    }
    return text;
  }

  private of(cpuNumber: number): Cpu | undefined {
    if (cpuNumber < AT_HAND && this.atHand[cpuNumber]) return this.atHand[cpuNumber];
    let cpu = this.cpus.get(cpuNumber);
    if (!cpu) {
      if (this.cpus.size >= MOST_CPUS) {
        this.crowded = true;
        return undefined;
      }
      cpu = new Cpu(cpuNumber);
      this.cpus.set(cpuNumber, cpu);
      if (cpuNumber < AT_HAND) this.atHand[cpuNumber] = cpu;
    }
    return cpu;
  }

  private add(cpu: Cpu, thread: ThreadFigures, fromNs: number, toNs: number): void {
    if (toNs - fromNs > cpu.longestRunNs) cpu.longestRunNs = toNs - fromNs;
    if (thread.tid !== 0) thread.ran(fromNs, toNs, this.span);
    let kind = USER;
    if (thread.tid === 0) kind = IDLE;
    else if (thread.tid === this.subjectTid) kind = SUBJECT;
    else if (thread.isKernel) kind = KERNEL;
    else if (!thread.memoryKnown && thread.name === null) kind = UNKNOWN;
    this.fill(cpu, kind, thread.tid, fromNs, toNs);
  }

  private fill(cpu: Cpu, kind: number, tid: number, fromNs: number, toNs: number): void {
    const { startNs, endNs } = this.span;
    const from = Math.max(fromNs, startNs);
    const to = Math.min(toNs, endNs);
    if (to <= from) return;
    const parts = cpu.parts[kind]!;
    const last = Math.min(PARTS - 1, Math.floor((to - startNs) / this.partNs));
    for (let i = Math.min(PARTS - 1, Math.floor((from - startNs) / this.partNs)); i <= last; i++) {
      const ns = overlap(from, to, startNs + i * this.partNs, startNs + (i + 1) * this.partNs);
      parts[i]! += ns;
      if (ns > cpu.topNs[i]!) {
        cpu.topNs[i] = ns;
        cpu.topTid[i] = tid;
      }
    }
  }
}
