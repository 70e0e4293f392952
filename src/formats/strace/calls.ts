/**
 * Which lines a scan may pass over, judged by a WebAssembly kernel (calls.wat): whole calls, and both halves of
 * split ones, that can't match and change nothing of what is known of threads. Measured on 100 bytes a line: 15 ns
 * for taking one apart, its end found, and 1 ns for judging it.
 */

import {
  type LinePicker,
  type LookedAt,
  type Picked,
  PickedLines,
  type WholeLines,
} from '../../input/line-picker.js';
import { type LineMemory, SPARE_FOR_PICKING } from '../../input/newlines.js';
import { FIRST_NEWLINE, LINES, RECORDS_AT } from '../../input/part-table.js';
import type { PartLook } from '../../input/read-ahead.js';
import { instantiate, type KernelSpace } from '../../model/kernel.js';
import type { LineConditions } from '../format.js';
import { NAMES_BYTES } from './call-names.js';
import {
  CHANGES_OTHERS,
  CHANGES_THREADS,
  END_AT,
  FIRST_TIME,
  HALVES,
  HAS_DURATION,
  HEAD_LENGTH,
  hasBits,
  LAST_TIME,
  LATEST_END,
  lineEnd,
  lineStart,
  NOT_MET,
  RECORD_BYTES,
  RECORD_WORDS,
  SPARE_BYTES,
} from './call-records.js';
import { KERNEL } from './calls-kernel.js';
import { CopiedLines, copiedParts } from './copied-lines.js';
import { MetNames } from './met-names.js';
import { ThreadBytes, TIDS } from './thread-bytes.js';
import type { Threads } from './threads.js';

interface Kernel {
  /** Knows of no threads: of the same bytes and the same names it leaves the same records. */
  survey(start: number, end: number, names: number, pids: number, epoch: number, records: number): number;
  judge(
    records: number,
    count: number,
    threads: number,
    closely: number,
    latestUs: number,
    out: number,
  ): number;
}

/** The kernel takes no shorter line. */
const LINE_LEAST = 36;
const PICK_BYTES = 8;
const OUT_HEAD_BYTES = 24;
/** Lines farther apart are for the clock to judge, as survey has it. */
const FARTHEST_US = 43_200_000_000n;
/** With more threads than this, looking at all of them again costs more than passing lines over gains. */
const THREADS_MOST = 4096;

export interface CallsLayout {
  /** Each line begins with a thread id. */
  readonly pids: boolean;
  /** Times are seconds since 1970; else times of day. */
  readonly epoch: boolean;
}

/** Where lines that are not decoded stand in time. */
export interface StampAxis {
  /** Nanoseconds on the source's axis of printed microseconds. */
  placeNs(us: number): number;
  /** Microseconds as they are printed of the latest line, negative before the first one. */
  latestUs(): number;
  /** Lines reach to this time, nanoseconds on the source's axis. */
  reach(ns: number): void;
  /** Blocks that reach beyond this are decoded in full. */
  untilNs(): number;
  /** Some line so far has -T. */
  hasDurations(): boolean;
  /** The line at this offset has -T. */
  durationAt(offset: number): void;
}

export class CallPicker implements LinePicker {
  readonly seesAll = true;
  readonly sparse = copiedParts;
  private readonly picked = new PickedLines();
  private space: KernelSpace | null = null;
  private kernel: Kernel | null = null;
  private readonly threadBytes: ThreadBytes;
  private readonly names: MetNames;
  /** Behind a line with a bit of these, all of its block are decoded. */
  private readonly closely: number;
  private records = new Uint32Array(0);
  private out = new Uint32Array(0);
  private outView = new DataView(new ArrayBuffer(OUT_HEAD_BYTES));
  /** So many lines of a block there is room for. */
  private mostLines = 0;
  /** Of the newest block: threads of the lines that were picked. */
  private touched: Uint32Array = new Uint32Array(0);
  private touchedCount = 0;
  private changed = true;
  /** Where the next block begins unless one comes between that was decoded in full; -1 where that is not known. */
  private nextOffset = -1;
  private useless = false;
  /** Printed time of the newest block's last line, where lines of it were passed over. */
  private reachedUs = -1;

  /** @param absentTid thread of lines without an id. */
  constructor(
    private readonly layout: CallsLayout,
    private readonly threads: Threads,
    conditions: LineConditions,
    absentTid: number,
    private readonly axis: StampAxis,
  ) {
    this.threadBytes = new ThreadBytes(threads, conditions.thread, layout.pids ? null : absentTid);
    this.names = new MetNames(conditions.type);
    // Whether a thread matches may depend on its name.
    this.closely = conditions.thread ? CHANGES_THREADS : CHANGES_OTHERS;
  }

  /** Parts are surveyed ahead; which lines are decoded depends on the threads, whose state only their turn tells. */
  readonly ahead: PartLook = ({ space }) => {
    this.move(space);
    this.judgeThreads();
    const { names, layout, threadBytes } = this;
    return {
      kernel: KERNEL,
      parameters: [names.at, Number(layout.pids), Number(layout.epoch), threadBytes.at],
    };
  };

  pick(memory: LineMemory, lines: WholeLines, part: LookedAt | null): Picked | null {
    const { space } = memory;
    if (this.useless || space === null || this.threads.size > THREADS_MOST || this.names.isFull) return null;
    if (space.spareBytes < SPARE_FOR_PICKING) return null;
    if (space !== this.space) this.move(space);
    if ((part ? part.table[LINES]! : linesIn(lines)) > this.mostLines) return null;
    if (lines.offset !== this.nextOffset) this.changed = true;
    this.nextOffset = -1;
    if (this.reachedUs >= 0) this.axis.reach(this.axis.placeNs(this.reachedUs));
    this.reachedUs = -1;
    this.judgeThreads();
    const { bytes } = memory;
    const copies = part?.isSparse ? new CopiedLines(part, lines) : null;
    const picked = copies
      ? this.pickCopied(bytes, lines, part!.table, copies)
      : this.pickWhole(bytes, lines, part?.table ?? null);
    if (picked) {
      this.nextOffset = copies ? copies.end : lines.offset + lines.end - lines.start;
    } else {
      this.changed = true;
      // Without thread ids on the lines an odd one may say that they are of another thread from now on.
      this.useless = !this.layout.pids;
    }
    return picked;
  }

  /** Of lines that all are in memory; `part`: what is known of all but the first one. */
  private pickWhole(bytes: Buffer, lines: WholeLines, part: Uint32Array | null): Picked | null {
    const { start, end } = lines;
    let records = part ? part.subarray(RECORDS_AT) : this.records;
    let total = part ? this.join(part, start) : this.survey(start, end);
    let count = this.judge(records, total);
    // All lines of calls that were not met before would be decoded, of each part that was surveyed ahead: 50 ms.
    while (
      count >= 0 &&
      this.saw(NOT_MET) &&
      this.names.meetLines(bytes, start, records, total, records !== this.records)
    ) {
      this.changed = true;
      this.judgeThreads();
      records = this.records;
      total = this.survey(start, end);
      count = this.judge(records, total);
    }
    if (count < 0) return null;
    this.put(lines, records, count);
    this.noteDuration(records, total, (line) => lines.offset + lineStart(records, line, start) - start);
    return this.take(bytes, records, total);
  }

  /** Of lines of which only those are in memory that may matter. */
  private pickCopied(
    bytes: Buffer,
    lines: WholeLines,
    table: Uint32Array,
    copies: CopiedLines,
  ): Picked | null {
    const { records } = copies;
    const total = this.join(table, lines.start);
    copies.joinFirst();
    const count = this.judge(records, total);
    if (count < 0) return null;
    if (this.saw(NOT_MET) && this.meetCopied(bytes, copies, count)) {
      const whole = copies.readAll();
      if (whole === null || linesIn(whole) > this.mostLines) return null;
      this.changed = true;
      this.judgeThreads();
      return this.pickWhole(bytes, whole, null);
    }
    if (!this.putCopied(lines, table[FIRST_NEWLINE]!, copies, count)) return null;
    this.noteDuration(records, total, (line) => (line === 0 ? lines.offset : copies.offsetOf(line)));
    return this.take(bytes, records, total);
  }

  /** Tells of the first line with -T, where none had one before. */
  private noteDuration(records: Uint32Array, total: number, offsetOf: (line: number) => number): void {
    if (this.axis.hasDurations()) return;
    for (let line = 0; line < total; line++) {
      if (!hasBits(records, line, HAS_DURATION)) continue;
      this.axis.durationAt(offsetOf(line));
      return;
    }
  }

  private survey(start: number, end: number): number {
    const { layout, records, names } = this;
    const pids = Number(layout.pids);
    const epoch = Number(layout.epoch);
    return this.kernel!.survey(start, end, names.at, pids, epoch, records.byteOffset);
  }

  private judge({ byteOffset }: Uint32Array, total: number): number {
    if (total < 0) return -1;
    const { threadBytes, axis, out, closely } = this;
    const lastUs = new BigInt64Array(out.buffer, byteOffset, HEAD_LENGTH)[LAST_TIME]!;
    if (axis.placeNs(Number(lastUs)) > axis.untilNs()) return -1;
    return this.kernel!.judge(byteOffset, total, threadBytes.at, closely, axis.latestUs(), out.byteOffset);
  }

  /** Lines with one of these bits are to be decoded. */
  private saw(bits: number): boolean {
    return (this.out[1]! & bits) !== 0;
  }

  /** Puts the first line's record in front of those of its part; the number of both, or -1. */
  private join(part: Uint32Array, start: number): number {
    if (this.survey(start, part[FIRST_NEWLINE]! + 1) !== 1) return -1;
    const lines = part[LINES]!;
    const { records } = this;
    const first = new BigInt64Array(records.buffer, records.byteOffset, HEAD_LENGTH);
    // Those of the part stand a record behind, where its first one will.
    const joined = new BigInt64Array(part.buffer, part.byteOffset + 4 * RECORDS_AT, HEAD_LENGTH + 1);
    const others = joined.slice(1);
    if (lines === 1) joined.set(first);
    else {
      const fromUs = others[FIRST_TIME]! - first[LAST_TIME]!;
      if (fromUs < 0n || fromUs > FARTHEST_US) return -1;
      joined[HALVES] = first[HALVES]! + others[HALVES]!;
      joined[LATEST_END] = latest(first[LATEST_END]!, others[LATEST_END]!);
      joined[FIRST_TIME] = first[FIRST_TIME]!;
      joined[LAST_TIME] = others[LAST_TIME]!;
    }
    part.set(records.subarray(END_AT, END_AT + RECORD_WORDS), RECORDS_AT + END_AT);
    return lines;
  }

  private take(bytes: Buffer, records: Uint32Array, total: number): Picked {
    const { picked, out, outView, axis } = this;
    this.changed ||= this.saw(CHANGES_THREADS);
    this.reachedUs = outView.getFloat64(16, true);
    const found = picked.of(total, out[0]!, axis.placeNs(outView.getFloat64(8, true)));
    if (this.saw(NOT_MET)) this.meetPicked(bytes, found, records);
    return found;
  }

  private clear(count: number): void {
    this.picked.clear();
    if (this.touched.length < count) this.touched = new Uint32Array(count * 2);
    this.touchedCount = count;
  }

  /** The loop alone: code that V8 makes of one while it runs for the first time gives up at what stands behind it. */
  private put({ start, line: firstLine, offset }: WholeLines, records: Uint32Array, count: number): void {
    this.clear(count);
    const { picked, out, touched } = this;
    for (let i = 0; i < count; i++) {
      const line = out[6 + 2 * i]!;
      const from = lineStart(records, line, start);
      picked.put(from, lineEnd(records, line), firstLine + line, offset + from - start);
      touched[i] = out[7 + 2 * i]!;
    }
  }

  /** The same with lines where their copies are; false where one is missing that can't be read again. */
  private putCopied(
    { start, line: firstLine, offset }: WholeLines,
    firstEnd: number,
    copies: CopiedLines,
    count: number,
  ): boolean {
    this.clear(count);
    const { picked, out, touched } = this;
    for (let i = 0; i < count; i++) {
      const line = out[6 + 2 * i]!;
      touched[i] = out[7 + 2 * i]!;
      if (line === 0) {
        picked.put(start, firstEnd, firstLine, offset);
        continue;
      }
      const from = copies.placeOf(line);
      if (from < 0) return false;
      picked.put(from, from + copies.lengthOf(line), firstLine + line, copies.offsetOf(line));
    }
    return true;
  }

  /** Also of calls that stand behind too many whose names can't be entered. */
  private meetPicked(bytes: Buffer, { picks, ends, count }: Picked, records: Uint32Array): void {
    for (let i = 0; i < count; i++) {
      const line = this.out[6 + 2 * i]!;
      if (!hasBits(records, line, NOT_MET)) continue;
      this.names.meet(bytes, picks.starts[i]!, ends[i]!);
    }
  }

  /** Tables in the memory's spare bytes: threads, names, records, the kernel's findings. */
  private move(space: KernelSpace): void {
    const { memory, spareAt, spareBytes } = space;
    const namesAt = spareAt + TIDS;
    const recordsAt = namesAt + NAMES_BYTES;
    const room = spareAt + spareBytes - recordsAt - SPARE_BYTES - OUT_HEAD_BYTES;
    const lines = Math.floor(room / (RECORD_BYTES + PICK_BYTES));
    const outAt = recordsAt + lines * RECORD_BYTES + SPARE_BYTES;
    this.space = space;
    this.kernel = instantiate(KERNEL, space) as Kernel;
    this.mostLines = lines;
    this.threadBytes.move(memory.buffer, spareAt);
    this.names.move(memory.buffer, namesAt);
    this.records = new Uint32Array(memory.buffer, recordsAt, (outAt - recordsAt) / 4);
    this.out = new Uint32Array(memory.buffer, outAt, (OUT_HEAD_BYTES + lines * PICK_BYTES) / 4);
    this.outView = new DataView(memory.buffer, outAt, OUT_HEAD_BYTES);
    this.changed = true;
  }

  /** Brings the threads' bytes up to what was decoded since the block before. */
  private judgeThreads(): void {
    if (this.changed) {
      this.changed = false;
      this.threadBytes.judgeAll();
    } else {
      for (let i = 0; i < this.touchedCount; i++) this.threadBytes.judge(this.touched[i]!);
    }
    this.touchedCount = 0;
  }

  /**
   * Enters names of calls that were not met, of lines that are copied; whether the kernel knows more now, or may, since
   * of the `count` lines that are to be decoded one with such a name is not copied.
   */
  private meetCopied(bytes: Buffer, copies: CopiedLines, count: number): boolean {
    const { records } = copies;
    let knowsMore = false;
    let left = 0;
    // All but the first line, which was surveyed by now.
    for (let i = 0; i < count; i++) {
      const line = this.out[6 + 2 * i]!;
      if (line > 0 && hasBits(records, line, NOT_MET)) left++;
    }
    copies.each((line, at) => {
      if (!hasBits(records, line, NOT_MET)) return;
      left--;
      // It may have been entered behind the part's turn.
      if (this.names.meet(bytes, at, at + copies.lengthOf(line)) !== 'never') knowsMore = true;
    });
    return knowsMore || left > 0;
  }
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** So many lines may stand there. */
function linesIn({ start, end }: WholeLines): number {
  return (end - start) / LINE_LEAST;
}
