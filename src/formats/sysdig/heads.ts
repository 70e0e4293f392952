/**
 * The heads of a block's default lines, taken apart by a WebAssembly kernel (heads.wat). Measured on 400 MB, 3.7 M
 * lines: 0.1 s in the decoder, against 0.4 s by line.ts, which still reads every line that differs.
 */
import type { LineBlock } from '../../input/blocks.js';
import { linesOf } from '../../input/newlines.js';
import { ROWS_BYTE } from '../../input/part-table.js';
import type { PartLook } from '../../input/read-ahead.js';
import { instantiate, type KernelSpace } from '../../model/kernel.js';
import type { RowMaker } from './rows.js';

/** heads.wat, compiled: `npm run wasm` prints it anew. */
export const KERNEL =
  'AGFzbQEAAAABJgVgBH9/f38Bf2AGf39/f39/AX9gBH9/f38AYAJ+fgF/YAJ/fwF/Ah0CA2VudgZtZW1vcnkCAAEFbGluZXMFaW5kZXgAAAMFBAECAwQHEAIEcGFydAABBWhlYWRzAAIKqQoEjwEBBH8gAkHAAGohBiAGIANBwABrQQ5uakF4cSEHIAAgASAGIAcQACEIIAhBAUgEQEEADwsgByAIQThsaiACIANqSgRAQQAPCyAGKAIAIQkgAiAJNgIAIAIgBiAIQQJ0akEEaygCADYCBCACIAg2AgggAiAHNgIMIAZBBGogCEEBayAJQQFqIAdBOGoQAkEBC7QIAw1/BH4BfEKw4OiBg8aOmDAhEwNAIAFFBEAPCyAAKAIAIQQgBEEBaiEFIANBADYCLAJAIAQgAmtBHkgNACAEQQFrLQAAQQ1GBEAgBEEBayEECyACIQYgBi0AAEEwayEHIAdBCUsNACAHrSERA0AgBkEBaiEGIAYtAABBMGshByAHQQlNBEAgEUIKfiAHrXwhEQwBCwsgB0FwRw0AIAYgAmtBD0oNACAGQQFqIQggBCAIa0EYSA0AIAgpAwAhEiASIBNSBEAgEkKAgPyHgOA/g0KAgOiBgMAOUg0BIBJCsODAgYOGjJgwhUL//4P4/59AgyEUQgAgFCAUQvbs2bPnzp279gB8hEKAgYKEiJCgwIB/g1INASAUQgAQA0EXSw0BIBRCGBADQTtLDQEgFEIwEANBPEsNAUQAAAAAZc3NQSAUQgAQA0GQHGwgFEIYEANBPGwgFEIwEANqariiIRUgEiETCyAILQAIQS5HDQAgCCkDCUKw4MCBg4aMmDCFIRRCACAUIBRC9uzZs+fOnbv2AHyEQoCBgoSIkKDAgH+DUg0AIBRCgRR+QgiIQv+B/Ifwn8D/AIMhFCAUQoGAkAN+QhCIQv//g4Dw/z+DIRQgFEKBgICAgOIJfkIgiCEUIAgtABFBMGshByAHQQlLDQAgCC0AEkEgRw0AIAMgFSAUQgp+IAetfLqgOQMAIAhBE2ohBiAGLQAAQTBrIQsgC0EJSw0AIAZBAWohBiAGLQAAQTBrIQcgB0EJTQRAIAtBCmwgB2ohCyAGQQFqIQYgBi0AAEEwayEHIAdBCU0EQCALQQpsIAdqIQsgBkEBaiEGIAYtAABBMGshBwsLIAdBcEcNACAGQQFqIQYgBkEoEAQhCiAKIARODQAgCiEPIAogBkoEQCAKQQFrIQ8gDy0AAEEgRw0BCyAKQQFqIQkgCS0AAEEwayEMIAxBCUsNAANAIAlBAWohCSAJLQAAQTBrIQcgB0EJTQRAIAxBCmwgB2ohDAwBCwsgCSAKa0EKSg0AIAkoAgAhB0EBIRAgB0GpwPiBAkcEQCAHQanA8IECRw0BQQIhEAsgCUEEaiEJIAkgBE4NACAJQSAQBCENIA0gBEoEQCAEIAlrQSBODQEgBCENCyANIAlGDQAgBEEBay0AACEHIAdBPUYNACAEIQ4DQCAOIA1KBEAgDkEBay0AAEEgRgRAIA5BAWshDgwCCwsLIA0gDkggDS0AAUEoRnENACADIAY2AhggDyAGRiAMRXEEQCADQX82AhgLIA8gBmtBBEYgBigCAEG8nIXyA0ZxBEAgA0F/NgIYCyADIBG6OQMIIAMgCzYCECADIAw2AhQgAyAPNgIcIAMgCTYCICADIA02AiQgAyAONgIoIAMgEDYCLCADIAg2AjALIAUhAiADQThqIQMgAEEEaiEAIAFBAWshAQwACwsbACAAIAGIp0EPcUEKbCAAIAFCCHyIp0EPcWoLRAEBfyAA/QAEACAB/Q/9I/1kIQIgAkUEQCAAQRBqIQAgAP0ABAAgAf0P/SP9ZCECCyACRQRAQf////8HDwsgACACaGoL';

const ROW_BYTES = 56;
/** Lines of a batch: their rows stay in a core's own cache. */
const ROWS = 1024;
export const ROW_F64 = ROW_BYTES / 8;
export const ROW_I32 = ROW_BYTES / 4;
/** Where in a row the doubles stand: nanoseconds of the day, event number. */
export const DAY_NS_AT = 0;
export const NUM_AT = 1;
/** Where in a row the integers stand. DIR_AT: 0 for a line that the kernel leaves to line.ts. */
export const CPU_AT = 4;
export const TID_AT = 5;
export const NAME_AT = 6;
export const NAME_END_AT = 7;
export const TYPE_AT = 8;
export const TYPE_END_AT = 9;
export const ARGS_END_AT = 10;
export const DIR_AT = 11;
export const TIME_AT = 12;
/** Length of a time of day. */
export const TIME_LENGTH = 18;

/** Rows of the parts of a file that is read ahead. */
export const lookAtHeads: PartLook = () => ({ kernel: KERNEL, parameters: [] });

interface Kernel {
  heads(ends: number, count: number, start: number, out: number): void;
}

/** Before there is a memory: every gap makes decoders that never have one. */
const NO_F64 = new Float64Array(0);
const NO_I32 = new Int32Array(0);

/** Rows of a block's lines, a batch at a time: row r begins at `f64[r * ROW_F64]` and at `i32[r * ROW_I32]`. */
export class Heads {
  f64 = NO_F64;
  i32 = NO_I32;
  /** Lines [first, last) of the block have rows. */
  first = 0;
  last = 0;
  private space: KernelSpace | null = null;
  private kernel: Kernel | null = null;
  private rowsAt = -1;

  /** Takes note that another block came; false when no kernel can work on it. */
  enter(block: LineBlock): boolean {
    this.first = this.last = 0;
    if (block.space === null || block.picks) return false;
    if (block.space !== this.space) this.move(block.space);
    if (block.part) this.takePart(block, block.part[ROWS_BYTE]!);
    else if (this.rowsAt !== block.space.spareAt) this.moveRows(block.space.spareAt, ROWS);
    return true;
  }

  private move(space: KernelSpace): void {
    this.space = space;
    this.kernel = instantiate(KERNEL, space, linesOf(space)) as Kernel;
    this.rowsAt = -1;
  }

  private moveRows(at: number, count: number): void {
    const { buffer } = this.space!.memory;
    this.rowsAt = at;
    this.f64 = new Float64Array(buffer, at, count * ROW_F64);
    this.i32 = new Int32Array(buffer, at, count * ROW_I32);
  }

  /** The rows are there, but for that of the first line. */
  private takePart(block: LineBlock, rowsAt: number): void {
    this.moveRows(rowsAt, block.count);
    this.kernel!.heads(block.ends.byteOffset, 1, block.start, rowsAt);
    this.last = block.count;
  }

  /**
   * Makes the event rows of the lines from `line` on that have heads, up to the first that is not ordinary; the
   * number made.
   */
  rows(maker: RowMaker, line: number, latestNs: number, dayNs: number): number {
    const { rowsAt, first, last } = this;
    const space = this.space!;
    const headsAt = rowsAt + (line - first) * ROW_BYTES;
    const outAt = space.spareAt + ROWS * ROW_BYTES;
    return maker.make(space, headsAt, Math.min(ROWS, last - line), outAt, latestNs, dayNs);
  }

  /** Makes the rows of the lines from `line` on. */
  fill(block: LineBlock, line: number, start: number): void {
    const count = Math.min(ROWS, block.count - line);
    this.kernel!.heads(block.ends.byteOffset + 4 * line, count, start, this.rowsAt);
    this.first = line;
    this.last = line + count;
  }
}
