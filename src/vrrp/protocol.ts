/**
 * The arithmetic of VRRP, in nanoseconds: RFC 3768 (version 2), RFC 5798 and RFC 9568 (version 3), section 6.1
 * of each. A backup takes over when it has heard nothing for its master-down interval, reckoned with its own
 * priority; the master resigns with priority 0, and then only the skew time is left to wait.
 *
 * keepalived keeps to this: version 2 skews by 1/256 s a step whatever the interval; version 3 reckons with the
 * interval that the master's adverts tell. It reckons in microseconds, cut, so it may be that much earlier.
 */

/** 255 owns the addresses and never waits as a backup. */
export const HIGHEST_BACKUP = 254;
export const LOWEST_BACKUP = 1;
/** The protocol's own, and that of most configurations. */
export const DEFAULT_INTERVAL_NS = 1e9;
/** In steps of whole seconds (version 2) and of centiseconds (version 3). */
const SECOND_NS = 1e9;
const CENTISECOND_NS = 1e7;
/** An advert is missing where half an interval more than one has passed. */
export const OVERDUE = 1.5;
/** So much of an interval an advert may be late before it counts as a missed one. */
const TOLERANCE = 0.1;

/** (256 - priority) / 256 of a second in version 2, of the interval in version 3. */
export function skewNs(version: number, priority: number, intervalNs: number): number {
  return ((256 - priority) * (version >= 3 ? intervalNs : SECOND_NS)) / 256;
}

/** Three intervals and the skew. */
export function masterDownNs(version: number, priority: number, intervalNs: number): number {
  return 3 * intervalNs + skewNs(version, priority, intervalNs);
}

/** The lowest priority from 1 to 254 whose timer has run out after a silence of `silenceNs`; null where none has. */
export function lowestExpired(version: number, intervalNs: number, silenceNs: number): number | null {
  const stepNs = skewNs(version, 255, intervalNs);
  const priority = Math.max(LOWEST_BACKUP, Math.ceil(256 - (silenceNs - 3 * intervalNs) / stepNs));
  return priority <= HIGHEST_BACKUP ? priority : null;
}

/** Adverts due within a silence between two adverts and not sent; `open`: the silence has no advert at its end. */
export function missedAdverts(silenceNs: number, intervalNs: number, open: boolean): number {
  const intervals = silenceNs / intervalNs - TOLERANCE;
  return Math.max(0, open ? Math.floor(intervals) : Math.ceil(intervals) - 1);
}

/** A learned rhythm as an interval that can be configured: whole seconds where it is near to some, else centiseconds. */
export function configurableInterval(rhythmNs: number): number {
  const seconds = Math.round(rhythmNs / SECOND_NS);
  if (seconds >= 1 && Math.abs(rhythmNs - seconds * SECOND_NS) <= seconds * SECOND_NS * 0.05)
    return seconds * SECOND_NS;
  return Math.max(1, Math.round(rhythmNs / CENTISECOND_NS)) * CENTISECOND_NS;
}

/** The version to reckon with: only version 3 has intervals that are no whole seconds. */
export function reckonedVersion(version: number | null, intervalNs: number): number {
  return version ?? (intervalNs % SECOND_NS === 0 ? 2 : 3);
}
