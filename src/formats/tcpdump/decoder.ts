/**
 * tcpdump's text, 4.0 to 4.99, with any of its options that leave a time on each packet:
 *
 *     07:43:59.297802 IP 10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, ... length 20
 *
 * A packet is an event: its type the protocol, its arguments the line behind time, columns and link header, its
 * number the one that -# prints, or its count. Further lines of a packet (-v, -x, -X, -A) are ignored but for
 * the one that -v puts the endpoints on; so are tcpdump's own messages.
 */
import type { EventView } from '../../model/event.js';
import type { Decoder } from '../format.js';
import { LINE_EVENT, LINE_IGNORED, LINE_NEEDS_MORE, LINE_UNPARSED, type LineKind } from '../line-decoder.js';
import { Flows } from '../packets/flows.js';
import { Scratch } from '../scratch.js';
import { AsciiDumps, type Candidate } from './ascii-dump.js';
import { Body } from './body.js';
import { sizeOfDump } from './dump-size.js';
import { indentOf, isInnerPacket } from './further-lines.js';
import { Head } from './head.js';
import { type Layout, timeOf } from './layout.js';
import { PacketFields } from './packet-fields.js';
import { idOf, TYPE_NAMES } from './protocols.js';
import { type CutLine, cutBy, cutLine, isMessage } from './summary-lines.js';

const CR = 0x0d;
/** In the text: all types in a row, room for one that is not among them, the line. */
const TYPE_AT = TYPE_NAMES.bytes.length;
const LINE_AT = TYPE_AT + 32;
const IP = idOf('ip');
const UDP = idOf('udp');
const HEADER_PROTOCOL = /, proto [^()]{0,40} \((\d{1,3})\), length/;

export class TcpdumpDecoder extends PacketFields {
  private readonly head: Head;
  private readonly probe = new Body();
  private readonly text = new Scratch();
  private readonly joined = new Scratch();
  private readonly dumps: AsciiDumps | null;
  /** Lines that were no packet's first when the clock was told last. */
  private told = 0;

  constructor(layout: Layout, flows = new Flows()) {
    super(layout, flows, new Body());
    this.head = new Head(layout.stamp, layout.numbered);
    this.text.append(TYPE_NAMES.bytes, 0, TYPE_NAMES.bytes.length);
    const head = new Head(layout.stamp, layout.numbered);
    const body = new Body();
    this.dumps = layout.ascii
      ? new AsciiDumps((bytes, start, end) => {
          const p = head.read(bytes, start, end);
          if (p < 0 || !body.read(bytes, p, end)) return null;
          return { timeNs: timeOf(layout, head), size: sizeOfDump(bytes, start, end, body) };
        }, layout.times !== 'delta')
      : null;
  }

  fork(): Decoder {
    const fork = new TcpdumpDecoder(this.layout, this.flows);
    fork.track(this.needs);
    // Packets are counted as the scan does.
    fork.passable = this.passable;
    return fork;
  }

  override next(e: EventView): boolean {
    const more = super.next(e);
    if (!more) this.countOthers();
    return more;
  }

  protected get doubts(): number {
    return this.dumps?.doubts ?? 0;
  }

  protected override secondEvent(): void {
    throw new Error('a packet is one event');
  }

  protected override decodeLine(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    const p = this.head.read(bytes, start, end);
    const block = this.block!;
    const cut = cutLine(block, this.lineIndex, start, end);
    if (cut === 'more') return LINE_NEEDS_MORE;
    if (cut !== null) return this.decodeCut(cut, e);
    if (p < 0) return this.decodeOther(bytes, start, end, e);
    return this.decodePacket(bytes, start, end, p, e);
  }

  private decodePacket(bytes: Buffer, start: number, end: number, from: number, e: EventView): LineKind {
    const { head, body, text } = this;
    if (!body.read(bytes, from, end)) return LINE_UNPARSED;
    const block = this.block!;
    let last = this.lineIndex;
    let recordEnd = e.recordEnd;
    const { argsStart, argsEnd } = body;
    text.length = LINE_AT;
    text.append(bytes, start, end);
    let args = LINE_AT + argsStart - start;
    let argsStop = LINE_AT + argsEnd - start;
    if (body.needsNext && !block.picks) {
      if (last + 1 >= block.count && !block.final) return LINE_NEEDS_MORE;
      const nextFrom = block.ends[last]! + 1;
      const nextEnd = last + 1 < block.count ? this.lineEnd(last + 1) : nextFrom;
      if (indentOf(block.bytes, nextFrom, nextEnd) === 4) {
        last++;
        recordEnd = nextEnd;
        args = text.length;
        text.append(block.bytes, nextFrom + 4, nextEnd);
        argsStop = text.length;
        body.readNext(text.bytes, args, argsStop);
      }
      this.takeHeaderProtocol(bytes, argsStart, end);
    }
    text.seal();
    if (this.dumps) {
      const packet: Candidate = {
        timeNs: timeOf(this.layout, head),
        size: sizeOfDump(bytes, start, end, body),
      };
      const lastOfDump = this.dumps.lastLine(block, last, packet);
      if (lastOfDump < 0) return LINE_NEEDS_MORE;
      if (lastOfDump > last) recordEnd = this.lineEnd(lastOfDump);
      last = lastOfDump;
    }
    this.lineIndex = last;
    this.countOthers();
    e.recordEnd = recordEnd;
    e.text = text.bytes;
    e.argsStart = args;
    e.argsEnd = argsStop;
    e.timeStart = LINE_AT + head.timeStart - start;
    e.timeEnd = LINE_AT + head.timeEnd - start;
    e.num = this.layout.numbered ? head.num : e.line - this.otherLinesBefore(e.offset);
    e.dir = head.dir;
    e.half = 0;
    this.setType(e);
    this.place(e);
    this.see(e);
    return LINE_EVENT;
  }

  private setType(e: EventView): void {
    const { type, typeText } = this.body;
    if (type >= 0) {
      e.typeStart = TYPE_NAMES.starts[type]!;
      e.typeEnd = TYPE_NAMES.starts[type + 1]!;
      return;
    }
    e.typeStart = TYPE_AT;
    e.typeEnd = TYPE_AT + this.text.bytes.write(typeText, TYPE_AT, LINE_AT - TYPE_AT, 'latin1');
  }

  private place(e: EventView): void {
    const { clock, layout } = this;
    let ns = timeOf(layout, this.head);
    if (layout.times === 'delta') {
      // The first difference refers to a packet that is not there.
      clock.sumNs = clock.latestNs === Number.NEGATIVE_INFINITY ? 0 : clock.sumNs + ns;
      ns = clock.sumNs;
    }
    this.placeTime(e, ns);
  }

  /** `proto VRRP (112)` of the header line says more than names on the next one may. */
  private takeHeaderProtocol(bytes: Buffer, start: number, end: number): void {
    const { body } = this;
    const m = HEADER_PROTOCOL.exec(bytes.toString('latin1', start, Math.min(end, start + 200)));
    const isUnsure = body.type < 0 || body.type === UDP || body.type === IP;
    if (m && isUnsure && m[1] !== '112' && m[1] !== '51') body.setNumber(Number(m[1]));
  }

  protected override printedNs(bytes: Buffer, start: number, end: number): number {
    const { head, probe, layout } = this;
    const to = end > start && bytes[end - 1] === CR ? end - 1 : end;
    const from = head.read(bytes, start, to);
    const isWhole =
      from >= 0 && probe.read(bytes, from, to) && !probe.needsNext && cutBy(bytes, start, to) === null;
    return isWhole ? timeOf(layout, head) : Number.NaN;
  }

  /** Lines without a packet's head. */
  private decodeOther(bytes: Buffer, start: number, end: number, e: EventView): LineKind {
    if (isMessage(bytes, start, end)) {
      this.noteDropped(bytes, start, end, e.offset);
      return LINE_IGNORED;
    }
    if (indentOf(bytes, start, end) > 0 || isInnerPacket(bytes, start, end)) return LINE_IGNORED;
    return LINE_UNPARSED;
  }

  /** A line with tcpdump's messages in its middle. */
  private decodeCut(cut: CutLine, e: EventView): LineKind {
    const block = this.block!;
    const { joined } = this;
    for (const text of cut.texts) {
      joined.clear();
      joined.append(text, 0, text.length);
      joined.seal();
      const p = this.head.read(joined.bytes, 0, text.length);
      if (p < 0) continue;
      for (let i = this.lineIndex + 1; i < cut.last; i++)
        this.noteDropped(block.bytes, block.ends[i - 1]! + 1, this.lineEnd(i), e.offset);
      this.lineIndex = cut.last;
      e.recordEnd = this.lineEnd(cut.last);
      return this.decodePacket(joined.bytes, 0, text.length, p, e);
    }
    return LINE_UNPARSED;
  }

  private otherLinesBefore(offset: number): number {
    let others = this.clock.otherLines;
    // Those of the block are counted already.
    for (const passed of this.passed) if (passed > offset) others--;
    return others;
  }

  /** Tells the clock how many lines so far were no packet's first: forks go on from there. */
  private countOthers(): void {
    const others = this.counts.ignored + this.counts.unparsed;
    this.clock.otherLines += others - this.told;
    this.told = others;
  }

  /** End of a line of the block, without its carriage return. */
  private lineEnd(index: number): number {
    const { bytes, ends } = this.block!;
    const end = ends[index]!;
    const start = index > 0 ? ends[index - 1]! + 1 : this.block!.start;
    return end > start && bytes[end - 1] === CR ? end - 1 : end;
  }
}
