/**
 * Packet captures, pcap and pcapng: by tcpdump, Wireshark, dumpcap and whatever else writes through libpcap.
 *
 *     tcpdump -i eth0 -w trace.pcap
 *
 * Recognised by their magic numbers, never by their names. An event is a packet: its type is its protocol, its
 * number the packet's (`tcpdump -#`, tshark's frame.number), its arguments what `tcpdump -n` prints of it.
 */
import { blockOfBytes } from '../../input/blocks.js';
import { PCAPNG_SECTION } from '../../model/capture-magic.js';
import { EventView } from '../../model/event.js';
import type { Format, Sample, Verdict } from '../format.js';
import type { CaptureDecoder, CaptureTimes } from './capture-decoder.js';
import { PCAP_HEADER, PcapDecoder, readPcapHeader } from './pcap.js';
import { PcapngDecoder } from './pcapng.js';

const SECTION_HEADER = 28;
const UNKNOWN: CaptureTimes = { originSeconds: 0, resolutionNs: 1 };

export const pcap: Format = {
  name: 'pcap',
  binary: true,
  detect(sample: Sample): Verdict {
    const { bytes, complete } = sample;
    const isPcapng = bytes.length >= 4 && bytes.readUInt32BE(0) === PCAPNG_SECTION;
    if (bytes.length < (isPcapng ? SECTION_HEADER : PCAP_HEADER)) {
      if (!complete) return { kind: 'undecided' };
      return { kind: 'refused', reason: `the capture ends within its header, after ${bytes.length} bytes` };
    }
    if (isPcapng) return detectPcapng(sample);
    const header = readPcapHeader(bytes);
    if (!header) return { kind: 'not-mine', reason: 'it begins with no magic number of pcap or pcapng' };
    const first = firstSecond(new PcapDecoder(header, UNKNOWN), sample);
    if (first === null && !complete) return { kind: 'undecided' };
    const times = { originSeconds: first ?? 0, resolutionNs: header.nanoseconds ? 1 : 1000 };
    return { kind: 'mine', line: 1, open: () => new PcapDecoder(header, times) };
  },
};

function detectPcapng(sample: Sample): Verdict {
  const probe = new PcapngDecoder(UNKNOWN);
  const first = firstSecond(probe, sample);
  if (first === null && !sample.complete) return { kind: 'undecided' };
  const times = { originSeconds: first ?? 0, resolutionNs: probe.resolutionNs ?? 1000 };
  return { kind: 'mine', line: 1, open: () => new PcapngDecoder(times) };
}

/** Second of the first packet with a time; null while the sample has none. */
function firstSecond(decoder: CaptureDecoder, { bytes, complete }: Sample): number | null {
  const e = new EventView();
  decoder.open(blockOfBytes(bytes, 0, bytes.length, 0, 1, complete));
  while (decoder.next(e)) if (!Number.isNaN(decoder.newestSecond)) return decoder.newestSecond;
  return null;
}
