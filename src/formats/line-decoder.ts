/**
 * The loop that every text format shares: walks a block's lines, counts them, keeps the first problems. A
 * format says what one line is (`decodeLine`), and of a line with two events also the second (`secondEvent`).
 */

import type { LineBlock } from '../input/blocks.js';
import type { LineClock, LinePicker } from '../input/line-picker.js';
import { formatDuration } from '../model/duration.js';
import type { EventView } from '../model/event.js';
import type { CallResult, Fd, FieldNeeds, Packet, ProcessInfo } from '../model/event-fields.js';
import { NO_NEEDS } from '../model/event-fields.js';
import type { Problem } from '../model/problem.js';
import type { Timebase, TraceTraits } from '../model/trace.js';
import type { Clock } from './clock.js';
import type { Decoder, LineConditions, LineCounts, PassableLines } from './format.js';

/** What a line turned out to be. */
export const LINE_EVENT = 1;
/** Two events: the view holds the first, `secondEvent` gives the other. */
export const LINE_TWO_EVENTS = 2;
export const LINE_IGNORED = 3;
export const LINE_UNPARSED = 4;
/** A line that belongs to trace but yields no event of its own (the first half of a broken line). */
export const LINE_RECORD_ONLY = 5;
/** The line can't be judged without the next one, which is not in the block yet. */
export const LINE_NEEDS_MORE = 6;
export type LineKind = 1 | 2 | 3 | 4 | 5 | 6;

const PROBLEMS_KEPT = 10;
const CR = 0x0d;

export abstract class LineDecoder implements Decoder {
  readonly counts: LineCounts = {
    records: 0,
    ignored: 0,
    unparsed: 0,
    events: 0,
  };
  readonly problems: Problem[] = [];
  consumed = 0;
  passable: PassableLines | null = null;
  untilNs = Number.POSITIVE_INFINITY;
  readonly nextNumber = null;
  protected needs: FieldNeeds = NO_NEEDS;
  protected block: LineBlock | null = null;
  /** Index of the line under `decodeLine`; a format that joins lines moves it on to the last one it used. */
  protected lineIndex = 0;
  protected secondPending = false;
  /** For formats whose lines begin with their time. */
  protected readonly clockOfLines: LineClock = {
    reads: (bytes, start, end) => this.printedNs(bytes, start, end) + this.clock.dayNs <= this.untilNs,
    follows: (bytes, start, end, start2, end2) =>
      this.clock.follows(this.printedNs(bytes, start, end), this.printedNs(bytes, start2, end2)),
  };
  /** Whether the event's line may be passed over, so that what it tells may go unseen. */
  protected readonly isPassable = ({ offset, block, recordStart, recordEnd }: EventView): boolean => {
    const { passable } = this;
    return passable !== null && offset >= passable.from && passable.include(block, recordStart, recordEnd);
  };
  private latestSecondNs = Number.NEGATIVE_INFINITY;
  private secondEpoch = 0;

  abstract readonly timebase: Timebase;
  abstract readonly clock: Clock;
  abstract readonly skippable: boolean;
  abstract notes(): readonly string[];
  abstract traits(asOf?: number): TraceTraits;
  abstract timeText(e: EventView): string | null;
  abstract fork(): Decoder;
  abstract arg(e: EventView, key: string | number): string | undefined;
  abstract rawArg(e: EventView, key: string | number): string | undefined;
  abstract result(e: EventView): CallResult | undefined;
  abstract fd(e: EventView): Fd | undefined;
  abstract latencyNs(e: EventView): number | undefined;
  abstract process(e: EventView, tid: number): ProcessInfo | undefined;
  abstract threadName(tid: number): string | undefined;
  abstract column(e: EventView, field: string): string | undefined;

  picker(_conditions: LineConditions): LinePicker | null {
    return null;
  }

  packet(_e: EventView): Packet | undefined {
    return undefined;
  }

  /** The time of the event on a line, as the clock takes it; NaN where there is none, or where more lines may be of it. */
  protected printedNs(_bytes: Buffer, _start: number, _end: number): number {
    return Number.NaN;
  }

  /** The line is its own text. */
  spell(_e: EventView): void {}

  /**
   * Judges the line bytes[start, end) (without line end) and fills `e` for events; `e.line`, `e.offset`,
   * `e.block`, `e.recordStart` and `e.recordEnd` are set before the call.
   */
  protected abstract decodeLine(bytes: Buffer, start: number, end: number, e: EventView): LineKind;
  /** Fills `e` with the second event of the line just decoded. */
  protected abstract secondEvent(e: EventView): void;

  get latestNs(): number {
    const { latestNs, epoch } = this.clock;
    return epoch === this.secondEpoch ? Math.max(latestNs, this.latestSecondNs) : latestNs;
  }

  track(needs: FieldNeeds): void {
    this.needs = needs;
  }

  open(block: LineBlock): void {
    this.block = block;
    this.lineIndex = 0;
    this.consumed = block.start;
    if (block.picks) {
      // Lines passed over look like records: taken for such.
      this.counts.records += block.picks.passed;
      this.counts.events += block.picks.passedEvents;
      this.latestSecondNs = Math.max(this.latestSecondNs, block.picks.latestNs);
    }
  }

  next(e: EventView): boolean {
    if (this.secondPending) {
      this.secondPending = false;
      this.secondEvent(e);
      if (this.secondEpoch !== this.clock.epoch) {
        this.secondEpoch = this.clock.epoch;
        this.latestSecondNs = Number.NEGATIVE_INFINITY;
      }
      if (e.timeNs > this.latestSecondNs) this.latestSecondNs = e.timeNs;
      this.counts.events++;
      return true;
    }
    const block = this.block!;
    const { bytes, ends, count } = block;
    const counts = this.counts;
    const picks = block.picks;
    let start = this.consumed;
    for (let i = this.lineIndex; i < count; i = this.lineIndex) {
      if (picks) start = picks.starts[i]!;
      let end = ends[i]!;
      if (end > start && bytes[end - 1] === CR) end--;
      e.block = bytes;
      e.recordStart = start;
      e.recordEnd = end;
      e.line = picks ? picks.lines[i]! : block.line + i;
      e.offset = picks ? picks.offsets[i]! : block.offset + (start - block.start);
      const kind = this.decodeLine(bytes, start, end, e);
      if (kind === LINE_NEEDS_MORE) break;
      start = ends[this.lineIndex]! + 1;
      const lines = this.lineIndex + 1 - i;
      this.lineIndex++;
      this.consumed = start;
      if (kind <= LINE_TWO_EVENTS) {
        counts.records++;
        // Lines joined to this one (dumps, stacks) carry no event of their own.
        counts.ignored += lines - 1;
        counts.events++;
        this.secondPending = kind === LINE_TWO_EVENTS;
        return true;
      }
      if (kind === LINE_IGNORED) counts.ignored += lines;
      else if (kind === LINE_RECORD_ONLY) counts.records += lines;
      else if (this.isPassable(e)) {
        counts.records += lines;
        counts.events += lines;
      } else {
        counts.unparsed += lines;
        if (this.problems.length < PROBLEMS_KEPT) {
          this.problem(
            e,
            `not a ${this.traits().format} line: ${excerpt(bytes, e.recordStart, e.recordEnd)}`,
          );
        }
      }
    }
    if (picks) this.consumed = block.end;
    this.leaveBlock();
    return false;
  }

  /** The block is used up; its bytes are good until this returns. */
  protected leaveBlock(): void {}

  /** Sets the event's time by the clock; a step of the clock is a problem of its own. */
  protected placeTime(e: EventView, ns: number): void {
    const { clock } = this;
    const { epoch } = clock;
    e.timeNs = clock.place(ns);
    if (clock.epoch === epoch) return;
    this.problem(
      e,
      `time steps back by ${formatDuration(clock.lastStepNs)}: the clock was set, or the lines are out of order`,
    );
  }

  /** Notes a problem of the current line; only the first few are kept. */
  protected problem(e: EventView, reason: string): void {
    if (this.problems.length < PROBLEMS_KEPT) this.problems.push({ line: e.line, byte: e.offset, reason });
  }
}

const EXCERPT = 60;

function excerpt(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, Math.min(end, start + EXCERPT));
  return JSON.stringify(end - start > EXCERPT ? `${text}...` : text);
}
