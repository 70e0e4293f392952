/** The gaps of a trace as their definition says them: every event decoded, neighbours compared. */

import { compileField, compileFilter, parseFilter } from '../../src/filter/filter.js';
import { TraceSource } from '../../src/formats/trace-source.js';
import { parseThreshold } from '../../src/gaps/threshold.js';
import { ABSENT } from '../../src/model/event.js';
import type { Gap } from '../../src/model/gap.js';
import type { GapOptions } from '../../src/model/options.js';
import { chunked } from '../samples.js';

const EVERYTHING = { fd: true, latency: true, process: true, threadNames: true, args: true };

/** What tells one gap between two events from another. */
export function gapText(
  group: string | null,
  startNum: number | null,
  endNum: number | null,
  ns: number,
): string {
  return `${group}: ${startNum} to ${endNum}, ${ns} ns`;
}

export function closedGaps(gaps: readonly Gap[]): string[] {
  return gaps
    .filter(({ open }) => open === null)
    .map(({ group, start, end, durationNs }) => gapText(group, start!.num, end!.num, durationNs))
    .sort();
}

/** Null where events are out of order, so that who is whose neighbour depends on when a gap was told. */
export async function referenceGaps(bytes: Buffer, options: GapOptions): Promise<string[] | null> {
  const source = await TraceSource.open(chunked(bytes, 1 << 20), 0, {
    blockSize: 256 << 10,
    many: false,
    format: undefined,
    layout: undefined,
  });
  const { decoder, event } = source;
  decoder.track(EVERYTHING);
  const { timebase } = decoder;
  const matches =
    options.filter === undefined ? () => true : compileFilter(parseFilter(options.filter), decoder, timebase);
  const keyOf =
    options.by === undefined
      ? () => null
      : options.by === 'thread'
        ? () => (event.tid === ABSENT ? undefined : String(event.tid))
        : compileField(options.by, decoder, timebase);
  const thresholdNs = parseThreshold(options.threshold)!;
  const latest = new Map<string | null, { ns: number; num: number; epoch: number }>();
  const gaps: string[] = [];
  try {
    do {
      while (source.advance()) {
        if (!matches(event)) continue;
        const key = keyOf(event);
        const { timeNs: ns, num } = event;
        const { epoch } = decoder.clock;
        if (key === undefined || Number.isNaN(ns)) continue;
        const before = latest.get(key);
        latest.set(key, { ns, num, epoch });
        if (before?.epoch !== epoch) continue;
        if (ns < before.ns) return null;
        if (ns - before.ns >= thresholdNs) gaps.push(gapText(key, before.num, num, ns - before.ns));
      }
    } while (await source.refill());
  } finally {
    await source.close();
  }
  return gaps.sort();
}
