import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  giveBack,
  KERNEL,
  KernelLineMemory,
  type LineMemory,
  PlainLineMemory,
  SPARE,
  takeMemory,
} from '../../src/input/newlines.js';
import { PICK_LENGTH, PICKED, PICKS_AT } from '../../src/input/part-table.js';

const SIZE = 700;

function filled(memory: LineMemory, bytes: Uint8Array): LineMemory {
  memory.bytes.fill(0xff);
  memory.bytes.set(bytes);
  return memory;
}

/** Text of digits, newlines and a few letters, so that every shape is common. */
const text = fc
  .array(fc.constantFrom(0x0a, 0x31, 0x39, 0x41, 0x20, 0x2f, 0x3a, 0xff), { maxLength: SIZE, size: 'max' })
  .map((codes) => Uint8Array.from(codes));

/** Lines that begin like records, one behind the other, but for some. */
const records = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 40, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      fc.string({ unit: fc.constantFrom('1', 'A', ' ', '9'), maxLength: 40, size: 'max' }),
      fc.oneof(
        { weight: 60, arbitrary: fc.constantFrom('', '', '\r') },
        { weight: 1, arbitrary: fc.constantFrom('=', '=\r') },
      ),
    ),
    { maxLength: 30, size: 'max' },
  )
  .map((lines) => {
    const texts = lines.map(
      ([isRecord, body, end], i) => `${isRecord ? `${HEAD}${1000 + i} ` : ''}${body}${end}`,
    );
    return Uint8Array.from(Buffer.from(texts.join('\n')).subarray(0, SIZE));
  });
const HEAD = '1 17:01:21.33994';

/** Room for several rounds of the kernel. */
const LARGE = 60_000;
const DAY_NS = 86_400_000_000_000;

/** How the same time may be printed, nanoseconds of a day. */
const PRINTED: readonly ((ns: number) => string)[] = [
  (ns) => `${clock(ns)}${fraction(ns, 9)}`,
  (ns) => `${clock(ns)}${fraction(ns, 6)}`,
  (ns) => `2026-11-21 ${clock(ns)}${fraction(ns, 6)}`,
  (ns) => `${1_700_000_000 + Math.floor(ns / 1e9)}${fraction(ns, 9)}`,
  (ns) => `${1_700_000_000 + Math.floor(ns / 1e9)}${fraction(ns, 6)}`,
  (ns) => `${Math.floor(ns / 1e9)}${fraction(ns, 9)}`,
];
const clock = (ns: number): string => new Date(Math.floor(ns / 1e6)).toISOString().slice(11, 19);
const fraction = (ns: number, digits: number): string =>
  `.${String(ns % 1e9)
    .padStart(9, '0')
    .slice(0, digits)}`;

/** Lines with times; whether one is late or half a day ahead, behind line 1, which is decoded; whether their lengths change. */
const timedLines = fc
  .record({
    start: fc.oneof(
      fc.integer({ min: 61_280_000_000_000, max: 61_290_000_000_000 }),
      fc.integer({ min: 9_000_000_000, max: 10_100_000_000 }),
      fc.nat(DAY_NS - 1),
    ),
    numbered: fc.boolean(),
    print: fc.constantFrom(...PRINTED),
    lines: fc.array(
      fc.record({
        // Now and then a CPU that was late, or a clock that was set.
        ns: fc.oneof(
          { weight: 200, arbitrary: fc.nat(2_000_000) },
          { weight: 50, arbitrary: fc.nat(2000) },
          { weight: 1, arbitrary: fc.integer({ min: -1000, max: 0 }) },
          { weight: 1, arbitrary: fc.oneof(fc.constant(0), fc.integer({ min: -1_000_000_000, max: 0 })) },
        ),
        body: fc.oneof(
          { weight: 20, arbitrary: fc.nat(120).map((length) => '.'.repeat(length)) },
          { weight: 1, arbitrary: fc.constant('needle') },
        ),
      }),
      { minLength: 2, maxLength: 400, size: 'max' },
    ),
  })
  .map(({ start, numbered, print, lines }) => {
    let ns = start;
    const times = lines.map((line) => {
      ns = (ns + line.ns + DAY_NS) % DAY_NS;
      return print(ns);
    });
    const steps = times.some((time, i) => {
      const before = i > 1 ? times[i - 1]! : time;
      return (
        time.length === before.length && (time < before || Math.abs(hourOf(time) - hourOf(before)) >= 12)
      );
    });
    const lengths = new Set(times.slice(1).map((time) => time.length)).size;
    const isNumbered = numbered && !times[0]!.startsWith('2026-');
    const texts = lines.map(({ body }, i) => `${isNumbered ? `${990 + i} ` : ''}${times[i]} ${body}\n`);
    return { lines: texts, steps: steps || lengths > 1 };
  });
const hourOf = (time: string): number => Number(/(\d\d):/.exec(time)?.[1] ?? 0);

function obviousPicks(bytes: Buffer, start: number, literal: Buffer): number[] | null {
  const end = bytes.lastIndexOf(10) + 1;
  if (end <= start) return null;
  const lines = bytes.toString('latin1', start, end - 1).split('\n');
  const others = lines.slice(1);
  if (others.some((line) => !/^1 17:01:21.33994\d{4}(?!\d)/.test(line) || /=\r?$/.test(line))) return null;
  if (others.length > 0 && start + lines[0]!.length + 1 < 16) return null;
  const picked: number[] = [];
  let at = start;
  for (const [i, line] of lines.entries()) {
    const wanted = line.includes(literal.toString('latin1')) || i === 1 || i === lines.length - 1;
    if (i > 0 && wanted) picked.push(at, at + line.length, i, at - start);
    at += line.length + 1;
  }
  const head = [start + lines[0]!.length, end - 1, lines.length, picked.length / PICK_LENGTH, end - start];
  return [...head, ...picked];
}

describe('line ends', () => {
  it('both searches agree with each other and with the obvious loop', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE, null, SPARE);
    const plain = new PlainLineMemory(SIZE);
    fc.assert(
      fc.property(text, fc.nat(SIZE), fc.boolean(), (bytes, from, closeLast) => {
        const start = Math.min(from, bytes.length);
        const end = bytes.length;
        const ends: number[] = [];
        for (let i = start; i < end; i++) if (bytes[i] === 10) ends.push(i);
        if (closeLast && start < end && bytes[end - 1] !== 10) ends.push(end);
        for (const memory of [kernel, plain]) {
          filled(memory, bytes);
          expect([...memory.index(start, end, closeLast)]).toEqual(ends);
        }
      }),
    );
  });

  it('both pick the lines with a literal that the obvious search does', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE, null, SPARE);
    const plain = new PlainLineMemory(SIZE);
    fc.assert(
      fc.property(
        records,
        fc.nat(SIZE),
        fc.oneof(fc.constant(null), fc.tuple(fc.nat(SIZE), fc.integer({ min: 1, max: 64 }))),
        fc.integer({ min: 1, max: 3 }),
        (bytes, from, cut, length) => {
          const start = Math.min(from, bytes.length);
          const cutOut = cut ? Buffer.from(bytes).subarray(cut[0], cut[0] + cut[1]) : Buffer.alloc(0);
          const literal = cutOut.length === 0 || cutOut.includes(10) ? Buffer.alloc(length, 0x31) : cutOut;
          const expected = obviousPicks(Buffer.from(bytes), start, literal);
          for (const memory of [kernel, plain]) {
            filled(memory, bytes).setLiteral(literal);
            const table = memory.picks(start, bytes.length);
            const used = table && PICKS_AT + PICK_LENGTH * table[PICKED]!;
            const told = table && [...table.subarray(0, 5), ...table.subarray(PICKS_AT, used!)];
            expect(told).toEqual(expected);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('both see where the clock may step on lines that are passed over', () => {
    const kernel = new KernelLineMemory(LARGE, LARGE, null, SPARE);
    const plain = new PlainLineMemory(LARGE);
    const literal = Buffer.from('needle');
    let watched = 0;
    fc.assert(
      fc.property(timedLines, ({ lines, steps }) => {
        const text = Buffer.from(lines.join(''));
        const told = [kernel, plain].map((memory) => {
          filled(memory, text).setLiteral(literal);
          const table = memory.picks(0, text.length);
          return table && [...table.subarray(0, PICKS_AT + PICK_LENGTH * table[PICKED]!)];
        });
        expect(told[0]).toEqual(told[1]);
        const begins = lines[0]!.length >= 16;
        expect(told[0] === null).toBe(steps || (lines.length > 1 && !begins));
        if (told[0]) watched++;
      }),
      { numRuns: 600 },
    );
    expect(watched).toBeGreaterThan(100);
  });

  it('both say the same of lines with any bytes', () => {
    const kernel = new KernelLineMemory(LARGE, LARGE, null, SPARE);
    const plain = new PlainLineMemory(LARGE);
    const change = fc.record({ line: fc.nat(), at: fc.nat(40), byte: fc.nat(255) });
    fc.assert(
      fc.property(timedLines, fc.array(change, { maxLength: 3 }), ({ lines }, changes) => {
        const text = lines.map((line) => Buffer.from(line));
        for (const { line, at, byte } of changes) {
          const bytes = text[line % text.length]!;
          bytes[at % bytes.length] = byte;
        }
        const bytes = Buffer.concat(text);
        const told = [kernel, plain].map((memory) => {
          filled(memory, bytes).setLiteral(Buffer.from('needle'));
          const table = memory.picks(0, bytes.length);
          return table && [...table.subarray(0, PICKS_AT + PICK_LENGTH * table[PICKED]!)];
        });
        expect(told[0]).toEqual(told[1]);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['of day, behind a number', '9 17:01:21.339942868 0 a'],
    ['of day', '17:01:21.339942 IP'],
    ['with a date', '2026-11-21 17:01:21.339942 IP'],
    ['in seconds', '1700000000.339942 IP'],
    ['in seconds, behind a number', '9 1700000000.339942868 0 a'],
    ['in seconds since another time, behind a number', '9 17.339942868 0 a'],
  ])('times %s are watched', (_, line) => {
    const steady = `${line}\n`.repeat(200);
    const changed = (from: string, to: string): string => `${steady}${line.replace(from, to)}\n${steady}`;
    for (const memory of [new KernelLineMemory(LARGE, LARGE, null, SPARE), new PlainLineMemory(LARGE)]) {
      const passes = (text: string): boolean => {
        filled(memory, Buffer.from(text, 'latin1')).setLiteral(Buffer.from('needle'));
        return memory.picks(0, text.length) !== null;
      };
      expect(passes(steady)).toBe(true);
      if (line.startsWith('9 ')) expect(passes(changed('9', '10'))).toBe(true);
      expect(passes(changed('.339942', '.338'))).toBe(false);
      expect(passes(changed('.33994', '.33993'))).toBe(false);
      expect(passes(changed('.339942', '.449'))).toBe(false);
      expect(passes(changed('17', '16'))).toBe(false);
      if (line.includes(':')) expect(passes(changed(':01:21', ':01:60'))).toBe(false);
      expect(passes(changed('17', '18'))).toBe(false);
      const midnight = `${steady.replaceAll('17:', '11:')}${steady.replaceAll('17:', '23:')}`;
      if (line.includes(':')) expect(passes(steady.replaceAll('17:', '12:') + steady)).toBe(true);
      if (line.includes(':')) expect(passes(midnight)).toBe(false);
      expect(passes(changed('.', 'x'))).toBe(false);
      expect(passes(changed('.', '\n'))).toBe(false);
      // A byte that is none of a time does not let the next ones fall.
      const [odd, late] = [
        steady.replaceAll(/[:.](?=\d\d:|\d{6})/g, '\xff'),
        steady.replaceAll('.33', '.32'),
      ];
      expect(passes(steady + odd + late)).toBe(false);
      for (const other of ['2026-11-22', '2027-11-21', '1926-11-21'])
        if (line.startsWith('2026')) expect(passes(changed('2026-11-21', other))).toBe(false);
    }
  });

  it.each([
    ['10 7.339942868 0 a', '9 17.339942868 0 a'],
    ['10 1700000000.339942868 0 a', '9 11700000000.339942868 0 a'],
  ])('a time is not read from its second digit where the number is shorter: %s, %s', (line, other) => {
    const text = Buffer.from(`${line}\n`.repeat(200) + `${other}\n`.repeat(100));
    for (const memory of [new KernelLineMemory(LARGE, LARGE, null, SPARE), new PlainLineMemory(LARGE)]) {
      filled(memory, text).setLiteral(Buffer.from('needle'));
      expect(memory.picks(0, text.length)).toBe(null);
    }
  });

  it('a block may be nothing but newlines', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE, null, SPARE);
    kernel.bytes.fill(10);
    expect(kernel.index(0, SIZE, false).length).toBe(SIZE);
    kernel.setLiteral(Buffer.from('1'));
    expect(kernel.picks(3, SIZE)).toBe(null);
    for (let i = 0; i < SIZE; i += 2) kernel.bytes[i] = 0x30;
    expect(kernel.picks(0, SIZE)).toBe(null);
    expect(kernel.picks(0, 2)!.slice(0, 4)).toEqual(Uint32Array.of(1, 1, 1, 0));
  });

  it('the module in newlines.ts is the one that newlines.wat compiles to', () => {
    const script = fileURLToPath(new URL('../build/wasm.mjs', import.meta.url));
    const out = execFileSync(process.execPath, [script, 'input/newlines'], { encoding: 'utf8' });
    expect(out.trim()).toBe(`input/newlines ${KERNEL}`);
  });
});

it('a memory that was given back is taken again, its spare bytes as in a new one', () => {
  const memory = takeMemory(1 << 16, 1 << 16, SPARE);
  const { space } = memory;
  const spare = new Uint8Array(space.memory.buffer, space.spareAt, space.spareBytes);
  spare.fill(1);
  giveBack(memory);
  expect(takeMemory(1 << 17, 1 << 16, SPARE)).not.toBe(memory);
  expect(takeMemory(1 << 16, 1 << 16, SPARE)).toBe(memory);
  expect(spare.every((byte) => byte === 0)).toBe(true);
  expect(takeMemory(1 << 16, 1 << 16, SPARE)).not.toBe(memory);
});

it('memories that nobody asks for again do not keep out those that are', () => {
  for (let i = 1; i <= 10; i++) giveBack(takeMemory((1 << 16) + i * 512, 1 << 16, SPARE));
  const memory = takeMemory(1 << 16, 1 << 16, SPARE);
  giveBack(memory);
  expect(takeMemory(1 << 16, 1 << 16, SPARE)).toBe(memory);
});
