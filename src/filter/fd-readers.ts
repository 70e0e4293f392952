/** Readers of the descriptor that an event is about, or of the packet's flow. */
import type { EventView } from '../model/event.js';
import type { Fd, Packet } from '../model/event-fields.js';
import { bool, type Context, number, type Reader, text } from './reader.js';

/** A reader for a field of the descriptor, or undefined for all others. Addresses are read as text. */
export function fdReader(field: string, context: Context): Reader | undefined {
  const { fields } = context;
  const of =
    <T>(read: (fd: Fd) => T | undefined) =>
    (e: EventView): T | undefined => {
      const fd = fields.fd(e);
      return fd === undefined ? undefined : read(fd);
    };
  // A packet has a source and a destination, whoever of the two is the server.
  const end =
    <T>(read: (packet: Packet) => T | undefined, otherwise: (fd: Fd) => T | undefined) =>
    (e: EventView): T | undefined => {
      const packet = fields.packet(e);
      return packet === undefined ? of(otherwise)(e) : read(packet);
    };
  const none = (): undefined => undefined;
  switch (field) {
    case 'fd.num':
      return number(of((fd) => fd.num));
    case 'fd.type':
      return text(of((fd) => fd.type));
    case 'fd.typechar':
      return text(of((fd) => fd.typeChar));
    case 'fd.name':
      return text(of((fd) => fd.name));
    case 'fd.directory':
      return text(of(directoryOf));
    case 'fd.filename':
      return text(
        of((fd) => (fd.type === 'file' ? fd.name?.slice(fd.name.lastIndexOf('/') + 1) : undefined)),
      );
    case 'fd.ip':
    case 'fd.net':
      return {
        as: 'texts',
        read: (e) =>
          both(
            fields.fd(e),
            (fd) => fd.clientIp,
            (fd) => fd.serverIp,
          ),
      };
    case 'fd.cip':
    case 'fd.cnet':
      return text(of((fd) => fd.clientIp));
    case 'fd.sip':
    case 'fd.snet':
      return text(
        end(
          (packet) => packet.sourceIp,
          (fd) => fd.serverIp,
        ),
      );
    case 'fd.dip':
    case 'fd.dnet':
      return text(end((packet) => packet.destinationIp, none));
    case 'fd.port':
      return {
        as: 'numbers',
        read: (e) =>
          both(
            fields.fd(e),
            (fd) => fd.clientPort,
            (fd) => fd.serverPort,
          ),
      };
    case 'fd.cport':
      return number(of((fd) => fd.clientPort));
    case 'fd.sport':
      return number(
        end(
          (packet) => packet.sourcePort,
          (fd) => fd.serverPort,
        ),
      );
    case 'fd.dport':
      return number(end((packet) => packet.destinationPort, none));
    case 'fd.l4proto':
      return text(of((fd) => fd.l4proto));
    case 'fd.sockfamily':
      return text(of((fd) => (isInternet(fd) ? 'ip' : fd.type === 'unix' ? 'unix' : undefined)));
    case 'fd.is_server':
      return bool(of(isServer));
    default:
      return undefined;
  }
}

export function isInternet(fd: Fd): boolean {
  return fd.type === 'ipv4' || fd.type === 'ipv6';
}

function both<T>(
  fd: Fd | undefined,
  client: (fd: Fd) => T | undefined,
  server: (fd: Fd) => T | undefined,
): T[] {
  if (fd === undefined) return [];
  return [client(fd), server(fd)].filter((value) => value !== undefined);
}

function directoryOf(fd: Fd): string | undefined {
  if (fd.type === 'directory') return fd.name;
  if (fd.type !== 'file' || fd.name === undefined) return undefined;
  const slash = fd.name.lastIndexOf('/');
  return slash <= 0 ? '/' : fd.name.slice(0, slash);
}

/** Which end of a connection is the own one can't be told from a trace; a bound or listening socket can. */
function isServer(fd: Fd): boolean | undefined {
  if (fd.type === undefined) return undefined;
  if (!isInternet(fd)) return false;
  return fd.clientIp === undefined && fd.serverIp !== undefined ? true : undefined;
}
