import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SysdigDecoder } from '../../../src/formats/sysdig/decoder.js';
import { KERNEL } from '../../../src/formats/sysdig/heads.js';
import type { LineBlock } from '../../../src/input/blocks.js';
import { KernelLineMemory, SPARE } from '../../../src/input/newlines.js';
import { EventView, toRecord } from '../../../src/model/event.js';
import { linesBlock } from './decoding.js';

const LAYOUT = { times: 'time-of-day', hasDir: true, originSeconds: null } as const;

/** Everything that the decoder makes of the lines, by the kernel or without it. */
function decoded(text: Buffer, byKernel: boolean): unknown[] {
  const decoder = new SysdigDecoder(LAYOUT);
  decoder.open(byKernel ? kernelBlock(text) : linesBlock(text));
  const events: unknown[] = [];
  const e = new EventView();
  while (decoder.next(e)) {
    const { offset, line, pid, timeStart, timeEnd, nameStart, nameEnd, argsStart, argsEnd, recordEnd } = e;
    const places = {
      offset,
      line,
      pid,
      timeStart,
      timeEnd,
      nameStart,
      nameEnd,
      argsStart,
      argsEnd,
      recordEnd,
    };
    events.push({ ...toRecord(e, decoder.timeText(e)), ...places });
  }
  return [events, decoder.counts, decoder.problems, decoder.clock, decoder.traits()];
}

function kernelBlock(text: Buffer): LineBlock {
  const memory = new KernelLineMemory(text.length + 64, text.length + 64, null, SPARE);
  text.copy(memory.bytes);
  const ends = memory.index(0, text.length, true);
  return { ...linesBlock(text), bytes: memory.bytes, ends, space: memory.space };
}

/** Pieces that lines are made of, good ones and such as may mislead. */
const piece = fc.constantFrom(
  ...[
    '1 ',
    '368250 ',
    '1234567890123456 ',
    '17:01:21.339942868 ',
    '23:59:60.000000000 ',
    '24:00:00.000000000 ',
  ],
  ...['17:01:21.33994286 ', '17:01:2x.339942868 ', '1700000000.000000001 ', '\0\0\0\0\0\0\0\0.000000000 '],
  ...['0 ', '15 ', '999 ', '1000 ', '70000 ', 'x '],
  ...[
    'keepalived ',
    '<NA> ',
    'a (5) > x ',
    'two words ',
    'a(b) ',
    'very long name that goes on and on and on ',
    '',
  ],
  ...['(10400) ', '(0) ', '(1234567890) ', '(-1) ', '(5:7) ', '(5.7) ', '(<NA>.15) ', '( ', '() '],
  ...['> ', '< ', '>', '', '> > '],
  ...['sendmsg ', 'x', 'a_type_with_a_name_longer_than_any_vector ', 'switch', ''],
  ...['fd=13(<4>) ', '(odd) ', 'data=', 'data=\n  0x0000: 41 41', '   ', 'res=0 \r', '\x1b[0m', 'é'],
);
const line = fc.oneof(
  fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.nat(), fc.nat(999_999_999), fc.nat(200), fc.nat(2 ** 31), fc.boolean())
    .map(
      ([num, ns, cpu, tid, enter]) =>
        `${num} 17:01:21.${String(ns).padStart(9, '0')} ${cpu} keepalived (${tid}) ${enter ? '>' : '<'} sendmsg fd=3 `,
    ),
);

describe('the kernel of heads', () => {
  it('is what its source compiles to', () => {
    const script = fileURLToPath(new URL('../../build/wasm.mjs', import.meta.url));
    const out = execFileSync(process.execPath, [script, 'formats/sysdig/heads'], { encoding: 'utf8' });
    expect(out.trim()).toBe(`formats/sysdig/heads ${KERNEL}`);
  });

  it('and the long way make the same of any lines', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12, size: 'max' }), fc.boolean(), (lines, closed) => {
        const text = Buffer.from(lines.join('\n') + (closed ? '\n' : ''));
        expect(decoded(text, true)).toEqual(decoded(text, false));
      }),
      { numRuns: 2000 },
    );
  });

  const samples = new URL('../../../samples/sysdig/', import.meta.url);
  it.each(readdirSync(samples).filter((name) => name.endsWith('.txt')))('and of %s', (name) => {
    const text = readFileSync(new URL(name, samples));
    expect(decoded(text, true)).toEqual(decoded(text, false));
  });

  it('takes nearly every line of a real trace', () => {
    const text = readFileSync(new URL('sigstop3.both.txt', samples));
    const memory = kernelBlock(text);
    const decoder = new SysdigDecoder(LAYOUT);
    let long = 0;
    const decodeLine = Reflect.get(decoder, 'decodeLine') as (...args: unknown[]) => unknown;
    Reflect.set(decoder, 'decodeLine', (...args: unknown[]) => {
      long++;
      return decodeLine.apply(decoder, args);
    });
    decoder.open(memory);
    for (const e = new EventView(); decoder.next(e); );
    expect(long).toBeLessThan(decoder.counts.records / 100);
  });
});
