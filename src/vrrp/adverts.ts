/**
 * Advertisements in any trace: packets, and calls that send to 224.0.0.18, to ff02::12 or by protocol 112.
 *
 *     > sendmsg fd=13(<4r>192.0.2.2->112.0.5.0) size=40 tuple=0.0.0.0:112->224.0.0.18:0        sysdig, entry
 *     < sendmsg res=40 data=E..(.. fd=13(<4r>192.0.2.2->224.0.0.18) size=40 tuple=0.0.0.0:112->224.0.0.18:0
 *     sendmsg(13, {msg_name={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("224.0.0.18")}, ...
 *
 * A send counts once, at its entry; at its exit only where the capture holds no entries, else the exit's data
 * tells what the entry sent. Addresses in the
 * descriptor of a raw socket are often not its own (as above), so the tuple goes before it.
 */
import { DIR_EXIT, type EventView } from '../model/event.js';
import type { EventFields } from '../model/event-fields.js';
import { oldestKeys } from '../model/oldest.js';
import type { FormatName } from '../model/trace.js';
import type { AddressFamily } from '../model/vrrp.js';
import { type Header, headerOfEscaped, headerOfPrintable } from './payload.js';

export interface Advert {
  readonly family: AddressFamily;
  readonly version: number | undefined;
  readonly vrid: number | undefined;
  readonly priority: number | undefined;
  readonly intervalNs: number | undefined;
  readonly addresses: readonly string[];
  /** What tells one sender from another: its address, else its thread and descriptor. */
  readonly senderKey: string;
  /** The same in print. */
  readonly sender: string;
  /** The sender is known by its address. */
  readonly hasAddress: boolean;
  /** Seen on the wire, where a copy may be seen again. */
  readonly isPacket: boolean;
}

const SEND = Buffer.from('send');
const SENDS: ReadonlySet<string> = new Set(['sendmsg', 'sendto', 'sendmmsg']);
const NO_ADDRESS = new Set(['0.0.0.0', '::']);
const GROUP_4 = '224.0.0.18';
const GROUP_6 = 'ff02::12';
const DESTINATION = /inet_addr\("([0-9.]+)"\)|inet_pton\(AF_INET6, "([0-9a-f:.]+)"/;
const BASE = /iov_base="((?:[^"\\]|\\.)*)"/s;
/** The buffer of sendto is its second argument. */
const BUFFER = /^[^"]*, "((?:[^"\\]|\\.)*)"/s;
/** What the arguments of every advert hold, looked for before anything costs time. */
const MARKS_SYSDIG = /224\.0\.0\.18|ff02::12|:112->/;
const MARKS_STRACE = /inet_addr|inet_pton|:112/;
/** Threads whose send may yet return. */
const MOST_OPEN = 65_536;
/** Of long data, the characters that may hold an advertisement. */
const PAYLOAD_READ = 512;
const RAW_112 = /^\d+<RAWv?6?:\[.*:112(?:->.*)?\]>/;

/** Reads the adverts of one source. */
export class AdvertReader {
  /** Entries of sends are in the trace, so their exits are no adverts of their own. */
  private hasEntries = false;
  /** Sends that have not returned, by thread; of very many the oldest are forgotten. */
  private readonly open = new Map<number, Advert>();

  /** @param onPayload told what an advert held, where its exit shows it. */
  constructor(
    private readonly fields: EventFields,
    private readonly format: FormatName,
    private readonly onPayload: (advert: Advert, header: Header) => void,
  ) {}

  /** The advert that the event is, or undefined. */
  read(e: EventView): Advert | undefined {
    if (this.format === 'tcpdump' || this.format === 'pcap') return this.ofPacket(e);
    if (!startsWithSend(e) || !SENDS.has(e.type())) return undefined;
    return this.format === 'strace' ? this.ofStrace(e) : this.ofSysdig(e);
  }

  private ofPacket(e: EventView): Advert | undefined {
    const packet = this.fields.packet(e);
    const vrrp = packet?.vrrp;
    if (packet === undefined || vrrp === undefined) return undefined;
    const { sourceIp, destinationIp } = packet;
    const isIpv6 = (sourceIp ?? destinationIp ?? '').includes(':');
    const sender = sourceIp ?? 'unknown sender';
    const { version, vrid, addresses } = vrrp;
    return {
      version,
      vrid,
      addresses,
      // What no advertisement can hold is not reckoned with.
      priority: vrrp.priority >= 0 && vrrp.priority <= 255 ? vrrp.priority : undefined,
      intervalNs: (vrrp.intervalNs ?? 0) > 0 ? vrrp.intervalNs : undefined,
      family: isIpv6 ? 'IPv6' : 'IPv4',
      senderKey: sender,
      sender,
      hasAddress: sourceIp !== undefined,
      isPacket: true,
    };
  }

  private ofStrace(e: EventView): Advert | undefined {
    if (e.dir === DIR_EXIT) return undefined;
    const args = e.args();
    if (!MARKS_STRACE.test(args)) return undefined;
    const [, ip4, ip6] = DESTINATION.exec(args) ?? [];
    const destination = ip4 ?? ip6;
    const family: AddressFamily = ip6 !== undefined ? 'IPv6' : 'IPv4';
    const text = (e.type() === 'sendto' ? BUFFER : BASE).exec(args)?.[1];
    const header =
      text === undefined ? undefined : headerOfEscaped(text.slice(0, PAYLOAD_READ), family === 'IPv4');
    const toGroup = destination === GROUP_4 || destination === GROUP_6;
    const isWhole = header?.version !== undefined && header.sourceIp !== undefined;
    if (!toGroup && !isWhole && !RAW_112.test(args)) return undefined;
    return this.sent(e, family, header, header?.sourceIp);
  }

  private ofSysdig(e: EventView): Advert | undefined {
    const isExit = e.dir === DIR_EXIT;
    if (isExit && this.hasEntries) {
      this.complete(e);
      return undefined;
    }
    if (!MARKS_SYSDIG.test(e.block.toString('latin1', e.recordStart, e.recordEnd))) return undefined;
    const tuple = this.fields.arg(e, 'tuple')?.trim();
    const ends = (tuple === undefined ? undefined : endsOf(tuple)) ?? this.ownDescriptor(e);
    if (ends === undefined || !isAdvertised(ends)) return undefined;
    const family: AddressFamily = ends.toIp.includes(':') ? 'IPv6' : 'IPv4';
    if (isExit) {
      if ((this.fields.result(e)?.value ?? 0n) < 0n) return undefined;
      return this.sent(e, family, this.dataHeader(e, family), ends.fromIp);
    }
    const advert = this.sent(e, family, undefined, ends.fromIp);
    this.hasEntries = true;
    // The newest are at the end.
    this.open.delete(e.tid);
    this.open.set(e.tid, advert);
    for (const oldest of oldestKeys(this.open, MOST_OPEN)) this.open.delete(oldest);
    return advert;
  }

  /** A send returned: its data is printed here. */
  private complete(e: EventView): void {
    const advert = this.open.get(e.tid);
    if (advert === undefined) return;
    this.open.delete(e.tid);
    const header = this.dataHeader(e, advert.family);
    if (header !== undefined) this.onPayload(advert, header);
  }

  private dataHeader(e: EventView, family: AddressFamily): Header | undefined {
    const data = this.fields.arg(e, 'data');
    return data === undefined ? undefined : headerOfPrintable(data, family === 'IPv4');
  }

  /** Addresses of the descriptor, where the line itself prints it. */
  private ownDescriptor(e: EventView): Ends | undefined {
    if (this.fields.arg(e, 'fd') === undefined) return undefined;
    const fd = this.fields.fd(e);
    if (fd?.serverIp === undefined) return undefined;
    return { fromIp: fd.clientIp, fromPort: fd.clientPort, toIp: fd.serverIp, toPort: fd.serverPort };
  }

  private sent(
    e: EventView,
    family: AddressFamily,
    header: Header | undefined,
    sourceIp: string | undefined,
  ): Advert {
    const known = sourceIp !== undefined && !NO_ADDRESS.has(sourceIp);
    const proc = e.proc();
    const fd = this.fields.fd(e)?.num;
    const on = fd === undefined ? '' : ` fd ${fd}`;
    return {
      family,
      version: header?.version,
      vrid: header?.vrid,
      priority: header?.priority,
      intervalNs: header?.intervalNs,
      addresses: header?.addresses ?? [],
      senderKey: known ? sourceIp : `${e.tid}${on}`,
      sender: known ? sourceIp : `${proc === undefined ? `tid ${e.tid}` : `${proc}(${e.tid})`}${on}`,
      hasAddress: known,
      isPacket: false,
    };
  }
}

interface Ends {
  readonly fromIp: string | undefined;
  readonly fromPort: number | undefined;
  readonly toIp: string;
  readonly toPort: number | undefined;
}

/** To the group of VRRP, or by its protocol number, which sysdig prints in the place of a raw socket's port. */
function isAdvertised({ fromPort, toIp, toPort }: Ends): boolean {
  return toIp === GROUP_4 || toIp === GROUP_6 || (fromPort === 112 && toPort === 0);
}

/** `0.0.0.0:112->224.0.0.18:0`; the last colon splits, also behind an IPv6 address. */
function endsOf(tuple: string): Ends | undefined {
  const m = /^(.*):(\d+)->(.*):(\d+)$/.exec(tuple);
  return m === null
    ? undefined
    : { fromIp: m[1]!, fromPort: Number(m[2]), toIp: m[3]!, toPort: Number(m[4]) };
}

function startsWithSend({ text, typeStart, typeEnd }: EventView): boolean {
  return typeEnd - typeStart >= 6 && text.compare(SEND, 0, 4, typeStart, typeStart + 4) === 0;
}
