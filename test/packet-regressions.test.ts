/** One test per bug that was found in what packets, virtual routers and conversations are told of. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { checkFilter, parseFilter } from '../src/filter/filter.js';
import { findConversations } from '../src/find-conversations.js';
import { renderDamage } from '../src/report/diagnostics.js';
import {
  ADVERT,
  ethernet,
  everySecond,
  hex,
  ip4,
  Pcapng,
  pcapFile,
  START_NS,
  tcp,
} from './formats/pcap/captures.js';
import { chunked, run, sampleText } from './samples.js';

const named = (name: string, bytes: Buffer) => ({ name, stream: Readable.from([bytes]) });

function segment(from: string, to: string, ports: [number, number], payload: string): Buffer {
  return ethernet(0x0800, ip4(6, tcp(ports[0], ports[1], 0x18, { payload }), { from, to }));
}
const ASK = segment('10.0.0.1', '10.0.0.2', [40_000, 80], 'ask');
const ANSWER = segment('10.0.0.2', '10.0.0.1', [80, 40_000], 'answer');

/** A packet without a time between two that have one, or before both. */
function untimed(first: boolean): Buffer {
  const ng = new Pcapng();
  const us = START_NS / 1000n;
  return Buffer.concat([
    ng.section(),
    ng.interface(),
    ...(first ? [ng.simplePacket(ASK)] : []),
    ng.packet(0, us, ASK),
    ...(first ? [] : [ng.simplePacket(ANSWER)]),
    ng.packet(0, us + 2_000_000n, ANSWER),
  ]);
}

describe('conversations', () => {
  it.each([false, true])('a packet without a time is in no wait (first: %s)', async (first) => {
    const { conversations } = await findConversations(named('ng', untimed(first)));
    const waits = conversations[0]!.sides.map(({ side, totalNs }) => [side, totalNs]);
    expect(waits).toContainEqual(['server', 2e9]);
    expect(JSON.stringify(conversations)).not.toMatch(/NaN|"totalNs":null/);
  });

  it('--from counts from the first packet that has a time', async () => {
    const { conversations } = await findConversations(named('ng', untimed(true)), { from: '+0s' });
    expect(conversations).toHaveLength(1);
  });
});

it('what another source shows behind a gap does not depend on how far it was read', async () => {
  const seconds = Array.from({ length: 26 }, (_, second) => second);
  const capture = (advertAt: (second: number) => boolean) =>
    pcapFile(
      seconds.map((second) => ({
        ns: START_NS + BigInt(second) * 1_000_000_000n,
        bytes: advertAt(second) ? ADVERT : ASK,
      })),
    );
  const one = capture((second) => second < 3 || second > 5);
  const other = capture((second) => second < 3 || second > 8);
  const beside = async (blockSize: number) => {
    const inputs = [one, other].map((bytes, i) => ({ name: `${i}`, stream: chunked(bytes, blockSize) }));
    const { gaps } = await run(inputs, { vrrp: true, threshold: '3s', why: false }, { blockSize });
    return gaps.map(({ elsewhere }) => elsewhere?.map(({ silentToNs }) => silentToNs));
  };
  const whole = await beside(1 << 20);
  expect(whole.flat()).toHaveLength(2);
  expect(await beside(100)).toEqual(whole);
});

describe('virtual routers', () => {
  const advert = (head: string) =>
    ethernet(
      0x0800,
      ip4(112, hex(`${head}339601 0001 0000 0a4d0064 0000000000000000`), {
        from: '10.77.0.1',
        to: '224.0.0.18',
      }),
    );

  it.each([
    ['of another type', '22'],
    ['of no version that there is', '71'],
  ])('a packet %s is no advert', async (_name, head) => {
    const packets = everySecond([ADVERT, ADVERT, advert(head), advert(head), advert(head), ADVERT]);
    const { gaps } = await run(chunked(pcapFile(packets), 1000), { vrrp: true, why: false });
    expect(gaps.map(({ durationNs }) => Math.round(durationNs / 1e9))).toEqual([4]);
  });

  it('what comes after a step of the clock says nothing of a gap before it', async () => {
    const rival = ethernet(
      0x0800,
      ip4(112, hex('21339601 0001 0000 0a4d0064 0000000000000000'), { from: '10.77.0.2', to: '224.0.0.18' }),
    );
    const at = (seconds: number, bytes: Buffer) => ({
      ns: START_NS + BigInt(seconds) * 1_000_000_000n,
      bytes,
    });
    const packets = [
      at(10, ADVERT),
      at(11, ADVERT),
      at(14, ADVERT),
      at(15, ADVERT),
      at(0, rival),
      at(1, rival),
    ];
    const { gaps } = await run(chunked(pcapFile(packets), 1000), { vrrp: true, why: false });
    expect(gaps.map(({ vrrp }) => [vrrp!.sender, vrrp!.missed, vrrp!.backup.sender])).toEqual([
      ['10.77.0.1', 2, null],
    ]);
  });

  it('two streams at the same time are two recordings: neither fills the other’s gap', async () => {
    const bytes = sampleText('pcap/sigstop3.pcap');
    const { gaps } = await run([named('a', bytes), named('b', bytes)], { vrrp: true, why: false });
    expect(gaps.filter(({ durationNs }) => durationNs > 3.5e9)).toHaveLength(2);
  });
});

it('a capture behind a capture ends the first one, and is told', async () => {
  const one = pcapFile(everySecond([ADVERT, ADVERT]));
  const { gaps, report } = await run(chunked(Buffer.concat([one, one]), 1000), {
    threshold: '2s',
    why: false,
  });
  expect(gaps).toEqual([]);
  expect(report.sources[0]!.events).toBe(2);
  expect(report.sources[0]!.problems.map(({ reason }) => reason).join()).toContain(
    'header of another capture',
  );
});

it('protocols that have but a number are known types', () => {
  for (const type of ['ip-proto-99', 'ethertype-0x88b5'])
    expect(checkFilter(parseFilter(`evt.type=${type}`))).toEqual([]);
  expect(checkFilter(parseFilter('evt.type=ip-proto-x'))).toHaveLength(1);
});

it('a log that breaks off is told beside the sources that do', () => {
  const problems = [{ line: null, byte: 10, reason: 'reading stopped here' }];
  const logs = [{ path: 'b.log', kind: 'lines', lines: 0, timed: 0, unparsed: 0, problems }] as const;
  expect(renderDamage({ sources: [], logs })).toEqual(['warning: b.log (byte 10): reading stopped here']);
});

it('--top of more gaps than a call takes arguments', async () => {
  const lines = Array.from(
    { length: 130_000 },
    (_, i) => `${i + 1} 10:00:00.000000001 0 a (${i + 1}) > read fd=1\n`,
  );
  lines.push('130001 10:00:09.000000000 0 a (1) > read fd=1\n');
  const text = Buffer.from(lines.join(''));
  const { gaps, report } = await run(chunked(text, 1 << 20), { by: 'thread', top: 3, why: false, around: 0 });
  expect([gaps.length, report.gapsFound]).toEqual([3, 130_000]);
});
