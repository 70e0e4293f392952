/** Sockets of traced processes, from lines as sysdig and strace print them. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { findConversations } from '../../src/find-conversations.js';
import type { ConversationsReport } from '../../src/model/conversations.js';
import type { ConversationOptions } from '../../src/model/options.js';
import { UsageError } from '../../src/model/problem.js';

const NAME = '10.0.0.9:40000->10.0.0.1:80';
const FD = `fd=5(<4t>${NAME})`;
const LOCAL = '10.0.0.1:80->10.0.0.9:40000';

function look(text: string, options: ConversationOptions = {}): Promise<ConversationsReport> {
  return findConversations(Readable.from([Buffer.from(text)]), options);
}

/** sysdig lines at seconds after 17:00:00; the rest is thread, direction, type and arguments. */
function sysdig(...lines: readonly (readonly [at: number, rest: string])[]): string {
  return lines
    .map(([at, rest], i) => {
      const ns = Math.round(at * 1e9);
      const seconds = String(Math.floor(ns / 1e9) % 60).padStart(2, '0');
      const minutes = String(Math.floor(ns / 60e9)).padStart(2, '0');
      const [tid, ...words] = rest.split(' ');
      return `${i + 1} 17:${minutes}:${seconds}.${String(ns % 1e9).padStart(9, '0')} 0 web (${tid}) ${words.join(' ')} \n`;
    })
    .join('');
}

/** strace lines at seconds after an epoch second. */
function strace(...lines: readonly (readonly [at: number, rest: string])[]): string {
  return lines
    .map(([at, rest]) => {
      const [tid, ...words] = rest.split(' ');
      return `${tid} ${(1_700_000_000 + at).toFixed(6)} ${words.join(' ')}\n`;
    })
    .join('');
}

/** [side, waits, total seconds, bytes] of both sides of the first conversation. */
function sides({ conversations: [first] }: ConversationsReport): unknown {
  return first?.sides.map(({ side, waits, totalNs, bytes }) => [side, waits, totalNs / 1e9, bytes]);
}

describe('sysdig', () => {
  const served: [number, string][] = [
    [0.5, '7 > accept '],
    [1, `7 < accept fd=5(<4t>${NAME}) tuple=${NAME} queuepct=0 queuelen=0 queuemax=128`],
    [1, `7 > read ${FD} size=4096`],
    [1.5, '7 < read res=100 data=GET'],
    [1.6, `7 > read ${FD} size=4096`],
    [1.7, '7 < read res=-11(EAGAIN) data='],
    [3.5, `7 > write ${FD} size=10`],
    [3.5, '7 < write res=-11(EAGAIN) data='],
    [3.75, `7 > write ${FD} size=1000`],
    [4, '7 < write res=1000 data=HTTP'],
    [4, `7 > recvfrom ${FD} size=4096`],
    [5, `7 < recvfrom res=50 data=GET tuple=${NAME}`],
    [5.25, `7 > sendto ${FD} size=2000 tuple=${NAME}`],
    [5.5, '7 < sendto res=2000 data=HTTP'],
    [6, `7 > read ${FD} size=4096`],
    [9, '7 < read res=0 data='],
    [9, `7 > close ${FD}`],
    [9.5, '7 < close res=0'],
  ];

  it("a server's own time ends where its send begins, its client's begins where the send ended", async () => {
    const report = await look(sysdig(...served));
    expect(report.conversations).toHaveLength(1);
    expect(sides(report)).toEqual([
      ['client', 1, 1, 150],
      ['server', 2, 2.25 + 0.25, 3000],
    ]);
    expect(report.conversations[0]).toMatchObject({
      name: NAME,
      proc: 'web',
      pid: null,
      tid: 7,
      fd: 5,
      protocol: 'tcp',
      self: 'server',
      ended: 'closed',
      open: { side: 'client', ns: 3.5e9, end: 'closed' },
      verdict:
        'the server let the client wait 2.50 s of 8.50 s in 2 turns; the longest 2.25 s (events 4 -> 9)',
    });
  });

  it('only exits: from end to end', async () => {
    const report = await look(
      sysdig(
        [1.5, `7 < read res=100 data=GET ${FD} size=4096`],
        [4, `7 < write res=1000 data=HTTP ${FD} size=1000`],
        [5, `7 < recvfrom res=50 data=GET tuple=${NAME} ${FD} size=4096`],
        [5.5, `7 < sendto res=2000 data=HTTP ${FD} size=2000 tuple=${NAME}`],
      ),
    );
    expect(sides(report)).toEqual([
      ['this process', 2, 2.5 + 0.5, 3000],
      ['peer', 1, 1, 150],
    ]);
    expect(report.limits.join()).toContain('only exits of calls');
  });

  it('a connect makes a client, whose name came with the exit', async () => {
    const report = await look(
      sysdig(
        [1, '8 > connect fd=5(<4>) addr=10.0.0.1:80'],
        [1.25, `8 < connect res=0 tuple=${NAME}`],
        [2, `8 > sendto ${FD} size=9 tuple=NULL`],
        [2, '8 < sendto res=9 data=x'],
        [3, `8 > recvmsg ${FD}`],
        [4, `8 < recvmsg res=7 size=7 data=x tuple=${NAME}`],
      ),
    );
    expect(sides(report)).toEqual([
      ['client', 0, 0, 9],
      ['server', 1, 2, 7],
    ]);
    expect(report.conversations[0]).toMatchObject({
      self: 'client',
      handshakeNs: 250e6,
      firstNs: 61_201.25e9,
    });
  });

  it('a descriptor used again is a new conversation, by close or by accept', async () => {
    const again = (at: number, line: string): [number, string] => [at + 20, line];
    const closed = await look(sysdig(...served, ...served.map(([at, line]) => again(at, line))));
    const unseen = served.filter(([, line]) => !line.includes('close') && !line.includes('res=0'));
    const reused = await look(sysdig(...unseen, ...unseen.map(([at, line]) => again(at, line))));
    for (const { conversations, totals } of [closed, reused]) {
      expect(conversations.map((c) => c.sides[0].waits)).toEqual([1, 1]);
      expect(totals).toMatchObject({ conversations: 2, answered: 2 });
    }
  });

  it('files, pipes, datagrams and listening sockets are none; unix sockets are', async () => {
    const report = await look(
      sysdig(
        [1, '7 > read fd=3(<f>/etc/hosts) size=9'],
        [2, '7 < read res=9 data=x'],
        [3, '7 > write fd=4(<p>) size=9'],
        [4, '7 < write res=9 data=x'],
        [5, `7 > sendto fd=6(<4u>${NAME}) size=9 tuple=NULL`],
        [6, '7 < sendto res=9 data=x'],
        [7, '7 > write fd=8(<u>/run/x.sock) size=4'],
        [8, '7 < write res=4 data=x'],
        [9, '7 > read fd=8(<u>/run/x.sock) size=4'],
        [9.5, '7 < read res=4 data=x'],
      ),
    );
    expect(report.conversations.map(({ name, protocol, self }) => [name, protocol, self])).toEqual([
      ['/run/x.sock', 'unix', null],
    ]);
    expect(sides(report)).toEqual([
      ['this process', 0, 0, 4],
      ['peer', 1, 1.5, 4],
    ]);
  });

  it('filters and windows choose which data count', async () => {
    const text = sysdig(...served);
    for (const options of [
      { filter: `fd.name=${NAME}` },
      { proc: 'web' },
      { tid: 7 },
      { filter: 'fd.sport=80' },
    ])
      expect(sides(await look(text, options)), JSON.stringify(options)).toEqual([
        ['client', 1, 1, 150],
        ['server', 2, 2.5, 3000],
      ]);
    expect(sides(await look(text, { type: 'read,write' }))).toEqual([
      ['client', 0, 0, 100],
      ['server', 1, 2.25, 1000],
    ]);
    expect(sides(await look(text, { from: '17:00:04.500', to: '17:00:08' }))).toEqual([
      ['client', 0, 0, 50],
      ['server', 1, 0.25, 2000],
    ]);
    const none = await look(text, { proc: 'other' });
    expect(none.conversations).toEqual([]);
    expect(none.warnings).toContain('no data on a connection was found that the filter lets through');
  });

  it('an unanswered request is open at --to', async () => {
    const report = await look(sysdig(...served), { to: '17:00:03' });
    expect(report.conversations[0]).toMatchObject({
      open: { side: 'server', ns: 1.5e9, fromNum: 4, end: 'trace' },
      verdict: "the server had not answered for 1.50 s when the trace's end came",
    });
    expect(report.totals.open).toBe(1);
  });

  it('nothing is measured across a step of the clock', async () => {
    const back = served.slice(0, 10).map(([at, line]): [number, string] => [at, line]);
    const report = await look(
      sysdig(
        ...back.map(([at, line]): [number, string] => [at + 100, line]),
        [50, `7 > read ${FD} size=4096`],
        [50.5, '7 < read res=100 data=GET'],
        [51, `7 > write ${FD} size=1`],
        [51, '7 < write res=1 data=GET'],
      ),
    );
    expect(
      report.conversations.map(({ ended, sides: [client, server] }) => [ended, client.waits, server.totalNs]),
    ).toEqual([
      ['clock', 0, 2.25e9],
      ['trace', 0, 0.5e9],
    ]);
    expect(report.warnings).toContain('the clock stepped back: no wait is measured across that');
  });
});

describe('strace', () => {
  const ACCEPTED = `5<TCP:[${LOCAL}]>`;

  it('calls printed whole end ahead of the lines of other threads', async () => {
    const report = await look(
      strace(
        [1, `7 recvfrom(${ACCEPTED}, "q", 4096, 0, NULL, NULL) = 1 <3.000000>`],
        [2, `8 sendto(${ACCEPTED}, "a", 1, 0, NULL, 0) = 1 <0.500000>`],
        [5, `8 sendto(${ACCEPTED}, "a", 1, 0, NULL, 0) = 1 <0.500000>`],
      ),
    );
    expect(sides(report)).toEqual([
      ['client', 1, 1.5, 1],
      ['server', 1, 1, 2],
    ]);
    expect(report.conversations[0]).toMatchObject({ name: NAME, self: 'server', fd: 5 });
  });

  it('a call that ends behind --to does not end the stretch', async () => {
    const report = await look(
      strace(
        [1, '9 poll([{fd=3}], 1, -1) = 1 <100.000000>'],
        [2, `7 recvfrom(${ACCEPTED}, "q", 4096, 0, NULL, NULL) = 1 <0.000000>`],
        [3, `7 sendto(${ACCEPTED}, "a", 1, 0, NULL, 0) = 1 <0.000000>`],
        [8, `7 recvfrom(${ACCEPTED}, "q", 4096, 0, NULL, NULL) = 1 <0.000000>`],
      ),
      { to: '+5s' },
    );
    expect(sides(report)).toEqual([
      ['client', 0, 0, 1],
      ['server', 1, 1, 1],
    ]);
  });

  it('without -T a receive ends where the next line of its thread begins', async () => {
    const report = await look(
      strace(
        [1, `7 sendto(${ACCEPTED}, "a", 1, 0, NULL, 0) = 1`],
        [1.5, `7 recvfrom(${ACCEPTED}, "q", 4096, 0, NULL, NULL) = 1`],
        [2, '8 getpid() = 8'],
        [4, '7 getpid() = 7'],
        [6, `7 sendto(${ACCEPTED}, "a", 1, 0, NULL, 0) = 1`],
      ),
    );
    expect(sides(report)).toEqual([
      ['client', 1, 3, 1],
      ['server', 1, 2, 2],
    ]);
    expect(report.conversations[0]!.sides[1].longest[0]).toMatchObject({ fromNum: 2, toNum: 5 });
    expect(report.limits.join()).toContain('strace ran without -T');
  });

  it('without -y sockets are those of accept and connect, and what only sockets can be used for', async () => {
    const address = 'sin_port=htons(40000), sin_addr=inet_addr("10.0.0.9")}';
    const report = await look(
      strace(
        [1, `7 accept(3, {sa_family=AF_INET, ${address}, [16]) = 5 <0.100000>`],
        [2, '7 read(5, "q", 100) = 1 <0.000000>'],
        [2.5, '7 read(4, "file", 100) = 4 <0.000000>'],
        [3, '7 write(5, "a", 1) = 1 <0.000000>'],
        [4, '7 close(5) = 0 <0.000000>'],
        [5, '7 sendto(6, "q", 1, 0, NULL, 0) = 1 <0.000000>'],
        [5.5, '7 recvfrom(6, "a", 1, 0, NULL, NULL) = 1 <0.000000>'],
        [
          6,
          `7 connect(8, {sa_family=AF_INET, ${address}, 16) = -1 EINPROGRESS (Operation now in progress) <0.000001>`,
        ],
        [7, '7 write(8, "q", 1) = 1 <0.000000>'],
        [7.25, '7 read(8, "aaa", 9) = 3 <0.000000>'],
      ),
    );
    expect(
      report.conversations.map(({ name, fd, self, protocol, sides: [a, b] }) => [
        name,
        fd,
        self,
        protocol,
        a.totalNs + b.totalNs,
      ]),
    ).toEqual([
      ['fd 6', 6, null, null, 0.5e9],
      ['10.0.0.9:40000->?', 5, 'server', null, 1e9],
      ['?->10.0.0.9:40000', 8, 'client', null, 0.25e9],
    ]);
  });

  it('messages are counted by their lengths, a peek moves nothing, a reset ends it', async () => {
    const report = await look(
      strace(
        [1, `7 recvfrom(${ACCEPTED}, "q", 4096, MSG_PEEK, NULL, NULL) = 9 <0.000000>`],
        [2, `7 recvfrom(${ACCEPTED}, "q", 4096, 0, NULL, NULL) = 9 <0.000000>`],
        [
          3,
          `7 sendmmsg(${ACCEPTED}, [{msg_hdr={}, msg_len=20}, {msg_hdr={}, msg_len=4}], 2, 0) = 2 <0.000000>`,
        ],
        [
          4,
          `7 recvfrom(${ACCEPTED}, 0x7ff, 4096, 0, NULL, NULL) = -1 ECONNRESET (Connection reset by peer) <0.000000>`,
        ],
      ),
    );
    expect(sides(report)).toEqual([
      ['client', 0, 0, 9],
      ['server', 1, 1, 24],
    ]);
    expect(report.conversations[0]).toMatchObject({ ended: 'reset', open: { side: 'client', end: 'reset' } });
  });

  it('a parent closes its copy, the child goes on', async () => {
    const report = await look(
      strace(
        [1, `7 accept4(3<TCP:[10.0.0.1:80]>, NULL, NULL, 0) = ${ACCEPTED} <0.000000>`],
        [1.5, `7 recvfrom(${ACCEPTED}, "q", 4096, 0, NULL, NULL) = 9 <0.000000>`],
        [2, `7 close(${ACCEPTED}) = 0 <0.000000>`],
        [4, `8 sendto(${ACCEPTED}, "a", 1, 0, NULL, 0) = 1 <0.000000>`],
      ),
    );
    expect(report.conversations).toHaveLength(1);
    expect(sides(report)).toEqual([
      ['client', 0, 0, 9],
      ['server', 1, 2.5, 1],
    ]);
  });
});

describe('a request that makes no sense', () => {
  it.each([
    [{ top: 0 }, '--top 0: of conversations it takes a whole number from 1 to 1000'],
    [{ top: 5000 }, '--top 5000: of conversations it takes a whole number from 1 to 1000'],
    [{ from: '17:00:02', to: '17:00:01' }, '--to is not later than --from: there is nothing in between'],
  ])('%j is refused', async (options, message) => {
    const text = sysdig([1, `7 > read ${FD} size=1`]);
    await expect(look(text, options)).rejects.toThrow(new UsageError('option', message));
  });

  it('no input', async () => {
    await expect(findConversations([])).rejects.toThrow(
      'no input: name a trace file, or - for standard input',
    );
  });
});
