/** Sources merged in the order of time. */
import { describe, expect, it } from 'vitest';
import { MergeQueue } from '../../src/formats/timeline.js';
import type { TraceSource } from '../../src/formats/trace-source.js';

/** As far as a queue looks at a source. */
function standingAt(index: number, timeNs: number): TraceSource {
  return { index, shiftNs: 0, event: { timeNs } } as TraceSource;
}

function order(queue: MergeQueue): number[] {
  const taken: number[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push(next.source.index);
  return taken;
}

describe('MergeQueue', () => {
  it('gives the earliest, of equal ones the first source', () => {
    const queue = new MergeQueue();
    for (const [index, ns] of [3, 1, 2, 1].entries())
      queue.add(standingAt(index, ns), Number.NEGATIVE_INFINITY);
    expect(queue.earliestNs).toBe(1);
    expect(order(queue)).toEqual([1, 3, 2, 0]);
    expect(queue.earliestNs).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['an event without a time', Number.NaN],
    ['a late event', 5],
  ])('%s stands where its source was delivered up to', (_, timeNs) => {
    const queue = new MergeQueue();
    queue.add(standingAt(0, timeNs), 20);
    queue.add(standingAt(1, 10), Number.NEGATIVE_INFINITY);
    queue.add(standingAt(2, 30), Number.NEGATIVE_INFINITY);
    expect(order(queue)).toEqual([1, 0, 2]);
  });
});
