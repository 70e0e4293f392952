/**
 * sysdig -j: one object per event, whose keys are the fields of the format (the default one, or -p's).
 *
 *     {"evt.cpu":1,"evt.dir":"<","evt.info":"res=1 ","evt.num":10,"evt.outputtime":1795247004291075739,...}
 *
 * Up to sysdig 0.13 all of them stood in one array, an object a line: `[{...},` ... `{...}]`. Times are whole
 * nanoseconds since 1970 whatever -t says; strings are read as well. Objects without an evt.* key (chisel
 * output) are no events.
 */

import type { LineBlock } from '../../input/blocks.js';
import type { EventView } from '../../model/event.js';
import type { Decoder, Sample, Verdict } from '../format.js';
import { LINE_IGNORED, LINE_UNPARSED, type LineKind } from '../line-decoder.js';
import { ColumnsDecoder, type ColumnTimes, type CoreColumns, coreColumns } from './columns-decoder.js';
import type { SysdigFields } from './fields.js';
import { JsonObject } from './json-object.js';
import { TimeColumns } from './time-fields.js';
import { axisOfSeconds } from './time-text.js';

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** Events of the sample that are looked at. */
const ENOUGH_EVENTS = 2000;

export class SysdigJsonDecoder extends ColumnsDecoder {
  /** A name may be escaped, so a line's bytes need not hold it. */
  readonly skippable = false;
  protected readonly columns: readonly string[];
  private readonly object = new JsonObject();
  private scratch: Buffer = Buffer.alloc(0);
  /** Position of the next backslash at or behind the current line, in the block `searched`. */
  private backslash = -1;
  private searched: LineBlock | null = null;
  private known = 0;
  private core: CoreColumns = coreColumns([]);
  private time: TimeColumns | undefined;

  constructor(times: ColumnTimes, fields?: SysdigFields) {
    super(times, fields);
    this.columns = this.object.keys;
  }

  protected override decodeLine(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    const from = objectStart(bytes, start, end);
    if (from >= end) return LINE_IGNORED;
    if (bytes[from] !== OPEN_BRACE) return LINE_UNPARSED;
    e.text = bytes;
    let at = from;
    let to = end;
    if (this.holdsBackslash(bytes, start, end)) {
      if (this.scratch.length < end - from) this.scratch = Buffer.alloc((end - from) * 2);
      to = bytes.copy(this.scratch, 0, from, end);
      at = 0;
      e.text = this.scratch;
    }
    const behind = this.object.read(e.text, at, to);
    if (behind < 0 || !isRest(e.text, behind, to)) return LINE_UNPARSED;
    if (this.object.keys.length !== this.known) this.learnKeys();
    if (this.time === undefined || !isEvent(this.object)) return LINE_IGNORED;
    return this.fill(e, this.object.ranges, this.core, this.time);
  }

  /** Looks ahead once for many lines. */
  private holdsBackslash(bytes: Buffer, start: number, end: number): boolean {
    if (this.searched !== this.block || this.backslash < start) {
      this.searched = this.block;
      const at = bytes.indexOf(BACKSLASH, start);
      this.backslash = at < 0 ? Number.POSITIVE_INFINITY : at;
    }
    return this.backslash < end;
  }

  private learnKeys(): void {
    this.known = this.object.keys.length;
    this.core = coreColumns(this.object.keys);
    this.time ??= TimeColumns.choose(this.object.keys);
  }

  fork(): Decoder {
    return new SysdigJsonDecoder(this.times, this.fields.fork());
  }
}

/** Recognises JSON lines by the first objects of a sample, and what their times count from. */
export function detectJsonLines(sample: Sample): Verdict {
  const bytes = Buffer.from(sample.bytes);
  const object = new JsonObject();
  const seconds: { ns: number; enter: boolean | undefined }[] = [];
  let objects = 0;
  let events = 0;
  let lines = 0;
  let line = 0;
  for (let start = 0; start < bytes.length && events < ENOUGH_EVENTS; ) {
    let end = bytes.indexOf(10, start);
    if (end < 0) end = bytes.length;
    line++;
    const from = objectStart(bytes, start, end);
    start = end + 1;
    if (from >= end) continue;
    lines++;
    if (bytes[from] !== OPEN_BRACE || object.read(bytes, from, end) < 0) {
      if (lines - objects > 20 && objects === 0) break;
      continue;
    }
    objects++;
    if (!isEvent(object)) continue;
    events++;
    const time = TimeColumns.choose(object.keys);
    if (time === undefined || !time.read(bytes, object.ranges)) continue;
    const axis = time.axis();
    const { resolutionNs } = time;
    if (axis !== undefined && axis !== 'duration') {
      return mine(
        {
          axis,
          originSeconds: axis === 'epoch' ? time.text.seconds : null,
          resolutionNs,
        },
        line,
      );
    }
    const dir = object.ranges[object.keys.indexOf('evt.dir') * 2] ?? -1;
    seconds.push({
      ns: time.text.since(0),
      enter: dir < 0 ? undefined : bytes[dir] === 0x3e,
    });
    if (seconds[0]!.ns > 1e17) {
      return mine({ axis: 'epoch', originSeconds: time.text.seconds, resolutionNs }, line);
    }
  }
  if (objects === 0) return { kind: 'not-mine', reason: 'no line is a JSON object' };
  if (!sample.complete && events < ENOUGH_EVENTS) return { kind: 'undecided' };
  if (events === 0)
    return {
      kind: 'not-mine',
      reason: 'its JSON objects hold no evt.* field of sysdig -j',
    };
  if (seconds.length === 0) {
    return {
      kind: 'refused',
      reason: 'its events have no time; print them with sysdig -j, or add %evt.rawtime to -p',
    };
  }
  const axis = axisOfSeconds(seconds);
  if (axis === 'duration') {
    return {
      kind: 'refused',
      reason: 'its times are durations of calls (sysdig -t d), which have no place on a time axis',
    };
  }
  return mine({ axis, originSeconds: null, resolutionNs: 1 }, Number.POSITIVE_INFINITY);
}

function mine(times: ColumnTimes, line: number): Verdict {
  return { kind: 'mine', line, open: () => new SysdigJsonDecoder(times) };
}

/** An object of a trace has at least one evt.* value. */
function isEvent(object: JsonObject): boolean {
  const { keys, ranges } = object;
  for (let i = 0; i < keys.length; i++) if (ranges[i * 2]! >= 0 && keys[i]!.startsWith('evt.')) return true;
  return false;
}

/** Position of the line's object, behind blanks and the array's bracket; `end` when there is nothing but those. */
function objectStart(bytes: Buffer, start: number, end: number): number {
  let p = start;
  while (p < end && (isBlank(bytes[p]!) || bytes[p] === OPEN_BRACKET || bytes[p] === CLOSE_BRACKET)) p++;
  return p;
}

/** Behind an object: the array's comma or bracket, blanks. */
function isRest(bytes: Buffer, start: number, end: number): boolean {
  for (let p = start; p < end; p++) {
    if (!isBlank(bytes[p]!) && bytes[p] !== COMMA && bytes[p] !== CLOSE_BRACKET) return false;
  }
  return true;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
