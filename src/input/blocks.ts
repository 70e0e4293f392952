/** Blocks of a trace: whole lines as they lie in memory, or bytes of a binary capture. */
import type { KernelSpace } from '../model/kernel.js';

/**
 * Lines of a block: `ends[i]` is the position of the newline (or of the block's end) that closes line i. A block
 * of a binary capture has none.
 */
export interface LineBlock {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly ends: Uint32Array;
  readonly count: number;
  /** Absolute byte offset of `bytes[start]` in the source, and the number of the first line, or packet. */
  readonly offset: number;
  readonly line: number;
  /** The source ends with this block. */
  readonly final: boolean;
  /** Where a format's kernel can work on the block: `bytes` and `ends` lie in its memory; null where there is none. */
  readonly space: KernelSpace | null;
  /** Only these lines are to be decoded; null for all. `ends` and `count` are then of the picked lines. */
  readonly picks: LinePicks | null;
  /** What the kernel that looks ahead made of it, but for its first line; null where none did. */
  readonly part: Uint32Array | null;
}

export interface LinePicks {
  readonly starts: Uint32Array;
  /** Line numbers, and absolute offsets. */
  readonly lines: Float64Array;
  readonly offsets: Float64Array;
  /** Lines of the block that were passed over. */
  readonly passed: number;
  /** The events on those. */
  readonly passedEvents: number;
  /** The latest time of an event on those that no picked line tells, on the source's axis. */
  readonly latestNs: number;
}

const NEWLINE = 10;

/**
 * Whole lines in a buffer of their own as a block, no more than `most` of them; `final`: a last line without newline
 * counts too, and nothing follows where these are all.
 */
export function blockOfLines(
  bytes: Buffer,
  offset: number,
  line: number,
  final: boolean,
  most = Number.POSITIVE_INFINITY,
): LineBlock {
  const ends: number[] = [];
  let from = 0;
  while (ends.length < most) {
    const at = bytes.indexOf(NEWLINE, from);
    if (at < 0) break;
    ends.push(at);
    from = at + 1;
  }
  const isCut = ends.length >= most;
  if (final && !isCut && from < bytes.length) ends.push(bytes.length);
  return {
    bytes,
    start: 0,
    end: isCut ? from : bytes.length,
    ends: new Uint32Array(ends),
    count: ends.length,
    offset,
    line,
    final: final && !isCut,
    space: null,
    picks: null,
    part: null,
  };
}

const NO_LINES = new Uint32Array(0);

/** The bytes [start, end) of a binary capture as a block; `number` is that of the first packet in it. */
export function blockOfBytes(
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
  number: number,
  final: boolean,
): LineBlock {
  return {
    bytes,
    start,
    end,
    ends: NO_LINES,
    count: 0,
    offset,
    line: number,
    final,
    space: null,
    picks: null,
    part: null,
  };
}
