/**
 * Which lines a scan may pass over, judged by a WebAssembly kernel (calls.wat): whole calls, and both halves of
 * split ones, that can't match and change nothing of what is known of threads. Measured on 100 bytes a line: 15 ns
 * for taking one apart, its end found, and 1 ns for judging it.
 */

import {
  type LinePicker,
  type LookedAt,
  type Picked,
  PickedLines,
  type WholeLines,
} from '../../input/line-picker.js';
import { type LineMemory, SPARE_FOR_PICKING } from '../../input/newlines.js';
import type { PartLook } from '../../input/read-ahead.js';
import { EventView } from '../../model/event.js';
import { instantiate, type KernelSpace } from '../../model/kernel.js';
import type { LineConditions } from '../format.js';
import { STATE_NONE, stateCall } from './state-calls.js';
import type { Thread, Threads } from './threads.js';

/** calls.wat, compiled: `npm run wasm` prints it anew. */
export const KERNEL =
  'AGFzbQEAAAABUApgA39/fwF/YAF+AX5gAn5+AX9gAn9/AX5gAn9/AX9gAn97AX9gB39/f39/fn8BfmAGf39/f39/AX9gCX9/f39/f39/fwF/YAV/f398fwF/Ag8BA2VudgZtZW1vcnkCAAEDDg0AAQICAwQFBAMGBwgJBrECEH4BQgALewH9DAAAAAAAAAAAAAAAAAAAAAALfwFBAAt7Af0M////////////AAAAAAAAAAt7Af0M//////////////8AAAAAAAt7Af0MLjAwMDAwMCAuMDAwMDAwPgt7Af0Mf3Z2dnZ2dn9/dnZ2dnZ2fwt7Af0MCgAKAAoAAQAKAAoACgABAAt7Af0M/wD/AP8A/wD/AP8A/wD/AAt7Af0MZAABAAoAAQBkAAEACgABAAt7Af0M6AMBAOgDAQAAAAAAAAAAAAt7Af0MAAECAwQFBgcICQoLDA0ODwt7Af0MCAgICAgICAgICAgICAgICAt7Af0MKCgoKCgoKCgoKCgoKCgoKAt7Af0MIDx1bmZpbmlzaGVkIC4uLgt7Af0MKSA9ICkgPSApID0gKSA9IAsHGQMGc3VydmV5AAoEcGFydAALBWp1ZGdlAAwKoxwNvgECA34Be0EK/Q8hBgNAIAD9AAQAIAb9I/1kIAD9AAQQIAb9I/1kQRB0cq0gAP0ABCAgBv0j/WQgAP0ABDAgBv0j/WRBEHRyrUIghoQhAyAAQcAAaiABSgRAIANCASABIABrrYZCAX2DIQMLIAMgA0IBfYMhBCACIAAgA3qnajYCACACIAAgBHqnajYCECAFIAQgBEIBfYOEIQUgAiADe6dBBHRqIQIgAEHAAGohACAAIAFIDQALIAJBACAFUBsLPAAgAEKBFH5CCIhC/4H8h/CfwP8AgyEAIABCgYCQA35CEIhC//+DgPD/P4MhACAAQoGAgICA4gl+QiCICycAIAAgAYMhACAAIABC9uzZs+fOnbv2AHyEQoCBgoSIkKDAgH+DUAsbACAAIAGIp0EPcUEKbCAAIAFCCHyIp0EPcWoLzgECAX4BfyAAKQMAQrDgwIGDhoyYMIUhAiABBEAgAkJ/EAJFBEBCfw8LIAAvAQhBsOAAcyEDIAOtQv//AxACRQRAQn8PC0LAhD0gAhABQuQAfiADrUIAEAOtfH4PCyACQoCA/IeA4D+DQoCAqICAwAJSBEBCfw8LIAJC//+D+P+fQBACRQRAQn8PCyACQgAQA0EXSyACQhgQA0E7SyACQjAQA0E7S3JyBEBCfw8LQsCEPSACQgAQA0GQHGwgAkIYEANBPGwgAkIwEANqaq1+C1IBAX8DQCABRQRAQQEPCyAALQAAIQIgAkEwa0EJTSACQSByQeEAa0EZTXIgAkHfAEYgAkE/RnJyRQRAQQAPCyAAQQFqIQAgAUEBayEBDAALQQALYgECfyAB/R0AIAH9HQFCHYmFQpX4qfqXt96bnn9+QjaIpyECA0AgACACQQV0aiEDIAMoAhBFBEBBAA8LIAP9AAQAIAH9Uf1TRQRAIAMoAhAPCyACQQFqQf8HcSECDAALQQAL4QEBBn8gAUHAAGshAiACIABIBEAgACECCyABQRBrIQMDQCAD/QAEAEEg/Q/9I/1kIQUgA/0ABABBPf0P/SP9ZCAFQQF0IAVBAXZxcSEEAkADQCAERQ0BQR8gBGdrIQcgBEEBIAd0cyEEIAMgB2ohBiAGIAJMBEBBAA8LIAZBAmshBgNAIAYgAEgNAUH//wMgBkEPa/0ABABBIP0P/SP9ZHMhByAGIAdnQRBrayEGIAdFDQALIAYgAE4EQCAGLQAAQSlGBEBBAQ8LCwwACwsgA0EOayEDIANBD2ogAkoNAAtBAAuMAgIDfgN/IAEhBSABQQFrLQAAIQYgBkEgTQRAQn8PCyAGQT5GBEAgAUEIaykDACECIAJC/4GAgICAgIB/g0KugICAgICAgD5SBEBCfw8LIAJCsODAgYOGjJgwhSECIAJCgP7///////8AEAJFBEBCfw8LIAJCCIZCgIC8+PDhw4cPgxABIQNCwIQ9IQQgAUEJayEFIAFBEmshBwNAIAUtAABBMGshBiAGQQlNIAUgB0pxBEAgAyAGrSAEfnwhAyAEQgp+IQQgBUEBayEFDAELCyAFIAFBCWtGBEBCfw8LIAVBAWshBSAFLwEAQaD4AEcEQEJ/DwsLIAUgAEwEQEJ/DwsgA0J/IAAgBRAHGwvZBQMJfwJ+AXsgACEHIAEgB2tBJEgEQEJ/DwsgAwRAA0AgBy0AAEEwayEJIAlBCU0EQCAIQQpsIAlqIQggB0EBaiEHIAhBgICAAkkNAUJ/DwsLIAcgAGtBAWtBBksEQEJ/DwsgBy0AAEEgRwRAQn8PCwNAIAdBAWohByAHLQAAQSBGDQALIAEgB2tBHkgEQEJ/DwsLIAcgAGskAiAHIAQQBCQAIwBCAFMEQEJ/DwsgB/0ABAAjBCMDIAQb/U4kASAHQQpBCCAEG2ohByAHKQMAQq7gwIGDhoyYIIUhESARQv+BgICAgICAf4NCAFIEQEJ/DwsgEUJ/EAJFBEBCfw8LIwAgEUIIhhABfCEQIAVCAFkgECAFfUKA4K73oAFWcQRAQn8PCyAHQQhqIQcgBkIANwMIIAcoAgAhCSAJQa3atIECRgRAIAYgCEGAgIAKcjYCBCAQDwsgCUGr1qyBAkYEQCAGIAhBgICAGnI2AgQgEA8LIAlBvNy48QJGIQ4gByELIA4EQCAHLQAEQSBHBEBCfw8LIAdBBWohCwsgCyEMQSBBKCAOGyEJAkADQCAMLQAAIAlGDQEgDEEBaiEMIAwgC0EgakgNAAtCfw8LIAwgC2shDSANRQRAQn8PCyANQRBNBEAgC/0ABAAgDf0PIwv9J/1OIRIgAiASEAYhCgsgCkUEQCALIA0QBUUEQEJ/DwtBgICAmgEhCgsgDgRAIAwpAwBCoOSVm9eu27LkAFIgDC0ACEE+R3IEQEJ/DwsgCkGAgIDAAHIhCiAMQQhqIQwLIAxBAWohDCAMIAFOBEBCfw8LIAFBAmsvAQBBrvwARgRAIA4gAUERayAMSHIgAUEBay0AAEE+RyABQRFr/QAEACMO/VH9U3JyBEBCfw8LIApBgICA4AByIQoFIAwgARAIIREgEUIAUwRAQn8PCyAORQRAIAYgECARfDcDCAsLIAYgCiAIcjYCBCAQC/QIAxJ/BX4PeyAAQSBIBEBBfw8LIwUhISMGISIjByEjIwghJCMJISUjCiEmIwshJyMMISgjDSEpIw4hKiMPISsgBARAQQohDyMEISAFQQghDyMDISALIAAhBiAFQRBqIQcgByEIQn8hGwNAIAZBgMAAaiEOIA4gAUoEQCABIQ4LIAYgDiAIEAAhCCAIRQRAQX8PCyAOIQYCQANAAkACQANAIAcgCE4NBCAHKAIAIQsgCyAAa0EkayEKQgAhGSAAIBBqIQwgAwRAIAApAwBCsODAgYOGjJgwhSEYIBggGEL27Nmz586du/YAfIRCgIGChIiQoMCAf4N6p0H4AHEhDiAKIA5BCGsgEEEDdEEIayAOa3JyIQogGEKQoMCAgYKEiBCFIByDIA6tiCEZIBhBwAAgDmuthiEYIBhCgRR+QgiIQv+B/Ifwn8D/AIMhGCAYQoGAkAN+QhCIQv//g4Dw/z+DIRggGEKBgICAgOIJfkIgiCEYIBkgGEIWiIQhGSAYpyENIAogCyAMa0Eea3IhCgsgDP0ABAAgIP1OIB/9Uf1TIQkgDCAPaiEMIAtBHmshFSAVIAz9XQMA/VcDFgEgIf1RIR0gHSAi/XD9ZCEOIB0gI/2VASAdQQj9jQH9jgEgJP1OICX9ugEhHSAdIB39hQEgJv26Af0dACEYIBinIRYgCiAWIBdrciEKIBogFq18IRsgDCkDCEIYhkKAgIDg48WLlyBRIREgDCARQQJ0IBFqaiEMIAz9AAQIIR4gHiAo/VAgKf0j/WRBgIAEcmghEyAeIBP9DyAn/Sf9TiEeIAwgE2ohDCAJIAwtAAhBKCARQQN0a3NyIQkgGSAMKQMJQvLKzavXrZmyPoVCACARrX2DhCEZIAIgHv0dACAe/R0BQh2JhUKV+Kn6l7fem55/fkI2iKdBBXRqIRQgCSAU/QAEACAe/VH9U3IhCSAV/QAEDSAq/SP9ZEEBakEQdiESIAkgEiARcXIhCSASQQFrIRMgCSAOIBNB/4ECcnEgEyAVKAITQaD4wPECc3FyciEJIAkgGUIAUnIgCkEfdnINASAWIRcgByAUKAIQIA1yIBJBgICA4ABsIBFBG3RycjYCBCAHIBsgGEIgiHwgEiARcq1CAX2DNwMIIBIgFf0ABAAgK/03IBX9AAQBICv9N/1QIBX9AAQCICv9NyAV/QAEAyAr/Tf9UP1Q/VNyRQ0CIAtBAWohACAHQRBqIQcMAAsLIAAgCyACIAMgBEJ/IBogF618IAcgBUEQakYbIAcQCSEbIBtCAFMEQEF/DwsgByAFQRBqRgRAIAUgGzcDAAsjACEaIBsgGn2nIRcjAiEQQn9BwAAgEEEDdGutiCEcIwEhHyAQQQhLBED9DAAAAAAAAAAAAAAAAAAAAAAhHwsgC0EBaiEAIAdBEGohBwwBCyAMIBFBA3RqQQlqIBVBE2oQB0UEQEF/DwsgC0EBaiEAIAdBEGohBwwACwsgBiABSA0ACyAFIBogF618NwMIIAcgBWtBEGtBBHYLpQEBAn8gASAAa0EBdkGAgghqIANKBEBBAA8LIAAhCQNAIAkgAU4EQEEADwsgCS0AAEEKRwRAIAlBAWohCQwBCwsDQCABQQFrLQAAQQpHBEAgAUEBayEBDAELCyAJQQFqIQAgACABSARAIAAgASAGIAcgCCACQcAAahAKIQogCkEASARAQQAPCwsgAiAJNgIAIAIgAUEBazYCBCACIApBAWo2AghBAQvwAgIJfwJ+IAP8BiEOIAApAwAgDlMgACkDACAOfUKA4K73oAFVcgRAQX8PCyAEQRhqIQcgAEEQaiEGQYCAgAghCwNAIAUgAUgEQCAGKAIEIQggAiAIQf///wFxaiEJIAktAAAhCiAIIApBAXNBFnQgC3JxBEAgCEGAgIAQcQRAQX8hCwsgCEGAgIAgcQRAIAkgCkECcToAAAsgByAFNgIAIAcgCEH///8BcTYCBCAHQQhqIQcFIAwgCEEbdmohDCAGKQMIIQ4gDiAPIA4gD1UbIQ8LIAZBEGohBiAFQQFqIQUMAQsLIAEgByAEa0EYa0EDdmshDSABQQFrIQUgDSABRiAHQQhrKAIAIAVHcgRAIAcgBTYCACAHIAhB////AXE2AgQgB0EIaiEHIA1BAWshDSAMIAhBG3ZrIQwLIAQgDUEBdCAMazYCACAEIAtBf0Y2AgQgBCAPuTkDCCAEIAApAwi5OQMQIAcgBGtBGGtBA3YL';

interface Kernel {
  /** Knows of no threads: of the same bytes and the same names it leaves the same records. */
  survey(start: number, end: number, names: number, pids: number, epoch: number, records: number): number;
  judge(records: number, count: number, threads: number, latestUs: number, out: number): number;
}

/** Ids below this have a byte in the table: all that Linux gives out. */
const TIDS = 1 << 22;
const PASSABLE = 1;
const MAY_MATCH = 2;

const NAME_SLOTS = 1024;
const SLOT_BYTES = 32;
/** Names that are kept; a trace that has more is no strace output. */
const NAMES_KEPT = NAME_SLOTS / 2;
const NAME_LENGTH = 16;
/** A free slot begins with `(`, which no name does. */
const FREE = 0x28;
/** What calls.wat says of a name's lines: whether they are decoded by their thread, may match, change threads. */
const NAME_OTHER = 1 << 22;
const NAME_MAY_MATCH = NAME_OTHER | (1 << 23);
const NAME_STATE = NAME_OTHER | (1 << 24) | (1 << 25);
/** In a line's record: its name is not in the table. */
const NOT_MET = 1 << 28;

/** The kernel takes no shorter line. */
const LINE_LEAST = 36;
const RECORD_BYTES = 16;
const PICK_BYTES = 8;
const OUT_HEAD_BYTES = 24;
/** In words: the times in front of the records, a record; in one, where its line ends and its bits. */
const RECORD_WORDS = RECORD_BYTES / 4;
const END_AT = RECORD_WORDS;
const BITS_AT = RECORD_WORDS + 1;
/** In the table of a part: its first newline, its lines up to the last one, where the records will begin. */
const PART_FIRST = 0;
const PART_LINES = 2;
const PART_RECORDS = 12;
/** Lines farther apart are for the clock to judge, as survey has it. */
const FARTHEST_US = 43_200_000_000n;
/** With more threads than this, looking at all of them again costs more than passing lines over gains. */
const THREADS_MOST = 4096;

export interface CallsLayout {
  /** Each line begins with a thread id. */
  readonly pids: boolean;
  /** Times are seconds since 1970; else times of day. */
  readonly epoch: boolean;
}

/** Where lines that are not decoded stand in time. */
export interface StampAxis {
  /** Nanoseconds on the source's axis of printed microseconds. */
  placeNs(us: number): number;
  /** Microseconds as they are printed of the latest line, negative before the first one. */
  latestUs(): number;
  /** Lines reach to this time, nanoseconds on the source's axis. */
  reach(ns: number): void;
}

export class CallPicker implements LinePicker {
  readonly seesAll = true;
  readonly isSparse = false;
  private readonly picked = new PickedLines();
  private space: KernelSpace | null = null;
  private kernel: Kernel | null = null;
  private threadBytes = new Uint8Array(0);
  /** So many of them may be other than 0. */
  private threadsUsed = TIDS;
  private nameView = new DataView(new ArrayBuffer(0));
  private records = new Uint32Array(0);
  private out = new Uint32Array(0);
  private outView = new DataView(new ArrayBuffer(OUT_HEAD_BYTES));
  /** Bytes of the longest block that there is room for. */
  private longest = 0;
  private readonly namesMet = new Set<string>();
  private readonly probe = new EventView();
  /** Of the newest block: threads of the lines that were picked. */
  private touched: Uint32Array = new Uint32Array(0);
  private touchedCount = 0;
  private changed = true;
  private useless = false;
  /** Printed time of the newest block's last line, where lines of it were passed over. */
  private reachedUs = -1;

  /**
   * @param absentTid thread of lines without an id.
   */
  constructor(
    private readonly layout: CallsLayout,
    private readonly threads: Threads,
    private readonly conditions: LineConditions,
    private readonly absentTid: number,
    private readonly axis: StampAxis,
  ) {}

  /** Parts are surveyed ahead; which lines are decoded depends on the threads, whose state only their turn tells. */
  readonly ahead: PartLook = ({ space }) => {
    this.move(space);
    return {
      kernel: KERNEL,
      parameters: [this.nameView.byteOffset, Number(this.layout.pids), Number(this.layout.epoch)],
    };
  };

  pick(memory: LineMemory, lines: WholeLines, part: LookedAt | null): Picked | null {
    const { start, end } = lines;
    const { space } = memory;
    if (this.useless || space === null || this.threads.size > THREADS_MOST || this.namesMet.size > NAMES_KEPT)
      return null;
    if (space.spareBytes < SPARE_FOR_PICKING) return null;
    if (space !== this.space) this.move(space);
    if (end - start > this.longest) return null;
    if (this.reachedUs >= 0) this.axis.reach(this.axis.placeNs(this.reachedUs));
    this.reachedUs = -1;
    this.judgeThreads();
    const { threadBytes, out } = this;
    const records = part ? part.table.subarray(PART_RECORDS) : this.records;
    const total = part ? this.join(part.table, start) : this.survey(start, end);
    const count =
      total < 0
        ? -1
        : this.kernel!.judge(
            records.byteOffset,
            total,
            threadBytes.byteOffset,
            this.axis.latestUs(),
            out.byteOffset,
          );
    if (count < 0) {
      this.changed = true;
      // Without thread ids on the lines an odd one may say that they are of another thread from now on.
      this.useless = !this.layout.pids;
      return null;
    }
    return this.take(memory, lines, records, total, count);
  }

  private survey(start: number, end: number): number {
    const { layout, records, nameView } = this;
    const pids = Number(layout.pids);
    const epoch = Number(layout.epoch);
    return this.kernel!.survey(start, end, nameView.byteOffset, pids, epoch, records.byteOffset);
  }

  /** Puts the first line's record in front of those of its part; the number of both, or -1. */
  private join(part: Uint32Array, start: number): number {
    if (this.survey(start, part[PART_FIRST]! + 1) !== 1) return -1;
    const lines = part[PART_LINES]!;
    const { records } = this;
    const first = new BigInt64Array(records.buffer, records.byteOffset, RECORD_WORDS / 2);
    const others = new BigInt64Array(part.buffer, part.byteOffset + 4 * PART_RECORDS, RECORD_WORDS);
    // What others[2] and [3] are, the times of the part, moves in front of the first record.
    let latestUs = first[1]!;
    if (lines > 1) {
      if (others[2]! < latestUs || others[2]! - latestUs > FARTHEST_US) return -1;
      latestUs = others[3]!;
    }
    others[0] = first[0]!;
    others[1] = latestUs;
    part.set(records.subarray(RECORD_WORDS, 2 * RECORD_WORDS), PART_RECORDS + RECORD_WORDS);
    return lines;
  }

  private take(
    memory: LineMemory,
    { start, line: firstLine, offset }: WholeLines,
    records: Uint32Array,
    total: number,
    count: number,
  ): Picked {
    const { picked, out } = this;
    picked.clear();
    // Also a call that was not met before.
    const newcomers = out[1] !== 0;
    this.changed ||= newcomers;
    this.reachedUs = this.outView.getFloat64(16, true);
    if (this.touched.length < count) this.touched = new Uint32Array(count * 2);
    this.touchedCount = count;
    for (let i = 0; i < count; i++) {
      const line = out[6 + 2 * i]!;
      const from = line === 0 ? start : records[END_AT + 4 * (line - 1)]! + 1;
      const end = records[END_AT + 4 * line]!;
      picked.put(from, end, firstLine + line, offset + from - start);
      this.touched[i] = out[7 + 2 * i]!;
      if (newcomers && (records[BITS_AT + 4 * line]! & NOT_MET) !== 0) this.meetName(memory.bytes, from, end);
    }
    return picked.of(total, out[0]!, this.axis.placeNs(this.outView.getFloat64(8, true)));
  }

  /** Tables in the memory's spare bytes: threads, names, records, the kernel's findings. */
  private move(space: KernelSpace): void {
    const { memory, spareAt, spareBytes } = space;
    const namesAt = spareAt + TIDS;
    const recordsAt = namesAt + NAME_SLOTS * SLOT_BYTES;
    const room = spareAt + spareBytes - recordsAt - OUT_HEAD_BYTES;
    // A record for what stands in front of them, two that are written before it is known that there are no more.
    const lines = Math.floor(room / (RECORD_BYTES + PICK_BYTES)) - 3;
    const outAt = recordsAt + (lines + 3) * RECORD_BYTES;
    this.space = space;
    this.kernel = instantiate(KERNEL, space) as Kernel;
    this.longest = lines * LINE_LEAST;
    this.threadBytes = new Uint8Array(memory.buffer, spareAt, TIDS);
    this.threadsUsed = TIDS;
    this.nameView = new DataView(memory.buffer, namesAt, NAME_SLOTS * SLOT_BYTES);
    for (let slot = 0; slot < NAME_SLOTS; slot++) this.nameView.setUint8(slot * SLOT_BYTES, FREE);
    this.records = new Uint32Array(memory.buffer, recordsAt, (lines + 3) * (RECORD_BYTES / 4));
    this.out = new Uint32Array(memory.buffer, outAt, (OUT_HEAD_BYTES + lines * PICK_BYTES) / 4);
    this.outView = new DataView(memory.buffer, outAt, OUT_HEAD_BYTES);
    this.namesMet.clear();
    this.changed = true;
  }

  /** Brings the threads' bytes up to what was decoded since the block before. */
  private judgeThreads(): void {
    if (this.changed) {
      this.changed = false;
      this.threadBytes.fill(0, 0, this.threadsUsed);
      this.threadsUsed = 0;
      for (const thread of this.threads.each()) this.judgeThread(thread.tid, thread);
    } else {
      for (let i = 0; i < this.touchedCount; i++) {
        const tid = this.layout.pids ? this.touched[i]! : this.absentTid;
        this.judgeThread(tid, this.threads.get(tid));
      }
    }
    this.touchedCount = 0;
  }

  private judgeThread(tid: number, thread: Thread | undefined): void {
    const at = this.layout.pids ? tid : 0;
    if (at < 0 || at >= TIDS || (!this.layout.pids && tid !== this.absentTid)) return;
    if (thread === undefined || thread.ended || thread.open || this.threads.cloning.has(thread)) {
      this.threadBytes[at] = 0;
      return;
    }
    if (at >= this.threadsUsed) this.threadsUsed = at + 1;
    this.threadBytes[at] = PASSABLE | (this.mayMatch(thread) ? MAY_MATCH : 0);
  }

  private mayMatch({ tid, name }: Thread): boolean {
    const { probe, conditions } = this;
    if (conditions.thread === null) return true;
    probe.tid = tid;
    probe.nameStart = name === null ? -1 : 0;
    if (name !== null) {
      probe.name = name;
      probe.nameEnd = name.length;
    }
    return conditions.thread(probe);
  }

  /** Enters the name of the call on this line in the kernel's table. */
  private meetName(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, Math.min(end, start + 80));
    const name = /^(?:\d+ +)?[\d:.]+ (?:<\.\.\. )?([A-Za-z0-9_?]{1,16})[( ]/.exec(text)?.[1];
    if (name === undefined || this.namesMet.has(name) || this.namesMet.size > NAMES_KEPT) return;
    this.namesMet.add(name);
    const key = Buffer.alloc(NAME_LENGTH);
    key.write(name, 'latin1');
    const low = key.readBigUInt64LE(0);
    const high = key.readBigUInt64LE(8);
    let slot = slotOf(low, high);
    const view = this.nameView;
    while (view.getInt32(slot * SLOT_BYTES + NAME_LENGTH, true) !== 0) slot = (slot + 1) % NAME_SLOTS;
    view.setInt32(slot * SLOT_BYTES + NAME_LENGTH, this.verdictOf(name), true);
    view.setBigUint64(slot * SLOT_BYTES + 8, high, true);
    // Last, since by this the slot is no longer free for a survey.
    view.setBigUint64(slot * SLOT_BYTES, low, true);
  }

  private verdictOf(name: string): number {
    const { probe, conditions } = this;
    const text = Buffer.from(name, 'latin1');
    if (stateCall(text, 0, text.length) !== STATE_NONE) return NAME_STATE;
    if (conditions.type === null) return NAME_MAY_MATCH;
    probe.text = text;
    probe.typeStart = 0;
    probe.typeEnd = text.length;
    return conditions.type(probe) ? NAME_MAY_MATCH : NAME_OTHER;
  }
}

/** As calls.wat computes it. */
function slotOf(low: bigint, high: bigint): number {
  const turned = (high << 29n) | (high >> 35n);
  return Number(BigInt.asUintN(64, (low ^ BigInt.asUintN(64, turned)) * 0x9e3779b97f4a7c15n) >> 54n);
}
