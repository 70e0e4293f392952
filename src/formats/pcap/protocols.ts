/** Types of packets by the numbers that a capture holds. */
import { ETHERTYPES, IP_PROTOCOLS, type NameRow, nameRow } from '../packets/protocols.js';

export const ICMP = 1;
export const IGMP = 2;
export const IPIP = 4;
export const TCP = 6;
export const UDP = 17;
export const IP6_IN_IP = 41;
export const AH = 51;
export const ICMP6 = 58;
export const VRRP = 112;

/** Types beyond the IP protocols' numbers. */
const OTHERS = [
  'ip',
  'ip6',
  'arp',
  'rarp',
  'llc',
  'stp',
  'isis',
  'lldp',
  'slow',
  'eapol',
  'loopback',
  'mpls',
  'pppoe',
  'aoe',
] as const;

/** A packet's type: an IP protocol's number, one of `OTHERS`, or one that has only a number. */
export type TypeId = number;

const FIRST_OTHER = 256;

function other(name: (typeof OTHERS)[number]): TypeId {
  return FIRST_OTHER + OTHERS.indexOf(name);
}

/** An IP packet that is cut before its protocol. */
export const IP = other('ip');
export const IP6 = other('ip6');
export const ARP = other('arp');
export const RARP = other('rarp');
export const LLC = other('llc');
export const STP = other('stp');
export const ISIS = other('isis');
/** Types that have but a number: `ethertype-0x88b5`, `linktype-105`. */
export const ETHERTYPE: TypeId = 1000;
export const LINKTYPE: TypeId = 1001;

/** The type of what an ethertype other than IP announces. */
export function typeOfEthertype(ethertype: number): TypeId {
  const name = ETHERTYPES[ethertype];
  return name === undefined ? ETHERTYPE : FIRST_OTHER + (OTHERS as readonly string[]).indexOf(name);
}

const NAMES: readonly string[] = [
  ...Array.from({ length: FIRST_OTHER }, (_, i) => IP_PROTOCOLS[i] ?? `ip-proto-${i}`),
  ...OTHERS,
];

/** All names in a row, by type. */
export const TYPE_NAMES: NameRow = nameRow(NAMES);

export function nameOfType(id: TypeId): string {
  return NAMES[id] ?? '';
}
