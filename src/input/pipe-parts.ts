/** The parts of a pipe that a thread reads, as whoever cuts blocks takes them: full ones, and else bytes as they come. */
import { compile, NoKernelMemory } from '../model/kernel.js';
import { KERNEL, KernelLineMemory, SPARE_FOR_PICKING } from './newlines.js';
import { behind, type Parts } from './part-reader.js';
import { PARTS_AHEAD, type PipeJob, type PipeLayout, type PipeThread } from './pipe-thread.js';
import { type Part, type PartLook, tableBytesOf } from './read-ahead.js';

/** Has the thread begin with the pipe `fd`, whose next byte has that offset; null where the memory is not to be had. */
export function beginParts(
  thread: PipeThread,
  fd: number,
  offset: number,
  partBytes: number,
  reserve: number,
  look: PartLook,
): PipeParts | null {
  const slotBytes = reserve + partBytes;
  const slotsAt = 2 * slotBytes;
  const capacity = slotsAt + PARTS_AHEAD * slotBytes;
  const tables = { count: PARTS_AHEAD, bytes: tableBytesOf(partBytes) };
  try {
    const memory = new KernelLineMemory(capacity, slotBytes, tables, SPARE_FOR_PICKING);
    const { kernel, parameters } = look(memory);
    const layout = { memory: memory.space.memory, partBytes, slotsAt, slotBytes, reserve };
    const job = {
      lines: compile(KERNEL, true),
      kernel: compile(kernel, true),
      parameters,
      tablesAt: memory.partsAt,
      tableBytes: tables.bytes,
    };
    thread.begin(fd, layout, job);
    return new PipeParts(thread, memory, offset, layout, job);
  } catch (error) {
    if (error instanceof NoKernelMemory) return null;
    throw error;
  }
}

export class PipeParts implements Parts {
  readonly isTooDense = false;
  readonly isBroken = false;

  /** @param from offset of part 0. */
  constructor(
    private readonly thread: PipeThread,
    readonly memory: KernelLineMemory,
    private readonly from: number,
    private readonly layout: PipeLayout,
    private readonly job: PipeJob,
  ) {}

  nextNow(from: number, to: number, isCut: boolean): Part | null {
    const { reserve, partBytes, memory } = this.layout;
    const found = to - from > reserve ? null : this.thread.takePart();
    if (!found) return null;
    const { part: number, at, status } = found;
    const { tablesAt, tableBytes } = this.job;
    const tableAt = tablesAt + (number % PARTS_AHEAD) * tableBytes;
    const part = {
      at,
      reserve,
      stored: partBytes,
      offset: this.from + number * partBytes,
      count: partBytes,
      sparse: false,
      table: status === 0 ? null : new Uint32Array(memory.buffer, tableAt, tableBytes / 4),
    };
    return behind(part, this.memory.bytes.subarray(from, to), isCut);
  }

  get partBytes(): number {
    return this.layout.partBytes;
  }

  async next(): Promise<null> {
    return null;
  }

  /** Not asked for: all parts are whole. */
  readAgain(): boolean {
    return false;
  }

  giveBack(): void {}

  isInStep(): boolean {
    return true;
  }

  release(): void {
    this.thread.release();
  }

  /** What has come is in its memory: the thread goes on. */
  async close(): Promise<void> {
    this.thread.readPlainly();
  }
}
