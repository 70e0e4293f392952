/** A record is a copy of its view, also where its strings are cut out of the record's instead of being decoded. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventView, toRecord } from '../../src/model/event.js';

const byte = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0xc3,
      0xa4,
      0xe6,
      0xbc,
      0xa2,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xff,
      0,
      0xef,
      0xbb,
      0xbf,
    ),
  },
);

it('says what the view says, whatever the bytes', () => {
  fc.assert(
    fc.property(
      fc.array(byte, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(fc.nat(40), { minLength: 8, maxLength: 8 }),
      fc.constantFrom('block', 'name', 'text'),
      (bytes, places, apart) => {
        const e = new EventView();
        const block = Buffer.from(bytes);
        const at = places.map((place) => Math.min(place, block.length));
        e.block = e.text = e.name = block;
        if (apart !== 'block') e[apart] = Buffer.from(bytes.toReversed());
        [e.recordStart, e.recordEnd] = [Math.min(at[0]!, at[1]!), Math.max(at[0]!, at[1]!)];
        [e.argsStart, e.argsEnd] = [at[2]!, at[3]!];
        [e.nameStart, e.nameEnd] = [at[4]! - 1, at[5]!];
        [e.typeStart, e.typeEnd] = [at[6]!, at[7]!];
        const { args, proc, raw, type } = toRecord(e, null);
        expect({ args, proc, raw, type }).toEqual({
          args: e.args(),
          proc: e.proc() ?? null,
          raw: e.raw(),
          type: e.type(),
        });
      },
    ),
    { numRuns: 5000 },
  );
});
