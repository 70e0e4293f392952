/**
 * What is known of each traced thread: its open call, its name, and what execve and clone told of its process.
 * Bounded: a trace may leave millions of calls open, or invent threads.
 */
import { sameBytes } from '../../model/bytes.js';
import type { ProcessInfo } from '../../model/event-fields.js';
import type { NameHistory } from './names.js';

/** Threads remembered; past it those that ended go first, then the oldest. */
export const THREADS_KEPT = 1 << 16;
/** Bytes of an unfinished call's text kept per thread, and over all threads. */
const ENTRY_BYTES = 4096;
const ENTRY_BYTES_TOTAL = 64 << 20;
/** With more threads than this inside a clone at once, a new thread's parent stays unknown. */
const PARENTS_COMPARED = 64;

export class Thread {
  name: Buffer | null = null;
  /** -Y: the comm as printed last, escapes and all. */
  printed: Buffer | null = null;
  ended = false;
  /** Time up to which its lines reach: that of the newest, or of the end of the call on it. */
  lastNs = Number.NEGATIVE_INFINITY;
  /** A call is open: its entry was printed, its exit not yet. */
  open = false;
  entryNs = Number.NaN;
  /** `read(3, ` of the open (or last) unfinished call; -1: of it the name alone, if that, is kept. */
  entryText: Buffer | null = null;
  entryLength = -1;
  entryNameLength = 0;
  info: ProcessInfo | null = null;

  constructor(
    readonly tid: number,
    /** Time of its first line. */
    readonly bornNs: number,
  ) {}
}

/** Whether the thread is in a call whose name is bytes[start, end). */
export function isInCall(
  { open, entryText, entryNameLength }: Thread,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  return open && entryText !== null && sameBytes(entryText, bytes, start, end, entryNameLength);
}

export class Threads {
  private map = new Map<number, Thread>();
  private entryBytes = 0;
  /** Threads with an open call that had to be forgotten. */
  forgotten = 0;
  /** Threads inside a clone, fork or vfork that has not returned: a new thread is a child of one of them. */
  readonly cloning = new Set<Thread>();

  constructor(private readonly names: NameHistory) {}

  get size(): number {
    return this.map.size;
  }

  each(): Iterable<Thread> {
    return this.map.values();
  }

  get(tid: number): Thread | undefined {
    return this.map.get(tid);
  }

  /** Makes a thread known; an older one of this id is forgotten. */
  create(tid: number, bornNs: number): Thread {
    const old = this.map.get(tid);
    if (old) this.drop(old);
    else if (this.map.size >= THREADS_KEPT) this.evict();
    const thread = new Thread(tid, bornNs);
    this.map.set(tid, thread);
    return thread;
  }

  /** Keeps bytes[start, end), an unfinished call from its name on; of a long one the name, as where `end` is before it. */
  keepEntry(thread: Thread, bytes: Buffer, start: number, end: number, nameLength: number): void {
    const isWhole = end - start >= nameLength && end - start <= ENTRY_BYTES;
    const length = isWhole ? end - start : nameLength;
    thread.entryLength = -1;
    thread.entryNameLength = 0;
    if (length === 0 || length > ENTRY_BYTES) return;
    let text = thread.entryText;
    if (text === null || text.length < length) {
      const size = Math.max(128, 2 ** Math.ceil(Math.log2(length)));
      if (this.entryBytes + size > ENTRY_BYTES_TOTAL) return;
      this.entryBytes += size - (text === null ? 0 : text.length);
      text = Buffer.allocUnsafe(size);
      thread.entryText = text;
    }
    for (let i = 0; i < length; i++) text[i] = bytes[start + i]!;
    thread.entryNameLength = nameLength;
    if (isWhole) thread.entryLength = length;
  }

  /** The one name that all threads now inside a clone share; null where they differ or none is known. */
  parentOfNewThread(): Thread | null {
    if (this.cloning.size > PARENTS_COMPARED) return null;
    let found: Thread | null = null;
    for (const thread of this.cloning) {
      if (found !== null && !sameName(found, thread)) return null;
      found ??= thread;
    }
    return found;
  }

  private drop(thread: Thread): void {
    if (thread.entryText !== null) this.entryBytes -= thread.entryText.length;
    this.cloning.delete(thread);
    this.map.delete(thread.tid);
  }

  private evict(): void {
    for (const thread of this.map.values()) if (thread.ended) this.dropWithName(thread);
    for (const thread of this.map.values()) {
      if (this.map.size <= THREADS_KEPT / 2) break;
      if (thread.open) this.forgotten++;
      this.dropWithName(thread);
    }
  }

  private dropWithName(thread: Thread): void {
    this.drop(thread);
    this.names.forget(thread.tid);
  }
}

function sameName(a: Thread, b: Thread): boolean {
  return a.name === b.name || (a.name !== null && b.name !== null && a.name.equals(b.name));
}
