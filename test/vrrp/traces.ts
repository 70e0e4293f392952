/** Traces of VRRP made by hand: what strace would print of the sends of several senders, each on a host of its own. */
import { Readable } from 'node:stream';
import type { Gap, RunReport } from '../../src/model/gap.js';
import type { GapOptions } from '../../src/model/options.js';
import type { VirtualRouter, VrrpGap } from '../../src/model/vrrp.js';
import { run } from '../samples.js';

export interface Sent {
  /** Seconds since midnight; nine decimals count. */
  readonly at: number;
  readonly from: string;
  readonly priority: number;
  readonly vrid?: number;
  readonly version?: 2 | 3;
  /** Seconds. */
  readonly interval?: number;
  readonly address?: string;
}

/** A line of strace -f -ttt for each advert, in the order of time. */
export function straceOf(sent: readonly Sent[], until?: number): string {
  const events = [...sent]
    .sort((a, b) => a.at - b.at)
    .map((advert) => `${tidOf(advert.from)} ${stamp(advert.at)} ${call(advert)} = 40 <0.000010>`);
  if (until !== undefined) events.push(`999 ${stamp(until)} getpid() = 999 <0.000001>`);
  return `${events.join('\n')}\n`;
}

const START = 1_700_000_000;

function stamp(at: number): string {
  return (START + at).toFixed(6);
}

function tidOf(address: string): number {
  return 100 + Number(address.split('.')[3]);
}

function call({
  from,
  priority,
  vrid = 51,
  version = 2,
  interval = 1,
  address = '10.77.0.100',
}: Sent): string {
  const bytes = [0x45, 0xc0, 0, 40, 0, 1, 0, 0, 255, 112, 0, 0, ...quad(from), 224, 0, 0, 18];
  const centiseconds = Math.round(interval * 100);
  const told = version === 2 ? [0, interval] : [centiseconds >> 8, centiseconds & 255];
  bytes.push((version << 4) | 1, vrid, priority, 1, ...told, 0, 0, ...quad(address));
  const text = bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `sendmsg(13, {msg_name={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("224.0.0.18")}, msg_namelen=16, msg_iov=[{iov_base="${text}", iov_len=40}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, MSG_DONTROUTE)`;
}

function quad(address: string): number[] {
  return address.split('.').map(Number);
}

/** Adverts from `from` on, `count` of them, `every` seconds apart. */
export function beat(sent: Omit<Sent, 'at'>, from: number, count: number): Sent[] {
  const every = sent.interval ?? 1;
  return Array.from({ length: count }, (_, i) => ({ ...sent, at: from + i * every }));
}

export interface VrrpOutcome {
  readonly gaps: (Gap & { vrrp: VrrpGap })[];
  readonly report: RunReport;
  readonly routers: readonly VirtualRouter[];
}

export async function look(text: string, options: GapOptions = {}, blockSize?: number): Promise<VrrpOutcome> {
  const sizes = blockSize === undefined ? {} : { blockSize };
  const { gaps, report } = await run(Readable.from([Buffer.from(text)]), { vrrp: true, ...options }, sizes);
  return { gaps: gaps as VrrpOutcome['gaps'], report, routers: report.vrrp!.routers };
}

/** A router's states as `sender reason-ended`. */
export function statesOf({ states }: VirtualRouter): string[] {
  return states.map(({ master, reason, ended }) => `${master} ${reason} ${ended ?? '-'}`);
}
