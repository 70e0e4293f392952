import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KERNEL, KernelLineMemory, type LineMemory, PlainLineMemory } from '../../src/input/newlines.js';

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

describe('line ends', () => {
  it('both searches agree with each other and with the obvious loop', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE);
    const plain = new PlainLineMemory(SIZE);
    fc.assert(
      fc.property(text, fc.nat(SIZE), fc.boolean(), (bytes, from, closeLast) => {
        const start = Math.min(from, bytes.length);
        const end = bytes.length;
        const ends: number[] = [];
        for (let i = start; i < end; i++) if (bytes[i] === 10) ends.push(i);
        const newlines = ends.length;
        if (closeLast && start < end && bytes[end - 1] !== 10) ends.push(end);
        let odd = false;
        for (let i = start; i < end - 1; i++)
          if (bytes[i] === 10 && !(bytes[i + 1]! >= 0x30 && bytes[i + 1]! <= 0x39)) odd = true;
        for (const memory of [kernel, plain]) {
          filled(memory, bytes);
          expect([...memory.index(start, end, closeLast)]).toEqual(ends);
          expect(memory.survey(start, end)).toBe(odd ? -1 : newlines);
        }
      }),
    );
  });

  it('both find a literal where the obvious search does', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE);
    const plain = new PlainLineMemory(SIZE);
    fc.assert(
      fc.property(
        text,
        fc.nat(SIZE),
        fc.oneof(fc.constant(null), fc.tuple(fc.nat(SIZE), fc.integer({ min: 1, max: 64 }))),
        fc.integer({ min: 1, max: 3 }),
        (bytes, from, cut, length) => {
          const whole = Buffer.from(bytes);
          const start = Math.min(from, bytes.length);
          const literal = cut ? whole.subarray(cut[0], cut[0] + cut[1]) : Buffer.alloc(length, 0x31);
          if (literal.length === 0) return;
          const at = whole.indexOf(literal, start);
          for (const memory of [kernel, plain]) {
            filled(memory, bytes).setLiteral(literal);
            expect(memory.find(start, bytes.length)).toBe(at < 0 ? bytes.length : at);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a block may be nothing but newlines', () => {
    const kernel = new KernelLineMemory(SIZE, SIZE);
    kernel.bytes.fill(10);
    expect(kernel.index(0, SIZE, false).length).toBe(SIZE);
    expect(kernel.survey(3, SIZE)).toBe(-1);
    for (let i = 0; i < SIZE; i += 2) kernel.bytes[i] = 0x30;
    expect(kernel.survey(0, SIZE)).toBe(SIZE / 2);
  });

  it('the module in newlines.ts is the one that newlines.wat compiles to', () => {
    const script = fileURLToPath(new URL('../build/wasm.mjs', import.meta.url));
    const out = execFileSync(process.execPath, [script, 'input/newlines'], { encoding: 'utf8' });
    expect(out.trim()).toBe(`input/newlines ${KERNEL}`);
  });
});
