/**
 * The time at the head of a log's line.
 *
 *     2026-11-21T07:44:03.123456+01:00 ha-1 kernel: ...     ISO 8601, journalctl -o short-iso
 *     2026-11-21 07:44:03,123 ...                           many daemons
 *     Sat 2026-11-21 07:44:03 UTC ha-1 ...                  journalctl -o short-full
 *     Nov 21 07:44:03.123456 ha-1 ...                       syslog, journalctl -o short-precise
 *     Sat Nov 21 07:44:03 2026: (VI_1) Entering ...         keepalived -l
 *     [Sat Nov 21 07:44:03 2026] sd 0:0:0:0: ...            dmesg -T
 *     Sat Nov 21 07:44:03 AM UTC 2026                       date
 *     1795247043.123456 ha-1 ...                            journalctl -o short-unix
 *     type=SYSCALL msg=audit(1795247043.868:123): ...       auditd
 *     11/21/2026 07:44:03 AM                                iostat -t
 *     07:44:03.5 ...                                        a time of day alone
 *     [12345.678901] ...                                    dmesg: since boot, which has no place
 *
 * Names of zones other than UTC and GMT are taken for local time.
 */

/** Where a time is on the calendar, as far as the line says. `ns`: within the second. */
export type Stamp =
  | { readonly kind: 'instant'; readonly seconds: number; readonly ns: number }
  /** Days since 1970; `otherDays` where day and month may be meant the other way round. */
  | {
      readonly kind: 'date';
      readonly days: number;
      readonly otherDays: number | null;
      readonly secondOfDay: number;
      readonly ns: number;
    }
  | {
      readonly kind: 'no-year';
      readonly month: number;
      readonly day: number;
      readonly secondOfDay: number;
      readonly ns: number;
    }
  | { readonly kind: 'time-of-day'; readonly secondOfDay: number; readonly ns: number };

export interface LineTime {
  readonly stamp: Stamp;
  /** As it stands on the line. */
  readonly printed: string;
  /** Smallest step of such times: a whole second covers all of that second. */
  readonly resolutionNs: number;
  /** Where the line goes on behind the time and what divides the two. */
  readonly textStart: number;
}

/** `since-boot`: a time that can't be placed; `none`: the line starts with no time. */
export type HeadOfLine = LineTime | 'since-boot' | 'none';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** No stamp is longer. */
const HEAD = 80;

const CLOCK = '(\\d{1,2}):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9})\\d*)?(?![:\\d])(?: ([AaPp][Mm])\\b)?';
const ZONE = '(Z\\b|[+-]\\d\\d(?::?\\d\\d)?(?![\\d-]|:\\d)|[A-Z]{3,5}\\b)';
const WEEKDAY = '[A-Z][a-z]{2},? ';

const ISO = new RegExp(`^(?:${WEEKDAY})?(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[T ]${CLOCK}`);
const ISO_ZONE = new RegExp(`^ ?${ZONE}`);
const NAMED = new RegExp(`^(${WEEKDAY})?([A-Z][a-z]{2}) {1,2}(\\d{1,2}),? ${CLOCK}`);
const NAMED_YEAR = new RegExp(`^(?: ${ZONE})? (\\d{4})\\b`);
const NUMBERED = new RegExp(`^(\\d{1,2})([/.])(\\d{1,2})[/.](\\d{4}|\\d\\d)[ ,]{1,2}${CLOCK}`);
const EPOCH = /^(\d{9,11})(?:\.(\d{1,9})\d*)?(?![\w.-])/;
const AUDIT = /^type=\w{1,32} msg=audit\((\d{9,11})\.(\d{1,9}):\d{1,20}\)/;
const DAY_TIME = new RegExp(`^${CLOCK}`);
const SINCE_BOOT = /^\[ {0,8}\d{1,8}\.\d{6}\]/;

/** Reads the time that a line starts with; leading blanks and an opening bracket are passed over. */
export function readLineTime(line: string): HeadOfLine {
  if (SINCE_BOOT.test(line.slice(0, HEAD))) return 'since-boot';
  const lead = /^[ \t]{0,8}[[(<]?/.exec(line)![0].length;
  const head = line.slice(lead, lead + HEAD);
  const found = iso(head) ?? named(head) ?? numbered(head) ?? epoch(head) ?? dayTime(head);
  if (found === null) return 'none';
  const { stamp, length, digits } = found;
  const rest = /^[\])>]?[:,;|]?[ \t]{0,16}/.exec(line.slice(lead + length, lead + length + 20))![0].length;
  return {
    stamp,
    printed: head.slice(0, length),
    resolutionNs: 10 ** (9 - digits),
    textStart: lead + length + rest,
  };
}

interface Found {
  readonly stamp: Stamp;
  readonly length: number;
  /** Decimals of the second. */
  readonly digits: number;
}

interface ClockTime {
  readonly secondOfDay: number;
  readonly ns: number;
  readonly digits: number;
}

/** The groups of CLOCK, from `at` on; null when they are no time. */
function clock(m: RegExpExecArray, at: number): ClockTime | null {
  let hour = Number(m[at]);
  const [minute, second] = [Number(m[at + 1]), Number(m[at + 2])];
  const half = m[at + 4]?.toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || second > 60) return null;
  const fraction = m[at + 3] ?? '';
  return {
    secondOfDay: hour * 3600 + minute * 60 + second,
    ns: nanos(fraction),
    digits: fraction.length,
  };
}

function nanos(fraction: string): number {
  return Number(fraction.padEnd(9, '0'));
}

/** Days since 1970, null where there is no such day. */
function daysOf(year: number, month: number, day: number): number | null {
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCDate() === day ? date.getTime() / 86_400e3 : null;
}

/** A date with a time; absolute where a zone is named. */
function dated(
  days: number,
  otherDays: number | null,
  time: ClockTime,
  zone: string | undefined,
  length: number,
): Found {
  const { secondOfDay, ns, digits } = time;
  const offset = zoneSeconds(zone);
  const stamp: Stamp =
    offset === null
      ? { kind: 'date', days, otherDays, secondOfDay, ns }
      : { kind: 'instant', seconds: days * 86_400 + secondOfDay - offset, ns };
  return { stamp, length, digits };
}

/** Seconds east of UTC; null for local time. */
function zoneSeconds(zone: string | undefined): number | null {
  if (zone === undefined) return null;
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT') return 0;
  const m = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  return m ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3] ?? 0) * 60) : null;
}

function iso(head: string): Found | null {
  const m = ISO.exec(head);
  const time = m && clock(m, 4);
  const days = m && daysOf(Number(m[1]), Number(m[2]), Number(m[3]));
  if (!m || !time || days === null) return null;
  const zone = ISO_ZONE.exec(head.slice(m[0].length));
  // A word in capitals is a zone only where journalctl prints one, behind a weekday, or where it is UTC.
  const isZone = zone !== null && (zoneSeconds(zone[1]) !== null || /^[A-Z][a-z]/.test(head));
  return dated(days, null, time, isZone ? zone[1] : undefined, m[0].length + (isZone ? zone[0].length : 0));
}

function named(head: string): Found | null {
  const m = NAMED.exec(head);
  const month = m ? MONTHS.indexOf(m[2]!) + 1 : 0;
  const time = m && clock(m, 4);
  if (!m || month === 0 || !time) return null;
  const day = Number(m[3]);
  const year = m[1] === undefined ? null : NAMED_YEAR.exec(head.slice(m[0].length));
  if (year) {
    const days = daysOf(Number(year[2]), month, day);
    return days === null ? null : dated(days, null, time, year[1], m[0].length + year[0].length);
  }
  // 2024 has each day that a year can have.
  if (daysOf(2024, month, day) === null) return null;
  const { secondOfDay, ns, digits } = time;
  return { stamp: { kind: 'no-year', month, day, secondOfDay, ns }, length: m[0].length, digits };
}

/** `11/21/2026`, `21/11/26`, `21.11.2026`: the month comes first between slashes, where that can be. */
function numbered(head: string): Found | null {
  const m = NUMBERED.exec(head);
  const time = m && clock(m, 5);
  if (!m || !time) return null;
  const year = Number(m[4]) + (m[4]!.length === 2 ? 2000 : 0);
  const monthFirst = m[2] === '/' ? daysOf(year, Number(m[1]), Number(m[3])) : null;
  const dayFirst = daysOf(year, Number(m[3]), Number(m[1]));
  const days = monthFirst ?? dayFirst;
  if (days === null) return null;
  // AM and PM come with the American order only.
  const other = monthFirst === null || m[9] !== undefined ? null : dayFirst;
  return dated(days, other === days ? null : other, time, undefined, m[0].length);
}

function epoch(head: string): Found | null {
  const m = EPOCH.exec(head) ?? AUDIT.exec(head);
  if (!m) return null;
  const fraction = m[2] ?? '';
  return {
    stamp: { kind: 'instant', seconds: Number(m[1]), ns: nanos(fraction) },
    length: m[0].length,
    digits: fraction.length,
  };
}

function dayTime(head: string): Found | null {
  const m = DAY_TIME.exec(head);
  const time = m && clock(m, 1);
  if (!m || !time) return null;
  const { secondOfDay, ns, digits } = time;
  return { stamp: { kind: 'time-of-day', secondOfDay, ns }, length: m[0].length, digits };
}
