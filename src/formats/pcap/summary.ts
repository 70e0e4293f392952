/**
 * A packet in one line, as `tcpdump -n` prints it behind the time:
 *
 *     IP 10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20
 *     IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 502, length 0
 *     ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
 *
 * TCP's sequence numbers are absolute (`tcpdump -S`), its options left out. Protocols on top of UDP are not told.
 */
import { ip4Text, ip6Text, macText } from './addresses.js';
import { ETHERNET, type Headers } from './headers.js';
import { destinationIp, hasPorts, isPlainArp, payloadOf, sourceIp, tcpFlags } from './packet-fields.js';
import {
  AH,
  ARP,
  ETHERTYPE,
  ICMP,
  ICMP6,
  IGMP,
  IP,
  IP6,
  IP6_IN_IP,
  IPIP,
  LINKTYPE,
  nameOfType,
  RARP,
  TCP,
  UDP,
  VRRP,
} from './protocols.js';

export interface Summary {
  /** `IP `, `IP6 `, `ARP, ` or nothing. */
  readonly prefix: string;
  readonly body: string;
}

/** `length`: bytes on the wire. */
export function summarise(headers: Headers, length: number): Summary {
  const { type, version } = headers;
  if (type === ARP || type === RARP) {
    return { prefix: 'ARP, ', body: arpText(headers, length) };
  }
  if (version !== 0) return { prefix: version === 4 ? 'IP ' : 'IP6 ', body: ipText(headers) };
  if (type === IP || type === IP6) return { prefix: type === IP ? 'IP ' : 'IP6 ', body: `length ${length}` };
  return { prefix: '', body: linkText(headers, length) };
}

/** The type of a packet that has only a number for it. */
export function unnamedType({ type, ethertype, linkType }: Headers): string {
  return type === ETHERTYPE
    ? `ethertype-0x${ethertype.toString(16).padStart(4, '0')}`
    : `linktype-${linkType}`;
}

function linkText(headers: Headers, length: number): string {
  const { bytes, start, end, linkType, type } = headers;
  const what = type === LINKTYPE ? unnamedType(headers) : nameOfType(type) || unnamedType(headers);
  if (linkType !== ETHERNET || end - start < 14) return `${what}, length ${length}`;
  return `${macText(bytes, start + 6)} > ${macText(bytes, start)}, ${what}, length ${length}`;
}

function arpText(headers: Headers, length: number): string {
  const { bytes, network } = headers;
  const rest = length - (network - headers.start);
  if (!isPlainArp(headers)) return `length ${rest}`;
  const operation = bytes.readUInt16BE(network + 6);
  const sender = ip4Text(bytes, network + 14);
  const target = ip4Text(bytes, network + 24);
  const senderMac = macText(bytes, network + 8);
  const targetMac = macText(bytes, network + 18);
  const asked = /^(?:00:){5}00$|^(?:ff:){5}ff$/.test(targetMac) ? '' : ` (${targetMac})`;
  const text: Record<number, string> = {
    1: `Request who-has ${target}${asked} tell ${sender}`,
    2: `Reply ${sender} is-at ${senderMac}`,
    3: `Reverse Request who-is ${targetMac} tell ${senderMac}`,
    4: `Reverse Reply ${targetMac} at ${target}`,
  };
  return `${text[operation] ?? `op-${operation}`}, length ${rest}`;
}

function ipText(headers: Headers): string {
  const ports = hasPorts(headers);
  const from = `${sourceIp(headers)}${ports ? `.${headers.u16(0)}` : ''}`;
  const to = `${destinationIp(headers)}${ports ? `.${headers.u16(2)}` : ''}`;
  return `${from} > ${to}: ${payloadText(headers)}`;
}

function payloadText(headers: Headers): string {
  const { type, payloadLength, laterFragment } = headers;
  const name = nameOfType(type);
  // Of what a fragment goes on with tcpdump prints the number.
  if (laterFragment) return `ip-proto-${type}`;
  switch (type) {
    case VRRP:
      if (headers.has(8)) return vrrpText(headers);
      break;
    case TCP:
      if (headers.has(16)) return tcpText(headers);
      break;
    case UDP:
      if (headers.has(6)) return `UDP, length ${payloadOf(headers)}`;
      break;
    case ICMP:
      if (headers.has(8)) return `ICMP ${icmpText(headers)}, length ${payloadLength}`;
      break;
    case ICMP6:
      if (headers.has(8)) return `ICMP6, ${icmp6Text(headers)}, length ${payloadLength}`;
      break;
    case IGMP:
      if (headers.has(8)) return `igmp ${igmpText(headers)}`;
      break;
    case IPIP:
    case IP6_IN_IP:
      return `${type === IPIP ? 'IP' : 'IP6'}, length ${payloadLength}`;
    case AH:
      return `AH, length ${payloadLength}`;
  }
  return /^[a-z]+$/.test(name)
    ? `${name.toUpperCase()}, length ${payloadLength}`
    : `${name}, length ${payloadLength}`;
}

function vrrpText(headers: Headers): string {
  const version = headers.u8(0) >> 4;
  const type = headers.u8(0) & 15;
  const { bytes, network } = headers;
  const hops = headers.version === 4 ? bytes[network + 8]! : 255;
  const head = `VRRPv${version}, ${type === 1 ? 'Advertisement' : `unknown type (${type})`}, ${hops === 255 ? '' : `(ttl ${hops}), `}`;
  const about = `${head}vrid ${headers.u8(1)}, prio ${headers.u8(2)}`;
  if (type !== 1 || version < 2 || version > 3) return head.slice(0, -2);
  const { payloadLength } = headers;
  if (version === 3) return `${about}, intvl ${headers.u16(4) & 0x0fff}cs, length ${payloadLength}`;
  const authentication = ['none', 'simple', 'ah'][headers.u8(4)] ?? `#${headers.u8(4)}`;
  return `${about}, authtype ${authentication}, intvl ${headers.u8(5)}s, length ${payloadLength}`;
}

const SYN_FIN_RST = 0x07;
const ACK = 0x10;
const URG = 0x20;

function tcpText(headers: Headers): string {
  const flags = headers.u8(13);
  const length = payloadOf(headers) ?? 0;
  let text = `Flags [${tcpFlags(headers)}]`;
  if (length > 0 || flags & SYN_FIN_RST) {
    const seq = headers.u32(4);
    text += `, seq ${seq}${length > 0 ? `:${(seq + length) % 0x100000000}` : ''}`;
  }
  if (flags & ACK) text += `, ack ${headers.u32(8)}`;
  text += `, win ${headers.u16(14)}`;
  if (flags & URG && headers.has(20)) text += `, urg ${headers.u16(18)}`;
  return `${text}, length ${length}`;
}

function icmpText(headers: Headers): string {
  const type = headers.u8(0);
  const code = headers.u8(1);
  switch (type) {
    case 0:
    case 8:
      return `echo ${type === 8 ? 'request' : 'reply'}, id ${headers.u16(4)}, seq ${headers.u16(6)}`;
    case 3:
      return unreachable(headers, code);
    case 5:
      return headers.has(28)
        ? `redirect ${ip4Text(headers.bytes, headers.payload + 24)} to ${code % 2 === 0 ? 'net' : 'host'} ${ip4Text(headers.bytes, headers.payload + 4)}`
        : 'redirect';
    case 11:
      return code === 0
        ? 'time exceeded in-transit'
        : code === 1
          ? 'ip reassembly time exceeded'
          : `time exceeded-#${code}`;
    default:
      return `type-#${type}`;
  }
}

/** What could not be reached: the packet in question follows the ICMP header. */
function unreachable(headers: Headers, code: number): string {
  const { bytes, payload } = headers;
  if (!headers.has(28)) return `unreachable-#${code}`;
  const target = ip4Text(bytes, payload + 24);
  const protocol = bytes[payload + 17]!;
  switch (code) {
    case 0:
      return `net ${target} unreachable`;
    case 1:
      return `host ${target} unreachable`;
    case 2:
      return `${target} protocol ${protocol} unreachable`;
    case 3: {
      const ports = 8 + (bytes[payload + 8]! & 15) * 4;
      if (!headers.has(ports + 4)) return `${target} port unreachable`;
      const port = headers.u16(ports + 2);
      const name = protocol === TCP ? 'tcp' : protocol === UDP ? 'udp' : `protocol ${protocol}`;
      return `${target} ${name} port ${port} unreachable`;
    }
    case 4: {
      const mtu = headers.u16(6);
      return `${target} unreachable - need to frag${mtu === 0 ? '' : ` (mtu ${mtu})`}`;
    }
    case 10:
      return `host ${target} unreachable - admin prohibited`;
    case 13:
      return `host ${target} unreachable - admin prohibited filter`;
    default:
      return `${target} unreachable - #${code}`;
  }
}

function icmp6Text(headers: Headers): string {
  const type = headers.u8(0);
  switch (type) {
    case 1:
      return 'destination unreachable';
    case 2:
      return `packet too big, mtu ${headers.u32(4)}`;
    case 3:
      return 'time exceeded in-transit';
    case 128:
    case 129:
      return `echo ${type === 128 ? 'request' : 'reply'}, id ${headers.u16(4)}, seq ${headers.u16(6)}`;
    case 133:
      return 'router solicitation';
    case 134:
      return 'router advertisement';
    case 135:
    case 136: {
      const what = type === 135 ? 'neighbor solicitation, who has' : 'neighbor advertisement, tgt is';
      return headers.has(24) ? `${what} ${ip6Text(headers.bytes, headers.payload + 8)}` : what.split(',')[0]!;
    }
    case 143:
      return `multicast listener report v2, ${headers.u16(6)} group record(s)`;
    default:
      return `type-#${type}`;
  }
}

function igmpText(headers: Headers): string {
  const group = ip4Text(headers.bytes, headers.payload + 4);
  const length = headers.payloadLength;
  switch (headers.u8(0)) {
    case 0x11:
      return `query v${length >= 12 ? 3 : headers.u8(1) === 0 ? 1 : 2}`;
    case 0x12:
      return `v1 report ${group}`;
    case 0x16:
      return `v2 report ${group}`;
    case 0x17:
      return `leave ${group}`;
    case 0x22:
      return `v3 report, ${headers.u16(6)} group record(s)`;
    default:
      return `type-#${headers.u8(0)}`;
  }
}
