/**
 * Process names through time. strace prints none on its lines (but with -Y); they follow from execve, prctl and
 * clone. Each name is kept with the place from where on it holds, so that a stretch decoded once more later on
 * shows the names of its own time.
 */

/** Names kept over all threads; past it only each thread's newest stays. */
const NAMES_KEPT = 1 << 20;
/** The kernel keeps 15 bytes of a name. */
const COMM_BYTES = 15;

interface NameSpan {
  /** Byte offset of the line that told; plus a half where the name holds from the call's exit on. */
  readonly from: number;
  /** null: the thread ended. */
  readonly name: Buffer | null;
  older: NameSpan | null;
}

export class NameHistory {
  private readonly spans = new Map<number, NameSpan>();
  private kept = 0;

  /** From `from` on, thread `tid` is called `name`. */
  add(tid: number, from: number, name: Buffer | null): void {
    this.spans.set(tid, { from, name, older: this.spans.get(tid) ?? null });
    if (++this.kept > NAMES_KEPT) this.thin();
  }

  at(tid: number, position: number): Buffer | null {
    let span = this.spans.get(tid) ?? null;
    while (span !== null && span.from > position) span = span.older;
    return span === null ? null : span.name;
  }

  newest(tid: number): Buffer | null {
    let span = this.spans.get(tid) ?? null;
    while (span !== null && span.name === null) span = span.older;
    return span === null ? null : span.name;
  }

  forget(tid: number): void {
    this.spans.delete(tid);
  }

  private thin(): void {
    for (const span of this.spans.values()) span.older = null;
    this.kept = this.spans.size;
    // Still full: the oldest threads go.
    for (const tid of this.spans.keys()) {
      if (this.kept <= NAMES_KEPT / 2) break;
      this.spans.delete(tid);
      this.kept--;
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
