/**
 * What a machine did through a stretch of a trace, gap or not: one walk to learn where the stretch lies, then
 * its events and those of as long a stretch before, to compare with.
 */

import { visitStretch } from './formats/stretch.js';
import { alignSources } from './formats/timeline.js';
import type { TraceSource } from './formats/trace-source.js';
import { emptyWindow, instantText, WindowEdge } from './gaps/time-window.js';
import type { GapInput } from './input/source.js';
import { giveOffsets } from './join.js';
import type { ActivityReport } from './model/activity-report.js';
import { ACTIVITY_OPTIONS, type ActivityOptions, checkOptionNames } from './model/options.js';
import { UsageError } from './model/problem.js';
import { LATE_NS } from './model/time.js';
import type { Timebase } from './model/trace.js';
import { parseUtcOffset } from './model/utc-offset.js';
import {
  openInputs,
  ProgressTeller,
  type RunSizes,
  sourceReport,
  sourceWarnings,
  stepSource,
} from './run-sources.js';
import { ActivityView } from './why/activity.js';
import { limitsOf } from './why/limits.js';

/** Letters per CPU strip: more than a wide terminal has room for, the text report scales them down. */
const STRIP_WIDTH = 128;

/**
 * The activity of one machine between `from` and `to`, both the trace's edges unless told. Several inputs are
 * parts of one capture. Rejects with UsageError when an option or an input can't be used.
 */
export async function activity(
  inputs: GapInput | readonly GapInput[],
  options: ActivityOptions = {},
  sizes: RunSizes = {},
): Promise<ActivityReport> {
  checkOptionNames(options, ACTIVITY_OPTIONS);
  const list = Array.isArray(inputs) ? (inputs as readonly GapInput[]) : [inputs as GapInput];
  const window = {
    from: options.from === undefined ? null : WindowEdge.parse('--from', options.from),
    to: options.to === undefined ? null : WindowEdge.parse('--to', options.to),
  };
  const sources: TraceSource[] = [];
  try {
    await openInputs(sources, list, options, sizes, options.signal);
    const walk = sources.length === 0 ? NO_WALK : await walkSources(sources, window, options);
    checkOneMachine(sources);
    return await describe(sources, walk, options);
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

interface Window {
  readonly from: WindowEdge | null;
  readonly to: WindowEdge | null;
}

/** Where the stretch lies, on the run's axis. */
interface Walk {
  readonly timebase: Timebase;
  readonly assumed: readonly string[];
  readonly firstNs: number;
  readonly lastNs: number;
  readonly fromNs: number;
  readonly toNs: number;
}

/** Of a run that was interrupted before the format of any source was known. */
const NO_WALK: Walk = {
  timebase: { kind: 'relative', originSeconds: null, resolutionNs: 1 },
  assumed: [],
  firstNs: Number.POSITIVE_INFINITY,
  lastNs: Number.NEGATIVE_INFINITY,
  fromNs: Number.NEGATIVE_INFINITY,
  toNs: Number.POSITIVE_INFINITY,
};

async function walkSources(
  sources: readonly TraceSource[],
  window: Window,
  { signal, onProgress, utcOffset, offsets }: ActivityOptions,
): Promise<Walk> {
  const offsetSeconds = utcOffset === undefined ? null : parseUtcOffset(utcOffset);
  const standing: TraceSource[] = [];
  for (const source of sources) {
    let stands = await stepSource(source, signal);
    while (stands && Number.isNaN(source.event.timeNs)) stands = await stepSource(source, signal);
    if (stands) standing.push(source);
  }
  const { timebase, assumed } = alignSources(sources, offsetSeconds);
  giveOffsets(sources, offsets);
  let firstNs = Number.POSITIVE_INFINITY;
  for (const source of standing) {
    source.firstNs = source.event.timeNs + source.shiftNs;
    source.firstTime = source.decoder.timeText(source.event);
    if (source.firstNs < firstNs) firstNs = source.firstNs;
  }
  const fromNs = window.from?.resolve(timebase, firstNs) ?? Number.NEGATIVE_INFINITY;
  const toNs = window.to?.resolve(timebase, firstNs) ?? Number.POSITIVE_INFINITY;
  if (toNs <= fromNs) throw emptyWindow();
  const progress = new ProgressTeller(onProgress);
  let lastNs = Number.NEGATIVE_INFINITY;
  for (const source of standing) {
    source.neededNs = fromNs - (toNs - fromNs) - source.shiftNs - LATE_NS;
    await walkTo(source, toNs + LATE_NS - source.shiftNs, signal, () => progress.tell(sources, null));
    await source.noteLast();
    lastNs = Math.max(lastNs, source.latestNs);
  }
  firstNs = standing.reduce((least, source) => Math.min(least, source.firstNs), Number.POSITIVE_INFINITY);
  return { timebase, assumed, firstNs, lastNs, fromNs, toNs };
}

/** Walks from the event that the source stands at to the first one printed later than `toNs`, or to its end. */
async function walkTo(
  source: TraceSource,
  toNs: number,
  signal: AbortSignal | undefined,
  onBlock: () => void,
): Promise<void> {
  const { event } = source;
  const { clock } = source.decoder;
  source.epoch = clock.epoch;
  const timed = { source: source.index, offset: 0, line: 0, num: 0, timeNs: 0, half: 0 };
  source.lastTimed = timed;
  do {
    do {
      if (!Number.isNaN(event.timeNs)) {
        timed.offset = event.offset;
        timed.line = event.line;
        timed.half = event.half;
        timed.timeNs = event.timeNs + source.shiftNs;
        if (clock.epoch !== source.epoch) {
          // Times before a step back of the clock can't be told from those after it: the newest ones count.
          source.epoch = clock.epoch;
          source.firstNs = timed.timeNs;
        }
      }
      if (clock.latestNs > toNs) return;
    } while (source.advance());
    onBlock();
  } while (await stepSource(source, signal));
}

async function describe(
  sources: readonly TraceSource[],
  { timebase, assumed, firstNs, lastNs, fromNs, toNs }: Walk,
  { from, to, signal }: ActivityOptions,
): Promise<ActivityReport> {
  const isEmpty = !Number.isFinite(firstNs);
  const text = (ns: number): string => instantText(ns, timebase, firstNs);
  if (fromNs > lastNs && !isEmpty)
    throw new UsageError('option', `--from ${from} is after the trace's last event, at ${text(lastNs)}`);
  if (toNs < firstNs && !isEmpty)
    throw new UsageError('option', `--to ${to} is before the trace's first event, at ${text(firstNs)}`);
  const startNs = isEmpty ? 0 : Math.max(fromNs, firstNs);
  const endNs = isEmpty ? 0 : Math.min(toNs, lastNs);
  const baselineNs = Math.min(startNs, Math.max(isEmpty ? 0 : firstNs, 2 * startNs - endNs));
  // A stretch without length has no parts to tell apart.
  const view = new ActivityView({ baselineNs, startNs, endNs: Math.max(endNs, startNs + 1) });
  const warnings = [...sourceWarnings(sources), ...assumed];
  if (sources.some(({ epoch }) => epoch > 0))
    warnings.push('the clock stepped back: only what came after the last step is looked at');
  if (isEmpty) warnings.push('no event was found');
  else {
    const stretch = visitStretch(
      sources,
      baselineNs,
      endNs,
      (e, ns) => {
        view.see(e, ns);
      },
      null,
      (rows) => {
        view.seeRows(rows, baselineNs, endNs);
      },
    );
    const { missingBeforeNs } = await stretch.finally(() => view.rest());
    if (missingBeforeNs > startNs)
      warnings.push(`what came before ${text(missingBeforeNs)} is no longer held and not in the figures`);
  }
  view.end();
  const report = {
    sources: sources.map(sourceReport),
    from: isEmpty ? null : text(startNs),
    to: isEmpty ? null : text(endNs),
    fromNs: isEmpty ? null : startNs,
    toNs: isEmpty ? null : endNs,
    durationNs: endNs - startNs,
    activity: view.report(STRIP_WIDTH),
    limits: [...new Set(sources.flatMap(({ decoder }) => limitsOf(decoder.traits(), view)))],
    warnings,
    interrupted: signal?.aborted ?? false,
  };
  view.close();
  return report;
}

/** CPUs and threads of two machines have the same numbers; parts of one capture follow each other. */
function checkOneMachine(sources: readonly TraceSource[]): void {
  const formats = new Set(sources.map(({ decoder }) => decoder.traits().format));
  if (formats.size === 1 && formats.has('strace')) return;
  const inTime = sources
    .filter(({ firstNs }) => !Number.isNaN(firstNs))
    .sort((a, b) => a.firstNs - b.firstNs);
  const overlapping = inTime.find((source, i) => i > 0 && source.firstNs < inTime[i - 1]!.latestNs - LATE_NS);
  if (overlapping === undefined && formats.size <= 1) return;
  const [a, b] =
    overlapping === undefined ? sources : [inTime[inTime.indexOf(overlapping) - 1]!, overlapping];
  throw new UsageError(
    'input',
    `${a!.name} and ${b!.name} are not parts of one capture: look at one of them at a time`,
  );
}
