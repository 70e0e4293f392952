/**
 * A stretch of the trace decoded in full once more: all events of all sources between two times, merged by
 * time. Waypoints of the scan say where to start; forks of the decoders do the work.
 */
import { BlockReader } from '../input/block-reader.js';
import type { LineBlock } from '../input/blocks.js';
import type { ByteSource } from '../input/byte-source.js';
import type { History } from '../input/history.js';
import { turn } from '../input/turns.js';
import { type EventRecord, EventView, toRecord } from '../model/event.js';
import type { EventFields } from '../model/event-fields.js';
import type { EventRows } from '../model/event-rows.js';
import { LATE_NS } from '../model/time.js';
import type { Decoder } from './format.js';
import { type TraceSource, waypointBefore } from './trace-source.js';

const BLOCK_SIZE = 256 << 10;
const SMALL_BLOCK = 32 << 10;

/**
 * Called for each event; `timeNs` is on the run's axis, `record` makes a copy of it, `fields` reads it. `printedNs` is
 * the time that its source's lines have reached: the exit that a line announces lies ahead of it, a late line behind.
 * Where it returns false, it needs no more events.
 */
export type Visit = (
  e: EventView,
  timeNs: number,
  record: () => EventRecord,
  fields: EventFields,
  printedNs: number,
) => false | undefined;

export interface StretchResult {
  /** Events before this time are no longer held in some source; -Infinity when all are. */
  readonly missingBeforeNs: number;
}

/**
 * Visits every event with a time in [fromNs, toNs], in order of time. Events without a time are left out. Where
 * a source's clock stepped back, `epochs` says by source after how many steps; null for after the newest.
 * `visitRows` takes runs of ordinary events instead of `visit`, where a single source is visited whose format can
 * give them, and may return false, too; some are from before `fromNs`.
 */
export async function visitStretch(
  sources: readonly TraceSource[],
  fromNs: number,
  toNs: number,
  visit: Visit,
  epochs: readonly number[] | null = null,
  visitRows: ((rows: EventRows) => false | undefined) | null = null,
): Promise<StretchResult> {
  const cursors: StretchCursor[] = [];
  try {
    const missingBeforeNs = await enter(cursors, sources, fromNs, epochs);
    await merge(cursors, fromNs, toNs, visit, sources.length === 1 ? visitRows : null);
    return { missingBeforeNs };
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** Puts a cursor at the first event of each source that has one; events before the time given are no longer held. */
async function enter(
  cursors: StretchCursor[],
  sources: readonly TraceSource[],
  fromNs: number,
  epochs: readonly number[] | null,
): Promise<number> {
  let missingBeforeNs = Number.NEGATIVE_INFINITY;
  for (const source of sources) {
    const epoch = epochs ? (epochs[source.index] ?? 0) : source.decoder.clock.epoch;
    const cursor = new StretchCursor(source, fromNs, epoch, sources.length === 1);
    cursors.push(cursor);
    if (!(await cursor.advance())) await cursors.pop()!.close();
    else if (cursor.lost) missingBeforeNs = Math.max(missingBeforeNs, cursor.timeNs);
  }
  return missingBeforeNs;
}

/** See `visitStretch`. Cursors that are at their end are closed and taken out. */
async function merge(
  cursors: StretchCursor[],
  fromNs: number,
  toNs: number,
  visit: Visit,
  visitRows: ((rows: EventRows) => false | undefined) | null,
): Promise<void> {
  while (cursors.length > 0) {
    let least = 0;
    for (let i = 1; i < cursors.length; i++) if (cursors[i]!.timeNs < cursors[least]!.timeNs) least = i;
    const cursor = cursors[least]!;
    let limitNs = Number.POSITIVE_INFINITY;
    let following = cursors.length;
    for (let i = 0; i < cursors.length; i++) {
      if (i === least || cursors[i]!.timeNs >= limitNs) continue;
      limitNs = cursors[i]!.timeNs;
      following = i;
    }
    let more = true;
    do {
      const t = cursor.timeNs;
      const { printedNs } = cursor;
      if (printedNs > toNs + LATE_NS) {
        more = false;
        break;
      }
      if (t >= fromNs && t <= toNs) {
        const wants = visit(cursor.event, t, cursor.record, cursor.decoder, printedNs);
        if (wants === false) return;
      }
      if (visitRows && !cursor.passRows(toNs, visitRows)) return;
      more = cursor.next() || (await cursor.advance());
      // At one time the first source goes first, wherever the walk began.
    } while (more && (least < following ? cursor.timeNs <= limitNs : cursor.timeNs < limitNs));
    if (!more) await cursors.splice(least, 1)[0]!.close();
  }
}

/** A source's bytes once more, from an offset on. */
class HistorySource implements ByteSource {
  constructor(
    private readonly history: History,
    private offset: number,
  ) {}

  async read(into: Buffer, at: number, length: number): Promise<number> {
    await turn();
    const count = this.history.copy(this.offset, into, at, length);
    this.offset += count;
    return count;
  }

  async close(): Promise<void> {}
}

/** A block of a stream that goes on, without the line that has not come whole; null where there is nothing else. */
function wholeLines(block: LineBlock): LineBlock | null {
  const { ends, end } = block;
  const isBroken = block.count > 0 && ends[block.count - 1] === end;
  const count = isBroken ? block.count - 1 : block.count;
  return isBroken && count === 0 ? null : { ...block, count, final: false };
}

/** Walks one source from the last waypoint before a time. */
class StretchCursor {
  readonly event = new EventView();
  /** The newest event's time on the run's axis. */
  timeNs = Number.NaN;
  /** The bytes where the stretch begins are no longer held. */
  readonly lost: boolean;
  readonly decoder: Decoder;
  private readonly reader: BlockReader;
  private block: LineBlock | null = null;
  private ended: boolean;

  /** @param alone no other source is read at the same time: a memory of its own may be large. */
  constructor(
    private readonly source: TraceSource,
    fromNs: number,
    private readonly epoch: number,
    alone: boolean,
  ) {
    this.decoder = source.decoder.fork();
    this.event.source = source.index;
    const { history, binary } = source.opened;
    const wanted = waypointBefore(source.waypoints, fromNs - source.shiftNs - LATE_NS, this.epoch);
    this.lost = history.heldFrom > wanted.offset;
    // Where packets begin is known of waypoints alone.
    const waypoint =
      this.lost && binary
        ? source.waypoints.find(({ offset }) => offset >= history.heldFrom)
        : { ...wanted, offset: Math.max(wanted.offset, history.heldFrom) };
    this.ended = waypoint === undefined;
    const { clock, offset, line } = waypoint ?? wanted;
    this.decoder.clock.resume(clock);
    this.reader = new BlockReader(new HistorySource(history, offset), {
      blockSize: alone ? BLOCK_SIZE : SMALL_BLOCK,
      kernel: alone,
      binary,
      from: { offset, line },
    });
  }

  /** Latest printed time so far on the run's axis. */
  get printedNs(): number {
    return this.decoder.clock.latestNs + this.source.shiftNs;
  }

  readonly record = (): EventRecord => {
    this.decoder.spell(this.event);
    return toRecord(this.event, this.decoder.timeText(this.event));
  };

  /** The next event that has a time, within the block; false when the block is used up. */
  next(): boolean {
    while (this.block && this.decoder.next(this.event)) {
      const { epoch } = this.decoder.clock;
      if (epoch > this.epoch) {
        this.ended = true;
        return false;
      }
      if (epoch < this.epoch || Number.isNaN(this.event.timeNs)) continue;
      this.timeNs = this.event.timeNs + this.source.shiftNs;
      return true;
    }
    return false;
  }

  /** Hands over the ordinary events that follow in the block, up to `toNs`; false where no more are needed. */
  passRows(toNs: number, visit: (rows: EventRows) => false | undefined): boolean {
    const { decoder, event } = this;
    const { shiftNs } = this.source;
    if (!this.block || decoder.rows === undefined || decoder.clock.epoch !== this.epoch) return true;
    for (let rows = decoder.rows(event, shiftNs, toNs); rows; rows = decoder.rows(event, shiftNs, toNs))
      if (visit(rows) === false) return false;
    return true;
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  /** The next event, over as many blocks as that takes; false at the end of what the source holds. */
  async advance(): Promise<boolean> {
    for (;;) {
      if (this.next()) return true;
      if (this.ended) return false;
      this.reader.release(this.decoder.consumed, this.decoder.nextNumber);
      this.block = await this.reader.next();
      if (this.block?.final && !this.source.isAllHeld) this.block = wholeLines(this.block);
      if (this.block) this.decoder.open(this.block);
      else this.ended = true;
    }
  }
}
