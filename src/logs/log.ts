/**
 * One side log, read once before the gaps are known: its lines with a time, or its samples, as far as they may
 * lie beside the trace. What it is (iostat, vmstat, any lines) is told by its first header.
 */
import type { LogContext, LogFigures, LogKind, LogLine, LogReport } from '../model/logs.js';
import type { Problem } from '../model/problem.js';
import { IostatReader, isIostatHeader } from './iostat.js';
import { LineStore } from './line-store.js';
import { readLineTime, type Stamp } from './line-time.js';
import { type LogAxis, Placer } from './placer.js';
import { type Sample, SampleStore, stampAlone } from './samples.js';
import { isVmstatHeader, VmstatReader } from './vmstat.js';

/** So many lines of a log are given with a gap. */
const LINES_GIVEN = 200;
const PROBLEMS_KEPT = 5;
/** The header of iostat or vmstat comes within so many lines, or not at all; most of them tell if times have dates. */
const EARLY_LINES = 20;
/** A log's text that is kept, in bytes, and its figures, eight bytes each. */
const TEXT_LIMIT = 64 << 20;
const FIGURES_LIMIT = 4 << 20;
/** Kept on both sides of the stretch that is looked at, for what stands next to a gap. */
const MARGIN_NS = 600e9;

/** Limits that tests make small. */
export interface LogSizes {
  readonly text?: number;
  readonly figures?: number;
}

/** What a log is read against: the axis, and the stretch that the run looks at. */
export interface LogWindow extends LogAxis {
  readonly fromNs: number;
  readonly toNs: number;
}

export class Log {
  private readonly placer: Placer;
  private readonly lines: LineStore;
  private readonly samples: SampleStore;
  private readonly iostat: IostatReader;
  private readonly vmstat: VmstatReader;
  private readonly keepFromNs: number;
  private readonly keepToNs: number;
  private kind: LogKind = 'lines';
  private lineCount = 0;
  private timed = 0;
  private unparsed = 0;
  private sinceBoot = 0;
  private first = '';
  private last = '';
  /** Lines or samples that there was no room for. */
  private dropped = 0;
  /** The newest shift for which room was made. */
  private forgottenNs = 0;
  /** The first lines, until it is known what the log is and what its times tell; null from then on. */
  private early: string[] | null = [];
  /** None of them is a line that comes before no header. */
  private mayBeFigures = true;
  private readonly problems: Problem[] = [];

  constructor(
    readonly path: string,
    private readonly index: number,
    window: LogWindow,
    sizes: LogSizes = {},
  ) {
    this.placer = new Placer(window);
    this.lines = new LineStore(sizes.text ?? TEXT_LIMIT);
    this.samples = new SampleStore(sizes.figures ?? FIGURES_LIMIT);
    const place = this.placer.place.bind(this.placer);
    this.iostat = new IostatReader(place);
    this.vmstat = new VmstatReader(place);
    this.keepFromNs = Math.max(window.fromNs, window.firstNs) - MARGIN_NS;
    this.keepToNs = window.toNs + MARGIN_NS;
  }

  /** Takes the next line, without its end. */
  see(text: string): void {
    const line = this.lineCount++ === 0 && text.startsWith('\ufeff') ? text.slice(1) : text;
    if (this.early === null) {
      this.read(line, this.lineCount);
      return;
    }
    this.early.push(line);
    if (this.mayBeFigures && isIostatHeader(line)) this.begin('iostat');
    else if (this.mayBeFigures && isVmstatHeader(line)) this.begin('vmstat');
    else if (this.early.length === EARLY_LINES) this.begin('lines');
    else this.mayBeFigures &&= mayPrecedeHeader(line);
  }

  /** Reading failed here. */
  breakOff(reason: string): void {
    this.problem(null, `reading stopped here, the rest is lost: ${reason}`);
  }

  /** All lines were seen. */
  finish(): void {
    if (this.early !== null) this.begin('lines');
    if (this.kind === 'iostat') this.iostat.end((sample) => this.keep(sample));
    if (this.sinceBoot > 0)
      this.problem(null, `${this.sinceBoot} lines have times since boot, which have no place: use dmesg -T`);
    const unstamped = this.kind === 'iostat' ? this.iostat.unstamped : this.vmstat.unstamped;
    if (unstamped > 0)
      this.problem(
        null,
        `${unstamped} lines of figures have no time: run ${this.kind} with -t to have one for each sample`,
      );
    if (this.dropped > 0)
      this.problem(
        null,
        `it is too large to be held: ${this.dropped} ${this.kind === 'lines' ? 'lines' : 'samples'} were left out; cut it down to the time of the trace`,
      );
    this.lines.finish(this.placer.shiftNs);
    this.samples.finish(this.placer.shiftNs);
  }

  /** Its lines in a gap, none of a log of samples. `shiftNs`: the axis's time at the origin of the gap's source. */
  beside(startNs: number, endNs: number, shiftNs: number): { lines: LogLine[]; context: LogContext | null } {
    if (this.kind !== 'lines') return { lines: [], context: null };
    const { lines, count, before, after } = this.lines.within(startNs, endNs, LINES_GIVEN);
    const told = (line: { timeNs: number; time: string; text: string }): LogLine => ({
      log: this.index,
      time: line.time,
      offsetNs: line.timeNs - shiftNs,
      text: line.text,
    });
    return {
      lines: lines.map(told),
      context: {
        log: this.index,
        lines: count,
        before: before && told(before),
        after: after && told(after),
      },
    };
  }

  /** Its figures in a gap; null for lines, and where no sample overlaps the gap. */
  figuresIn(startNs: number, endNs: number): LogFigures | null {
    if (this.kind === 'lines') return null;
    if (this.kind === 'iostat') {
      const figures = this.iostat.figures(this.samples, startNs, endNs);
      return figures && { log: this.index, kind: 'iostat', ...figures };
    }
    const figures = this.vmstat.figures(this.samples, startNs, endNs);
    return figures && { log: this.index, kind: 'vmstat', ...figures };
  }

  report(): LogReport {
    const { path, kind, lineCount: lines, timed, unparsed, problems } = this;
    return { path, kind, lines, timed, unparsed, problems };
  }

  /** Whether anything of it lies in a stretch, or within ten minutes of it. */
  isNear(startNs: number, endNs: number): boolean {
    const [fromNs, toNs] = [startNs - MARGIN_NS, endNs + MARGIN_NS];
    return this.kind === 'lines'
      ? this.lines.within(fromNs, toNs, 0).count > 0
      : this.samples.within(fromNs, toNs).length > 0;
  }

  /** Its first and last times as printed, in words; empty for samples. */
  get span(): string {
    return this.first === this.last ? this.first : `${this.first} to ${this.last}`;
  }

  get hasTimes(): boolean {
    return this.timed > 0;
  }

  /** What had to be assumed to place it. */
  get usedOffset(): boolean {
    return this.placer.usedOffset;
  }

  get severalDays(): number | null {
    return this.placer.severalDays;
  }

  /** It is known what the log is. */
  private begin(kind: LogKind): void {
    this.kind = kind;
    const early = this.early ?? [];
    this.early = null;
    if (kind === 'lines') this.placer.expect(early.flatMap(stampOf));
    for (const [i, line] of early.entries()) this.read(line, i + 1);
  }

  private read(line: string, number: number): void {
    if (this.kind === 'lines') this.plain(line, number);
    else this.figures(line, number, this.kind === 'iostat' ? this.iostat : this.vmstat);
  }

  private plain(line: string, number: number): void {
    if (line.trim() === '') return;
    const time = readLineTime(line);
    if (time === 'since-boot') this.sinceBoot++;
    const timeNs = typeof time === 'object' ? this.placer.place(time.stamp) : Number.NaN;
    if (typeof time !== 'object' || Number.isNaN(timeNs)) {
      const reason =
        typeof time !== 'object'
          ? 'no time at the start of the line'
          : time.stamp.kind === 'time-of-day'
            ? "a time without a date, which the log's others have"
            : "a time with a date, which the log's others have not";
      this.unparsed++;
      this.problem(number, `${reason}: ${JSON.stringify(line.slice(0, 60))}`);
      return;
    }
    this.timed++;
    if (this.first === '') this.first = time.printed;
    this.last = time.printed;
    if (!this.placer.isFloating && (timeNs < this.keepFromNs || timeNs > this.keepToNs)) return;
    const add = (): boolean =>
      this.lines.add(timeNs, time.resolutionNs, time.printed, line.slice(time.textStart).trimEnd());
    if (add()) return;
    this.forgetDays();
    if (!add()) this.dropped++;
  }

  private figures(line: string, number: number, reader: IostatReader | VmstatReader): void {
    const outcome = reader.read(line, (sample) => this.keep(sample));
    if (outcome === 'figures') this.timed++;
    if (outcome !== 'unparsed') return;
    this.unparsed++;
    this.problem(number, `no line of ${this.kind} -t: ${JSON.stringify(line.slice(0, 60))}`);
  }

  private keep(sample: Sample): void {
    if (!this.placer.isFloating && (sample.toNs < this.keepFromNs || sample.fromNs > this.keepToNs)) return;
    if (this.samples.add(sample)) return;
    this.forgetDays();
    if (!this.samples.add(sample)) this.dropped++;
  }

  /** Makes room once a later day of the log turns out to be the trace's. */
  private forgetDays(): void {
    const { shiftNs } = this.placer;
    if (shiftNs === this.forgottenNs) return;
    this.forgottenNs = shiftNs;
    this.dropped = 0;
    this.lines.forgetBefore(this.keepFromNs - shiftNs);
    this.samples.forgetBefore(this.keepFromNs - shiftNs);
  }

  private problem(line: number | null, reason: string): void {
    if (line === null || this.problems.length < PROBLEMS_KEPT)
      this.problems.push({ line, byte: null, reason });
  }
}

/** What the time of a line tells, if it has one. */
function stampOf(line: string): Stamp[] {
  const time = readLineTime(line);
  return typeof time === 'object' ? [time.stamp] : [];
}

/** Blank lines, the machine's banner and a stamp come before the first header. */
function mayPrecedeHeader(line: string): boolean {
  return line.trim() === '' || /^(?:Linux \S|procs\b)/.test(line) || stampAlone(line) !== null;
}
