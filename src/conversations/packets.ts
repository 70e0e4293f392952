/**
 * Steps from the packets of TCP flows. Data are packets with a payload; acknowledgements are none. Times are those
 * at the capture point. The client is who the flow's name puts first: the sender of the SYN, where that was seen.
 */
import type { EventView } from '../model/event.js';
import type { EventFields, Fd, Packet } from '../model/event-fields.js';
import type { Connection, Moment, SideIndex, Step } from './step.js';

/** Hands the packet's steps to `add`; false where the event is no packet. */
export function packetSteps(
  e: EventView,
  fields: EventFields,
  at: () => Moment,
  add: (step: Step) => void,
): boolean {
  const packet = fields.packet(e);
  if (packet === undefined) return false;
  if (packet.l4proto !== 'tcp') return true;
  const flags = packet.tcpFlags ?? '';
  const bytes = packet.payload ?? 0;
  if (bytes === 0 && !/[SFR]/.test(flags)) return true;
  const fd = fields.fd(e);
  if (fd?.name === undefined) return true;
  const side = sideOf(packet, fd);
  if (side === undefined) return true;
  const of = connection(fd.name);
  const now = at();
  if (flags.includes('S')) {
    if (flags.includes('.')) add({ kind: 'accepted', of, at: now });
    else add({ kind: 'open', of, at: now, handshakeNs: null });
  }
  if (bytes > 0) add({ kind: 'data', of, at: now, began: now, side, bytes });
  if (flags.includes('R')) add({ kind: 'end', of, at: now, side: null, how: 'reset' });
  else if (flags.includes('F')) add({ kind: 'end', of, at: now, side, how: 'closed' });
  return true;
}

/** Which side of the flow's name sent the packet; undefined where both are the same end. */
function sideOf(packet: Packet, fd: Fd): SideIndex | undefined {
  const fromClient = packet.sourceIp === fd.clientIp && packet.sourcePort === fd.clientPort;
  const fromServer = packet.sourceIp === fd.serverIp && packet.sourcePort === fd.serverPort;
  return fromClient === fromServer ? undefined : fromClient ? 0 : 1;
}

function connection(name: string): Connection {
  return {
    key: name,
    isUnique: true,
    kind: 'packets',
    name,
    protocol: 'tcp',
    proc: null,
    pid: null,
    tid: null,
    fd: null,
    self: null,
  };
}
