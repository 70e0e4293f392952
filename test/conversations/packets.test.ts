/** Flows of packets made by hand: who let whom wait, as seen at the capture point. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conversations } from '../../src/conversations/conversations.js';
import { packetSteps } from '../../src/conversations/packets.js';
import type { Conversation, ConversationTotals } from '../../src/model/conversations.js';
import { fakeEvent, fakeFields } from '../filter/fake-event.js';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.2:80';

/** Seconds, the sender, flags, bytes of data; to whom where it is not the first client's flow. */
type Sent = readonly [at: number, from: string, flags: string, payload?: number, to?: string];

interface Shown {
  /** The flow's name as the trace has it. */
  readonly name?: string;
  readonly top?: number;
  readonly held?: number;
}

function look(
  sent: readonly Sent[],
  { name, top = 10, held }: Shown = {},
): {
  conversations: Conversation[];
  totals: ConversationTotals;
  letGo: number;
} {
  const conversations = new Conversations({ top, ...(held === undefined ? {} : { held }) });
  const fields = fakeFields();
  let lastNs = 0;
  for (const [i, [at, from, flags, payload = 0, peer]] of sent.entries()) {
    const ns = Math.round(at * 1e9);
    lastNs = ns;
    const [client, server] = (name ?? flowOf(from, peer)).split('->') as [string, string];
    const to = from === client ? server : client;
    const e = fakeEvent({
      num: i + 1,
      timeNs: ns,
      type: 'tcp',
      fd: { num: -1, type: 'ipv4', l4proto: 'tcp', name: `${client}->${server}`, ...ends(client, server) },
      packet: { l4proto: 'tcp', tcpFlags: flags, payload, ...way(from, to) },
    });
    const moment = { ns, num: i + 1, time: String(at), source: 0 };
    packetSteps(
      e,
      fields,
      () => moment,
      (step) => conversations.see(step),
    );
  }
  conversations.finish(lastNs);
  return {
    conversations: conversations.longest(),
    totals: conversations.totals(),
    letGo: conversations.letGo,
  };
}

function flowOf(from: string, to = CLIENT): string {
  return from === SERVER ? `${to}->${SERVER}` : `${from}->${SERVER}`;
}

function split(end: string): [string, number] {
  const colon = end.lastIndexOf(':');
  return [end.slice(0, colon), Number(end.slice(colon + 1))];
}

function ends(client: string, server: string) {
  const [clientIp, clientPort] = split(client);
  const [serverIp, serverPort] = split(server);
  return { clientIp, clientPort, serverIp, serverPort };
}

function way(from: string, to: string) {
  const [sourceIp, sourcePort] = split(from);
  const [destinationIp, destinationPort] = split(to);
  return { sourceIp, sourcePort, destinationIp, destinationPort };
}

describe('a flow', () => {
  const whole: Sent[] = [
    [0, CLIENT, 'S'],
    [0.04, SERVER, 'S.'],
    [0.08, CLIENT, '.'],
    [1, CLIENT, 'P.', 100],
    [1.001, SERVER, '.'],
    [1.3, SERVER, 'P.', 1000],
    [1.31, SERVER, 'P.', 500],
    [1.31, CLIENT, '.'],
    [2.01, CLIENT, 'P.', 50],
    [2.02, CLIENT, '.', 0],
    [4.01, SERVER, 'P.', 10],
    [4.5, CLIENT, 'F.'],
    [4.6, SERVER, 'F.'],
    [4.7, CLIENT, '.'],
  ];

  it('has the waits of both sides, between data and nothing else', () => {
    const { conversations, totals } = look(whole);
    expect(conversations).toEqual([
      {
        name: `${CLIENT}->${SERVER}`,
        proc: null,
        pid: null,
        tid: null,
        fd: null,
        protocol: 'tcp',
        self: null,
        firstNs: 0,
        lastNs: 4.6e9,
        handshakeNs: 40e6,
        sides: [
          {
            side: 'client',
            waits: 1,
            totalNs: 700e6,
            minNs: 700e6,
            medianNs: 700e6,
            p95Ns: 700e6,
            p99Ns: 700e6,
            maxNs: 700e6,
            bytes: 150,
            longest: [
              { ns: 700e6, fromNum: 7, toNum: 9, time: '1.31', toTime: '2.01', fromSource: 0, toSource: 0 },
            ],
          },
          {
            side: 'server',
            waits: 2,
            totalNs: 2.3e9,
            minNs: 300e6,
            medianNs: 300e6,
            p95Ns: 2e9,
            p99Ns: 2e9,
            maxNs: 2e9,
            bytes: 1510,
            longest: [
              { ns: 2e9, fromNum: 9, toNum: 11, time: '2.01', toTime: '4.01', fromSource: 0, toSource: 0 },
              { ns: 300e6, fromNum: 4, toNum: 6, time: '1', toTime: '1.3', fromSource: 0, toSource: 0 },
            ],
          },
        ],
        open: { side: 'client', ns: 490e6, fromNum: 11, time: '4.01', fromSource: 0, end: 'closed' },
        ended: 'closed',
        verdict:
          'the server let the client wait 2.30 s of 4.60 s in 2 turns; the longest 2.00 s (events 9 -> 11)',
      },
    ]);
    expect(totals).toMatchObject({ conversations: 1, answered: 1, withoutData: 0, open: 0 });
    expect(totals.verdict).toBe(
      'the server let the client wait 2.30 s in 2 turns, the client let the server wait 700 ms',
    );
  });

  it('without an answer is open, and counts for its rank', () => {
    const other = '10.0.0.1:40001';
    const { conversations, totals } = look([
      [0, CLIENT, 'P.', 1],
      [1, other, 'P.', 5],
      [2, SERVER, 'P.', 1],
      [9, '10.0.0.1:40002', 'P.', 1],
    ]);
    expect(conversations.map(({ name }) => name)[0]).toBe(`${other}->${SERVER}`);
    expect(conversations[0]).toMatchObject({
      open: { side: 'server', ns: 8e9, fromNum: 2, end: 'trace' },
      ended: 'trace',
      verdict: "the server had not answered for 8.00 s when the trace's end came",
    });
    expect(totals.open).toBe(2);
  });

  it('that is reset leaves its request unanswered', () => {
    const [flow] = look([
      [0, CLIENT, 'P.', 1],
      [3, SERVER, 'R.'],
      [9, CLIENT, '.'],
    ]).conversations;
    expect(flow).toMatchObject({
      ended: 'reset',
      lastNs: 3e9,
      open: { side: 'server', ns: 3e9, end: 'reset' },
    });
  });

  it('half closed still waits for its answer', () => {
    const [flow] = look([
      [0, CLIENT, 'P.', 1],
      [0.1, CLIENT, 'F.'],
      [3, SERVER, 'P.', 1],
      [3.1, SERVER, 'F.'],
    ]).conversations;
    expect(flow!.sides[1]).toMatchObject({ side: 'server', waits: 1, totalNs: 3e9 });
    expect(flow).toMatchObject({ ended: 'closed', open: null });
  });

  it('begins anew with a SYN, and not with the same SYN once more', () => {
    const { conversations, totals } = look([
      [0, CLIENT, 'S'],
      [1, CLIENT, 'S'],
      [1.5, SERVER, 'S.'],
      [2, CLIENT, 'P.', 1],
      [3, SERVER, 'P.', 1],
      [50, CLIENT, 'S'],
      [50.1, SERVER, 'S.'],
      [51, CLIENT, 'P.', 1],
      [55, SERVER, 'P.', 1],
      [60, '10.0.0.1:40009', 'S'],
    ]);
    expect(conversations.map((c) => [c.handshakeNs, c.sides[1].totalNs, c.sides[0].waits])).toEqual([
      [100e6, 4e9, 0],
      [1.5e9, 1e9, 0],
    ]);
    expect(totals).toMatchObject({ conversations: 2, withoutData: 1 });
  });

  it('with itself, and packets of other protocols, are none', () => {
    const own = look([[0, CLIENT, 'P.', 1]], { name: `${CLIENT}->${CLIENT}` });
    expect(own.totals.conversations).toBe(0);
    const fields = fakeFields();
    const moment = () => ({ ns: 0, num: 1, time: null, source: 0 });
    const fail = (): never => expect.unreachable();
    expect(packetSteps(fakeEvent({ packet: { l4proto: 'udp', payload: 9 } }), fields, moment, fail)).toBe(
      true,
    );
    expect(packetSteps(fakeEvent({ type: 'read' }), fields, moment, fail)).toBe(false);
  });
});

describe('many flows', () => {
  it('100,000 at once keep their totals, and the longest are right', () => {
    const sent: Sent[] = [];
    const flows = 100_000;
    for (let i = 0; i < flows; i++)
      sent.push([i * 1e-5, `10.${i >> 14}.0.1:${40_000 + (i & 0x3fff)}`, 'P.', 10]);
    const { totals, letGo, conversations } = look(sent, { top: 5 });
    expect(totals).toMatchObject({ conversations: flows, answered: 0 });
    expect(totals.sides.find(({ side }) => side === 'client')!.bytes).toBe(flows * 10);
    expect(flows - letGo).toBeGreaterThan(8000);
    expect(flows - letGo).toBeLessThanOrEqual(10_000);
    expect(conversations).toHaveLength(5);
  });

  it('the longest of all are found though most are over', () => {
    const sent: Sent[] = [];
    for (let i = 0; i < 5000; i++) {
      const client = `10.0.0.1:${40_000 + i}`;
      sent.push([i, client, 'P.', 1], [i + 0.1 + ((i * 7919) % 5000) / 1e4, SERVER, 'P.', 1, client]);
    }
    const { conversations } = look(sent, { top: 3 });
    expect(conversations.map(({ sides }) => sides[1].totalNs)).toEqual([599.9e6, 599.8e6, 599.7e6]);
  });

  it('waits never exceed the flow, bytes are all there, at any order of turns', () => {
    const packet = fc.record({ gap: fc.nat(1e6), fromClient: fc.boolean(), payload: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 80, size: 'max' }), (list) => {
        let ns = 0;
        const sent = list.map(({ gap, fromClient, payload }): Sent => {
          ns += gap;
          return [ns / 1e9, fromClient ? CLIENT : SERVER, 'P.', payload];
        });
        const { conversations } = look(sent);
        const bytes = (end: string) =>
          sent.filter(([, from]) => from === end).reduce((sum, [, , , n = 0]) => sum + n, 0);
        const [flow] = conversations;
        if (flow === undefined) {
          expect(bytes(CLIENT) + bytes(SERVER)).toBe(0);
          return;
        }
        const [client, server] = flow.sides;
        expect([client.bytes, server.bytes]).toEqual([bytes(CLIENT), bytes(SERVER)]);
        expect(client.totalNs + server.totalNs).toBeLessThanOrEqual(flow.lastNs - flow.firstNs);
        const turns = sent.filter(([, , , n = 0]) => n > 0).map(([, from]) => from);
        const changes = turns.filter((from, i) => i > 0 && from !== turns[i - 1]).length;
        expect(client.waits + server.waits).toBe(changes);
      }),
    );
  });
});
