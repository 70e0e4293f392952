/**
 * vmstat -t of procps 3.3 and 4: the stamp stands at the end of each line, its zone in the header.
 *
 *     procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----
 *      r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC
 *      2  0      0 23351668   2948 491644    0    0     0     0  526  685 51  1 47  0  0 2026-11-21 12:10:31
 *
 * -w widens, -a renames two columns, procps 4.0.4 adds `gu`; -S M changes the unit of swap, which is ignored.
 */
import type { MachineFigures } from '../model/logs.js';
import { readLineTime } from './line-time.js';
import {
  decimal,
  Mean,
  overlapNs,
  type Place,
  type Sample,
  type SampleLine,
  type SampleStore,
} from './samples.js';

/** The figures that are kept, in this order. */
const COLUMNS = ['r', 'b', 'si', 'so', 'bi', 'bo', 'cs', 'us', 'sy', 'id', 'wa', 'st'] as const;

/** Whether vmstat printed the line above its figures. */
export function isVmstatHeader(line: string): boolean {
  return /^\s{0,8}r\s+b\s+swpd\s/.test(line);
}

/** Reads reports line by line into a store. */
export class VmstatReader {
  private columns: readonly number[] = [];
  private width = 0;
  private zone = '';
  private lastNs = Number.NaN;
  /** Lines of figures without a stamp. */
  unstamped = 0;

  constructor(private readonly place: Place) {}

  /** @param full called with each complete sample. */
  read(line: string, full: (sample: Sample) => void): SampleLine {
    const trimmed = line.trim();
    if (trimmed === '' || /^procs\b.*-memory-/.test(trimmed)) return 'layout';
    if (isVmstatHeader(line)) {
      const names = trimmed.split(/\s+/);
      // Behind the columns stands the name of the zone, if it has one.
      const last = names.at(-1)!;
      this.zone = /^(?:UTC|GMT|[+-]\d\d(?:\d\d)?)$/.test(last) ? ` ${last}` : '';
      this.width = names.findLastIndex((name) => /^[a-z]{1,6}$/.test(name)) + 1;
      this.columns = COLUMNS.map((name) => names.indexOf(name));
      return 'layout';
    }
    const cells = trimmed.split(/\s+/, 64);
    const numbers = this.columns.map((column) => decimal(cells[column]));
    if (this.width === 0 || cells.length < this.width || Number.isNaN(numbers[0])) return 'unparsed';
    const time = readLineTime(cells.slice(this.width).join(' ') + this.zone);
    const toNs = typeof time === 'object' ? this.place(time.stamp) : Number.NaN;
    if (Number.isNaN(toNs)) {
      this.unstamped++;
      return 'unparsed';
    }
    const fromNs = this.lastNs;
    this.lastNs = toNs;
    if (fromNs < toNs) full({ fromNs, toNs, numbers });
    return 'figures';
  }

  /** Figures of the machine in the stretch and before. */
  figures(
    store: SampleStore,
    startNs: number,
    endNs: number,
  ): (MachineFigures & { before: MachineFigures | null }) | null {
    const samples = store.within(startNs, endNs);
    if (samples.length === 0) return null;
    const before = store.before(startNs, endNs);
    return {
      ...meanOf(samples, startNs, endNs),
      before: before.length === 0 ? null : meanOf(before, 0, 0),
    };
  }
}

function meanOf(samples: readonly Sample[], startNs: number, endNs: number): MachineFigures {
  const means = COLUMNS.map((_, i) => {
    const mean = new Mean();
    for (const sample of samples) mean.add(sample.numbers[i]!, overlapNs(sample, startNs, endNs));
    return mean.value;
  });
  const of = (name: (typeof COLUMNS)[number]): number | null => means[COLUMNS.indexOf(name)] ?? null;
  return {
    running: of('r'),
    blocked: of('b'),
    swapIn: of('si'),
    swapOut: of('so'),
    blocksIn: of('bi'),
    blocksOut: of('bo'),
    contextSwitches: of('cs'),
    userPercent: of('us'),
    systemPercent: of('sy'),
    idlePercent: of('id'),
    iowaitPercent: of('wa'),
    stealPercent: of('st'),
    samples: samples.length,
  };
}
