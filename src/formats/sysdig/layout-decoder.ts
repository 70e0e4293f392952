/**
 * sysdig text of a custom format: `--layout` takes the same string as `sysdig -p` did.
 *
 *     sysdig -p '%evt.rawtime %proc.name[%thread.tid] %evt.dir%evt.type %evt.args'
 *     1795247004291089600 keepalived[428] >read fd=5(<t>) size=8
 *
 * Without %evt.num events are numbered by their line, without %evt.dir they have no direction. Blank lines
 * are ignored (a format that ends in \n leaves them); lines that do not fit are counted.
 */
import type { LineClock } from '../../input/line-picker.js';
import type { EventView } from '../../model/event.js';
import { UsageError } from '../../model/problem.js';
import type { Decoder, Sample, Verdict } from '../format.js';
import { LINE_IGNORED, LINE_NEEDS_MORE, LINE_UNPARSED, type LineKind } from '../line-decoder.js';
import { ColumnsDecoder, type ColumnTimes, type CoreColumns, coreColumns } from './columns-decoder.js';
import type { SysdigFields } from './fields.js';
import { Layout } from './layout.js';
import { TIME_ADVICE, TimeColumns } from './time-fields.js';
import { axisOfSeconds } from './time-text.js';

const SPACE = 0x20;
const CR = 0x0d;
const GREATER = 0x3e;
const ENOUGH_EVENTS = 2000;

class SysdigLayoutDecoder extends ColumnsDecoder {
  readonly skippable: boolean;
  readonly lineClock: LineClock | undefined;
  protected readonly columns: readonly string[];
  private readonly layout: Layout;
  private readonly core: CoreColumns;
  private readonly time: TimeColumns;

  /** @throws UsageError when `format` has an unknown field, or none that tells a time. */
  constructor(
    private readonly format: string,
    times: ColumnTimes,
    fields?: SysdigFields,
  ) {
    super(times, fields);
    this.layout = Layout.compile(format);
    this.columns = this.layout.fields;
    this.core = coreColumns(this.columns);
    this.time = timeOf(this.layout, format);
    this.skippable =
      this.layout.lines === 1 &&
      times.axis !== 'delta' &&
      this.core.num === 0 &&
      /^\*?%\d*evt\.num/.test(format);
    this.lineClock = /^\*?%evt\.num %evt\.(?:output)?time(?![.\w])/.test(format)
      ? this.clockOfLines
      : undefined;
  }

  protected override printedNs(bytes: Buffer, start: number, end: number): number {
    const { layout, time } = this;
    const to = bytes[end - 1] === CR ? end - 1 : end;
    const fits = layout.match(bytes, start, to) && time.read(bytes, layout.ranges);
    return fits ? this.textNs(time) : Number.NaN;
  }

  protected override decodeLine(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    let p = start;
    while (p < end && bytes[p] === SPACE) p++;
    const isBlank = p === end;
    if (isBlank && this.layout.lines === 1) return LINE_IGNORED;
    const last = this.lineIndex + this.layout.lines - 1;
    const block = this.block!;
    let to = end;
    if (last > this.lineIndex) {
      if (last >= block.count) return !block.final ? LINE_NEEDS_MORE : isBlank ? LINE_IGNORED : LINE_UNPARSED;
      to = block.ends[last]!;
      if (bytes[to - 1] === CR) to--;
    }
    if (!this.layout.match(bytes, start, to)) return isBlank ? LINE_IGNORED : LINE_UNPARSED;
    e.text = bytes;
    e.recordEnd = to;
    const kind = this.fill(e, this.layout.ranges, this.core, this.time);
    if (kind !== LINE_UNPARSED) this.lineIndex = last;
    return kind;
  }

  override notes(): readonly string[] {
    if (!this.time.field.name.startsWith('evt.datetime')) return super.notes();
    return ['%evt.datetime is local time of the machine that printed it; it was taken as UTC'];
  }

  fork(): Decoder {
    return new SysdigLayoutDecoder(this.format, this.times, this.fields.fork());
  }
}

/**
 * Fits a layout to a sample.
 * @throws UsageError when the layout itself can't be used.
 */
export function detectLayout(sample: Sample, format: string): Verdict {
  const layout = Layout.compile(format);
  const time = timeOf(layout, format);
  const { bytes } = sample;
  const dir = layout.fields.indexOf('evt.dir');
  const seconds: { ns: number; enter: boolean | undefined }[] = [];
  let lines = 0;
  const mine = (times: ColumnTimes): Verdict => ({
    kind: 'mine',
    line: lines,
    open: () => new SysdigLayoutDecoder(format, times),
  });
  for (let start = 0; start < bytes.length && seconds.length < ENOUGH_EVENTS; ) {
    const end = lineEnd(bytes, start, 1);
    const to = lineEnd(bytes, start, layout.lines);
    lines++;
    const fits = layout.match(bytes, start, to > start && bytes[to - 1] === CR ? to - 1 : to);
    start = (fits ? to : end) + 1;
    if (!fits || !time.read(bytes, layout.ranges)) continue;
    const axis = time.axis();
    const { resolutionNs } = time;
    const { text } = time;
    if (axis !== undefined && axis !== 'duration') {
      return mine({ axis, originSeconds: axis === 'epoch' ? text.seconds : null, resolutionNs });
    }
    const at = dir < 0 ? -1 : layout.ranges[dir * 2]!;
    seconds.push({ ns: text.since(0), enter: at < 0 ? undefined : bytes[at] === GREATER });
    if (axisOfSeconds(seconds.slice(-1)) === 'epoch') {
      return mine({ axis: 'epoch', originSeconds: text.seconds, resolutionNs });
    }
  }
  if (!sample.complete && seconds.length < ENOUGH_EVENTS) return { kind: 'undecided' };
  if (seconds.length === 0) {
    return { kind: 'not-mine', reason: `none of its first ${lines} lines fits --layout "${format}"` };
  }
  const axis = axisOfSeconds(seconds);
  if (axis === 'duration') {
    return {
      kind: 'refused',
      reason: `its times are durations of calls (sysdig -t d), which have no place on a time axis; ${TIME_ADVICE}`,
    };
  }
  return mine({ axis, originSeconds: null, resolutionNs: 1 });
}

function timeOf(layout: Layout, format: string): TimeColumns {
  const time = TimeColumns.choose(layout.fields);
  if (time !== undefined) return time;
  throw new UsageError(
    'option',
    `--layout "${format}" has no time; ${TIME_ADVICE} and print the trace again`,
  );
}

/** End of the last of `count` lines from `start` on. */
function lineEnd(bytes: Buffer, start: number, count: number): number {
  let end = start - 1;
  for (let i = 0; i < count && end < bytes.length; i++) {
    const next = bytes.indexOf(10, end + 1);
    end = next < 0 ? bytes.length : next;
  }
  return end;
}
