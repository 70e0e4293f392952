/**
 * What a filter can ask of an event beyond the view's own columns. Every decoder implements `EventFields`;
 * each answer is `undefined` where this trace does not say. Asked only for events whose cheaper conditions
 * hold already, so answers may be strings.
 */
import type { EventView } from './event.js';

/** A file descriptor as the trace describes it, in sysdig's words whatever tool printed it. */
export interface Fd {
  readonly num: number;
  /** sysdig's fd.type: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify, timerfd, netlink, ... */
  readonly type: string | undefined;
  /** sysdig's fd.typechar: f d 4 6 u p e s l i t n b r m P o X ? */
  readonly typeChar: string | undefined;
  /** Path, or `client:port->server:port` (also of a packet's flow, both directions alike), or `ip:port` of a listening or bound socket. */
  readonly name: string | undefined;
  readonly l4proto: 'tcp' | 'udp' | 'icmp' | 'raw' | undefined;
  readonly clientIp: string | undefined;
  readonly clientPort: number | undefined;
  readonly serverIp: string | undefined;
  readonly serverPort: number | undefined;
}

/** Result of a call: `value` as printed (undefined for strace's `?`), `errno` its name where it failed. */
export interface CallResult {
  readonly value: bigint | undefined;
  readonly errno: string | undefined;
}

/** What earlier events told of a process; each member undefined until one did. */
export interface ProcessInfo {
  pid?: number;
  ppid?: number;
  exe?: string;
  exepath?: string;
  args?: string;
  cwd?: string;
  env?: string;
  cgroups?: string;
  vtid?: number;
  vpid?: number;
  tty?: number;
  vmSizeKb?: number;
  vmRssKb?: number;
  vmSwapKb?: number;
  pfMajor?: number;
  pfMinor?: number;
  fdLimit?: number;
  /** Time of its clone, in nanoseconds since the source's origin. */
  startNs?: number;
}

/** A VRRP advertisement, as its bytes or its text give it. */
export interface VrrpAdvert {
  readonly version: number;
  readonly vrid: number;
  /** 0: the master resigns; 255: the owner of the addresses. */
  readonly priority: number;
  /** undefined where the packet is cut before it. */
  readonly intervalNs: number | undefined;
  /** The virtual addresses, as far as they are shown. */
  readonly addresses: readonly string[];
}

/** A captured packet; an event that is none has no `Packet`. */
export interface Packet {
  /** Bytes on the wire, the link header included; undefined where the text does not print it. */
  readonly length: number | undefined;
  /** Bytes of data that TCP or UDP carries. */
  readonly payload: number | undefined;
  readonly l4proto: Fd['l4proto'];
  /** Text without zone; undefined for packets without IP (ARP: the sender's and target's addresses). */
  readonly sourceIp: string | undefined;
  readonly destinationIp: string | undefined;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  /** tcpdump's letters, in its order: `S`, `S.`, `P.`, `F.`, `R`; `none` where no bit is set. */
  readonly tcpFlags: string | undefined;
  readonly vrrp: VrrpAdvert | undefined;
}

export interface EventFields {
  /** One argument by name or by position from 0, in its resolved form where it has one (`EAGAIN`, `ksoftirqd/0`). */
  arg(e: EventView, key: string | number): string | undefined;
  /** The same in its raw form (`-11`, `14`): numbers are decimal or begin with 0x, but for strace's modes. */
  rawArg(e: EventView, key: string | number): string | undefined;
  result(e: EventView): CallResult | undefined;
  /** The descriptor the event is about; on an exit that of its entry. */
  fd(e: EventView): Fd | undefined;
  /** The packet that the event is; undefined for events of any other kind. */
  packet(e: EventView): Packet | undefined;
  /** Exit minus entry of the same thread, nanoseconds; 0 on an entry; undefined where the entry was not seen. */
  latencyNs(e: EventView): number | undefined;
  process(e: EventView, tid: number): ProcessInfo | undefined;
  /** Name of a thread by its id, as last seen. */
  threadName(tid: number): string | undefined;
  /** Column of a custom layout by field name (`container.name`, `user.name`, `evt.arg.fd`), undefined when the layout has none or it is `<NA>`. */
  column(e: EventView, field: string): string | undefined;
}

/** Which of the stateful answers a filter will ask for; a decoder keeps no state that nobody asks for. */
export interface FieldNeeds {
  readonly fd: boolean;
  readonly latency: boolean;
  readonly process: boolean;
  readonly threadNames: boolean;
  /** The arguments as text of every event, which a decoder of packets has to make first. */
  readonly args: boolean;
}

export const NO_NEEDS: FieldNeeds = {
  fd: false,
  latency: false,
  process: false,
  threadNames: false,
  args: false,
};
