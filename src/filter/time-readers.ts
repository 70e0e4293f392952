/** Readers of times: of day, of the calendar, since the start, and between events. */

import { ABSENT, type EventView } from '../model/event.js';
import { DAY_NS } from '../model/time.js';
import type { Timebase } from '../model/trace.js';
import type { Check } from './ast.js';
import {
  type Context,
  nanosecondsOf,
  number,
  type Predicate,
  type Read,
  type Reader,
  secondsOf,
  text,
} from './reader.js';
import { type Numeric, narrow, readTimeOfDay } from './values.js';

/** A reader for a field of time, or undefined for all others. */
export function timeReader(field: string, context: Context): Reader | undefined {
  const { timebase } = context;
  const epoch = timebase.kind === 'epoch' ? timebase.originSeconds : null;
  switch (field) {
    case 'evt.time':
    case 'evt.time.s': {
      const ofDay = timeOfDay(timebase);
      const digits = field === 'evt.time' ? fractionDigits(timebase) : 0;
      return text((e) => {
        const ns = ofDay(e.timeNs);
        return Number.isNaN(ns) ? undefined : formatTimeOfDay(ns, digits);
      });
    }
    case 'evt.time.iso8601':
    case 'evt.datetime':
    case 'evt.datetime.s':
      return text((e) =>
        epoch === null || Number.isNaN(e.timeNs) ? undefined : calendar(field, epoch, e.timeNs),
      );
    case 'evt.rawtime':
      return number((e) => rawTime(epoch, e.timeNs));
    case 'evt.rawtime.s':
      return number((e) =>
        epoch === null || Number.isNaN(e.timeNs) ? undefined : Number(epoch) + Math.floor(e.timeNs / 1e9),
      );
    case 'evt.rawtime.ns':
      return number((e) => (epoch === null || Number.isNaN(e.timeNs) ? undefined : modulo(e.timeNs, 1e9)));
    case 'evt.reltime':
      return number(relativeTime(context));
    case 'evt.reltime.s':
      return secondsOf(relativeTime(context));
    case 'evt.reltime.ns':
      return nanosecondsOf(relativeTime(context));
    case 'evt.deltatime':
      return number(deltaTime());
    case 'evt.deltatime.s':
      return secondsOf(deltaTime());
    case 'evt.deltatime.ns':
      return nanosecondsOf(deltaTime());
    case 'thread.exectime':
      return number(switchTimes(context).exec);
    case 'thread.totexectime':
      return number(switchTimes(context).total);
    default:
      return undefined;
  }
}

/**
 * `evt.time` compared with a whole time of day: by number, where comparing text would give the same answer. A
 * value without fraction is the start of its second, as in sysdig's comparison of text. undefined: not such a check.
 */
export function timeOfDayCheck(check: Check, timebase: Timebase): Predicate | undefined {
  const value = readTimeOfDay(check.values[0] ?? '');
  if (value === undefined) return undefined;
  const seconds = check.left.field === 'evt.time.s';
  const limit = value.ns;
  const whole = value.digits >= (seconds ? 0 : fractionDigits(timebase));
  const ofDay = timeOfDay(timebase);
  const read = (e: EventView): number => {
    const ns = ofDay(e.timeNs);
    return seconds ? Math.floor(ns / 1e9) * 1e9 : ns;
  };
  switch (check.op) {
    case '=':
      return (e) => read(e) === limit;
    case '!=':
      return (e) => {
        const ns = read(e);
        return !Number.isNaN(ns) && ns !== limit;
      };
    case '<':
      return (e) => read(e) < limit;
    case '>=':
      return (e) => read(e) >= limit;
    case '<=':
      return whole ? (e) => read(e) <= limit : (e) => read(e) < limit;
    case '>':
      return whole ? (e) => read(e) > limit : (e) => read(e) >= limit;
    default:
      return undefined;
  }
}

/** `evt.around[T]=D`: within D of T, which is nanoseconds since 1970 or a time of day. */
export function aroundCheck(at: string, rangeNs: number, timebase: Timebase): Predicate {
  const day = readTimeOfDay(at);
  if (day !== undefined) {
    const ofDay = timeOfDay(timebase);
    return (e) => {
      const distance = Math.abs(ofDay(e.timeNs) - day.ns);
      return Math.min(distance, DAY_NS - distance) <= rangeNs;
    };
  }
  if (timebase.kind !== 'epoch' || timebase.originSeconds === null) return () => false;
  const center = Number(BigInt(at) - timebase.originSeconds * 1_000_000_000n);
  return (e) => Math.abs(e.timeNs - center) <= rangeNs;
}

/** Nanoseconds since midnight, of the local time where the trace counts from 1970; NaN where there is none. */
function timeOfDay(timebase: Timebase): (timeNs: number) => number {
  if (timebase.kind === 'time-of-day') return (timeNs) => modulo(timeNs, DAY_NS);
  if (timebase.kind !== 'epoch' || timebase.originSeconds === null) return () => Number.NaN;
  const origin = Number(timebase.originSeconds);
  let quarter = Number.NaN;
  let offset = 0;
  return (timeNs) => {
    const second = Math.floor(timeNs / 1e9);
    // Zones change their offset at whole quarters of an hour.
    const now = Math.floor((origin + second) / 900);
    if (now !== quarter) {
      quarter = now;
      offset = new Date(now * 900_000).getTimezoneOffset() * 60;
    }
    return modulo(origin + second - offset, 86_400) * 1e9 + (timeNs - second * 1e9);
  };
}

function formatTimeOfDay(ns: number, digits: number): string {
  const second = Math.floor(ns / 1e9);
  const clock = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  return digits === 0 ? clock : `${clock}.${pad(ns - second * 1e9, 9).slice(0, digits)}`;
}

/** Digits that the trace's times have. */
function fractionDigits(timebase: Timebase): number {
  return 9 - Math.min(9, Math.round(Math.log10(Math.max(1, timebase.resolutionNs))));
}

function calendar(field: string, origin: bigint, timeNs: number): string {
  const second = Math.floor(timeNs / 1e9);
  const fraction = `.${pad(timeNs - second * 1e9, 9)}`;
  const date = new Date((Number(origin) + second) * 1000);
  if (Number.isNaN(date.getTime())) return '';
  if (field === 'evt.time.iso8601') return `${date.toISOString().slice(0, -5)}${fraction}+0000`;
  const local = `${date.getFullYear()}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
  const clock = `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}`;
  return `${local} ${clock}${field === 'evt.datetime' ? fraction : ''}`;
}

function rawTime(epoch: bigint | null, timeNs: number): Numeric | undefined {
  return epoch === null || Number.isNaN(timeNs)
    ? undefined
    : narrow(epoch * 1_000_000_000n + BigInt(Math.round(timeNs)));
}

function relativeTime(context: Context): Read<number> {
  let first = context.timebase.kind === 'relative' ? 0 : Number.NaN;
  if (Number.isNaN(first)) {
    context.observers.push((e) => {
      if (Number.isNaN(first)) first = e.timeNs;
    });
  }
  return (e) => {
    const ns = e.timeNs - first;
    return Number.isNaN(ns) ? undefined : ns;
  };
}

/** As in sysdig: to the previous event for which this condition was evaluated; 0 for the first one. */
function deltaTime(): Read<number> {
  let last = Number.NaN;
  return (e) => {
    const now = e.timeNs;
    if (Number.isNaN(now)) return undefined;
    const delta = Number.isNaN(last) ? 0 : now - last;
    last = now;
    return delta;
  };
}

/** CPU time from `switch` events, which are printed for the thread that leaves the CPU. */
function switchTimes(context: Context): { readonly exec: Read<number>; readonly total: Read<number> } {
  const lastSwitch = new Map<number, number>();
  const totals = new Map<number, number>();
  let current = 0;
  let switching = false;
  context.observers.push((e) => {
    switching = e.typeEnd - e.typeStart === 6 && e.type() === 'switch';
    if (!switching || Number.isNaN(e.timeNs)) return;
    const last = lastSwitch.get(e.cpu);
    current = last === undefined ? 0 : e.timeNs - last;
    lastSwitch.set(e.cpu, e.timeNs);
    totals.set(e.tid, (totals.get(e.tid) ?? 0) + current);
  });
  return {
    exec: () => (switching ? current : undefined),
    total: (e) => (e.tid === ABSENT ? undefined : totals.get(e.tid)),
  };
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
