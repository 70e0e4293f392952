/**
 * A stretch of the trace decoded in full once more: all events of all sources between two times, merged by
 * time. Waypoints of the scan say where to start; forks of the decoders do the work.
 */
import { blockOfLines, type LineBlock } from '../input/blocks.js';
import { EventView } from '../model/event.js';
import { LATE_NS } from '../model/time.js';
import type { Decoder } from './format.js';
import { type TraceSource, waypointBefore } from './trace-source.js';

const CHUNK = 1 << 20;
/** Lines that wait for their continuation may grow the carry to this, then they are taken as they are. */
const MAX_CARRY = 8 << 20;

/** Called for each event; `timeNs` is on the run's axis, `timeText` gives its time in the trace's notation. */
export type Visit = (e: EventView, timeNs: number, timeText: () => string | null) => void;

export interface StretchResult {
  /** Events before this time are no longer held in some source; -Infinity when all are. */
  readonly missingBeforeNs: number;
}

/**
 * Visits every event with a time in [fromNs, toNs], in order of time. Events without a time are left out. Where
 * a source's clock stepped back, `epochs` says by source after how many steps; null for after the newest.
 */
export async function visitStretch(
  sources: readonly TraceSource[],
  fromNs: number,
  toNs: number,
  visit: Visit,
  epochs: readonly number[] | null = null,
): Promise<StretchResult> {
  const cursors: StretchCursor[] = [];
  let missingBeforeNs = Number.NEGATIVE_INFINITY;
  for (const source of sources) {
    const cursor = new StretchCursor(
      source,
      fromNs,
      epochs ? (epochs[source.index] ?? 0) : source.decoder.clock.epoch,
    );
    if (await cursor.advance()) {
      cursors.push(cursor);
      if (cursor.lost) missingBeforeNs = Math.max(missingBeforeNs, cursor.timeNs);
    }
  }
  while (cursors.length > 0) {
    let least = 0;
    for (let i = 1; i < cursors.length; i++) if (cursors[i]!.timeNs < cursors[least]!.timeNs) least = i;
    const cursor = cursors[least]!;
    let limitNs = Number.POSITIVE_INFINITY;
    for (const other of cursors) if (other !== cursor && other.timeNs < limitNs) limitNs = other.timeNs;
    let more = true;
    do {
      const t = cursor.timeNs;
      if (t > toNs + LATE_NS) {
        more = false;
        break;
      }
      if (t >= fromNs && t <= toNs) visit(cursor.event, t, cursor.timeText);
      more = cursor.next() || (await cursor.advance());
    } while (more && cursor.timeNs <= limitNs);
    if (!more) cursors.splice(least, 1);
  }
  return { missingBeforeNs };
}

/** Walks one source from the last waypoint before a time. */
class StretchCursor {
  readonly event = new EventView();
  /** The newest event's time on the run's axis. */
  timeNs = Number.NaN;
  /** The bytes where the stretch begins are no longer held. */
  lost = false;
  private readonly decoder: Decoder;
  private offset: number;
  private line: number;
  private carry: Buffer = Buffer.alloc(0);
  private block: LineBlock | null = null;
  private ended = false;
  private readonly stepsKnown: boolean;

  constructor(
    private readonly source: TraceSource,
    fromNs: number,
    private readonly epoch: number,
  ) {
    this.decoder = source.decoder.fork();
    this.event.source = source.index;
    // Where the scan passed lines over it may have missed a step that is met now.
    this.stepsKnown = !source.passedLinesOver;
    const waypoint = waypointBefore(source.waypoints, fromNs - source.shiftNs - LATE_NS, this.epoch);
    this.decoder.clock.resume(waypoint.clock);
    this.offset = waypoint.offset;
    this.line = waypoint.line;
  }

  readonly timeText = (): string | null => this.decoder.timeText(this.event);

  /** The next event that has a time, within the block; false when the block is used up. */
  next(): boolean {
    while (this.block && this.decoder.next(this.event)) {
      const { epoch } = this.decoder.clock;
      if (epoch > this.epoch && this.stepsKnown) {
        this.ended = true;
        return false;
      }
      if (epoch < this.epoch || Number.isNaN(this.event.timeNs)) continue;
      this.timeNs = this.event.timeNs + this.source.shiftNs;
      return true;
    }
    return false;
  }

  /** The next event, over as many chunks as that takes; false at the end of what the source holds. */
  async advance(): Promise<boolean> {
    for (;;) {
      if (this.next()) return true;
      if (this.ended) return false;
      await this.fill();
    }
  }

  private async fill(): Promise<void> {
    if (this.block) {
      const consumed = Math.min(this.decoder.consumed, this.block.end);
      this.line += countLines(this.block, consumed);
      this.carry = Buffer.from(this.block.bytes.subarray(consumed, this.block.end));
      this.offset += consumed;
    }
    const from = this.offset + this.carry.length;
    const { offset, bytes } = await this.source.opened.history.read(from, from + CHUNK);
    if (offset > from) {
      this.lost = true;
      this.carry = Buffer.alloc(0);
      this.offset = offset;
    }
    this.ended = bytes.length < CHUNK;
    const final = this.ended || this.carry.length > MAX_CARRY;
    this.block = blockOfLines(Buffer.concat([this.carry, bytes]), this.offset, this.line, final);
    this.decoder.open(this.block);
  }
}

function countLines(block: LineBlock, consumed: number): number {
  let count = 0;
  while (count < block.count && block.ends[count]! < consumed) count++;
  return count;
}
