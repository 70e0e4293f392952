/**
 * pcap, as tcpdump, dumpcap and libpcap write it: a header of 24 bytes, then packets, each behind 16 bytes of time
 * and lengths. Either byte order, microseconds or nanoseconds, and Kuznetzov's variant with 24 bytes a packet.
 *
 *     a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001   magic, version 2.4, snaplen, link type
 *     5f0c1a2b 0004ad80 00000036 00000036 <54 bytes>           seconds, fraction, captured, sent
 *
 * The upper bits of the link type tell of check sequences behind the packets; they are left aside.
 */
import type { LineBlock } from '../../input/blocks.js';
import { PCAP_KUZNETZOV, PCAP_MAGICS, PCAP_NANOSECONDS } from '../../model/capture-magic.js';
import type { EventView } from '../../model/event.js';
import { CaptureDecoder, type CaptureTimes } from './capture-decoder.js';
import { LINUX_SLL, LINUX_SLL2 } from './headers.js';

export const PCAP_HEADER = 24;
/** A packet may exceed the snap length that the header promises by so much (offloading network cards). */
const TOLERANCE = 256 << 10;
/** But not by more than libpcap itself would write: a length beyond is damage. */
const MOST_CAPTURED = 1 << 20;

export interface PcapHeader {
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  /** Bytes in front of each packet. */
  readonly recordHeader: 16 | 24;
  readonly snapLength: number;
  readonly linkType: number;
}

/** The file's first 24 bytes; null when they are none of a pcap. */
export function readPcapHeader(bytes: Buffer): PcapHeader | null {
  if (bytes.length < PCAP_HEADER) return null;
  const magic = bytes.readUInt32BE(0);
  const swapped = bytes.readUInt32LE(0);
  const littleEndian = PCAP_MAGICS.includes(swapped);
  if (!littleEndian && !PCAP_MAGICS.includes(magic)) return null;
  const u32 = (at: number): number => (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const kind = littleEndian ? swapped : magic;
  return {
    littleEndian,
    nanoseconds: kind === PCAP_NANOSECONDS,
    recordHeader: kind === PCAP_KUZNETZOV ? 24 : 16,
    snapLength: u32(16),
    linkType: u32(20) & 0xffff,
  };
}

export class PcapDecoder extends CaptureDecoder {
  private readonly mostCaptured: number;

  constructor(
    private readonly header: PcapHeader,
    times: CaptureTimes,
  ) {
    super(times);
    const { snapLength } = header;
    this.mostCaptured = snapLength === 0 ? MOST_CAPTURED : Math.min(snapLength + TOLERANCE, MOST_CAPTURED);
  }

  override open(block: LineBlock): void {
    super.open(block);
    if (block.offset === 0) this.consumed = Math.min(block.start + PCAP_HEADER, block.end);
  }

  next(e: EventView): boolean {
    const { view, header } = this;
    const { end, final } = this.block!;
    const at = this.consumed;
    if (this.lost) {
      this.consumed = end;
      return false;
    }
    const { littleEndian, recordHeader } = header;
    const start = at + recordHeader;
    if (start > end) return final && at < end ? this.cutShort(at) : false;
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > this.mostCaptured) {
      return this.lose(
        at,
        `a packet of ${captured} bytes, in a capture of at most ${header.snapLength} each`,
      );
    }
    const packetEnd = start + captured;
    if (packetEnd > end) return final ? this.cutShort(at) : false;
    const seconds = view.getUint32(at, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    const sent = view.getUint32(at + 12, littleEndian);
    if (captured === 0 && sent === 0 && seconds === 0 && fraction === 0) {
      return this.lose(at, 'zeros where a packet should begin');
    }
    if (captured === 0 && sent === 0 && PCAP_MAGICS.includes(seconds)) {
      return this.lose(
        at,
        'the header of another capture: give the files one by one, or merge them (mergecap)',
      );
    }
    this.seconds = seconds;
    this.nanoseconds = header.nanoseconds ? fraction : fraction * 1000;
    this.consumed = packetEnd;
    this.present(e, header.linkType, at, start, packetEnd, sent);
    return true;
  }

  private cutShort(at: number): false {
    const { end } = this.block!;
    this.counts.unparsed++;
    this.report(at, `the capture ends within its last packet, after ${end - at} bytes of it`);
    this.consumed = end;
    return false;
  }

  protected get digits(): 6 | 9 {
    return this.header.nanoseconds ? 9 : 6;
  }

  protected get tellsDirections(): boolean {
    return this.header.linkType === LINUX_SLL || this.header.linkType === LINUX_SLL2;
  }

  protected ownNotes(): string[] {
    return [];
  }

  fork(): PcapDecoder {
    return new PcapDecoder(this.header, this.captureTimes);
  }
}
