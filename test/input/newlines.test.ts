import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  KERNEL,
  KernelLineMemory,
  type LineMemory,
  PlainLineMemory,
  SPARE,
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
  .array(fc.constantFrom(0x0a, 0x31, 0x39, 0x41, 0x20, 0x2f, 0x3a, 0xff), { maxLength: SIZE })
  .map((codes) => Uint8Array.from(codes));

/** The same, of lines that begin like records, but for some. */
const records = fc
  .array(
    fc
      .tuple(
        fc.constantFrom('1', '9', '1', '9', '0', '0', '3', 'A', ''),
        fc.string({ unit: fc.constantFrom('1', 'A', ' ', '9'), maxLength: 40 }),
      )
      .map((parts) => parts.join('')),
    { maxLength: 30 },
  )
  .map((lines) => Uint8Array.from(Buffer.from(lines.join('\n')).subarray(0, SIZE)));

function obviousPicks(bytes: Buffer, start: number, literal: Buffer): number[] | null {
  const end = bytes.lastIndexOf(10) + 1;
  if (end <= start) return null;
  const lines = bytes.toString('latin1', start, end - 1).split('\n');
  if (lines.slice(1).some((line) => !/^[0-9]/.test(line))) return null;
  const picked: number[] = [];
  let at = start;
  for (const [i, line] of lines.entries()) {
    const wanted = line.includes(literal.toString('latin1')) || i === lines.length - 1;
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

  it('a block may be nothing but newlines', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE, null, SPARE);
    kernel.bytes.fill(10);
    expect(kernel.index(0, SIZE, false).length).toBe(SIZE);
    kernel.setLiteral(Buffer.from('1'));
    expect(kernel.picks(3, SIZE)).toBe(null);
    for (let i = 0; i < SIZE; i += 2) kernel.bytes[i] = 0x30;
    expect(kernel.picks(0, SIZE)!.slice(0, 4)).toEqual(Uint32Array.of(1, SIZE - 1, SIZE / 2, 1));
  });

  it('the module in newlines.ts is the one that newlines.wat compiles to', () => {
    const script = fileURLToPath(new URL('../build/wasm.mjs', import.meta.url));
    const out = execFileSync(process.execPath, [script, 'input/newlines'], { encoding: 'utf8' });
    expect(out.trim()).toBe(`input/newlines ${KERNEL}`);
  });
});
