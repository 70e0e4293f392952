/** What filters and reports ask of a packet's line beyond the view's columns, and of the text as a whole. */
import type { LineBlock } from '../../input/blocks.js';
import type { LineClock } from '../../input/line-picker.js';
import type { EventView } from '../../model/event.js';
import type { CallResult, Fd, Packet, ProcessInfo } from '../../model/event-fields.js';
import type { Timebase, TraceTraits } from '../../model/trace.js';
import { Clock } from '../clock.js';
import { LineDecoder } from '../line-decoder.js';
import type { Flows } from '../packets/flows.js';
import type { Body } from './body.js';
import { type Layout, timebaseOf } from './layout.js';
import { flowOf, type ParsedPacket, parsePacket } from './packet.js';
import { droppedPackets, statisticsIn } from './summary-lines.js';

/** What tcpdump said it dropped, and from which byte offset on. */
interface Dropped {
  readonly offset: number;
  readonly count: number;
}

const DROPS_KEPT = 64;
const NEWLINE = 10;

export abstract class PacketFields extends LineDecoder {
  readonly timebase: Timebase;
  readonly clock: Clock;
  readonly skippable: boolean;
  readonly lineClock: LineClock | undefined;
  private readonly drops: Dropped[] = [];
  /** Byte offsets of statistics that were passed over in this block. */
  protected passed: number[] = [];
  /** The packet asked for last, and the byte offset of its line. */
  private parsed: ParsedPacket | null = null;
  private parsedOffset = -1;

  constructor(
    protected readonly layout: Layout,
    protected readonly flows: Flows,
    /** The line decoded last. */
    protected readonly body: Body,
  ) {
    super();
    this.timebase = timebaseOf(layout);
    // Differences to the first packet are printed modulo a day, as times of day are.
    this.clock = new Clock(layout.times === 'time-of-day' || layout.times === 'since-first');
    this.skippable = layout.stamp !== 'offset' && !layout.manyLines;
    this.lineClock = layout.numbered ? undefined : this.clockOfLines;
  }

  /** Lines inside dumps that looked like packets. */
  protected abstract get doubts(): number;

  override open(block: LineBlock): void {
    super.open(block);
    this.passed = [];
    if (block.picks) this.passStatistics(block);
  }

  /** Statistics among the lines passed over were taken for packets, as they begin with a digit. */
  private passStatistics({ bytes, start, end, offset, picks, count }: LineBlock): void {
    const { counts } = this;
    const picked = picks!.starts;
    for (const at of statisticsIn(bytes, start, end)) {
      const newline = bytes.indexOf(NEWLINE, at);
      this.noteDropped(bytes, at, newline < 0 ? end : Math.min(newline, end), offset + at - start);
      if (picked.subarray(0, count).includes(at)) continue;
      this.passed.push(offset + at - start);
      counts.records--;
      counts.events--;
      counts.ignored++;
    }
  }

  protected noteDropped(bytes: Buffer, start: number, end: number, offset: number): void {
    this.addDropped(droppedPackets(bytes, start, end), offset);
  }

  private addDropped(count: number, offset: number): void {
    if (count > 0 && this.drops.length < DROPS_KEPT) this.drops.push({ offset, count });
  }

  /** Who opened a flow is seen by all its packets, not by those alone that a filter asks about. */
  protected see(e: EventView): void {
    this.parsed = null;
    if (this.needs.fd) this.fd(e);
  }

  traits(asOf = Number.POSITIVE_INFINITY): TraceTraits {
    const dropped = this.droppedUpTo(asOf);
    return {
      format: 'tcpdump',
      timebase: this.timebase,
      directions: this.layout.directions ? 'unknown' : 'none',
      exitTimes: true,
      hasCpu: false,
      hasNames: false,
      columns: [],
      ...(dropped > 0 ? { dropped } : {}),
    };
  }

  private droppedUpTo(asOf: number): number {
    return this.drops.reduce((most, { offset, count }) => (offset < asOf ? Math.max(most, count) : most), 0);
  }

  notes(): readonly string[] {
    const notes: string[] = [];
    const { times } = this.layout;
    if (times === 'since-first') notes.push('the times were taken as counted from the first packet (-ttttt)');
    if (times === 'delta')
      notes.push('the times were taken as differences to the packet before (-ttt) and added up');
    const dropped = this.droppedUpTo(Number.POSITIVE_INFINITY);
    if (dropped > 0) {
      notes.push(
        `tcpdump dropped ${dropped === 1 ? '1 packet' : `${dropped} packets`} and does not say when: a silence in this trace may be one of the capture. Record with a larger buffer: tcpdump -B 65536`,
      );
    }
    if (this.doubts > 0) {
      notes.push(
        `${this.doubts} lines in dumps (tcpdump -A) look like packets and were taken for payload; -X instead of -A leaves no doubt`,
      );
    }
    return notes;
  }

  timeText(e: EventView): string | null {
    if (Number.isNaN(e.timeNs)) return null;
    // A difference to the packet before places nothing: told is the time since the first one.
    if (this.layout.times === 'delta') return clockText(e.timeNs, this.layout.digits);
    return e.timeStart < 0 ? null : e.text.toString('latin1', e.timeStart, e.timeEnd);
  }

  override packet(e: EventView): Packet | undefined {
    return this.parsedOf(e).packet;
  }

  fd(e: EventView): Fd | undefined {
    return flowOf(this.parsedOf(e), this.flows);
  }

  private parsedOf(e: EventView): ParsedPacket {
    if (this.parsed === null || this.parsedOffset !== e.offset) {
      this.parsed = parsePacket(e.type(), e.args(), this.body);
      this.parsedOffset = e.offset;
    }
    return this.parsed;
  }

  arg(_e: EventView, _key: string | number): string | undefined {
    return undefined;
  }

  rawArg(_e: EventView, _key: string | number): string | undefined {
    return undefined;
  }

  result(_e: EventView): CallResult | undefined {
    return undefined;
  }

  latencyNs(_e: EventView): number | undefined {
    return undefined;
  }

  process(_e: EventView, _tid: number): ProcessInfo | undefined {
    return undefined;
  }

  threadName(_tid: number): string | undefined {
    return undefined;
  }

  column(): string | undefined {
    return undefined;
  }
}

/** `00:00:04.003342` */
function clockText(timeNs: number, digits: number): string {
  const ns = Math.abs(Math.round(timeNs));
  const seconds = Math.floor(ns / 1e9);
  const two = (n: number): string => String(n).padStart(2, '0');
  const fraction = String(ns - seconds * 1e9)
    .padStart(9, '0')
    .slice(0, digits);
  const sign = timeNs < 0 ? '-' : '';
  return `${sign}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}
