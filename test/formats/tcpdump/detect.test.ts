/** What is recognised and what is refused; tcpdump's own messages; dumps. */
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/formats/format.js';
import { FORMATS } from '../../../src/formats/registry.js';
import { tcpdump } from '../../../src/formats/tcpdump/format.js';
import { sampleFiles, sampleText } from '../../samples.js';
import { decode, HAS_TCPDUMP, openDecoder, print, readAll } from './decode.js';
import { captureOf, ethernet, ipv4, tcp, udp } from './packets.js';

function detect(text: string | Buffer, complete = true, format = tcpdump): Verdict {
  return format.detect(
    { bytes: Buffer.from(text), complete, path: undefined },
    { forced: false, layout: undefined },
  );
}

const ADVERT =
  'IP 10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20';

/** Adverts at these times. */
function adverts(...times: string[]): string {
  return times.map((time) => `${time} ${ADVERT}\n`).join('');
}

describe('detect', () => {
  it.each([...sampleFiles('sysdig'), ...sampleFiles('strace'), ...sampleFiles('tcpdump')])(
    '%s is taken by its own format alone',
    (file) => {
      const bytes = sampleText(file).subarray(0, 64 << 10);
      const head = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
      const takers = FORMATS.filter((format) => detect(head, true, format).kind === 'mine').map(
        (f) => f.name,
      );
      const folder = file.split('/')[0]!;
      expect([[folder], []]).toContainEqual(takers);
      if (folder === 'tcpdump') expect(takers).toEqual(['tcpdump']);
    },
  );

  it('waits for the second packet, which shows what stands between', () => {
    expect(detect(adverts('17:00:00.000001'), false)).toEqual({ kind: 'undecided' });
    expect(detect(adverts('17:00:00.000001'), true)).toMatchObject({ kind: 'mine' });
    expect(detect(adverts('17:00:00.000001', '17:00:01.000001'), false)).toMatchObject({
      kind: 'mine',
      line: 2,
    });
  });

  it('takes nothing for the whole of what stands between before it is there', () => {
    const [first, second] = [`17:00:00.000001 ${ADVERT}`, `17:00:01.000001 ${ADVERT}`];
    const between = `${first}\n    more of it\n`;
    expect(detect(between, false)).toEqual({ kind: 'undecided' });
    for (const payload of ['', 'E..(.....p\n'])
      expect(detect(`${between}${payload}${second}\n`, false)).toMatchObject({ kind: 'mine', line: 3 });
  });

  it('refuses -t, and says why', () => {
    const reason =
      "tcpdump's text without timestamps (-t): no time, no gaps. Print it again with: tcpdump -tttt -n -r FILE";
    expect(detect(`${ADVERT}\n`)).toEqual({ kind: 'refused', reason });
    expect(detect(`${ADVERT}\n`.repeat(7), false)).toEqual({ kind: 'undecided' });
    expect(detect(`${ADVERT}\n`.repeat(8), false)).toEqual({ kind: 'refused', reason });
    expect(detect('ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28\n')).toEqual({
      kind: 'refused',
      reason,
    });
  });

  it.each([
    '17:00:00.000001 read(3, "", 1) = 0\n',
    '1 17:00:00.000000001 0 a (1) > read fd=1\n',
    '17:00:00.000001 IP over Avian Carriers\n',
    '17:00:00.00001 IP 10.0.0.1 > 10.0.0.2: UDP, length 1\n',
    '25:00:00.000001 IP 10.0.0.1 > 10.0.0.2: UDP, length 1\n',
    '2026-13-01 17:00:00.000001 IP 10.0.0.1 > 10.0.0.2: UDP, length 1\n',
    'a > b: c\n',
    '',
  ])('leaves %j to others', (text) => {
    expect(detect(text).kind).toBe('not-mine');
  });
});

describe('times', () => {
  const times = (text: string) => readAll(openDecoder(text), text).map(({ ns, time }) => [ns, time]);

  it('midnight', () => {
    expect(times(adverts('23:59:59.500000', '00:00:01.000000'))).toEqual([
      [86_399.5e9, '23:59:59.500000'],
      [86_401e9, '00:00:01.000000'],
    ]);
    expect(
      times(adverts('2026-12-31 23:59:59.500000', '2027-01-01 00:00:01.000000')).map(([ns]) => ns),
    ).toEqual([0.5e9, 2e9]);
  });

  it('-ttt is added up, -ttttt is not', () => {
    expect(times(adverts(' 00:00:00.000000', ' 00:00:01.000735', ' 00:00:01.000826'))).toEqual([
      [0, '00:00:00.000000'],
      [1_000_735_000, '00:00:01.000735'],
      [2_001_561_000, '00:00:02.001561'],
    ]);
    expect(
      times(adverts(' 00:00:00.000000', ' 00:00:01.000735', ' 00:00:02.001561')).map(([ns]) => ns),
    ).toEqual([0, 1_000_735_000, 2_001_561_000]);
    const late = adverts(' 00:00:00.000000', ' 00:00:02.000000', '-00:00:00.000500', ' 00:00:01.000000');
    expect(times(late).map(([ns]) => ns)).toEqual([0, 2e9, 1_999_500_000, 2_999_500_000]);
    expect(openDecoder(late).notes()).toEqual([
      'the times were taken as differences to the packet before (-ttt) and added up',
    ]);
  });

  it('-ttttt of more than a day', () => {
    const hours = Array.from({ length: 30 }, (_, i) => i);
    const printed = hours.map((hour) => ` ${String(hour % 24).padStart(2, '0')}:00:00.000000`);
    expect(times(adverts(...printed)).map(([ns]) => ns)).toEqual(hours.map((hour) => hour * 3600e9));
  });
});

describe("tcpdump's own messages", () => {
  const HEAD =
    'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n';
  const TAIL = '2 packets captured\n4 packets received by filter\n3 packets dropped by kernel\n';

  it('are ignored, and a drop is told', () => {
    const text = `${HEAD}${adverts('17:00:00.000001', '17:00:01.000001')}^C${TAIL}`;
    const { decoder, events } = decode(text);
    expect(events.map(({ num }) => num)).toEqual([1, 2]);
    expect(decoder.counts).toEqual({ records: 2, ignored: 5, unparsed: 0, events: 2 });
    expect(decoder.traits().dropped).toBe(3);
    expect(decoder.traits(text.indexOf('^C')).dropped).toBeUndefined();
    expect(decoder.notes().join()).toContain('tcpdump dropped 3 packets and does not say when');
  });

  it('in the middle of a line are taken out of it, wherever they stand', () => {
    const lines = adverts('17:00:00.000001', '17:00:01.000001', '17:00:02.000001');
    const whole = decode(lines).events.map(({ ns, type }) => [ns, type]);
    const last = lines.lastIndexOf('17:00:02');
    for (let at = last + 1; at < lines.length; at++) {
      const { decoder, events } = decode(`${HEAD}${lines.slice(0, at)}${TAIL}${lines.slice(at)}`);
      expect(decoder.problems, `cut at ${at - last}`).toEqual([]);
      expect(events.map(({ ns, type }) => [ns, type])).toEqual(whole);
      expect(decoder.traits().dropped).toBe(3);
    }
  });

  it('no drop, no word', () => {
    const { decoder } = decode(
      adverts('17:00:00.000001') + TAIL.replace('3 packets dropped', '0 packets dropped'),
    );
    expect(decoder.traits().dropped).toBeUndefined();
    expect(decoder.notes()).toEqual([]);
  });
});

describe.skipIf(!HAS_TCPDUMP)('-A', () => {
  const at = (i: number): bigint => 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000_000n;
  const log = adverts('22:13:21.000001', '22:13:22.000001', '22:13:50.000001');
  const payloads: (readonly [string, string])[] = [
    ['a log of tcpdump', log],
    ['the same behind blank lines', `\n\n${log}\n\n`],
    ['the same with CRLF', log.replaceAll('\n', '\r\n')],
    ['blank lines', '\n\n\n'],
    ['tabs', '\tHost: x\n\t0x0000:  4500\n'],
    ["tcpdump's messages", '12 packets captured\n0 packets dropped by kernel\n'],
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ];

  for (const [what, payload] of payloads) {
    it.each([['-n'], ['-n', '-v'], ['-n', '-e'], ['-n', '-#'], ['-tttt', '-n'], ['-n', '-q']])(
      `${what} as payload: %s %s`,
      (...options: (string | undefined)[]) => {
        const frames = [
          udp(1, 2, Buffer.from('x')),
          tcp(3, 4, 24, Buffer.from(payload)),
          udp(1, 2, Buffer.from(payload)),
          udp(5, 6, Buffer.from('end')),
        ];
        const capture = captureOf(
          frames.map((data, i) => ({ ns: at(i), frame: ethernet(0x800, ipv4(i === 1 ? 6 : 17, data)) })),
        );
        const given = options.filter((option) => option !== undefined);
        const { decoder, events } = decode(print(capture, '-A', ...given));
        expect(events.map(({ type }) => type)).toEqual(['udp', 'tcp', 'udp', 'udp']);
        expect(decoder.problems).toEqual([]);
        expect(events.map(({ num }) => num)).toEqual([1, 2, 3, 4]);
      },
    );
  }

  it('of a capture cut short (-s) has each packet', () => {
    const packets = Array.from({ length: 40 }, (_, i) => {
      const frame = ethernet(0x800, ipv4(6, tcp(3, 4, 24, Buffer.alloc(i % 3 === 0 ? 10 : 900 + i, 0x61))));
      return { ns: at(i), frame: frame.subarray(0, 96), wireLength: frame.length };
    });
    for (const options of [['-n'], ['-n', '-v'], ['-n', '-e']]) {
      const { events } = decode(print(captureOf(packets), '-A', ...options));
      expect(events, options.join(' ')).toHaveLength(40);
    }
  });
});
