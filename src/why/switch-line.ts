/**
 * A context switch as sysdig prints it, read from the bytes in place:
 *
 *   next=637(keepalived) pgft_maj=0 pgft_min=69 vm_size=29016 vm_rss=3240 vm_swap=0
 *
 * The event's own thread leaves the CPU, `next` takes it; `next=0` is idle. pgft_* and vm_* are the leaving
 * thread's; vm_size=0 marks a thread without user memory (formats/kernel-activity, "What a sysdig switch event is").
 */
import type { EventView } from '../model/event.js';

const PAREN = 0x28;

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
    this.majorFaults = numberAfter(text, start, end, MAJOR);
    this.vmSizeKb = numberAfter(text, start, end, VM_SIZE);
    return true;
  }

  private readName(text: Buffer, from: number, end: number): void {
    const close = text.indexOf(NAME_END, from);
    const to = close < 0 || close > end ? end - 1 : close;
    // `(<NA>)` is no name.
    if (to <= from || text[from] === 0x3c) return;
    this.nameStart = from;
    this.nameEnd = to;
  }
}

const NAME_END = Buffer.from(') pgft_');
const MAJOR = Buffer.from('pgft_maj=');
const VM_SIZE = Buffer.from('vm_size=');

function numberAfter(text: Buffer, start: number, end: number, key: Buffer): number {
  const at = text.indexOf(key, start);
  if (at < 0 || at >= end) return -1;
  let value = -1;
  for (let p = at + key.length; p < end; p++) {
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
