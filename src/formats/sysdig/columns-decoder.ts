/**
 * What custom layouts (-p) and JSON lines (-j) have in common: an event is a set of named columns, some of
 * which are the view's own (`evt.num`, `proc.name`, ...), one its time, and all of which can be asked for.
 */
import { ABSENT, DIR_ENTER, DIR_EXIT, DIR_NONE, type EventView } from '../../model/event.js';
import type { CallResult, Fd, FieldNeeds, ProcessInfo } from '../../model/event-fields.js';
import type { Timebase, TraceTraits } from '../../model/trace.js';
import { Clock } from '../clock.js';
import { LINE_EVENT, LINE_UNPARSED, LineDecoder, type LineKind } from '../line-decoder.js';
import { fdOfColumns, processOfColumns, resultOfColumns } from './column-answers.js';
import { Directions } from './directions.js';
import { SysdigFields } from './fields.js';

import type { TimeColumns } from './time-fields.js';
import { differenceNs, type TimeAxis, wholeNumber } from './time-text.js';

/** Where a source's times stand and what they count from. */
export interface ColumnTimes {
  readonly axis: Exclude<TimeAxis, 'duration'>;
  /** Whole epoch second of the first event; null unless the axis is `epoch`. */
  readonly originSeconds: number | null;
  readonly resolutionNs: number;
}

const SPACE = 0x20;
const GREATER = 0x3e;
const LESS = 0x3c;

export abstract class ColumnsDecoder extends LineDecoder {
  readonly timebase: Timebase;
  readonly clock: Clock;
  protected readonly fields: SysdigFields;
  /** Field names by column. */
  protected abstract readonly columns: readonly string[];
  private readonly originSeconds: number;
  private readonly directions = new Directions(this.isPassable);

  constructor(
    protected readonly times: ColumnTimes,
    fields: SysdigFields | undefined,
  ) {
    super();
    this.fields = fields ?? new SysdigFields();
    this.originSeconds = times.originSeconds ?? 0;
    this.clock = new Clock(times.axis === 'time-of-day');
    this.timebase = {
      kind: times.axis === 'delta' ? 'relative' : times.axis,
      originSeconds: times.originSeconds === null ? null : BigInt(times.originSeconds),
      resolutionNs: times.resolutionNs,
    };
  }

  /** Fills the view from its columns, which point into `e.text`; `at` gives a field's column, -1 if there is none. */
  protected fill(e: EventView, ranges: readonly number[], at: CoreColumns, time: TimeColumns): LineKind {
    const bytes = e.text;
    e.columns = ranges;
    e.num = integer(bytes, ranges, at.num);
    if (e.num === ABSENT) e.num = e.line;
    e.cpu = integer(bytes, ranges, at.cpu);
    e.tid = integer(bytes, ranges, at.tid);
    e.pid = integer(bytes, ranges, at.pid);
    const dir = at.dir < 0 ? -1 : ranges[at.dir * 2]!;
    e.dir =
      dir < 0 ? DIR_NONE : bytes[dir] === GREATER ? DIR_ENTER : bytes[dir] === LESS ? DIR_EXIT : DIR_NONE;
    e.typeStart = at.type < 0 ? 0 : Math.max(0, ranges[at.type * 2]!);
    e.typeEnd = at.type < 0 ? 0 : Math.max(0, ranges[at.type * 2 + 1]!);
    e.argsStart = at.args < 0 ? 0 : Math.max(0, ranges[at.args * 2]!);
    e.argsEnd = at.args < 0 ? 0 : Math.max(0, ranges[at.args * 2 + 1]!);
    while (e.argsEnd > e.argsStart && bytes[e.argsEnd - 1] === SPACE) e.argsEnd--;
    e.name = bytes;
    e.nameStart = at.name < 0 ? -1 : ranges[at.name * 2]!;
    e.nameEnd = at.name < 0 ? -1 : ranges[at.name * 2 + 1]!;
    e.timeStart = ranges[time.column * 2]!;
    e.timeEnd = ranges[time.column * 2 + 1]!;
    if (!time.read(bytes, ranges) || !this.place(e, time)) return LINE_UNPARSED;
    this.directions.see(e);
    if (this.fields.observing) this.fields.observe(e);
    return LINE_EVENT;
  }

  private place(e: EventView, time: TimeColumns): boolean {
    let ns = this.textNs(time);
    if (Number.isNaN(ns)) return false;
    if (this.times.axis === 'delta') {
      this.clock.sumNs += differenceNs(time.text.seconds, time.text.since(time.text.seconds));
      ns = this.clock.sumNs;
    }
    this.placeTime(e, ns);
    return true;
  }

  /** Of the time read last; NaN where it is of another shape than the trace's. */
  protected textNs({ text }: TimeColumns): number {
    const isTimeOfDay = text.shape === 'time-of-day';
    return isTimeOfDay === (this.times.axis === 'time-of-day') ? text.since(this.originSeconds) : Number.NaN;
  }

  override track(needs: FieldNeeds): void {
    super.track(needs);
    this.fields.track(needs);
  }

  protected override secondEvent(): void {
    throw new Error('a sysdig line holds one event');
  }

  notes(): readonly string[] {
    if (this.times.axis === 'delta')
      return ['the times were taken as time since the line before and added up'];
    return [];
  }

  traits(asOf = Number.POSITIVE_INFINITY): TraceTraits {
    const has = (field: string): boolean => this.columns.includes(field);
    return {
      format: 'sysdig',
      timebase: this.timebase,
      directions: has('evt.dir') ? this.directions.upTo(asOf) : 'none',
      exitTimes: true,
      hasCpu: has('evt.cpu'),
      hasNames: has('proc.name'),
      columns: this.columns,
    };
  }

  timeText(e: EventView): string | null {
    return e.timeStart < 0 ? null : e.text.toString('latin1', e.timeStart, e.timeEnd);
  }

  column(e: EventView, field: string): string | undefined {
    const column = this.columns.indexOf(field);
    const start = column < 0 ? -1 : (e.columns?.[column * 2] ?? -1);
    return start < 0 ? undefined : e.text.toString('utf8', start, e.columns![column * 2 + 1]);
  }

  arg(e: EventView, key: string | number): string | undefined {
    return this.fields.arg(e, key) ?? this.column(e, argumentField('evt.arg', key));
  }

  rawArg(e: EventView, key: string | number): string | undefined {
    return this.fields.rawArg(e, key) ?? this.column(e, argumentField('evt.rawarg', key));
  }

  result(e: EventView): CallResult | undefined {
    return this.fields.result(e) ?? resultOfColumns((field) => this.column(e, field));
  }

  fd(e: EventView): Fd | undefined {
    return fdOfColumns((field) => this.column(e, field)) ?? this.fields.fd(e);
  }

  latencyNs(e: EventView): number | undefined {
    const printed = this.column(e, 'evt.latency');
    return printed !== undefined && /^\d+$/.test(printed) ? Number(printed) : this.fields.latencyNs(e);
  }

  process(e: EventView, tid: number): ProcessInfo | undefined {
    const known = this.fields.process(e, tid);
    if (tid !== e.tid) return known;
    const printed = processOfColumns((field) => this.column(e, field));
    return printed === undefined ? known : { ...known, ...printed };
  }

  threadName(tid: number): string | undefined {
    return this.fields.threadName(tid);
  }
}

/** Columns that are the view's own, by index; -1 where a layout lacks one. */
export interface CoreColumns {
  readonly num: number;
  readonly cpu: number;
  readonly tid: number;
  readonly pid: number;
  readonly name: number;
  readonly dir: number;
  readonly type: number;
  readonly args: number;
}

/** Finds them among a layout's fields. */
export function coreColumns(fields: readonly string[]): CoreColumns {
  const first = (...names: string[]): number => {
    for (const name of names) if (fields.includes(name)) return fields.indexOf(name);
    return -1;
  };
  return {
    num: first('evt.num'),
    cpu: first('evt.cpu'),
    tid: first('thread.tid'),
    pid: first('proc.pid'),
    name: first('proc.name'),
    dir: first('evt.dir'),
    type: first('evt.type', 'syscall.type'),
    args: first('evt.info', 'evt.args'),
  };
}

function argumentField(prefix: string, key: string | number): string {
  return typeof key === 'number' ? `${prefix}[${key}]` : `${prefix}.${key}`;
}

function integer(bytes: Buffer, ranges: readonly number[], column: number): number {
  const start = column < 0 ? -1 : ranges[column * 2]!;
  return start < 0 ? ABSENT : wholeNumber(bytes, start, ranges[column * 2 + 1]!);
}
