/** The report's first line: what was found, in how long a trace, and the worst of it. */

import { formatCount, plural } from '../model/count.js';
import { formatDuration } from '../model/duration.js';
import { escapeControl } from '../model/escape.js';
import type { Gap, Rhythm, RunReport } from '../model/gap.js';
import { roughLength } from './lengths.js';

/** The verdict in one sentence. `longest` is null where no gap was found. */
export function verdict(report: RunReport, longest: Gap | null, length: (ns: number) => string): string {
  const told = findings(report, longest, length);
  return report.interrupted ? `interrupted, so far: ${told}` : told;
}

/**
 * What to know before reading on, where most intervals of a sequence reach the threshold: then the list is
 * its own beat. The run's warnings say which threshold to use instead. Undefined elsewhere.
 */
export function rhythmCaution(report: RunReport): string | undefined {
  const beats = report.thresholdNs === null ? [] : report.rhythms.filter(isBeat);
  const [first] = beats;
  if (first === undefined) return undefined;
  return beats.length === 1
    ? `this is mostly the rhythm itself, one event every ${roughLength(first.typicalNs)}: see the warning below`
    : `this is mostly the rhythm itself of ${formatCount(beats.length)} sequences: see the warnings below`;
}

function isBeat(rhythm: Rhythm): boolean {
  return rhythm.exceeding * 2 > rhythm.intervals;
}

function findings(report: RunReport, longest: Gap | null, length: (ns: number) => string): string {
  const total = (count: 'events' | 'matched' | 'lines'): number =>
    report.sources.reduce((sum, source) => sum + source[count], 0);
  if (longest === null && total('matched') === 0) {
    if (total('events') === 0) return `no event found in ${plural(total('lines'), 'line')}`;
    return report.vrrp !== undefined
      ? `no VRRP advertisement found: ${plural(total('events'), 'event')} read`
      : `no event matched: ${plural(total('events'), 'event')} read, none of them passes`;
  }
  const within =
    report.spanNs === undefined || report.spanNs === null ? '' : ` in ${roughLength(report.spanNs)}`;
  if (longest === null) {
    return `no gap ${atLeast(report)}${within} (${plural(total('matched'), 'matched event')})`;
  }
  const count = plural(report.gapsFound, 'gap');
  const worst = `${length(longest.durationNs)}${place(longest)}`;
  return report.gapsFound === 1
    ? `${count} ${atLeast(report)}${within}: ${worst}`
    : `${count} ${atLeast(report)}${within}; longest ${worst}`;
}

function atLeast(report: RunReport): string {
  if (report.thresholdNs !== null) return `of at least ${formatDuration(report.thresholdNs)}`;
  if (report.vrrp !== undefined) return 'between adverts';
  const [only, ...others] = report.rhythms;
  return only !== undefined && others.length === 0
    ? `of at least ${roughLength(only.thresholdNs)} (auto)`
    : 'above the threshold that each rhythm gives (auto)';
}

function place(gap: Gap): string {
  if (gap.start?.time != null) return ` from ${escapeControl(gap.start.time)}`;
  if (gap.end?.time != null) return ` up to ${escapeControl(gap.end.time)}`;
  return '';
}
