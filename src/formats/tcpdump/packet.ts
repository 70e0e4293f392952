/**
 * A packet's ends, flags and advertisement, from its arguments. Made only for packets that somebody asks about.
 *
 *     10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 1:28, ack 1, win 502, length 27: HTTP: GET / HTTP/1.1
 *     lb1.example.http > 10.0.0.1.40000: Flags [.], ...                     without -n
 *     10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ABSENT } from '../../model/event.js';
import type { Fd, Packet, VrrpAdvert } from '../../model/event-fields.js';
import type { Flows } from '../packets/flows.js';
import { addressOf, portOf } from './names.js';

/** One end of a packet. */
interface End {
  /** undefined where a name is printed that stands for no known address. */
  readonly ip: string | undefined;
  readonly port: number | undefined;
  /** As flows are named: `10.0.0.1:80`, `lb1.example:80`, `10.77.0.1`. */
  readonly name: string;
}

export interface ParsedPacket {
  /** 4 or 6, 0 where the packet is no IP. */
  readonly version: 0 | 4 | 6;
  readonly packet: Packet;
  readonly source: End | undefined;
  readonly destination: End | undefined;
}

/** What is printed of a packet besides its type and arguments. */
export interface Printed {
  readonly version: 0 | 4 | 6;
  /** Bytes on the wire, -1 where not printed. */
  readonly frameLength: number;
}

/** Arguments are looked at so far. */
const JUDGED = 4096;
const ENDS = /^(\S+) > (\S+):(?: |$)/;
/** Checksums (-v), extension headers, AH. */
const PASSED =
  /^(?: +|\[(?!\|)[^\]]*\]|(?:HBH|DSTOPT|srcrt|frag)(?: \([^)]*\))*(?= |$)|AH\((?:[^()]|\([^)]*\))*\):)/;
const VRRP =
  /^VRRPv(\d+), Advertisement, (?:\(ttl \d+\), )?vrid (\d+), prio (\d+)(?:, (?:authtype [^,]*|type#\d+))?(?:, intvl (\d+)(c?s))?/;
const VRRP_ADDRESSES = /, addrs(?:\(\d+\))?: ([0-9a-fA-F.:,]+)/;
const FLAGS = /^Flags \[([^\]]{1,16})\]/;
const TCP_LENGTH = /^(?:tcp (\d+)|Flags .*?, length (\d+)(?=[: ]|$))/s;
const UDP_LENGTH = /^UDP, (?:bad )?length (\d+)/;
const PROTOCOL_ALONE = /^ ?(?:ip-proto-\d+|[a-z0-9-]+)$/;
const ARP_REQUEST = /Request who-has (\S+)(?: \([^)]*\))*,? tell ([^\s,]+)/;
const ARP_REPLY = /Reply (\S+) is-at /;

/** Linear in the arguments' length, of which the first 4 KiB count. */
export function parsePacket(type: string, args: string, printed: Printed): ParsedPacket {
  const text = args.length > JUDGED ? args.slice(0, JUDGED) : args;
  const { version } = printed;
  const m = version === 0 ? null : ENDS.exec(text);
  if (m === null)
    return { version, packet: withoutEnds(type, text, printed), source: undefined, destination: undefined };
  let rest = text.slice(m[0].length);
  let own: RegExpExecArray | null = null;
  for (let passed = PASSED.exec(rest); passed; passed = PASSED.exec(rest)) {
    rest = rest.slice(passed[0].length).trimStart();
    own ??= /\)$|:$/.test(passed[0]) || passed[0].startsWith('HBH') ? ENDS.exec(rest) : null;
    if (own && rest.startsWith(own[0])) rest = rest.slice(own[0].length);
  }
  const hasPorts = (type === 'tcp' || type === 'udp') && !PROTOCOL_ALONE.test(rest);
  const source = endOf(m[1]!, hasPorts, own?.[1]);
  const destination = endOf(m[2]!, hasPorts, own?.[2]);
  return {
    version,
    source,
    destination,
    packet: {
      length: lengthOf(printed),
      payload: payloadOf(type, rest),
      l4proto: l4protoOf(type),
      sourceIp: source.ip,
      destinationIp: destination.ip,
      sourcePort: source.port,
      destinationPort: destination.port,
      tcpFlags: type === 'tcp' ? FLAGS.exec(rest)?.[1] : undefined,
      vrrp: type === 'vrrp' ? advertOf(rest) : undefined,
    },
  };
}

/** The flow that an IP packet belongs to, told like a connected socket; undefined for all others. */
export function flowOf({ version, packet, source, destination }: ParsedPacket, flows: Flows): Fd | undefined {
  if (!source || !destination) return undefined;
  const { sourcePort, destinationPort, tcpFlags } = packet;
  const isForth =
    sourcePort === undefined ||
    destinationPort === undefined ||
    flows.client(source.name, sourcePort, destination.name, destinationPort, tcpFlags) === 'source';
  const [client, server] = isForth ? [source, destination] : [destination, source];
  return {
    num: ABSENT,
    type: version === 4 ? 'ipv4' : 'ipv6',
    typeChar: version === 4 ? '4' : '6',
    l4proto: packet.l4proto,
    name: `${client.name}->${server.name}`,
    clientIp: client.ip,
    clientPort: client.port,
    serverIp: server.ip,
    serverPort: server.port,
  };
}

function withoutEnds(type: string, text: string, printed: Printed): Packet {
  const request = type === 'arp' ? ARP_REQUEST.exec(text) : null;
  const reply = type === 'arp' ? ARP_REPLY.exec(text) : null;
  return {
    length: lengthOf(printed),
    payload: undefined,
    l4proto: undefined,
    sourceIp: ipOf(request?.[2] ?? reply?.[1]),
    destinationIp: ipOf(request?.[1]),
    sourcePort: undefined,
    destinationPort: undefined,
    tcpFlags: undefined,
    vrrp: undefined,
  };
}

function ipOf(printed: string | undefined): string | undefined {
  if (printed === undefined) return undefined;
  const text = printed.replace(/%.*$/, '');
  return isIPv4(text) || isIPv6(text) ? text : addressOf(text);
}

/** `10.0.0.1.80`, `fe80::1.546`, `lb1.example.http`, or without a port. `ownPort`: printed apart from the address. */
function endOf(printed: string, hasPorts: boolean, ownPort: string | undefined): End {
  const dot = printed.lastIndexOf('.');
  if (hasPorts && ownPort === undefined && dot > 0) {
    const host = printed.slice(0, dot);
    const service = printed.slice(dot + 1);
    const ip = ipOf(host);
    const port = portOf(service);
    const isAddress = ip === undefined && ipOf(printed) !== undefined;
    if (!isAddress) return { ip, port, name: `${ip ?? host}:${port ?? service}` };
  }
  const ip = ipOf(printed);
  const port = hasPorts && ownPort !== undefined ? portOf(ownPort) : undefined;
  const host = ip ?? printed;
  return { ip, port, name: port === undefined ? host : `${host}:${port}` };
}

function lengthOf({ frameLength }: Printed): number | undefined {
  return frameLength < 0 ? undefined : frameLength;
}

function payloadOf(type: string, rest: string): number | undefined {
  const m = type === 'tcp' ? TCP_LENGTH.exec(rest) : type === 'udp' ? UDP_LENGTH.exec(rest) : null;
  const digits = m?.[1] ?? m?.[2];
  return digits === undefined ? undefined : Number(digits);
}

function l4protoOf(type: string): Fd['l4proto'] {
  if (type === 'tcp' || type === 'udp') return type;
  return type === 'icmp' || type === 'icmp6' ? 'icmp' : 'raw';
}

function advertOf(rest: string): VrrpAdvert | undefined {
  const m = VRRP.exec(rest);
  if (!m) return undefined;
  const [, version, vrid, priority, interval, unit] = m;
  return {
    version: Number(version),
    vrid: Number(vrid),
    priority: Number(priority),
    intervalNs: interval === undefined ? undefined : Number(interval) * (unit === 's' ? 1e9 : 1e7),
    addresses:
      VRRP_ADDRESSES.exec(rest)?.[1]
        ?.split(',')
        .filter((address) => address !== '') ?? [],
  };
}
