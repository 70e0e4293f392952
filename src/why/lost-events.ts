/**
 * Marks that the capture itself leaves where it dropped events on purpose: sysdig's `drop` events in sampling
 * mode (`> drop ratio=..` to `< drop ratio=..`). Jumps of event numbers prove nothing: the reader counts.
 */
import { DIR_ENTER, type EventView } from '../model/event.js';
import type { FindingEvidence } from '../model/findings.js';

const MARKS_KEPT = 8;
const DROP = Buffer.from('drop');

export class LostEvents {
  readonly marks: FindingEvidence[] = [];
  /** Longest time between the start and the end of dropping. */
  fromNs = Number.NaN;
  toNs = Number.NaN;
  private sinceNs = Number.NaN;

  see(e: EventView, timeNs: number, inGap: boolean): void {
    if (e.typeEnd - e.typeStart !== 4 || e.text[e.typeStart] !== DROP[0]) return;
    if (!e.text.subarray(e.typeStart, e.typeEnd).equals(DROP)) return;
    if (e.dir === DIR_ENTER) this.sinceNs = timeNs;
    else if (!(timeNs - this.sinceNs <= this.toNs - this.fromNs)) {
      this.fromNs = this.sinceNs;
      this.toNs = timeNs;
    }
    if (inGap && this.marks.length < MARKS_KEPT)
      this.marks.push({
        text: 'the capture was in sampling mode and dropped events',
        nums: [e.num],
        raw: [e.raw()],
      });
  }
}
