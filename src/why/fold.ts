/**
 * Ordinary events go into the facts by a WebAssembly kernel (fold.wat): a stretch is over before code like
 * ActivityView.see has become fast. Measured with their decoding: two gaps of 165,000 events each 0.04 s, against 0.2 s
 * one by one; one of 1.9 M events 0.24 s, against 0.47 s.
 * The figures of threads and CPUs are lent to the kernel's memory; what it leaves goes the long way, for which the
 * figures in question are taken back and lent again.
 */
import type { EventView } from '../model/event.js';
import { type EventRows, ROW_BYTES, TYPE_CODES } from '../model/event-rows.js';
import { allocateMemory, instantiate, NoKernelMemory } from '../model/kernel.js';
import type { ClockCheck } from './clock-check.js';
import type { Cpu, Cpus } from './cpus.js';
import {
  CPU_BYTES,
  CPU_I32,
  CPU_KNOWN,
  CPU_ROWS,
  CPU_UNTOLD,
  CPUS_AT,
  type Figures,
  INDEX_AT,
  INDEX_BYTES,
  INDEX_I32,
  INDEX_SLOTS,
  INTERVALS_AT,
  INTERVALS_BYTES,
  LINK_I32,
  MOST_PROBES,
  OWN_CALL_I32,
  ROWS_AT,
  STATE_F64,
  STATE_I32,
  THREAD_BYTES,
  THREAD_F64,
  THREAD_I32,
  THREADS_AT,
  TYPES_AT,
  WITH_INTERVALS,
} from './fold-layout.js';
import type { Span } from './span.js';
import { MOST_THREADS, type ThreadFigures, type Threads } from './threads.js';

/** fold.wat, compiled: `npm run wasm` prints it anew. */
export const KERNEL =
  'AGFzbQEAAAABPwpgAn9/AX9gA398fwF/YAR8fH98AGADf3x/AGABfwBgAX8Bf2AEfHx8fAF8YAN/fHwAYAV/f398fABgAXwBfwIPAQNlbnYGbWVtb3J5AgABAw4NAAECAwQFBQAGBwUICQcIAQRmb2xkAAAK+xEN6AYFAX8CfAp/AXwCf0GMAUEANgIAAkADQCAAIAFODQFBgCAgAEEGdGohAiACKwMAQQArAwCgIQMgA0EIKwMAZiADQRArAwBlcQRAIAIrAwghBCACKAIUIQUgAigCGCEHIAdBBU4EQCACIAMgBxABRQ0DIAVB+AAoAgBGBEBBjAEoAgAhESARQQZ0IAA2ArwgQYwBIBFBAWo2AgALIABBAWohAAwCCyAFQfgAKAIARg0CIAIoAhAhBiAGQfwAKAIARg0CIAZBgAJPDQIgAigCHCEIIAUQBSEJIAlFBEBBqAEoAgBFDQMgAhAGIQkLQYCg5AAgBkGA6QBsaiEGIAYoAgAhCiAGKAIEIQwgBisDCCEPIANBGCsDAGYhC0EAIQ1BACEOIApBAkYNAiAHQQFGBEAgCC0AgAhFDQMgAikDKEIAUiAJKQMQUHENAyAKBEAgDCAFRyEOCwUgCEH4ACgCAEYNAyAKRQ0DIAIpAyhCAFIEQCACKQMgIAkpAwhSDQQgAikDKCAJKQMQUg0ECyACKQM4QgBSBEAgCBAFIRAgEARAIBApAxBQDQUFQagBKAIARQ0FQawBQQE2AgALCyAMIAVGIQ0gDUUhDgsgDSAFQQBHcQRAIAkoAnxFDQMLIA4EQEGAASgCAARAIAwQBSEQIBAEQCAQKAJ4BEBBAiEOCwVBhAEoAgANBQsLIA5BAUYEQCALIAYoAixBIEhxDQQgDBAFIRAgEEVBhAEoAgBxDQQgEEVBqAEoAgBxBEAgBkHA6ABqEAQFIAIoAhAgDBAHIRAgEEUNBSAQQQhqEAQLCwsgAyAEIAtEAAAAAAAA8D8QAiAJIAMgCxADIAkgAigCEDYCBCAHQQFGBEAgCUHEAGoQBAUgCUE4ahAEIAdBA0YEQCAJQTxqEAQLIAdBBEYEQCAJQcAAahAECwsgCgRAIA0EQCAGQShqEAQgAyAPoSAGKwMwZARAIAYgAyAPoTkDMAsgBQRAIAkgDyADEAkLIAYgCRAKIAUgDyADEAsLIA4EQCAGQQNBfyAPIAMQCwsgB0EBRgRAIA4EQCAGIAU2AgQgBiADOQMICwUgBkEgahAEIAtFBEAgBkEkahAECyAGIAg2AgQgBiADOQMICyAGIAM5AxAgBiAEOQMYCwsgAEEBaiEADAALCyAAC/IBAwJ/AXwBfyAAKAIUEAUhAyADRQRAQQAPCyAAKAIcLQCACEUEQEEADwsgACkDKEIAUiADKQMQUHEEQEEADwsgAkEGRiEGIAMrA4ABIQUgBkUgAUGYASsDAKFBkAErAwBmcQRAQQAPCyACQQdGIAEgBaEgACsDMKFBkAErAwBmcQRAQQAPCyADIAFEAAAAAAAA+H8gAkEFRhs5A4ABIAZFBEBBmAEgATkDAEGgASAAKwMIOQMACyABQRgrAwBmIQQgASAAKwMIIAREAAAAAAAAAABEAAAAAAAA8D8gBhsQAiADIAEgBBADIANBxABqEARBAQvDAQEBfEE4KwMAIQQgAgRAIARBGCsDAKUhBCAAIAShQdgAKwMAQdAAKwMAoWQEQEHQACAEOQMAQdgAIAA5AwBBwAArAwBEAAAAAAAAAABjBEBB4AAgATkDAEHoAEQAAAAAAADwvzkDAAVB4ABBwAArAwA5AwBB6AAgATkDAAsLQfAAQfAAKwMAIAOgOQMABSAAIAShQcgAKwMAZARAQcgAIAAgBKE5AwALCyAAQTgrAwBmBEBBOCAAOQMAQcAAIAE5AwALC40BAQJ8IAArA1ghAyACBEAgACAAKwMgRAAAAAAAAPA/oDkDICADQRgrAwClIQQgASAEoSAAKwNwIAArA2ihZUUEQCAAIAQ5A2ggACABOQNwCwUgACAAKwMYRAAAAAAAAPA/oDkDGCABIAOhIAArA2BkBEAgACABIAOhOQNgCwsgASADZARAIAAgATkDWAsLDwAgACAAKAIAQQFqNgIAC1YBA38gACEBA0AgAUH//wNxIQEgAUEDdCgCgKAEIQIgAiAAQQFqRgRAIAFBA3QoAoSgBA8LIAJFBEBBAA8LIAFBAWohASADQQFqIQMgA0EgSQ0AC0EAC1sAQawBQQE2AgBBgARBAEGIAfwLAEGABCAAKAIUNgIAQYgEIAApAyA3AwBBkAQgACkDKDcDAEHQBEQAAAAAAAD4fzkDAEHYBEEoKwMAOQMAQfwEQQE2AgBBgAQLhwECA38CfiABrSAAQQFqrUIghoQhBSABIABBgyBsaiECA0BBgKAkIAJB//8DcUEEdGohAyADKQMAIQYgBlAEQCADIAU3AwAgA0EANgIIIANBiAEoAgA2AgxBiAEgAzYCACADDwsgBiAFUQRAIAMPCyACQQFqIQIgBEEBaiEEIARBIEkNAAtBAAsXAEQAAAAAAAAAACABIAOkIAAgAqWhpQuYAQIBfAF/IAAgACsDKCABIAJBKCsDAEEYKwMAEAigOQMoIAEgAkEYKwMAQSArAwAQCCEDIANEAAAAAAAAAABlBEAPCyAAIAArAzAgA6A5AzAgAEHIAGoQBCAAKAJMIQQgBEHAAEggASAAKwNQZnEEQCAAKAJ8IARBA3RqIAEgACsDUKE5AwAgACAEQQFqNgJMCyAAIAE5A1ALNgAgACgCAEUEQEEADwsgACgCQCAAKAJEckUEQCAAKAI8BEBBAQ8LIAApAxBQBEBBAw8LC0ECC/MBBAJ8An8CfAF/QTArAwAhBUEYKwMAIQYgAyAGpSEDIARBICsDAKQhBCAEIANlBEAPCyAAKAI4IQcgByEIIAYgB7cgBaKgIQogAyAKZiAEIAYgB0EBarcgBaKgZXFFBEAgAxAMIQcgBBAMIQggACAINgI4CwNAIAcgCEwEQCAGIAe3IAWioCEKIAMgBCAKIAYgB0EBarcgBaKgEAghCSAAIAFBC3QgB0EDdGpqIQsgCyALKwPAGCAJoDkDwBggACAHQQN0aiELIAkgCysDwAhkBEAgCyAJOQPACCAAIAdBAnRqIAI2AkALIAdBAWohBwwBCwsLHQBEAAAAAADgb0AgAEEYKwMAoUEwKwMAo5yk/AIL';

/** A row for each thread that figures are kept of: the subject's are, however many there are. */
const TOTAL_BYTES = THREADS_AT + (MOST_THREADS + 1) * THREAD_BYTES;
const LARGEST_ID = 0x7fff_fffe;

/** Memories are kept for the next stretch; of stretches under way at once so many have one. */
const MOST_MEMORIES = 4;

interface Kernel {
  fold(at: number, count: number): number;
}

class FoldMemory implements Figures {
  private readonly memory = allocateMemory(TOTAL_BYTES, false);
  readonly u8 = new Uint8Array(this.memory.buffer);
  readonly i32 = new Int32Array(this.memory.buffer);
  readonly f64 = new Float64Array(this.memory.buffer);
  readonly kernel = instantiate(KERNEL, { memory: this.memory, shared: false }) as Kernel;
}

const free: FoldMemory[] = [];
let taken = 0;
/** The system gave none: it is not asked again. */
let refused = false;

/** What the kernel goes on from, besides threads and CPUs; a silence without length is none. */
export interface Listening {
  lastNs: number;
  lastNum: number;
  silenceBeforeNs: number;
  records: number;
  silenceFromNs: number;
  silenceToNs: number;
  silenceNums: readonly number[];
}

/** The facts whose figures are lent. */
export interface Lender {
  readonly span: Span;
  readonly threads: Threads;
  readonly cpus: Cpus;
  readonly listening: Listening;
  readonly types: { slots: Uint8Array };
  readonly clock: ClockCheck | null;
}

/** null where no more are to be had. */
function newMemory(): FoldMemory | null {
  if (refused || taken >= MOST_MEMORIES) return null;
  try {
    return new FoldMemory();
  } catch (error) {
    if (!(error instanceof NoKernelMemory)) throw error;
    refused = true;
    return null;
  }
}

export class Fold {
  private readonly threads: ThreadFigures[] = [];
  /** Their places in the index, as `slotFor` gives them. */
  private readonly slots: number[] = [];
  private readonly cpus: Cpu[] = [];
  private rows: EventRows | null = null;
  private withIntervals = 0;

  private constructor(
    private readonly memory: FoldMemory,
    private readonly lender: Lender,
  ) {
    const { f64, i32, u8 } = memory;
    const { span, types } = lender;
    f64[STATE_F64.startNs] = span.startNs;
    f64[STATE_F64.endNs] = span.endNs;
    f64[STATE_F64.baselineNs] = span.baselineNs;
    f64[STATE_F64.partNs] = lender.cpus.partNs;
    i32[STATE_I32.someEnded] = i32[STATE_I32.someWithoutRow] = i32[STATE_I32.newestLink] = 0;
    i32[STATE_I32.someLeftOut] = 0;
    f64[STATE_F64.clockStepNs] = lender.clock?.leastNs ?? Number.POSITIVE_INFINITY;
    const slots = u8.subarray(TYPES_AT, TYPES_AT + TYPE_CODES);
    slots.set(types.slots);
    types.slots = slots;
    for (const thread of lender.threads.all.values()) this.lendThread(thread);
    for (const cpu of lender.cpus.all()) this.lendCpu(cpu);
    this.lendListening();
    this.lendIsFull();
  }

  /** Takes over the figures; null where no memory is to be had. */
  static of(lender: Lender): Fold | null {
    const memory = free.pop() ?? newMemory();
    if (!memory) return null;
    taken++;
    return new Fold(memory, lender);
  }

  /**
   * Takes rows from `at` on, those within [fromNs, toNs]; the first one that is left, or their number. `subjectTid`,
   * -1 for none, and what shows on `subjectCpu`, -1 for none, are left. Of strace's rows, that are of no CPU, those
   * of the subject are taken, too: `ownCalls` has their places.
   */
  run(
    rows: EventRows,
    at: number,
    fromNs: number,
    toNs: number,
    subjectTid: number,
    subjectCpu: number,
  ): number {
    const { f64, i32, u8, kernel } = this.memory;
    if (rows !== this.rows) u8.set(rows.bytes.subarray(0, rows.count * ROW_BYTES), ROWS_AT);
    this.rows = rows;
    f64[STATE_F64.shiftNs] = rows.shiftNs;
    f64[STATE_F64.fromNs] = fromNs;
    f64[STATE_F64.toNs] = toNs;
    i32[STATE_I32.subjectTid] = subjectTid <= LARGEST_ID ? subjectTid : -1;
    i32[STATE_I32.subjectCpu] = subjectCpu;
    return kernel.fold(at, rows.count);
  }

  /** How many calls of the subject the newest run took, and where the n-th one stands. */
  get ownCalls(): number {
    return this.memory.i32[STATE_I32.ownCalls]!;
  }

  ownCallAt(n: number): number {
    return this.memory.i32[((ROWS_AT + n * ROW_BYTES) >> 2) + OWN_CALL_I32]!;
  }

  /** Takes back what an event may change that goes the long way. */
  before(e: EventView): void {
    const { memory, lender } = this;
    const thread = lender.threads.all.get(e.tid);
    if (thread && thread.lentAt > 0) this.takeThread(thread);
    const cpu = lender.cpus.find(e.cpu);
    if (cpu && cpu.lentAt > 0) cpu.takeBack(memory, cpu.lentAt);
    this.takeListening();
  }

  /** Lends it again. `next`: the thread of a switch that takes the CPU; -1 without. */
  after(e: EventView, next: number): void {
    const { memory, lender } = this;
    const thread = lender.threads.all.get(e.tid);
    if (thread) this.lendThread(thread);
    const other = next < 0 || next === e.tid ? undefined : lender.threads.all.get(next);
    if (other && other.lentAt > 0) other.lendName(memory, other.lentAt);
    else if (other) this.lendThread(other);
    const cpu = lender.cpus.find(e.cpu);
    if (cpu) this.lendCpu(cpu);
    this.lendListening();
    this.lendIsFull();
  }

  /** Takes everything back; the end of this object. */
  release(): void {
    const { memory, lender } = this;
    const { u8, i32 } = memory;
    for (const thread of this.threads) {
      this.takeThread(thread);
      thread.lentAt = 0;
    }
    for (const cpu of this.cpus) {
      cpu.takeBack(memory, cpu.lentAt);
      cpu.brokenAtStrangers += i32[(cpu.lentAt >> 2) + CPU_I32.brokenAtStrangers]!;
      cpu.keepParts();
      u8.fill(0, cpu.lentAt, cpu.lentAt + CPU_BYTES);
      cpu.lentAt = 0;
    }
    for (const slot of this.slots) i32[slot + INDEX_I32.tag] = 0;
    const links: number[] = [];
    for (let at = i32[STATE_I32.newestLink]!; at !== 0; at = i32[(at >> 2) + LINK_I32.before]!)
      links.push(at >> 2);
    // Of very many those count by their threads that came first.
    for (const link of links.reverse()) {
      const cpu = lender.cpus.find(i32[link + LINK_I32.cpu]! - 1)!;
      cpu.breaksAt(i32[link + LINK_I32.tid]!, i32[link + LINK_I32.count]!);
      i32[link + LINK_I32.tid] = i32[link + LINK_I32.cpu] = 0;
    }
    this.takeListening();
    if (i32[STATE_I32.someLeftOut] === 1) lender.threads.crowded = true;
    lender.types.slots = lender.types.slots.slice();
    free.push(memory);
    taken--;
  }

  private lendThread(thread: ThreadFigures): void {
    const { memory } = this;
    const { i32 } = memory;
    if (thread.ended) i32[STATE_I32.someEnded] = 1;
    if (thread.lentAt === 0) {
      const slot = this.slotFor(thread.tid);
      if (slot < 0) {
        i32[STATE_I32.someWithoutRow] = 1;
        return;
      }
      const at = THREADS_AT + this.threads.length * THREAD_BYTES;
      i32[slot + INDEX_I32.tag] = thread.tid + 1;
      i32[slot + INDEX_I32.rowAt] = at;
      this.threads.push(thread);
      this.slots.push(slot);
      thread.lentAt = at;
      i32[(at >> 2) + THREAD_I32.intervals] = 0;
      i32[(at >> 2) + THREAD_I32.intervalsAt] =
        this.withIntervals < WITH_INTERVALS ? INTERVALS_AT + this.withIntervals++ * INTERVALS_BYTES : 0;
    }
    thread.lend(memory, thread.lentAt);
    thread.lendName(memory, thread.lentAt);
    const { clock } = this.lender;
    if (clock) memory.f64[(thread.lentAt >> 3) + THREAD_F64.entryNs] = clock.entryOf(thread.tid);
  }

  private takeThread(thread: ThreadFigures): void {
    const { memory } = this;
    thread.takeBack(memory, thread.lentAt);
    this.lender.clock?.setEntry(thread.tid, memory.f64[(thread.lentAt >> 3) + THREAD_F64.entryNs]!);
  }

  /** Where the index has room for the thread, as a place among the integers; -1 where it has none. */
  private slotFor(tid: number): number {
    if (tid < 0 || tid > LARGEST_ID) return -1;
    for (let i = 0; i < MOST_PROBES; i++) {
      const slot = (INDEX_AT + ((tid + i) & (INDEX_SLOTS - 1)) * INDEX_BYTES) >> 2;
      if (this.memory.i32[slot + INDEX_I32.tag] === 0) return slot;
    }
    return -1;
  }

  private lendCpu(cpu: Cpu): void {
    if (cpu.cpu >= CPU_ROWS) return;
    if (cpu.lentAt === 0) {
      cpu.lentAt = CPUS_AT + cpu.cpu * CPU_BYTES;
      cpu.lendParts(this.memory, cpu.lentAt);
      this.cpus.push(cpu);
    }
    cpu.lend(this.memory, cpu.lentAt);
    const isTold = cpu.current >= 0 && cpu.current <= LARGEST_ID;
    this.memory.i32[(cpu.lentAt >> 2) + CPU_I32.state] = isTold ? CPU_KNOWN : CPU_UNTOLD;
  }

  private lendIsFull(): void {
    const { i32 } = this.memory;
    const haveRows = i32[STATE_I32.someWithoutRow] === 0;
    i32[STATE_I32.isFull] = this.lender.threads.isFull && haveRows ? 1 : 0;
  }

  private lendListening(): void {
    const { f64 } = this.memory;
    const { listening } = this.lender;
    f64[STATE_F64.lastNs] = listening.lastNs;
    f64[STATE_F64.lastNum] = listening.lastNum;
    f64[STATE_F64.silenceBeforeNs] = listening.silenceBeforeNs;
    f64[STATE_F64.silenceFromNs] = listening.silenceFromNs;
    f64[STATE_F64.silenceToNs] = listening.silenceToNs;
    f64[STATE_F64.silenceNum] = listening.silenceNums[0] ?? -1;
    f64[STATE_F64.otherSilenceNum] = listening.silenceNums[1] ?? -1;
    f64[STATE_F64.records] = listening.records;
    const { clock } = this.lender;
    if (!clock) return;
    f64[STATE_F64.lineNs] = clock.lineNs;
    f64[STATE_F64.lineNum] = clock.lineNum;
  }

  private takeListening(): void {
    const { f64 } = this.memory;
    const { listening } = this.lender;
    listening.lastNs = f64[STATE_F64.lastNs]!;
    listening.lastNum = f64[STATE_F64.lastNum]!;
    listening.silenceBeforeNs = f64[STATE_F64.silenceBeforeNs]!;
    listening.records = f64[STATE_F64.records]!;
    const { clock } = this.lender;
    if (clock) {
      clock.lineNs = f64[STATE_F64.lineNs]!;
      clock.lineNum = f64[STATE_F64.lineNum]!;
    }
    if (
      listening.silenceFromNs === f64[STATE_F64.silenceFromNs] &&
      listening.silenceToNs === f64[STATE_F64.silenceToNs]
    )
      return;
    listening.silenceFromNs = f64[STATE_F64.silenceFromNs]!;
    listening.silenceToNs = f64[STATE_F64.silenceToNs]!;
    listening.silenceNums = [f64[STATE_F64.silenceNum]!, f64[STATE_F64.otherSilenceNum]!].filter(
      (num) => num >= 0,
    );
  }
}
