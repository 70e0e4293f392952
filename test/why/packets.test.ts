/** Gaps between packets: no cause is proved, and what was seen is told. */
import { describe, expect, it } from 'vitest';
import { investigate, text } from './investigate.js';

const advert = (time: string): string =>
  `${time} IP 10.0.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20\n`;
const arp = (time: string): string => `${time} ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28\n`;
const HEAD = ['17:00:00.000000', '17:00:01.000000', '17:00:02.000000'].map(advert).join('');
const END = advert('17:00:06.000000');
const STATISTICS = '4 packets captured\n6 packets received by filter\n2 packets dropped by kernel\n';

describe('a gap between packets', () => {
  it('without any other packet', async () => {
    const { finding, limits } = await investigate(text(HEAD + END), { startNum: 3, endNum: 4 });
    expect(finding).toMatchObject({ cause: 'unknown', contributing: [] });
    expect(finding.summary).toContain('no packet at all for 4.00 s');
    expect(limits).toEqual([expect.stringContaining('A packet trace shows what was on the wire')]);
  });

  it('while others came', async () => {
    const others = ['17:00:03.000000', '17:00:04.000000', '17:00:05.000000'].map(arp).join('');
    const { finding } = await investigate(text(HEAD + others + END), { startNum: 3, endNum: 7 });
    expect(finding.summary).toContain('3 other packets meanwhile (3 arp)');
    expect(finding.summary).toContain('the capture went on');
  });

  it('in a capture that has dropped packets by then', async () => {
    const { finding } = await investigate(text(HEAD + STATISTICS + END), { startNum: 3, endNum: 4 });
    expect(finding.cause).toBe('unknown');
    expect(finding.contributing).toEqual([
      {
        cause: 'capture-lost',
        summary: 'possible: the capture dropped 2 packets, and the trace does not say when',
      },
    ]);
  });
});
