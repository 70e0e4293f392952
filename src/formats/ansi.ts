/** SGR colours (`ESC[01;32m`, `ESC[0m`) that tools print on terminals, taken out before decoding. */
import { isDigit } from '../model/ascii.js';

const ESC = 0x1b;
const BRACKET = 0x5b;
const SEMICOLON = 0x3b;
const LETTER_M = 0x6d;

/** Copies bytes[start, end) without its SGR sequences into `into` (large enough); the number of bytes written. */
export function stripSgr(bytes: Buffer, start: number, end: number, into: Buffer): number {
  let out = 0;
  for (let p = start; p < end; p++) {
    const c = bytes[p]!;
    if (c === ESC && bytes[p + 1] === BRACKET) {
      let q = p + 2;
      while (q < end && (isDigit(bytes[q]!) || bytes[q] === SEMICOLON)) q++;
      if (q < end && bytes[q] === LETTER_M) {
        p = q;
        continue;
      }
    }
    into[out++] = c;
  }
  return out;
}
