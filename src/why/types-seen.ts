/** How many different event types a stretch shows, counted from their bytes: few of them mean that the capture was cut down to some calls. */
import type { EventView } from '../model/event.js';
import { TYPE_CODES, typeCode } from '../model/event-rows.js';

export class TypesSeen {
  /** By code: whether it was seen. */
  slots = new Uint8Array(TYPE_CODES);
  count = 0;

  see(e: EventView): void {
    const { text, typeStart, typeEnd } = e;
    if (typeEnd === typeStart) return;
    const slot = typeCode(text, typeStart, typeEnd);
    if (this.slots[slot] === 0) {
      this.slots[slot] = 1;
      this.count++;
    }
  }
}
