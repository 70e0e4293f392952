/**
 * Where the headers of a packet lie: link layer, IP with its extension headers and AH, and behind them the
 * protocol that the packet is an event of. Reads in place and allocates nothing; one object serves all packets.
 *
 * Link types (tcpdump.org/linktypes.html): Ethernet with VLAN tags, 802.3 with LLC and SNAP, Linux cooked v1 and
 * v2, raw IP, BSD loopback. Of others nothing but the number is known.
 */
import { DIR_ENTER, DIR_EXIT, DIR_NONE, type Direction } from '../../model/event.js';
import { ETHERTYPE_IP4, ETHERTYPE_IP6 } from '../packets/protocols.js';
import {
  AH,
  ETHERTYPE,
  IP,
  IP6,
  ISIS,
  LINKTYPE,
  LLC,
  STP,
  type TypeId,
  typeOfEthertype,
} from './protocols.js';

export const ETHERNET = 1;
const NULL = 0;
const RAW_BSD = 12;
const RAW_OPENBSD = 14;
const RAW = 101;
const LOOP = 108;
export const LINUX_SLL = 113;
const RAW_IPV4 = 228;
const RAW_IPV6 = 229;
export const LINUX_SLL2 = 276;

/** 802.1Q, 802.1ad and its forerunner. */
const VLAN = [0x8100, 0x88a8, 0x9100];
/** Below, the field is a length. */
const FIRST_ETHERTYPE = 0x0600;
const SENT = 4;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const NO_NEXT = 59;
const OPTIONS = 60;
/** A chain of extension headers longer than this is an attack. */
const MOST_EXTENSIONS = 16;

export class Headers {
  bytes: Buffer = Buffer.alloc(0);
  /** The captured bytes, [start, end), link header included. */
  start = 0;
  end = 0;
  linkType = ETHERNET;
  type: TypeId = ETHERTYPE;
  /** What the link layer announces, 0 where it doesn't. */
  ethertype = 0;
  direction: Direction = DIR_NONE;
  /** Where the link header ends. */
  network = 0;
  /** 4, 6, or 0 where the packet is no IP, or cut before its addresses. */
  version: 0 | 4 | 6 = 0;
  /** The IP payload behind all extension headers; [at, payloadEnd) was captured, `payloadLength` bytes were sent. */
  payload = 0;
  payloadEnd = 0;
  payloadLength = 0;
  /** A later fragment: the payload does not begin with the protocol's header. */
  laterFragment = false;

  read(linkType: number, bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.linkType = linkType;
    this.version = 0;
    this.laterFragment = false;
    this.direction = DIR_NONE;
    this.ethertype = 0;
    this.payload = this.payloadEnd = this.network = end;
    this.payloadLength = 0;
    if (linkType === ETHERNET) {
      if (end - start < 14) this.type = ETHERTYPE;
      else this.readEthertype((bytes[start + 12]! << 8) | bytes[start + 13]!, start + 14);
    } else this.readOtherLink(linkType, start, end);
  }

  private readOtherLink(linkType: number, start: number, end: number): void {
    const { bytes } = this;
    switch (linkType) {
      case LINUX_SLL:
        if (end - start < 16) break;
        this.turn((bytes[start]! << 8) | bytes[start + 1]!);
        this.readEthertype((bytes[start + 14]! << 8) | bytes[start + 15]!, start + 16);
        return;
      case LINUX_SLL2:
        if (end - start < 20) break;
        this.turn(bytes[start + 10]!);
        this.readEthertype((bytes[start]! << 8) | bytes[start + 1]!, start + 20);
        return;
      case NULL:
      case LOOP: {
        if (end - start < 4) break;
        // A small number in the writer's byte order: two of its bytes are zero, whichever that is.
        const family = bytes[start]! | bytes[start + 1]! | bytes[start + 2]! | bytes[start + 3]!;
        this.readIp(start + 4, family === 2 ? 4 : 6);
        return;
      }
      case RAW_BSD:
      case RAW_OPENBSD:
      case RAW:
      case RAW_IPV4:
      case RAW_IPV6:
        if (end === start) break;
        this.readIp(start, bytes[start]! >> 4 === 6 ? 6 : 4);
        return;
    }
    this.type = LINKTYPE;
  }

  private turn(packetType: number): void {
    this.direction = packetType === SENT ? DIR_ENTER : DIR_EXIT;
  }

  private readEthertype(ethertype: number, at: number): void {
    const { bytes, end } = this;
    while (ethertype === VLAN[0] || ethertype === VLAN[1] || ethertype === VLAN[2]) {
      if (end - at < 4) break;
      ethertype = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
    }
    if (ethertype === ETHERTYPE_IP4) {
      this.ethertype = ethertype;
      this.readIp(at, 4);
    } else if (ethertype === ETHERTYPE_IP6) {
      this.ethertype = ethertype;
      this.readIp(at, 6);
    } else if (ethertype < FIRST_ETHERTYPE) this.readLlc(at);
    else {
      this.ethertype = ethertype;
      this.network = at;
      this.type = typeOfEthertype(ethertype);
    }
  }

  /** 802.2: the access points, or with SNAP an ethertype behind them. */
  private readLlc(at: number): void {
    const { bytes, end } = this;
    this.network = at;
    this.type = LLC;
    if (end - at < 3) return;
    const access = bytes[at]!;
    if (access === 0xaa && bytes[at + 1] === 0xaa && end - at >= 8) {
      const isEthernet = bytes[at + 3] === 0 && bytes[at + 4] === 0 && bytes[at + 5] === 0;
      const ethertype = (bytes[at + 6]! << 8) | bytes[at + 7]!;
      if (isEthernet && ethertype >= FIRST_ETHERTYPE) this.readEthertype(ethertype, at + 8);
    } else if (access === 0x42) this.type = STP;
    else if (access === 0xfe) this.type = ISIS;
  }

  private readIp(at: number, version: 4 | 6): void {
    this.network = at;
    if (version === 4) this.readIp4(at);
    else this.readIp6(at);
  }

  private readIp4(at: number): void {
    const { bytes, end } = this;
    this.type = IP;
    if (end - at < 20) return;
    const first = bytes[at]!;
    const headerLength = (first & 15) * 4;
    if (first >> 4 !== 4 || headerLength < 20) return;
    this.version = 4;
    const total = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    // Packets that the network card will split have no length yet.
    const length = total === 0 ? end - at : total;
    this.laterFragment = (((bytes[at + 6]! << 8) | bytes[at + 7]!) & 0x1fff) !== 0;
    this.payload = at + headerLength;
    this.payloadLength = length > headerLength ? length - headerLength : 0;
    this.enter(bytes[at + 9]!);
    if (this.type === AH && !this.laterFragment) this.passAuthentication();
  }

  private readIp6(at: number): void {
    const { bytes, end } = this;
    this.type = IP6;
    if (end - at < 40 || bytes[at]! >> 4 !== 6) return;
    this.version = 6;
    const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    this.payload = at + 40;
    this.payloadLength = length === 0 ? end - this.payload : length;
    let next = bytes[at + 6]!;
    for (let i = 0; i < MOST_EXTENSIONS; i++) {
      const here = this.payload;
      if (next === HOP_BY_HOP || next === ROUTING || next === OPTIONS) {
        if (end - here < 2) return;
        this.pass((bytes[here + 1]! + 1) * 8);
      } else if (next === FRAGMENT) {
        if (end - here < 8) return;
        this.laterFragment = (((bytes[here + 2]! << 8) | bytes[here + 3]!) & 0xfff8) !== 0;
        this.pass(8);
        if (this.laterFragment) {
          this.enter(bytes[here]!);
          return;
        }
      } else break;
      next = bytes[here]!;
    }
    if (next === NO_NEXT) return;
    this.enter(next);
    if (next === AH) this.passAuthentication();
  }

  /** To what an authentication header guards. */
  private passAuthentication(): void {
    const { bytes, payload, end } = this;
    if (end - payload < 12) return;
    this.pass((bytes[payload + 1]! + 2) * 4);
    this.enter(bytes[payload]!);
  }

  private pass(length: number): void {
    this.payload += length;
    this.payloadLength = this.payloadLength > length ? this.payloadLength - length : 0;
  }

  private enter(protocol: number): void {
    this.type = protocol;
    const sentEnd = this.payload + this.payloadLength;
    this.payloadEnd = sentEnd < this.end ? sentEnd : this.end;
  }

  /** So many bytes of the protocol's own header were captured. */
  has(length: number): boolean {
    return !this.laterFragment && this.payloadEnd - this.payload >= length;
  }

  u8(offset: number): number {
    return this.bytes[this.payload + offset]!;
  }

  u16(offset: number): number {
    return this.bytes.readUInt16BE(this.payload + offset);
  }

  u32(offset: number): number {
    return this.bytes.readUInt32BE(this.payload + offset);
  }
}
