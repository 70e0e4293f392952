/**
 * What is known of each sequence, in a row of numbers: a hundred thousand cost little, and nothing is allocated per
 * event. A row lies together, so that few lines of the core's cache are fetched for it: 128 bytes with one event before.
 */
import { DOUBLE_ZERO } from '../model/event.js';
import type { MatchRef } from './found-gap.js';

/** Places in a row among its doubles. Its newest time; the number of its intervals; what a silence must reach to be a gap. */
export const LATEST = 0;
export const TOTAL = 1;
export const THRESHOLD = 2;
/** Where the ring of its newest events begins. */
const RING = 5;
/** Places among its integers. Steps of the clock before its newest event, counted from 1; 0 before its first. */
export const GENERATION = 6;
/** Gaps of it that wait. */
export const WAITING = 7;
/** Where in the row the next event goes, and whether one stands there already. */
const NEXT = 8;
const FULL = 9;

/** Numbers kept per event: time, twice the source and the half, offset, line, num. */
const REF_FIELDS = 5;
/** Numbers in a cache line. */
const LINE = 8;

/** Rows at first, and from this many on as many as can come, if they take no more than so many bytes. */
const FEW = 16;
const MANY = 4096;
const ALL = 1 << 17;
const ALL_BYTES = 32 << 20;

export class SequenceTable {
  /** The row of sequence n begins at `n * stride` among the doubles, at twice that among the integers. */
  rows: Float64Array<ArrayBuffer>;
  ints: Int32Array<ArrayBuffer>;
  readonly stride: number;
  private readonly ringEnd: number;
  private capacity = FEW;
  /** Rows that are in use. */
  private entered = 0;
  /** Nobody asks for it, but what nobody asks for would not be read. */
  fetched = DOUBLE_ZERO;

  /** `size` events are kept of each sequence, whose threshold is `thresholdNs` until another one is set. */
  constructor(
    private readonly size: number,
    private readonly thresholdNs: number,
  ) {
    this.ringEnd = RING + size * REF_FIELDS;
    this.stride = Math.ceil(this.ringEnd / LINE) * LINE;
    this.rows = new Float64Array(this.capacity * this.stride);
    this.ints = new Int32Array(this.rows.buffer);
  }

  /** Makes room for a sequence; where its row begins. */
  enter(sequence: number): number {
    if (sequence >= this.entered) this.prepare(sequence);
    return sequence * this.stride;
  }

  /**
   * Has the rows of these sequences, -1 being none, brought into the core's cache: all at once in the time that a few
   * would take one after the other, each while its event waits.
   */
  fetch(sequences: Int32Array, count: number): void {
    const { rows, ints, stride } = this;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += rows[Math.max(0, sequences[i]!) * stride]!;
    for (let i = 0; i < count; i++) {
      const at = Math.max(0, sequences[i]!) * stride;
      sum += rows[at + ints[2 * at + NEXT]! + REF_FIELDS - 1]!;
    }
    this.fetched = sum;
  }

  private grow(sequence: number): void {
    const { rows, stride } = this;
    while (this.capacity <= sequence) this.capacity *= 2;
    // What is not touched takes no memory, and what is copied takes it twice.
    if (this.capacity > MANY && ALL * stride * 8 <= ALL_BYTES) this.capacity = Math.max(this.capacity, ALL);
    this.rows = new Float64Array(this.capacity * stride);
    this.ints = new Int32Array(this.rows.buffer);
    this.rows.set(rows);
  }

  private prepare(sequence: number): void {
    if (sequence >= this.capacity) this.grow(sequence);
    for (; this.entered <= sequence; this.entered++) {
      this.rows[this.entered * this.stride + THRESHOLD] = this.thresholdNs;
      this.begin(this.entered);
    }
  }

  /** The sequence starts anew. */
  begin(sequence: number): void {
    const at = sequence * this.stride;
    this.ints[2 * at + NEXT] = RING;
    this.ints[2 * at + FULL] = 0;
  }

  /** The newest event of the row that begins at `at`; `shiftNs` puts its time on the run's axis. */
  add(at: number, e: MatchRef, shiftNs: number): void {
    const { rows, ints } = this;
    const next = ints[2 * at + NEXT]!;
    const slot = at + next;
    rows[slot] = e.timeNs + shiftNs;
    rows[slot + 1] = 2 * e.source + e.half;
    rows[slot + 2] = e.offset;
    rows[slot + 3] = e.line;
    rows[slot + 4] = e.num;
    if (next + REF_FIELDS < this.ringEnd) ints[2 * at + NEXT] = next + REF_FIELDS;
    else {
      ints[2 * at + NEXT] = RING;
      ints[2 * at + FULL] = 1;
    }
  }

  /** Its newest events, oldest first. */
  newest(sequence: number): MatchRef[] {
    const at = sequence * this.stride;
    const next = this.ints[2 * at + NEXT]!;
    const isFull = this.ints[2 * at + FULL] === 1;
    // No larger than it is: there may be a hundred thousand.
    const refs = new Array<MatchRef>(isFull ? this.size : (next - RING) / REF_FIELDS);
    for (let i = 0, slot = isFull ? next : RING; i < refs.length; i++, slot += REF_FIELDS) {
      if (slot === this.ringEnd) slot = RING;
      refs[i] = this.ref(at + slot);
    }
    return refs;
  }

  private ref(slot: number): MatchRef {
    const { rows } = this;
    const sourceAndHalf = rows[slot + 1]!;
    return {
      timeNs: rows[slot]!,
      source: sourceAndHalf >> 1,
      offset: rows[slot + 2]!,
      line: rows[slot + 3]!,
      num: rows[slot + 4]!,
      half: sourceAndHalf & 1,
    };
  }

  /** Time of the oldest one kept, which there must be. */
  oldestNs(sequence: number): number {
    const at = sequence * this.stride;
    const isFull = this.ints[2 * at + FULL] === 1;
    return this.rows[at + (isFull ? this.ints[2 * at + NEXT]! : RING)]!;
  }

  /** Puts an event older than the newest one where it belongs; `ref` is on the run's axis. */
  insert(sequence: number, ref: MatchRef): void {
    const refs = this.newest(sequence);
    refs.splice(refs.filter((other) => other.timeNs <= ref.timeNs).length, 0, ref);
    this.begin(sequence);
    for (const kept of refs.slice(-this.size)) this.add(sequence * this.stride, kept, 0);
  }
}
