/** How a compiled filter reads a field: one shape for each sort of value. */
import type { EventView } from '../model/event.js';
import type { EventFields } from '../model/event-fields.js';
import type { Timebase } from '../model/trace.js';
import type { ByteTest } from './byte-tests.js';
import type { Numeric } from './values.js';

export type Predicate = (e: EventView) => boolean;

/** Reads one field of an event; undefined where the trace does not say. */
export type Read<T> = (e: EventView) => T | undefined;

export type Reader =
  /** Text that lies in the view: tested in place. `absent` values fail every test. */
  | { readonly as: 'bytes'; readonly test: (test: ByteTest) => Predicate; readonly read: Read<string> }
  | { readonly as: 'text'; readonly read: Read<string> }
  | { readonly as: 'texts'; readonly read: (e: EventView) => readonly string[] }
  | { readonly as: 'number'; readonly read: Read<Numeric> }
  | { readonly as: 'numbers'; readonly read: (e: EventView) => readonly Numeric[] }
  | { readonly as: 'bool'; readonly read: Read<boolean> };

/** What readers are built from. One per compiled filter: some fields have a memory. */
export interface Context {
  readonly fields: EventFields;
  readonly timebase: Timebase;
  /** Called with every event, before the filter is: for fields that depend on events which don't match. */
  readonly observers: ((e: EventView) => void)[];
}

export function text(read: Read<string>): Reader {
  return { as: 'text', read };
}

export function number(read: Read<Numeric>): Reader {
  return { as: 'number', read };
}

export function bool(read: Read<boolean>): Reader {
  return { as: 'bool', read };
}

/** `whole` seconds or the `ns` within the second of a time in nanoseconds. */
export function secondsOf(read: Read<Numeric>): Reader {
  return number((e) => {
    const ns = read(e);
    return ns === undefined ? undefined : Math.trunc(Number(ns) / 1e9);
  });
}

export function nanosecondsOf(read: Read<Numeric>): Reader {
  return number((e) => {
    const ns = read(e);
    return ns === undefined ? undefined : Number(ns) % 1e9;
  });
}
