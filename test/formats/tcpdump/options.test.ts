/** Whatever options tcpdump prints a capture with, it is the same events at the same times. */
import { describe, expect, it } from 'vitest';
import { decode, HAS_TCPDUMP, print } from './decode.js';
import { captureOf, cooked, FRAMES, manyPackets } from './packets.js';

const TIMES = [[], ['-tt'], ['-ttt'], ['-tttt'], ['-ttttt']];
const FORMS = [
  ['-n'],
  ['-n', '-e'],
  ['-n', '-v'],
  ['-n', '-vvv'],
  ['-n', '-q'],
  ['-n', '-q', '-e'],
  ['-n', '-#'],
  ['-n', '-S'],
  ['-n', '-A'],
  ['-n', '-AA'],
  ['-n', '-X'],
  ['-n', '-XX'],
  ['-n', '-x'],
  ['-n', '-xx'],
  ['-n', '-e', '-vvv', '-#', '-A'],
  ['-n', '-v', '-X'],
  ['-n', '-vv', '-e', '-#', '-xx'],
];

interface Reading {
  readonly ns: number;
  readonly type: string;
}

/** From the seconds that -tt prints, by other means. */
function reference(capture: Buffer, ...options: string[]): number[] {
  const lines = print(capture, '-tt', '-n', ...options)
    .toString()
    .split('\n')
    .filter((line) => /^\d{10}\./.test(line));
  const times = lines.map((line) =>
    BigInt(line.slice(0, line.indexOf(' ')).replace('.', '').padEnd(19, '0')),
  );
  return times.map((time) => Number(time - times[0]!));
}

describe.skipIf(!HAS_TCPDUMP)('packets of all kinds, printed by tcpdump', () => {
  const capture = HAS_TCPDUMP ? captureOf(manyPackets(2)) : Buffer.alloc(0);
  const types = [...FRAMES, ...FRAMES].map(([type]) => type);

  for (const time of TIMES) {
    for (const form of FORMS) {
      for (const precision of ['--micro', '--nano']) {
        it([...time, ...form, precision].join(' '), () => {
          const text = print(capture, ...time, ...form, precision);
          const { decoder, events } = decode(text);
          expect(decoder.problems).toEqual([]);
          expect(decoder.counts.unparsed).toBe(0);
          const firstNs = events[0]!.ns!;
          const readings: Reading[] = events.map(({ ns, type }) => ({ ns: ns! - firstNs, type }));
          const expected = reference(capture, precision);
          expect(readings).toEqual(expected.map((ns, i) => ({ ns, type: types[i] })));
          expect(events.map(({ num }) => num)).toEqual(expected.map((_, i) => i + 1));
        });
      }
    }
  }

  it.each([276, 113])('link type %i (-i any)', (linkType) => {
    const packets = manyPackets().filter(({ frame }) => frame.readUInt16BE(12) >= 0x600);
    const any = captureOf(
      packets.map((packet, i) => ({ ...packet, frame: cooked(packet.frame, i % 5, linkType) })),
      linkType,
    );
    const expected = packets.map(({ frame }) => FRAMES.find((made) => made[1].equals(frame))![0]);
    for (const form of FORMS) {
      const { decoder, events } = decode(print(any, ...form));
      const label = form.join(' ');
      expect(decoder.problems, label).toEqual([]);
      // With -q tcpdump does not say what it does not know.
      const types = form.includes('-q')
        ? expected.map((type) => type.replace(/^ethertype-.*/, 'unknown'))
        : expected;
      expect(
        events.map(({ type }) => type),
        label,
      ).toEqual(types);
      const hasColumns = (i: number): boolean =>
        linkType === 276 || form.includes('-e') || expected[i]!.startsWith('ethertype');
      const dirs = ['<', '<', '<', '<', '>'];
      expect(
        events.map(({ dir }) => dir),
        label,
      ).toEqual(events.map((_, i) => (hasColumns(i) ? dirs[i % 5] : null)));
    }
  });
});
