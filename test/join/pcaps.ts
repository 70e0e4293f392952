/** Packet captures changed the way that a network or a clock changes them: a packet left out, all times moved. */
import { readFileSync } from 'node:fs';
import { samplePath } from '../samples.js';

const HEAD = 24;

/** A pcap of microseconds, little-endian, as tcpdump writes it; `keep` by number from 1. */
export function changedPcap(
  sample: string,
  shiftUs: number,
  keep: (num: number) => boolean = () => true,
): Buffer {
  const bytes = readFileSync(samplePath(sample));
  const parts = [bytes.subarray(0, HEAD)];
  for (let at = HEAD, num = 1; at + 16 <= bytes.length; num++) {
    const end = at + 16 + bytes.readUInt32LE(at + 8);
    if (keep(num)) {
      const packet = Buffer.from(bytes.subarray(at, end));
      const us = packet.readUInt32LE(0) * 1e6 + packet.readUInt32LE(4) + shiftUs;
      packet.writeUInt32LE(Math.floor(us / 1e6), 0);
      packet.writeUInt32LE(us % 1e6, 4);
      parts.push(packet);
    }
    at = end;
  }
  return Buffer.concat(parts);
}
