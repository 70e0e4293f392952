/**
 * The heads of a block's default lines, taken apart by a WebAssembly kernel (heads.wat). Measured on 400 MB, 3.7 M
 * lines: 0.1 s in the decoder, against 0.4 s by line.ts, which still reads every line that differs.
 */
import type { LineBlock } from '../../input/blocks.js';
import { instantiate, type KernelSpace } from '../../input/newlines.js';

/** heads.wat, compiled: `npm run wasm` prints it anew. */
export const KERNEL =
  'AGFzbQEAAAABFANgBH9/f38AYAJ+fgF/YAJ/fwF/Ag8BA2VudgZtZW1vcnkCAAEDBAMAAQIHCQEFaGVhZHMAAAqYCQO0CAMNfwR+AXxCsODogYPGjpgwIRMDQCABRQRADwsgACgCACEEIARBAWohBSADQQA2AiwCQCAEIAJrQR5IDQAgBEEBay0AAEENRgRAIARBAWshBAsgAiEGIAYtAABBMGshByAHQQlLDQAgB60hEQNAIAZBAWohBiAGLQAAQTBrIQcgB0EJTQRAIBFCCn4gB618IREMAQsLIAdBcEcNACAGIAJrQQ9KDQAgBkEBaiEIIAQgCGtBGEgNACAIKQMAIRIgEiATUgRAIBJCgID8h4DgP4NCgIDogYDADlINASASQrDgwIGDhoyYMIVC//+D+P+fQIMhFEIAIBQgFEL27Nmz586du/YAfIRCgIGChIiQoMCAf4NSDQEgFEIAEAFBF0sNASAUQhgQAUE7Sw0BIBRCMBABQTxLDQFEAAAAAGXNzUEgFEIAEAFBkBxsIBRCGBABQTxsIBRCMBABamq4oiEVIBIhEwsgCC0ACEEuRw0AIAgpAwlCsODAgYOGjJgwhSEUQgAgFCAUQvbs2bPnzp279gB8hEKAgYKEiJCgwIB/g1INACAUQoEUfkIIiEL/gfyH8J/A/wCDIRQgFEKBgJADfkIQiEL//4OA8P8/gyEUIBRCgYCAgIDiCX5CIIghFCAILQARQTBrIQcgB0EJSw0AIAgtABJBIEcNACADIBUgFEIKfiAHrXy6oDkDACAIQRNqIQYgBi0AAEEwayELIAtBCUsNACAGQQFqIQYgBi0AAEEwayEHIAdBCU0EQCALQQpsIAdqIQsgBkEBaiEGIAYtAABBMGshByAHQQlNBEAgC0EKbCAHaiELIAZBAWohBiAGLQAAQTBrIQcLCyAHQXBHDQAgBkEBaiEGIAZBKBACIQogCiAETg0AIAohDyAKIAZKBEAgCkEBayEPIA8tAABBIEcNAQsgCkEBaiEJIAktAABBMGshDCAMQQlLDQADQCAJQQFqIQkgCS0AAEEwayEHIAdBCU0EQCAMQQpsIAdqIQwMAQsLIAkgCmtBCkoNACAJKAIAIQdBASEQIAdBqcD4gQJHBEAgB0GpwPCBAkcNAUECIRALIAlBBGohCSAJIARODQAgCUEgEAIhDSANIARKBEAgBCAJa0EgTg0BIAQhDQsgDSAJRg0AIARBAWstAAAhByAHQT1GDQAgBCEOA0AgDiANSgRAIA5BAWstAABBIEYEQCAOQQFrIQ4MAgsLCyANIA5IIA0tAAFBKEZxDQAgAyAGNgIYIA8gBkYgDEVxBEAgA0F/NgIYCyAPIAZrQQRGIAYoAgBBvJyF8gNGcQRAIANBfzYCGAsgAyARujkDCCADIAs2AhAgAyAMNgIUIAMgDzYCHCADIAk2AiAgAyANNgIkIAMgDjYCKCADIBA2AiwgAyAINgIwCyAFIQIgA0E4aiEDIABBBGohACABQQFrIQEMAAsLGwAgACABiKdBD3FBCmwgACABQgh8iKdBD3FqC0QBAX8gAP0ABAAgAf0P/SP9ZCECIAJFBEAgAEEQaiEAIAD9AAQAIAH9D/0j/WQhAgsgAkUEQEH/////Bw8LIAAgAmhqCw==';

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

interface Kernel {
  heads(ends: number, count: number, start: number, out: number): void;
}

/** Rows of a block's lines, a batch at a time: row r begins at `f64[r * ROW_F64]` and at `i32[r * ROW_I32]`. */
export class Heads {
  f64 = new Float64Array(0);
  i32 = new Int32Array(0);
  /** Lines [first, last) of the block have rows. */
  first = 0;
  last = 0;
  private space: KernelSpace | null = null;
  private kernel: Kernel | null = null;

  /** Takes note that another block came; false when no kernel can work on it. */
  enter(block: LineBlock): boolean {
    this.first = this.last = 0;
    if (block.space === null || block.picks) return false;
    if (block.space !== this.space) this.move(block.space);
    return true;
  }

  private move(space: KernelSpace): void {
    const { memory, spareAt } = space;
    this.space = space;
    this.kernel = instantiate(KERNEL, space) as Kernel;
    this.f64 = new Float64Array(memory.buffer, spareAt, ROWS * ROW_F64);
    this.i32 = new Int32Array(memory.buffer, spareAt, ROWS * ROW_I32);
  }

  /** Makes the rows of the lines from `line` on. */
  fill(block: LineBlock, line: number, start: number): void {
    const count = Math.min(ROWS, block.count - line);
    this.kernel!.heads(block.ends.byteOffset + 4 * line, count, start, this.space!.spareAt);
    this.first = line;
    this.last = line + count;
  }
}
