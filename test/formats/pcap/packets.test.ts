/** What a packet becomes: its type, its line, its fields; every link type and protocol that is read. */
import { describe, expect, it, test } from 'vitest';
import type { Fd, Packet } from '../../../src/model/event-fields.js';
import {
  ADVERT,
  arp,
  decodeAll,
  decodePacket,
  ethernet,
  everySecond,
  FE80_1,
  hex,
  ip4,
  ip6,
  type PcapForm,
  pcapFile,
  tcp,
  udp,
  vrrp,
} from './captures.js';

const VRRP4 = ip4(112, vrrp(), { from: '10.77.0.1', to: '224.0.0.18', ttl: 255 });
const VRRP_TEXT =
  '10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20';
const VRRP6 = ip6(112, vrrp({ version: 3, addresses: [FE80_1] }));
const VRRP6_TEXT = 'fe80::1 > ff02::12: VRRPv3, Advertisement, vrid 51, prio 150, intvl 100cs, length 24';
const SLL = hex('0004 0001 0006 0200000000aa0000');
const SLL2_IN = hex('0000 00000002 0001 00 06 0200000000aa0000');

describe('link types', () => {
  test.each<[string, Buffer, PcapForm, string, string | null]>([
    ['Ethernet', ADVERT, {}, VRRP_TEXT, null],
    ['a VLAN tag', ethernet(0x0800, VRRP4, 7), {}, VRRP_TEXT, null],
    ['two VLAN tags', ethernet(0x0800, VRRP4, 7, 9), {}, VRRP_TEXT, null],
    ['IPv6', ethernet(0x86dd, VRRP6), {}, VRRP6_TEXT, null],
    ['padding behind a short packet', Buffer.concat([ADVERT, Buffer.alloc(9, 1)]), {}, VRRP_TEXT, null],
    [
      'SNAP',
      Buffer.concat([ADVERT.subarray(0, 12), hex('0030 aaaa03 000000 0800'), VRRP4]),
      {},
      VRRP_TEXT,
      null,
    ],
    ['Linux cooked v1', Buffer.concat([SLL, hex('0800'), VRRP4]), { linkType: 113 }, VRRP_TEXT, '>'],
    [
      'Linux cooked v1 with a tag',
      Buffer.concat([SLL, hex('8100 0007 0800'), VRRP4]),
      { linkType: 113 },
      VRRP_TEXT,
      '>',
    ],
    ['Linux cooked v2', Buffer.concat([hex('0800'), SLL2_IN, VRRP4]), { linkType: 276 }, VRRP_TEXT, '<'],
    ['raw IPv4', VRRP4, { linkType: 101 }, VRRP_TEXT, null],
    ['raw IPv6', VRRP6, { linkType: 101 }, VRRP6_TEXT, null],
    ['raw, as OpenBSD numbers it', VRRP6, { linkType: 14 }, VRRP6_TEXT, null],
    ['raw IPv4 alone', VRRP4, { linkType: 228 }, VRRP_TEXT, null],
    ['raw IPv6 alone', VRRP6, { linkType: 229 }, VRRP6_TEXT, null],
    ['loopback, little endian', Buffer.concat([hex('02000000'), VRRP4]), { linkType: 0 }, VRRP_TEXT, null],
    ['loopback, big endian', Buffer.concat([hex('0000001e'), VRRP6]), { linkType: 0 }, VRRP6_TEXT, null],
    ['OpenBSD loopback', Buffer.concat([hex('00000018'), VRRP6]), { linkType: 108 }, VRRP6_TEXT, null],
    ['check sequences in the link type', ADVERT, { linkType: 0x2400_0001 }, VRRP_TEXT, null],
    ["Kuznetzov's variant", ADVERT, { kuznetzov: true }, VRRP_TEXT, null],
  ])('%s', (_, packet, form, args, dir) => {
    expect(decodePacket(packet, form)).toMatchObject({ type: 'vrrp', args, dir, num: 1 });
  });

  it('others are told of by their number', () => {
    const { decoder, records } = decodeAll(pcapFile(everySecond([ADVERT, ADVERT]), { linkType: 105 }));
    expect(records[1]).toMatchObject({ type: 'linktype-105', args: 'linktype-105, length 54' });
    expect(decoder.notes()).toEqual([
      '2 packets are of link type 105, which is not read: nothing is known of them but their time',
    ]);
  });
});

const PING = hex('0800 0000 004d 0001');
const OVER_IP6 = '3a00 0000 00000000';

describe('protocols', () => {
  test.each<[string, Buffer, string, string]>([
    [
      'tcp',
      ip4(6, tcp(40_000, 80, 2)),
      'tcp',
      '10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 502, length 0',
    ],
    [
      'tcp with data',
      ip4(6, tcp(80, 40_000, 0x18, { seq: 4_294_967_295, ack: 7, payload: 'abc' }), { options: '01010100' }),
      'tcp',
      '10.0.0.1.80 > 10.0.0.2.40000: Flags [P.], seq 4294967295:2, ack 7, win 502, length 3',
    ],
    [
      'tcp, no flags',
      ip4(6, tcp(1, 2, 0)),
      'tcp',
      '10.0.0.1.1 > 10.0.0.2.2: Flags [none], win 502, length 0',
    ],
    ['udp', ip4(17, udp(5000, 6000, 'hello world')), 'udp', '10.0.0.1.5000 > 10.0.0.2.6000: UDP, length 11'],
    [
      'icmp',
      ip4(1, Buffer.concat([PING, Buffer.alloc(56)])),
      'icmp',
      '10.0.0.1 > 10.0.0.2: ICMP echo request, id 77, seq 1, length 64',
    ],
    [
      'icmp6',
      ip6(58, hex('80000000 004d0001')),
      'icmp6',
      'fe80::1 > ff02::12: ICMP6, echo request, id 77, seq 1, length 8',
    ],
    [
      'vrrp, hop limit',
      ip4(112, vrrp()),
      'vrrp',
      '10.0.0.1 > 10.0.0.2: VRRPv2, Advertisement, (ttl 64), vrid 51, prio 150, authtype none, intvl 1s, length 20',
    ],
    [
      'vrrp behind AH',
      ip4(51, Buffer.concat([hex('7004 0000 00000001 00000002 000000000000000000000000'), vrrp()]), {
        ttl: 255,
      }),
      'vrrp',
      '10.0.0.1 > 10.0.0.2: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20',
    ],
    [
      'behind extension headers',
      ip6(0, Buffer.concat([hex(`3c00 0000 00000000 ${OVER_IP6}`), hex('81000000 00010002')])),
      'icmp6',
      'fe80::1 > ff02::12: ICMP6, echo reply, id 1, seq 2, length 8',
    ],
    [
      'a first fragment',
      ip4(17, udp(5, 6, 'x'), { fragment: 0x2000 }),
      'udp',
      '10.0.0.1.5 > 10.0.0.2.6: UDP, length 1',
    ],
    [
      'a later fragment',
      ip4(17, udp(5, 6, 'x'), { fragment: 0x00b9 }),
      'udp',
      '10.0.0.1 > 10.0.0.2: ip-proto-17',
    ],
    [
      'a later fragment of IPv6',
      ip6(44, hex('1100 0021 00000001 00050006')),
      'udp',
      'fe80::1 > ff02::12: ip-proto-17',
    ],
    ['an unknown protocol', ip4(99, hex('00')), 'ip-proto-99', '10.0.0.1 > 10.0.0.2: ip-proto-99, length 1'],
    ['esp', ip4(50, hex('00000001')), 'esp', '10.0.0.1 > 10.0.0.2: ESP, length 4'],
    [
      'tcp cut after its ports',
      ip4(6, tcp(40_000, 80, 2)).subarray(0, 24),
      'tcp',
      '10.0.0.1.40000 > 10.0.0.2.80: TCP, length 20',
    ],
    ['ip cut short', ip4(6, tcp(40_000, 80, 2)).subarray(0, 10), 'ip', 'length 10'],
  ])('%s', (_, packet, type, args) => {
    const form = { linkType: 101 };
    expect(decodePacket(packet, form)).toMatchObject({ type, args });
  });

  test.each<[string, Buffer, string, string]>([
    [
      'arp',
      ethernet(0x0806, arp(1, '10.0.0.1', '10.0.0.2')),
      'arp',
      'Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
    ],
    [
      'arp reply',
      ethernet(0x0806, arp(2, '10.0.0.2', '10.0.0.1')),
      'arp',
      'Reply 10.0.0.2 is-at 02:00:00:00:00:aa, length 28',
    ],
    [
      'arp announcement',
      ethernet(0x0806, arp(1, '10.0.0.9', '10.0.0.9')),
      'arp',
      'Request who-has 10.0.0.9 tell 10.0.0.9, length 28',
    ],
    [
      'an unknown ethertype',
      ethernet(0x88b5, hex('00')),
      'ethertype-0x88b5',
      '02:00:00:00:00:aa > 02:00:00:00:00:bb, ethertype-0x88b5, length 15',
    ],
    ['lldp', ethernet(0x88cc, hex('00')), 'lldp', '02:00:00:00:00:aa > 02:00:00:00:00:bb, lldp, length 15'],
    [
      'spanning tree',
      ethernet(38, hex('424203 0000')),
      'stp',
      '02:00:00:00:00:aa > 02:00:00:00:00:bb, stp, length 19',
    ],
    ['802.2', ethernet(3, hex('f0f003')), 'llc', '02:00:00:00:00:aa > 02:00:00:00:00:bb, llc, length 17'],
  ])('%s', (_, packet, type, args) => {
    expect(decodePacket(packet)).toMatchObject({ type, args });
  });

  it('the raw line is that of tcpdump -tttt, in UTC', () => {
    expect(decodePacket(ADVERT).raw).toBe(`2026-11-22 07:43:59.297802 IP ${VRRP_TEXT}`);
    expect(decodePacket(ADVERT, { nanoseconds: true }).time).toBe('2026-11-22 07:43:59.297802123');
    expect(decodePacket(Buffer.concat([SLL, hex('0800'), VRRP4]), { linkType: 113 }).raw).toBe(
      `2026-11-22 07:43:59.297802 Out IP ${VRRP_TEXT}`,
    );
  });
});

describe('fields', () => {
  const FORM = { linkType: 101 };
  function fieldsOf(...packets: Buffer[]): { packet: Packet | undefined; fd: Fd | undefined }[] {
    const answers: { packet: Packet | undefined; fd: Fd | undefined }[] = [];
    decodeAll(pcapFile(everySecond(packets), FORM), (decoder, e) => {
      answers.push({ packet: decoder.packet(e), fd: decoder.fd(e) });
    });
    return answers;
  }

  it('of an advertisement', () => {
    expect(fieldsOf(VRRP4, VRRP6)).toMatchObject([
      {
        packet: {
          length: 40,
          l4proto: 'raw',
          sourceIp: '10.77.0.1',
          destinationIp: '224.0.0.18',
          vrrp: { version: 2, vrid: 51, priority: 150, intervalNs: 1e9, addresses: ['10.77.0.100'] },
        },
        fd: {
          type: 'ipv4',
          typeChar: '4',
          name: '10.77.0.1->224.0.0.18',
          l4proto: 'raw',
          clientIp: '10.77.0.1',
        },
      },
      {
        packet: { vrrp: { version: 3, intervalNs: 1e9, addresses: ['fe80::1'] } },
        fd: { type: 'ipv6', name: 'fe80::1->ff02::12' },
      },
    ]);
  });

  it('of a connection: both directions are one flow, the sender of the SYN its client', () => {
    const there = (flags: number, payload = ''): Buffer => ip4(6, tcp(80, 40_000, flags, { payload }));
    const back = (flags: number): Buffer =>
      ip4(6, tcp(40_000, 80, flags), { from: '10.0.0.2', to: '10.0.0.1' });
    const answers = fieldsOf(there(2), back(0x12), there(0x18, 'abc'), back(0x10));
    expect(answers.map(({ fd }) => fd?.name)).toEqual(Array(4).fill('10.0.0.1:80->10.0.0.2:40000'));
    expect(answers.map(({ packet }) => [packet?.tcpFlags, packet?.payload, packet?.sourcePort])).toEqual([
      ['S', 0, 80],
      ['S.', 0, 40_000],
      ['P.', 3, 80],
      ['.', 0, 40_000],
    ]);
  });

  it('of a connection under way: the higher port is the client, of equals the first to send', () => {
    const [a, b, c, d] = fieldsOf(
      ip4(6, tcp(80, 40_000, 0x10)),
      ip4(17, udp(123, 123, 'x')),
      ip4(17, udp(123, 123, 'y'), { from: '10.0.0.2', to: '10.0.0.1' }),
      ethernet(0x0806, arp(1, '10.0.0.1', '10.0.0.2')),
    );
    expect(a!.fd).toMatchObject({ name: '10.0.0.2:40000->10.0.0.1:80', clientPort: 40_000, l4proto: 'tcp' });
    expect(b!.fd!.name).toBe('10.0.0.1:123->10.0.0.2:123');
    expect(c!.fd!.name).toBe('10.0.0.1:123->10.0.0.2:123');
    expect(d!.fd).toBeUndefined();
  });

  it('of ARP: the addresses it is about, no flow', () => {
    decodeAll(pcapFile(everySecond([ethernet(0x0806, arp(1, '10.0.0.1', '10.0.0.2'))])), (decoder, e) => {
      expect(decoder.packet(e)).toMatchObject({
        sourceIp: '10.0.0.1',
        destinationIp: '10.0.0.2',
        length: 42,
      });
      expect(decoder.fd(e)).toBeUndefined();
    });
  });
});
