/** A trace of packets alone: no threads to judge by, so what is said is what came and what did not. */
import type { EventView } from '../model/event.js';
import type { Finding, FindingEvidence } from '../model/findings.js';
import type { TraceTraits } from '../model/trace.js';
import type { Facts } from './facts.js';
import { listing, plural, roughly } from './wording.js';

/** Protocols counted by name; a capture with more is noise. */
const MOST_TYPES = 64;
const TYPES_TOLD = 4;

export function holdsPackets({ format }: TraceTraits): boolean {
  return format === 'pcap' || format === 'tcpdump';
}

/** Packets by protocol, in the gap and in as long a time before it. */
export class PacketCounts {
  readonly inGap = new Map<string, number>();
  readonly before = new Map<string, number>();

  see(e: EventView, inGap: boolean): void {
    const counts = inGap ? this.inGap : this.before;
    const type = e.type();
    const count = counts.get(type);
    if (count !== undefined || counts.size < MOST_TYPES) counts.set(type, (count ?? 0) + 1);
  }
}

/** The sender itself, its network, the same packets at the other end. */
const STEPS = [
  'sysdig -w trace.scap',
  'ip -s link; ethtool -S DEVICE | grep -iE "drop|err|miss"',
  'tcpdump -ni any -w other-end.pcap',
];

export function describePackets(facts: Facts): Finding {
  const { question, gapNs, activity } = facts;
  const baseline = `in the ${roughly(question.startNs - Math.max(question.startNs - gapNs, question.traceStartNs))} before`;
  const { packets, silence } = activity;
  // The gap's own events stand at its edges.
  const edges = [question.startEvent, question.endEvent].filter((event) => event !== null);
  const within = new Map(packets.inGap);
  for (const { type } of edges) within.set(type, (within.get(type) ?? 1) - 1);
  const others = sum(within);
  const before = sum(packets.before);
  const silentNs = silence ? silence.toNs - silence.fromNs : gapNs;
  const evidence: FindingEvidence[] = [];
  if (before > 0)
    evidence.push({
      text: `${baseline} the gap: ${plural(before, 'packet')} (${inWords(packets.before)})`,
      nums: [],
      raw: [],
    });
  return {
    cause: 'unknown',
    call: null,
    class: null,
    summary: facts.isMost(silentNs)
      ? `${others === 0 ? 'no packet at all' : 'no packet'} for ${facts.share(silentNs)}${before > 0 ? `, ${plural(before, 'packet')} ${baseline}` : ''}: the senders, the network or the capture stood still, and packets alone can't tell which`
      : `${plural(others, 'other packet')} meanwhile (${inWords(within)}), ${roughly(silentNs)} apart at most: the capture went on, so what is missing was not sent or did not get here`,
    evidence,
    next: STEPS,
    contributing: lossesOf(facts.traits),
  };
}

/** Losses that the capture counted: they prove nothing of this gap, and silence proves nothing beside them. */
function lossesOf({ dropped }: TraceTraits): Finding['contributing'] {
  if (dropped === undefined) return [];
  const summary = `possible: the capture dropped ${plural(dropped, 'packet')}, and the trace does not say when`;
  return [{ cause: 'capture-lost', summary }];
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** `20 udp, 2 arp` */
function inWords(counts: ReadonlyMap<string, number>): string {
  const most = [...counts].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  const told = most.slice(0, TYPES_TOLD).map(([type, count]) => `${count} ${type}`);
  if (most.length > TYPES_TOLD) told.push('others');
  return listing(told);
}
