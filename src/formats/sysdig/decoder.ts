/**
 * sysdig's default text, of all versions (0.1.72 to 0.41; libs with and without enter events), time modes
 * h, a, r and D, plain or coloured. One record is one line, or several where a buffer is dumped (-A, -x, -X:
 * `data=` ends the line and the bytes follow) or where a process name holds a line break.
 *
 *     368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13(...) size=40
 *
 * Ignored: blank lines, the closing colour reset, the summaries of -v and -S, dump lines.
 */

import type { LineBlock } from '../../input/blocks.js';
import type { PartLook } from '../../input/read-ahead.js';
import { ABSENT, DIR_NONE, type Direction, EventView } from '../../model/event.js';
import type { FieldNeeds } from '../../model/event-fields.js';
import type { EventRows } from '../../model/event-rows.js';
import type { Timebase, TraceTraits } from '../../model/trace.js';
import { stripSgr } from '../ansi.js';
import { Clock } from '../clock.js';
import type { Decoder, EventPlace } from '../format.js';
import {
  LINE_EVENT,
  LINE_IGNORED,
  LINE_NEEDS_MORE,
  LINE_UNPARSED,
  LineDecoder,
  type LineKind,
} from '../line-decoder.js';
import { Directions } from './directions.js';
import { SysdigFields } from './fields.js';
import {
  ARGS_END_AT,
  CPU_AT,
  DAY_NS_AT,
  DIR_AT,
  Heads,
  lookAtHeads,
  NAME_AT,
  NAME_END_AT,
  NUM_AT,
  ROW_F64,
  ROW_I32,
  TID_AT,
  TIME_AT,
  TIME_LENGTH,
  TYPE_AT,
  TYPE_END_AT,
} from './heads.js';
import { HEAD_BROKEN, HEAD_NONE, HEAD_WHOLE, LineHead } from './line.js';
import { RowMaker } from './rows.js';
import { differenceNs } from './time-text.js';

/** `delta`: seconds since the line before (-t D), to be added up. */
export type SysdigTimes = 'time-of-day' | 'epoch' | 'relative' | 'delta';

export interface SysdigLayout {
  readonly times: SysdigTimes;
  readonly hasDir: boolean;
  /** Whole epoch second of the first event; null unless times are `epoch`. */
  readonly originSeconds: number | null;
}

const CR = 0x0d;
const ESC = 0x1b;
const EQUALS = 0x3d;
const SPACE = 0x20;
/** Dumps longer than this are cut off from their event. */
const MAX_JOINED = 1 << 20;
/** Where the head of a line behind a dump is tried out. */
const DUMP_PROBE = new EventView();

export class SysdigDecoder extends LineDecoder {
  readonly timebase: Timebase;
  readonly clock: Clock;
  readonly skippable: boolean;
  private readonly head: LineHead;
  private readonly heads = new Heads();
  private readonly maker = new RowMaker();
  /** The block's lines have rows. */
  private hasRows = false;
  /** Where in the block the literal stands that `passOver` is asked for, if not before `consumed`. */
  private literalAt = -1;
  private readonly fields: SysdigFields;
  private readonly originSeconds: number;
  private readonly isTimeOfDay: boolean;
  private readonly isDelta: boolean;
  private scratch: Buffer = Buffer.alloc(0);
  private observing = false;
  private readonly directions = new Directions();
  private inSummary = false;

  constructor(
    private readonly layout: SysdigLayout,
    fields?: SysdigFields,
  ) {
    super();
    this.head = new LineHead(layout.hasDir);
    this.fields = fields ?? new SysdigFields();
    this.originSeconds = layout.originSeconds ?? 0;
    this.isTimeOfDay = layout.times === 'time-of-day';
    this.isDelta = layout.times === 'delta';
    this.clock = new Clock(this.isTimeOfDay);
    this.skippable = !this.isDelta;
    this.timebase = {
      kind: layout.times === 'delta' ? 'relative' : layout.times,
      originSeconds: layout.originSeconds === null ? null : BigInt(layout.originSeconds),
      resolutionNs: 1,
    };
  }

  override track(needs: FieldNeeds): void {
    super.track(needs);
    this.fields.track(needs);
    this.observing = needs.fd || needs.latency || needs.process || needs.threadNames;
  }

  override get ahead(): PartLook | null {
    return this.mayHaveRows ? lookAtHeads : null;
  }

  private get mayHaveRows(): boolean {
    return this.isTimeOfDay && this.layout.hasDir;
  }

  override open(block: LineBlock): void {
    super.open(block);
    this.literalAt = -1;
    this.hasRows = this.mayHaveRows && this.heads.enter(block);
  }

  /** Lines as nearly all are come out of the kernel's rows, the others go the long way. */
  override next(e: EventView): boolean {
    const block = this.block!;
    const i = this.lineIndex;
    if (!this.hasRows || i >= block.count) return super.next(e);
    const { heads } = this;
    const start = this.consumed;
    if (i >= heads.last) heads.fill(block, i, start);
    const { f64 } = heads;
    if (!this.show(e, i, start)) return super.next(e);
    this.lineIndex = i + 1;
    this.consumed = block.ends[i]! + 1;
    this.counts.records++;
    this.counts.events++;
    this.placeTime(e, f64[(i - heads.first) * ROW_F64 + DAY_NS_AT]!);
    this.directions.see(e);
    if (this.observing) this.fields.observe(e);
    return true;
  }

  /** Fills the view with what the kernel made of line i, which begins at `start`, but the time; false for an odd line. */
  private show(e: EventView, i: number, start: number): boolean {
    const block = this.block!;
    const { i32 } = this.heads;
    const row = (i - this.heads.first) * ROW_I32;
    const dir = i32[row + DIR_AT]!;
    if (dir === DIR_NONE) return false;
    const { bytes } = block;
    const end = block.ends[i]!;
    e.block = e.text = e.name = bytes;
    e.recordStart = start;
    e.recordEnd = bytes[end - 1] === CR ? end - 1 : end;
    e.line = block.line + i;
    e.offset = block.offset + (start - block.start);
    e.num = this.heads.f64[(i - this.heads.first) * ROW_F64 + NUM_AT]!;
    e.cpu = i32[row + CPU_AT]!;
    e.tid = i32[row + TID_AT]!;
    e.pid = ABSENT;
    e.dir = dir as Direction;
    e.nameStart = i32[row + NAME_AT]!;
    e.nameEnd = i32[row + NAME_END_AT]!;
    e.typeStart = i32[row + TYPE_AT]!;
    const typeEnd = i32[row + TYPE_END_AT]!;
    const argsEnd = i32[row + ARGS_END_AT]!;
    e.typeEnd = typeEnd;
    e.argsStart = typeEnd < argsEnd ? typeEnd + 1 : argsEnd;
    e.argsEnd = argsEnd;
    e.timeStart = i32[row + TIME_AT]!;
    e.timeEnd = e.timeStart + TIME_LENGTH;
    return true;
  }

  rows(e: EventView, shiftNs: number, toNs: number): EventRows | null {
    const first = this.lineIndex;
    const count = this.takeRows(shiftNs, toNs, Number.POSITIVE_INFINITY);
    if (count === 0) return null;
    const { maker } = this;
    const view = (i: number): EventView => {
      this.show(e, first + i, this.startOf(first + i));
      e.timeNs = maker.timeNs(i);
      return e;
    };
    return { bytes: maker.bytes, source: e.source, count, shiftNs, view };
  }

  passOver(literal: Buffer, shiftNs: number, toNs: number, passed: EventPlace): boolean {
    if (!this.hasRows || !this.directions.areKnown) return false;
    const block = this.block!;
    let any = false;
    for (;;) {
      if (this.literalAt < this.consumed) {
        const at = block.bytes.subarray(this.consumed, block.end).indexOf(literal);
        this.literalAt = at < 0 ? block.end + 1 : this.consumed + at;
      }
      const count = this.takeRows(shiftNs, toNs, this.literalAt);
      if (count === 0) return any;
      any = true;
      const line = this.lineIndex - 1;
      passed.offset = block.offset + (this.startOf(line) - block.start);
      passed.line = block.line + line;
      passed.timeNs = this.maker.timeNs(count - 1);
    }
  }

  private startOf(line: number): number {
    const { start, ends } = this.block!;
    return line === 0 ? start : ends[line - 1]! + 1;
  }

  /** Takes ordinary events as rows: those up to `toNs`, on lines that end before `limit`. Their number. */
  private takeRows(shiftNs: number, toNs: number, limit: number): number {
    const block = this.block!;
    const first = this.lineIndex;
    if (!this.hasRows || this.observing || first >= block.count || block.ends[first]! >= limit) return 0;
    const { heads, clock, maker } = this;
    if (first >= heads.last) heads.fill(block, first, this.consumed);
    let count = heads.rows(maker, first, clock.latestNs, clock.dayNs);
    while (count > 0 && (maker.timeNs(count - 1) + shiftNs > toNs || block.ends[first + count - 1]! >= limit))
      count--;
    if (count === 0) return 0;
    this.lineIndex = first + count;
    this.consumed = block.ends[first + count - 1]! + 1;
    this.counts.records += count;
    this.counts.events += count;
    clock.latestNs = maker.timeNs(count - 1);
    return count;
  }

  protected override decodeLine(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    e.text = bytes;
    let verdict = this.head.read(bytes, start, end, e);
    if (verdict !== HEAD_WHOLE) {
      if (start === end) return LINE_IGNORED;
      const kind = this.unusual(bytes, start, end, e, verdict === HEAD_BROKEN);
      if (kind !== LINE_EVENT) return kind;
      verdict = HEAD_WHOLE;
    } else if (bytes[end - 1] === EQUALS && !this.block!.picks && this.joinDump(e) === LINE_NEEDS_MORE) {
      return LINE_NEEDS_MORE;
    }
    if (!this.place(e)) return LINE_UNPARSED;
    this.directions.see(e);
    if (this.observing) this.fields.observe(e);
    return LINE_EVENT;
  }

  protected override secondEvent(): void {
    throw new Error('a sysdig line holds one event');
  }

  /** Sets the event's time; false when the time column is of another shape than the trace's. */
  private place(e: EventView): boolean {
    const head = this.head;
    if (head.timeOfDay !== this.isTimeOfDay) return false;
    let ns = (head.seconds - this.originSeconds) * 1e9 + head.nanos;
    if (this.isDelta) {
      this.clock.sumNs += differenceNs(head.seconds, head.nanos);
      ns = this.clock.sumNs;
    }
    this.placeTime(e, ns);
    return true;
  }

  /** Lines that are no plain head: coloured, broken by a line break in the name, or known not to be events. */
  private unusual(bytes: Buffer, start: number, end: number, e: EventView, broken: boolean): LineKind {
    if (bytes.indexOf(ESC, start) >= 0 && bytes.indexOf(ESC, start) < end) {
      if (this.scratch.length < end - start) this.scratch = Buffer.alloc((end - start) * 2);
      const length = stripSgr(bytes, start, end, this.scratch);
      if (length === 0) return LINE_IGNORED;
      if (length < end - start) {
        e.text = this.scratch;
        return this.head.read(this.scratch, 0, length, e) === HEAD_WHOLE ? LINE_EVENT : LINE_UNPARSED;
      }
    }
    if (broken) return this.joinName(bytes, e);
    if (start === end || onlyBlank(bytes, start, end)) return LINE_IGNORED;
    return this.isSummary(bytes, start, end) ? LINE_IGNORED : LINE_UNPARSED;
  }

  /** A name with a line break in it: the rest of the head stands on the next line, which is no head itself. */
  private joinName(bytes: Buffer, e: EventView): LineKind {
    const block = this.block!;
    const next = this.lineIndex + 1;
    // Among picked lines the next one is not the next of the trace.
    if (block.picks) return LINE_UNPARSED;
    if (next >= block.count) return block.final ? LINE_UNPARSED : LINE_NEEDS_MORE;
    const from = block.ends[next - 1]! + 1;
    const to = block.ends[next]!;
    const { num, cpu, timeStart, timeEnd } = e;
    const { seconds, nanos, nameFrom, timeOfDay } = this.head;
    const nextIsHead = this.head.read(bytes, from, to, e) !== HEAD_NONE;
    Object.assign(e, { num, cpu, timeStart, timeEnd });
    Object.assign(this.head, { seconds, nanos, nameFrom, timeOfDay });
    if (nextIsHead || !this.head.nameAndType(bytes, nameFrom, to, e)) return LINE_UNPARSED;
    e.recordEnd = to;
    this.lineIndex = next;
    return LINE_EVENT;
  }

  /** `data=` at the end of a line: the lines up to the next head are the dump, then the remaining arguments. */
  private joinDump(e: EventView): LineKind {
    const block = this.block!;
    const { bytes, ends, count } = block;
    const probe = DUMP_PROBE;
    let last = this.lineIndex;
    for (;;) {
      const next = last + 1;
      if (next >= count) {
        if (!block.final && ends[last]! - e.recordStart < MAX_JOINED) return LINE_NEEDS_MORE;
        break;
      }
      const from = ends[next - 1]! + 1;
      const saved = {
        seconds: this.head.seconds,
        nanos: this.head.nanos,
        timeOfDay: this.head.timeOfDay,
      };
      const isHead = this.head.read(bytes, from, ends[next]!, probe) === HEAD_WHOLE && probe.num > e.num;
      Object.assign(this.head, saved);
      if (isHead || ends[next]! - e.recordStart > MAX_JOINED) break;
      last = next;
    }
    this.lineIndex = last;
    let end = ends[last]!;
    while (end > e.argsStart && (bytes[end - 1] === SPACE || bytes[end - 1] === 0x0d)) end--;
    e.argsEnd = end;
    e.recordEnd = end;
    return LINE_EVENT;
  }

  /** What -v and -S print behind the events. */
  private isSummary(bytes: Buffer, start: number, end: number): boolean {
    const text = bytes.toString('latin1', start, Math.min(end, start + 40));
    if (/^(Driver (Events|Drops):|Suppressed by |Elapsed time:)/.test(text)) return true;
    if (/^(-{22}$|Event +#Calls)/.test(text)) {
      this.inSummary = true;
      return true;
    }
    return this.inSummary && /^[<>] \S+ +\d+$/.test(text.trimEnd());
  }

  notes(): readonly string[] {
    if (this.layout.times === 'relative')
      return ['the times were taken as seconds since the start of the capture (-t r)'];
    if (this.layout.times === 'delta')
      return ['the times were taken as seconds since the line before (-t D) and added up'];
    return [];
  }

  traits(asOf = Number.POSITIVE_INFINITY): TraceTraits {
    return {
      format: 'sysdig',
      timebase: this.timebase,
      directions: this.layout.hasDir ? this.directions.upTo(asOf) : 'none',
      exitTimes: true,
      hasCpu: true,
      hasNames: true,
      columns: [],
    };
  }

  timeText(e: EventView): string | null {
    // A sum of differences is told as such: the difference alone places nothing.
    if (this.isDelta) return secondsText(e.timeNs);
    return e.timeStart < 0 ? null : e.text.toString('latin1', e.timeStart, e.timeEnd);
  }

  fork(): Decoder {
    return new SysdigDecoder(this.layout, this.fields.fork());
  }

  arg(e: EventView, key: string | number): string | undefined {
    return this.fields.arg(e, key);
  }
  rawArg(e: EventView, key: string | number): string | undefined {
    return this.fields.rawArg(e, key);
  }
  result(e: EventView): ReturnType<SysdigFields['result']> {
    return this.fields.result(e);
  }
  fd(e: EventView): ReturnType<SysdigFields['fd']> {
    return this.fields.fd(e);
  }
  latencyNs(e: EventView): number | undefined {
    return this.fields.latencyNs(e);
  }
  process(e: EventView, tid: number): ReturnType<SysdigFields['process']> {
    return this.fields.process(e, tid);
  }
  threadName(tid: number): string | undefined {
    return this.fields.threadName(tid);
  }
  column(): undefined {
    return undefined;
  }
}

function onlyBlank(bytes: Buffer, start: number, end: number): boolean {
  let p = start;
  while (p < end && (bytes[p] === SPACE || bytes[p] === 0x09)) p++;
  return p === end;
}

function secondsText(ns: number): string {
  const digits = String(Math.abs(ns)).padStart(10, '0');
  return `${ns < 0 ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
