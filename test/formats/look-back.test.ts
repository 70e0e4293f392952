/** Going back shows what a walk from the start shows, wherever it begins: also among lines that are no records. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventRef } from '../../src/formats/format.js';
import { readBefore, readFrom } from '../../src/formats/look-back.js';
import { TraceSource } from '../../src/formats/trace-source.js';
import type { GapInput } from '../../src/input/source.js';
import { type EventRecord, toRecord } from '../../src/model/event.js';
import { samplePath } from '../samples.js';

const PLAIN = '0 nginx (7) > read fd=1 size=2 \n';

/** What stands behind number and time of a record, and the lines up to the next one. */
const part = fc.oneof(
  { weight: 8, arbitrary: fc.constant(PLAIN) },
  { weight: 2, arbitrary: fc.constant(`0 nginx (7) < read res=2 path=${'x'.repeat(700)} \n`) },
  { weight: 1, arbitrary: fc.constant('0 two\nlines (9) > read fd=3 \n') },
  { weight: 1, arbitrary: fc.constant('0 nginx (7) < read res=9 data=\nGET /\n\nHost\n12 apples\n') },
  { weight: 1, arbitrary: fc.constant('0 nginx (7) < write res=1 \n\n\n-- no record\n') },
);

function traceOf(parts: readonly string[]): Readable {
  const lines = parts.map((rest, i) => `${i + 1} 10:00:0${Math.floor(i / 10)}.${i % 10}00000000 ${rest}`);
  return Readable.from([Buffer.from(lines.join(''))]);
}

/** A trace, and where each of its events stands. */
async function walked(input: GapInput): Promise<{ source: TraceSource; events: Walked[] }> {
  const source = await TraceSource.open(input, 0, {
    blockSize: 64 << 10,
    many: false,
    format: 'sysdig',
    layout: undefined,
  });
  const events: Walked[] = [];
  do {
    while (source.advance()) {
      const { event: e, decoder } = source;
      const { offset, line, num, timeNs, half } = e;
      const ref = { source: 0, offset, line, num, timeNs, half };
      events.push({ ref, record: toRecord(e, decoder.timeText(e)) });
    }
  } while (await source.refill());
  return { source, events };
}

interface Walked {
  readonly ref: EventRef;
  readonly record: EventRecord;
}

const records = (events: readonly Walked[]): EventRecord[] => events.map(({ record }) => record);

it('shows an event and its neighbours as the walk did', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 2, maxLength: 90 }),
      fc.nat(),
      fc.nat(),
      fc.nat({ max: 12 }),
      async (parts, a, b, count) => {
        const { source, events } = await walked(traceOf([PLAIN, ...parts]));
        const [from, to] = [a % events.length, b % events.length].sort((x, y) => x - y) as [number, number];
        const [start, end] = [events[from]!, events[to]!];
        const behind = readFrom(source, start.ref, count, end.ref);
        expect(behind.record).toEqual(start.record);
        expect(behind.near).toEqual(records(events.slice(from + 1, to).slice(0, count)));
        // A late event stands in the file behind the one that ends its gap.
        if (from < to)
          expect(readFrom(source, end.ref, count, start.ref)).toEqual({ record: end.record, near: [] });
        const before = readBefore(source, end.ref, count, start.ref);
        expect(before.near).toEqual(
          records(events.slice(from + 1, to).slice(Math.max(0, to - from - 1 - count))),
        );
        if (before.record !== null) expect(before.record).toEqual(end.record);
        await source.close();
      },
    ),
    { numRuns: 300 },
  );
});

it('is asked for more events than memory would hold', async () => {
  const { source, events } = await walked(samplePath('sysdig/sigstop3.exits.txt'));
  const [first, last] = [events[0]!, events.at(-1)!];
  expect(readFrom(source, first.ref, 1e12, null).near).toEqual(records(events.slice(1)));
  expect(readBefore(source, last.ref, 1e12, null).near).toEqual(records(events.slice(0, -1)));
  await source.close();
});
