/** `--from` and `--to`: a stretch of the trace, given as a time of day, an ISO time, epoch seconds, or an offset. */

import { parseDuration } from '../model/duration.js';
import { UsageError } from '../model/problem.js';
import { DAY_NS } from '../model/time.js';
import type { Timebase } from '../model/trace.js';

const FORMS = '17:01:20, 17:01:20.5, 2018-08-17T17:01:20Z, 1534525280.5, or +30s from the first event';

type Instant =
  | { readonly kind: 'offset'; readonly ns: number }
  | { readonly kind: 'time-of-day'; readonly ns: number }
  | {
      readonly kind: 'epoch';
      readonly seconds: bigint;
      readonly nanos: number;
    };

/** What is said of a stretch that ends before it begins. */
export function emptyWindow(): UsageError {
  return new UsageError('option', '--to is not later than --from: there is nothing in between');
}

/** One edge as the user wrote it; what it means depends on the trace. */
export class WindowEdge {
  private constructor(
    private readonly option: '--from' | '--to',
    private readonly text: string,
    private readonly instant: Instant,
  ) {}

  /** @throws UsageError when the text is no time. */
  static parse(option: '--from' | '--to', text: string): WindowEdge {
    const instant = parseOffset(text) ?? parseTimeOfDay(text) ?? parseDate(text) ?? parseEpoch(text);
    if (instant) return new WindowEdge(option, text, instant);
    throw new UsageError('option', `${option} ${JSON.stringify(text)} is no time: ${FORMS}`);
  }

  /**
   * Nanoseconds on the run's axis, whose zero is `timebase`'s origin. `firstNs` is the first event's time.
   * Times of day mean UTC where the trace has dates. @throws UsageError where the trace has no such time.
   */
  resolve(timebase: Timebase, firstNs: number): number {
    const { instant } = this;
    if (instant.kind === 'offset') return firstNs + instant.ns;
    if (timebase.kind === 'relative') {
      throw this.unfit('the times of this trace count from its start: give an offset, as in +30s');
    }
    if (instant.kind === 'epoch') {
      if (timebase.originSeconds === null) {
        throw this.unfit('the times of this trace have no date: give a time of day, as in 17:01:20');
      }
      return Number(instant.seconds - timebase.originSeconds) * 1e9 + instant.nanos;
    }
    const midnight = timebase.originSeconds === null ? 0 : -Number(timebase.originSeconds % 86_400n) * 1e9;
    const ns = midnight + instant.ns;
    // A time of day more than half a day before the first event is that of the next day.
    return ns + Math.max(0, Math.ceil((firstNs - DAY_NS / 2 - ns) / DAY_NS)) * DAY_NS;
  }

  private unfit(reason: string): UsageError {
    return new UsageError('option', `${this.option} ${JSON.stringify(this.text)}: ${reason}`);
  }
}

/**
 * A time on the run's axis as `WindowEdge` reads it, with as many decimals as the trace's times have. What a
 * relative trace counts from is its first event.
 */
export function instantText(ns: number, timebase: Timebase, firstNs: number): string {
  const fromNs = timebase.kind === 'relative' ? firstNs : 0;
  const seconds = Math.floor((ns - fromNs) / 1e9);
  const digits = Math.max(0, 9 - Math.round(Math.log10(timebase.resolutionNs)));
  const fraction = String(Math.round(ns - fromNs - seconds * 1e9)).padStart(9, '0');
  const decimals = digits === 0 ? '' : `.${fraction.slice(0, digits)}`;
  if (timebase.kind === 'relative') return `+${seconds}${decimals}s`;
  const iso = new Date((Number(timebase.originSeconds ?? 0n) + seconds) * 1000).toISOString();
  return timebase.kind === 'epoch' ? `${iso.slice(0, 19)}${decimals}Z` : `${iso.slice(11, 19)}${decimals}`;
}

function parseOffset(text: string): Instant | null {
  if (!text.startsWith('+')) return null;
  const ns = parseDuration(text.slice(1));
  return ns === undefined ? null : { kind: 'offset', ns };
}

function nanos(fraction: string | undefined): number {
  return Number((fraction ?? '').slice(0, 9).padEnd(9, '0'));
}

function parseTimeOfDay(text: string): Instant | null {
  const m = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?$/.exec(text);
  if (!m || Number(m[1]) > 23 || Number(m[2]) > 59 || Number(m[3] ?? 0) > 60) return null;
  const seconds = Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3] ?? 0);
  return { kind: 'time-of-day', ns: seconds * 1e9 + nanos(m[4]) };
}

function parseDate(text: string): Instant | null {
  const m = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(
    text,
  );
  if (!m) return null;
  const zone = (m[5] ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').toUpperCase();
  const ms = Date.parse(`${m[1]}T${m[2] ?? '00:00'}:${m[3] ?? '00'}${zone}`);
  return Number.isNaN(ms) ? null : { kind: 'epoch', seconds: BigInt(ms / 1000), nanos: nanos(m[4]) };
}

function parseEpoch(text: string): Instant | null {
  const m = /^(\d{9,11})(?:\.(\d+))?$/.exec(text);
  return m ? { kind: 'epoch', seconds: BigInt(m[1]!), nanos: nanos(m[2]) } : null;
}
