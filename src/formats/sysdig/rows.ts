/** Runs of ordinary events out of the heads of lines, by a WebAssembly kernel (rows.wat). */
import { MOST_ROWS, ROW_BYTES } from '../../model/event-rows.js';
import { instantiate, type KernelSpace } from '../../model/kernel.js';

/** rows.wat, compiled: `npm run wasm` prints it anew. */
export const KERNEL =
  'AGFzbQEAAAABFgNgBX9/f3x8AX9gA39/fwBgAn9/AX8CDwEDZW52Bm1lbW9yeQIAAQMEAwABAgcIAQRyb3dzAAAKvgcDwQYDAX8BfAl/AkADQCAFIAFGDQEgACgCLEUNASAAKwMAIASgIQYgBiADZkUNASAGIAOhRAAAwFMkpcNCZUUNASAAKAIgIQcgACgCJCAHayEJIAcoAgAhCkEBIQsgAkIANwMwIAJCADcDOCAJQQZGIApB////B3FB8+6lA0YgBy0ABUHoAEZxcQRAIAAoAighCCAHQQdqIQcgCCAHa0EGSA0CIAcoAgBB7srhowdHDQIgBy0ABEE9Rw0CIAdBBWohByAHIQ5BACEMAkADQCAHIAhODQEgBy0AAEEwayENIA1BCUsNASAMQQpsIA1qIQwgB0EBaiEHDAALCyAHIA5GDQIgByAOa0EJSg0CIAcgCE4NAiAHLQAAQShGBEAgB0EBaiEHIAf9AAQAQSn9D/0j/WQhDSANRQ0DIA1oIQ0gDUUNAyAHLQAAQTxGDQMgByANIAJBMGoQASAHIA1qQQFqIQcgByAITg0DCyAHQQpqIAhKDQIgBykDAEKg4J2zxu7XtuEAUg0CIAcvAQhB6voARw0CIAdBCmogCBACIQcgB0EKaiAISg0CIAcpAwBCoOCds8bu17bpAFINAiAHLwEIQe76AEcNAiAHQQpqIAgQAiEHIAdBCWogCEoNAiAHKQMAQqDstfu1rpq95QBSDQIgBy0ACEE9Rw0CIAdBCWohByAHIQ5BACEPAkADQCAHIAhODQEgBy0AAEEwayENIA1BCUsNASAPIA1yIQ8gB0EBaiEHDAALC0ECQQRBAyAPGyAHIA5GGyELBSAJQQhGIAcpAwBC8OS9m9aM3rT0AFFxDQIgCUEERiAKQeTkvYMHRnENAiAJQQ1GIApB89Kd8wZGcQ0CQf8HIAlBgwFsIActAABBH2xqIAcgCWpBAWstAABBB2wgByAJQQF2ai0AAGpqcSEMCyACQgA3AyAgAkIANwMoIAAoAhghDiAOQQBOBEAgACgCHCAOayENIA1BD0sNAiANBEAgDiANIAJBIGoQAQUgC0EBSw0DCwsgAiAGOQMAIAIgACsDCDkDCCACIAApAxA3AxAgAiALNgIYIAIgDDYCHCAGIQMgBUEBaiEFIABBOGohACACQcAAaiECDAALCyAFC1EBAn4gACkDACEDIAFBCEkEQCADQgEgAUEDdK2GQgF9gyEDBSAAKQMIQgEgAUEIa0EDdK2GQgF9gyEECyACIAM3AwAgAiAEIAGtQjiGhDcDCAsnAAJAA0AgACABTg0BIAAtAABBMGtBCUsNASAAQQFqIQAMAAsLIAAL';

interface Kernel {
  rows(heads: number, count: number, out: number, latestNs: number, dayNs: number): number;
}

/** Before there is a memory. */
const NO_BYTES = new Uint8Array(0);
const NO_TIMES = new Float64Array(0);

/** Makes rows in a block's memory. */
export class RowMaker {
  bytes = NO_BYTES;
  private times = NO_TIMES;
  private space: KernelSpace | null = null;
  private kernel: Kernel | null = null;

  /** Of `count` heads at `headsAt`; the rows stand at `outAt`. The number made. */
  make(
    space: KernelSpace,
    headsAt: number,
    count: number,
    outAt: number,
    latestNs: number,
    dayNs: number,
  ): number {
    if (space !== this.space) {
      this.space = space;
      this.kernel = instantiate(KERNEL, space) as Kernel;
      this.bytes = new Uint8Array(space.memory.buffer, outAt, MOST_ROWS * ROW_BYTES);
      this.times = new Float64Array(space.memory.buffer, outAt, (MOST_ROWS * ROW_BYTES) / 8);
    }
    return this.kernel!.rows(headsAt, count, outAt, latestNs, dayNs);
  }

  /** Time of row i. */
  timeNs(i: number): number {
    return this.times[(i * ROW_BYTES) / 8]!;
  }
}
