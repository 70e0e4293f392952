/** What the user means by a threshold: a duration, nanoseconds, or `auto`. */
import { parseDuration } from '../model/duration.js';
import { UsageError } from '../model/problem.js';

const DEFAULT_THRESHOLD_NS = 1e9;

/** Nanoseconds, or null for `auto`. @throws UsageError naming the value and the valid forms. */
export function parseThreshold(value: number | string | undefined): number | null {
  if (value === undefined) return DEFAULT_THRESHOLD_NS;
  if (value === 'auto') return null;
  const ns = typeof value === 'number' ? value : parseDuration(value);
  if (ns !== undefined && Number.isSafeInteger(ns) && ns > 0) return ns;
  const hint =
    typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) && Number(value) > 0
      ? `; did you mean ${value}s?`
      : '';
  throw new UsageError(
    'option',
    `threshold ${JSON.stringify(value)} is no duration above zero: 1s, 250ms, 1.5s, 2m, or auto${hint}`,
  );
}
