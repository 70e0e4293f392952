/** pcap and pcapng as containers: byte orders, resolutions, interfaces, damage; the same answer however they arrive. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { InterfaceClock } from '../../../src/formats/pcap/interface-clock.js';
import { chunked, closed, EXPECTED, type Outcome, run, sampleFiles, samplePath } from '../../samples.js';
import {
  ADVERT,
  decodeAll,
  ethernet,
  everySecond,
  hex,
  ip4,
  type PcapForm,
  Pcapng,
  pcapFile,
  START_NS,
  type Timed,
  tcp,
  udp,
} from './captures.js';

const DATA = ethernet(0x0800, ip4(17, udp(5000, 6000, 'hello world')));
const SYN = ethernet(0x0800, ip4(6, tcp(40_000, 80, 2)));

/** Adverts each second but for a silence of three; other packets in between. */
const STALLED: Timed[] = everySecond([ADVERT, DATA, ADVERT, ADVERT, SYN, DATA, DATA, ADVERT, ADVERT]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** All of an outcome but what tells of the source's form. */
function essence({ gaps, report }: Outcome): unknown {
  return { gaps, sources: report.sources.map(({ path: _, ...rest }) => rest), warnings: report.warnings };
}

describe('pcap', () => {
  test.each<PcapForm>([
    { littleEndian: true },
    { littleEndian: false },
    { littleEndian: true, nanoseconds: true },
    { littleEndian: false, nanoseconds: true },
    { littleEndian: true, kuznetzov: true },
    { littleEndian: false, kuznetzov: true },
  ])('%o', async (form) => {
    const { gaps, report } = await run(chunked(pcapFile(STALLED, form), 100), { type: ['vrrp'] });
    expect(closed(gaps)).toEqual([
      { startNum: 1, endNum: 3, durationNs: 2e9 },
      { startNum: 3, endNum: 4, durationNs: 1e9 },
      { startNum: 4, endNum: 8, durationNs: 4e9 },
      { startNum: 8, endNum: 9, durationNs: 1e9 },
    ]);
    const digits = form.nanoseconds ? '802123' : '802';
    expect(gaps[0]!.start!.time).toBe(`2026-11-22 07:43:59.297${digits}`);
    expect(report.sources[0]).toMatchObject({
      format: 'pcap',
      records: 9,
      events: 9,
      unparsed: 0,
      origin: '2026-11-22T07:43:59.000Z',
      last: `2026-11-22 07:44:07.297${digits}`,
    });
  });

  it('a snap length that packets exceed a little, and one that is not said', () => {
    for (const snapLength of [20, 0, 0xffff_ffff])
      expect(decodeAll(pcapFile(STALLED, { snapLength })).records).toHaveLength(9);
  });

  it('a length that lies ends the capture there', async () => {
    const file = pcapFile(STALLED);
    // The third packet's length, behind the header and two packets.
    const at = 24 + 16 + ADVERT.length + 16 + DATA.length;
    file.writeUInt32LE(0x7fff_ffff, at + 8);
    const { gaps, report } = await run(chunked(file, 50), { type: ['vrrp'] });
    expect(gaps.filter((gap) => gap.open === null)).toEqual([]);
    expect(report.sources[0]).toMatchObject({ records: 2, unparsed: 1 });
    expect(report.sources[0]!.problems).toEqual([
      {
        line: 3,
        byte: at,
        reason:
          'a packet of 2147483647 bytes, in a capture of at most 262144 each: nothing can be read from here on',
      },
    ]);
  });

  it('zeros behind the packets are none', () => {
    const { decoder, records } = decodeAll(Buffer.concat([pcapFile(STALLED), Buffer.alloc(4096)]));
    expect(records).toHaveLength(9);
    expect(decoder.problems[0]!.reason).toContain('zeros where a packet should begin');
  });

  it('a clock that steps back is told, and no gap is measured across it', async () => {
    const packets = [
      ...everySecond([ADVERT, ADVERT]),
      ...everySecond([ADVERT, ADVERT], START_NS - 10_000_000_000n),
    ];
    const { gaps, report } = await run(chunked(pcapFile(packets), 64), {});
    expect(closed(gaps)).toEqual([
      { startNum: 1, endNum: 2, durationNs: 1e9 },
      { startNum: 3, endNum: 4, durationNs: 1e9 },
    ]);
    expect(report.sources[0]!.problems[0]).toMatchObject({
      line: 3,
      reason: 'time steps back by 11 s: the clock was set, or the packets are out of order',
    });
  });

  it('nothing but a header', async () => {
    const { report } = await run(chunked(pcapFile([]), 5), {});
    expect(report.warnings).toEqual(['no event was found']);
  });

  it('packets larger than a block', async () => {
    const large = ethernet(0x0800, ip4(17, udp(1, 2, 'x'.repeat(60_000))));
    const file = pcapFile(everySecond([ADVERT, large, ADVERT, large, large]));
    const whole = await run(chunked(file, 1 << 20), { threshold: '2s', around: 2 });
    for (const blockSize of [100, 5000, 65_536])
      expect(essence(await run(chunked(file, 999), { threshold: '2s', around: 2 }, { blockSize }))).toEqual(
        essence(whole),
      );
  });
});

describe('pcapng', () => {
  const us = (ns: bigint): bigint => ns / 1000n;

  test.each([true, false])('little endian: %s', async (littleEndian) => {
    const ng = new Pcapng(littleEndian);
    const file = Buffer.concat([
      ng.section([4, Buffer.from('a tool')]),
      ng.interface(1, 65_535, [2, Buffer.from('eth0')], [9, Buffer.from([9])]),
      ng.interface(101),
      ng.block(4, (out) => out.u32(0)),
      ng.packet(0, START_NS, ADVERT, [2, ng.u32(2)]),
      ng.packet(
        1,
        us(START_NS) + 1_000_000n,
        ADVERT.subarray(14),
        [1, Buffer.from('a comment')],
        [2, ng.u32(1)],
        [4, ng.u64(3n)],
      ),
      ng.block(0xbad, (out) => out.u32(32_473).raw(Buffer.from('anything'))),
      ng.oldPacket(0, 2, START_NS + 4_000_000_000n, ADVERT),
      ng.simplePacket(ADVERT),
      ng.statistics(0, 17n),
      ng.packet(7, START_NS, ADVERT),
    ]);
    const { gaps, report } = await run(chunked(file, 33), { type: ['vrrp'], threshold: '2s' });
    expect(closed(gaps)).toEqual([{ startNum: 2, endNum: 3, durationNs: 3_000_000_123 }]);
    expect(gaps[0]!.start).toMatchObject({ time: '2026-11-22 07:44:00.297802', dir: '<' });
    expect(gaps[0]!.before[0]).toMatchObject({ time: '2026-11-22 07:43:59.297802123', dir: '>' });
    expect(report.sources[0]).toMatchObject({ records: 4, events: 4, matched: 4, ignored: 6, unparsed: 1 });
    expect(report.sources[0]!.problems[0]!.reason).toBe('a packet of interface 7, of 2 that are declared');
    expect(report.warnings).toEqual(
      expect.arrayContaining([
        '17 packets dropped on interface eth0, as the capture counts them',
        '5 packets dropped between others, as the capture counts them',
        '1 matched events have no time of their own and take part in no gap: packets whose block holds none',
      ]),
    );
  });

  it('sections: byte order and interfaces begin anew, going back knows which', async () => {
    const [a, b] = [new Pcapng(true), new Pcapng(false)];
    const cooked = Buffer.concat([hex('0004 0001 0006 0200000000aa0000 0800'), ADVERT.subarray(14)]);
    const parts: Buffer[] = [];
    for (let i = 0; i < 40; i++) {
      const ng = i % 2 === 0 ? a : b;
      const at = START_NS + BigInt(i) * 10_000_000_000n;
      parts.push(ng.section());
      if (ng === b) parts.push(ng.interface(1));
      parts.push(ng.interface(113, 0, [9, Buffer.from([9])], [14, ng.u64(-5n)]));
      parts.push(ng.packet(ng === b ? 1 : 0, at + 5_000_000_000n, cooked));
    }
    const file = Buffer.concat(parts);
    const whole = await run(chunked(file, file.length), { threshold: '2s', before: 3, around: 3 });
    expect(closed(whole.gaps)).toHaveLength(39);
    for (const [i, gap] of whole.gaps.filter((g) => g.open === null).entries()) {
      expect(gap).toMatchObject({ durationNs: 1e10, start: { num: i + 1, type: 'vrrp', dir: '>' } });
    }
    const pieces = await run(
      chunked(file, 41, 7),
      { threshold: '2s', before: 3, around: 3 },
      { blockSize: 100 },
    );
    expect(essence(pieces)).toEqual(essence(whole));
  });

  it.each([
    [
      'a block whose lengths differ',
      (file: Buffer) => file.writeUInt32LE(64, file.length - 4),
      'a block whose two lengths are',
    ],
    [
      'a length that is none',
      (file: Buffer) => file.writeUInt32LE(7, 28 + 20 + 4),
      'a block of type 6 with a length of 7',
    ],
    [
      'a packet longer than its block',
      (file: Buffer) => file.writeUInt32LE(5000, 28 + 20 + 20),
      'a packet of 5000 bytes in a block with room for',
    ],
    [
      'a block that goes on for ever',
      (file: Buffer) => file.writeUInt32LE(0xffff_fff0, 28 + 20 + 4),
      'a block of 4294967280 bytes',
    ],
  ])('%s', async (_, damage, reason) => {
    const ng = new Pcapng();
    const file = Buffer.concat([ng.section(), ng.interface(), ng.packet(0, us(START_NS), ADVERT)]);
    damage(file);
    const { report } = await run(chunked(file, 10), {});
    expect(report.sources[0]!.problems[0]!.reason).toContain(reason);
    expect(report.sources[0]).toMatchObject({ records: 0, unparsed: 1 });
  });

  it('an unknown block longer than the file', async () => {
    const ng = new Pcapng();
    const unknown = ng.block(0x7777, (out) => out.u32(1));
    unknown.writeUInt32LE(0x4000_0000, 4);
    const file = Buffer.concat([ng.section(), ng.interface(), ng.packet(0, us(START_NS), ADVERT), unknown]);
    const { report } = await run(chunked(file, 10), {});
    expect(report.sources[0]).toMatchObject({ records: 1, ignored: 3, bytes: file.length });
    expect(report.sources[0]!.problems[0]!.reason).toBe(
      `the capture ends within a block, which is ${0x4000_0000 - unknown.length} bytes longer`,
    );
  });

  it('unknown blocks larger than a block of ours are passed over, also when going back', async () => {
    const ng = new Pcapng();
    const keys = ng.block(0xa, (out) => out.raw(Buffer.alloc(300_000, 7)));
    const at = (i: number): Buffer => ng.packet(0, us(START_NS) + BigInt(i) * 3_000_000n, ADVERT);
    const file = Buffer.concat([ng.section(), ng.interface(), keys, at(0), keys, at(1), keys, at(2), keys]);
    for (const blockSize of [1000, 1 << 20]) {
      const { gaps, report } = await run(
        chunked(file, 70_000),
        { threshold: '2s', around: 2 },
        { blockSize },
      );
      expect(closed(gaps)).toHaveLength(2);
      expect(gaps[1]!.before[0]).toMatchObject({ num: 1, time: '2026-11-22 07:43:59.297802' });
      expect(report.sources[0]).toMatchObject({ events: 3, ignored: 6, problems: [] });
    }
  });

  it('times beyond all calendars are none', async () => {
    const ng = new Pcapng();
    const file = Buffer.concat([
      ng.section(),
      ng.interface(1, 0, [9, Buffer.from([0])]),
      ng.packet(0, 0xffff_ffff_ffffn, ADVERT),
      ng.packet(0, START_NS / 1_000_000_000n, ADVERT),
    ]);
    const { report } = await run(chunked(file, 1000), {});
    expect(report.sources[0]).toMatchObject({ events: 2, origin: '2026-11-22T07:43:59.000Z' });
    expect(report.sources[0]!.problems[0]!.reason).toBe('its time lies outside of the years 1970 to 9999');
  });
});

describe('times of interfaces', () => {
  it('are exact for any resolution', () => {
    const clocks = new Map<number, InterfaceClock>();
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 128, max: 191 })),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        (resolution, ticks) => {
          const clock = clocks.get(resolution) ?? new InterfaceClock(resolution, 0);
          clocks.set(resolution, clock);
          clock.read(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
          const unit = resolution & 128 ? 2n ** BigInt(resolution & 127) : 10n ** BigInt(resolution);
          const seconds = ticks / unit;
          if (seconds < 1n << 53n) expect(BigInt(clock.seconds)).toBe(seconds);
          expect(BigInt(clock.nanoseconds)).toBe(((ticks % unit) * 1_000_000_000n) / unit);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe.each(EXPECTED.filter((e) => e.file.startsWith('pcap/')))('$file', ({ file, filter, threshold }) => {
  const options = { filter, threshold, around: 5, before: 2, after: 2 };
  const bytes = readFileSync(samplePath(file));
  let whole: unknown;
  beforeAll(async () => {
    whole = essence(await run(samplePath(file), options));
  });

  it.each([1, 2, 7, 16, 64, 1000, 65_536])('blocks of %i bytes', async (blockSize) => {
    expect(essence(await run(samplePath(file), options, { blockSize }))).toEqual(whole);
  });

  it('a pipe, split anywhere, and gzipped', async () => {
    for (const sizes of [[1], [3, 1, 40], [100, 7, 1000]])
      expect(essence(await run(chunked(bytes, ...sizes), options))).toEqual(whole);
    expect(essence(await run(chunked(gzipSync(bytes), 50), options))).toEqual(whole);
    const path = join(folder, 'renamed.txt');
    writeFileSync(path, gzipSync(bytes));
    expect(essence(await run(path, options))).toEqual(whole);
  });

  it('cut at every byte: what came before is good, and the sums add up', async () => {
    const reference = decodeAll(bytes).records;
    for (let length = 28; length < bytes.length; length++) {
      const { decoder, records } = decodeAll(bytes.subarray(0, length));
      expect(records).toEqual(reference.slice(0, records.length));
      expect(decoder.counts.events).toBe(records.length);
      expect(decoder.counts.unparsed).toBe(decoder.problems.length);
    }
  });
});

describe('damage', () => {
  const files = sampleFiles('pcap').map((file) => readFileSync(samplePath(file)));

  it('any bytes are answered, in bounded time, alike in one piece and in many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: files.length - 1 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 12,
          size: 'max',
        }),
        fc.nat(),
        async (index, edits, cut) => {
          const bytes = Buffer.from(files[index]!.subarray(0, 28 + (cut % files[index]!.length)));
          for (const [at, value] of edits) bytes[4 + (at % Math.max(1, bytes.length - 4))] = value;
          const options = { threshold: '300ms', around: 2, by: 'fd', why: 2 };
          const [one, many] = await Promise.all(
            [[1 << 20], [1, 30, 7]].map((sizes) =>
              run(chunked(bytes, ...sizes), options).then(essence, (error: Error) => error.message),
            ),
          );
          expect(many).toEqual(one);
          if (typeof one !== 'object') return;
          const [source] = (
            one as {
              sources: { lines: number; records: number; ignored: number; unparsed: number; bytes: number }[];
            }
          ).sources;
          expect(source!.lines).toBe(source!.records + source!.ignored + source!.unparsed);
          expect(source!.bytes).toBe(bytes.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('no gap is made of noise behind a header', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i * 31 + i * 7) & 0xff));
    const { gaps, report } = await run(chunked(Buffer.concat([pcapFile([]), noise]), 4096), {});
    expect(gaps).toEqual([]);
    expect(report.sources[0]).toMatchObject({ records: 0, unparsed: 1, bytes: 50_024 });
  });
});

describe('rotated files', () => {
  const beats = everySecond(Array.from({ length: 30 }, (_, i) => (i === 17 || i === 18 ? DATA : ADVERT)));
  const parts = [beats.slice(0, 10), beats.slice(10, 20), beats.slice(20)];

  it('in any order are one timeline', async () => {
    const paths = parts.map((packets, i) => {
      const path = join(folder, `rot${i === 0 ? '' : i}`);
      writeFileSync(path, pcapFile(packets));
      return path;
    });
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const { gaps } = await run(
        order.map((i) => paths[i]!),
        { type: ['vrrp'], threshold: '1.5s', around: 2 },
      );
      expect(gaps).toHaveLength(1);
      expect(gaps[0]).toMatchObject({ durationNs: 3e9, start: { num: 7 }, end: { num: 10 } });
      expect(gaps[0]!.around.start.map((e) => e.type)).toEqual(['udp', 'udp']);
      expect(gaps[0]!.summary).toContain('2 other packets meanwhile (2 udp)');
    }
  });
});

describe('what is no capture', () => {
  it.each([
    [
      'a capture given as text',
      { format: 'strace' as const },
      pcapFile(STALLED),
      /is a packet capture, not strace text; leave out --format/,
    ],
    [
      'text given as a capture',
      { format: 'pcap' as const },
      Buffer.from('1 12:00:00.0 0 a (1) > read\n'),
      /is no packet capture: it does not begin with the magic number of pcap or pcapng/,
    ],
    [
      'a header cut short',
      {},
      pcapFile([]).subarray(0, 20),
      /the capture ends within its header, after 20 bytes/,
    ],
  ])('%s', async (_, options, bytes, message) => {
    await expect(run(chunked(bytes, 7), options)).rejects.toThrow(message);
  });

  it('--format pcap takes both containers', async () => {
    const ng = new Pcapng();
    const file = Buffer.concat([ng.section(), ng.interface(), ng.packet(0, START_NS / 1000n, ADVERT)]);
    for (const bytes of [file, pcapFile(STALLED)])
      expect((await run(chunked(bytes, 100), { format: 'pcap' })).report.sources[0]!.events).toBeGreaterThan(
        0,
      );
  });
});
