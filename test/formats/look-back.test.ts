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
async function walked(
  input: GapInput,
  format: 'sysdig' | 'strace' = 'sysdig',
): Promise<{ source: TraceSource; events: Walked[] }> {
  const source = await TraceSource.open(input, 0, {
    blockSize: 64 << 10,
    many: false,
    format,
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
      fc.array(part, { minLength: 2, maxLength: 90, size: 'max' }),
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

/** Lines of strace behind their time, `T` for how they end: with the time that the call took, or without. */
const call = fc.constantFrom(
  'read(3, "x", 1) = 1T',
  'write(1, "a\\n... resumed>b) = 7", 9) = 9T',
  'epoll_wait(4,  <unfinished ...>',
  '<... epoll_wait resumed>[], 64, 1000) = 0T',
  '<... read resumed>"y", 1) = 1T',
  '<... fsync resumed> <unfinished ...>',
  'fsync(7 <unfinished ...>',
  'read(5, "", 0) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)T',
  `sendto(6, "${'x'.repeat(1500)}", 1500, 0, NULL, 0) = 1500T`,
  '--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---',
  'execve("/bin/other", ["other"], 0x7ffd /* 9 vars */) = 0T',
  'prctl(PR_SET_NAME, "renamed") = 0T',
);
const odd = fc.constantFrom(
  // A line broken in two, and what may get between the halves.
  { text: 'write(1, "hello\\n", 6hello\n)  = 6T', isBare: false },
  { text: 'write(1, "hello\\n", 6hello\n12 apples\n)  = 6T', isBare: false },
  { text: 'read(3,  <unfinished ...>\n"", 4096) = 0T', isBare: false },
  {
    text: 'clone(flags=CLONE_VM|SIGCHLDstrace: Process 9 attached\n, child_tidptr=0x7f8d) = 9T',
    isBare: false,
  },
  { text: '+++ exited with 0 +++', isBare: false },
  { text: '+++ superseded by execve in pid 8 +++', isBare: false },
  { text: 'write(1, "hello\\n", 6hello', isBare: false },
  { text: ')  = 6T', isBare: true },
  { text: '"", 4096) = 0T', isBare: true },
  { text: 'clone(flags=CLONE_VM|SIGCHLDstrace: Process 9 attached', isBare: false },
  { text: ', child_tidptr=0x7f8dbea0da10) = 9T', isBare: true },
  { text: 'strace: Process 9 attached', isBare: true },
  { text: '% time     seconds  usecs/call     calls    errors syscall', isBare: true },
  { text: ' 50.00    0.000100          10        10           read', isBare: true },
  { text: '12 apples', isBare: true },
  { text: '', isBare: true },
  { text: `output ${'o'.repeat(3000)}`, isBare: true },
);
const LAYOUTS = ['epoch', 'day', 'midnight', 'relative', 'no ids', 'brackets'] as const;

interface Written {
  readonly step: number;
  readonly tid: number;
  readonly text: string;
  readonly isBare: boolean;
}

const written: fc.Arbitrary<Written> = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(0, 20, 400, 3000) },
      { weight: 3, arbitrary: fc.constantFrom(-1, -700) },
      // Not half a day: whether that is a day or a step back depends on a millisecond, and that on the line read first.
      { weight: 1, arbitrary: fc.constantFrom(-90_000_000, 43_190_000_000, 43_210_000_000, 80_000_000_000) },
    ),
    fc.constantFrom(7, 8, 9, 4107),
    fc.oneof(
      { weight: 12, arbitrary: call.map((text) => ({ text, isBare: false })) },
      { weight: 1, arbitrary: odd },
    ),
  )
  .map(([step, tid, { text, isBare }]) => ({ step, tid, text, isBare }));

const DAY_US = 86_400_000_000;

/** `withT`: the trace says how long calls took. */
function straceOf(lines: readonly Written[], layout: (typeof LAYOUTS)[number], withT: boolean): Buffer {
  let us = layout === 'midnight' ? DAY_US - 9000 : layout === 'day' ? DAY_US / 2 : 1.7e15;
  const all = [{ step: 0, tid: 7, text: 'read(3, "x", 1) = 1T', isBare: false }, ...lines];
  const printed = all.map(({ step, tid, text, isBare }) => {
    const before = us;
    us = Math.max(0, us + step);
    const body = text.replace(/T(?=\n|$)/, withT ? ' <0.000350>' : '');
    if (isBare) return body;
    const id =
      layout === 'brackets' ? (tid === 7 ? '' : `[pid ${tid}] `) : layout === 'no ids' ? '' : `${tid} `;
    return `${id}${timeOf(layout, us, Math.max(0, us - before))} ${body}`;
  });
  return Buffer.from(`${printed.join('\n')}\n`);
}

function timeOf(layout: (typeof LAYOUTS)[number], us: number, deltaUs: number): string {
  const fraction = (n: number) => String(Math.floor(n % 1e6)).padStart(6, '0');
  if (layout === 'relative') return `${String(Math.floor(deltaUs / 1e6)).padStart(6)}.${fraction(deltaUs)}`;
  if (layout === 'epoch') return `${Math.floor(us / 1e6)}.${fraction(us)}`;
  const seconds = Math.floor((us % DAY_US) / 1e6);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction(us)}`;
}

it('shows events of strace alike from the lines they stand on and from many before them', async () => {
  let alone = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { minLength: 2, maxLength: 120, size: 'max' }),
      fc.constantFrom(...LAYOUTS),
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 9 })), { minLength: 90, maxLength: 90 }),
      async (lines, layout, withT, asked) => {
        const text = straceOf(lines, layout, withT);
        const { source, events } = await walked(Readable.from([text]), 'strace');
        const other = (await walked(Readable.from([text]), 'strace')).source;
        Object.defineProperty(other.decoder, 'standsAlone', { value: undefined });
        for (const [a, b, count] of asked) {
          const [from, to] = [a % events.length, b % events.length].sort((x, y) => x - y) as [number, number];
          const [start, end] = [events[from]!.ref, events[to]!.ref];
          expect(readFrom(source, start, count, end)).toEqual(readFrom(other, start, count, end));
          const near = readBefore(source, end, count, start, count + 4);
          if (near.record !== null) {
            expect(near.record).toEqual(readFrom(other, end, 0, null).record);
            alone++;
          }
          const most = Math.max(count, near.near.length);
          expect(most).toBeLessThanOrEqual(count + 4);
          expect(near.near).toEqual(readBefore(other, end, most, start).near);
        }
        await source.close();
        await other.close();
      },
    ),
    { numRuns: 200 },
  );
  expect(alone).toBeGreaterThan(500);
});

it('shows the day of events of strace behind midnight, where a line of the day before comes late', async () => {
  const times = [
    '23:59:59.999000',
    '00:00:00.000100',
    '00:00:00.000150',
    '23:59:59.999900',
    '00:00:00.000300',
  ];
  const text = times.map((time) => `7 ${time} read(3, "x", 1) = 1 <0.000010>\n`).join('');
  const { source, events } = await walked(Readable.from([Buffer.from(text)]), 'strace');
  const last = events.at(-2)!;
  expect(last.record.offsetNs).toBe(86_400e9 + 300_000);
  for (let count = 1; count <= 8; count++)
    expect(readBefore(source, last.ref, count, null).near).toEqual(records(events.slice(-2 - count, -2)));
  await source.close();
});

it.each([1, 4, 15])('shows them also before a call that %i diagnostics break', async (diagnostics) => {
  const call = '7 00:00:00.200000 read(3, "x", 1) = 1\n';
  const calls = ['7 23:59:59.900000 read(3, "x", 1) = 1\n', ...Array(200).fill(call)];
  const broken = ['7 00:00:00.300000 fsync(3strace: Process 8 attached\n'];
  for (let i = 1; i < diagnostics; i++) broken.push(`strace: Process ${8 + i} attached\n`);
  const text = [...calls, ...broken, ') = 0\n', call.replace('.2', '.4')].join('');
  const { source, events } = await walked(Readable.from([Buffer.from(text)]), 'strace');
  const at = events.findIndex(({ record }) => record.type === 'fsync');
  expect(readBefore(source, events[at]!.ref, 2, null).near).toEqual(records(events.slice(at - 2, at)));
  await source.close();
});
