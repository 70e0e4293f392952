/** Which sequence an event belongs to: one for all, or one per value of the `--by` field. */
import { ABSENT, type EventView } from '../model/event.js';

/** The value of the field for an event; undefined where it has none. */
export type KeyOf = (e: EventView) => string | undefined;

/** Values of the --by field that are kept apart; of further ones no gaps are looked for. */
export const MAX_SEQUENCES = 1 << 17;
/** The same for senders of adverts, of each of which two kilobytes of history are kept. */
export const MAX_SENDERS = 1 << 14;

/** The same where rhythms are learned: of each sequence its longest intervals are kept. */
export const MAX_LEARNED = 1 << 14;

/** Numbers sequences from 0 in the order of their first event. */
export interface Sequences {
  /** -1 for an event that belongs to none, -2 for one beyond the bound. */
  of(e: EventView): number;
  /** The --by value of a sequence. */
  name(sequence: number): string | null;
}

export const ONE_SEQUENCE: Sequences = { of: () => 0, name: () => null };

/** One for the sources of each kind: what is called is not in sequence with what is on the wire. */
export class KindSequences implements Sequences {
  /** The sequence of each source's events. */
  readonly bySource: readonly number[];

  constructor(kinds: readonly string[]) {
    const known = [...new Set(kinds)];
    this.bySource = kinds.map((kind) => known.indexOf(kind));
  }

  of(e: EventView): number {
    return this.bySource[e.source]!;
  }

  name(): null {
    return null;
  }
}

/** Linux's largest pid_max; greater ids go into a map. */
const PID_LIMIT = 1 << 22;

/** One per thread id: a table instead of a map, since this runs for every event. */
export class ThreadSequences implements Sequences {
  private table = new Int32Array(1 << 12);
  private readonly others = new Map<number, number>();
  private readonly tids: number[] = [];

  constructor(private readonly most = MAX_SEQUENCES) {}

  of(e: EventView): number {
    const tid = e.tid;
    if (tid >= 0 && tid < this.table.length) {
      const known = this.table[tid]!;
      if (known !== 0) return known - 1;
    }
    return this.add(tid);
  }

  private add(tid: number): number {
    if (tid === ABSENT) return -1;
    if (this.tids.length >= this.most) return this.others.get(tid) ?? -2;
    if (tid < 0 || tid >= PID_LIMIT) {
      const known = this.others.get(tid);
      if (known !== undefined) return known;
      this.others.set(tid, this.tids.length);
    } else {
      if (tid >= this.table.length) {
        let size = this.table.length;
        while (size <= tid) size *= 2;
        const larger = new Int32Array(size);
        larger.set(this.table);
        this.table = larger;
      }
      this.table[tid] = this.tids.length + 1;
    }
    this.tids.push(tid);
    return this.tids.length - 1;
  }

  name(sequence: number): string {
    return String(this.tids[sequence]);
  }
}

/** One per value of any field; each source has its own way to the value. */
export class ValueSequences implements Sequences {
  private readonly known = new Map<string, number>();
  private readonly names: string[] = [];

  constructor(
    private readonly keysBySource: readonly KeyOf[],
    private readonly most = MAX_SEQUENCES,
  ) {}

  of(e: EventView): number {
    const key = this.keysBySource[e.source]!(e);
    if (key === undefined) return -1;
    let sequence = this.known.get(key);
    if (sequence === undefined) {
      if (this.names.length >= this.most) return -2;
      sequence = this.names.length;
      this.known.set(key, sequence);
      this.names.push(key);
    }
    return sequence;
  }

  name(sequence: number): string {
    return this.names[sequence]!;
  }
}
