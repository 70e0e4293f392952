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
