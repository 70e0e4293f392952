/** Names of protocols as event types, in tcpdump's words: what all packet formats call them. */

/** IP protocols by number; those without a name are `ip-proto-99`. */
export const IP_PROTOCOLS: Readonly<Record<number, string>> = {
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

export const ETHERTYPE_IP4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_RARP = 0x8035;
export const ETHERTYPE_IP6 = 0x86dd;

/** What ethertypes other than IP announce; those without a name are `ethertype-0x88b5`. */
export const ETHERTYPES: Readonly<Record<number, string>> = {
  [ETHERTYPE_ARP]: 'arp',
  [ETHERTYPE_RARP]: 'rarp',
  34825: 'slow',
  34887: 'mpls',
  34888: 'mpls',
  34915: 'pppoe',
  34916: 'pppoe',
  34958: 'eapol',
  34978: 'aoe',
  35020: 'lldp',
  36864: 'loopback',
};

/** Names in one buffer, so that a scan hands over ranges and makes no strings: name i is [starts[i], starts[i + 1]). */
export interface NameRow {
  readonly bytes: Buffer;
  readonly starts: Uint16Array;
}

export function nameRow(names: readonly string[]): NameRow {
  const starts = new Uint16Array(names.length + 1);
  for (const [i, name] of names.entries()) starts[i + 1] = starts[i]! + name.length;
  return { bytes: Buffer.from(names.join('')), starts };
}
