/** One source under way: its bytes, its blocks, the decoder that its first lines asked for. */
import { BlockReader } from '../input/block-reader.js';
import type { LineBlock } from '../input/blocks.js';
import { type LinePicker, LiteralPicker } from '../input/line-picker.js';
import type { AheadOptions } from '../input/part-reader.js';
import { type GapInput, type OpenSource, openSource } from '../input/source.js';
import { EventView } from '../model/event.js';
import { type ClockOffset, NO_CLOCK_OFFSET } from '../model/join.js';
import { type Problem, UsageError } from '../model/problem.js';
import type { ClockState } from './clock.js';
import type { Decoder, EventPlace, EventRef } from './format.js';
import { readFrom } from './look-back.js';
import { type ChooseOptions, chooseDecoder } from './registry.js';

/** Formats are recognised by so much of a source at the most. */
const SAMPLE_BYTES = 64 << 10;
const SAMPLE_STEPS = [2 << 10, 16 << 10, SAMPLE_BYTES];
/** A pcapng may hold names and keys before its first packet, whose time is looked for. */
const BINARY_SAMPLE_BYTES = 1 << 20;
/** Waypoints are so far apart at least: a pipe may come in chunks of a line. */
const WAYPOINT_BYTES = 128 << 10;
/** Of many files, those below this size are read whole instead of being kept open. */
const WHOLE_BELOW = 1 << 20;

/** Waypoints kept: those of 8 GiB, then half of them, and so on. */
const WAYPOINTS_KEPT = 1 << 16;

export interface TraceSourceOptions extends ChooseOptions {
  readonly blockSize: number;
  /** See BlockOptions. */
  readonly decodedInFull?: number;
  /** Many sources are open at once: smaller blocks, plain memory. */
  readonly many: boolean;
  readonly ahead?: AheadOptions | undefined;
  /** Plain memory for one source, too. */
  readonly plain?: boolean | undefined;
  /** Default 65536; tests make it small. */
  readonly waypointsKept?: number | undefined;
}

/** Where a block starts. Times are on the source's own axis. */
export interface Waypoint {
  readonly clock: ClockState;
  /** Latest time of any event before it, also of exits that a line only announces. */
  readonly latestNs: number;
  readonly offset: number;
  readonly line: number;
}

export class TraceSource {
  /** The newest event; valid until the next `advance` or `refill`. */
  readonly event = new EventView();
  /** Blocks passed, for finding a time again. */
  readonly waypoints: Waypoint[] = [];
  matched = 0;
  /** The clock's epoch that the run has taken notice of. */
  epoch = 0;
  /** Added to the source's times to put them on the run's common axis. */
  shiftNs = 0;
  /** What of the shift is for its clock, and how that is known. */
  clockOffset: ClockOffset = NO_CLOCK_OFFSET;
  /** Time of the first event on the run's axis; NaN before it was seen. */
  firstNs = Number.NaN;
  firstTime: string | null = null;
  lastTime: string | null = null;
  /** The last event with a time, once the run has seen it. */
  lastTimed: EventRef | null = null;
  /** Context and investigation will ask for nothing older than this, on the source's own axis. */
  neededNs = Number.NEGATIVE_INFINITY;
  /** Reading failed here; what came before is good. */
  readFailure: string | null = null;
  /** Of the lines that are decoded all the same, some can't match. */
  maySkim = false;
  /** The block that the scan is in is the last one. */
  private inLastBlock = false;
  private done = false;
  /** What every line with a match holds; null where that is not known. */
  private literal: Buffer | null = null;

  private constructor(
    readonly index: number,
    readonly opened: OpenSource,
    private readonly reader: BlockReader,
    readonly decoder: Decoder,
    private readonly waypointsKept: number,
  ) {
    this.event.source = index;
  }

  get name(): string {
    return this.opened.name;
  }

  /** @throws UsageError when it can't be opened or no format takes it. */
  static async open(input: GapInput, index: number, options: TraceSourceOptions): Promise<TraceSource> {
    const opened = await openSource(input, {
      wholeBelow: options.many ? WHOLE_BELOW : 0,
      threadFrom: threadFrom(options.ahead),
    }).catch((error: unknown) => {
      throw unreadable(input, error);
    });
    const reader = new BlockReader(opened.bytes, {
      blockSize: options.blockSize,
      ahead: options.ahead,
      kernel: !options.many && !options.plain,
      mayPick: true,
      ...(options.decodedInFull === undefined ? {} : { decodedInFull: options.decodedInFull }),
      binary: opened.binary,
      ...(opened.onBytes ? { onBytes: opened.onBytes } : {}),
    });
    try {
      const { decoder, block } = await recognise(reader, opened, options);
      const source = new TraceSource(index, opened, reader, decoder, options.waypointsKept ?? WAYPOINTS_KEPT);
      if (block) source.enter(block);
      else source.done = true;
      return source;
    } catch (error) {
      await reader.close();
      await opened.close();
      throw unreadable(input, error);
    }
  }

  get isDone(): boolean {
    return this.done;
  }

  /** Its bytes end where those that are held do: a stream may go on in the middle of a line. */
  get isAllHeld(): boolean {
    return this.done || this.inLastBlock || this.opened.onBytes === undefined;
  }

  /** Latest event time so far on the run's axis. */
  get latestNs(): number {
    return this.decoder.latestNs + this.shiftNs;
  }

  /** Reading may take as long as somebody else likes: a pipe, not a file. */
  get mayWait(): boolean {
    return this.opened.storedSize === null;
  }

  /** Bytes of decoded trace read so far. */
  get bytes(): number {
    return this.reader.bytesRead;
  }

  /** From here on only lines that the picker picks are decoded. */
  pickLines(picker: LinePicker): void {
    this.reader.picker = picker;
    if (picker instanceof LiteralPicker) {
      const { decoder } = this;
      this.literal = picker.literal;
      this.maySkim = decoder.passOver !== undefined;
      const include = (bytes: Buffer, start: number, end: number) => picker.mayPass(bytes, start, end);
      decoder.passable = { from: this.reader.pickedFrom, include };
    }
    this.opened.hurry();
    const rest = this.reader.cutAgain(this.decoder.consumed);
    if (rest) this.decoder.open(rest);
  }

  /** All lines are decoded; what can be done to them ahead is. */
  lookAhead(): void {
    this.reader.look = this.decoder.ahead ?? null;
  }

  /** Decodes the next event of the block into `event`; false when the block is used up. */
  advance(): boolean {
    return this.decoder.next(this.event);
  }

  /** Passes over events that can't match, up to `toNs` on the run's axis; false where there is none. */
  passOver(toNs: number, last: EventPlace): boolean {
    const { decoder } = this;
    return this.literal !== null && decoder.passOver?.(this.literal, this.shiftNs, toNs, last) === true;
  }

  /** As `refill`; false also where the next block must be waited for. */
  refillNow(): boolean {
    if (this.done) return false;
    this.leave();
    const block = this.reader.nextNow();
    if (block) this.enter(block);
    return block !== null;
  }

  /** Moves on to the next block; false at the end of the source. */
  async refill(): Promise<boolean> {
    if (this.done) return false;
    this.leave();
    let block: LineBlock | null = null;
    try {
      block = await this.reader.next();
    } catch (error) {
      this.readFailure = (error as Error).message;
    }
    if (!block) {
      this.done = true;
      return false;
    }
    this.enter(block);
    return true;
  }

  /** The decoder is through with its block; said twice, it changes nothing. */
  private leave(): void {
    if (this.neededNs > Number.NEGATIVE_INFINITY)
      this.opened.keepFrom(waypointBefore(this.waypoints, this.neededNs, this.decoder.clock.epoch).offset);
    this.reader.release(this.decoder.consumed, this.decoder.nextNumber);
  }

  /** Reads the time of the last event that has one. */
  async noteLast(): Promise<void> {
    if (this.lastTimed) this.lastTime = (await readFrom(this, this.lastTimed, 0, null)).record?.time ?? null;
  }

  private enter(block: LineBlock): void {
    const last = this.waypoints.at(-1);
    const { clock } = this.decoder;
    if (!last || block.offset - last.offset >= WAYPOINT_BYTES) {
      this.waypoints.push({
        clock: clock.state(),
        latestNs: this.decoder.latestNs,
        offset: block.offset,
        line: block.line,
      });
      if (this.waypoints.length > this.waypointsKept) this.thinWaypoints();
    }
    this.inLastBlock = block.final;
    this.decoder.open(block);
  }

  /**
   * A stream that never ends: waypoints of bytes that are no longer held go (but for one, from which on it is
   * known that they are not), and where the others are too many still, every other one.
   */
  private thinWaypoints(): void {
    const { waypoints } = this;
    const { heldFrom } = this.opened.history;
    const gone = waypoints.findLastIndex(({ offset }) => offset < heldFrom);
    if (gone > 0) waypoints.splice(0, gone);
    if (waypoints.length * 2 > this.waypointsKept)
      waypoints.splice(0, waypoints.length, ...waypoints.filter((_, i) => i % 2 === 0));
  }

  /** Everything that went wrong with this source, in order of place. */
  problems(): Problem[] {
    const failure = this.readFailure ?? this.opened.failure();
    const broken: Problem[] =
      failure === null
        ? []
        : [
            {
              line: null,
              byte: this.reader.bytesRead,
              reason: `reading stopped here, the rest is lost: ${failure}`,
            },
          ];
    if (this.reader.missing > 0) {
      broken.unshift({
        line: null,
        byte: this.reader.bytesRead,
        reason: `the capture ends within a block, which is ${this.reader.missing} bytes longer`,
      });
    }
    return [...this.decoder.problems, ...this.reader.problems, ...broken];
  }

  get cutLines(): number {
    return this.reader.cutLines;
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.opened.close();
  }
}

/** How long a pipe must be for a thread: starting one takes as long as decoding half of that. */
function threadFrom(ahead: AheadOptions | undefined): number | undefined {
  return ahead && ahead.threads > 0 ? ahead.leastBytes / 4 : undefined;
}

/** What the system refused to read; other errors stay as they are. */
function unreadable(input: GapInput, error: unknown): unknown {
  const code = error instanceof UsageError ? undefined : (error as NodeJS.ErrnoException).code;
  if (typeof input !== 'string' || code === undefined) return error;
  return new UsageError('input', `${input === '-' ? 'standard input' : input}: can't be read (${code})`);
}

/**
 * The last waypoint with all events before it before `timeNs`, or before the clock's `epoch`; the first one if
 * none is.
 */
export function waypointBefore(waypoints: readonly Waypoint[], timeNs: number, epoch: number): Waypoint {
  let low = 0;
  let high = waypoints.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { clock, latestNs } = waypoints[middle]!;
    if (clock.epoch < epoch || (clock.epoch === epoch && latestNs < timeNs)) low = middle + 1;
    else high = middle;
  }
  return waypoints[Math.max(0, low - 1)]!;
}

/** Shows the formats a growing head of the source until one takes it. */
async function recognise(
  reader: BlockReader,
  opened: OpenSource,
  options: TraceSourceOptions,
): Promise<{ decoder: Decoder; block: LineBlock | null }> {
  let shown = 0;
  for (;;) {
    const block = await reader.next();
    const { binary } = opened;
    const wholeEnd = !block ? 0 : binary ? block.end : Math.min(block.ends[block.count - 1]! + 1, block.end);
    const length = block ? wholeEnd - block.start : 0;
    if (block && length === shown && !block.final) {
      reader.release(block.start, binary ? 1 : null);
      continue;
    }
    shown = length;
    const failure = opened.failure();
    const unpacked = failure === null ? '' : ` (its packing is damaged: ${failure})`;
    if (length === 0 && failure !== null) {
      throw new UsageError('input', `${opened.name}: can't be unpacked: ${failure}`);
    }
    const ended = !block || block.final || length >= (binary ? BINARY_SAMPLE_BYTES : SAMPLE_BYTES);
    const samples = samplesOf(block, wholeEnd, binary);
    for (const [i, bytes] of samples.entries()) {
      const sample = { bytes, binary, complete: ended && i === samples.length - 1, path: opened.path };
      const decoder = chooseDecoder(sample, options, `${opened.name}${unpacked}`);
      if (decoder !== 'undecided') return { decoder, block };
    }
    reader.release(block!.start, binary ? 1 : null);
  }
}

/** What is shown of a block: mostly its first lines decide, and showing all of them to each format takes 30 ms. */
function samplesOf(block: LineBlock | null, wholeEnd: number, binary: boolean): Buffer[] {
  if (!block) return [Buffer.alloc(0)];
  if (binary) return [block.bytes.subarray(block.start, block.end)];
  const samples = SAMPLE_STEPS.map((bytes) => headOf(block, wholeEnd, bytes));
  return samples.filter((sample, i) => i === 0 || sample.length > samples[i - 1]!.length);
}

/** The block's whole lines, up to `bytes` of them, but one at least. */
function headOf(block: LineBlock, wholeEnd: number, bytes: number): Buffer {
  const limit = block.start + bytes;
  if (wholeEnd <= limit) return block.bytes.subarray(block.start, wholeEnd);
  let end = block.start;
  for (let i = 0; i < block.count && block.ends[i]! < limit; i++) end = block.ends[i]! + 1;
  return block.bytes.subarray(block.start, Math.max(end, Math.min(wholeEnd, block.ends[0]! + 1)));
}
