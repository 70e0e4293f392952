/**
 * Process names through time. strace prints none on its lines (but with -Y); they follow from execve, prctl and
 * clone. Each name is kept with the place from where on it holds, so that a stretch decoded once more later on
 * shows the names of its own time.
 */

/** Names kept over all threads; past it only each thread's newest stays. */
const NAMES_KEPT = 1 << 18;
/** Names kept of one thread. */
const NAMES_OF_THREAD = 4096;
/** The kernel keeps 15 bytes of a name. */
const COMM_BYTES = 15;

interface NameSpan {
  /** Byte offset of the line that told; plus a half where the name holds from the call's exit on. */
  readonly from: number;
  /** null: the thread ended. */
  readonly name: Buffer | null;
  readonly older: NameSpan | null;
  /** How many names are kept of the thread up to this one. */
  readonly depth: number;
}

export class NameHistory {
  private readonly spans = new Map<number, NameSpan>();
  private kept = 0;

  /** From `from` on, thread `tid` is called `name`. */
  add(tid: number, from: number, name: Buffer | null): void {
    let older = this.spans.get(tid) ?? null;
    let depth = older === null ? 1 : older.depth + 1;
    if (depth > NAMES_OF_THREAD) {
      this.kept -= depth - 1;
      older = null;
      depth = 1;
    }
    this.spans.set(tid, { from, name, older, depth });
    if (++this.kept > NAMES_KEPT) this.thin();
  }

  at(tid: number, position: number): Buffer | null {
    let span = this.spans.get(tid) ?? null;
    while (span !== null && span.from > position) span = span.older;
    return span === null ? null : span.name;
  }

  /** Whether the thread has a name at any place. */
  knows(tid: number): boolean {
    return this.spans.has(tid);
  }

  newest(tid: number): Buffer | null {
    let span = this.spans.get(tid) ?? null;
    while (span !== null && span.name === null) span = span.older;
    return span === null ? null : span.name;
  }

  forget(tid: number): void {
    this.kept -= this.spans.get(tid)?.depth ?? 0;
    this.spans.delete(tid);
  }

  private thin(): void {
    for (const [tid, span] of this.spans) this.spans.set(tid, { ...span, older: null, depth: 1 });
    this.kept = this.spans.size;
    // Still full: the oldest threads go.
    for (const tid of this.spans.keys()) {
      if (this.kept <= NAMES_KEPT / 2) break;
      this.forget(tid);
    }
  }
}

/** A name as the kernel cuts it. */
export function cutName(name: Buffer): Buffer {
  return Buffer.from(name.subarray(0, COMM_BYTES));
}

/** The name that a successful execve gives: the last part of its path. */
export function execName(path: Buffer): Buffer {
  return cutName(path.subarray(path.lastIndexOf(0x2f) + 1));
}
