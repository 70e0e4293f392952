/**
 * Reads digits four bytes at a time. A DataView's integer reads are single instructions; the Buffer's own are
 * four bounds-checked byte loads each.
 */

const EMPTY = Buffer.alloc(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer, 0, 0);

/** A DataView over the buffer read last; a new one only where the buffer changes. */
export class Words {
  private bytes: Buffer = EMPTY;
  view: DataView = EMPTY_VIEW;

  of(bytes: Buffer): DataView {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.view;
  }
}

/** Value of the six digits at `p`, or -1; reads eight bytes. `next`: the byte that must stand behind them. */
export function sixDigits(view: DataView, p: number, next: number): number {
  const a = view.getInt32(p, true) ^ 0x30303030;
  const b = view.getInt32(p + 4, true) ^ 0x00003030;
  // A byte above 9 gets its top bit set by the sum, or has it already.
  if (((a | (a + 0x76767676)) & 0x80808080) !== 0) return -1;
  if (((b | (b + 0x7676)) & 0xff8080) !== next << 16) return -1;
  const high = (a & 15) * 1000 + ((a >> 8) & 15) * 100 + ((a >> 16) & 15) * 10 + ((a >> 24) & 15);
  return high * 100 + (b & 15) * 10 + ((b >> 8) & 15);
}
