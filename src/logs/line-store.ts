/**
 * The timed lines of one log, kept as bytes and numbers, not as strings: a log may be large. Lines come nearly
 * in order of time; they are put in order once, at the end.
 */

/** Of a line so many characters are kept. */
const LINE_LENGTH = 2048;
const FIRST_BYTES = 64 << 10;

export interface KeptLine {
  readonly timeNs: number;
  readonly time: string;
  readonly text: string;
}

export class LineStore {
  private bytes: Buffer = Buffer.alloc(0);
  private used = 0;
  private times: number[] = [];
  private resolutions: number[] = [];
  /** Where each line's text starts; its printed time stands before it, `timeLengths` bytes long. */
  private starts: number[] = [];
  private timeLengths: number[] = [];
  private longestNs = 0;
  /** Line numbers in order of time, once `finish` was called. */
  private order: Uint32Array = new Uint32Array(0);
  private shiftNs = 0;

  /** Holds texts of up to `limit` bytes together. */
  constructor(private readonly limit: number) {}

  get count(): number {
    return this.times.length;
  }

  /** False where there is no room. */
  add(timeNs: number, resolutionNs: number, time: string, text: string): boolean {
    const kept = text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}…` : text;
    // Three bytes for each UTF-16 unit at the most.
    const most = 3 * (time.length + kept.length);
    // Beside its text a line takes four numbers.
    if (this.used + most + 32 * this.times.length > this.limit) return false;
    this.reserve(most);
    this.times.push(timeNs);
    this.resolutions.push(resolutionNs);
    this.starts.push(this.used);
    const timeLength = this.bytes.write(time, this.used);
    this.timeLengths.push(timeLength);
    this.used += timeLength;
    this.used += this.bytes.write(kept, this.used);
    if (resolutionNs > this.longestNs) this.longestNs = resolutionNs;
    return true;
  }

  /** Forgets the lines before `fromNs`. */
  forgetBefore(fromNs: number): void {
    const kept = new LineStore(this.limit);
    for (const [i, timeNs] of this.times.entries()) {
      if (timeNs < fromNs) continue;
      const { time, text } = this.at(i);
      kept.add(timeNs, this.resolutions[i]!, time, text);
    }
    Object.assign(this, kept);
  }

  /** Puts the lines in order; `shiftNs` is added to their times. */
  finish(shiftNs: number): void {
    this.shiftNs = shiftNs;
    const { times } = this;
    this.order = Uint32Array.from(times, (_, i) => i);
    if (times.some((t, i) => i > 0 && t < times[i - 1]!))
      this.order.sort((a, b) => times[a]! - times[b]! || a - b);
  }

  /**
   * The lines within a stretch, at most `most` of them (the first and the last), how many there are, and the
   * nearest ones outside. A time of whole seconds covers its second.
   */
  within(
    startNs: number,
    endNs: number,
    most: number,
  ): { lines: KeptLine[]; count: number; before: KeptLine | null; after: KeptLine | null } {
    const after = this.firstAfter(endNs);
    let before = this.firstAfter(startNs - this.longestNs) - 1;
    let from = before + 1;
    // Of times of different resolution some end before the stretch does begin.
    const picked: number[] = [];
    for (; from < after; from++) {
      const line = this.order[from]!;
      const t = this.times[line]! + this.shiftNs;
      if (t < startNs && t + this.resolutions[line]! <= startNs) before = from;
      else picked.push(line);
    }
    const shown =
      picked.length <= most
        ? picked
        : [...picked.slice(0, Math.ceil(most / 2)), ...picked.slice(picked.length - Math.floor(most / 2))];
    return {
      lines: shown.map((line) => this.at(line)),
      count: picked.length,
      before: before < 0 ? null : this.at(this.order[before]!),
      after: after < this.order.length ? this.at(this.order[after]!) : null,
    };
  }

  private at(line: number): KeptLine {
    const start = this.starts[line]!;
    const textStart = start + this.timeLengths[line]!;
    return {
      timeNs: this.times[line]! + this.shiftNs,
      time: this.bytes.toString('utf8', start, textStart),
      text: this.bytes.toString('utf8', textStart, this.starts[line + 1] ?? this.used),
    };
  }

  /** Place in the order of the first line later than `ns`. */
  private firstAfter(ns: number): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[this.order[middle]!]! + this.shiftNs <= ns) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private reserve(length: number): void {
    if (this.used + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * this.bytes.length, this.used + length));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}
