/** Names that tcpdump prints without -n and that stand for the same everywhere: multicast groups and services. */

const ADDRESSES: Readonly<Record<string, string>> = {
  'vrrp.mcast.net': '224.0.0.18',
  'all-systems.mcast.net': '224.0.0.1',
  'all-routers.mcast.net': '224.0.0.2',
  'ospf-all.mcast.net': '224.0.0.5',
  'ospf-dsig.mcast.net': '224.0.0.6',
  'rip2-routers.mcast.net': '224.0.0.9',
  'igrp-routers.mcast.net': '224.0.0.10',
  'pim-routers.mcast.net': '224.0.0.13',
  'igmp.mcast.net': '224.0.0.22',
  'mdns.mcast.net': '224.0.0.251',
  'ip6-localnet': 'fe00::0',
  'ip6-mcastprefix': 'ff00::0',
  'ip6-allnodes': 'ff02::1',
  'ip6-allrouters': 'ff02::2',
  'ip6-allhosts': 'ff02::3',
  'ip6-localhost': '::1',
  'ip6-loopback': '::1',
};

/** The services of /etc/services that are seen most. */
const SERVICES: Readonly<Record<string, number>> = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  'netbios-ns': 137,
  'netbios-dgm': 138,
  'netbios-ssn': 139,
  imap2: 143,
  snmp: 161,
  'snmp-trap': 162,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  isakmp: 500,
  syslog: 514,
  shell: 514,
  route: 520,
  'dhcpv6-client': 546,
  'dhcpv6-server': 547,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  'ms-sql-s': 1433,
  radius: 1812,
  'radius-acct': 1813,
  nfs: 2049,
  mysql: 3306,
  'ipsec-nat-t': 4500,
  sip: 5060,
  mdns: 5353,
  postgresql: 5432,
  amqp: 5672,
  redis: 6379,
  'http-alt': 8080,
};

/** The address that a name stands for on every machine. */
export function addressOf(name: string): string | undefined {
  return Object.hasOwn(ADDRESSES, name) ? ADDRESSES[name] : undefined;
}

/** A port's number from its digits or its service's name. */
export function portOf(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  return Object.hasOwn(SERVICES, text) ? SERVICES[text] : undefined;
}
