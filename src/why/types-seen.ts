/** How many different event types a stretch shows, counted from their bytes: few of them mean that the capture was cut down to some calls. */
import type { EventView } from '../model/event.js';

const SLOTS = 1024;

export class TypesSeen {
  private readonly slots = new Uint8Array(SLOTS);
  count = 0;

  see(e: EventView): void {
    const { text, typeStart, typeEnd } = e;
    const length = typeEnd - typeStart;
    if (length === 0) return;
    const slot =
      (length * 131 + text[typeStart]! * 31 + text[typeEnd - 1]! * 7 + text[typeStart + (length >> 1)]!) &
      (SLOTS - 1);
    if (this.slots[slot] === 0) {
      this.slots[slot] = 1;
      this.count++;
    }
  }
}
