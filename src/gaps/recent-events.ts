/**
 * The newest events of each sequence, in columns of numbers: a hundred thousand sequences cost little, and nothing is
 * allocated per event.
 */
import type { MatchRef } from './found-gap.js';

/** Numbers kept per event: time, source, offset, line, num, half. */
const REF_FIELDS = 6;

export class RecentEvents {
  /** Events in a sequence's ring since it (re)started, at most its size. */
  private filled: Int32Array;
  /** Where in the ring the next event goes. */
  private places: Int32Array;
  private ring: Float64Array;

  /** `size` events are kept of each sequence; `capacity` sequences have room until `grow` says otherwise. */
  constructor(
    private readonly size: number,
    capacity: number,
  ) {
    this.filled = new Int32Array(capacity);
    this.places = new Int32Array(capacity);
    this.ring = new Float64Array(capacity * size * REF_FIELDS);
  }

  grow(capacity: number): void {
    this.filled = enlarged(this.filled, new Int32Array(capacity));
    this.places = enlarged(this.places, new Int32Array(capacity));
    this.ring = enlarged(this.ring, new Float64Array(capacity * this.size * REF_FIELDS));
  }

  /** The sequence starts anew. */
  begin(sequence: number): void {
    this.filled[sequence] = 0;
    this.places[sequence] = 0;
  }

  /** `shiftNs` puts the event's time on the run's axis. */
  add(sequence: number, e: MatchRef, shiftNs: number): void {
    const place = this.places[sequence]!;
    const slot = (sequence * this.size + place) * REF_FIELDS;
    const { ring } = this;
    ring[slot] = e.timeNs + shiftNs;
    ring[slot + 1] = e.source;
    ring[slot + 2] = e.offset;
    ring[slot + 3] = e.line;
    ring[slot + 4] = e.num;
    ring[slot + 5] = e.half;
    this.places[sequence] = place + 1 === this.size ? 0 : place + 1;
    if (this.filled[sequence]! < this.size) this.filled[sequence]!++;
  }

  /** Oldest first. */
  of(sequence: number): MatchRef[] {
    const filled = this.filled[sequence]!;
    // No larger than it is: there may be a hundred thousand.
    const refs = new Array<MatchRef>(filled);
    for (let i = 0; i < filled; i++) refs[i] = this.newest(sequence, filled - i);
    return refs;
  }

  /** The `back`-th newest event of a sequence, from 1. */
  private newest(sequence: number, back: number): MatchRef {
    const place = (this.places[sequence]! - back + this.size) % this.size;
    const slot = (sequence * this.size + place) * REF_FIELDS;
    const { ring } = this;
    return {
      timeNs: ring[slot]!,
      source: ring[slot + 1]!,
      offset: ring[slot + 2]!,
      line: ring[slot + 3]!,
      num: ring[slot + 4]!,
      half: ring[slot + 5]!,
    };
  }

  /** Time of the oldest one kept, which there must be. */
  oldestNs(sequence: number): number {
    const oldest = this.filled[sequence]! < this.size ? 0 : this.places[sequence]!;
    return this.ring[(sequence * this.size + oldest) * REF_FIELDS]!;
  }

  /** Puts an event older than the newest one where it belongs; `ref` is on the run's axis. */
  insert(sequence: number, ref: MatchRef): void {
    const refs = this.of(sequence);
    refs.splice(refs.filter((other) => other.timeNs <= ref.timeNs).length, 0, ref);
    this.begin(sequence);
    for (const kept of refs.slice(-this.size)) this.add(sequence, kept, 0);
  }
}

/** A column with more room, its numbers taken over. */
export function enlarged<T extends Float64Array | Uint32Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
