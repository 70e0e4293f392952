/** How long the dump of a packet must be, by the lengths that its own line gives. */
import type { DumpSize } from './ascii-dump.js';
import type { Body } from './body.js';

/** The link header is in the frame's length and, but for -AA, not in the dump. */
const LINK_MAX = 40;
/** Ethernet pads short packets to this. */
const PADDED = 46;
/** IP and TCP headers with all their options, and extension headers. */
const HEADERS_MAX = 240;
/** Of a packet whose length is not known. */
const PACKET_MAX = 70_000;
const JUDGED = 4096;

const IP_LENGTH = /^\(tos .{0,200}?, length (\d{1,6})\)/;
/** `UDP, length 11`, `length 27: HTTP`, with -q `tcp 27`. */
const DATA_LENGTH = /(?:, length:?|: tcp) (\d{1,6})(?:[:, ]|$)/;

/** `body` was just read from the line bytes[start, end). */
export function sizeOfDump(bytes: Buffer, start: number, end: number, body: Body): DumpSize {
  if (body.frameLength >= 0) {
    return { min: Math.max(0, body.frameLength - LINK_MAX), max: body.frameLength };
  }
  const text = bytes.toString('latin1', Math.max(start, body.headerStart), Math.min(end, start + JUDGED));
  const ip = IP_LENGTH.exec(text);
  if (ip) return { min: Number(ip[1]), max: Math.max(Number(ip[1]), PADDED) + LINK_MAX };
  const data = DATA_LENGTH.exec(text);
  if (!data) return { min: 0, max: PACKET_MAX };
  return { min: Number(data[1]), max: Number(data[1]) + HEADERS_MAX + LINK_MAX };
}
