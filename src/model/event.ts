/**
 * One event of a trace, in two forms: `EventView`, a mutable view over the bytes of a block that a decoder
 * reuses for every record, and `EventRecord`, the immutable copy that reports keep.
 *
 * Absent means "this trace does not say": `ABSENT` for integers, `NaN` for times, -1 for the start of a
 * range, `null` in an `EventRecord`.
 */

/** An integer that the trace does not give. No real event number, CPU or thread id is this small. */
export const ABSENT = -0x80000000;

export const DIR_NONE = 0;
export const DIR_ENTER = 1;
export const DIR_EXIT = 2;
export type Direction = typeof DIR_NONE | typeof DIR_ENTER | typeof DIR_EXIT;

const EMPTY = Buffer.alloc(0);

/**
 * Where a field begins whose number may become large: V8 keeps -0 as a double, and a field that becomes one later has
 * all code compiled anew.
 */
export const DOUBLE_ZERO = -0;

/** The view that decoders fill. Ranges are [start, end) offsets; nothing in it outlives the next record. */
export class EventView {
  /** Index of the source it came from. */
  source = 0;
  /** sysdig's evt.num, else the line number. */
  num: number = ABSENT;
  /** Nanoseconds since the source's origin; NaN when the trace gives no time for this event. */
  timeNs = Number.NaN;
  cpu: number = ABSENT;
  tid: number = ABSENT;
  /** Process id where the line itself prints one. */
  pid: number = ABSENT;
  dir: Direction = DIR_NONE;
  /** Nanoseconds between this exit and its own entry where the line itself says so (strace -T), else NaN. */
  durationNs = Number.NaN;
  /** The second event of a line that holds two (the exit of a strace call printed whole). */
  half: 0 | 1 = 0;

  /** Bytes that the type, argument, time and column ranges point into: the block, or a decoder's scratch. */
  text: Buffer = EMPTY;
  typeStart = 0;
  typeEnd = 0;
  argsStart = 0;
  argsEnd = 0;
  /** The time as the trace prints it; timeStart is -1 where it is computed (a strace exit). */
  timeStart = -1;
  timeEnd = -1;
  /** [start, end) pairs of a custom layout's columns, by column index; -1 for a column without text. */
  columns: readonly number[] | null = null;

  /** Process name: its own buffer, since strace's names come from earlier lines. nameStart -1: absent. */
  name: Buffer = EMPTY;
  nameStart = -1;
  nameEnd = -1;

  /** The raw record, as it stands in the block (without its line end). */
  block: Buffer = EMPTY;
  recordStart = 0;
  recordEnd = 0;
  /** Byte offset of the record in its (decompressed) source. */
  offset = DOUBLE_ZERO;
  /** Line number of the record's first line, from 1. */
  line = DOUBLE_ZERO;

  type(): string {
    return this.text.toString('latin1', this.typeStart, this.typeEnd);
  }

  args(): string {
    return this.text.toString('utf8', this.argsStart, this.argsEnd);
  }

  /** The process name, or undefined where the trace does not say. */
  proc(): string | undefined {
    return this.nameStart < 0 ? undefined : this.name.toString('utf8', this.nameStart, this.nameEnd);
  }

  raw(): string {
    return this.block.toString('utf8', this.recordStart, this.recordEnd);
  }
}

/** One event as the reports hold it: names and order are those of the JSON report. */
export interface EventRecord {
  readonly source: number;
  readonly num: number | null;
  /** In the trace's own notation. */
  readonly time: string | null;
  /** Nanoseconds since the source's origin. */
  readonly offsetNs: number | null;
  readonly cpu: number | null;
  readonly proc: string | null;
  readonly tid: number | null;
  readonly dir: '>' | '<' | null;
  readonly type: string;
  readonly args: string;
  readonly raw: string;
}

/** What stands in a string for bytes that are no UTF-8. */
const UNDECODED = '\ufffd';

/**
 * The bytes [start, end) of `text` as a part of the record, at a tenth of what decoding them costs; undefined where
 * they are no part of it, or a character of it is not one byte.
 */
function cutOut(e: EventView, raw: string, text: Buffer, start: number, end: number): string | undefined {
  const { recordStart: from, recordEnd: to } = e;
  const isPart = text === e.block && from <= start && start <= end && end <= to;
  return isPart && raw.length === to - from ? raw.slice(start - from, end - from) : undefined;
}

/** Its type as a part of the record: bytes that are no UTF-8, which look alike there, are decoded. */
function typeOf(e: EventView, raw: string): string {
  const part = cutOut(e, raw, e.text, e.typeStart, e.typeEnd);
  return part === undefined || part.includes(UNDECODED) ? e.type() : part;
}

/** Copies a view; `time` is what the decoder prints for it. */
export function toRecord(e: EventView, time: string | null): EventRecord {
  const raw = e.raw();
  return {
    source: e.source,
    num: e.num === ABSENT ? null : e.num,
    time,
    offsetNs: Number.isNaN(e.timeNs) ? null : e.timeNs,
    cpu: e.cpu === ABSENT ? null : e.cpu,
    proc: cutOut(e, raw, e.name, e.nameStart, e.nameEnd) ?? e.proc() ?? null,
    tid: e.tid === ABSENT ? null : e.tid,
    dir: e.dir === DIR_ENTER ? '>' : e.dir === DIR_EXIT ? '<' : null,
    type: typeOf(e, raw),
    args: cutOut(e, raw, e.text, e.argsStart, e.argsEnd) ?? e.args(),
    raw,
  };
}
