/**
 * Every thread of the stretch in a few numbers: records in the gap and before it, time on CPUs, runs and
 * their rhythm, and its longest silences. One object per thread, no lists of events.
 */
import { sameBytes } from '../model/bytes.js';
import type { EventView } from '../model/event.js';
import {
  type Figures,
  INTERVALS_KEPT,
  putName,
  THREAD_F64,
  THREAD_I32,
  THREAD_NAME_AT,
} from './fold-layout.js';
import { overlap, type Span } from './span.js';

/** A thread counts as regularly active when the stretch before shows it at least so often. */
const REGULAR_RECORDS = 4;

const NO_NAME = Buffer.alloc(0);

export class ThreadFigures {
  declare tid: number;
  /** Somebody will ask for it by its id. */
  declare private isKept: boolean;
  declare name: string | null;
  declare private nameBytes: Buffer;
  declare recordsBefore: number;
  declare records: number;
  declare onCpuBeforeNs: number;
  declare onCpuNs: number;
  /** Seen leaving a CPU, and then without or with user memory. */
  declare outs: number;
  declare private outsWithoutMemory: number;
  declare private outsWithMemory: number;
  /** Other events than switches: kernel threads make no calls. */
  declare private ownEvents: number;
  declare cpu: number;
  /** It has ended; its last switch may not be in the trace. */
  declare ended: boolean;
  declare runs: number;
  declare private lastRunNs: number;
  readonly intervals: number[] = [];
  declare lastNs: number;
  declare longestBeforeNs: number;
  declare silenceFromNs: number;
  declare silenceToNs: number;
  /** Where its figures are lent to the fold's memory; 0 for nowhere. */
  declare lentAt: number;

  /** Of a thread of which nothing was seen, in the place of one that was given back if there is one. */
  static of(tid: number, seenNs: number, isKept: boolean): ThreadFigures {
    const used = isKept ? free.pop() : undefined;
    if (used === undefined) return new ThreadFigures(tid, seenNs, isKept);
    used.begin(tid, seenNs, isKept);
    return used;
  }

  private constructor(tid: number, seenNs: number, isKept: boolean) {
    this.begin(tid, seenNs, isKept);
  }

  private begin(tid: number, seenNs: number, isKept: boolean): void {
    this.tid = tid;
    this.isKept = isKept;
    this.name = null;
    this.nameBytes = NO_NAME;
    this.recordsBefore = 0;
    this.records = 0;
    this.onCpuBeforeNs = 0;
    this.onCpuNs = 0;
    this.outs = 0;
    this.outsWithoutMemory = 0;
    this.outsWithMemory = 0;
    this.ownEvents = 0;
    this.cpu = -1;
    this.ended = false;
    this.runs = 0;
    this.lastRunNs = Number.NaN;
    this.intervals.length = 0;
    this.lastNs = seenNs;
    this.longestBeforeNs = 0;
    this.silenceFromNs = 0;
    this.silenceToNs = 0;
    this.lentAt = 0;
  }

  /** No user memory, by all that its switch events say; tid 2 and names are not needed for it. */
  get isKernel(): boolean {
    return this.tid !== 0 && this.outsWithoutMemory > 0 && this.outsWithMemory === 0 && this.ownEvents === 0;
  }

  /** Whether its switch events say anything of its memory. */
  get memoryKnown(): boolean {
    return this.outsWithoutMemory + this.outsWithMemory + this.ownEvents > 0;
  }

  /** Longest silence within the stretch itself. */
  get silenceNs(): number {
    return this.silenceToNs - this.silenceFromNs;
  }

  get periodNs(): number | null {
    if (this.intervals.length < 2) return null;
    const sorted = [...this.intervals].sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  }

  learnName(text: Buffer, start: number, end: number): void {
    if (!this.isKept) {
      // Asked is only whether it has one.
      if (end > start) this.name = '';
      return;
    }
    if (sameBytes(this.nameBytes, text, start, end)) return;
    const { bytes, name } = nameOf(text, start, end);
    this.nameBytes = bytes;
    this.name = name;
  }

  leaves(vmSizeKb: number): void {
    this.outs++;
    if (vmSizeKb === 0) this.outsWithoutMemory++;
    else if (vmSizeKb > 0) this.outsWithMemory++;
  }

  acts(): void {
    this.ownEvents++;
  }

  /** It ran on a CPU in [fromNs, toNs]. */
  ran(fromNs: number, toNs: number, span: Span): void {
    this.onCpuBeforeNs += overlap(fromNs, toNs, span.baselineNs, span.startNs);
    const ns = overlap(fromNs, toNs, span.startNs, span.endNs);
    if (ns <= 0) return;
    this.onCpuNs += ns;
    this.runs++;
    if (this.intervals.length < INTERVALS_KEPT && fromNs >= this.lastRunNs)
      this.intervals.push(fromNs - this.lastRunNs);
    this.lastRunNs = fromNs;
  }

  seen(timeNs: number, span: Span): void {
    if (timeNs < span.startNs) {
      this.recordsBefore++;
      if (timeNs - this.lastNs > this.longestBeforeNs) this.longestBeforeNs = timeNs - this.lastNs;
    } else {
      this.records++;
      this.silent(timeNs, span);
    }
    if (timeNs > this.lastNs) this.lastNs = timeNs;
  }

  /** Puts its figures into a row of fold.wat. */
  lend({ i32, f64 }: Figures, at: number): void {
    const i = at >> 2;
    const f = at >> 3;
    i32[i + THREAD_I32.tid] = this.tid;
    i32[i + THREAD_I32.cpu] = this.cpu;
    f64[f + THREAD_F64.recordsBefore] = this.recordsBefore;
    f64[f + THREAD_F64.records] = this.records;
    f64[f + THREAD_F64.onCpuBeforeNs] = this.onCpuBeforeNs;
    f64[f + THREAD_F64.onCpuNs] = this.onCpuNs;
    i32[i + THREAD_I32.outs] = this.outs;
    i32[i + THREAD_I32.outsWithoutMemory] = this.outsWithoutMemory;
    i32[i + THREAD_I32.outsWithMemory] = this.outsWithMemory;
    i32[i + THREAD_I32.ownEvents] = this.ownEvents;
    i32[i + THREAD_I32.runs] = this.runs;
    f64[f + THREAD_F64.lastRunNs] = this.lastRunNs;
    f64[f + THREAD_F64.lastNs] = this.lastNs;
    f64[f + THREAD_F64.longestBeforeNs] = this.longestBeforeNs;
    f64[f + THREAD_F64.silenceFromNs] = this.silenceFromNs;
    f64[f + THREAD_F64.silenceToNs] = this.silenceToNs;
    i32[i + THREAD_I32.ended] = this.ended ? 1 : 0;
    const intervalsAt = i32[i + THREAD_I32.intervalsAt]!;
    if (intervalsAt === 0) return;
    const { intervals } = this;
    for (let k = i32[i + THREAD_I32.intervals]!; k < intervals.length; k++)
      f64[(intervalsAt >> 3) + k] = intervals[k]!;
    i32[i + THREAD_I32.intervals] = intervals.length;
  }

  lendName(figures: Figures, at: number): void {
    putName(figures, at + THREAD_NAME_AT, this.name === null ? null : this.nameBytes);
  }

  /** Takes the figures out of it. */
  takeBack({ i32, f64 }: Figures, at: number): void {
    const i = at >> 2;
    const f = at >> 3;
    this.cpu = i32[i + THREAD_I32.cpu]!;
    this.recordsBefore = f64[f + THREAD_F64.recordsBefore]!;
    this.records = f64[f + THREAD_F64.records]!;
    this.onCpuBeforeNs = f64[f + THREAD_F64.onCpuBeforeNs]!;
    this.onCpuNs = f64[f + THREAD_F64.onCpuNs]!;
    this.outs = i32[i + THREAD_I32.outs]!;
    this.outsWithoutMemory = i32[i + THREAD_I32.outsWithoutMemory]!;
    this.outsWithMemory = i32[i + THREAD_I32.outsWithMemory]!;
    this.ownEvents = i32[i + THREAD_I32.ownEvents]!;
    this.runs = i32[i + THREAD_I32.runs]!;
    this.lastRunNs = f64[f + THREAD_F64.lastRunNs]!;
    this.lastNs = f64[f + THREAD_F64.lastNs]!;
    this.longestBeforeNs = f64[f + THREAD_F64.longestBeforeNs]!;
    this.silenceFromNs = f64[f + THREAD_F64.silenceFromNs]!;
    this.silenceToNs = f64[f + THREAD_F64.silenceToNs]!;
    const intervalsAt = i32[i + THREAD_I32.intervalsAt]!;
    if (intervalsAt === 0) return;
    for (let k = this.intervals.length; k < i32[i + THREAD_I32.intervals]!; k++)
      this.intervals.push(f64[(intervalsAt >> 3) + k]!);
  }

  /** Ends the silence since its last event. */
  silent(timeNs: number, span: Span): void {
    const from = Math.max(this.lastNs, span.startNs);
    if (timeNs - from <= this.silenceToNs - this.silenceFromNs) return;
    this.silenceFromNs = from;
    this.silenceToNs = timeNs;
  }
}

interface KnownName {
  readonly bytes: Buffer;
  readonly name: string;
}

/** Names met, by their length and last bytes: thousands of threads share a few. */
const names: (KnownName | undefined)[] = new Array(256).fill(undefined);
const LONGEST_KNOWN = 64;

function nameOf(text: Buffer, start: number, end: number): KnownName {
  const slot = end - start < 2 ? 0 : (text[end - 1]! + 7 * text[end - 2]! + 31 * (end - start)) & 255;
  const known = names[slot];
  if (known && sameBytes(known.bytes, text, start, end)) return known;
  const bytes = Buffer.from(text.subarray(start, end));
  const met = { bytes, name: bytes.toString('utf8') };
  if (bytes.length <= LONGEST_KNOWN) names[slot] = met;
  return met;
}

/** Figures of stretches that are over, for the next ones: V8 lets 10 MB of them lie about for each of these. */
const free: ThreadFigures[] = [];

const PROCESS_EXIT = Buffer.from('procexit');

function isProcessExit(e: EventView): boolean {
  const { text, typeStart, typeEnd } = e;
  return (
    typeEnd - typeStart === PROCESS_EXIT.length &&
    text[typeStart] === PROCESS_EXIT[0] &&
    sameBytes(PROCESS_EXIT, text, typeStart, typeEnd)
  );
}

/** Threads found without a look into the map, by the last bits of their ids. */
const AT_HAND = 256;

/** Threads of a stretch that figures are kept of, besides the subject. */
export const MOST_THREADS = 1 << 14;

export class Threads {
  readonly all = new Map<number, ThreadFigures>();
  private readonly atHand: (ThreadFigures | undefined)[] = new Array(AT_HAND).fill(undefined);

  /** Some threads came when there were too many: they are not in `all`. */
  crowded = false;

  /** `subjectTid`: has its figures, however many threads there are; null for none. */
  constructor(
    private readonly span: Span,
    private readonly subjectTid: number | null,
  ) {}

  /** Of further threads nothing is kept, but of the subject. */
  get isFull(): boolean {
    return this.all.size >= MOST_THREADS;
  }

  /** The figures of a thread; of one that came when there were too many nothing is kept. */
  of(tid: number): ThreadFigures {
    const known = this.atHand[tid & (AT_HAND - 1)];
    if (known !== undefined && known.tid === tid) return known;
    let thread = this.all.get(tid);
    if (!thread) {
      const isKept = !this.isFull || tid === this.subjectTid;
      thread = ThreadFigures.of(tid, this.span.baselineNs, isKept);
      if (!isKept) {
        this.crowded = true;
        return thread;
      }
      this.all.set(tid, thread);
    }
    this.atHand[tid & (AT_HAND - 1)] = thread;
    return thread;
  }

  /** Counts an event of a thread; `switched`: it left a CPU. */
  see(e: EventView, timeNs: number, switched: boolean): ThreadFigures {
    const thread = this.of(e.tid);
    thread.seen(timeNs, this.span);
    if (e.cpu >= 0) thread.cpu = e.cpu;
    if (!switched) {
      thread.acts();
      if (isProcessExit(e)) thread.ended = true;
    }
    if (e.nameStart >= 0 && (switched || thread.name === null))
      thread.learnName(e.name, e.nameStart, e.nameEnd);
    return thread;
  }

  /** Nobody asks for any of them any more. */
  close(): void {
    for (const thread of this.all.values()) if (free.length < MOST_THREADS) free.push(thread);
    this.all.clear();
    this.atHand.fill(undefined);
  }

  /** The stretch is over: silences that last to its end count. */
  finish(): void {
    const { span } = this;
    for (const thread of this.all.values()) {
      if (thread.lastNs < span.startNs && span.startNs - thread.lastNs > thread.longestBeforeNs)
        thread.longestBeforeNs = span.startNs - thread.lastNs;
      thread.silent(span.endNs, span);
    }
  }

  /**
   * Threads whose silences before were at most a quarter of [fromNs, toNs], with several records there, and
   * that were silent through nearly all of it.
   */
  silentThrough(fromNs: number, toNs: number, except: number | null): ThreadFigures[] {
    const list: ThreadFigures[] = [];
    const needed = (toNs - fromNs) * 0.9;
    for (const thread of this.all.values()) {
      if (thread.tid === 0 || thread.tid === except || !this.wasRegular(thread, toNs - fromNs)) continue;
      if (overlap(thread.silenceFromNs, thread.silenceToNs, fromNs, toNs) >= needed) list.push(thread);
    }
    return list;
  }

  /** Regularly active before, measured against a silence of `silenceNs`. */
  wasRegular(thread: ThreadFigures, silenceNs: number): boolean {
    return thread.recordsBefore >= REGULAR_RECORDS && thread.longestBeforeNs * 4 <= silenceNs;
  }

  nameOf(tid: number): string {
    const name = this.all.get(tid)?.name;
    return name ? `${name} (${tid})` : `thread ${tid}`;
  }
}
