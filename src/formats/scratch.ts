const NEWLINE = 10;
const EMPTY = Buffer.alloc(0);
/** Taken at first: most decoders that look at a few lines again need none. */
const LEAST = 1024;

/** A growing buffer for text that doesn't stand in the block as it is needed: joined lines, stripped colours. */
export class Scratch {
  bytes = EMPTY;
  length = 0;

  clear(): void {
    this.length = 0;
  }

  append(from: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    from.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  /** Ends the text as a block's lines end, so that no reader of digits runs on into what was there before. */
  seal(): void {
    this.reserve(1);
    this.bytes[this.length] = NEWLINE;
  }

  /** Makes room for `more` bytes behind what is there. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(LEAST, 2 ** Math.ceil(Math.log2(needed + 1))));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
