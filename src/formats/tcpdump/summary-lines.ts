/**
 * What tcpdump prints on standard error, where it was joined to the packets (`2>&1`):
 *
 *     listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes
 *     12 packets captured
 *     14 packets received by filter
 *     2 packets dropped by kernel
 *
 * Packets are held back in a buffer, messages are not: at the end they get into the middle of a packet's line.
 */
import type { LineBlock } from '../../input/blocks.js';
import { isDigit } from '../../model/ascii.js';

const MESSAGE =
  /^(?:\^C)?(?:tcpdump: |listening on |reading from |Warning: |data link type |Maximum file limit reached|Got \d+|\d+ packets? (?:captured|received by filter|dropped by (?:kernel|interface)|not decrypted)|$)/;
const DROPPED = /^(\d{1,15}) packets? dropped by (?:kernel|interface)/;
const CUT_BY = /^(.*?)((?:\^C)?\d+ packets? captured)$/s;
const RECEIVED = /^\d+ packets? received by filter/;
const STATISTICS = /^\d+ packets? (?:captured|received by filter|dropped by (?:kernel|interface))\s/;
const RECEIVED_WORDS = Buffer.from('received by filter');
const NEWLINE = 10;
const JUDGED = 120;
/** Messages that follow each other at the end. */
const MESSAGES_MAX = 6;
const CR = 0x0d;
const LETTER_D = 0x64;

/** A blank line, or one of tcpdump's messages. */
export function isMessage(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return true;
  return MESSAGE.test(bytes.toString('latin1', start, Math.min(end, start + JUDGED)));
}

/** Packets that this line says were dropped; 0 where it says nothing of that. */
export function droppedPackets(bytes: Buffer, start: number, end: number): number {
  const m = DROPPED.exec(bytes.toString('latin1', start, Math.min(end, start + JUDGED)));
  return m ? Number(m[1]) : 0;
}

/** Starts of the lines of statistics in bytes[start, end), which begin like packets: found by the line that is always among them. */
export function statisticsIn(bytes: Buffer, start: number, end: number): number[] {
  const text = bytes.subarray(start, end);
  const starts: number[] = [];
  for (let at = text.indexOf(RECEIVED_WORDS); at >= 0; at = text.indexOf(RECEIVED_WORDS, at + 1)) {
    const line = text.lastIndexOf(NEWLINE, at) + 1;
    if (!RECEIVED.test(text.toString('latin1', line, line + JUDGED))) continue;
    let from = line < 2 ? line : text.lastIndexOf(NEWLINE, line - 2) + 1;
    for (let i = 0; i < MESSAGES_MAX && from < text.length; i++) {
      if (STATISTICS.test(text.toString('latin1', from, from + JUDGED))) starts.push(start + from);
      const next = text.indexOf(NEWLINE, from);
      if (next < 0) break;
      from = next + 1;
    }
  }
  return starts;
}

/** A packet's line that the messages at the end were printed into. */
export interface CutLine {
  /** The ways to take the message out, each the whole line: the count's digits may be the line's own. */
  readonly texts: readonly Buffer[];
  /** Index of the line that holds the rest. */
  readonly last: number;
}

/** What stands in front of messages that may have been printed into this line, and their first; null for none. */
export function cutBy(bytes: Buffer, start: number, end: number): RegExpExecArray | null {
  if (bytes[end - 1] !== LETTER_D) return null;
  return CUT_BY.exec(bytes.toString('latin1', Math.max(start, end - JUDGED), end));
}

/** `more`: the lines that tell are not in the block yet. null where the line is none. */
export function cutLine(
  block: LineBlock,
  index: number,
  start: number,
  end: number,
): CutLine | 'more' | null {
  const { bytes, ends, count } = block;
  const m = block.picks ? null : cutBy(bytes, start, end);
  if (!m) return null;
  for (let i = index + 1; i <= index + MESSAGES_MAX; i++) {
    if (i >= count) return block.final ? null : 'more';
    const from = ends[i - 1]! + 1;
    const to = bytes[ends[i]! - 1] === CR ? ends[i]! - 1 : ends[i]!;
    if (i === index + 1 && !RECEIVED.test(bytes.toString('latin1', from, Math.min(to, from + JUDGED))))
      return null;
    if (isMessage(bytes, from, to)) continue;
    const rest = bytes.subarray(from, to);
    const messageStart = end - m[2]!.length;
    const texts: Buffer[] = [];
    for (let cut = messageStart; cut < end && isDigit(bytes[cut]!); cut++) {
      texts.push(Buffer.concat([bytes.subarray(start, cut), rest]));
    }
    return texts.length === 0 ? null : { texts, last: i };
  }
  return null;
}
