/**
 * What earlier events told of threads: their open call, their process, their names. Only what a run asks for
 * is kept, and of a bounded number of threads.
 */
import { sameBytes } from '../../model/bytes.js';
import { ABSENT, type EventView } from '../../model/event.js';
import { type FieldNeeds, NO_NEEDS, type ProcessInfo } from '../../model/event-fields.js';
import { MAX_THREADS, OpenCalls } from './open-calls.js';
import { ProcessTable } from './process-table.js';

const SWITCH_NEXT = /^next=(\d+)\((.*)\) pgft_maj=|^next=(\d+)\((.*)\) ?$/s;

export class ThreadState {
  private needs: FieldNeeds = NO_NEEDS;
  private calls: OpenCalls | undefined;
  private processes: ProcessTable | undefined;
  private names = new Map<number, Buffer>();
  /** What is known belongs to another: events that passed long ago must not change it. */
  private isFork = false;

  /** What to remember from now on; what is known and still asked for stays. */
  track(needs: FieldNeeds): void {
    this.needs = needs;
    this.calls = needs.fd || needs.latency ? new OpenCalls(needs.fd) : undefined;
    this.processes = needs.process ? (this.processes ?? new ProcessTable()) : undefined;
  }

  get observing(): boolean {
    const { fd, latency, process, threadNames } = this.needs;
    return fd || latency || process || threadNames;
  }

  /** The same processes and names, shared with the original, and calls of its own. */
  fork(): ThreadState {
    const copy = new ThreadState();
    copy.needs = this.needs;
    copy.calls = this.calls && new OpenCalls(this.needs.fd);
    copy.processes = this.processes;
    copy.names = this.names;
    copy.isFork = true;
    return copy;
  }

  observe(e: EventView): void {
    this.calls?.observe(e);
    if (this.isFork) return;
    this.processes?.observe(e);
    if (this.needs.threadNames) this.observeNames(e);
  }

  entryOf(e: EventView): ReturnType<OpenCalls['entryOf']> {
    return this.calls?.entryOf(e);
  }

  process(tid: number): ProcessInfo | undefined {
    return this.processes?.get(tid);
  }

  name(tid: number): string | undefined {
    return this.names.get(tid)?.toString('utf8');
  }

  private observeNames(e: EventView): void {
    if (e.nameStart >= 0 && e.tid !== ABSENT) {
      const seen = this.names.get(e.tid);
      if (seen === undefined || !sameBytes(seen, e.name, e.nameStart, e.nameEnd)) {
        this.keepName(e.tid, Buffer.from(e.name.subarray(e.nameStart, e.nameEnd)));
      }
    }
    if (e.typeEnd - e.typeStart === 6 && e.text[e.typeStart + 1] === 0x77 && e.type() === 'switch') {
      const next = SWITCH_NEXT.exec(e.args());
      if (next === null) return;
      const tid = Number(next[1] ?? next[3]);
      const name = next[2] ?? next[4] ?? '';
      if (name !== '<NA>' && this.name(tid) !== name) this.keepName(tid, Buffer.from(name));
    }
  }

  private keepName(tid: number, name: Buffer): void {
    if (this.names.size >= MAX_THREADS && !this.names.has(tid)) {
      this.names.delete(this.names.keys().next().value!);
    }
    this.names.set(tid, name);
  }
}
