/** What logs are read against in tests, and logs read whole. */
import { Log, type LogSizes, type LogWindow } from '../../src/logs/log.js';
import type { Timebase } from '../../src/model/trace.js';

export const TIME_OF_DAY: Timebase = { kind: 'time-of-day', originSeconds: null, resolutionNs: 1 };

/** Nanoseconds of a time of day on the axis of a trace of times of day. */
export function at(clock: string): number {
  return Date.parse(`1970-01-01T${clock}Z`) * 1e6;
}

/** A trace of times of day that starts at `clock`. */
export function windowFrom(clock: string): LogWindow {
  return {
    timebase: TIME_OF_DAY,
    firstNs: at(clock),
    fromNs: Number.NEGATIVE_INFINITY,
    toNs: Number.POSITIVE_INFINITY,
    offsetSeconds: 0,
  };
}

/** A log of these lines beside a trace that starts at 07:43. */
export function readLog(text: string, window = windowFrom('07:43:00'), sizes: LogSizes = {}): Log {
  const log = new Log('side.log', 0, window, sizes);
  for (const line of text.replace(/\n$/, '').split('\n')) log.see(line);
  log.finish();
  return log;
}
