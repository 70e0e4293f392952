import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ThreadSequences, ValueSequences } from '../../src/gaps/sequences.js';
import { EventView } from '../../src/model/event.js';

describe('sequences beyond the bound', () => {
  it.each([
    ['threads', new ThreadSequences(3)],
    ['values', new ValueSequences([(e) => String(e.tid)], 3)],
  ])('of %s are told from those known', (_, sequences) => {
    const e = new EventView();
    e.source = 0;
    const numbers = [7, 8, 5_000_000, 9, 8, 10, 5_000_000, 7, 6_000_000].map((tid) => {
      e.tid = tid;
      return sequences.of(e);
    });
    expect(numbers).toEqual([0, 1, 2, -2, 1, -2, 2, 0, -2]);
  });
});

describe('sequences of threads', () => {
  /** Ids that lie together, far apart, on the same places, and beyond what a table has. */
  const tid = fc.oneof(
    fc.nat(200),
    fc.nat(4_000_000),
    fc.nat(300).map((n) => 40_000 + n * 2 ** 17),
    fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
    fc.constantFrom(0, -1, 32_767, 32_768, 2 ** 31, 2 ** 32 + 5, 2 ** 53),
  );

  it('are numbered as they come, whatever their ids are', () => {
    fc.assert(
      fc.property(fc.array(tid, { maxLength: 3000, size: 'max' }), (tids) => {
        const sequences = new ThreadSequences();
        const known = new Map<number, number>();
        const e = new EventView();
        for (const id of tids) {
          if (!known.has(id)) known.set(id, known.size);
          e.tid = id;
          expect(sequences.of(e)).toBe(known.get(id));
        }
        for (const [id, sequence] of known) {
          expect(sequences.name(sequence)).toBe(String(id));
          const ahead = Int32Array.of(id);
          sequences.findAll(ahead, 1);
          if (id === (id | 0)) expect([sequence, -1]).toContain(ahead[0]);
        }
      }),
      { numRuns: 50 },
    );
  });
});
