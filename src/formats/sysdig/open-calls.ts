/**
 * The call that each thread is in, or was in last: when it was entered and with which descriptor. An exit of
 * older readers names neither:
 *
 *     > read fd=5(<t>) size=8
 *     < read res=8 data=........
 */
import { ABSENT, DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import { metaEvents } from './parameters.js';

/** Threads remembered; past it the ones that came first are forgotten. */
export const MAX_THREADS = 1_000_000;

interface Call {
  typeHash: number;
  enterNs: number;
  /** Arguments of the entry, as latin1 characters of its bytes; empty when nobody asks for descriptors. */
  args: string;
  /** Offset of the exit that belongs to the entry: -1 while the call is open, -2 when another exit came. */
  exitOffset: number;
}

const OPEN = -1;
const LOST = -2;

export class OpenCalls {
  private readonly calls = new Map<number, Call>();
  private readonly metaHashes: ReadonlySet<number> = new Set(
    metaEvents().map((name) => hash(Buffer.from(name), 0, name.length)),
  );

  constructor(
    private readonly keepArgs: boolean,
    private readonly maxThreads = MAX_THREADS,
  ) {}

  observe(e: EventView): void {
    if (e.tid === ABSENT) return;
    if (e.dir === DIR_ENTER) this.enter(e);
    else if (e.dir === DIR_EXIT) this.exit(e);
  }

  /** Time and arguments of the entry that the exit `e`, just observed, belongs to. */
  entryOf(e: EventView): { readonly timeNs: number; readonly args: string } | undefined {
    const call = this.calls.get(e.tid);
    if (call === undefined || call.exitOffset !== e.offset) return undefined;
    return {
      timeNs: call.enterNs,
      args: Buffer.from(call.args, 'latin1').toString('utf8'),
    };
  }

  private enter(e: EventView): void {
    const typeHash = hash(e.text, e.typeStart, e.typeEnd);
    if (this.metaHashes.has(typeHash)) return;
    const args = this.keepArgs ? e.text.toString('latin1', e.argsStart, e.argsEnd) : '';
    const call = this.calls.get(e.tid);
    if (call !== undefined) {
      call.typeHash = typeHash;
      call.enterNs = e.timeNs;
      call.args = args;
      call.exitOffset = OPEN;
      return;
    }
    if (this.calls.size >= this.maxThreads) this.calls.delete(this.calls.keys().next().value!);
    this.calls.set(e.tid, {
      typeHash,
      enterNs: e.timeNs,
      args,
      exitOffset: OPEN,
    });
  }

  private exit(e: EventView): void {
    const call = this.calls.get(e.tid);
    if (call === undefined) return;
    const belongs = call.exitOffset === OPEN && call.typeHash === hash(e.text, e.typeStart, e.typeEnd);
    call.exitOffset = belongs ? e.offset : LOST;
  }
}

/** FNV-1a. */
function hash(bytes: Buffer, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let p = start; p < end; p++) h = Math.imul(h ^ bytes[p]!, 0x01000193);
  return h;
}
