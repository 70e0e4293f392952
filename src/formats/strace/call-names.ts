/** The names of calls in the memory of calls.wat, and what their lines are to it. */
import { CHANGES_THREADS, DECODED } from './call-records.js';

const NAME_SLOTS = 1024;
const SLOT_BYTES = 32;
/** Names that are kept; a trace that has more is no strace output. */
const NAMES_KEPT = NAME_SLOTS / 2;
/** Longer names have no place. */
export const NAME_LENGTH = 16;
const CODE_AT = NAME_LENGTH + 4;
/** A free slot begins with `(`, which no name does. */
const FREE = 0x28;

export const NAMES_BYTES = NAME_SLOTS * SLOT_BYTES;
/** What calls.wat says of a name's lines: whether they are decoded by their thread, may match, change threads. */
export const NAME_OTHER = 1 << 22;
export const NAME_MAY_MATCH = NAME_OTHER | (1 << 23);
export const NAME_STATE = NAME_OTHER | DECODED | CHANGES_THREADS;

export class CallNames {
  private readonly view: DataView;
  readonly met: Set<string> = new Set();

  /** An empty table at `at`. */
  constructor(
    buffer: ArrayBuffer,
    readonly at: number,
  ) {
    this.view = new DataView(buffer, at, NAMES_BYTES);
    new Uint8Array(buffer, at, NAMES_BYTES).fill(0);
    for (let slot = 0; slot < NAME_SLOTS; slot++) this.view.setUint8(slot * SLOT_BYTES, FREE);
  }

  /** More names came than are kept. */
  get isFull(): boolean {
    return this.met.size > NAMES_KEPT;
  }

  knows(name: string): boolean {
    return this.met.has(name);
  }

  /** Whether it has no place yet, and there is one for it. */
  lacks(name: string): boolean {
    return !this.met.has(name) && !this.isFull && name.length <= NAME_LENGTH;
  }

  /** Enters a name that the table lacks; `code`: its type's, where rows are made. */
  put(name: string, verdict: number, code: number): void {
    this.met.add(name);
    const key = Buffer.alloc(NAME_LENGTH);
    key.write(name, 'latin1');
    const low = key.readBigUInt64LE(0);
    const high = key.readBigUInt64LE(8);
    let slot = slotOf(low, high);
    const { view } = this;
    while (view.getInt32(slot * SLOT_BYTES + NAME_LENGTH, true) !== 0) slot = (slot + 1) % NAME_SLOTS;
    view.setInt32(slot * SLOT_BYTES + CODE_AT, code, true);
    view.setInt32(slot * SLOT_BYTES + NAME_LENGTH, verdict, true);
    view.setBigUint64(slot * SLOT_BYTES + 8, high, true);
    // By this the slot is no longer free; a survey in another thread that sees no verdict yet takes the name for unmet.
    view.setBigUint64(slot * SLOT_BYTES, low, true);
  }
}

/** As calls.wat computes it. */
function slotOf(low: bigint, high: bigint): number {
  const turned = (high << 29n) | (high >> 35n);
  return Number(BigInt.asUintN(64, (low ^ BigInt.asUintN(64, turned)) * 0x9e3779b97f4a7c15n) >> 54n);
}
