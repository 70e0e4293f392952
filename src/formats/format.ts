/**
 * What every format provides: a `detect` that recognises it from the first lines, and a `Decoder` that turns
 * blocks of whole lines into events. Adding a format: one file (or folder) here and its line in registry.ts.
 */

import type { LineBlock } from '../input/blocks.js';
import type { LineClock, LinePicker } from '../input/line-picker.js';
import type { PartLook } from '../input/read-ahead.js';
import type { EventView } from '../model/event.js';
import type { EventFields, FieldNeeds } from '../model/event-fields.js';
import type { EventRows } from '../model/event-rows.js';
import type { Problem } from '../model/problem.js';
import type { FormatName, Timebase, TraceTraits } from '../model/trace.js';
import type { Clock } from './clock.js';

/** The first lines of a source. Grows until a format decides; a verdict depends on the lines alone, not on how they arrived. */
export interface Sample {
  /** Whole lines, byte-order mark removed; of a binary capture the bytes as they are. */
  readonly bytes: Buffer;
  /** Its first bytes are those of a binary capture. */
  readonly binary?: boolean;
  /** No more will come: the source ends here, or the sample has its full size. */
  readonly complete: boolean;
  /** Name of the file, undefined for a stream. Only for what the name alone tells (`trace.1568` of strace -ff). */
  readonly path: string | undefined;
}

export interface DetectOptions {
  /** The user named this format (--format): no need to be sure. */
  readonly forced: boolean;
  /** sysdig -p string (--layout). */
  readonly layout: string | undefined;
}

export type Verdict =
  /** It is mine; `open` starts decoding at the first line. `line` is the one that decided it, from 1; Infinity where that took the whole sample. */
  | {
      readonly kind: 'mine';
      readonly line: number;
      readonly open: () => Decoder;
    }
  /** It is mine, but can't be used: what is missing and which option to add. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** More lines are needed. Never answered to a complete sample. */
  | { readonly kind: 'undecided' }
  /** Not mine; the reason goes into the list of what was tried. */
  | { readonly kind: 'not-mine'; readonly reason: string };

export interface Format {
  readonly name: FormatName;
  /** It reads binary captures, and nothing else. */
  readonly binary?: true;
  detect(sample: Sample, options: DetectOptions): Verdict;
}

export interface LineCounts {
  /** Lines (or packets) the decoder took for trace. */
  records: number;
  /** Lines known to carry no event. */
  ignored: number;
  unparsed: number;
  /** Events decoded (strace: two for a call printed whole). */
  events: number;
}

/** Where an event was seen: enough to decode it once more from the source's bytes. */
export interface EventRef {
  readonly source: number;
  readonly offset: number;
  readonly line: number;
  readonly num: number;
  readonly timeNs: number;
  readonly half: number;
}

/** Where the last event stands that was passed over, and its time on the source's axis. */
export interface EventPlace {
  offset: number;
  line: number;
  timeNs: number;
}

/** Lines that may be passed over: they count as events, also where they are decoded and turn out to be broken. */
export interface PassableLines {
  /** None before this byte of the source. */
  readonly from: number;
  /** Whether the line [start, end) is one of them. */
  include(bytes: Buffer, start: number, end: number): boolean;
}

/** Conditions that every match fulfils, each over one thing alone; null where there is none. */
export interface LineConditions {
  /** Over the type of the view. */
  readonly type: ((e: EventView) => boolean) | null;
  /** Over the thread of the view and its name. */
  readonly thread: ((e: EventView) => boolean) | null;
}

export interface Decoder extends EventFields {
  readonly timebase: Timebase;
  /** Its `epoch` changes when the printed times step back: no interval may be measured across that. */
  readonly clock: Clock;
  /** Latest time of any event so far, also of exits that a line only announces; on the source's own axis. */
  readonly latestNs: number;
  readonly counts: LineCounts;
  /** The first few unparsed lines and clock steps. */
  readonly problems: readonly Problem[];
  /** Lines may be passed over: no line's meaning depends on the ones before it. */
  readonly skippable: boolean;
  /**
   * Where lines depend on others: no line before those that were decoded since `open` has a part in the records of
   * their events, but for the day that they are of. Undefined where that can't be told.
   */
  readonly standsAlone?: boolean | undefined;
  /**
   * Asked for where lines are `skippable`. Only where each begins with its time, or its number, a space and its time: of
   * day, with a date in front or not, or in seconds, to the microsecond at least.
   */
  readonly lineClock?: LineClock | undefined;
  /** Which lines may be passed over from now on, where they are `skippable`; null for none. */
  passable?: PassableLines | null;
  /** Blocks with a line later than this are decoded in full: so far a run goes, on the source's axis. */
  untilNs?: number;
  /** Where lines depend on others: which of them are to be decoded all the same; null for all. Asked for once. */
  picker(conditions: LineConditions): LinePicker | null;
  /** What may be done to a part of a file before its turn, where all its lines are decoded; undefined for nothing. */
  readonly ahead?: PartLook | undefined;
  /** Sentences that the report should show about this source (no exit times, layout assumed, ...). */
  notes(): readonly string[];
  /** As far as the lines read so far tell, those up to the byte offset `asOf`. */
  traits(asOf?: number): TraceTraits;
  /** Before the first block: which stateful fields will be asked for. */
  track(needs: FieldNeeds): void;
  /** Hands over the next block. Lines that `next` did not consume come again at the head of the next block. */
  open(block: LineBlock): void;
  /** Decodes up to the next event; false when the block is used up. `e.source` is left alone. */
  next(e: EventView): boolean;
  /**
   * Takes the ordinary events that follow, up to `toNs` on the run's axis (the source's and `shiftNs`), as one run;
   * null where the next one is none. Only where a format has a kernel for it; directions of calls go unseen. The
   * views of the run are made in `e`.
   */
  rows?(e: EventView, shiftNs: number, toNs: number): EventRows | null;
  /** Puts the threads of the events that come next into `tids`, as far as that is known and there is room; their number. */
  threadsAhead?(tids: Int32Array): number;
  /**
   * Passes over ordinary events on lines without the literal, up to `toNs` as above, and says where the last one of
   * them stands; false where there is none. What the decoder then knows is as if it had decoded them.
   */
  passOver?(literal: Buffer, shiftNs: number, toNs: number, last: EventPlace): boolean;
  /** Byte position in the block up to which lines were consumed; read after `next` gave false. */
  readonly consumed: number;
  /** Number of the packet behind `consumed`, from 1, in binary captures; null where records are lines. */
  readonly nextNumber: number | null;
  /**
   * Completes the newest event's view for readers: its arguments and raw text, where a decoder of packets makes
   * none during the scan. To be called before the view is copied.
   */
  spell(e: EventView): void;
  /** The event's time in the trace's own notation; null where it has none. */
  timeText(e: EventView): string | null;
  /**
   * A decoder for going back: same layout and names, its own clock and counts. Its times are right once its
   * clock resumed the state it had there, or shifted so that a known event has its known time.
   */
  fork(): Decoder;
}
