/** Readers of what only packets have. */
import type { EventView } from '../model/event.js';
import type { Packet, VrrpAdvert } from '../model/event-fields.js';
import { type Context, number, type Reader, text } from './reader.js';

/** A reader for a field of a packet, or undefined for all others. */
export function packetReader(field: string, { fields }: Context): Reader | undefined {
  const of =
    <T>(read: (packet: Packet) => T | undefined) =>
    (e: EventView): T | undefined => {
      const packet = fields.packet(e);
      return packet === undefined ? undefined : read(packet);
    };
  const advert = <T>(read: (vrrp: VrrpAdvert) => T | undefined) =>
    of(({ vrrp }) => (vrrp === undefined ? undefined : read(vrrp)));
  switch (field) {
    case 'pkt.len':
      return number(of((packet) => packet.length));
    case 'tcp.flags':
      return text(of((packet) => packet.tcpFlags));
    case 'vrrp.version':
      return number(advert((vrrp) => vrrp.version));
    case 'vrrp.vrid':
      return number(advert((vrrp) => vrrp.vrid));
    case 'vrrp.prio':
      return number(advert((vrrp) => vrrp.priority));
    case 'vrrp.intvl':
      return number(advert((vrrp) => vrrp.intervalNs));
    default:
      return undefined;
  }
}
