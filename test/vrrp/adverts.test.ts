/** What is an advert in each kind of trace, and what it tells. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { VrrpAdvert } from '../../src/model/event-fields.js';
import { AdvertReader } from '../../src/vrrp/adverts.js';
import { fakeEvent, fakeFields } from '../filter/fake-event.js';
import { run } from '../samples.js';

const VRRP: VrrpAdvert = { version: 3, vrid: 7, priority: 255, intervalNs: 1e9, addresses: ['fe80::9'] };

describe('packets', () => {
  const read = (packet: Parameters<typeof fakeEvent>[0]['packet']) =>
    new AdvertReader(fakeFields(), 'pcap', () => undefined).read(
      fakeEvent(packet === undefined ? {} : { packet }),
    );

  it('are adverts where they hold one', () => {
    expect(read({ sourceIp: 'fe80::1', destinationIp: 'ff02::12', vrrp: VRRP })).toEqual({
      ...VRRP,
      family: 'IPv6',
      senderKey: 'fe80::1',
      sender: 'fe80::1',
      hasAddress: true,
      isPacket: true,
    });
    expect(read({ sourceIp: '10.0.0.1', destinationIp: '10.0.0.2' })).toBeUndefined();
    expect(read(undefined)).toBeUndefined();
  });

  it('what no advert can hold is not reckoned with', () => {
    const advert = read({ sourceIp: '10.0.0.1', vrrp: { ...VRRP, priority: 300, intervalNs: 0 } });
    expect(advert).toMatchObject({ family: 'IPv4', priority: undefined, intervalNs: undefined });
  });
});

/** Senders that a run finds in these lines. */
async function senders(lines: readonly string[]): Promise<string[]> {
  const { report } = await run(Readable.from([Buffer.from(`${lines.join('\n')}\n`)]), {
    vrrp: true,
    why: false,
  });
  return report.vrrp!.routers.flatMap(({ family, vrid, version, senders: list }) =>
    list.map(
      ({ sender, priority, adverts }) => `${family} v${version} ${vrid} ${sender} ${priority} x${adverts}`,
    ),
  );
}

describe('sysdig', () => {
  const enter = (rest: string, type = 'sendmsg'): string => `1 10:00:00.000000001 0 ka (9) > ${type} ${rest}`;
  const exit = (rest: string): string => `2 10:00:00.000000100 0 ka (9) < sendmsg ${rest}`;

  it.each<[string, string[], string[]]>([
    [
      'the group',
      [enter('fd=13(<4r>192.0.2.2->112.0.5.0) size=40 tuple=0.0.0.0:112->224.0.0.18:0 ')],
      ['IPv4 vnull null ka(9) fd 13 null x1'],
    ],
    [
      'sendto',
      [enter('fd=13(<4r>192.0.2.2->112.0.5.0) size=40 tuple=0.0.0.0:112->224.0.0.18:0 ', 'sendto')],
      ['IPv4 vnull null ka(9) fd 13 null x1'],
    ],
    [
      'its address, where the tuple has it',
      [enter('fd=13(<4r>0.0.0.0:112) size=40 tuple=10.0.0.1:112->224.0.0.18:0 ')],
      ['IPv4 vnull null 10.0.0.1 null x1'],
    ],
    [
      'IPv6',
      [enter('fd=14(<6r>:::112) size=36 tuple=fe80::1:112->ff02::12:0 ')],
      ['IPv6 vnull null fe80::1 null x1'],
    ],
    [
      'unicast by protocol',
      [enter('fd=13(<4r>0.0.0.0:112) size=40 tuple=0.0.0.0:112->10.0.0.2:0 ')],
      ['IPv4 vnull null ka(9) fd 13 null x1'],
    ],
    [
      'an entry and its exit once, with what the exit shows',
      [
        enter('fd=13(<4r>0.0.0.0:112) size=40 tuple=0.0.0.0:112->224.0.0.18:0 '),
        exit('res=40 data=E..(.....p...M......!3....>..M.d........ '),
      ],
      ['IPv4 v2 51 ka(9) fd 13 null x1'],
    ],
    [
      'exits only; a failed one is none',
      [
        exit(
          'res=40 data=E..(.....p...M......13d...>..M.d........ fd=13(<4r>192.0.2.2->224.0.0.18) size=40 tuple=0.0.0.0:112->224.0.0.18:0 ',
        ),
        exit(
          'res=-101(ENETUNREACH) data= fd=13(<4r>192.0.2.2->224.0.0.18) size=40 tuple=0.0.0.0:112->224.0.0.18:0 ',
        ),
      ],
      ['IPv4 v3 51 ka(9) fd 13 100 x1'],
    ],
    [
      'the descriptor, where there is no tuple',
      [
        enter('fd=13(192.168.205.8->224.0.0.18) size=40 tuple=NULL '),
        enter('fd=13(192.168.205.8->224.0.0.18) size=40 '),
      ],
      ['IPv4 vnull null 192.168.205.8 null x2'],
    ],
    [
      'another group, another port',
      [
        enter('fd=9(<4u>10.0.0.1:5353->224.0.0.251:5353) size=40 tuple=10.0.0.1:5353->224.0.0.251:5353 '),
        enter('fd=9(<4u>10.0.0.1:112->10.0.0.2:53) size=40 tuple=10.0.0.1:112->10.0.0.2:53 '),
      ],
      [],
    ],
    ['another call', [`1 10:00:00.000000001 0 ka (9) > recvmsg fd=12(<4r>224.0.0.18:112) `], []],
  ])('%s', async (_, lines, expected) => {
    expect(await senders(lines)).toEqual(expected);
  });
});

it('of too many threads whose send has not returned the oldest are forgotten', () => {
  const told: string[] = [];
  const reader = new AdvertReader(fakeFields(), 'sysdig', ({ sender }) => told.push(sender));
  const send = (tid: number, dir: '>' | '<', arg: Record<string, string>): void => {
    const e = fakeEvent({ tid, dir, type: 'sendmsg', arg, args: JSON.stringify(arg) });
    e.block = e.text;
    e.recordEnd = e.text.length;
    reader.read(e);
  };
  const enter = (tid: number): void => send(tid, '>', { tuple: '0.0.0.0:112->224.0.0.18:0' });
  for (let tid = 1; tid <= 65_536; tid++) enter(tid);
  enter(1);
  enter(65_537);
  for (const tid of [1, 2, 65_537]) send(tid, '<', { data: 'E..(.....p...M......!3....>..M.d........' });
  expect(told).toEqual(['tid 1', 'tid 65537']);
});

describe('strace', () => {
  const HEAD = String.raw`E\300\0(\0,\0\0\377p\0\0\nM\0\1\340\0\0\22`;
  const line = (call: string): string => `428 1700000000.000001 ${call} = 40 <0.000135>`;
  const to4 = (address: string): string =>
    `{sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("${address}")}`;
  const to6 =
    '{sa_family=AF_INET6, sin6_port=htons(0), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "ff02::12", &sin6_addr), sin6_scope_id=2}';

  it.each<[string, string, string[]]>([
    [
      'sendto',
      line(
        String.raw`sendto(13, "${HEAD}!3\226\1\0\1>\31\nM\0d"..., 40, MSG_DONTROUTE, ${to4('224.0.0.18')}, 16)`,
      ),
      ['IPv4 v2 51 10.77.0.1 150 x1'],
    ],
    [
      'unicast, told by its own IPv4 header',
      line(String.raw`sendto(13, "${HEAD}!3\226\1\0\1>\31\nM\0d"..., 40, 0, ${to4('10.0.0.2')}, 16)`),
      ['IPv4 v2 51 10.77.0.1 150 x1'],
    ],
    [
      'IPv6: no address of its own',
      line(
        String.raw`sendmsg(14, {msg_name=${to6}, msg_namelen=28, msg_iov=[{iov_base="1\7\377\1\0d\0\0", iov_len=24}], msg_iovlen=1, msg_flags=0}, MSG_DONTROUTE)`,
      ),
      ['IPv6 v3 7 tid 428 fd 14 255 x1'],
    ],
    [
      'to the group with bytes not shown',
      line(`sendmsg(13, {msg_name=${to4('224.0.0.18')}, msg_namelen=16, msg_iov=0x7ffc, msg_iovlen=1}, 0)`),
      ['IPv4 vnull null tid 428 fd 13 null x1'],
    ],
    ['other data elsewhere', line(`sendto(13, "Explain p!3", 11, 0, ${to4('10.0.0.2')}, 16)`), []],
    ['a stream', line('sendto(13, "GET / HTTP/1.1", 14, 0, NULL, 0)'), []],
  ])('%s', async (_, text, expected) => {
    expect(await senders([text])).toEqual(expected);
  });
});
