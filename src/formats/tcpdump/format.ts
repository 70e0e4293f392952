/**
 * Recognises tcpdump's text and settles its layout. The first line that only tcpdump prints decides, together
 * with what follows it up to the next packet: that shows whether payload is dumped as it is (-A). Program output
 * and tcpdump's own messages in front of it are passed over.
 */
import { LATE_NS } from '../../model/time.js';
import type { Format, Sample, Verdict } from '../format.js';
import { sampleLines } from '../sample-lines.js';
import { TcpdumpDecoder } from './decoder.js';
import { indentOf, isInnerPacket } from './further-lines.js';
import { Head, type StampKind } from './head.js';
import type { Layout, PacketTimes } from './layout.js';
import { isMessage } from './summary-lines.js';

const STAMPS: readonly StampKind[] = ['time-of-day', 'epoch', 'date', 'offset'];
/** So many packets without a time prove that the text has none. */
const UNTIMED_ENOUGH = 8;
/** Packets that tell differences to the packet before from differences to the first one. */
const ENOUGH_OFFSETS = 2000;
/** More steps back than this share are no steps of a clock. */
const DELTA_SHARE = 0.1;
/** Up to so many may rise by chance, if they differ by no more than this factor. */
const FEW = 3;
const STEADY = 1.2;
const JUDGED = 600;

const ENDS = '[^\\s>]+ > [^\\s>]+:(?: |$)';
const MAC = '[0-9a-f]{2}(?::[0-9a-f]{2}){5}';
/** What no other tool prints behind a time. */
const BODY = new RegExp(
  `^(?:IP6? (?:${ENDS}|\\((?:tos|hlim|class) 0?x?[0-9a-f]+, )` +
    '|ARP, (?:Request|Reply|Reverse|Inverse|Ethernet|Announcement|Probe|Unknown|\\[\\|arp)' +
    `|${MAC}(?: \\([^)]*\\))? > \\S+(?: \\([^)]*\\))?, ` +
    `|(?:ifindex \\d+ )?${MAC} (?:ethertype |${ENDS}|Request who-has )` +
    '|AF IPv[46] |STP 802\\.1|LLDP, length |MPLS \\(label |PPPoE |EAPOL |EAP packet |LACPv1, |CDPv[12], )',
);
const VERBOSE = /^(?:IP6? \(|ARP, Ethernet \(len|.{0,400}, length \d+: \((?:tos|hlim|class) )/s;

export const tcpdump: Format = {
  name: 'tcpdump',
  detect(sample: Sample): Verdict {
    const lines = sampleLines(sample.bytes);
    let untimed = 0;
    for (let i = 0; i < lines.length; i++) {
      const found = headOf(lines[i]!);
      if (found) return decide(lines, i, found, sample.complete);
      if (BODY.test(lines[i]!.toString('latin1', 0, JUDGED)) && ++untimed >= UNTIMED_ENOUGH)
        return { kind: 'refused', reason: NO_TIMES };
    }
    if (!sample.complete) return { kind: 'undecided' };
    if (untimed > 0) return { kind: 'refused', reason: NO_TIMES };
    return {
      kind: 'not-mine',
      reason: 'no line like "17:01:20.000000 IP 10.0.0.1 > 224.0.0.18: VRRPv2, Advertisement, ..."',
    };
  },
};

const NO_TIMES =
  "tcpdump's text without timestamps (-t): no time, no gaps. Print it again with: tcpdump -tttt -n -r FILE";

interface Found {
  readonly head: Head;
  readonly body: string;
}

/** The head that this line alone proves. */
function headOf(line: Buffer): Found | undefined {
  for (const numbered of [false, true]) {
    for (const stamp of STAMPS) {
      const head = new Head(stamp, numbered);
      const p = head.read(line, 0, line.length);
      if (p < 0) continue;
      const body = line.toString('latin1', p, Math.min(line.length, p + JUDGED));
      if (BODY.test(body)) return { head, body };
    }
  }
  return undefined;
}

/** `first`: index of the line that proved the format. */
function decide(lines: readonly Buffer[], first: number, found: Found, complete: boolean): Verdict {
  const { head, body } = found;
  const { kind: stamp, numbered, digits, seconds, hasInterface } = head;
  const { next, ascii, indented } = ownLines(lines, first, head);
  if (next === lines.length && !complete) return { kind: 'undecided' };
  let times: PacketTimes = stamp === 'offset' ? 'since-first' : stamp === 'date' ? 'epoch' : stamp;
  let line = next + 1;
  if (stamp === 'offset') {
    const offsets = offsetsOf(lines, first, head);
    if (!complete && offsets.length < ENOUGH_OFFSETS) return { kind: 'undecided' };
    times = isDelta(offsets) ? 'delta' : 'since-first';
    line = Number.POSITIVE_INFINITY;
  }
  const layout: Layout = {
    stamp,
    times,
    numbered,
    digits,
    originSeconds: times === 'epoch' ? seconds : null,
    ascii,
    manyLines: ascii || indented || VERBOSE.test(body),
    directions: hasInterface,
  };
  return { kind: 'mine', line, open: () => new TcpdumpDecoder(layout) };
}

/** What stands between the first packet and the next one, or the first line of payload; `next` is behind all lines while neither is there. */
function ownLines(
  lines: readonly Buffer[],
  first: number,
  found: Head,
): { next: number; ascii: boolean; indented: boolean } {
  const head = new Head(found.kind, found.numbered);
  let indented = false;
  for (let i = first + 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (head.read(line, 0, line.length) >= 0) return { next: i, ascii: false, indented };
    if (isMessage(line, 0, line.length)) continue;
    if (indentOf(line, 0, line.length) > 0) indented = true;
    else if (!isInnerPacket(line, 0, line.length)) return { next: i, ascii: true, indented };
  }
  return { next: lines.length, ascii: false, indented };
}

/** Nanoseconds of the times from the first packet on. */
function offsetsOf(lines: readonly Buffer[], first: number, found: Head): number[] {
  const head = new Head('offset', found.numbered);
  const offsets: number[] = [];
  for (let i = first; i < lines.length && offsets.length < ENOUGH_OFFSETS; i++) {
    if (head.read(lines[i]!, 0, lines[i]!.length) >= 0) offsets.push(head.seconds * 1e9 + head.nanos);
  }
  return offsets;
}

/**
 * Times since the first packet rise and hardly ever fall, differences do as they like. Few of them may rise by chance:
 * then they are differences if all but the first, which refers to nothing, are about alike.
 */
function isDelta(offsets: readonly number[]): boolean {
  const falls = offsets.filter((ns, i) => i > 0 && ns < offsets[i - 1]!).length;
  const rises = offsets.filter((ns, i) => i > 0 && ns > offsets[i - 1]!).length;
  if (falls > offsets.length * DELTA_SHARE || rises * 2 < offsets.length - 1) return true;
  const late = offsets.some((ns, i) => i > 0 && ns < offsets[i - 1]! - LATE_NS);
  const later = offsets.slice(1);
  const least = Math.min(...later);
  return !late && later.length > 1 && later.length <= FEW && least > 0 && Math.max(...later) < least * STEADY;
}
