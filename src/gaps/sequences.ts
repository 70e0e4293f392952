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

/** Ids as Linux gives them unless pid_max says otherwise have a place each. */
const SMALL_IDS = 1 << 15;
/** Slots looked at for another id; one that finds none of them free goes into a map, as those that are no 32-bit integers. */
const MOST_PROBES = 16;
/** From so many on what is known of them does not stay in a core's cache. */
const MANY = 4096;

/** One per thread id: tables instead of a map, since this runs for every event. Sequences stand in them as n + 1. */
export class ThreadSequences implements Sequences {
  private readonly small = new Int32Array(SMALL_IDS);
  /** Pairs of id and sequence, twice as many as are needed: a place for each possible id would take 16 MB. */
  private pairs = new Int32Array(2 * 1024);
  private readonly others = new Map<number, number>();
  private readonly tids: number[] = [];

  constructor(private readonly most = MAX_SEQUENCES) {}

  of(e: EventView): number {
    const { tid } = e;
    if (tid >= 0 && tid < SMALL_IDS) {
      const known = this.small[tid]!;
      if (known !== 0) return known - 1;
    }
    const known = this.find(tid);
    return known >= 0 ? known : this.add(tid);
  }

  name(sequence: number): string {
    return String(this.tids[sequence]);
  }

  get areMany(): boolean {
    return this.tids.length > MANY;
  }

  /** Puts in the place of each thread id its sequence, -1 where it has none or is not found at once. */
  findAll(tids: Int32Array, count: number): void {
    const { small, pairs } = this;
    const last = pairs.length - 1;
    for (let i = 0; i < count; i++) {
      const tid = tids[i]!;
      const at = firstSlot(tid) & last;
      tids[i] = (tid >= 0 && tid < SMALL_IDS ? small[tid]! : pairs[at] === tid ? pairs[at + 1]! : 0) - 1;
    }
  }

  private find(tid: number): number {
    if (tid >= 0 && tid < SMALL_IDS) return this.small[tid]! - 1;
    const { pairs } = this;
    const last = pairs.length - 1;
    let at = firstSlot(tid) & last;
    for (let i = 0; i < MOST_PROBES; i++) {
      const sequence = pairs[at + 1]! - 1;
      if (sequence < 0) break;
      if (pairs[at] === tid) return sequence;
      at = (at + 2) & last;
    }
    return this.others.get(tid) ?? -1;
  }

  private add(tid: number): number {
    if (tid === ABSENT) return -1;
    const sequence = this.tids.length;
    if (sequence >= this.most) return -2;
    this.tids.push(tid);
    if (4 * sequence >= this.pairs.length) this.enlarge();
    else this.put(tid, sequence);
    return sequence;
  }

  private enlarge(): void {
    this.pairs = new Int32Array(2 * this.pairs.length);
    this.others.clear();
    for (const [sequence, tid] of this.tids.entries()) this.put(tid, sequence);
  }

  private put(tid: number, sequence: number): void {
    if (tid >= 0 && tid < SMALL_IDS) {
      this.small[tid] = sequence + 1;
      return;
    }
    const { pairs } = this;
    const last = pairs.length - 1;
    let at = firstSlot(tid) & last;
    for (let i = 0; i < MOST_PROBES && tid === (tid | 0); i++) {
      if (pairs[at + 1] === 0) {
        pairs[at] = tid;
        pairs[at + 1] = sequence + 1;
        return;
      }
      at = (at + 2) & last;
    }
    this.others.set(tid, sequence);
  }
}

/** Neighbouring ids are spread: an even number. */
function firstSlot(tid: number): number {
  const mixed = Math.imul(tid, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) << 1;
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
