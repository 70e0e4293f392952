/** Texts that are made of others, or kept, are what the bytes say. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventView } from '../../src/model/event.js';
import { readResult, wasInterrupted } from '../../src/why/arguments.js';
import { argumentsIn, mayNameError, rawOf, textOf, typeOf } from '../../src/why/event-text.js';

const bytes = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.string({ maxLength: 40, size: 'max' }).map((text) => Buffer.from(text, 'latin1')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12, size: 'max' }).map((part) => Buffer.from(part)) },
  { weight: 1, arbitrary: fc.nat({ max: 2500 }).map((length) => Buffer.alloc(length, 'x')) },
);
/** Types whose codes are alike, too. */
const type = fc.constantFrom(
  'read',
  'rxad',
  'write',
  'wxite',
  'fsync',
  'fxync',
  '',
  'f'.repeat(40),
  'r\xe9ad',
);

it('gives type and arguments as they stand in the record', () => {
  fc.assert(
    fc.property(bytes, type, bytes, bytes, fc.boolean(), (before, name, args, behind, isApart) => {
      const parts = [before, Buffer.from(name, 'latin1'), args, behind];
      const e = new EventView();
      e.block = Buffer.concat(parts);
      e.text = isApart ? Buffer.from(e.block) : e.block;
      e.recordStart = before.length >> 1;
      e.recordEnd = e.block.length - (behind.length >> 1);
      e.typeStart = before.length;
      e.typeEnd = e.argsStart = e.typeStart + name.length;
      e.argsEnd = e.argsStart + args.length;
      expect(typeOf(e)).toBe(e.type());
      expect(argumentsIn(e, rawOf(e))).toBe(textOf(e));
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['0', false],
  ['3</tmp/EINTR>', false],
  ['-1 EAGAIN (Resource temporarily unavailable)', false],
  ['-1 EINTR (Interrupted system call)', true],
  ['? ERESTARTSYS (To be restarted if SA_RESTART is set)', true],
  ['?', false],
])('takes the result %s for an interruption: %s', (text, isInterruption) => {
  const e = new EventView();
  e.text = Buffer.from(text);
  e.argsEnd = text.length;
  expect(wasInterrupted(readResult(text, false))).toBe(isInterruption);
  if (isInterruption) expect(mayNameError(e)).toBe(true);
});
