/**
 * sysdig's default text, of all versions (0.1.72 to 0.41; libs with and without enter events), time modes
 * h, a, r and D, plain or coloured. One record is one line, as a rule; odd-lines.ts reads the others, and knows what
 * is no record.
 *
 *     368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13(...) size=40
 */

import type { LineBlock } from '../../input/blocks.js';
import type { PartLook } from '../../input/read-ahead.js';
import { ABSENT, DIR_NONE, type Direction, type EventView } from '../../model/event.js';
import type { FieldNeeds } from '../../model/event-fields.js';
import type { EventRows } from '../../model/event-rows.js';
import type { Timebase, TraceTraits } from '../../model/trace.js';
import { Clock } from '../clock.js';
import type { Decoder, EventPlace } from '../format.js';
import { LINE_EVENT, LINE_UNPARSED, type LineKind } from '../line-decoder.js';
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
import { HEAD_WHOLE } from './line.js';
import { OddLines, PROBE } from './odd-lines.js';
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

export class SysdigDecoder extends OddLines {
  readonly timebase: Timebase;
  readonly clock: Clock;
  readonly skippable: boolean;
  readonly lineClock = this.clockOfLines;
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
  private observing = false;
  private readonly directions = new Directions(this.isPassable);

  constructor(
    private readonly layout: SysdigLayout,
    fields?: SysdigFields,
  ) {
    super(layout.hasDir);
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

  get ahead(): PartLook | undefined {
    return this.mayHaveRows ? lookAtHeads : undefined;
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

  threadsAhead(tids: Int32Array): number {
    const { heads, lineIndex } = this;
    if (!this.hasRows) return 0;
    const count = Math.max(0, Math.min(tids.length, heads.last - lineIndex));
    const { i32, first } = heads;
    const at = (lineIndex - first) * ROW_I32 + TID_AT;
    for (let i = 0; i < count; i++) tids[i] = i32[at + i * ROW_I32]!;
    return count;
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
    const kind = this.readRecord(bytes, start, end, e);
    if (kind !== LINE_EVENT) return kind;
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
    let ns = this.headNs();
    if (Number.isNaN(ns)) return false;
    if (this.isDelta) {
      this.clock.sumNs += differenceNs(head.seconds, head.nanos);
      ns = this.clock.sumNs;
    }
    this.placeTime(e, ns);
    return true;
  }

  /** Of the head read last; NaN where its time column is of another shape than the trace's. */
  private headNs(): number {
    const { head } = this;
    if (head.timeOfDay !== this.isTimeOfDay) return Number.NaN;
    return (head.seconds - this.originSeconds) * 1e9 + head.nanos;
  }

  protected override printedNs(bytes: Buffer, start: number, end: number): number {
    return this.head.read(bytes, start, end, PROBE) === HEAD_WHOLE ? this.headNs() : Number.NaN;
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

function secondsText(ns: number): string {
  const digits = String(Math.abs(ns)).padStart(10, '0');
  return `${ns < 0 ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
