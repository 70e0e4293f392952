/** What calls.wat must know of each thread: a byte in its memory. */
import { EventView } from '../../model/event.js';
import type { LineConditions } from '../format.js';
import type { Thread, Threads } from './threads.js';

/** Ids below this have a byte in the table: all that Linux gives out. */
export const TIDS = 1 << 22;
const PASSABLE = 1;
const NO_MATCH = 2;
const ALL_DECODED = 4;
/** Passable behind the end of the call that it is in; of a thread not met yet, behind its first line or call. */
const IN_CALL = 0;

export class ThreadBytes {
  private bytes = new Uint8Array(0);
  /** So many of them may be other than 0. */
  private used = 0;
  private readonly probe = new EventView();

  /** @param onlyTid the thread of all lines where they have no ids; else null. */
  constructor(
    private readonly threads: Threads,
    private readonly condition: LineConditions['thread'],
    private readonly onlyTid: number | null,
  ) {}

  get at(): number {
    return this.bytes.byteOffset;
  }

  /** From here on they are in this memory, which is new: all zero, and none is taken where it is not touched. */
  move(buffer: ArrayBuffer, at: number): void {
    this.bytes = new Uint8Array(buffer, at, TIDS);
    this.used = 0;
  }

  judgeAll(): void {
    this.bytes.fill(0, 0, this.used);
    this.used = 0;
    for (const thread of this.threads.each()) this.put(thread.tid, thread);
  }

  /** The thread of a line that was decoded, as the kernel has it. */
  judge(lineTid: number): void {
    const tid = this.onlyTid ?? lineTid;
    this.put(tid, this.threads.get(tid));
  }

  private put(tid: number, thread: Thread | undefined): void {
    const { onlyTid } = this;
    const at = onlyTid === null ? tid : 0;
    if (at < 0 || at >= TIDS || (onlyTid !== null && tid !== onlyTid)) return;
    if (at >= this.used) this.used = at + 1;
    if (thread === undefined || thread.ended) this.bytes[at] = IN_CALL;
    else if (this.threads.cloning.has(thread)) this.bytes[at] = ALL_DECODED;
    else this.bytes[at] = (thread.open ? IN_CALL : PASSABLE) | (this.mayMatch(thread) ? 0 : NO_MATCH);
  }

  private mayMatch({ tid, name }: Thread): boolean {
    const { probe, condition } = this;
    if (condition === null) return true;
    probe.tid = tid;
    probe.nameStart = name === null ? -1 : 0;
    if (name !== null) {
      probe.name = name;
      probe.nameEnd = name.length;
    }
    return condition(probe);
  }
}
