/**
 * pcapng, as Wireshark, dumpcap and newer tcpdump write it: blocks, each between two copies of its length.
 *
 *     0a0d0d0a  section header   byte order; the list of interfaces starts anew
 *     1         interface        link type, snap length; unit and offset of its times
 *     6         packet           interface, time, lengths, bytes; flags and drops as options
 *     2, 3      packet, old and simple (without a time)
 *     5         statistics       what the capture dropped
 *
 * Other blocks (names, keys, custom ones) are passed over and counted as ignored.
 * Facts: draft-ietf-opsawg-pcapng.
 */
import type { LineBlock } from '../../input/blocks.js';
import { PCAPNG_BYTE_ORDER, PCAPNG_SECTION } from '../../model/capture-magic.js';
import { DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import { CaptureDecoder, type CaptureTimes } from './capture-decoder.js';
import { LINUX_SLL, LINUX_SLL2 } from './headers.js';
import { InterfaceClock } from './interface-clock.js';
import { declaredBefore, type Interface, type Section, Sections } from './sections.js';

const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const STATISTICS = 5;
const PACKET = 6;

/** Bytes of a block's type and its two lengths; of those read, also their fixed fields. */
const FRAME = 12;
const LEAST: Readonly<Record<number, number>> = {
  [PCAPNG_SECTION]: 28,
  [INTERFACE]: 20,
  [OLD_PACKET]: 32,
  [SIMPLE_PACKET]: 16,
  [STATISTICS]: 24,
  [PACKET]: 32,
};
/** Blocks that are read are hardly ever longer than a packet; a longer one is damage. */
const MOST_BYTES = 2 << 20;

const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const EPB_FLAGS = 2;
const EPB_DROPCOUNT = 4;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;
const UNKNOWN_DROPS = 0xffff;
const INBOUND = 1;
const OUTBOUND = 2;
const MICROSECONDS = 6;

export class PcapngDecoder extends CaptureDecoder {
  private section: Section | null = null;
  /** Interfaces that the section has declared so far. */
  private declared = 0;
  /** Where the next block begins, as far as this decoder has walked. */
  private expected = -1;
  private from: Interface | null = null;
  private directions = false;
  private simple = 0;
  private droppedBetween = 0;

  constructor(
    times: CaptureTimes,
    private readonly sections = new Sections(),
  ) {
    super(times);
  }

  override open(block: LineBlock): void {
    super.open(block);
    if (block.offset === this.expected) return;
    this.section = this.sections.before(block.offset);
    this.declared = this.section ? declaredBefore(this.section, block.offset) : 0;
  }

  next(e: EventView): boolean {
    const { end, final, start, offset } = this.block!;
    while (!this.lost) {
      const at = this.consumed;
      const left = end - at;
      if (left < FRAME) {
        if (final && left > 0) this.cutShort(at);
        break;
      }
      if (!this.read(e, at, left, final)) {
        if (this.consumed === at || this.consumed > end) break;
        continue;
      }
      this.expected = offset + (this.consumed - start);
      return true;
    }
    if (this.lost) this.consumed = end;
    this.expected = offset + (this.consumed - start);
    return false;
  }

  /** Reads the block at `at`; true when it is an event. Leaves `consumed` where it is while more bytes are needed. */
  private read(e: EventView, at: number, left: number, final: boolean): boolean {
    const { view } = this;
    const type = view.getUint32(at, true);
    if (type === PCAPNG_SECTION) return this.readSection(at, left, final);
    if (!this.section) return this.lose(at, 'no section header where one must be');
    const { littleEndian } = this.section;
    const kind = littleEndian ? type : view.getUint32(at, false);
    const length = view.getUint32(at + 4, littleEndian);
    const least = LEAST[kind];
    if (length % 4 !== 0 || length < (least ?? FRAME)) {
      return this.lose(at, `a block of type ${kind} with a length of ${length}`);
    }
    if (least === undefined) {
      this.counts.ignored++;
      this.consumed = at + length;
      return false;
    }
    if (!this.isWhole(at, length, left, final, littleEndian)) return false;
    this.consumed = at + length;
    switch (kind) {
      case PACKET:
        return this.readPacket(e, at, length, littleEndian);
      case INTERFACE:
        return this.readInterface(at, length, littleEndian);
      case STATISTICS:
        return this.readStatistics(at, length, littleEndian);
      case SIMPLE_PACKET:
        return this.readSimplePacket(e, at, length, littleEndian);
      default:
        return this.readOldPacket(e, at, length, littleEndian);
    }
  }

  private isWhole(at: number, length: number, left: number, final: boolean, littleEndian: boolean): boolean {
    if (length > MOST_BYTES)
      return this.lose(at, `a block of ${length} bytes, where ${MOST_BYTES} is the most`);
    if (length > left) {
      if (final) this.cutShort(at);
      return false;
    }
    const again = this.view.getUint32(at + length - 4, littleEndian);
    return again === length || this.lose(at, `a block whose two lengths are ${length} and ${again}`);
  }

  private readSection(at: number, left: number, final: boolean): boolean {
    const { view } = this;
    const littleEndian = view.getUint32(at + 8, true) === PCAPNG_BYTE_ORDER;
    if (!littleEndian && view.getUint32(at + 8, false) !== PCAPNG_BYTE_ORDER) {
      return this.lose(at, 'a section header without its byte-order magic');
    }
    const length = view.getUint32(at + 4, littleEndian);
    if (length % 4 !== 0 || length < LEAST[PCAPNG_SECTION]!) {
      return this.lose(at, `a section header with a length of ${length}`);
    }
    if (!this.isWhole(at, length, left, final, littleEndian)) return false;
    this.section = this.sections.enter(this.offsetOf(at), littleEndian);
    if (!this.section) return this.lose(at, 'more sections than a capture has');
    this.declared = 0;
    this.counts.ignored++;
    this.consumed = at + length;
    return false;
  }

  private readInterface(at: number, length: number, littleEndian: boolean): false {
    const { view } = this;
    const create = (): Interface => {
      let name: string | null = null;
      let resolution = MICROSECONDS;
      let offset = 0;
      this.eachOption(at + 16, at + length - 4, littleEndian, (code, from, size) => {
        if (code === IF_NAME) name = this.block!.bytes.toString('utf8', from, from + Math.min(size, 64));
        else if (code === IF_TSRESOL && size >= 1) resolution = view.getUint8(from);
        else if (code === IF_TSOFFSET && size >= 8) offset = Number(view.getBigInt64(from, littleEndian));
      });
      const clock = new InterfaceClock(resolution, offset);
      return {
        offset: this.offsetOf(at),
        name,
        linkType: view.getUint16(at + 8, littleEndian),
        snapLength: view.getUint32(at + 12, littleEndian),
        clock,
        digits: clock.resolutionNs >= 1000 ? 6 : 9,
        dropped: 0,
      };
    };
    if (!this.sections.declare(this.section!, this.declared, create)) {
      return this.lose(at, 'more interfaces than a capture has');
    }
    this.declared++;
    this.counts.ignored++;
    return false;
  }

  private readPacket(e: EventView, at: number, length: number, littleEndian: boolean): boolean {
    const { view } = this;
    const index = view.getUint32(at + 8, littleEndian);
    const captured = view.getUint32(at + 20, littleEndian);
    const from = this.interfaceAt(at, index);
    if (!from || !this.fits(at, captured, length - 32)) return false;
    from.clock.read(view.getUint32(at + 12, littleEndian), view.getUint32(at + 16, littleEndian));
    const start = at + 28;
    this.show(e, from, at, start, start + captured, view.getUint32(at + 24, littleEndian));
    const options = start + captured + (-captured & 3);
    if (options < at + length - 4) this.readPacketOptions(e, options, at + length - 4, littleEndian);
    return true;
  }

  private readPacketOptions(e: EventView, from: number, end: number, littleEndian: boolean): void {
    const { view } = this;
    this.eachOption(from, end, littleEndian, (code, at, size) => {
      if (code === EPB_FLAGS && size >= 4) {
        const direction = view.getUint32(at, littleEndian) & 3;
        if (direction !== INBOUND && direction !== OUTBOUND) return;
        e.dir = direction === OUTBOUND ? DIR_ENTER : DIR_EXIT;
        this.directions = true;
      } else if (code === EPB_DROPCOUNT && size >= 8) {
        this.droppedBetween += Number(view.getBigUint64(at, littleEndian));
      }
    });
  }

  private readOldPacket(e: EventView, at: number, length: number, littleEndian: boolean): boolean {
    const { view } = this;
    const from = this.interfaceAt(at, view.getUint16(at + 8, littleEndian));
    const captured = view.getUint32(at + 20, littleEndian);
    if (!from || !this.fits(at, captured, length - 32)) return false;
    const drops = view.getUint16(at + 10, littleEndian);
    if (drops !== UNKNOWN_DROPS) this.droppedBetween += drops;
    from.clock.read(view.getUint32(at + 12, littleEndian), view.getUint32(at + 16, littleEndian));
    const start = at + 28;
    this.show(e, from, at, start, start + captured, view.getUint32(at + 24, littleEndian));
    return true;
  }

  /** It belongs to the first interface and has no time. */
  private readSimplePacket(e: EventView, at: number, length: number, littleEndian: boolean): boolean {
    const from = this.interfaceAt(at, 0);
    if (!from) return false;
    const sent = this.view.getUint32(at + 8, littleEndian);
    const room = Math.min(length - 16, from.snapLength === 0 ? length : from.snapLength);
    this.simple++;
    this.from = from;
    this.seconds = Number.NaN;
    this.present(e, from.linkType, at, at + 12, at + 12 + Math.min(sent, room), sent);
    return true;
  }

  private show(e: EventView, from: Interface, at: number, start: number, end: number, sent: number): void {
    this.from = from;
    this.seconds = from.clock.seconds;
    this.nanoseconds = from.clock.nanoseconds;
    this.present(e, from.linkType, at, start, end, sent);
    if (from.linkType === LINUX_SLL || from.linkType === LINUX_SLL2) this.directions = true;
  }

  private interfaceAt(at: number, index: number): Interface | null {
    const found = index < this.declared ? this.section!.interfaces[index] : undefined;
    if (found) return found;
    this.counts.unparsed++;
    this.report(at, `a packet of interface ${index}, of ${this.declared} that are declared`);
    return null;
  }

  private fits(at: number, captured: number, room: number): boolean {
    if (captured <= room) return true;
    this.counts.unparsed++;
    this.report(at, `a packet of ${captured} bytes in a block with room for ${room}`);
    return false;
  }

  private readStatistics(at: number, length: number, littleEndian: boolean): false {
    const { view } = this;
    this.counts.ignored++;
    const index = view.getUint32(at + 8, littleEndian);
    const about = index < this.declared ? this.section!.interfaces[index] : undefined;
    if (!about) return false;
    // Each block counts from the start of the capture.
    let dropped = 0;
    this.eachOption(at + 20, at + length - 4, littleEndian, (code, from, size) => {
      if ((code === ISB_IFDROP || code === ISB_OSDROP) && size >= 8)
        dropped += Number(view.getBigUint64(from, littleEndian));
    });
    about.dropped = Math.max(about.dropped, dropped);
    return false;
  }

  /** Options up to `end`; one that does not fit ends them. */
  private eachOption(
    from: number,
    end: number,
    littleEndian: boolean,
    visit: (code: number, at: number, size: number) => void,
  ): void {
    const { view } = this;
    for (let at = from; at + 4 <= end; ) {
      const code = view.getUint16(at, littleEndian);
      const size = view.getUint16(at + 2, littleEndian);
      if (code === 0 || at + 4 + size > end) return;
      visit(code, at + 4, size);
      at += 4 + size + (-size & 3);
    }
  }

  private offsetOf(at: number): number {
    const { offset, start } = this.block!;
    return offset + (at - start);
  }

  private cutShort(at: number): void {
    const { end } = this.block!;
    this.counts.unparsed++;
    this.report(at, `the capture ends within its last block, after ${end - at} bytes of it`);
    this.consumed = end;
  }

  /** Smallest unit of the interfaces so far; null before the first. */
  get resolutionNs(): number | null {
    const all = this.sections.all.flatMap(({ interfaces }) => interfaces);
    return all.length === 0
      ? null
      : all.reduce((least, { clock }) => Math.min(least, clock.resolutionNs), 1e9);
  }

  protected get digits(): 6 | 9 {
    return this.from?.digits ?? 6;
  }

  protected get tellsDirections(): boolean {
    return this.directions;
  }

  protected ownNotes(): string[] {
    const notes: string[] = [];
    for (const { interfaces } of this.sections.all) {
      for (const [i, { name, dropped }] of interfaces.entries()) {
        if (dropped > 0)
          notes.push(`${dropped} packets dropped on interface ${name ?? i}, as the capture counts them`);
      }
    }
    if (this.droppedBetween > 0)
      notes.push(`${this.droppedBetween} packets dropped between others, as the capture counts them`);
    if (this.simple > 0)
      notes.push(`${this.simple} packets have no time (simple packet blocks) and take part in no gap`);
    return notes;
  }

  fork(): PcapngDecoder {
    return new PcapngDecoder(this.captureTimes, this.sections);
  }
}
