/** Packets of many kinds, made by hand, and the capture file that tcpdump reads. */

export interface MadePacket {
  /** Nanoseconds since 1970. */
  readonly ns: bigint;
  readonly frame: Buffer;
  /** Bytes on the wire, where the capture cut the frame. */
  readonly wireLength?: number;
}

const MAC_A = Buffer.from('00005e000133', 'hex');
const MAC_B = Buffer.from('020000000002', 'hex');

/** A capture file with nanosecond times. */
export function captureOf(packets: readonly MadePacket[], linkType = 1): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b23c4d, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(linkType, 20);
  const records = packets.flatMap(({ ns, frame, wireLength }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Number(ns / 1_000_000_000n), 0);
    record.writeUInt32LE(Number(ns % 1_000_000_000n), 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(wireLength ?? frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}

export function ethernet(type: number, payload: Buffer, to = MAC_B): Buffer {
  const head = Buffer.alloc(14);
  to.copy(head, 0);
  MAC_A.copy(head, 6);
  head.writeUInt16BE(type, 12);
  return Buffer.concat([head, payload]);
}

/** An Ethernet frame as a cooked capture has it (-i any): link type 113 or 276, `direction` 0 in to 4 out. */
export function cooked(frame: Buffer, direction: number, linkType: number): Buffer {
  const payload = frame.subarray(14);
  if (linkType === 276) {
    const head = Buffer.alloc(20);
    frame.copy(head, 0, 12, 14);
    head.writeUInt32BE(1, 4);
    head.writeUInt16BE(1, 8);
    head[10] = direction;
    head[11] = 6;
    frame.copy(head, 12, 6, 12);
    return Buffer.concat([head, payload]);
  }
  const head = Buffer.alloc(16);
  head.writeUInt16BE(direction, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(6, 4);
  frame.copy(head, 6, 6, 12);
  frame.copy(head, 14, 12, 14);
  return Buffer.concat([head, payload]);
}

export function ipv4(
  protocol: number,
  payload: Buffer,
  { from = '10.0.0.1', to = '10.0.0.2', ttl = 64, fragment = 0 } = {},
): Buffer {
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + payload.length, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(fragment, 6);
  head[8] = ttl;
  head[9] = protocol;
  address4(from).copy(head, 12);
  address4(to).copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, payload]);
}

export function ipv6(next: number, payload: Buffer, from = 'fe80::2', to = 'ff02::12', hops = 255): Buffer {
  const head = Buffer.alloc(40);
  head[0] = 0x60;
  head.writeUInt16BE(payload.length, 4);
  head[6] = next;
  head[7] = hops;
  address6(from).copy(head, 8);
  address6(to).copy(head, 24);
  return Buffer.concat([head, payload]);
}

export function udp(from: number, to: number, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(from, 0);
  head.writeUInt16BE(to, 2);
  head.writeUInt16BE(8 + data.length, 4);
  return Buffer.concat([head, data]);
}

export function tcp(
  from: number,
  to: number,
  flags: number,
  data: Buffer = Buffer.alloc(0),
  seq = 1000,
): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt16BE(from, 0);
  head.writeUInt16BE(to, 2);
  head.writeUInt32BE(seq, 4);
  head.writeUInt32BE(5000, 8);
  head[12] = 0x50;
  head[13] = flags;
  head.writeUInt16BE(502, 14);
  return Buffer.concat([head, data]);
}

export function vrrp2(vrid: number, priority: number, seconds: number, addresses: readonly string[]): Buffer {
  const bytes = Buffer.concat([
    Buffer.from([0x21, vrid, priority, addresses.length, 0, seconds, 0, 0]),
    ...addresses.map(address4),
    Buffer.alloc(8),
  ]);
  bytes.writeUInt16BE(checksum(bytes), 6);
  return bytes;
}

export function vrrp3(
  vrid: number,
  priority: number,
  centiseconds: number,
  addresses: readonly Buffer[],
): Buffer {
  const head = Buffer.from([
    0x31,
    vrid,
    priority,
    addresses.length,
    centiseconds >> 8,
    centiseconds & 255,
    0,
    0,
  ]);
  return Buffer.concat([head, ...addresses]);
}

export function arp(operation: number, from: string, to: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, 1, 8, 0, 6, 4, 0, operation]),
    MAC_A,
    address4(from),
    operation === 1 ? Buffer.alloc(6) : MAC_B,
    address4(to),
  ]);
}

export function address4(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

export function address6(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => part.split(':').filter((group) => group !== '');
  groups(head).forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2);
  });
  const last = groups(tail ?? '');
  last.forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - (last.length - i) * 2);
  });
  return bytes;
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
const URG = 32;

const dns = Buffer.from(
  '0001010000010000000000000377777707657861 6d706c6503636f6d0000010001'.replace(' ', ''),
  'hex',
);
const icmpOf = (type: number, code: number, rest: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type, code, 0, 0]), rest]);
const echo = (type: number): Buffer =>
  icmpOf(type, 0, Buffer.concat([Buffer.from([0, 77, 0, 1]), Buffer.alloc(56)]));
const inner = ipv4(17, udp(1234, 53, Buffer.from('x')), { from: '10.0.0.1', to: '10.0.0.9' });
const bytes = (...values: number[]): Buffer => Buffer.from(values);

/** One frame of each kind, by the event type that it must have. */
export const FRAMES: readonly (readonly [type: string, frame: Buffer])[] = [
  ['vrrp', ethernet(0x800, ipv4(112, vrrp2(51, 101, 1, ['10.0.0.100']), { to: '224.0.0.18', ttl: 255 }))],
  ['vrrp', ethernet(0x800, ipv4(112, vrrp2(52, 0, 3, ['10.0.0.100', '10.0.0.101']), { to: '224.0.0.18' }))],
  [
    'vrrp',
    ethernet(0x800, ipv4(112, vrrp3(51, 100, 50, [address4('10.0.0.100')]), { to: '224.0.0.18', ttl: 255 })),
  ],
  [
    'vrrp',
    ethernet(0x86dd, ipv6(112, vrrp3(51, 100, 100, [address6('fe80::100'), address6('2001:db8::1')]))),
  ],
  ['vrrp', ethernet(0x800, ipv4(112, bytes(0x43, 1, 2, 1, 0, 1, 0, 0, 10, 0, 0, 1)))],
  ['arp', ethernet(0x806, arp(1, '10.0.0.1', '10.0.0.2'))],
  ['arp', ethernet(0x806, arp(2, '10.0.0.2', '10.0.0.1'))],
  ['arp', ethernet(0x806, arp(1, '10.0.0.100', '10.0.0.100'))],
  ['rarp', ethernet(0x8035, arp(3, '0.0.0.0', '0.0.0.0'))],
  ['icmp', ethernet(0x800, ipv4(1, echo(8)))],
  ['icmp', ethernet(0x800, ipv4(1, echo(0), { from: '10.0.0.2', to: '10.0.0.1' }))],
  ['icmp', ethernet(0x800, ipv4(1, icmpOf(3, 3, Buffer.concat([Buffer.alloc(4), inner]))))],
  ['icmp', ethernet(0x800, ipv4(1, icmpOf(3, 1, Buffer.concat([Buffer.alloc(4), inner]))))],
  ['icmp', ethernet(0x800, ipv4(1, icmpOf(11, 0, Buffer.concat([Buffer.alloc(4), inner]))))],
  ['icmp6', ethernet(0x86dd, ipv6(58, icmpOf(128, 0, bytes(0, 1, 0, 1, 1, 2, 3, 4)), 'fe80::2', 'fe80::3'))],
  [
    'icmp6',
    ethernet(0x86dd, ipv6(58, icmpOf(135, 0, Buffer.concat([Buffer.alloc(4), address6('fe80::3')])))),
  ],
  ['tcp', ethernet(0x800, ipv4(6, tcp(40_000, 80, SYN)))],
  ['tcp', ethernet(0x800, ipv4(6, tcp(80, 40_000, SYN | ACK), { from: '10.0.0.2', to: '10.0.0.1' }))],
  ['tcp', ethernet(0x800, ipv4(6, tcp(40_000, 80, ACK)))],
  [
    'tcp',
    ethernet(0x800, ipv4(6, tcp(40_000, 80, PSH | ACK, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')))),
  ],
  [
    'tcp',
    ethernet(0x800, ipv4(6, tcp(80, 40_000, FIN | PSH | ACK | URG), { from: '10.0.0.2', to: '10.0.0.1' })),
  ],
  ['tcp', ethernet(0x800, ipv4(6, tcp(40_000, 80, RST)))],
  ['tcp', ethernet(0x800, ipv4(6, tcp(40_000, 80, 0)))],
  ['tcp', ethernet(0x86dd, ipv6(6, tcp(40_000, 22, SYN), '2001:db8::1', '2001:db8::2'))],
  ['tcp', ethernet(0x800, ipv4(6, tcp(40_001, 25, PSH | ACK, Buffer.from('EHLO example.com\r\n'))))],
  [
    'tcp',
    ethernet(0x800, ipv4(6, tcp(40_001, 179, PSH | ACK, Buffer.from(`${'ff'.repeat(16)}001304`, 'hex')))),
  ],
  ['udp', ethernet(0x800, ipv4(17, udp(5000, 6000, Buffer.from('hello world'))))],
  [
    'udp',
    ethernet(0x86dd, ipv6(17, udp(546, 547, bytes(1, 0, 0, 1, 0, 8, 0, 2, 0, 0)), 'fe80::1', 'ff02::1:2')),
  ],
  ['udp', ethernet(0x800, ipv4(17, udp(1111, 514, Buffer.from('<13>test tag'))))],
  ['udp', ethernet(0x800, ipv4(17, udp(33_000, 53, dns)))],
  ['udp', ethernet(0x800, ipv4(17, udp(5353, 5353, dns), { to: '224.0.0.251' }))],
  ['udp', ethernet(0x800, ipv4(17, udp(123, 123, Buffer.concat([bytes(0x1b), Buffer.alloc(47)]))))],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(
          68,
          67,
          Buffer.concat([
            bytes(1, 1, 6, 0),
            Buffer.alloc(232),
            Buffer.from('63825363350101ff', 'hex'),
            Buffer.alloc(56),
          ]),
        ),
        { from: '0.0.0.0', to: '255.255.255.255' },
      ),
    ),
  ],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(
          2000,
          161,
          Buffer.from(
            '302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500',
            'hex',
          ),
        ),
      ),
    ),
  ],
  ['udp', ethernet(0x800, ipv4(17, udp(2000, 69, Buffer.from('\0\x01file\0octet\0'))))],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(1985, 1985, bytes(0, 0, 16, 3, 10, 120, 1, 0, 99, 105, 115, 99, 111, 0, 0, 0, 10, 0, 0, 1)),
      ),
    ),
  ],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(
          520,
          520,
          Buffer.concat([
            bytes(2, 2, 0, 0),
            bytes(0, 2, 0, 0, 10, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
          ]),
        ),
      ),
    ),
  ],
  ['udp', ethernet(0x800, ipv4(17, udp(1812, 1813, Buffer.concat([bytes(1, 7, 0, 20), Buffer.alloc(16)]))))],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(40_000, 4789, Buffer.concat([bytes(8, 0, 0, 0, 0, 0, 5, 0), ethernet(0x800, ipv4(1, echo(8)))])),
      ),
    ),
  ],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(
          3784,
          3784,
          bytes(0x20, 0xc0, 3, 24, 0, 0, 0, 1, 0, 0, 0, 2, 0, 15, 66, 64, 0, 15, 66, 64, 0, 0, 0, 0),
        ),
      ),
    ),
  ],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        17,
        udp(
          137,
          137,
          Buffer.concat([
            bytes(0, 1, 1, 16, 0, 1, 0, 0, 0, 0, 0, 0, 32),
            Buffer.from('CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
            bytes(0, 0, 33, 0, 1),
          ]),
        ),
      ),
    ),
  ],
  ['igmp', ethernet(0x800, ipv4(2, bytes(0x16, 0, 0, 0, 224, 0, 0, 251), { to: '224.0.0.251', ttl: 1 }))],
  [
    'sctp',
    ethernet(
      0x800,
      ipv4(
        132,
        Buffer.concat([
          bytes(0x9c, 0x40, 0x0b, 0x59, 0, 0, 0, 0, 0, 0, 0, 0),
          bytes(1, 0, 0, 20, 0, 0, 0, 1, 0, 1, 0, 0, 0, 10, 0, 10, 0, 0, 0, 1),
        ]),
      ),
    ),
  ],
  [
    'ospf',
    ethernet(
      0x800,
      ipv4(
        89,
        Buffer.concat([
          bytes(2, 1, 0, 44, 1, 1, 1, 1, 0, 0, 0, 0),
          Buffer.alloc(12),
          bytes(255, 255, 255, 0, 0, 10, 2, 1, 0, 0, 0, 40),
          Buffer.alloc(8),
        ]),
        { to: '224.0.0.5' },
      ),
    ),
  ],
  ['pim', ethernet(0x800, ipv4(103, bytes(0x20, 0, 0, 0, 0, 1, 0, 2, 0, 105), { to: '224.0.0.13' }))],
  ['gre', ethernet(0x800, ipv4(47, Buffer.concat([bytes(0, 0, 8, 0), inner])))],
  ['esp', ethernet(0x800, ipv4(50, Buffer.concat([bytes(0, 0, 0, 7, 0, 0, 0, 1), Buffer.alloc(32, 0x5a)])))],
  [
    'udp',
    ethernet(
      0x800,
      ipv4(
        51,
        Buffer.concat([
          bytes(17, 4, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1),
          Buffer.alloc(12),
          udp(1, 2, Buffer.from('x')),
        ]),
      ),
    ),
  ],
  ['ipip', ethernet(0x800, ipv4(4, inner))],
  [
    'eigrp',
    ethernet(0x800, ipv4(88, Buffer.concat([bytes(2, 5, 0, 0), Buffer.alloc(16)]), { to: '224.0.0.10' })),
  ],
  ['ip-proto-99', ethernet(0x800, ipv4(99, Buffer.alloc(20)))],
  ['udp', ethernet(0x800, ipv4(17, Buffer.alloc(40), { fragment: 100 }))],
  ['udp', ethernet(0x800, ipv4(17, udp(5000, 6000, Buffer.alloc(40)), { fragment: 0x2000 }))],
  [
    'udp',
    ethernet(
      0x86dd,
      ipv6(
        44,
        Buffer.concat([bytes(17, 0, 0, 1, 0, 0, 0, 1), udp(5, 6, Buffer.alloc(8))]),
        'fe80::1',
        'fe80::2',
      ),
    ),
  ],
  [
    'icmp6',
    ethernet(
      0x86dd,
      ipv6(
        0,
        Buffer.concat([bytes(58, 0, 5, 2, 0, 0, 1, 0), icmpOf(143, 0, bytes(0, 0, 0, 0))]),
        'fe80::1',
        'ff02::16',
      ),
    ),
  ],
  ['ethertype-0x88b5', ethernet(0x88b5, Buffer.from('something unknown, forty-six bytes or more of it'))],
  ['udp', ethernet(0x8100, Buffer.concat([bytes(0, 5, 8, 0), ipv4(17, udp(5000, 6000, Buffer.from('hi')))]))],
  [
    'lldp',
    ethernet(
      0x88cc,
      Buffer.from('0207040000000000010403020a31060200780a03737731 0000'.replace(' ', ''), 'hex'),
      Buffer.from('0180c200000e', 'hex'),
    ),
  ],
  [
    'stp',
    Buffer.concat([
      Buffer.from(
        '0180c200000002000000000100264242030000000000800002000000000100000000800002000000000180010000140002000f00',
        'hex',
      ),
      Buffer.alloc(10),
    ]),
  ],
  ['pppoe', ethernet(0x8863, bytes(0x11, 0x09, 0, 0, 0, 4, 1, 1, 0, 0))],
  ['mpls', ethernet(0x8847, Buffer.concat([bytes(0, 1, 0x01, 0x40), inner]))],
  ['eapol', ethernet(0x888e, bytes(1, 1, 0, 0))],
  [
    'slow',
    ethernet(
      0x8809,
      Buffer.concat([bytes(1, 1, 1, 20), Buffer.alloc(106)]),
      Buffer.from('0180c2000002', 'hex'),
    ),
  ],
  ['udplite', ethernet(0x800, ipv4(136, udp(7, 8, Buffer.from('lite'))))],
  [
    'dccp',
    ethernet(0x800, ipv4(33, bytes(0x9c, 0x40, 0, 80, 4, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))),
  ],
  ['rsvp', ethernet(0x800, ipv4(46, bytes(0x10, 1, 0, 0, 64, 0, 0, 8)))],
  ['pgm', ethernet(0x800, ipv4(113, Buffer.concat([bytes(0, 1, 0, 2, 0, 0, 0, 0), Buffer.alloc(16)])))],
  ['ipcomp', ethernet(0x800, ipv4(108, bytes(4, 0, 0, 7, 1, 2, 3, 4)))],
  ['loopback', ethernet(0x9000, Buffer.concat([bytes(0, 0, 1, 0, 1, 0), Buffer.alloc(40)]))],
  ['ip', ethernet(0x800, Buffer.concat([bytes(0x35), Buffer.alloc(50)]))],
  ['ip', ethernet(0x800, bytes(0x45, 0, 0))],
  ['tcp', ethernet(0x800, ipv4(6, bytes(1, 2, 3)))],
];

/** The frames above, 0.7 s to 1.3 s apart, and one silence of 3.2 s in the middle. */
export function manyPackets(rounds = 1): MadePacket[] {
  let ns = 1_700_000_000_000_001_234n;
  const packets: MadePacket[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, frame]] of FRAMES.entries()) {
      packets.push({ ns, frame });
      ns += 700_000_003n + BigInt((i * 37) % 7) * 100_000_011n;
      if (i === FRAMES.length >> 1) ns += 2_500_000_017n;
    }
  }
  return packets;
}
