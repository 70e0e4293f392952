/** Words among bytes, compared in place: lines are taken apart without a string or a slice of each. */

/** Whether bytes[start, end) begins with `word`. */
export function startsWith(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

/** Where `byte` stands first in bytes[start, end), -1 for nowhere. */
export function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let p = start; p < end; p++) if (bytes[p] === byte) return p;
  return -1;
}

/** Whether bytes[start, end) is `known`, or the first `length` bytes of that. */
export function sameBytes(
  known: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  length = known.length,
): boolean {
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
