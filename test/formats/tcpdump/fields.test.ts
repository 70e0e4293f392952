/** What filters ask of a packet, from its text. */
import { describe, expect, it } from 'vitest';
import { ABSENT } from '../../../src/model/event.js';
import { decode, HAS_TCPDUMP, print } from './decode.js';
import { captureOf, FRAMES } from './packets.js';

const ADVERT =
  '10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype simple, intvl 1s, length 20';

/** The only packet of the body behind a time. */
function packetOf(body: string) {
  const { events } = decode(`17:00:00.000001 ${body}\n`);
  expect(events).toHaveLength(1);
  return events[0]!;
}

describe('arguments', () => {
  it.each([
    [`IP ${ADVERT}`, 'vrrp', ADVERT],
    [`lo    Out IP ${ADVERT}`, 'vrrp', ADVERT],
    [`wlp0s20f3 M   IP ${ADVERT}`, 'vrrp', ADVERT],
    [
      'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
      'arp',
      'Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
    ],
    [
      'IP6 (hlim 255, next-header VRRP (112), payload length 24) fe80::2 > ff02::12: VRRPv3, Advertisement, vrid 51, prio 100, intvl 100cs, length 24',
      'vrrp',
      'fe80::2 > ff02::12: VRRPv3, Advertisement, vrid 51, prio 100, intvl 100cs, length 24',
    ],
    [
      '00:00:5e:00:01:33 (oui IANA) > Broadcast, ethertype ARP (0x0806), length 42: Reply 10.0.0.2 is-at 00:00:5e:00:01:33 (oui IANA), length 28',
      'arp',
      'Reply 10.0.0.2 is-at 00:00:5e:00:01:33 (oui IANA), length 28',
    ],
    [
      'IP (tos 0x0, ttl 64)\n    10.0.0.1 > 10.0.0.2: igmp v2 report',
      'igmp',
      '10.0.0.1 > 10.0.0.2: igmp v2 report',
    ],
  ])('%s', (body, type, args) => {
    expect(packetOf(body)).toMatchObject({ type, args });
  });

  it('the raw record of -v is both of its lines', () => {
    const raw = '17:00:00.000001 IP (tos 0x0, ttl 64)\n    10.0.0.1 > 10.0.0.2: igmp v2 report';
    expect(packetOf(raw.slice(16)).raw).toBe(raw);
  });
});

describe('adverts', () => {
  it.each([
    ['VRRPv2, Advertisement, vrid 51, prio 150, authtype simple, intvl 1s, length 20', 2, 51, 150, 1e9, []],
    [
      'VRRPv2, Advertisement, (ttl 64), vrid 52, prio 0, authtype none, intvl 3s, length 24',
      2,
      52,
      0,
      3e9,
      [],
    ],
    ['VRRPv3, Advertisement, vrid 1, prio 255, intvl 50cs, length 12', 3, 1, 255, 5e8, []],
    [
      'VRRPv3, Advertisement, vrid 1, prio 100, intvl 100cs, length 12, (bad vrrp cksum 0), addrs(2): fe80::1,2001:db8::1',
      3,
      1,
      100,
      1e9,
      ['fe80::1', '2001:db8::1'],
    ],
    [
      'VRRPv2, Advertisement, vrid 1, prio 100, authtype simple, intvl 1s, length 20, addrs: 10.0.0.9 auth "1111^@^@^@^@"',
      2,
      1,
      100,
      1e9,
      ['10.0.0.9'],
    ],
  ])('%s', (text, version, vrid, priority, intervalNs, addresses) => {
    const { packet, fd } = packetOf(`IP 10.77.0.1 > 224.0.0.18: ${text}`);
    expect(packet).toMatchObject({
      sourceIp: '10.77.0.1',
      destinationIp: '224.0.0.18',
      l4proto: 'raw',
      vrrp: { version, vrid, priority, intervalNs, addresses },
    });
    expect(fd).toMatchObject({ name: '10.77.0.1->224.0.0.18', clientIp: '10.77.0.1', typeChar: '4' });
  });

  it('of an unknown version are vrrp, and no advert', () => {
    const { type, packet } = packetOf('IP 10.0.0.1 > 10.0.0.2: VRRPv4, unknown type (3), (ttl 64)');
    expect(type).toBe('vrrp');
    expect(packet?.vrrp).toBeUndefined();
  });
});

describe('ends', () => {
  const SYN = 'IP 10.0.0.1.80 > 10.0.0.2.443: Flags [S], seq 1, win 1, length 0';
  it.each([
    [
      'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 1:28, ack 1, win 502, length 27: HTTP: GET /',
      '10.0.0.1:40000->10.0.0.2:80',
    ],
    ['IP 10.0.0.2.80 > 10.0.0.1.40000: tcp 27', '10.0.0.1:40000->10.0.0.2:80'],
    ['IP6 fe80::1%eth0.546 > ff02::1:2.547: dhcp6 solicit', 'fe80::1:547->x'],
    [
      'IP lb1.example.http > 10.0.0.1.40000: Flags [.], ack 1, win 1, length 0',
      '10.0.0.1:40000->lb1.example:80',
    ],
    [
      'IP lb1.example.zzz > 10.0.0.1.40000: Flags [.], ack 1, win 1, length 0',
      'lb1.example:zzz->10.0.0.1:40000',
    ],
    [
      'IP lb1.example > vrrp.mcast.net: VRRPv2, Advertisement, vrid 1, prio 1, authtype none, intvl 1s, length 20',
      'lb1.example->224.0.0.18',
    ],
    ['IP6 fe80::1 > fe80::2: frag (0|16) 5 > 6: UDP, length 8', 'fe80::2:6->fe80::1:5'],
    ['IP 10.0.0.1 > 10.0.0.2: AH(spi=0x7,seq=0x1,icv=0x0): 9 > 2: UDP, length 1', '10.0.0.1:9->10.0.0.2:2'],
    ['IP 10.0.0.1 > 10.0.0.2: ip-proto-17', '10.0.0.1->10.0.0.2'],
    ['ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28', undefined],
  ])('%s', (body, name) => {
    expect(packetOf(body).fd?.name).toBe(name === 'fe80::1:547->x' ? 'ff02::1:2:547->fe80::1:546' : name);
  });

  it('the sender of a SYN is the client, whatever the ports', () => {
    const reply = 'IP 10.0.0.2.443 > 10.0.0.1.80: Flags [.], ack 1, win 1, length 5';
    const { events } = decode(`17:00:00.000001 ${SYN}\n17:00:00.000002 ${reply}\n`);
    expect(events.map(({ fd }) => fd?.name)).toEqual([
      '10.0.0.1:80->10.0.0.2:443',
      '10.0.0.1:80->10.0.0.2:443',
    ]);
    expect(packetOf(reply).fd?.name).toBe('10.0.0.2:443->10.0.0.1:80');
  });

  it('addresses, ports, flags and lengths', () => {
    const { packet, fd } = packetOf(
      '00:00:5e:00:01:33 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 81: 10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 1:28, ack 1, win 502, length 27: HTTP: GET /',
    );
    expect(packet).toEqual({
      length: 81,
      payload: 27,
      l4proto: 'tcp',
      sourceIp: '10.0.0.1',
      destinationIp: '10.0.0.2',
      sourcePort: 40_000,
      destinationPort: 80,
      tcpFlags: 'P.',
      vrrp: undefined,
    });
    expect(fd).toMatchObject({ num: ABSENT, type: 'ipv4', typeChar: '4', l4proto: 'tcp' });
    expect(
      packetOf('ARP, Request who-has 10.0.0.2 (ff:ff:ff:ff:ff:ff) tell 10.0.0.1, length 28').packet,
    ).toMatchObject({
      sourceIp: '10.0.0.1',
      destinationIp: '10.0.0.2',
      l4proto: undefined,
    });
    expect(packetOf('IP 10.0.0.1.5 > 10.0.0.2.6: UDP, length 11').packet?.payload).toBe(11);
    expect(packetOf('IP lb1.example.5 > lb2.example.6: UDP, length 11').packet?.sourceIp).toBeUndefined();
  });
});

describe.skipIf(!HAS_TCPDUMP)('printed by tcpdump', () => {
  it('-n, -v and -e give the same ends, flags and adverts', () => {
    const capture = captureOf(FRAMES.map(([, frame], i) => ({ ns: BigInt(i) * 1_000_000_000n, frame })));
    const plain = decode(print(capture, '-n')).events;
    for (const options of [['-v'], ['-e'], ['-vvv', '-e']]) {
      const { events } = decode(print(capture, '-n', ...options));
      for (const [i, { packet, fd, raw }] of events.entries()) {
        const { vrrp, length: _, payload, ...rest } = packet!;
        const { vrrp: plainVrrp, length: __, payload: plainPayload, ...plainRest } = plain[i]!.packet!;
        expect(rest, raw).toEqual(plainRest);
        expect(payload ?? plainPayload, raw).toBe(plainPayload ?? payload);
        expect(vrrp && { ...vrrp, addresses: [] }, raw).toEqual(plainVrrp);
        expect(fd, raw).toEqual(plain[i]!.fd);
      }
    }
  });

  it('lengths of -e are those of the frames', () => {
    const capture = captureOf(FRAMES.map(([, frame], i) => ({ ns: BigInt(i) * 1_000_000_000n, frame })));
    const lengths = decode(print(capture, '-n', '-e')).events.map(({ packet }) => packet?.length);
    expect(lengths).toEqual(
      FRAMES.map(([type, frame]) =>
        type === 'stp' ? lengths[FRAMES.findIndex(([t]) => t === 'stp')] : frame.length,
      ),
    );
  });
});
