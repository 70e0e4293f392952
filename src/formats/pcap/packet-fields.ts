/** What filters and reports ask of a packet: its addresses, ports, flags and advertisement, from its headers. */
import { ABSENT } from '../../model/event.js';
import type { Fd, Packet, VrrpAdvert } from '../../model/event-fields.js';
import type { Flows } from '../packets/flows.js';
import { ETHERTYPE_IP4 } from '../packets/protocols.js';
import { ip4Text, ip6Text } from './addresses.js';
import type { Headers } from './headers.js';
import { ARP, ICMP, ICMP6, RARP, TCP, UDP, VRRP } from './protocols.js';

/** tcpdump's letters by bit, in its order. */
const LETTERS = ['F', 'S', 'R', 'P', '.', 'U', 'E', 'W'];
const TCP_FLAGS = Array.from({ length: 256 }, (_, bits) =>
  bits === 0 ? 'none' : LETTERS.filter((_, i) => bits & (1 << i)).join(''),
);

export function tcpFlags(headers: Headers): string {
  return TCP_FLAGS[headers.u8(13)]!;
}

export function sourceIp(headers: Headers): string | undefined {
  const { bytes, network, version } = headers;
  if (version === 4) return ip4Text(bytes, network + 12);
  return version === 6 ? ip6Text(bytes, network + 8) : undefined;
}

export function destinationIp(headers: Headers): string | undefined {
  const { bytes, network, version } = headers;
  if (version === 4) return ip4Text(bytes, network + 16);
  return version === 6 ? ip6Text(bytes, network + 24) : undefined;
}

/** An ARP packet about IPv4 over Ethernet, captured as far as its addresses. */
export function isPlainArp({ type, bytes, network, end }: Headers): boolean {
  return (
    (type === ARP || type === RARP) &&
    end - network >= 28 &&
    bytes.readUInt16BE(network + 2) === ETHERTYPE_IP4 &&
    bytes[network + 4] === 6 &&
    bytes[network + 5] === 4
  );
}

/** The protocol's first four bytes are ports. */
export function hasPorts(headers: Headers): boolean {
  return (headers.type === TCP || headers.type === UDP) && headers.has(4);
}

function l4protoOf({ type, version }: Headers): Fd['l4proto'] {
  if (version === 0) return undefined;
  if (type === TCP) return 'tcp';
  if (type === UDP) return 'udp';
  return type === ICMP || type === ICMP6 ? 'icmp' : 'raw';
}

/** Bytes of data that TCP or UDP carries; undefined where the packet does not say. */
export function payloadOf(headers: Headers): number | undefined {
  const { type, payloadLength } = headers;
  if (type === TCP && headers.has(13)) {
    return Math.max(0, payloadLength - (headers.u8(12) >> 4) * 4);
  }
  if (type !== UDP || !headers.has(6)) return undefined;
  const length = headers.u16(4);
  return Math.max(0, (length === 0 ? payloadLength : length) - 8);
}

/** The one type of VRRP packets. */
const ADVERTISEMENT = 1;

export function advertOf(headers: Headers): VrrpAdvert | undefined {
  if (headers.type !== VRRP || !headers.has(3)) return undefined;
  const { bytes, payload } = headers;
  const version = headers.u8(0) >> 4;
  if ((headers.u8(0) & 15) !== ADVERTISEMENT || (version !== 2 && version !== 3)) return undefined;
  const length = headers.version === 6 ? 16 : 4;
  const addresses: string[] = [];
  const count = headers.has(4) ? headers.u8(3) : 0;
  for (let i = 0, at = 8; i < count && headers.has(at + length); i++, at += length)
    addresses.push(length === 4 ? ip4Text(bytes, payload + at) : ip6Text(bytes, payload + at));
  const intervalNs = !headers.has(6)
    ? undefined
    : version === 2
      ? headers.u8(5) * 1e9
      : (headers.u16(4) & 0x0fff) * 1e7;
  return { version, vrid: headers.u8(1), priority: headers.u8(2), intervalNs, addresses };
}

export function packetOf(headers: Headers, length: number): Packet {
  const arp = isPlainArp(headers);
  const { bytes, network } = headers;
  const ports = hasPorts(headers);
  return {
    length,
    payload: payloadOf(headers),
    l4proto: l4protoOf(headers),
    sourceIp: arp ? ip4Text(bytes, network + 14) : sourceIp(headers),
    destinationIp: arp ? ip4Text(bytes, network + 24) : destinationIp(headers),
    sourcePort: ports ? headers.u16(0) : undefined,
    destinationPort: ports ? headers.u16(2) : undefined,
    tcpFlags: headers.type === TCP && headers.has(14) ? tcpFlags(headers) : undefined,
    vrrp: advertOf(headers),
  };
}

/** The flow that an IP packet belongs to, told like a connected socket; undefined for all others. */
export function flowOf(packet: Packet, { version }: Headers, flows: Flows): Fd | undefined {
  const { sourceIp: from, destinationIp: to, sourcePort, destinationPort } = packet;
  if (version === 0 || from === undefined || to === undefined) return undefined;
  const about = {
    num: ABSENT,
    type: version === 4 ? 'ipv4' : 'ipv6',
    typeChar: version === 4 ? '4' : '6',
    l4proto: packet.l4proto,
  };
  if (sourcePort === undefined || destinationPort === undefined) {
    return {
      ...about,
      name: `${from}->${to}`,
      clientIp: from,
      clientPort: undefined,
      serverIp: to,
      serverPort: undefined,
    };
  }
  const client = flows.client(from, sourcePort, to, destinationPort, packet.tcpFlags);
  const [clientIp, clientPort, serverIp, serverPort] =
    client === 'source' ? [from, sourcePort, to, destinationPort] : [to, destinationPort, from, sourcePort];
  return {
    ...about,
    name: `${clientIp}:${clientPort}->${serverIp}:${serverPort}`,
    clientIp,
    clientPort,
    serverIp,
    serverPort,
  };
}
