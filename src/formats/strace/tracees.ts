/**
 * On standard error strace prints `[pid N]` only while it traces more than one thread; a line without it belongs
 * to the last one left. This keeps who is alive, and from which line on who the last one was, so that a stretch
 * decoded once more later on gives the same answer.
 */
import { ABSENT } from '../../model/event.js';

const TRACEES_KEPT = 1 << 18;
const CHANGES_KEPT = 1 << 16;

export class Tracees {
  private readonly alive = new Set<number>();
  /** Threads that an attach message or a clone's result named: not the first one. */
  private readonly children = new Set<number>();
  /** The thread that strace started; its id shows only once it has company. */
  root = ABSENT;
  private rootAlive = true;
  /** A trace line was seen; an attach message ahead of all of them is one of `strace -p`. */
  private sawLine = false;
  private sole: number;
  private readonly offsets: number[] = [];
  private readonly soles: number[] = [];

  /** `fileTid`: the id in the name of a `-ff` part, else ABSENT. */
  constructor(readonly fileTid: number) {
    this.sole = fileTid;
    if (fileTid !== ABSENT) {
      this.root = fileTid;
      this.alive.add(fileTid);
    }
  }

  /** Whose a line without prefix is now. */
  current(): number {
    this.sawLine = true;
    return this.sole;
  }

  /** Whose a line without prefix at `offset` is, told after the fact. */
  at(offset: number): number {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.offsets[mid]! <= offset) low = mid + 1;
      else high = mid;
    }
    return low === 0 ? this.fileTid : this.soles[low - 1]!;
  }

  /** `[pid N]` was printed. `resumesRoot`: it resumes a call that a line without prefix began. */
  seen(tid: number, offset: number, resumesRoot: boolean): void {
    this.sawLine = true;
    if (this.root === ABSENT && this.rootAlive) {
      if (resumesRoot || (this.children.size > 0 && !this.children.has(tid))) this.root = tid;
    }
    if (this.alive.has(tid)) {
      if (resumesRoot) this.settle(offset);
      return;
    }
    this.add(tid, offset);
  }

  /** An attach message or a clone's result names a new thread. */
  attached(tid: number, offset: number): void {
    if (tid === this.root) return;
    if (!this.sawLine) this.rootAlive = false;
    if (this.children.size < TRACEES_KEPT) this.children.add(tid);
    this.add(tid, offset);
  }

  ended(tid: number, offset: number): void {
    if (tid === ABSENT || tid === this.root) this.rootAlive = false;
    this.alive.delete(tid);
    this.children.delete(tid);
    this.settle(offset);
  }

  private add(tid: number, offset: number): void {
    if (this.alive.size < TRACEES_KEPT) this.alive.add(tid);
    this.settle(offset);
  }

  private settle(offset: number): void {
    let sole = ABSENT;
    if (this.rootAlive && (this.alive.size !== 1 || this.root === ABSENT)) sole = this.root;
    else if (this.alive.size === 1) for (const tid of this.alive) sole = tid;
    if (sole === this.sole) return;
    this.sole = sole;
    if (this.offsets.length >= CHANGES_KEPT) {
      this.offsets.splice(0, CHANGES_KEPT / 2);
      this.soles.splice(0, CHANGES_KEPT / 2);
    }
    // The line that told is itself still the former one's.
    this.offsets.push(offset + 0.5);
    this.soles.push(sole);
  }
}
