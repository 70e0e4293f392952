/** Runs of ordinary events out of whole lines, by a WebAssembly kernel (calls.wat), and what it knows of threads. */

import type { LineBlock } from '../../input/blocks.js';
import { MOST_ROWS, ROW_BYTES, TYPE_CODES, typeCode } from '../../model/event-rows.js';
import { instantiate, type KernelSpace } from '../../model/kernel.js';
import { CallNames, NAME_LENGTH, NAME_OTHER, NAME_STATE, NAMES_BYTES } from './call-names.js';
import { KERNEL } from './calls-kernel.js';
import { STATE_NONE, stateCall } from './state-calls.js';

interface Kernel {
  rows(
    ends: number,
    line: number,
    count: number,
    start: number,
    number: number,
    names: number,
    threads: number,
    epoch: number,
    latestUs: number,
    limitUs: number,
    originUs: number,
    dayNs: number,
    out: number,
  ): number;
}

const THREAD_SLOTS = 4096;
const SLOT_WORDS = 4;
const THREADS_BYTES = THREAD_SLOTS * SLOT_WORDS * 4;
const HEAD_BYTES = 24;
const TABLES_BYTES = NAMES_BYTES + THREADS_BYTES + HEAD_BYTES + MOST_ROWS * ROW_BYTES;
/** In a thread's slot. */
const OPEN_AT = 1;
const NAMED_AT = 2;
/** In a row, in words. */
const ROW_WORDS = ROW_BYTES / 4;
const TID_AT = 5;
const KIND_AT = 6;
const LINE_AT = 8;
const BEFORE_AT = 9;
/** In the head, in words. */
const LINES_AT = 0;
const OPENING_AT = 1;
const TIMED_AT = 4;
/** Types that are more than calls to whoever takes events. */
const NOT_CALLS = new Set(['switch', 'drop', 'procexit', 'signaldeliver']);

/** What the kernel says of a thread's call: none of its lines came by rows. Above 0: the line it was begun on, plus 1. */
export const AS_DECODED = -1;
export const CLOSED = 0;
/** Kind of a row: the end of a call that the line before it in the run has begun, too. */
export const ROW_SECOND = 6;

/** Times of lines are microseconds as they are printed, those of rows nanoseconds since `originUs` and `dayNs` more. */
export interface RunAxis {
  readonly epoch: boolean;
  readonly originUs: number;
  latestUs: number;
  limitUs: number;
  dayNs: number;
}

export class CallRows {
  bytes = new Uint8Array(0);
  /** Of the run made last: lines taken, the last one that begins a call and does not end it (-1: none does). */
  lines = 0;
  openingLine = -1;
  /** The first one with -T (-1: none has), and the time of the last one. */
  timedLine = -1;
  latestNs = Number.NaN;
  private space: KernelSpace | null = null;
  private kernel: Kernel | null = null;
  private names: CallNames | null = null;
  /** The name met last of each type's code. */
  private metNames: string[] = [];
  private threads = new Int32Array(0);
  /** Ids of threads that have a slot. */
  private readonly tids: number[] = [];
  private head = new Int32Array(0);
  private times = new Float64Array(0);
  private rows = new Int32Array(0);

  /** Works on blocks of this memory; false where there is no room. */
  enter(space: KernelSpace): boolean {
    if (space === this.space) return true;
    if (space.spareBytes < TABLES_BYTES) return false;
    const { buffer } = space.memory;
    const threadsAt = space.spareAt + NAMES_BYTES;
    const headAt = threadsAt + THREADS_BYTES;
    this.space = space;
    this.kernel = instantiate(KERNEL, space) as Kernel;
    this.names = new CallNames(buffer, space.spareAt);
    this.metNames = new Array<string>(TYPE_CODES).fill('');
    this.tids.length = 0;
    this.threads = new Int32Array(buffer, threadsAt, THREADS_BYTES / 4);
    this.head = new Int32Array(buffer, headAt, HEAD_BYTES / 4);
    this.times = new Float64Array(buffer, headAt, HEAD_BYTES / 8);
    this.bytes = new Uint8Array(buffer, headAt + HEAD_BYTES, MOST_ROWS * ROW_BYTES);
    this.rows = new Int32Array(buffer, headAt + HEAD_BYTES, MOST_ROWS * ROW_WORDS);
    return true;
  }

  /** Lines of such calls may be taken from now on. */
  meetCall(text: Buffer, start: number, end: number): void {
    if (end - start > NAME_LENGTH) return;
    const code = typeCode(text, start, end);
    if (isText(this.metNames[code]!, text, start, end)) return;
    const name = text.toString('latin1', start, end);
    this.metNames[code] = name;
    if (!this.names!.lacks(name)) return;
    const isPlain = stateCall(text, start, end) === STATE_NONE && !NOT_CALLS.has(name);
    this.names!.put(name, isPlain ? NAME_OTHER : NAME_STATE, code);
  }

  /** Whether lines of this thread may be taken once it is met: another one may have its slot. */
  hasRoomFor(tid: number): boolean {
    return this.threads[slotOf(tid)] === 0;
  }

  /** Lines of this thread, which there is room for, may be taken from now on. */
  meetThread(tid: number, mayHaveName: boolean): void {
    const slot = slotOf(tid);
    const { threads } = this;
    threads[slot] = tid + 1;
    threads[slot + OPEN_AT] = AS_DECODED;
    threads[slot + NAMED_AT] = mayHaveName ? 1 : 0;
    this.tids.push(tid);
  }

  forgetThread(tid: number): void {
    const slot = slotOf(tid);
    if (this.threads[slot] !== tid + 1) return;
    this.threads[slot] = 0;
    this.tids.splice(this.tids.indexOf(tid), 1);
  }

  /** Makes rows of the block's lines from `line` on, which begins at `start`; their number. */
  make(block: LineBlock, line: number, start: number, axis: RunAxis): number {
    const made = this.kernel!.rows(
      block.ends.byteOffset,
      line,
      block.count,
      start,
      block.line + line,
      this.names!.at,
      this.threads.byteOffset,
      Number(axis.epoch),
      axis.latestUs,
      axis.limitUs,
      axis.originUs,
      axis.dayNs,
      this.head.byteOffset,
    );
    this.lines = this.head[LINES_AT]!;
    this.openingLine = this.head[OPENING_AT]!;
    this.timedLine = this.head[TIMED_AT]!;
    this.latestNs = this.times[1]!;
    return made;
  }

  kindOf(row: number): number {
    return this.rows[row * ROW_WORDS + KIND_AT]!;
  }

  tidOf(row: number): number {
    return this.rows[row * ROW_WORDS + TID_AT]!;
  }

  /** The line of the block that it was made of. */
  lineOf(row: number): number {
    return this.rows[row * ROW_WORDS + LINE_AT]!;
  }

  /** What was known of the thread's call ahead of its line. */
  before(row: number): number {
    return this.rows[row * ROW_WORDS + BEFORE_AT]!;
  }

  /** What is known of the thread's call since the last run; the decoder knows it from now on. */
  takeOpen(tid: number): number {
    const slot = slotOf(tid);
    if (this.threads[slot] !== tid + 1) return AS_DECODED;
    const open = this.threads[slot + OPEN_AT]!;
    this.threads[slot + OPEN_AT] = AS_DECODED;
    return open;
  }

  /** Threads of which it may know more than the decoder. */
  get met(): readonly number[] {
    return this.tids;
  }
}

function isText(name: string, text: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== text[start + i]) return false;
  return true;
}

function slotOf(tid: number): number {
  return (tid & (THREAD_SLOTS - 1)) * SLOT_WORDS;
}
