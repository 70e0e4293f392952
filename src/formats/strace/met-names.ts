/** The names of calls that a scan met, as calls.wat must know them to pass over lines. */
import { EventView } from '../../model/event.js';
import type { LineConditions } from '../format.js';
import { CallNames, NAME_MAY_MATCH, NAME_OTHER, NAME_STATE } from './call-names.js';
import { hasBits, lineEnd, lineStart, NOT_MET } from './call-records.js';
import { STATE_NONE, stateCall } from './state-calls.js';

/** Lines of names not met that are looked at before the block is surveyed again, which takes as long as some of them. */
const NOT_MET_AT_A_TIME = 64;
/** A line's thread, time and the name of its call stand in so many bytes. */
const HEAD_BYTES = 80;
const NAME = /^(?:\d+ +)?[\d:.]+ (?:<\.\.\. )?([A-Za-z0-9_?]{1,16})[( ]/;

export class MetNames {
  private names: CallNames | null = null;
  private readonly probe = new EventView();

  constructor(private readonly condition: LineConditions['type']) {}

  get at(): number {
    return this.names!.at;
  }

  get isFull(): boolean {
    return this.names?.isFull === true;
  }

  /** From here on the table stands in this memory. */
  move(buffer: ArrayBuffer, at: number): void {
    const met = this.names?.met ?? [];
    this.names = new CallNames(buffer, at);
    for (const name of met) this.names.put(name, this.verdictOf(name), 0);
  }

  /** Enters the name of the call on this line: when it was met, if it can be. */
  meet(bytes: Buffer, start: number, end: number): 'now' | 'before' | 'never' {
    const name = NAME.exec(bytes.toString('latin1', start, Math.min(end, start + HEAD_BYTES)))?.[1];
    if (name === undefined) return 'never';
    const names = this.names!;
    if (names.knows(name)) return 'before';
    if (!names.lacks(name)) return 'never';
    names.put(name, this.verdictOf(name), 0);
    return 'now';
  }

  /**
   * Enters those of some lines, by their records; whether the kernel knows more now than these do. `areOld`: names may
   * have been entered since they were made.
   */
  meetLines(bytes: Buffer, start: number, records: Uint32Array, total: number, areOld: boolean): boolean {
    let knowsMore = false;
    let left = NOT_MET_AT_A_TIME;
    for (let line = 0; line < total; line++) {
      if (!hasBits(records, line, NOT_MET)) continue;
      if (left-- === 0) return knowsMore || areOld;
      const met = this.meet(bytes, lineStart(records, line, start), lineEnd(records, line));
      knowsMore ||= met === 'now' || (met === 'before' && areOld);
    }
    return knowsMore;
  }

  private verdictOf(name: string): number {
    const { probe, condition } = this;
    const text = Buffer.from(name, 'latin1');
    if (stateCall(text, 0, text.length) !== STATE_NONE) return NAME_STATE;
    if (condition === null) return NAME_MAY_MATCH;
    probe.text = text;
    probe.typeStart = 0;
    probe.typeEnd = text.length;
    return condition(probe) ? NAME_MAY_MATCH : NAME_OTHER;
  }
}
