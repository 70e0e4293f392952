/** Recognises sysdig's text: the default layouts, JSON lines, and a custom layout that the user names. */
import { EventView } from '../../model/event.js';
import { stripSgr } from '../ansi.js';
import type { DetectOptions, Format, Sample, Verdict } from '../format.js';
import { SysdigDecoder, type SysdigLayout } from './decoder.js';
import { detectJsonLines } from './json-lines.js';
import { detectLayout } from './layout-decoder.js';
import { HEAD_WHOLE, LineHead } from './line.js';
import { axisOfSeconds } from './time-text.js';

/** Seconds above this are since 1970, below since the start of the capture (or the line before). */
const EPOCH_SECONDS = 1e8;
const ENOUGH_HEADS = 2000;

export const sysdig: Format = {
  name: 'sysdig',
  detect(sample: Sample, options: DetectOptions): Verdict {
    if (options.layout !== undefined) return detectLayout(sample, options.layout);
    const json = detectJsonLines(sample);
    if (json.kind === 'not-mine') return detectText(sample);
    const text = detectText(sample);
    // The first line that is certain decides, as it would have if no more had come yet.
    return text.kind === 'mine' && text.line < (json.kind === 'mine' ? json.line : Number.POSITIVE_INFINITY)
      ? text
      : json;
  },
};

function detectText(sample: Sample): Verdict {
  const heads = [new LineHead(true), new LineHead(false)];
  const e = new EventView();
  const relative: { ns: number; enter: boolean }[] = [];
  let relativeHead: LineHead | undefined;
  let lines = 0;
  const bytes = sample.bytes;
  for (let start = 0; start < bytes.length && relative.length < ENOUGH_HEADS; ) {
    let end = bytes.indexOf(10, start);
    if (end < 0) end = bytes.length;
    lines++;
    const head = headOf(heads, bytes, start, end, e);
    start = end + 1;
    if (!head) continue;
    if (head.timeOfDay)
      return mine({ times: 'time-of-day', hasDir: head.hasDir, originSeconds: null }, lines);
    if (head.seconds > EPOCH_SECONDS && head.seconds < 1.8e10) {
      return mine(
        {
          times: 'epoch',
          hasDir: head.hasDir,
          originSeconds: head.seconds,
        },
        lines,
      );
    }
    relativeHead ??= head;
    relative.push({ ns: head.seconds * 1e9 + head.nanos, enter: e.dir === 1 });
  }
  if (!relativeHead) {
    if (!sample.complete) return { kind: 'undecided' };
    return {
      kind: 'not-mine',
      reason: `none of its first ${lines} lines is "NUM TIME CPU NAME (TID) > TYPE ARGS" or a sysdig -j object`,
    };
  }
  if (!sample.complete && relative.length < ENOUGH_HEADS) return { kind: 'undecided' };
  const times = axisOfSeconds(relative);
  if (times === 'duration') {
    return {
      kind: 'refused',
      reason:
        'its times are durations of calls (sysdig -t d), which have no place on a time axis; print it again with -t a, or without -t',
    };
  }
  return mine({ times, hasDir: relativeHead.hasDir, originSeconds: null }, Number.POSITIVE_INFINITY);
}

function headOf(
  heads: LineHead[],
  bytes: Buffer,
  start: number,
  end: number,
  e: EventView,
): LineHead | undefined {
  const line = plain(bytes, start, end);
  return heads.find((h) => h.read(line, 0, line.length, e) === HEAD_WHOLE);
}

function plain(bytes: Buffer, start: number, end: number): Buffer {
  const stop = end > start && bytes[end - 1] === 0x0d ? end - 1 : end;
  const line = Buffer.alloc(stop - start);
  return line.subarray(0, stripSgr(bytes, start, stop, line));
}

function mine(layout: SysdigLayout, line: number): Verdict {
  return { kind: 'mine', line, open: () => new SysdigDecoder(layout) };
}
