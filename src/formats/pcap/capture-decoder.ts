/**
 * What both containers share: a packet under way becomes the event's view. During the scan that is its type and
 * direction alone, straight from the bytes; text is made when it is asked for.
 *
 * Times are printed as UTC, `2026-11-20 07:44:03.306303`, with as many digits as the file has (6 or 9). Directions
 * are known where the capture tells them: Linux cooked captures and the flags of pcapng, sent packets as `>` and
 * received ones as `<`.
 */
import type { LineBlock } from '../../input/blocks.js';
import { formatDuration } from '../../model/duration.js';
import { DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import { type Fd, type FieldNeeds, NO_NEEDS, type Packet } from '../../model/event-fields.js';
import type { Problem } from '../../model/problem.js';
import type { Timebase, TraceTraits } from '../../model/trace.js';
import { Clock } from '../clock.js';
import type { Decoder, LineCounts } from '../format.js';
import { Flows } from '../packets/flows.js';
import { FlowCache } from './flow-cache.js';
import { Headers } from './headers.js';
import { flowOf, hasPorts, packetOf } from './packet-fields.js';
import { ETHERTYPE, LINKTYPE, nameOfType, TCP, TYPE_NAMES } from './protocols.js';
import { summarise, unnamedType } from './summary.js';

const PROBLEMS_KEPT = 10;
const SYN = 2;
/** Link types without a reader that are told of. */
const LINKS_TOLD = 8;
/** Seconds since 1970 of the end of the year 9999: later times are damage, and have no text. */
const LAST_SECOND = 253_402_300_799;

/** Where the times of a capture begin and how fine they are. */
export interface CaptureTimes {
  readonly originSeconds: number;
  readonly resolutionNs: number;
}

export abstract class CaptureDecoder implements Decoder {
  readonly counts: LineCounts = { records: 0, ignored: 0, unparsed: 0, events: 0 };
  readonly problems: Problem[] = [];
  readonly clock = new Clock(false);
  readonly timebase: Timebase;
  readonly skippable = false;
  consumed = 0;
  nextNumber = 1;
  protected block: LineBlock | null = null;
  /** Over `block.bytes`, so that offsets into it are offsets into the view. */
  protected view: DataView = new DataView(new ArrayBuffer(0));
  /** Nothing more can be read: where packets begin is no longer known. */
  protected lost = false;
  /** Time of the newest packet, seconds since 1970 and nanoseconds; NaN where it has none. */
  protected seconds = Number.NaN;
  protected nanoseconds = 0;
  private readonly headers = new Headers();
  private wireLength = 0;
  private needs: FieldNeeds = NO_NEEDS;
  private flows: Flows | null = null;
  private flowCache: FlowCache | null = null;
  private asked: Packet | null = null;
  private flow: Fd | undefined | null = null;
  private readonly origin: number;
  private readonly unknownLinks = new Map<number, number>();
  private untold = 0;

  constructor(private readonly times: CaptureTimes) {
    this.origin = times.originSeconds;
    this.timebase = {
      kind: 'epoch',
      originSeconds: BigInt(times.originSeconds),
      resolutionNs: times.resolutionNs,
    };
  }

  protected get captureTimes(): CaptureTimes {
    return this.times;
  }

  abstract next(e: EventView): boolean;
  abstract fork(): Decoder;
  /** Digits of a second in the newest packet's printed time. */
  protected abstract get digits(): 6 | 9;
  /** Directions may be told, by what is known of the file so far. */
  protected abstract get tellsDirections(): boolean;
  protected abstract ownNotes(): string[];

  get latestNs(): number {
    return this.clock.latestNs;
  }

  /** Second of the newest packet, for finding out where the times of a capture begin; NaN where it has none. */
  get newestSecond(): number {
    return this.seconds;
  }

  open(block: LineBlock): void {
    this.block = block;
    this.consumed = block.start;
    this.nextNumber = block.line;
    const { buffer, byteOffset, length } = block.bytes;
    this.view = new DataView(buffer, byteOffset, length);
  }

  picker(): null {
    return null;
  }

  track(needs: FieldNeeds): void {
    this.needs = needs;
    this.flows = needs.fd ? new Flows() : null;
    this.flowCache = null;
  }

  /** Makes the packet [start, end) of the block the event, `seconds` and `nanoseconds` being its time. */
  protected present(
    e: EventView,
    linkType: number,
    recordAt: number,
    start: number,
    end: number,
    wireLength: number,
  ): void {
    const { bytes, start: blockStart, offset } = this.block!;
    const { headers } = this;
    this.wireLength = wireLength;
    this.asked = null;
    this.flow = null;
    headers.read(linkType, bytes, start, end);
    const { type } = headers;
    if (type < ETHERTYPE) {
      e.text = TYPE_NAMES.bytes;
      e.typeStart = TYPE_NAMES.starts[type]!;
      e.typeEnd = TYPE_NAMES.starts[type + 1]!;
    } else this.presentUnnamed(e);
    e.argsStart = e.argsEnd = e.typeEnd;
    e.dir = headers.direction;
    e.block = bytes;
    e.recordStart = e.recordEnd = start;
    e.offset = offset + (recordAt - blockStart);
    e.line = e.num = this.nextNumber++;
    this.placeTime(e);
    this.counts.records++;
    this.counts.events++;
    if (this.needs.args) this.spell(e);
    if (this.flows) this.noticeFlow();
  }

  private presentUnnamed(e: EventView): void {
    const { headers } = this;
    const { linkType } = headers;
    e.text = Buffer.from(unnamedType(headers));
    e.typeStart = 0;
    e.typeEnd = e.text.length;
    if (headers.type !== LINKTYPE) return;
    const count = this.unknownLinks.get(linkType);
    if (count !== undefined || this.unknownLinks.size < LINKS_TOLD)
      this.unknownLinks.set(linkType, (count ?? 0) + 1);
    else this.untold++;
  }

  private placeTime(e: EventView): void {
    const { clock, seconds } = this;
    if (!(seconds >= 0 && seconds <= LAST_SECOND)) {
      e.timeNs = Number.NaN;
      if (!Number.isNaN(seconds)) this.problem(e, 'its time lies outside of the years 1970 to 9999');
      this.seconds = Number.NaN;
      return;
    }
    const { epoch } = clock;
    e.timeNs = clock.place((seconds - this.origin) * 1e9 + this.nanoseconds);
    if (clock.epoch === epoch) return;
    this.problem(
      e,
      `time steps back by ${formatDuration(clock.lastStepNs)}: the clock was set, or the packets are out of order`,
    );
  }

  /** Who is the client may be told by this packet alone, whether the filter asks for it or not. */
  private noticeFlow(): void {
    const { headers } = this;
    if (!hasPorts(headers)) return;
    const isSyn = headers.type === TCP && headers.has(14) && (headers.u8(13) & SYN) !== 0;
    if (isSyn || headers.u16(0) === headers.u16(2)) this.flow = this.findFlow();
  }

  private readonly findFlow = (): Fd | undefined => {
    this.flows ??= new Flows();
    return flowOf(this.newest(), this.headers, this.flows);
  };

  private newest(): Packet {
    this.asked ??= packetOf(this.headers, this.wireLength);
    return this.asked;
  }

  packet(_e: EventView): Packet {
    return this.newest();
  }

  fd(_e: EventView): Fd | undefined {
    if (this.flow === null) {
      this.flows ??= new Flows();
      this.flowCache ??= new FlowCache(this.flows);
      this.flow = this.flowCache.of(this.headers, this.findFlow);
    }
    return this.flow;
  }

  spell(e: EventView): void {
    const { prefix, body } = summarise(this.headers, this.wireLength);
    const type = nameOfType(this.headers.type) || unnamedType(this.headers);
    const time = this.timeText(e);
    e.text = Buffer.from(`${type}${body}`);
    e.typeStart = 0;
    e.typeEnd = e.argsStart = type.length;
    e.argsEnd = e.text.length;
    const dir = e.dir === DIR_ENTER ? 'Out ' : e.dir === DIR_EXIT ? 'In  ' : '';
    e.block = Buffer.from(`${time === null ? '' : `${time} `}${dir}${prefix}${body}`);
    e.recordStart = 0;
    e.recordEnd = e.block.length;
  }

  timeText(_e: EventView): string | null {
    if (Number.isNaN(this.seconds)) return null;
    const carried = Math.floor(this.nanoseconds / 1e9);
    const day = new Date((this.seconds + carried) * 1000).toISOString();
    const fraction = String(this.nanoseconds - carried * 1e9).padStart(9, '0');
    return `${day.slice(0, 10)} ${day.slice(11, 19)}.${fraction.slice(0, this.digits)}`;
  }

  traits(): TraceTraits {
    return {
      format: 'pcap',
      timebase: this.timebase,
      directions: this.tellsDirections ? 'unknown' : 'none',
      exitTimes: true,
      hasCpu: false,
      hasNames: false,
      columns: [],
    };
  }

  notes(): readonly string[] {
    const links = [...this.unknownLinks].map(
      ([link, count]) =>
        `${count} packets are of link type ${link}, which is not read: nothing is known of them but their time`,
    );
    if (this.untold > 0) links.push(`${this.untold} packets are of more link types that are not read`);
    return [...links, ...this.ownNotes()];
  }

  /** What lies behind is lost: counted as one, and told with its place. */
  protected lose(at: number, reason: string): false {
    this.lost = true;
    this.counts.unparsed++;
    this.report(at, `${reason}: nothing can be read from here on`);
    this.consumed = this.block!.end;
    return false;
  }

  /** A problem of the record that begins at `at`, which is no event. */
  protected report(at: number, reason: string): void {
    const { offset, start } = this.block!;
    if (this.problems.length < PROBLEMS_KEPT)
      this.problems.push({ line: this.nextNumber, byte: offset + (at - start), reason });
  }

  private problem(e: EventView, reason: string): void {
    if (this.problems.length < PROBLEMS_KEPT) this.problems.push({ line: e.line, byte: e.offset, reason });
  }

  arg(): undefined {
    return undefined;
  }

  rawArg(): undefined {
    return undefined;
  }

  result(): undefined {
    return undefined;
  }

  latencyNs(): undefined {
    return undefined;
  }

  process(): undefined {
    return undefined;
  }

  threadName(): undefined {
    return undefined;
  }

  column(): undefined {
    return undefined;
  }
}
