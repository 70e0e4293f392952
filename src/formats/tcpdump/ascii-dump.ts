/**
 * Where the payload that `tcpdump -A` prints ends. It is printed as it is, line breaks included, so that text
 * in it may look like a packet's line:
 *
 *     22:13:38.800001 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], ..., length 27: HTTP: GET / HTTP/1.1
 *     E..C....@.f.
 *     ...
 *     ....@.P........P.......GET / HTTP/1.1
 *     Host: x
 *
 * What can be known: how many bytes there are at least and at most, by the lengths that the packet's own line
 * gives (a line break stands for one byte or two). A line that looks like a packet's before that is one only
 * if its time fits and its own dump is as long as it says, as where the capture was cut (-s).
 */
import type { LineBlock } from '../../input/blocks.js';
import { LATE_NS } from '../../model/time.js';
import { indentOf } from './further-lines.js';
import { isMessage } from './summary-lines.js';

/** Bytes of a dump. */
export interface DumpSize {
  readonly min: number;
  readonly max: number;
}

/** What looks like a packet's line. */
export interface Candidate {
  readonly timeNs: number;
  readonly size: DumpSize;
}

/** Dumps longer than this are cut off from their packet. */
const MAX_JOINED = 512 << 10;
/** Doubtful lines that are looked into, per dump. */
const DOUBTS_MAX = 4;
/** After so many dumps that end nowhere their lengths are not asked any more: time stays linear. */
const MISFITS_MAX = 64;
const CR = 0x0d;
const NEEDS_MORE = -1;

export class AsciiDumps {
  /** Lines inside dumps that looked like packets and were not taken for such. */
  doubts = 0;
  private misfits = 0;

  /** @param read what a line looks like; null for anything else. `inOrder`: times can be compared. */
  constructor(
    private readonly read: (bytes: Buffer, start: number, end: number) => Candidate | null,
    private readonly inOrder: boolean,
  ) {}

  /** Index of the last line that belongs to the record whose own lines end with `index`; -1 while lines are missing. */
  lastLine(block: LineBlock, index: number, packet: Candidate): number {
    const { max } = packet.size;
    const min = this.misfits < MISFITS_MAX ? packet.size.min : 0;
    const walk = new Walk(block, index, this.read);
    const doubts: Doubt[] = [];
    let found: Found;
    for (;;) {
      found = walk.next();
      if (found === 'more') {
        if (!block.final && walk.low <= MAX_JOINED) return NEEDS_MORE;
        break;
      }
      if (walk.low > MAX_JOINED || (walk.low > max && (found !== null || doubts.length > 0))) break;
      if (found === null) continue;
      if (walk.high >= min) break;
      if (found !== 'message' && doubts.length < DOUBTS_MAX)
        doubts.push({ line: walk.line, candidate: found, low: walk.low, high: walk.high });
    }
    if (doubts.length === 0) return walk.line - 1;
    const fits = found !== null && walk.low <= max && walk.high >= min;
    const endNs = fits && isCandidate(found) ? found.timeNs : Number.POSITIVE_INFINITY;
    for (const doubt of doubts) {
      const real = this.isReal(block, packet, doubt, endNs);
      if (real === 'more') return NEEDS_MORE;
      if (real) return doubt.line - 1;
    }
    if (fits) {
      this.doubts += doubts.length;
      return walk.line - 1;
    }
    this.misfits++;
    return doubts[0]!.line - 1;
  }

  /** A packet's line in spite of the lengths: its time fits, and so does its own dump, or it is cut as short as this one. */
  private isReal(block: LineBlock, packet: Candidate, doubt: Doubt, endNs: number): boolean | 'more' {
    const { candidate } = doubt;
    if (this.inOrder) {
      if (candidate.timeNs < packet.timeNs - LATE_NS || candidate.timeNs > endNs + LATE_NS) return false;
    }
    const { min, max } = candidate.size;
    const walk = new Walk(block, doubt.line, this.read);
    for (;;) {
      const found = walk.next();
      if (found === null) {
        if (walk.low > max) return false;
        continue;
      }
      if (found === 'more' && !block.final && walk.low <= MAX_JOINED) return 'more';
      const fits = walk.high >= min && walk.low <= max;
      const isAsShort = walk.low <= doubt.high && doubt.low <= walk.high;
      return walk.lines > 0 && (fits || isAsShort);
    }
  }
}

/** A line that looks like a packet's, before the dump is as long as it must be. */
interface Doubt {
  readonly line: number;
  readonly candidate: Candidate;
  /** Bytes of the dump in front of it, at least and at most. */
  readonly low: number;
  readonly high: number;
}

type Found = Candidate | 'message' | 'more' | null;

function isCandidate(found: Found): found is Candidate {
  return typeof found === 'object' && found !== null;
}

/** Goes through the lines behind a packet's own, counting the bytes that they stand for. */
class Walk {
  /** Index of the line looked at last. */
  line: number;
  /** Lines of the dump so far, and bytes that they stand for at least and at most. */
  lines = 0;
  low = 0;
  high = 0;
  private inDump = false;
  /** A line was looked at that is not counted yet. */
  private pending = false;

  constructor(
    private readonly block: LineBlock,
    index: number,
    private readonly read: (bytes: Buffer, start: number, end: number) => Candidate | null,
  ) {
    this.line = index;
  }

  /** What the next line looks like; it counts as the dump's where that is nothing known, and where `next` goes on. */
  next(): Found {
    const { bytes, ends, count } = this.block;
    this.take();
    this.line++;
    if (this.line >= count) return 'more';
    const from = ends[this.line - 1]! + 1;
    const to = this.stop(from);
    const candidate = this.read(bytes, from, to);
    if (candidate !== null) return candidate;
    return to > from && isMessage(bytes, from, to) ? 'message' : null;
  }

  /** The line looked at last turned out to be the dump's. */
  private take(): void {
    if (!this.pending) {
      this.pending = true;
      return;
    }
    const { bytes, ends } = this.block;
    const from = ends[this.line - 1]! + 1;
    const to = this.stop(from);
    // What -v adds is indented, and stands before the dump.
    if (!this.inDump && indentOf(bytes, from, to) > 0) return;
    this.inDump = true;
    if (this.lines > 0) {
      this.low++;
      this.high++;
    }
    this.lines++;
    this.low += to - from;
    this.high += to - from + 1;
  }

  private stop(from: number): number {
    const end = this.block.ends[this.line]!;
    return end > from && this.block.bytes[end - 1] === CR ? end - 1 : end;
  }
}
