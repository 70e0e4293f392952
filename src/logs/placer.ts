/**
 * Puts the times of one log on the run's axis. Times with a zone are absolute, those without one are local. A
 * trace or a log that prints times of day alone says nothing of the day: then the log is laid so that its last
 * day that reaches the trace's first time of day is the trace's.
 */
import { DAY_NS } from '../model/time.js';
import type { Timebase } from '../model/trace.js';
import type { Stamp } from './line-time.js';

/** What a log is placed against. */
export interface LogAxis {
  readonly timebase: Timebase;
  /** The trace's first event. */
  readonly firstNs: number;
  /** Seconds east of UTC of times without a zone. */
  readonly offsetSeconds: number;
}

const DAY = 86_400;
const HALF_DAY = DAY / 2;
/** A log that starts no more than this after the trace may still be of its day. */
const LATE_START_NS = 3600e9;
const MONTH = 30.5;
/** Has a 29 February; stands for a year that nothing tells. */
const ANY_YEAR = 2024;

export class Placer {
  /** Some times needed the zone of local times: the log's where the trace has dates, the trace's where the log has. */
  usedOffset = false;
  private readonly traceHasDates: boolean;
  /** Seconds since 1970, local, of the midnight that times are counted from; null until a date tells. */
  private zeroSeconds: number | null = null;
  /** The axis's time at that midnight. */
  private readonly zeroNs: number;
  private readonly firstOfDayNs: number;
  private readonly firstLocalSeconds: number;
  /** The log's times tell a day: most of the first ones do, or the very first. */
  private hasDays: boolean | null = null;
  private day = 0;
  private secondOfDay: number | null = null;
  private yearlessDays: number | null = null;
  private year = ANY_YEAR;
  private earliestNs = Number.POSITIVE_INFINITY;
  private latestNs = Number.NEGATIVE_INFINITY;

  constructor(private readonly axis: LogAxis) {
    const { timebase, firstNs, offsetSeconds } = axis;
    this.traceHasDates = timebase.originSeconds !== null;
    const origin = timebase.originSeconds === null ? 0 : Number(timebase.originSeconds) + offsetSeconds;
    this.firstLocalSeconds = origin + Math.floor(firstNs / 1e9);
    const midnight = Math.floor(this.firstLocalSeconds / DAY) * DAY;
    this.zeroNs = (midnight - origin) * 1e9;
    this.firstOfDayNs = firstNs - this.zeroNs;
    if (this.traceHasDates) this.zeroSeconds = midnight;
  }

  /** Of several first times, most tell which kind the log's are. */
  expect(stamps: readonly Stamp[]): void {
    if (stamps.length === 0) return;
    const ofDay = stamps.filter(({ kind }) => kind === 'time-of-day').length;
    this.hasDays = 2 * ofDay <= stamps.length;
  }

  /** Nanoseconds on the axis, to which `shiftNs` is to be added in the end; NaN for a time of another kind. */
  place(stamp: Stamp): number {
    this.hasDays ??= stamp.kind !== 'time-of-day';
    if (this.hasDays !== (stamp.kind !== 'time-of-day')) return Number.NaN;
    const seconds = this.secondsFromZero(stamp);
    const ns = seconds * 1e9 + stamp.ns;
    if (ns < this.earliestNs) this.earliestNs = ns;
    if (ns > this.latestNs) this.latestNs = ns;
    if ((stamp.kind === 'instant') !== this.traceHasDates) this.usedOffset = true;
    return ns + this.zeroNs;
  }

  /** Which day is the trace's is known only at the log's end. */
  get isFloating(): boolean {
    return !(this.traceHasDates && this.hasDays === true);
  }

  /** Moves the log's day onto the trace's: to be added to all that was placed. */
  get shiftNs(): number {
    if (!this.isFloating || this.latestNs < this.earliestNs) return 0;
    return -Math.floor((this.latestNs - this.firstOfDayNs) / DAY_NS) * DAY_NS;
  }

  /** Days of the log that may be the trace's, where more than one may. */
  get severalDays(): number | null {
    if (!this.isFloating || this.latestNs < this.earliestNs) return null;
    const last = Math.floor((this.latestNs - this.firstOfDayNs) / DAY_NS);
    const first = Math.ceil((this.earliestNs - this.firstOfDayNs - LATE_START_NS) / DAY_NS);
    return last > first ? last - first + 1 : null;
  }

  private secondsFromZero(stamp: Stamp): number {
    switch (stamp.kind) {
      case 'instant':
        return this.fromZero(stamp.seconds + this.axis.offsetSeconds);
      case 'date':
        return this.fromZero(this.likelyDays(stamp.days, stamp.otherDays) * DAY + stamp.secondOfDay);
      case 'no-year':
        return this.fromZero(this.withYear(stamp.month, stamp.day) * DAY + stamp.secondOfDay);
      case 'time-of-day':
        return this.rolledOn(stamp.secondOfDay);
    }
  }

  private fromZero(localSeconds: number): number {
    this.zeroSeconds ??= Math.floor(localSeconds / DAY) * DAY;
    return localSeconds - this.zeroSeconds;
  }

  private likelyDays(days: number, otherDays: number | null): number {
    if (otherDays === null || !this.traceHasDates) return days;
    const away = (d: number): number => Math.abs(d * DAY - this.firstLocalSeconds);
    return away(otherDays) < away(days) ? otherDays : days;
  }

  /**
   * Days since 1970: in the year that is nearest to the trace, or that follows from the line before. A date far
   * before that one is the next year's; one far behind it, the year before's, come late.
   */
  private withYear(month: number, day: number): number {
    const days = (year: number): number => Date.UTC(year, month - 1, day) / 86_400e3;
    if (this.traceHasDates) {
      const year = new Date(this.firstLocalSeconds * 1000).getUTCFullYear();
      const away = (y: number): number => Math.abs(days(y) * DAY - this.firstLocalSeconds);
      return days([year - 1, year + 1].reduce((best, y) => (away(y) < away(best) ? y : best), year));
    }
    let placed = days(this.year);
    const last = this.yearlessDays;
    if (last !== null && placed > last + 6 * MONTH && this.year > ANY_YEAR) return days(this.year - 1);
    if (last !== null && placed < last - 6 * MONTH) placed = days(++this.year);
    this.yearlessDays = placed;
    return placed;
  }

  /** A time of day far before the one above it is the next day's. */
  private rolledOn(secondOfDay: number): number {
    const last = this.secondOfDay;
    if (last !== null && secondOfDay - last > HALF_DAY && this.day > 0)
      return (this.day - 1) * DAY + secondOfDay;
    if (last !== null && last - secondOfDay > HALF_DAY) this.day++;
    this.secondOfDay = secondOfDay;
    return this.day * DAY + secondOfDay;
  }
}
