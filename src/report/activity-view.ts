/**
 * The facts of a stretch in print, gap or not: what one thread did, the CPUs, kernel threads, who was active
 * against before, the longest silence, who else was silent, marks of lost events.
 */

import { formatCount, plural } from '../model/count.js';
import { shortDuration } from '../model/duration.js';
import { escapeControl } from '../model/escape.js';
import type { Activity, KernelThreadActivity, ProcessActivity, SubjectState } from '../model/findings.js';
import type { FormatName } from '../model/trace.js';
import { type CpuStyle, cpuLines } from './cpu-view.js';
import { cutProcess } from './event-lines.js';
import { cutToWidth, displayWidth, padLeft, padRight, wrapText } from './width.js';

export interface FactsStyle extends CpuStyle {
  readonly format: FormatName;
}

const STATES_SHOWN = 6;
/** Below this part of the whole, what is only known to be short is left out. */
const SHORT_SHARE = 0.01;
const KERNEL_THREADS_SHOWN = 5;
const PROCESSES_SHOWN = 5;
const LOSSES_SHOWN = 3;
const SILENT_SHOWN = 5;
const NUMBERS_SHOWN = 6;
const LABEL_MAX = 28;
const INDENT = '    ';

/** Periods of the scheduler's tick: CONFIG_HZ of 1000, 300, 250 and 100, and 500 on some machines. */
const TICKS_NS = [1e6, 2e6, 1e9 / 300, 4e6, 1e7];
/** So near to its period a rhythm is that of the tick. */
const TICK_TOLERANCE = 0.03;
const IDLE_SHARE = 0.9;
/** Fewer runs than these make no rhythm. */
const STEADY_RUNS = 8;

/** What the thread `name` did, a line per state; the longest states where there are many. */
export function stateLines(name: string, states: readonly SubjectState[], style: FactsStyle): string[] {
  if (states.length === 0) return [];
  const lengthNs = states.at(-1)!.toNs - states[0]!.fromNs;
  const worthy = states.filter(
    ({ state, fromNs, toNs }) => state !== 'short' || toNs - fromNs >= SHORT_SHARE * lengthNs,
  );
  const longest = [...(worthy.length === 0 ? states : worthy)].sort(
    (a, b) => b.toNs - b.fromNs - (a.toNs - a.fromNs),
  );
  const shown = new Set(longest.slice(0, STATES_SHOWN));
  const rows = states
    .filter((state) => shown.has(state))
    .map((state) => [
      `+${shortDuration(state.fromNs)}`,
      shortDuration(state.toNs - state.fromNs),
      stateInWords(state),
    ]);
  const head = [cutProcess(escapeControl(name), LABEL_MAX), 'for', 'state'];
  const lines = table(head, rows, ['right', 'right', 'left'], style.width);
  const rest = longest.slice(STATES_SHOWN);
  if (rest.length > 0) {
    const restNs = rest.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0);
    lines.push(`${INDENT}… and ${plural(rest.length, 'shorter state')}, ${shortDuration(restNs)} in all`);
  }
  return lines;
}

/** CPUs, kernel threads, processes, silence and losses of a stretch of `lengthNs`. */
export function factLines(activity: Activity, lengthNs: number, style: FactsStyle): string[] {
  return [
    ...cpuLines(activity, lengthNs, style),
    ...kernelThreadLines(activity, lengthNs, style),
    ...processLines(activity, style),
    ...silenceLines(activity, style),
    ...lossLines(activity, style),
  ];
}

/** `(events 4896, 5731)`; of a strace log's, numbers are lines. Empty without numbers. */
const NUMBERED: Readonly<Record<FormatName, string>> = {
  sysdig: 'event',
  scap: 'event',
  strace: 'line',
  tcpdump: 'packet',
  pcap: 'packet',
};

export function eventNumbers(given: readonly number[], format: FormatName): string {
  if (given.length === 0) return '';
  const nums = [...new Set(given)];
  const noun = `${NUMBERED[format]}${nums.length === 1 ? '' : 's'}`;
  const shown = nums.length <= NUMBERS_SHOWN ? nums : nums.slice(0, NUMBERS_SHOWN - 1);
  const more = nums.length > shown.length ? `, … ${nums.at(-1)}` : '';
  return `(${noun} ${shown.join(', ')}${more})`;
}

function stateInWords({ state, call, args, cpu }: SubjectState): string {
  const what = args === null || args.trim() === '' ? '' : ` ${escapeControl(args).trim()}`;
  switch (state) {
    case 'in-call':
      return `in ${escapeControl(call ?? 'a call')}${what === '' ? '' : `:${what}`}`;
    case 'on-cpu':
      return `running${cpu === null ? '' : ` on CPU ${cpu}`}, no call open`;
    case 'off-cpu':
      return `switched out${cpu === null ? '' : ` of CPU ${cpu}`}, no call open`;
    case 'no-call':
      return 'between two calls; whether it ran is not in the trace';
    case 'stopped':
      return `stopped${what === '' ? '' : ` by${what}`}`;
    case 'gone':
      return 'ended';
    case 'short':
      return 'states too short to list';
    case 'unknown':
      return 'not known';
  }
}

function kernelThreadLines(activity: Activity, lengthNs: number, { width }: FactsStyle): string[] {
  const shown = activity.kernelThreads.slice(0, KERNEL_THREADS_SHOWN);
  if (shown.length === 0) return [];
  const rows = shown.map((thread) => [
    threadLabel(thread.name, thread.tid),
    formatCount(thread.runs),
    shortDuration(thread.runNs),
    rhythmInWords(thread, activity, lengthNs),
  ]);
  return table(['kernel thread', 'runs', 'time', 'rhythm'], rows, ['left', 'right', 'right', 'left'], width);
}

/** A rhythm is told as steady where its runs fill the time that the CPUs were in view. */
function rhythmInWords(thread: KernelThreadActivity, activity: Activity, lengthNs: number): string {
  const { periodNs, runs, name } = thread;
  if (periodNs === null || periodNs <= 0) return '';
  const filled = runs * periodNs;
  const fills = (ns: number): boolean => runs >= STEADY_RUNS && filled > 0.8 * ns && filled < 1.2 * ns;
  const views = activity.cpus
    .filter(({ strip }) => strip !== null)
    .map(({ idleNs, unknownNs }) => ({ idleNs: idleNs ?? 0, inViewNs: lengthNs - (unknownNs ?? 0) }));
  const beaten = views.filter(({ inViewNs }) => fills(inViewNs));
  if (beaten.length === 0) return `median ${shortDuration(periodNs)} apart`;
  const isTick =
    name === null &&
    TICKS_NS.some((tick) => Math.abs(periodNs - tick) <= TICK_TOLERANCE * tick) &&
    beaten.some(({ idleNs, inViewNs }) => idleNs >= IDLE_SHARE * inViewNs);
  return `every ${shortDuration(periodNs)}${isTick ? ", as an idle CPU's tick" : ''}`;
}

function processLines(activity: Activity, style: FactsStyle): string[] {
  const observers = activity.processes.filter(({ observer }) => observer);
  const shown = activity.processes.filter(({ observer }) => !observer).slice(0, PROCESSES_SHOWN);
  const isTimed = activity.processes.some(({ onCpuNs }) => onCpuNs !== null);
  const hasBaseline = activity.processes.some(({ vsBaseline }) => vsBaseline !== null);
  const row = ({ proc, tid, records, onCpuNs, vsBaseline }: ProcessActivity): string[] => [
    threadLabel(proc, tid),
    ...(isTimed ? [onCpuNs ? shortDuration(onCpuNs) : '-'] : []),
    formatCount(records),
    ...(hasBaseline ? [timesBefore(vsBaseline)] : []),
  ];
  const head = (title: string): string[] => [
    title,
    ...(isTimed ? ['on CPU'] : []),
    'events',
    ...(hasBaseline ? ['× before'] : []),
  ];
  const lines: string[] = [];
  if (shown.length > 0) lines.push(...table(head('most active'), shown.map(row), LEFT_RIGHT, style.width));
  if (observers.length > 0)
    lines.push(...table(head('the recorder itself'), observers.map(row), LEFT_RIGHT, style.width));
  return lines;
}

const LEFT_RIGHT: readonly ('left' | 'right')[] = ['left', 'right', 'right', 'right'];

/** Records per second against the stretch before it. */
function timesBefore(times: number | null): string {
  if (times === null) return 'none then';
  if (times < 0.005) return '<0.01';
  return times >= 9.95 ? formatCount(Math.round(times)) : times.toFixed(times < 0.095 ? 2 : 1);
}

function silenceLines(activity: Activity, { width, format }: FactsStyle): string[] {
  const lines: string[] = [];
  const { silence, silentToo } = activity;
  if (silence !== null) {
    const nums = eventNumbers(silence.nums, format);
    const text = `${recordsIn(activity, format)}, the longest silence between them ${shortDuration(silence.toNs - silence.fromNs)} from +${shortDuration(silence.fromNs)} ${nums}`;
    lines.push(...wrapText(`  ${text.trimEnd()}`, width, 4));
  }
  if (silentToo !== null) {
    const { threads, processes, fromNs, toNs } = silentToo;
    const names = processes.slice(0, SILENT_SHOWN).map(escapeControl);
    const more = processes.length - names.length;
    const listed = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const verb = threads === 1 ? 'was' : 'were';
    const text = `${plural(threads, 'other thread')} (${listed}) ${verb} silent too, from +${shortDuration(fromNs)} to +${shortDuration(toNs)}`;
    lines.push(...wrapText(`  ${text}`, width, 4));
  }
  return lines;
}

function recordsIn({ records }: Activity, format: FormatName): string {
  const packets = format === 'pcap' || format === 'tcpdump';
  return packets ? plural(records, 'packet') : `${plural(records, 'record')} of all threads`;
}

function lossLines(activity: Activity, { width, format, paint }: FactsStyle): string[] {
  const { lost } = activity;
  if (lost.length === 0) return [];
  const shown = lost.slice(0, LOSSES_SHOWN).flatMap(({ text, nums }) => {
    const told = `${escapeControl(text)} ${eventNumbers(nums, format)}`.trimEnd();
    return wrapText(`${INDENT}${told}`, width, 6);
  });
  const more = lost.length - LOSSES_SHOWN;
  return [
    '  lost events',
    ...shown.map(paint.warning),
    ...(more > 0 ? [`${INDENT}… and ${plural(more, 'more mark')} of them`] : []),
  ];
}

/** `keepalived(10400)`, `tid 7`. */
function threadLabel(name: string | null, tid: number): string {
  return name === null ? `tid ${tid}` : cutProcess(`${escapeControl(name)}(${tid})`, LABEL_MAX);
}

/** Rows under their titles, the first column indented further; the last one is cut to the width. */
function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
  width: number,
): string[] {
  const inner = rows.map((row) => [`  ${row[0]}`, ...row.slice(1)]);
  const widths = titles.map((title, i) =>
    Math.max(displayWidth(title), ...inner.map((row) => displayWidth(row[i]!))),
  );
  const line = (cells: readonly string[], first: 'left' | 'right'): string => {
    const padded = cells.map((cell, i) =>
      (i === 0 ? first : aligns[i]) === 'left' ? padRight(cell, widths[i]!) : padLeft(cell, widths[i]!),
    );
    return cutToWidth(`  ${padded.join('  ')}`.trimEnd(), width);
  };
  return [line(titles, 'left'), ...inner.map((row) => line(row, aligns[0]!))];
}
