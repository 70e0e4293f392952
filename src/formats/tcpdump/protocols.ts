/** The words by which tcpdump's text tells protocols. */
import { startsWith } from '../../model/bytes.js';
import { ETHERTYPES, IP_PROTOCOLS, type NameRow, nameRow } from '../packets/protocols.js';

const VRRP = 112;

/**
 * The type of an IP packet of which tcpdump prints the protocol's number alone: later fragments, unknown ones. Not
 * `vrrp`: every line of that type holds `VRRPv`.
 */
export function typeOfNumber(protocol: number): string {
  return (protocol === VRRP ? undefined : IP_PROTOCOLS[protocol]) ?? `ip-proto-${protocol}`;
}

/** What the body behind the endpoints of an IP packet begins with. */
const BEHIND_ENDPOINTS: readonly (readonly [word: string, type: string])[] = [
  ['Flags [', 'tcp'],
  ['tcp ', 'tcp'],
  ['UDP, ', 'udp'],
  ['VRRPv', 'vrrp'],
  ['CARPv', 'carp'],
  ['ICMP6, ', 'icmp6'],
  ['ICMP ', 'icmp'],
  ['igmp', 'igmp'],
  ['sctp', 'sctp'],
  ['OSPFv', 'ospf'],
  ['PIMv', 'pim'],
  ['GREv', 'gre'],
  ['gre-', 'gre'],
  ['ESP(', 'esp'],
  ['EIGRP', 'eigrp'],
  ['igrp', 'igrp'],
  ['egp', 'egp'],
  ['IPComp(', 'ipcomp'],
  ['RSVPv', 'rsvp'],
  ['DCCP', 'dccp'],
  ['IP ', 'ipip'],
  ['IP (', 'ipip'],
  ['IP6 ', 'ip6'],
  ['[|tcp]', 'tcp'],
  ['[|udp]', 'udp'],
  ['[|icmp]', 'icmp'],
  ['[|icmp6]', 'icmp6'],
  ['[|igmp]', 'igmp'],
  ['[|sctp]', 'sctp'],
  ['[|ospf', 'ospf'],
  ['[|pim]', 'pim'],
  ['[|gre]', 'gre'],
  ['[|esp]', 'esp'],
  ['[|ah]', 'ah'],
  ['[|eigrp]', 'eigrp'],
  ['[|rsvp]', 'rsvp'],
  ['[|dccp]', 'dccp'],
  ['[|pgm]', 'pgm'],
  ['[|ipcomp]', 'ipcomp'],
];

/** What the body of a packet without IP begins with. */
const OTHER_BODIES: readonly (readonly [word: string, type: string])[] = [
  ['LLDP', 'lldp'],
  ['STP ', 'stp'],
  ['LACPv', 'slow'],
  ['MARKERv', 'slow'],
  ['OAM', 'slow'],
  ['PPPoE', 'pppoe'],
  ['MPLS', 'mpls'],
  ['EAPOL', 'eapol'],
  ['EAP', 'eapol'],
  ['Loopback', 'loopback'],
  ['AoE', 'aoe'],
  ['IS-IS', 'isis'],
  ['LLC', 'llc'],
  ['CDPv', 'llc'],
];

/** The type of what an ethertype other than IP announces. */
export function typeOfEthertype(ethertype: number): string {
  return ETHERTYPES[ethertype] ?? `ethertype-0x${ethertype.toString(16).padStart(4, '0')}`;
}

/** A type's place among `TYPE_NAMES`; those that are not there are spelled out. */
export type TypeId = number;

const NAMES: readonly string[] = [
  ...new Set([
    ...Object.values(IP_PROTOCOLS),
    ...BEHIND_ENDPOINTS.map(([, type]) => type),
    ...OTHER_BODIES.map(([, type]) => type),
    ...Object.values(ETHERTYPES),
    'ip',
    'ip6',
  ]),
];

/** All names in a row, by type. */
export const TYPE_NAMES: NameRow = nameRow(NAMES);

export function idOf(type: string): TypeId {
  return NAMES.indexOf(type);
}

interface Word {
  readonly bytes: Buffer;
  readonly id: TypeId;
}

/** Words by their first byte: one look-up and hardly ever more than one comparison. */
class Words {
  private readonly byFirst: (readonly Word[] | undefined)[] = new Array(256).fill(undefined);

  constructor(words: readonly (readonly [string, string])[]) {
    for (const [word, type] of words) {
      const entry = { bytes: Buffer.from(word), id: idOf(type) };
      const first = entry.bytes[0]!;
      this.byFirst[first] = [...(this.byFirst[first] ?? []), entry];
    }
  }

  /** Type of the word at `p`, -1 for none. */
  find(bytes: Buffer, p: number, end: number): TypeId {
    const candidates = this.byFirst[bytes[p]!];
    if (candidates === undefined) return -1;
    for (const { bytes: word, id } of candidates) if (startsWith(bytes, p, end, word)) return id;
    return -1;
  }
}

const behindEndpoints = new Words(BEHIND_ENDPOINTS);
const otherBodies = new Words(OTHER_BODIES);

export function typeBehindEndpoints(bytes: Buffer, p: number, end: number): TypeId {
  return behindEndpoints.find(bytes, p, end);
}

export function typeOfOtherBody(bytes: Buffer, p: number, end: number): TypeId {
  return otherBodies.find(bytes, p, end);
}
