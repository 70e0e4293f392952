/**
 * The heads of a block's default lines, taken apart by a WebAssembly kernel (heads.wat). Measured on 400 MB, 3.7 M
 * lines: 0.1 s in the decoder, against 0.4 s by line.ts, which still reads every line that differs.
 */
import type { LineBlock } from '../../input/blocks.js';
import { instantiate, type KernelSpace } from '../../input/kernel.js';
import { linesOf } from '../../input/newlines.js';
import type { PartLook } from '../../input/read-ahead.js';

/** heads.wat, compiled: `npm run wasm` prints it anew. */
export const KERNEL =
  'AGFzbQEAAAABHARgBH9/f38Bf2AEf39/fwBgAn5+AX9gAn9/AX8CHQIDZW52Bm1lbW9yeQIAAQVsaW5lcwVpbmRleAAAAwUEAAECAwcQAgRwYXJ0AAEFaGVhZHMAAgqpCgSPAQEEfyACQcAAaiEEIAQgA0HAAGtBDm5qQXhxIQUgACABIAQgBRAAIQYgBkEBSARAQQAPCyAFIAZBOGxqIAIgA2pKBEBBAA8LIAQoAgAhByACIAc2AgAgAiAEIAZBAnRqQQRrKAIANgIEIAIgBjYCCCACIAU2AgwgBEEEaiAGQQFrIAdBAWogBUE4ahACQQELtAgDDX8EfgF8QrDg6IGDxo6YMCETA0AgAUUEQA8LIAAoAgAhBCAEQQFqIQUgA0EANgIsAkAgBCACa0EeSA0AIARBAWstAABBDUYEQCAEQQFrIQQLIAIhBiAGLQAAQTBrIQcgB0EJSw0AIAetIREDQCAGQQFqIQYgBi0AAEEwayEHIAdBCU0EQCARQgp+IAetfCERDAELCyAHQXBHDQAgBiACa0EPSg0AIAZBAWohCCAEIAhrQRhIDQAgCCkDACESIBIgE1IEQCASQoCA/IeA4D+DQoCA6IGAwA5SDQEgEkKw4MCBg4aMmDCFQv//g/j/n0CDIRRCACAUIBRC9uzZs+fOnbv2AHyEQoCBgoSIkKDAgH+DUg0BIBRCABADQRdLDQEgFEIYEANBO0sNASAUQjAQA0E8Sw0BRAAAAABlzc1BIBRCABADQZAcbCAUQhgQA0E8bCAUQjAQA2pquKIhFSASIRMLIAgtAAhBLkcNACAIKQMJQrDgwIGDhoyYMIUhFEIAIBQgFEL27Nmz586du/YAfIRCgIGChIiQoMCAf4NSDQAgFEKBFH5CCIhC/4H8h/CfwP8AgyEUIBRCgYCQA35CEIhC//+DgPD/P4MhFCAUQoGAgICA4gl+QiCIIRQgCC0AEUEwayEHIAdBCUsNACAILQASQSBHDQAgAyAVIBRCCn4gB618uqA5AwAgCEETaiEGIAYtAABBMGshCyALQQlLDQAgBkEBaiEGIAYtAABBMGshByAHQQlNBEAgC0EKbCAHaiELIAZBAWohBiAGLQAAQTBrIQcgB0EJTQRAIAtBCmwgB2ohCyAGQQFqIQYgBi0AAEEwayEHCwsgB0FwRw0AIAZBAWohBiAGQSgQBCEKIAogBE4NACAKIQ8gCiAGSgRAIApBAWshDyAPLQAAQSBHDQELIApBAWohCSAJLQAAQTBrIQwgDEEJSw0AA0AgCUEBaiEJIAktAABBMGshByAHQQlNBEAgDEEKbCAHaiEMDAELCyAJIAprQQpKDQAgCSgCACEHQQEhECAHQanA+IECRwRAIAdBqcDwgQJHDQFBAiEQCyAJQQRqIQkgCSAETg0AIAlBIBAEIQ0gDSAESgRAIAQgCWtBIE4NASAEIQ0LIA0gCUYNACAEQQFrLQAAIQcgB0E9Rg0AIAQhDgNAIA4gDUoEQCAOQQFrLQAAQSBGBEAgDkEBayEODAILCwsgDSAOSCANLQABQShGcQ0AIAMgBjYCGCAPIAZGIAxFcQRAIANBfzYCGAsgDyAGa0EERiAGKAIAQbychfIDRnEEQCADQX82AhgLIAMgEbo5AwggAyALNgIQIAMgDDYCFCADIA82AhwgAyAJNgIgIAMgDTYCJCADIA42AiggAyAQNgIsIAMgCDYCMAsgBSECIANBOGohAyAAQQRqIQAgAUEBayEBDAALCxsAIAAgAYinQQ9xQQpsIAAgAUIIfIinQQ9xagtEAQF/IAD9AAQAIAH9D/0j/WQhAiACRQRAIABBEGohACAA/QAEACAB/Q/9I/1kIQILIAJFBEBB/////wcPCyAAIAJoags=';

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

/** Beyond the line ends, in the table of a part: where its rows begin, in bytes. */
const PART_ROWS = 3;

/** Rows of the parts of a file that is read ahead. */
export const lookAtHeads: PartLook = () => ({ kernel: KERNEL, parameters: [] });

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
  private rowsAt = -1;

  /** Takes note that another block came; false when no kernel can work on it. */
  enter(block: LineBlock): boolean {
    this.first = this.last = 0;
    if (block.space === null || block.picks) return false;
    if (block.space !== this.space) this.move(block.space);
    if (block.part) this.takePart(block, block.part[PART_ROWS]!);
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

  /** Makes the rows of the lines from `line` on. */
  fill(block: LineBlock, line: number, start: number): void {
    const count = Math.min(ROWS, block.count - line);
    this.kernel!.heads(block.ends.byteOffset + 4 * line, count, start, this.rowsAt);
    this.first = line;
    this.last = line + count;
  }
}
