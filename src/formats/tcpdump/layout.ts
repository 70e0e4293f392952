/** What stays the same through one tcpdump text: decided once, from its first packets. */
import type { Timebase } from '../../model/trace.js';
import type { Head, StampKind } from './head.js';

/** What the printed times count from; `delta`: from the packet before (-ttt), to be added up. */
export type PacketTimes = 'time-of-day' | 'epoch' | 'since-first' | 'delta';

export interface Layout {
  readonly stamp: StampKind;
  readonly times: PacketTimes;
  /** -# */
  readonly numbered: boolean;
  /** Digits of the fraction, 6 or 9. */
  readonly digits: number;
  /** Whole epoch second of the first packet; null unless times are `epoch`. */
  readonly originSeconds: number | null;
  /** -A: payload follows as it is. */
  readonly ascii: boolean;
  /** A packet may take more lines than one: -v, -x, -X, -A. */
  readonly manyLines: boolean;
  /** -i any: the lines have a column for the direction. */
  readonly directions: boolean;
}

export function timebaseOf({ times, originSeconds, digits }: Layout): Timebase {
  return {
    kind: times === 'delta' || times === 'since-first' ? 'relative' : times,
    originSeconds: originSeconds === null ? null : BigInt(originSeconds),
    resolutionNs: 10 ** (9 - digits),
  };
}

/** Nanoseconds of the head read last, since the layout's origin, midnight, the first packet or the one before. */
export function timeOf(layout: Layout, head: Head): number {
  return (head.seconds - (layout.originSeconds ?? 0)) * 1e9 + head.nanos;
}
