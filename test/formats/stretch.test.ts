/** Stretches of a trace read again: their memories are used again, whatever was in them. */
import { expect, it } from 'vitest';
import { visitStretch } from '../../src/formats/stretch.js';
import type { TraceSource } from '../../src/formats/trace-source.js';
import { scanned } from '../samples.js';

const SAMPLES = ['sysdig/starve_fifo.both.txt.gz', 'strace/block_futex.f_tt_T_y.txt'];

/** Every event by its number and time, those that come as rows among them; so many at the most. */
async function visited(source: TraceSource, most: number): Promise<string[]> {
  const seen: string[] = [];
  const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
  await visitStretch(
    [source],
    NEGATIVE_INFINITY,
    POSITIVE_INFINITY,
    (e, timeNs) => (seen.push(`${e.num} ${timeNs}`) < most ? undefined : false),
    null,
    (rows) => {
      for (let at = 0; at < rows.count; at++) {
        const e = rows.view(at);
        seen.push(`${e.num} ${e.timeNs + rows.shiftNs} ${e.type()}`);
      }
      return seen.length < most ? undefined : false;
    },
  );
  return seen;
}

/** How many WebAssembly memories are made meanwhile. */
async function memoriesMade(work: () => Promise<void>): Promise<number> {
  const { Memory } = WebAssembly;
  let made = 0;
  const counted = new Proxy(Memory, {
    construct(target, [limits]: ConstructorParameters<typeof Memory>) {
      made++;
      return new target(limits);
    },
  });
  Object.assign(WebAssembly, { Memory: counted });
  try {
    await work();
  } finally {
    Object.assign(WebAssembly, { Memory });
  }
  return made;
}

it('a hundred of them, to their ends or not, need no more memories than the first', async () => {
  const source = await scanned(SAMPLES[0]!);
  await visited(source, 10);
  const made = await memoriesMade(async () => {
    for (let i = 1; i <= 100; i++) await visited(source, i % 2 ? i : Number.POSITIVE_INFINITY);
  });
  expect(made).toBe(0);
  await source.close();
});

it('what another trace left in a memory shows in none', async () => {
  const sources = await Promise.all(SAMPLES.map(scanned));
  const first: string[][] = [];
  for (const source of sources) first.push(await visited(source, Number.POSITIVE_INFINITY));
  for (const at of [1, 0, 0, 1])
    expect(await visited(sources[at]!, Number.POSITIVE_INFINITY)).toEqual(first[at]);
  for (const events of first) expect(events.length).toBeGreaterThan(100);
  await Promise.all(sources.map((source) => source.close()));
});
