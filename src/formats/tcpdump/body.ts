/**
 * A packet's line behind its head: what protocol it is, where its arguments lie, in place.
 *
 *     IP 10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, ...
 *     IP (tos 0xc0, ttl 255, ..., proto VRRP (112), length 40)        -v, the rest on the next line
 *     00:00:5e:00:01:33 > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: 10.77.0.1 > ...    -e
 *     ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
 *     LLDP, length 25: sw1
 *
 * Whatever else stands there is named by its first word.
 */
import { isDigit } from '../../model/ascii.js';
import { indexOf, startsWith } from '../../model/bytes.js';
import { ETHERTYPE_ARP, ETHERTYPE_IP4, ETHERTYPE_IP6, ETHERTYPE_RARP } from '../packets/protocols.js';
import { ETHERTYPE_WORD, LINK_MAX, LinkHeader, NO_LINK, UNTOLD } from './link-header.js';
import {
  idOf,
  type TypeId,
  typeBehindEndpoints,
  typeOfEthertype,
  typeOfNumber,
  typeOfOtherBody,
} from './protocols.js';

const SPACE = 0x20;
const PAREN = 0x28;
const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const GREATER = 0x3e;
const LETTER_E = 0x45;
const LETTER_I = 0x49;
const LETTER_P = 0x50;
const BRACKET = 0x5b;
const BAR = 0x7c;

const ARP_WORD = Buffer.from('ARP, ');
const IP_PROTO_WORD = Buffer.from('ip-proto-');
const AH_WORD = Buffer.from('AH(');
const LLC_WORD = Buffer.from('LLC');
const PGM_WORD = Buffer.from('PGM, ');
const REVERSE_WORD = Buffer.from('Reverse ');
const WHO_HAS = /^(?:Request |Reply |Reverse |Announcement |Probe )/;
/** IPv6 extension headers, told in front of what they carry. */
const EXTENSIONS = ['HBH ', 'frag ', 'DSTOPT ', 'srcrt '].map((word) => Buffer.from(word));
/** What runs over UDP is printed by its own name: then the ports tell. */
const UDP = idOf('udp');
const IP = idOf('ip');
const IP6 = idOf('ip6');
const ARP = idOf('arp');
const RARP = idOf('rarp');
const ICMP6 = idOf('icmp6');
const PGM = idOf('pgm');
const IPIP = idOf('ipip');
const LLC = idOf('llc');
const WORD_MAX = 24;
/** A chain of extension headers longer than this is an attack. */
const EXTENSIONS_MAX = 16;

export class Body {
  /** Place of the type in protocols.ts; -1 where it is spelled in `typeText`. */
  type: TypeId = -1;
  typeText = '';
  argsStart = 0;
  argsEnd = 0;
  /** 4 or 6 where the packet is IP, else 0. */
  version: 0 | 4 | 6 = 0;
  /** Where the two endpoints are, with the blanks and the `>` between them; -1 for none. */
  endpointsStart = -1;
  endpointsEnd = -1;
  /** Behind the endpoints, extension headers and checksums passed over. */
  restStart = 0;
  /** Ports of their own behind extension headers: `frag (0|16) 5 > 6: UDP`; -1 for none. */
  portsStart = -1;
  portsEnd = -1;
  /** Bytes on the wire as -e prints them, -1 without. */
  frameLength = -1;
  /** The line ends behind the IP header: what the packet is stands on the next line. */
  needsNext = false;
  /** Where the network's own part begins, with -v its header. */
  headerStart = 0;
  private readonly link = new LinkHeader();

  /** Reads the body bytes[start, end). False where there is none. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.version = 0;
    this.frameLength = -1;
    this.endpointsStart = -1;
    this.portsStart = -1;
    this.needsNext = false;
    this.headerStart = start;
    this.argsStart = start;
    this.argsEnd = end;
    if (start >= end) return false;
    if (bytes[start] === LETTER_I && bytes[start + 1] === LETTER_P) {
      if (bytes[start + 2] === SPACE) return this.readIp(bytes, start + 3, end, 4);
      if (bytes[start + 2] === 0x36 && bytes[start + 3] === SPACE)
        return this.readIp(bytes, start + 4, end, 6);
    }
    if (startsWith(bytes, start, end, ARP_WORD)) return this.readArp(bytes, start + ARP_WORD.length, end);
    const { link } = this;
    const ethertype = link.read(bytes, start, end);
    if (ethertype === NO_LINK && startsWith(bytes, start, end, ETHERTYPE_WORD)) {
      // A VLAN tag in a cooked capture: `ethertype IPv4, IP 10.0.0.1.5000 > ...`
      const comma = indexOf(bytes, COMMA, start, end);
      if (comma >= 0 && bytes[comma + 1] === SPACE) return this.read(bytes, comma + 2, end);
    }
    if (ethertype === NO_LINK) return this.readOther(bytes, start, end);
    const body = link.end;
    this.argsStart = body;
    this.frameLength = link.frameLength;
    if (ethertype === ETHERTYPE_IP4) return this.readIp(bytes, body, end, 4);
    if (ethertype === ETHERTYPE_IP6) return this.readIp(bytes, body, end, 6);
    if (ethertype === ETHERTYPE_ARP || ethertype === ETHERTYPE_RARP) return this.readArp(bytes, body, end);
    if (ethertype === UNTOLD) return this.readUntold(bytes, body, end);
    if (ethertype === 0) return this.readOther(bytes, body, end);
    this.setType(typeOfEthertype(ethertype));
    return true;
  }

  /** The line behind one with `needsNext`: it begins with the endpoints, its indentation taken away. */
  readNext(bytes: Buffer, start: number, end: number): void {
    this.argsStart = start;
    this.argsEnd = end;
    this.readEndpoints(bytes, start, end);
  }

  private readIp(bytes: Buffer, start: number, end: number, version: 4 | 6): boolean {
    this.version = version;
    this.headerStart = start;
    this.argsStart = start;
    let p = start;
    if (bytes[p] === PAREN) {
      p = closing(bytes, p, end);
      if (p >= end) {
        this.type = version === 4 ? IP : IP6;
        this.needsNext = version === 4;
        return true;
      }
      while (p < end && (bytes[p] === SPACE || bytes[p] === COMMA)) p++;
      this.argsStart = p;
    }
    this.readEndpoints(bytes, p, end);
    return true;
  }

  /** `10.0.0.1.80 > 10.0.0.2.40000: REST` */
  private readEndpoints(bytes: Buffer, start: number, end: number): void {
    const rest = behindEndpoints(bytes, start, end);
    if (rest < 0) {
      this.type = this.version === 6 ? IP6 : IP;
      return;
    }
    this.endpointsStart = start;
    this.endpointsEnd = bytes[rest - 1] === SPACE ? rest - 2 : rest - 1;
    this.restStart = this.passExtensions(bytes, rest, end);
    this.type = this.typeOfRest(bytes, this.restStart, end);
  }

  /** Position behind checksums in brackets, extension headers and AH, and ports of their own. */
  private passExtensions(bytes: Buffer, start: number, end: number): number {
    let p = start;
    for (let i = 0; i < EXTENSIONS_MAX && p < end; i++) {
      const c = bytes[p]!;
      let next = p;
      if (c === BRACKET && bytes[p + 1] !== BAR) {
        next = indexOf(bytes, 0x5d, p, end) + 1;
      } else if (c === 0x41 && startsWith(bytes, p, end, AH_WORD)) {
        next = closing(bytes, p + AH_WORD.length - 1, end);
        if (bytes[next] === COLON) next++;
        next = this.readOwnPorts(bytes, next + 1, end);
      } else if (c === 0x48 || c === 0x66 || c === 0x44 || c === 0x73) {
        const word = EXTENSIONS.find((extension) => startsWith(bytes, p, end, extension));
        if (word === undefined) break;
        next = p + word.length;
        while (next < end && bytes[next] === PAREN) next = closing(bytes, next, end) + 1;
        next = this.readOwnPorts(bytes, next, end);
      } else break;
      if (next <= p) break;
      p = next;
      while (p < end && bytes[p] === SPACE) p++;
    }
    return Math.min(p, end);
  }

  /** `5 > 6: `: the ports alone, where the addresses are not next to them. */
  private readOwnPorts(bytes: Buffer, start: number, end: number): number {
    const rest = behindEndpoints(bytes, start, end);
    if (rest < 0) return start;
    this.portsStart = start;
    this.portsEnd = rest - 2;
    return rest;
  }

  private typeOfRest(bytes: Buffer, start: number, end: number): TypeId {
    const known = typeBehindEndpoints(bytes, start, end);
    if (known >= 0) return known;
    let p = start;
    while (p < end && bytes[p] === SPACE) p++;
    if (startsWith(bytes, p, end, IP_PROTO_WORD)) return this.numbered(bytes, p + IP_PROTO_WORD.length, end);
    if (this.portsStart >= 0 || hasPort(bytes, this.endpointsStart, this.endpointsEnd)) return UDP;
    const inner = behindEndpoints(bytes, p, end);
    if (inner >= 0) return startsWith(bytes, inner, end, PGM_WORD) ? PGM : IPIP;
    if (this.version === 6 && bytes[p] === BRACKET) return ICMP6;
    return this.named(bytes, p, end);
  }

  /** `ip-proto-17` */
  private numbered(bytes: Buffer, start: number, end: number): TypeId {
    let p = start;
    let value = 0;
    while (p < end && isDigit(bytes[p]!) && value < 256) value = value * 10 + bytes[p++]! - ZERO;
    return this.setType(typeOfNumber(value));
  }

  /** ARP and RARP; InARP is told as ARP. */
  private readArp(bytes: Buffer, start: number, end: number): boolean {
    this.argsStart = start;
    let p = start;
    // -v: `Ethernet (len 6), IPv4 (len 4), Request ...`
    if (bytes[p] === LETTER_E) {
      const head = bytes.subarray(start, Math.min(end, start + 60)).lastIndexOf('), ');
      if (head >= 0) p = start + head + 3;
    }
    this.type = startsWith(bytes, p, end, REVERSE_WORD) ? RARP : ARP;
    return true;
  }

  /** What follows a link header without ethertype. */
  private readUntold(bytes: Buffer, start: number, end: number): boolean {
    if (start >= end) {
      this.setType('unknown');
      return true;
    }
    if (behindEndpoints(bytes, start, end) >= 0) {
      const colon = indexOf(bytes, COLON, start, end);
      return this.readIp(bytes, start, end, colon < indexOf(bytes, SPACE, start, end) ? 6 : 4);
    }
    const text = bytes.toString('latin1', start, Math.min(end, start + WORD_MAX));
    return WHO_HAS.test(text) ? this.readArp(bytes, start, end) : this.readOther(bytes, start, end);
  }

  private readOther(bytes: Buffer, start: number, end: number): boolean {
    this.argsStart = start;
    if (start >= end) return false;
    let p = start;
    const known = typeOfOtherBody(bytes, p, end);
    if (known === LLC && startsWith(bytes, p, end, LLC_WORD)) {
      // `LLC, dsap STP (0x42) ..., ctrl 0x03: STP 802.1d, ...`
      const colon = bytes.subarray(p, Math.min(end, p + LINK_MAX)).indexOf(': ');
      const inner = colon < 0 ? -1 : typeOfOtherBody(bytes, p + colon + 2, end);
      this.type = inner < 0 ? LLC : inner;
      return true;
    }
    if (known >= 0) {
      this.type = known;
      return true;
    }
    while (p < end && bytes[p] === SPACE) p++;
    this.type = this.named(bytes, p, end);
    return true;
  }

  /** By the first word: `PIMv2, Hello` is pim, `IP3 (invalid)` ip, `[|ether]` ether. */
  private named(bytes: Buffer, start: number, end: number): TypeId {
    let p = start;
    if (bytes[p] === BRACKET && bytes[p + 1] === BAR) p += 2;
    const text = bytes.toString('latin1', p, Math.min(end, p + WORD_MAX));
    const word = /^[A-Za-z][A-Za-z-]*/.exec(text)?.[0] ?? '';
    const name = word.length > 2 ? word.replace(/v$/, '') : word;
    if (name === '' || name.toLowerCase() === 'vrrp') return this.version === 6 ? IP6 : IP;
    return this.setType(name.toLowerCase());
  }

  /** By the protocol's number in the header that -v prints. */
  setNumber(protocol: number): void {
    this.setType(typeOfNumber(protocol));
  }

  private setType(type: string): TypeId {
    this.type = idOf(type);
    if (this.type < 0) this.typeText = type;
    return this.type;
  }
}

/** Position behind `A > B: `, or -1. */
function behindEndpoints(bytes: Buffer, start: number, end: number): number {
  let p = start;
  while (p < end && bytes[p] !== SPACE) p++;
  if (p === start || bytes[p + 1] !== GREATER || bytes[p + 2] !== SPACE || p + 3 >= end) return -1;
  p += 3;
  const destination = p;
  while (p < end && bytes[p] !== SPACE) p++;
  // The blank behind the colon gets lost at the end of a line.
  if (p === destination || bytes[p - 1] !== COLON) return -1;
  return p < end ? p + 1 : p;
}

/** The first of the two endpoints ends in a port: five parts of an IPv4 address, or a dot in an IPv6 one, or a name. */
function hasPort(bytes: Buffer, start: number, end: number): boolean {
  let dots = 0;
  let colon = false;
  let numeric = true;
  for (let p = start; p < end && bytes[p] !== SPACE; p++) {
    const c = bytes[p]!;
    if (c === DOT) dots++;
    else if (c === COLON) colon = true;
    else if (!isDigit(c)) numeric = false;
  }
  if (colon) return dots === 1 || dots === 4;
  return numeric ? dots === 4 : dots > 0;
}

/** Position behind the parenthesis that closes the one at `open`; `end` where none does. */
function closing(bytes: Buffer, open: number, end: number): number {
  if (open < 0) return end;
  let depth = 0;
  for (let p = open; p < end; p++) {
    if (bytes[p] === PAREN) depth++;
    else if (bytes[p] === 0x29 && --depth === 0) return p + 1;
  }
  return end;
}
