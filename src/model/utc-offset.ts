/** `--utc-offset`: the zone of times that are printed without one. */
import { UsageError } from './problem.js';

/**
 * Seconds east of UTC for `+02:00`, `-5`, `+0530`, `-08:02:16`, `Z` or `UTC`.
 * @throws UsageError when the text is none of these.
 */
export function parseUtcOffset(text: string): number {
  const trimmed = text.trim();
  if (/^(?:z|utc|gmt)$/i.test(trimmed)) return 0;
  const m = /^([+-])(\d{1,2})(?::?(\d\d)(?::(\d\d))?)?$/.exec(trimmed);
  if (m) {
    const [hours, minutes, seconds] = [Number(m[2]), Number(m[3] ?? 0), Number(m[4] ?? 0)];
    if (hours <= 15 && minutes <= 59 && seconds <= 59)
      return (m[1] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  }
  throw new UsageError(
    'option',
    `--utc-offset: "${text}" is no offset from UTC of at most 15 h, as in --utc-offset +02:00, -5, +0530 or Z`,
  );
}

/** `UTC+02:00`, `UTC-08:02:16`. */
export function utcOffsetText(seconds: number): string {
  const rest = Math.abs(seconds);
  const parts = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  if (parts[2] === 0) parts.pop();
  return `UTC${seconds < 0 ? '-' : '+'}${parts.map((part) => String(part).padStart(2, '0')).join(':')}`;
}
