/**
 * Records of sysdig's default text that are more than a plain line: a buffer that was dumped behind its event (-A, -x,
 * -X: `data=` ends the line and the bytes follow), a process name with a line break in it, colours. And what is no
 * record: blank lines, the closing colour reset, the summaries of -v and -S.
 */
import { mayShowTime } from '../../input/line-times.js';
import { EventView } from '../../model/event.js';
import { stripSgr } from '../ansi.js';
import {
  LINE_EVENT,
  LINE_IGNORED,
  LINE_NEEDS_MORE,
  LINE_UNPARSED,
  LineDecoder,
  type LineKind,
} from '../line-decoder.js';
import { HEAD_BROKEN, HEAD_NONE, HEAD_WHOLE, LineHead } from './line.js';

const CR = 0x0d;
const ESC = 0x1b;
const EQUALS = 0x3d;
const SPACE = 0x20;
const NO_BYTES: Buffer = Buffer.alloc(0);
/** Dumps longer than this are cut off from their event. */
const MAX_JOINED = 1 << 20;
/** Where a line's head is tried out. */
export const PROBE = new EventView();

export abstract class OddLines extends LineDecoder {
  protected readonly head: LineHead;
  private scratch = NO_BYTES;
  private inSummary = false;

  protected constructor(hasDir: boolean) {
    super();
    this.head = new LineHead(hasDir);
  }

  /** Reads the record that begins with this line, all but its time, which stands in `head`. */
  protected readRecord(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    e.text = bytes;
    const verdict = this.head.read(bytes, start, end, e);
    if (verdict !== HEAD_WHOLE) {
      if (start === end) return LINE_IGNORED;
      return this.unusual(bytes, start, end, e, verdict === HEAD_BROKEN);
    }
    return bytes[end - 1] === EQUALS && !this.block!.picks ? this.joinDump(e) : LINE_EVENT;
  }

  /** Lines that are no plain head: coloured, broken by a line break in the name, or known not to be events. */
  private unusual(bytes: Buffer, start: number, end: number, e: EventView, broken: boolean): LineKind {
    if (bytes.indexOf(ESC, start) >= 0 && bytes.indexOf(ESC, start) < end) {
      if (this.scratch.length < end - start) this.scratch = Buffer.alloc((end - start) * 2);
      const length = stripSgr(bytes, start, end, this.scratch);
      if (length === 0) return LINE_IGNORED;
      if (length < end - start) {
        e.text = this.scratch;
        return this.head.read(this.scratch, 0, length, e) === HEAD_WHOLE ? LINE_EVENT : LINE_UNPARSED;
      }
    }
    if (broken) return this.joinName(bytes, e);
    if (onlyBlank(bytes, start, end)) return LINE_IGNORED;
    return this.isSummary(bytes, start, end) ? LINE_IGNORED : LINE_UNPARSED;
  }

  /** A name with a line break in it: the rest of the head stands on the next line, which is no head itself. */
  private joinName(bytes: Buffer, e: EventView): LineKind {
    const block = this.block!;
    const next = this.lineIndex + 1;
    // Among picked lines the next one is not the next of the trace, but that would not be the rest either.
    if (block.picks) return LINE_UNPARSED;
    if (next >= block.count) return block.final ? LINE_UNPARSED : LINE_NEEDS_MORE;
    const from = block.ends[next - 1]! + 1;
    const to = block.ends[next]!;
    if (mayShowTime(bytes, from, to)) return LINE_UNPARSED;
    const { num, cpu, timeStart, timeEnd } = e;
    const { seconds, nanos, nameFrom, timeOfDay } = this.head;
    const nextIsHead = this.head.read(bytes, from, to, e) !== HEAD_NONE;
    Object.assign(e, { num, cpu, timeStart, timeEnd });
    Object.assign(this.head, { seconds, nanos, nameFrom, timeOfDay });
    if (nextIsHead || !this.head.nameAndType(bytes, nameFrom, to, e)) return LINE_UNPARSED;
    e.recordEnd = to;
    this.lineIndex = next;
    return LINE_EVENT;
  }

  /** `data=` at the end of a line: the lines up to the next head are the dump, then the remaining arguments. */
  private joinDump(e: EventView): LineKind {
    const block = this.block!;
    const { bytes, ends, count } = block;
    const probe = PROBE;
    let last = this.lineIndex;
    for (;;) {
      const next = last + 1;
      if (next >= count) {
        if (!block.final && ends[last]! - e.recordStart < MAX_JOINED) return LINE_NEEDS_MORE;
        break;
      }
      const from = ends[next - 1]! + 1;
      const saved = {
        seconds: this.head.seconds,
        nanos: this.head.nanos,
        timeOfDay: this.head.timeOfDay,
      };
      const isHead = this.head.read(bytes, from, ends[next]!, probe) === HEAD_WHOLE && probe.num > e.num;
      Object.assign(this.head, saved);
      if (isHead || ends[next]! - e.recordStart > MAX_JOINED) break;
      last = next;
    }
    this.lineIndex = last;
    let end = ends[last]!;
    while (end > e.argsStart && (bytes[end - 1] === SPACE || bytes[end - 1] === CR)) end--;
    e.argsEnd = end;
    e.recordEnd = end;
    return LINE_EVENT;
  }

  /** What -v and -S print behind the events. */
  private isSummary(bytes: Buffer, start: number, end: number): boolean {
    const text = bytes.toString('latin1', start, Math.min(end, start + 40));
    if (/^(Driver (Events|Drops):|Suppressed by |Elapsed time:)/.test(text)) return true;
    if (/^(-{22}$|Event +#Calls)/.test(text)) {
      this.inSummary = true;
      return true;
    }
    return this.inSummary && /^[<>] \S+ +\d+$/.test(text.trimEnd());
  }
}

function onlyBlank(bytes: Buffer, start: number, end: number): boolean {
  let p = start;
  while (p < end && (bytes[p] === SPACE || bytes[p] === 0x09)) p++;
  return p === end;
}
