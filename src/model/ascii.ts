/** Digits among bytes. Asked for byte by byte where lines are taken apart: V8 inlines them there. */

const ZERO = 0x30;

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** Value of the two digits at `p`, or -1. */
export function twoDigits(bytes: Uint8Array, p: number): number {
  const a = bytes[p]! - ZERO;
  const b = bytes[p + 1]! - ZERO;
  return a >= 0 && a < 10 && b >= 0 && b < 10 ? a * 10 + b : -1;
}
