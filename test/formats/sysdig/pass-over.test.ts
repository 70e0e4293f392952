/** Events that are passed over leave the decoder as if it had decoded them, and none that may match is among them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SysdigDecoder } from '../../../src/formats/sysdig/decoder.js';
import type { LineBlock } from '../../../src/input/blocks.js';
import { KernelLineMemory, SPARE } from '../../../src/input/newlines.js';
import { EventView } from '../../../src/model/event.js';
import { linesBlock } from './decoding.js';

const LAYOUT = { times: 'time-of-day', hasDir: true, originSeconds: null } as const;
const LITERAL = Buffer.from('sendmsg');

function kernelBlock(text: Buffer): LineBlock {
  const memory = new KernelLineMemory(text.length + 64, text.length + 64, null, SPARE);
  text.copy(memory.bytes);
  const ends = memory.index(0, text.length, true);
  return { ...linesBlock(text), bytes: memory.bytes, ends, space: memory.space };
}

function walked(text: Buffer, toNs: number, passing: boolean): unknown {
  const decoder = new SysdigDecoder(LAYOUT);
  decoder.open(kernelBlock(text));
  const e = new EventView();
  const matches: string[] = [];
  const last = { offset: -1, line: -1, timeNs: Number.NaN };
  let decoded = 0;
  while (decoder.clock.latestNs <= toNs && decoder.next(e)) {
    decoded++;
    Object.assign(last, { offset: e.offset, line: e.line, timeNs: e.timeNs });
    if (e.raw().includes('sendmsg')) matches.push(e.raw());
    if (passing) decoder.passOver(LITERAL, 0, toNs, last);
  }
  const { counts, clock, problems, consumed } = decoder;
  return { known: { matches, last, counts, clock, problems, consumed, traits: decoder.traits() }, decoded };
}

const line = fc.oneof(
  { weight: 12, arbitrary: fc.constant('0 nginx (7) > read fd=1 size=2 ') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '0 keepalived (10400) > sendmsg fd=13 ',
        '1 nginx (7) < read res=1 data=sendmsg ',
        '0 x (1) > sendmsgx',
      ],
      ...[
        '0 nginx (7) > switch next=0 pgft_maj=0 pgft_min=0 vm_size=0 ',
        '0 a name beyond all (7) < read data=',
      ],
      ...['', 'garbage', '0 <NA> (9) > procexit status=0 ', '0 broken'],
    ),
  },
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.nat(1e6) },
  { weight: 1, arbitrary: fc.constantFrom(-500_000, -2e9, 80_000e9, 50_000e9) },
);

it('as if they had been decoded', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, step), { maxLength: 80, size: 'max' }),
      fc.nat(2e7),
      (lines, within) => {
        let ns = 3600e9;
        const text = lines.map(([rest, by], i) => {
          ns += by;
          const seconds = Math.floor(ns / 1e9) % 86_400;
          const two = (n: number): string => String(n).padStart(2, '0');
          const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
          return rest === '' || rest === 'garbage'
            ? rest
            : `${i + 1} ${time}.${String(ns % 1e9).padStart(9, '0')} ${rest}`;
        });
        const bytes = Buffer.from(`${text.join('\n')}\n`);
        for (const toNs of [Number.POSITIVE_INFINITY, 3600e9 + within])
          expect(walked(bytes, toNs, true)).toMatchObject({
            known: (walked(bytes, toNs, false) as { known: object }).known,
          });
      },
    ),
    { numRuns: 1000 },
  );
});

it('most of a plain trace is passed over', () => {
  const lines = Array.from(
    { length: 3000 },
    (_, i) =>
      `${i} 01:00:00.${String(i * 1000).padStart(9, '0')} 0 nginx (7) > ${i % 500 === 7 ? 'sendmsg' : 'read'} fd=1 `,
  );
  expect(walked(Buffer.from(lines.join('\n')), Number.POSITIVE_INFINITY, true)).toMatchObject({
    known: { counts: { records: 3000, events: 3000 }, matches: { length: 6 } },
    decoded: 7,
  });
});
