/** A log's times on the trace's axis: dates, zones, years and days that one of the two does not tell. */
import { describe, expect, it } from 'vitest';
import { readLineTime } from '../../src/logs/line-time.js';
import { Placer } from '../../src/logs/placer.js';
import type { Timebase } from '../../src/model/trace.js';

const TIME_OF_DAY: Timebase = { kind: 'time-of-day', originSeconds: null, resolutionNs: 1 };

/** An epoch trace whose first event is at `iso`, half a second behind its origin. */
function dated(iso: string, offsetSeconds = 0): Placer {
  const originSeconds = BigInt(Date.parse(iso) / 1000);
  return new Placer({
    timebase: { kind: 'epoch', originSeconds, resolutionNs: 1 },
    firstNs: 0.5e9,
    offsetSeconds,
  });
}

/** A trace of times of day that starts at `clock`. */
function ofDay(clock: string, offsetSeconds = 0): Placer {
  const firstNs = Date.parse(`1970-01-01T${clock}Z`) * 1e6;
  return new Placer({ timebase: TIME_OF_DAY, firstNs, offsetSeconds });
}

/** Seconds on the axis, once the log's end is known. */
function place(placer: Placer, ...lines: string[]): (number | null)[] {
  const placed = lines.map((line) => {
    const time = readLineTime(line);
    return typeof time === 'string' ? Number.NaN : placer.place(time.stamp);
  });
  return placed.map((ns) => (Number.isNaN(ns) ? null : (ns + placer.shiftNs) / 1e9));
}

const hour = 3600;
const day = 24 * hour;

describe('a trace with dates', () => {
  it('takes times with a zone as they are', () => {
    const placer = dated('2026-11-21T07:44:00Z', 5 * hour);
    expect(place(placer, '2026-11-21T08:44:03.25+01:00 x', '1795247043 x')).toEqual([3.25, 3]);
    expect(placer.usedOffset).toBe(false);
  });

  it('takes times without one as local', () => {
    const placer = dated('2026-11-21T07:44:00Z', 2 * hour);
    expect(place(placer, 'Sat Nov 21 09:44:03 2026: x', 'Nov 21 09:44:04 x')).toEqual([3, 4]);
    expect(placer.usedOffset).toBe(true);
  });

  it('gives a date without a year the nearest one', () => {
    expect(place(dated('2026-12-31T23:59:00Z'), 'Dec 31 23:59:30 x', 'Jan 1 00:00:10 x')).toEqual([30, 70]);
    expect(place(dated('2027-01-01T00:00:00Z'), 'Dec 31 23:59:30 x', 'Jan 1 00:00:10 x')).toEqual([-30, 10]);
  });

  it('reads day and month the way that is nearer', () => {
    expect(place(dated('2026-11-03T07:44:00Z'), '03/11/26 07:44:03')).toEqual([3]);
    expect(place(dated('2026-03-11T07:44:00Z'), '03/11/26 07:44:03')).toEqual([3]);
  });

  it('lays times of day on its own day, over midnight too', () => {
    const placer = dated('2026-11-21T23:59:00Z');
    expect(place(placer, '23:58:50 x', '23:59:50 x', '00:00:10 x')).toEqual([-10, 50, 70]);
    expect(placer.severalDays).toBe(null);
  });

  it('has no place for times of another kind than the first', () => {
    expect(place(dated('2026-11-21T07:44:00Z'), '2026-11-21T07:44:03Z x', '07:44:04 x')).toEqual([3, null]);
  });
});

describe('a trace of times of day', () => {
  const at = (clock: string): number => Date.parse(`1970-01-01T${clock}Z`) / 1000;

  it('puts a line that comes late over New Year in the old one', () => {
    const placer = ofDay('00:00:00');
    const lines = [
      'Dec 31 23:59:58 x',
      'Jan 1 00:00:01 x',
      'Dec 31 23:59:59 x',
      'Jan 1 00:00:02 x',
      'Jul 3 00:00:00 x',
    ];
    const [old, young, late, next, summer] = lines.map((line) => {
      const time = readLineTime(line);
      return typeof time === 'string' ? Number.NaN : placer.place(time.stamp) / 1e9;
    });
    expect([young! - old!, late! - old!, next! - old!]).toEqual([3, 1, 4]);
    expect(summer! - next!).toBe(183 * day - 2);
  });

  it('takes dates for its own day', () => {
    const placer = ofDay('07:43:00');
    expect(place(placer, 'Sat Nov 21 07:42:00 2026: x', 'Sat Nov 21 07:44:03 2026: x')).toEqual([
      at('07:42:00'),
      at('07:44:03'),
    ]);
    expect([placer.severalDays, placer.usedOffset]).toEqual([null, false]);
  });

  it('goes on over midnight', () => {
    const lines = ['2026-11-20 23:59:50 x', '2026-11-21 00:00:10 x'];
    expect(place(ofDay('23:59:34'), ...lines)).toEqual([at('23:59:50'), day + 10]);
    expect(place(ofDay('23:59:34'), lines[1]!)).toEqual([day + 10]);
    expect(place(ofDay('23:59:34'), '23:59:50 x', '00:00:10 x')).toEqual([at('23:59:50'), day + 10]);
    expect(place(ofDay('23:59:34'), 'Dec 31 23:59:50 x', 'Jan  1 00:00:10 x')).toEqual([
      at('23:59:50'),
      day + 10,
    ]);
  });

  it('takes the last day that reaches its start, and says that there are several', () => {
    const placer = ofDay('07:43:00');
    const lines = ['Nov 19 08:00:00 x', 'Nov 20 08:00:00 x', 'Nov 21 07:44:00 x', 'Nov 21 09:00:00 x'];
    expect(place(placer, ...lines)).toEqual([
      at('08:00:00') - 2 * day,
      at('08:00:00') - day,
      at('07:44:00'),
      at('09:00:00'),
    ]);
    expect(placer.severalDays).toBe(3);
  });

  it('puts absolute times into its zone', () => {
    const placer = ofDay('23:59:34', -(8 * hour + 2 * 60 + 16));
    expect(place(placer, '2026-11-21T08:02:15Z x', '2026-11-21T08:02:17Z x')).toEqual([
      at('23:59:59'),
      day + 1,
    ]);
    expect(placer.usedOffset).toBe(true);
  });

  it('keeps a line that comes late over midnight on the day before', () => {
    const lines = ['23:59:59 x', '00:00:01 x', '23:59:59.9 x', '00:00:02 x'];
    expect(place(ofDay('23:00:00'), ...lines)).toEqual([day - 1, day + 1, day - 0.1, day + 2]);
  });
});
