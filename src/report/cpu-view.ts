/**
 * What each CPU did, a row per CPU: a strip of letters for the stretch, and its shares of time. Each letter
 * stands for what held most of its part, and can be read without colour:
 *
 *     CPU                                       idle  kernel    user  unknown
 *       1 ......................uuuuuuuuuuuu    49 %  <0.1 %    50 %    1.1 %
 */
import { shortDuration } from '../model/duration.js';
import type { Activity, CpuActivity } from '../model/findings.js';
import { share } from './lengths.js';
import type { Paint } from './paint.js';
import { padLeft, wrapText } from './width.js';

/** Rows shown; of more CPUs the busiest. */
const ROWS = 16;
const BARELY_SEEN = 4;
const INDENT = '  ';
const FIGURES = ['idle', 'kernel', 'user', 'unknown'] as const;
const FIGURE_WIDTH = 8;
const LEAST_CELLS = 8;

/** The investigation's letters; where two held as much, the first one here is shown. */
const CLASSES = ['s', 'u', 'k', '?', 'i'] as const;
type Class = (typeof CLASSES)[number];
const SHOWN: Readonly<Record<Class, string>> = { s: 'S', u: 'u', k: 'k', '?': '?', i: '.' };

export interface CpuStyle {
  readonly width: number;
  readonly paint: Paint;
  /** Explain the letters here; `subject`: one of them is a gap's own thread. */
  readonly legend: 'none' | 'plain' | 'subject';
}

/** Whether there is a strip to show. */
export function hasStrips(activity: Activity | null): boolean {
  return activity?.cpus.some(({ strip }) => strip !== null) ?? false;
}

/** The strips of a stretch of `lengthNs`, and in words which CPUs have none. */
export function cpuLines(activity: Activity, lengthNs: number, style: CpuStyle): string[] {
  const told = activity.cpus.filter(({ strip }) => strip !== null);
  const untold = activity.cpus.filter(({ strip }) => strip === null);
  const lines: string[] = [];
  if (told.length > 0) {
    const rows = busiest(told);
    const label = Math.max(3, ...rows.map(({ cpu }) => String(cpu).length));
    const room = style.width - INDENT.length - label - 1;
    // Where there is no room for all figures, the last one follows from the others.
    const figures = FIGURES.slice(0, Math.max(1, Math.floor((room - LEAST_CELLS) / FIGURE_WIDTH)));
    const cells = Math.min(room - figures.length * FIGURE_WIDTH, rows[0]!.strip!.length);
    const head = figures.map((title) => padLeft(title, FIGURE_WIDTH)).join('');
    lines.push(`${INDENT}${padLeft('CPU', label)} ${' '.repeat(cells)}${head}`);
    for (const row of rows) lines.push(cpuRow(row, lengthNs, label, cells, figures.length, style.paint));
    if (style.legend !== 'none') {
      const letters = legend(style.legend === 'subject');
      lines.push(...wrapText(INDENT.repeat(2) + letters, style.width, 4).map(style.paint.quiet));
    }
    if (told.length > rows.length) {
      const rest = told.filter((cpu) => !rows.includes(cpu));
      const idleNs = rest.reduce((sum, cpu) => sum + (cpu.idleNs ?? 0), 0);
      const text = `… and ${rest.length} CPUs less busy, idle ${share(idleNs, rest.length * lengthNs)} of the time`;
      lines.push(...wrapText(INDENT.repeat(2) + text, style.width, 4));
    }
  }
  lines.push(...barelySeen(told, lengthNs, style.width));
  if (untold.length > 0) {
    lines.push(...wrapText(INDENT + untoldInWords(untold, told.length > 0), style.width, 4));
  }
  return lines;
}

/** Of CPUs that the trace shows for less than half of the time, what they did in the part that it shows. */
function barelySeen(cpus: readonly CpuActivity[], lengthNs: number, width: number): string[] {
  const seen = (cpu: CpuActivity): number => lengthNs - (cpu.unknownNs ?? 0);
  return cpus
    .filter((cpu) => seen(cpu) > 0 && seen(cpu) < lengthNs / 2)
    .slice(0, BARELY_SEEN)
    .flatMap((cpu) => {
      const inView = seen(cpu);
      const [idle, kernel, user] = [cpu.idleNs, cpu.kernelNs, cpu.userNs].map((ns) => share(ns ?? 0, inView));
      const text = `CPU ${cpu.cpu} is in view for ${shortDuration(inView)} only: ${idle} of that idle, ${kernel} kernel, ${user} user`;
      return wrapText(`  ${text}`, width, 4);
    });
}

function cpuRow(
  row: CpuActivity,
  lengthNs: number,
  label: number,
  cells: number,
  figuresShown: number,
  paint: Paint,
): string {
  const figures = [row.idleNs, row.kernelNs, row.userNs, row.unknownNs]
    .slice(0, figuresShown)
    .map((ns) => padLeft(share(ns ?? 0, lengthNs), FIGURE_WIDTH))
    .join('');
  return `${INDENT}${padLeft(String(row.cpu), label)} ${painted(scaled(row.strip!, cells), paint)}${figures}`;
}

/** In order of their numbers; of many CPUs those that were idle least. */
function busiest(cpus: readonly CpuActivity[]): readonly CpuActivity[] {
  if (cpus.length <= ROWS) return cpus;
  const byIdle = [...cpus].sort((a, b) => (a.idleNs ?? 0) - (b.idleNs ?? 0));
  return byIdle.slice(0, ROWS).sort((a, b) => a.cpu - b.cpu);
}

/** A strip in `cells` letters, no more than it has: each the class that most of its part belongs to. */
function scaled(strip: string, cells: number): string {
  let text = '';
  const step = strip.length / cells;
  for (let cell = 0; cell < cells; cell++) {
    const from = cell * step;
    const to = from + step;
    const held: Record<Class, number> = { s: 0, u: 0, k: 0, '?': 0, i: 0 };
    for (let at = Math.floor(from); at < Math.min(to, strip.length); at++) {
      const letter = CLASSES.find((one) => one === strip[at]) ?? '?';
      held[letter] += Math.min(at + 1, to) - Math.max(at, from);
    }
    text += CLASSES.reduce((best, letter) => (held[letter] > held[best] + 1e-9 ? letter : best));
  }
  return text;
}

/** Letters for print, runs of one class in its colour. */
function painted(strip: string, paint: Paint): string {
  const roles: Readonly<Record<Class, (text: string) => string>> = {
    s: paint.gap,
    u: paint.proc,
    k: paint.type,
    '?': paint.warning,
    i: paint.quiet,
  };
  return strip.replace(/(.)\1*/g, (run) => {
    const letter = run[0] as Class;
    return roles[letter](SHOWN[letter].repeat(run.length));
  });
}

function legend(subject: boolean): string {
  return `. idle  k kernel  u user${subject ? "  S the gap's own thread" : ''}  ? not known`;
}

function untoldInWords(cpus: readonly CpuActivity[], some: boolean): string {
  const numbers = cpus.map(({ cpu }) => cpu);
  const named = `${numbers.length === 1 ? 'CPU' : 'CPUs'} ${inRanges(numbers)}`;
  const why = cpus.every(({ switches }) => switches < 4)
    ? 'too few switch events here'
    : "the switch events don't link up";
  return `${some ? 'no figures for' : 'no time per CPU for'} ${named}: ${why}`;
}

/** `0, 2-5, 7` */
function inRanges(numbers: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
