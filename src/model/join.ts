/** Sources of several hosts on one axis: how far their clocks are apart, and what others saw during a gap. */
import { formatDuration, parseDuration } from './duration.js';
import { UsageError } from './problem.js';

/** What was done about a source's clock. Names in JSON: clockOffsetNs, clockOffsetFrom, clockPairs. */
export interface ClockOffset {
  /** Added to the source's times on the run's axis; null where nothing was. */
  readonly ns: number | null;
  /** `given` by --offset, `estimated` from what the source and another one both show. */
  readonly from: 'given' | 'estimated' | null;
  /** Adverts or packets that both show, also where the clocks agree and nothing was added. */
  readonly pairs: number;
}

export const NO_CLOCK_OFFSET: ClockOffset = { ns: null, from: null, pairs: 0 };

/** What a source of another host, or of another kind, shows during a gap. */
export interface Elsewhere {
  readonly source: number;
  readonly summary: string;
  /** On the run's axis: silence of the same adverts there, else the longest one of all its events within the gap. */
  readonly silentFromNs: number;
  readonly silentToNs: number;
  /** Its events within the gap. */
  readonly events: number;
  /** Adverts of the gap's sender within it; null where the source shows nothing that could be compared. */
  readonly same: number | null;
}

/** `--offset` by source name: what is added to its times. */
export type ClockOffsets = Readonly<Record<string, number | string>>;

/**
 * Nanoseconds for `+12ms`, `-1.5s`, `250us`; numbers are nanoseconds already.
 * @throws UsageError when it is none of these.
 */
export function parseClockOffset(name: string, value: number | string): number {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
  } else {
    const m = /^\s*([+-]?)(.*)$/s.exec(value)!;
    const ns = parseDuration(m[2]!);
    if (ns !== undefined) return m[1] === '-' ? -ns : ns;
  }
  throw new UsageError(
    'option',
    `--offset ${name}=${value}: "${value}" is no length of time to add, as in --offset ${name}=+12ms or ${name}=-1.5s`,
  );
}

/** As --offset takes it: `-12.3ms`. */
export function clockOffsetText(ns: number): string {
  const size = Math.abs(ns);
  const text = size < 60e9 ? formatDuration(size).replace(' ', '') : `${size / 1e9}s`;
  return `${ns < 0 ? '-' : '+'}${text}`;
}
