/**
 * Names of protocols as event types, in tcpdump's words. They lie in one buffer, so that the scan hands over
 * ranges and makes no strings.
 */

/** IP protocols by number; those without a name are `ip-proto-99`. */
const IP_PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  8: 'egp',
  9: 'igrp',
  17: 'udp',
  33: 'dccp',
  41: 'ip6',
  46: 'rsvp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmp6',
  88: 'eigrp',
  89: 'ospf',
  103: 'pim',
  108: 'ipcomp',
  112: 'vrrp',
  113: 'pgm',
  132: 'sctp',
  136: 'udplite',
};

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

const BY_ETHERTYPE: Readonly<Record<number, TypeId>> = {
  2054: ARP,
  32821: RARP,
  34825: other('slow'),
  34887: other('mpls'),
  34888: other('mpls'),
  34915: other('pppoe'),
  34916: other('pppoe'),
  34958: other('eapol'),
  34978: other('aoe'),
  35020: other('lldp'),
  36864: other('loopback'),
};

/** The type of what an ethertype other than IP announces. */
export function typeOfEthertype(ethertype: number): TypeId {
  return BY_ETHERTYPE[ethertype] ?? ETHERTYPE;
}

const NAMES: readonly string[] = [
  ...Array.from({ length: FIRST_OTHER }, (_, i) => IP_PROTOCOLS[i] ?? `ip-proto-${i}`),
  ...OTHERS,
];

/** All names in a row; that of type `id` is [TYPE_STARTS[id], TYPE_STARTS[id + 1]). */
export const TYPE_NAMES = Buffer.from(NAMES.join(''));
export const TYPE_STARTS = new Uint16Array(NAMES.length + 1);
for (const [i, name] of NAMES.entries()) TYPE_STARTS[i + 1] = TYPE_STARTS[i]! + name.length;

export function nameOfType(id: TypeId): string {
  return NAMES[id] ?? '';
}
