/** What the kernel makes of runs of ordinary events must be what comes of seeing them one by one. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { SysdigDecoder } from '../../src/formats/sysdig/decoder.js';
import { KERNEL as ROWS } from '../../src/formats/sysdig/rows.js';
import type { LineBlock } from '../../src/input/blocks.js';
import { KernelLineMemory, SPARE } from '../../src/input/newlines.js';
import { EventView } from '../../src/model/event.js';
import { Fold, KERNEL } from '../../src/why/fold.js';
import { Investigation } from '../../src/why/investigation.js';
import { MOST_THREADS } from '../../src/why/threads.js';
import { linesBlock } from '../formats/sysdig/decoding.js';

const LAYOUT = { times: 'time-of-day', hasDir: true, originSeconds: null } as const;
const SECOND = 1e9;

interface Asked {
  readonly startNs: number;
  readonly endNs: number;
  readonly subjectTid: number | null;
}

function investigationOf({ startNs, endNs, subjectTid }: Asked): Investigation {
  return new Investigation(
    {
      startNs,
      endNs,
      open: null,
      subjectTid,
      subjectProc: null,
      startEvent: null,
      endEvent: null,
      typicalNs: null,
      traceStartNs: 0,
    },
    new SysdigDecoder(LAYOUT).traits(),
  );
}

/** Everything that investigations make of the text and know in the end; how many events went by rows. */
function facts(text: Buffer, asked: readonly Asked[], byRows: boolean): { known: unknown[]; rows: number } {
  const decoder = new SysdigDecoder(LAYOUT);
  const investigations = asked.map(investigationOf);
  decoder.open(byRows ? kernelBlock(text) : linesBlock(text));
  const e = new EventView();
  const toNs = Math.max(...asked.map(({ endNs }) => endNs));
  let rows = 0;
  const follow = (): void => {
    for (let run = decoder.rows(e, 0, toNs); run; run = decoder.rows(e, 0, toNs)) {
      rows += run.count;
      for (const [i, { endNs }] of asked.entries()) investigations[i]!.seeRows(run, 0, endNs);
    }
  };
  if (byRows) follow();
  while (decoder.next(e)) {
    for (const [i, { endNs }] of asked.entries()) if (e.timeNs <= endNs) investigations[i]!.see(e, e.timeNs);
    if (byRows) follow();
  }
  const known = investigations.map((investigation) => {
    const answer = investigation.finish();
    const view = Reflect.get(investigation, 'view') as {
      threads: { all: Map<number, unknown>; crowded: boolean };
      cpus: object;
    };
    return {
      answer,
      view: plain({ ...view, switchLine: null, folded: 0, unfolded: 0, threads: null, cpus: null }),
      subject: plain(Reflect.get(investigation, 'subject')),
      crowded: view.threads.crowded,
      threads: plain([...view.threads.all]),
      cpus: plain([...(Reflect.get(view.cpus, 'cpus') as Map<number, unknown>)]),
    };
  });
  return { known: [known, decoder.counts, decoder.clock, decoder.problems], rows };
}

/** Plain data, whatever memory it lies in. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => {
      if (part instanceof Map) return [...part].sort(([a], [b]) => (a < b ? -1 : 1));
      if (part instanceof Set) return [...part];
      if (ArrayBuffer.isView(part)) return Array.from(part as Uint8Array);
      return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
    }),
  );
}

function kernelBlock(text: Buffer): LineBlock {
  const memory = new KernelLineMemory(text.length + 64, text.length + 64, null, SPARE);
  text.copy(memory.bytes);
  const ends = memory.index(0, text.length, true);
  return { ...linesBlock(text), bytes: memory.bytes, ends, space: memory.space };
}

/** Events that have to be seen by themselves. */
function longWay(text: Buffer): number {
  const question = { startNs: 0, endNs: 86_400 * SECOND, subjectTid: null };
  const investigation = investigationOf(question);
  const decoder = new SysdigDecoder(LAYOUT);
  decoder.open(kernelBlock(text));
  const e = new EventView();
  let long = 0;
  const see = investigation.see.bind(investigation);
  investigation.see = (...event) => {
    long++;
    see(...event);
  };
  do {
    for (let run = decoder.rows(e, 0, question.endNs); run; run = decoder.rows(e, 0, question.endNs))
      investigation.seeRows(run, 0, question.endNs);
  } while (decoder.next(e));
  return long;
}

const tid = fc.constantFrom(0, 7, 20, 21, 22, 10400, 262_144 + 7, 999_999_999);
const name = fc.constantFrom(
  ...['a', 'keepalived', 'fifteen letters', 'sixteen letters.', 'é', 'a)b', '<NA>', 'sevenxx', 'eight__x'],
);
const number = fc.constantFrom('0', '1', '007', '29016', '', '00');
const next = fc
  .tuple(
    fc.oneof(tid.map(String), fc.constantFrom('', '4294967296', '99999999999', 'x')),
    fc.oneof(
      fc.constant(''),
      name.map((n) => `(${n})`),
      fc.constantFrom('()', '(', '(a'),
    ),
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(number, number, number)
          .map(([a, b, c]) => ` pgft_maj=${a} pgft_min=${b} vm_size=${c} vm_rss=0 vm_swap=0 `),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '',
          ' vm_size=0',
          ' pgft_maj=1 vm_size=5',
          ' pgft_maj=1  pgft_min=1 vm_size=5',
          ' pgft_maj=1 pgft_min=1 vm_siz',
          '_pgft_maj=1 pgft_min=1 vm_size=5',
        ),
      },
    ),
  )
  .map(([n, called, rest]) => `switch next=${n}${called}${rest}`);
const what = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('read fd=3(<f>/x) size=8 ', 'read res=8 data=x ', 'nanosleep ', 'futex '),
  },
  { weight: 5, arbitrary: next },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        'procexit status=0 ',
        'drop ratio=2 ',
        'page_fault ',
        'signaldeliver spid=0 dpid=7 sig=19(SIGSTOP) ',
      ],
      ...['switch', 'switch ', 'swixxh next=7 pgft_maj=0', 'x', 'write data=', 'signaldelivex '],
    ),
  },
);
/** Nanoseconds since the line before: mostly little, seldom back or far ahead. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.nat(0.05 * SECOND) },
  { weight: 2, arbitrary: fc.constantFrom(0, -1, -999_999, 3 * SECOND) },
  { weight: 1, arbitrary: fc.constantFrom(-2_000_000, -2 * SECOND, 50_000 * SECOND) },
);
const event = fc.record({
  step,
  cpu: fc.constantFrom(0, 0, 0, 1, 2, 255, 256, 999),
  name: fc.oneof(name, fc.constant('')),
  tid,
  dir: fc.constantFrom('>', '<'),
  what,
});
/** Threads that mostly hand their CPU on as a machine's do. */
const machine = fc.array(fc.tuple(fc.nat(2), fc.constantFrom(0, 7, 20, 21, 10400), step, fc.nat(3), number), {
  maxLength: 300,
  size: 'max',
});

function linesOf(events: readonly { step: number; text: (num: number, time: string) => string }[]): Buffer {
  let ns = 3 * 3600 * SECOND;
  const lines = events.map(({ step: by, text }, i) => {
    ns += by;
    const seconds = Math.floor(ns / SECOND) % 86_400;
    const two = (n: number): string => String(n).padStart(2, '0');
    const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return text(i + 1, `${clock}.${String(ns % SECOND).padStart(9, '0')}`);
  });
  return Buffer.from(`${lines.join('\n')}\n`);
}

const anything = fc.array(event, { maxLength: 120, size: 'max' }).map((events) =>
  linesOf(
    events.map((e) => ({
      step: e.step,
      text: (num, time) => `${num} ${time} ${e.cpu} ${e.name} (${e.tid}) ${e.dir} ${e.what}`,
    })),
  ),
);
/** 21 is never named and says nothing of its memory, 20 is named by others alone; a thread may end without a switch. */
const likely = machine.map((steps) => {
  const on = [0, 0, 0];
  return linesOf(
    steps.map(([cpu, to, by, calls, kb]) => ({
      step: by,
      text: (num, time) => {
        const from = on[cpu]!;
        const head = `${num} ${time} ${cpu} ${from === 0 || from >= 20 ? '<NA>' : `thread-${from}`} (${from})`;
        if (calls > 0 && from !== 0 && calls !== 3) return `${head} ${calls > 1 ? '>' : '<'} read fd=1 `;
        on[cpu] = to;
        if (calls === 3 && from !== 0 && kb === '007') return `${head} > procexit status=0 `;
        const next = to === 0 || to === 21 || kb === '' ? `${to}` : `${to}(thread-${to})`;
        return `${head} > switch next=${next} pgft_maj=0 pgft_min=0 vm_size=${from === 21 ? '' : kb} vm_rss=0 vm_swap=0 `;
      },
    })),
  );
});
const START = 3 * 3600 * SECOND;
const asked = fc
  .tuple(fc.nat(3 * SECOND), fc.nat(4 * SECOND), fc.constantFrom(null, 10400, 7, 0, 5))
  .map(([from, length, subjectTid]) => ({ startNs: START + from, endNs: START + from + length, subjectTid }));

/** More threads than are kept, first each of them once, then any; on twelve CPUs, whose switches sometimes link up. */
function crowd(idOf: (i: number) => number): Buffer {
  const threads = MOST_THREADS + 2000;
  let seed = 1;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  const on = new Array<number>(12).fill(0);
  const nameOf = (id: number): string => (id % 5 === 0 ? '<NA>' : `worker-${id % 3}`);
  return linesOf(
    Array.from({ length: 60_000 }, (_, i) => {
      const cpu = below(on.length);
      const isNew = i < threads;
      const id = isNew ? idOf(i) : below(3) > 0 ? on[cpu]! : idOf(below(threads));
      const to = below(8) === 0 ? 0 : idOf(below(isNew ? i + 1 : threads));
      const kind = below(3);
      const kb = ['0', '29016', ''][below(3)];
      on[cpu] = kind === 0 ? to : id;
      const body =
        kind === 0
          ? `> switch next=${to}${below(4) === 0 ? '' : `(${nameOf(to)})`} pgft_maj=0 pgft_min=0 vm_size=${kb} vm_rss=0 vm_swap=0 `
          : `${kind === 1 ? '>' : '<'} read fd=1 `;
      return {
        step: 15_000 + below(3000),
        text: (num, time) => `${num} ${time} ${cpu} ${nameOf(id)} (${id}) ${body}`,
      };
    }),
  );
}

describe('the kernel of facts', () => {
  it.each([
    ['formats/sysdig/rows', ROWS],
    ['why/fold', KERNEL],
  ])('%s is what its source compiles to', (path, kernel) => {
    const script = fileURLToPath(new URL('../build/wasm.mjs', import.meta.url));
    const out = execFileSync(process.execPath, [script, path], { encoding: 'utf8' });
    expect(out.trim()).toBe(`${path} ${kernel}`);
  });

  it.each([
    ['any lines', anything],
    ['the lines of a machine', likely],
  ])('makes of %s what comes of them one by one', (_, texts) => {
    fc.assert(
      // More at once than there are memories.
      fc.property(texts, fc.array(asked, { minLength: 1, maxLength: 6 }), (text, questions) => {
        expect(facts(text, questions, true).known).toEqual(facts(text, questions, false).known);
      }),
      { numRuns: 600 },
    );
  });

  const samples = new URL('../../samples/sysdig/', import.meta.url);
  it.each(readdirSync(samples).filter((file) => file.endsWith('.txt')))('and of %s', (file) => {
    const text = readFileSync(new URL(file, samples));
    const decoder = new SysdigDecoder(LAYOUT);
    decoder.open(linesBlock(text));
    const e = new EventView();
    const times: number[] = [];
    while (decoder.next(e)) times.push(e.timeNs);
    const questions = [0.2, 0.5, 0.7].map((part) => ({
      startNs: times[Math.floor(times.length * part)] ?? 0,
      endNs: times[Math.floor(times.length * (part + 0.25))] ?? SECOND,
      subjectTid: part === 0.7 ? null : e.tid,
    }));
    const rows = facts(text, questions, true);
    expect(rows.known).toEqual(facts(text, questions, false).known);
  });

  it.each<[string, (i: number) => number]>([
    ['far apart', (i) => i * 37],
    // More than the index of threads has places for, one behind the other.
    ["in each other's way", (i) => (i % 970 === 0 ? 66_536 + i / 2 : 1000 + i)],
  ])('also of threads beyond those that figures are kept of, their ids %s', (_, idOf) => {
    const text = crowd(idOf);
    const [startNs, endNs] = [START + 0.4 * SECOND, START + 0.9 * SECOND];
    const questions = [null, 7, idOf(900), 99].map((subjectTid) => ({ startNs, endNs, subjectTid }));
    const byRows = facts(text, questions, true);
    expect(byRows.known).toEqual(facts(text, questions, false).known);
    expect(JSON.stringify(byRows.known)).toContain('"crowded":true');
  });

  it('and of more threads than a CPU keeps at which its links broke', () => {
    const head = '0 worker (1) > switch next=2 pgft_maj=0 pgft_min=0 vm_size=1 vm_rss=1 vm_swap=0 ';
    const text = linesOf(
      Array.from({ length: 20_000 }, (_, i) => ({
        step: 1000,
        text: (num, time) =>
          `${num} ${time} ${i === 6000 ? head : `0 worker (${1 + (i % 6000)}) > read fd=1 `}`,
      })),
    );
    const questions = [{ startNs: START + 5e6, endNs: START + 18e6, subjectTid: null }];
    expect(facts(text, questions, true).known).toEqual(facts(text, questions, false).known);
  });

  it('takes nearly every event of a crowd', () => {
    expect(longWay(crowd((i) => i * 37))).toBeLessThan(MOST_THREADS + 6000);
  });

  it('is left for good where too many events went the long way, however many threads come later', () => {
    // A thread comes on a CPU that rows have no place for, and stays there.
    const head = (id: number): string => `300 worker (${id}) > read fd=1 `;
    const lines = Array.from({ length: 12_000 }, (_, i) => ({
      step: 10_000,
      text: (num: number, time: string) =>
        `${num} ${time} ${i < 6000 || i % 2 === 0 ? head(7) : head(1000 + i)}`,
    }));
    const taken = vi.spyOn(Fold, 'of');
    longWay(linesOf(lines));
    expect(taken.mock.calls.length).toBeLessThan(3);
    taken.mockRestore();
  });

  it('takes nearly every event of a real trace', () => {
    const text = readFileSync(new URL('sigstop3.both.txt', samples));
    const lines = text.toString('latin1').split('\n').length;
    expect(longWay(text)).toBeLessThan(lines / 10);
  });
});
