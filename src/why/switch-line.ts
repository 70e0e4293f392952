/**
 * A context switch as sysdig prints it, read from the bytes in place:
 *
 *   next=637(keepalived) pgft_maj=0 pgft_min=69 vm_size=29016 vm_rss=3240 vm_swap=0
 *
 * The event's own thread leaves the CPU, `next` takes it; `next=0` is idle. pgft_* and vm_* are the leaving
 * thread's; vm_size=0 marks a thread without user memory.
 */
import { isDigit } from '../model/ascii.js';
import { startsWith } from '../model/bytes.js';
import type { EventView } from '../model/event.js';

const BLANK = 0x20;
const PAREN = 0x28;
const PAREN_END = 0x29;
const LESS = 0x3c;

/** The parsed arguments of one switch event; reused for every event. */
export class SwitchLine {
  next = -1;
  /** Range of the name behind `next=N(`, in the event's text; -1 without one. */
  nameStart = -1;
  nameEnd = -1;
  /** -1 where the line does not say. */
  vmSizeKb = -1;
  majorFaults = -1;

  /** False when the arguments name no next thread. */
  read(e: EventView): boolean {
    const { text, argsStart: start, argsEnd: end } = e;
    this.next = -1;
    this.nameStart = -1;
    this.vmSizeKb = -1;
    this.majorFaults = -1;
    // `next=`
    if (end - start < 6 || text[start] !== 0x6e || text[start + 4] !== 0x3d) return false;
    let p = start + 5;
    let value = 0;
    const digits = p;
    for (; p < end; p++) {
      const d = text[p]! - 48;
      if (d < 0 || d > 9) break;
      value = value * 10 + d;
    }
    if (p === digits) return false;
    this.next = value;
    if (text[p] === PAREN) this.readName(text, p + 1, end);
    if (this.nameStart >= 0) p = this.nameEnd + 1;
    if (this.readPlain(text, p, end)) return true;
    for (; p < end; p++) {
      if (text[p] !== BLANK) continue;
      const first = text[p + 1];
      if (first === 0x76 && startsWith(text, p + 1, end, VM_SIZE))
        this.vmSizeKb = digitsAt(text, p + 1 + VM_SIZE.length, end);
      else if (first === 0x70 && startsWith(text, p + 1, end, MAJOR))
        this.majorFaults = digitsAt(text, p + 1 + MAJOR.length, end);
    }
    return true;
  }

  /** ` pgft_maj=0 pgft_min=69 vm_size=29016 `, as sysdig always prints it; false where it is otherwise. */
  private readPlain(text: Buffer, from: number, end: number): boolean {
    if (!startsWith(text, from + 1, end, MAJOR)) return false;
    const minor = skipDigits(text, from + 10, end);
    if (!startsWith(text, minor + 1, end, MINOR)) return false;
    const size = skipDigits(text, minor + 10, end);
    if (!startsWith(text, size + 1, end, VM_SIZE)) return false;
    this.majorFaults = digitsAt(text, from + 10, end);
    this.vmSizeKb = digitsAt(text, size + 9, end);
    return true;
  }

  /** The name may hold brackets: it ends at the last one before the next argument. */
  private readName(text: Buffer, from: number, end: number): void {
    // `(<NA>)` is no name.
    if (text[from] === LESS) return;
    let to = -1;
    for (let p = from; p < end; p++) {
      if (text[p] !== PAREN_END) continue;
      to = p;
      if (p + 1 >= end || startsWith(text, p + 1, end, NEXT_ARGUMENT)) break;
    }
    if (to <= from) return;
    this.nameStart = from;
    this.nameEnd = to;
  }
}

const NEXT_ARGUMENT = Buffer.from(' pgft_');
const MAJOR = Buffer.from('pgft_maj=');
const MINOR = Buffer.from('pgft_min=');
const VM_SIZE = Buffer.from('vm_size=');

function skipDigits(text: Buffer, at: number, end: number): number {
  let p = at;
  while (p < end && isDigit(text[p]!)) p++;
  return p;
}

/** -1 where no digits are. */
function digitsAt(text: Buffer, at: number, end: number): number {
  let value = -1;
  for (let p = at; p < end; p++) {
    const d = text[p]! - 48;
    if (d < 0 || d > 9) break;
    value = (value < 0 ? 0 : value) * 10 + d;
  }
  return value;
}

const SWITCH = Buffer.from('switch');

/** Whether the event is a context switch, by its type's bytes. */
export function isSwitch(e: EventView): boolean {
  const { text, typeStart: at } = e;
  return (
    e.typeEnd - at === 6 &&
    text[at] === SWITCH[0] &&
    text[at + 1] === SWITCH[1] &&
    text[at + 2] === SWITCH[2] &&
    text[at + 5] === SWITCH[5]
  );
}
