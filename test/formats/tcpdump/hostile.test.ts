/** Any bytes, in any portions: no throw, no hang, the same answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tcpdump } from '../../../src/formats/tcpdump/format.js';
import { blockOfLines } from '../../../src/input/blocks.js';
import { EventView } from '../../../src/model/event.js';
import { sampleFiles, sampleText } from '../../samples.js';
import { openDecoder, readAll } from './decode.js';

const ADVERT =
  'IP 10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20\n';
const HEADS = [
  `17:00:00.000001 ${ADVERT}17:00:01.000001 ${ADVERT}`,
  `17:00:00.000001 ${ADVERT}E..(.,...p..\n17:00:01.000001 ${ADVERT}E..(.,...p..\n`,
  ` 00:00:00.000000 ${ADVERT} 00:00:01.000001 ${ADVERT}`,
  `    1  2026-11-21 17:00:00.000001 ${ADVERT}    2  2026-11-21 17:00:01.000001 ${ADVERT}`,
];

/** Asks everything of every event. */
function exhaust(text: Buffer): number {
  const decoder = openDecoder(text);
  decoder.track({ fd: true, latency: true, process: true, threadNames: true, args: true });
  const e = new EventView();
  decoder.open(blockOfLines(text, 0, 1, true));
  let events = 0;
  while (decoder.next(e)) {
    events++;
    decoder.packet(e);
    decoder.fd(e);
    decoder.timeText(e);
    e.args();
    e.raw();
    expect(e.type()).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect(e.argsStart).toBeLessThanOrEqual(e.argsEnd);
    expect(e.argsEnd).toBeLessThanOrEqual(e.text.length);
  }
  decoder.notes();
  const { records, ignored, unparsed } = decoder.counts;
  expect(records + ignored + unparsed).toBe(
    text.toString('latin1').split('\n').length - (text.at(-1) === 10 ? 1 : 0),
  );
  return events;
}

describe('hostile bytes', () => {
  it('random bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400, size: 'max' }),
        fc.constantFrom(...HEADS),
        (bytes, head) => {
          tcpdump.detect(
            { bytes: Buffer.from(bytes), complete: true, path: undefined },
            { forced: true, layout: undefined },
          );
          exhaust(Buffer.concat([Buffer.from(head), bytes]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('lines built of what packets are built of, in any portions', () => {
    const piece = fc.constantFrom(
      '17:00:01.000002 ',
      '2026-11-21 17:00:02.000001 ',
      ' 00:00:00.000100 ',
      '    3  ',
      'lo    In  ',
      ' In ',
      'ifindex 1 ',
      '00:00:5e:00:01:33 > ff:ff:ff:ff:ff:ff, ',
      'ethertype IPv4 (0x0800), length 54: ',
      'vlan 5, p 0, ',
      'IP ',
      'IP6 ',
      '(tos 0x0, ttl 255, proto VRRP (112), length 40)',
      '\n    ',
      '\n\t',
      '10.0.0.1 > 10.0.0.2: ',
      '10.0.0.1.5 > 10.0.0.2.6: ',
      'fe80::1 > ff02::12: ',
      '[udp sum ok] ',
      'HBH ',
      'frag (0|16) ',
      'AH((((',
      'Flags [S.], ',
      'UDP, length 70000',
      'VRRPv2, Advertisement, ',
      'ARP, Request who-has ',
      ' ip-proto-112',
      '[|vrrp]',
      '((((((((',
      '2 packets captured\n2 packets received by filter\n',
      '3 packets dropped by kernel\n',
      '\r\n',
      '\n',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60, size: 'max' }),
        fc.constantFrom(...HEADS),
        fc.integer({ min: 1, max: 5 }),
        (pieces, head, lines) => {
          const text = `${head}${pieces.join('')}\n`;
          exhaust(Buffer.from(text));
          expect(readAll(openDecoder(text), text, lines)).toEqual(readAll(openDecoder(text), text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(sampleFiles('tcpdump'))('%s cut anywhere', (file) => {
    const text = sampleText(file).subarray(0, 3000);
    for (let end = 300; end < text.length; end += 7) exhaust(text.subarray(0, end));
  });

  it('a line whose literal is required has it: no other is vrrp', () => {
    for (const rest of ['[|vrrp]', 'ip-proto-112', ' vrrp', 'vrrp 20', 'VRRP']) {
      const text = `17:00:00.000001 IP 10.0.0.1 > 10.0.0.2: ${rest}\n17:00:01.000001 ${ADVERT}`;
      expect(readAll(openDecoder(text), text).map(({ type }) => type === 'vrrp')).toEqual([false, true]);
    }
  });

  it('time stays linear in fake packets inside of dumps', () => {
    const fake = '17:00:02.000001 IP 10.0.0.1.1 > 10.0.0.2.2: UDP, length 65000\n';
    const text = Buffer.from(HEADS[1]! + fake.repeat(60_000));
    expect(exhaust(text)).toBeGreaterThan(0);
  }, 20_000);
});
