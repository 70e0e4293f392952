/**
 * Real conversations, a server that takes 300 ms and once 1.7 s, a client that thinks for 500 ms: what is found
 * against the recording's own stamps, read here in another way.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { findConversations } from '../../src/find-conversations.js';
import { FORMATS } from '../../src/formats/registry.js';
import type { Conversation } from '../../src/model/conversations.js';
import { chunked, samplePath, sampleText } from '../samples.js';

const SAMPLE = 'strace/request_reply.f_ttt_T_yy_Y.txt';

const folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Turns {
  readonly own: bigint[];
  readonly peers: bigint[];
}

/** The waits of a thread and of its peer, by the stamps of its recvfrom and sendto lines, in microseconds. */
function turnsOf(text: string, tid: number): Turns {
  const turns: Turns = { own: [], peers: [] };
  let entered = 0n;
  let received = 0n;
  let sent = 0n;
  for (const line of text.split('\n')) {
    const m = /^(\d+)(?:<[^>]*>)? +(\d+)\.(\d{6}) (<\.\.\. )?(recvfrom|sendto)/.exec(line);
    if (!m || Number(m[1]) !== tid) continue;
    const stamp = BigInt(m[2]! + m[3]!);
    if (m[4] === undefined) entered = stamp;
    if (line.endsWith('<unfinished ...>')) continue;
    const end = / = (\d+) <(\d+)\.(\d{6})>$/.exec(line)!;
    if (end[1] === '0') continue;
    const ended = m[4] === undefined ? stamp + BigInt(end[2]! + end[3]!) : stamp;
    if (m[5] === 'recvfrom') {
      if (sent > 0n) turns.peers.push(ended - sent);
      received = ended;
    } else {
      if (received > 0n) turns.own.push(entered - received);
      sent = ended;
      received = 0n;
    }
  }
  return turns;
}

function check(found: Conversation, text: string, others: readonly [least: number, most: number]): void {
  const truth = turnsOf(text, found.tid!);
  const own = found.sides.find(({ side }) => side === found.self)!;
  const peer = found.sides.find(({ side }) => side !== found.self)!;
  for (const [side, waits] of [
    [own, truth.own],
    [peer, truth.peers],
  ] as const) {
    expect(side.waits).toBe(waits.length);
    expect(BigInt(Math.round(side.totalNs / 1e3))).toBe(waits.reduce((sum, us) => sum + us, 0n));
    const sorted = [...waits].sort((a, b) => Number(b - a));
    expect(BigInt(Math.round(side.maxNs! / 1e3))).toBe(sorted[0]);
    expect(side.longest.map(({ ns }) => BigInt(Math.round(ns / 1e3)))).toEqual(sorted.slice(0, 3));
  }
  const server = found.sides[1];
  expect(server.minNs).toBeGreaterThan(others[0]);
  expect(server.medianNs).toBeLessThan(others[1]);
  expect(own.totalNs + peer.totalNs).toBeLessThanOrEqual(found.lastNs - found.firstNs);
}

describe(SAMPLE, () => {
  it('has the waits of its stamps, from both ends', async () => {
    const { conversations, totals } = await findConversations(samplePath(SAMPLE));
    expect(conversations.map(({ self }) => self).sort()).toEqual(['client', 'server']);
    expect(new Set(conversations.map(({ name }) => name)).size).toBe(1);
    const text = sampleText(SAMPLE).toString();
    for (const found of conversations) check(found, text, [300e6, 302e6]);
    expect(conversations[0]!.sides.map(({ bytes }) => bytes)).toEqual([8 * 9, 8 * 18]);
    expect(conversations[0]!.sides[1].maxNs).toBeGreaterThan(1.7e9);
    expect(totals.verdict).toMatch(/^the server let the client wait 7\.6\d s in 16 turns/);
  });

  it('gives the same however it arrives', async () => {
    const whole = await findConversations(samplePath(SAMPLE));
    const { conversations, totals } = whole;
    expect(await findConversations(samplePath(SAMPLE), {}, { blockSize: 512 })).toEqual(whole);
    const piped = await findConversations(chunked(sampleText(SAMPLE), 1, 700, 13));
    expect(piped).toMatchObject({ conversations, totals });
  });

  it('gives the same from a file per thread', async () => {
    const lines = sampleText(SAMPLE).toString().trimEnd().split('\n');
    const threads = [...new Set(lines.map((line) => line.slice(0, line.indexOf(' '))))];
    const files = threads.map((tid) =>
      Readable.from([Buffer.from(`${lines.filter((line) => line.startsWith(`${tid} `)).join('\n')}\n`)]),
    );
    const { totals } = await findConversations(files);
    const whole = await findConversations(samplePath(SAMPLE));
    const figures = (sides: typeof totals.sides) =>
      sides.map(({ waits, totalNs, medianNs, bytes }) => ({ waits, totalNs, medianNs, bytes }));
    expect(figures(totals.sides)).toEqual(figures(whole.totals.sides));
  });
});

const PCAP = 'pcap/request_reply.pcap';
const readable = (name: string): boolean => FORMATS.some((format) => format.name === name);

/** Times in microseconds, ports and payloads of the packets, by their bytes alone: Ethernet, IPv4, TCP. */
function packetsOf(bytes: Buffer): { us: bigint; fromServer: boolean; payload: number }[] {
  const packets: ReturnType<typeof packetsOf> = [];
  for (let at = 24; at < bytes.length; ) {
    const us = BigInt(bytes.readUInt32LE(at)) * 1_000_000n + BigInt(bytes.readUInt32LE(at + 4));
    const ip = at + 16 + 14;
    const tcp = ip + 4 * (bytes[ip]! & 15);
    const payload = bytes.readUInt16BE(ip + 2) - (tcp - ip) - 4 * (bytes[tcp + 12]! >> 4);
    packets.push({ us, fromServer: bytes.readUInt16BE(tcp) === 18_081, payload });
    at += 16 + bytes.readUInt32LE(at + 8);
  }
  return packets;
}

describe.skipIf(!readable('pcap'))(PCAP, () => {
  it('has the waits of its packets, and about those of the calls', async () => {
    const { conversations } = await findConversations(samplePath(PCAP));
    expect(conversations).toHaveLength(1);
    const [flow] = conversations;
    const data = packetsOf(sampleText(PCAP)).filter(({ payload }) => payload > 0);
    for (const [i, fromServer] of [false, true].entries()) {
      const waits = data.flatMap((packet, k) =>
        k > 0 && packet.fromServer === fromServer && data[k - 1]!.fromServer !== fromServer
          ? [packet.us - data[k - 1]!.us]
          : [],
      );
      const { waits: count, totalNs, longest } = flow!.sides[i]!;
      expect(count).toBe(waits.length);
      expect(BigInt(Math.round(totalNs / 1e3))).toBe(waits.reduce((sum, us) => sum + us, 0n));
      const most = waits.sort((a, b) => Number(b - a)).slice(0, 3);
      expect(longest.map(({ ns }) => BigInt(Math.round(ns / 1e3)))).toEqual(most);
    }
    const calls = await findConversations(samplePath(SAMPLE));
    for (const { sides } of calls.conversations)
      for (const [i, { totalNs }] of sides.entries())
        expect(Math.abs(totalNs - flow!.sides[i]!.totalNs)).toBeLessThan(20e6);
    expect(flow).toMatchObject({ name: calls.conversations[0]!.name, ended: 'closed', handshakeNs: 14e3 });
  });

  it.skipIf(!readable('tcpdump') || spawnSync('tcpdump', ['--version']).status !== 0)(
    'gives the same as tcpdump prints it',
    async () => {
      const { stdout } = spawnSync('tcpdump', ['-tt', '-n', '-r', samplePath(PCAP)]);
      const figures = ({ conversations }: Awaited<ReturnType<typeof findConversations>>) =>
        conversations.map(({ name, sides }) =>
          [name, ...sides].map((side) =>
            typeof side === 'string' ? side : [side.side, side.totalNs, side.bytes],
          ),
        );
      const printed = await findConversations(Readable.from([stdout]));
      expect(figures(printed)).toEqual(figures(await findConversations(samplePath(PCAP))));
    },
  );
});

const SCRIPT = `
import os, socket, time
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(1)
if os.fork() == 0:
    conn = socket.create_connection(listener.getsockname())
    listener.close()
    for i in range(3):
        if i: time.sleep(0.5)
        conn.sendall(b'request %d' % i)
        conn.recv(4096)
else:
    conn, _ = listener.accept()
    while request := conn.recv(4096):
        time.sleep(0.3)
        conn.sendall(b'reply to ' + request)
    os.wait()
`;

const works = ['strace', 'python3'].every((tool) => spawnSync(tool, ['--version']).status === 0);

describe.skipIf(!works)('what strace records here', () => {
  it('has the waits of its stamps', { timeout: 60_000 }, async () => {
    const path = join(folder, 'log');
    const flags = ['-f', '-ttt', '-T', '-yy', '-e', 'trace=network,clone', '-o', path];
    expect(spawnSync('strace', [...flags, 'python3', '-c', SCRIPT]).status).toBe(0);
    const text = readFileSync(path, 'utf8');
    const { conversations } = await findConversations(path);
    expect(conversations.map(({ self }) => self).sort()).toEqual(['client', 'server']);
    for (const found of conversations) {
      expect(found.sides.map(({ waits }) => waits)).toEqual([2, 3]);
      check(found, text, [300e6, Number.POSITIVE_INFINITY]);
      expect(found.sides[0].minNs).toBeGreaterThan(500e6);
    }
  });
});
