/** Lines that belong to the packet above: what -v, -x and -X print below it, and what a tunnel carries. */

const TAB = 0x09;
const SPACE = 0x20;

/** The indentation of a line that belongs to the packet above, 0 for none. */
export function indentOf(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] === TAB) return 1;
  if (end - start < 4) return 0;
  for (let i = 0; i < 4; i++) if (bytes[start + i] !== SPACE) return 0;
  return 4;
}

/** A line at the left edge that belongs to the packet above: what a tunnel carries. */
export function isInnerPacket(bytes: Buffer, start: number, end: number): boolean {
  const text = bytes.toString('latin1', start, Math.min(end, start + 80));
  return /^(?:IP6? |ARP, |[0-9a-f]{2}(?::[0-9a-f]{2}){5} (?:\([^)]*\) )?> )/.test(text);
}
