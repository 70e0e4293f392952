import { describe, expect, it } from 'vitest';
import { WindowEdge } from '../../src/gaps/time-window.js';
import type { Timebase } from '../../src/model/trace.js';

const DAY: Timebase = { kind: 'time-of-day', originSeconds: null, resolutionNs: 1 };
const EPOCH: Timebase = { kind: 'epoch', originSeconds: 1_534_525_280n, resolutionNs: 1 };
const RELATIVE: Timebase = { kind: 'relative', originSeconds: null, resolutionNs: 1 };
const HOUR = 3600e9;

function resolve(text: string, timebase: Timebase, firstNs: number): number {
  return WindowEdge.parse('--from', text).resolve(timebase, firstNs);
}

describe('--from and --to', () => {
  it.each([
    ['17:01:20', DAY, 17 * HOUR, 17 * HOUR + 80e9],
    ['17:01', DAY, 17 * HOUR, 17 * HOUR + 60e9],
    ['17:01:20.5', DAY, 17 * HOUR, 17 * HOUR + 80.5e9],
    ['16:59:59,000000001', DAY, 17 * HOUR, 17 * HOUR - 1e9 + 1],
    ['00:00:10', DAY, 23.9 * HOUR, 24 * HOUR + 10e9],
    ['+30s', DAY, 17 * HOUR, 17 * HOUR + 30e9],
    ['+1.5m', RELATIVE, 5e9, 95e9],
    ['1534525281.25', EPOCH, 0, 1.25e9],
    ['2018-08-17T17:01:21Z', EPOCH, 0, 1e9],
    ['2018-08-17 17:01:21.000000007', EPOCH, 0, 1e9 + 7],
    ['2018-08-17T19:01:21+02:00', EPOCH, 0, 1e9],
    ['17:01:21', EPOCH, 5e8, 1e9],
    ['17:01:19', EPOCH, 5e8, -1e9],
    ['00:00:00', EPOCH, 5e8, (24 * 3600 - 17 * 3600 - 80) * 1e9],
  ] as const)('%s', (text, timebase, firstNs, ns) => {
    expect(resolve(text, timebase, firstNs)).toBe(ns);
  });

  it.each([
    [
      'noon',
      DAY,
      '--from "noon" is no time: 17:01:20, 17:01:20.5, 2018-08-17T17:01:20Z, 1534525280.5, or +30s from the first event',
    ],
    [
      '24:00:00',
      DAY,
      '--from "24:00:00" is no time: 17:01:20, 17:01:20.5, 2018-08-17T17:01:20Z, 1534525280.5, or +30s from the first event',
    ],
    [
      '2018-08-17T17:01:21Z',
      DAY,
      '--from "2018-08-17T17:01:21Z": the times of this trace have no date: give a time of day, as in 17:01:20',
    ],
    [
      '17:01:20',
      RELATIVE,
      '--from "17:01:20": the times of this trace count from its start: give an offset, as in +30s',
    ],
  ] as const)('%s is refused', (text, timebase, message) => {
    expect(() => resolve(text, timebase, 0)).toThrow(message);
  });
});
