/**
 * Steps from the packets of TCP flows. Data are packets with a payload; acknowledgements are none. Times are those
 * at the capture point. The client is who the flow's name puts first, unless a SYN shows that it was the other.
 */
import type { EventView } from '../model/event.js';
import type { EventFields, Fd, Packet } from '../model/event-fields.js';
import { oldestKeys } from './oldest.js';
import type { Connection, Moment, SideIndex, Step } from './step.js';

/** Flows whose name has server and client the wrong way round, remembered at the most. */
const TURNED_KEPT = 10_000;

export class PacketSteps {
  private readonly turned = new Set<string>();

  /** @returns false where the event is no packet. */
  read(e: EventView, fields: EventFields, at: () => Moment, add: (step: Step) => void): boolean {
    const packet = fields.packet(e);
    if (packet === undefined) return false;
    if (packet.l4proto !== 'tcp') return true;
    const fd = fields.fd(e);
    const named = fd?.name === undefined ? undefined : sideOf(packet, fd);
    if (named === undefined) return true;
    const flags = packet.tcpFlags ?? '';
    const isSyn = flags.includes('S');
    const isAnswer = isSyn && flags.includes('.');
    const bytes = packet.payload ?? 0;
    const isEnd = /[FR]/.test(flags);
    if (!isSyn && !isEnd && bytes === 0) return true;
    const name = fd!.name!;
    if (isSyn) this.turn(name, named === (isAnswer ? 0 : 1));
    const turned = this.turned.has(name);
    const side: SideIndex = turned ? other(named) : named;
    const of = connection(fd!, name, turned);
    const now = at();
    if (isAnswer) add({ kind: 'accepted', of, at: now });
    else if (isSyn) add({ kind: 'open', of, at: now, handshakeNs: null });
    if (bytes > 0) add({ kind: 'data', of, at: now, began: now, side, bytes });
    if (flags.includes('R')) add({ kind: 'end', of, at: now, side: null, how: 'reset' });
    else if (isEnd) add({ kind: 'end', of, at: now, side, how: 'closed' });
    return true;
  }

  private turn(name: string, wrongWay: boolean): void {
    this.turned.delete(name);
    if (!wrongWay) return;
    this.turned.add(name);
    for (const oldest of oldestKeys(this.turned, TURNED_KEPT)) this.turned.delete(oldest);
  }
}

/** Which side of the flow's name sent the packet; undefined where both are the same end. */
function sideOf(packet: Packet, fd: Fd): SideIndex | undefined {
  const fromClient = packet.sourceIp === fd.clientIp && packet.sourcePort === fd.clientPort;
  const fromServer = packet.sourceIp === fd.serverIp && packet.sourcePort === fd.serverPort;
  return fromClient === fromServer ? undefined : fromClient ? 0 : 1;
}

function other(side: SideIndex): SideIndex {
  return side === 0 ? 1 : 0;
}

function connection(fd: Fd, name: string, turned: boolean): Connection {
  return {
    key: name,
    isUnique: true,
    kind: 'packets',
    name: turned ? `${fd.serverIp}:${fd.serverPort}->${fd.clientIp}:${fd.clientPort}` : name,
    protocol: 'tcp',
    proc: null,
    pid: null,
    tid: null,
    fd: null,
    self: null,
  };
}
