/** Names that tcpdump prints without -n and that stand for the same everywhere: multicast groups and services. */
import { portOfService } from '../../model/services.js';

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

/** The address that a name stands for on every machine. */
export function addressOf(name: string): string | undefined {
  return Object.hasOwn(ADDRESSES, name) ? ADDRESSES[name] : undefined;
}

/** A port's number from its digits or its service's name. */
export function portOf(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  return portOfService(text);
}
