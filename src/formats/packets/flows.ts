/**
 * Who of a packet's two ends is the client, so that both directions of a flow have one name. The sender of a
 * TCP SYN is, and the receiver of a SYN-ACK; without having seen one, the end with the higher port; with equal
 * ports the one that sent first. Remembered is only what the ports alone don't tell.
 */
import { oldestKeys } from '../../model/oldest.js';

/** Flows remembered at most; the oldest are forgotten, and the ports decide. */
const MOST = 65_536;

export class Flows {
  /** Changes when an answer given before may no longer be right. */
  version = 0;
  /** `client:port>server:port` of flows whose client has not the higher port. */
  private readonly known = new Set<string>();

  /** @param tcpFlags as tcpdump prints them: `S`, `S.`, `P.`; undefined for packets without. */
  client(
    sourceIp: string,
    sourcePort: number,
    destinationIp: string,
    destinationPort: number,
    tcpFlags: string | undefined,
  ): 'source' | 'destination' {
    const forth = `${sourceIp}:${sourcePort}>${destinationIp}:${destinationPort}`;
    const back = `${destinationIp}:${destinationPort}>${sourceIp}:${sourcePort}`;
    if (tcpFlags?.includes('S')) {
      const isSource = !tcpFlags.includes('.');
      this.learn(
        isSource ? forth : back,
        isSource ? back : forth,
        isSource ? sourcePort > destinationPort : destinationPort > sourcePort,
      );
      return isSource ? 'source' : 'destination';
    }
    if (this.known.has(forth)) return 'source';
    if (this.known.has(back)) return 'destination';
    if (sourcePort !== destinationPort) return sourcePort > destinationPort ? 'source' : 'destination';
    this.learn(forth, back, false);
    return 'source';
  }

  /** @param told by the ports: nothing to remember. */
  private learn(flow: string, reverse: string, told: boolean): void {
    if (this.known.delete(reverse)) this.version++;
    if (told) {
      if (this.known.delete(flow)) this.version++;
      return;
    }
    if (this.known.has(flow)) return;
    this.known.add(flow);
    this.version++;
    for (const oldest of oldestKeys(this.known, MOST)) this.known.delete(oldest);
  }
}
