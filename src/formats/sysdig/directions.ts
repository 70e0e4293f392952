/** Whether a capture has entries of calls: those of newer versions hold calls only at their exit. */
import { DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import type { TraceTraits } from '../../model/trace.js';
import { eventKind } from './parameters.js';

const NOT_SEEN = -1;
const LETTER_S = 0x73;
const LETTER_W = 0x77;

export class Directions {
  /** Offsets of the first entry and the first exit of a call. */
  private entryAt = NOT_SEEN;
  private exitAt = NOT_SEEN;

  /** @param mayPass whether an event may be passed over: of those nothing is learned, whether they were decoded or not. */
  constructor(private readonly mayPass: (e: EventView) => boolean) {}

  /** No further event changes anything. */
  get areKnown(): boolean {
    return this.entryAt !== NOT_SEEN;
  }

  /** Looks at an event, until an entry was seen. */
  see(e: EventView): void {
    if (this.entryAt !== NOT_SEEN) return;
    if (e.dir === DIR_EXIT) {
      if (this.exitAt === NOT_SEEN && !this.mayPass(e)) this.exitAt = e.offset;
      return;
    }
    if (e.dir !== DIR_ENTER) return;
    // Every third event is a switch.
    if (e.text[e.typeStart] === LETTER_S && e.text[e.typeStart + 1] === LETTER_W) return;
    if (eventKind(e.type())?.meta !== true && !this.mayPass(e)) this.entryAt = e.offset;
  }

  /** By what stands up to an offset. */
  upTo(offset: number): TraceTraits['directions'] {
    if (this.entryAt !== NOT_SEEN && this.entryAt <= offset) return 'both';
    return this.exitAt !== NOT_SEEN && this.exitAt <= offset ? 'exits' : 'unknown';
  }
}
