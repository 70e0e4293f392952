/** What comes of runs of strace's calls must be what comes of seeing their events one by one. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../src/formats/format.js';
import { CallRows } from '../../src/formats/strace/rows.js';
import { KernelLineMemory, SPARE } from '../../src/input/newlines.js';
import { EventView, toRecord } from '../../src/model/event.js';
import type { EventRows } from '../../src/model/event-rows.js';
import { Investigation } from '../../src/why/investigation.js';
import { openDecoder, readAll } from '../formats/strace/decode.js';

const SECOND = 1e9;

interface Asked {
  readonly startNs: number;
  readonly endNs: number;
  readonly subjectTid: number | null;
}

/** Where blocks are put: the kernel takes none in the memory's first bytes. */
const AT = 64;

function readOver(text: Buffer): Decoder {
  const first = openDecoder(text);
  readAll(first, text);
  return first.fork();
}

/** A fork of a decoder that has read the text goes over it again, in blocks that take each other's place. */
function walk(
  text: Buffer,
  linesPerBlock: number,
  onEvent: (e: EventView, decoder: Decoder) => void,
  onRows: ((rows: EventRows, decoder: Decoder) => void) | null,
  decoder = readOver(text),
): Decoder {
  const memory = new KernelLineMemory(text.length + AT, text.length + AT, null, SPARE);
  const e = new EventView();
  let from = 0;
  let line = 1;
  for (let lines = linesPerBlock; from < text.length; ) {
    let to = from;
    for (let i = 0; i < lines && to < text.length; i++) to = text.indexOf(10, to) + 1 || text.length;
    memory.bytes.fill(0x20, AT);
    text.copy(memory.bytes, AT, from, to);
    const end = AT + to - from;
    const final = to === text.length;
    const ends = memory.index(AT, end, final);
    decoder.open({
      ...{ bytes: memory.bytes, space: memory.space, ends, count: ends.length, start: AT, end },
      ...{ offset: from, line, final, picks: null, part: null },
    });
    const follow = (): void => {
      for (let rows = decoder.rows!(e, 0, Infinity); rows; rows = decoder.rows!(e, 0, Infinity))
        onRows!(rows, decoder);
    };
    while (decoder.next(e)) {
      onEvent(e, decoder);
      if (onRows) follow();
    }
    const used = decoder.consumed - AT;
    line += text.subarray(from, from + used).filter((c) => c === 10).length;
    // A line that needs the next one comes again, with more behind it.
    lines = used === 0 ? lines + 1 : linesPerBlock;
    from = Math.min(from + used, text.length);
    if (final) break;
  }
  return decoder;
}

/** All that can be asked of an event. */
function told(e: EventView, decoder: Decoder): unknown {
  const { half, durationNs, line, offset } = e;
  const record = toRecord(e, decoder.timeText(e));
  const asked = [
    decoder.latencyNs(e),
    decoder.fd(e),
    decoder.arg(e, 0),
    decoder.arg(e, 1),
    decoder.arg(e, 'res'),
  ];
  return { record, half, durationNs, line, offset, asked };
}

/** What the decoder knows in the end. */
function state(decoder: Decoder): unknown {
  const threads = Reflect.get(decoder, 'threads') as { each(): Iterable<Record<string, unknown>> };
  return {
    counts: decoder.counts,
    clock: decoder.clock,
    problems: decoder.problems,
    durationsFrom: Reflect.get(decoder, 'durationsFrom'),
    threads: [...threads.each()]
      .map(({ tid, open, ended, entryNs, entryText, entryLength }) => ({
        ...{ tid, open, ended },
        ...(open
          ? { entryNs, text: (entryText as Buffer).toString('latin1', 0, entryLength as number) }
          : {}),
      }))
      .sort((a, b) => (a.tid as number) - (b.tid as number)),
  };
}

function investigationOf({ startNs, endNs, subjectTid }: Asked, decoder: Decoder): Investigation {
  const question = { startNs, endNs, open: null, subjectTid, subjectProc: null, traceStartNs: 0 };
  return new Investigation(
    { ...question, startEvent: null, endEvent: null, typicalNs: null },
    decoder.traits(),
  );
}

/** Everything that investigations make of the text and know in the end; how many events went by rows. */
function facts(
  text: Buffer,
  linesPerBlock: number,
  asked: readonly Asked[],
  byRows: boolean,
): { known: unknown; rows: number } {
  const investigations = asked.map((question) => investigationOf(question, openDecoder(text)));
  const starts = asked.map(({ startNs, endNs }) => Math.max(0, 2 * startNs - endNs));
  let rows = 0;
  const decoder = walk(
    text,
    linesPerBlock,
    (e) => {
      for (const [i, { endNs }] of asked.entries())
        if (e.timeNs >= starts[i]! && e.timeNs <= endNs) investigations[i]!.see(e, e.timeNs);
    },
    byRows
      ? (run) => {
          rows += run.count;
          for (const [i, { endNs }] of asked.entries()) investigations[i]!.seeRows(run, starts[i]!, endNs);
        }
      : null,
  );
  const known = investigations.map((investigation) => {
    const answer = investigation.finish();
    const view = Reflect.get(investigation, 'view') as { threads: { all: Map<number, unknown> } };
    return {
      answer,
      view: plain({ ...view, folded: 0, unfolded: 0, threads: null, cpus: null }),
      subject: plain(Reflect.get(investigation, 'subject')),
      threads: plain([...view.threads.all]),
    };
  });
  return { known: [known, state(decoder)], rows };
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

const seldom = (often: string, ...others: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constant(often) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
type Line = typeof line extends fc.Arbitrary<infer T> ? T : never;
const line = fc.record({
  // The last two have the same place in the kernel's table.
  tid: fc.constantFrom('7', '8', '428', '9', '4105'),
  step: fc.oneof(
    { weight: 100, arbitrary: fc.constantFrom(0, 1, 40, 700, 3000, 1_000_001) },
    { weight: 1, arbitrary: fc.constantFrom(-1, -900, -2_000_000, 43_200_000_000, 90_000_000_000) },
  ),
  /** Where the thread is in a call, the line ends that one, but for some. */
  isOdd: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  kind: fc.constantFrom('whole', 'whole', 'whole', 'open', 'open'),
  odd: fc.constantFrom(
    'resumed',
    'whole',
    'open',
    'signal',
    'end',
    'superseded',
    'rest',
    'late rest',
    'noise',
    'ended line',
    'head',
    'row',
  ),
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('read', 'fsync', 'futex', 'poll') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('switch', 'clone', 'execve', 'drop', 'procexit', 'name_to_handle_at'),
    },
  ),
  args: fc.constantFrom('3', '', '5</tmp/a = b>, "\\1) = 2", 9', 'next=7', '"/bin/x", ["x"]', 'x'.repeat(70)),
  result: fc.constantFrom('0', '5', '7', '-1 EINTR (Interrupted system call)', '?'),
  took: seldom(' <0.000020>', '', ' <1.500000>', ' <0.02>'),
  end: seldom('\n', '\r\n', ' \n', '\n\n'),
});

const texts = fc
  .tuple(fc.array(line, { maxLength: 120, size: 'max' }), fc.boolean(), fc.constantFrom(true, true, false))
  .map(([lines, epoch, isTimed]) => textOf(lines, epoch, isTimed));

/** `isTimed`: calls have -T. */
function textOf(lines: readonly Line[], epoch: boolean, isTimed: boolean): Buffer {
  const open = new Map<string, string>();
  let us = epoch ? 1e6 : 86_397e6;
  const text = lines.map((l) => {
    us = Math.max(0, us + l.step);
    const seconds = Math.floor(us / 1e6);
    const two = (n: number): string => String(n).padStart(2, '0');
    const second = epoch
      ? `${1_700_000_000 + seconds}`
      : `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const head = `${l.tid.padEnd(5)} ${second}.${String(us % 1e6).padStart(6, '0')} `;
    const took = isTimed ? l.took : '';
    const tail = `${l.args}) = ${l.result}${took}`;
    const under = open.get(l.tid);
    const kind = l.isOdd ? l.odd : under === undefined ? l.kind : 'resumed';
    if (kind === 'resumed') open.delete(l.tid);
    if (kind === 'open') open.set(l.tid, l.name);
    const text: Record<string, string> = {
      whole: `${head}${l.name}(${tail}`,
      open: `${head}${l.name}(${l.args} <unfinished ...>`,
      resumed: `${head}<... ${under ?? l.name} resumed>${tail}`,
      signal: `${head}--- SIGSTOP {si_signo=SIGSTOP} ---`,
      end: `${head}+++ exited with 0 +++`,
      superseded: `${head}+++ superseded by execve in pid 8 +++`,
      rest: `", 4096)        = 0${took}`,
      'late rest': `"", 4096)        = 0${took}`,
      noise: 'said the program',
      head: '% time     seconds  usecs/call     calls    errors syscall',
      row: ' 42.11    0.000080          40         2           read',
      'ended line': `${head}${l.name}(${l.args}, "abc`,
    };
    return text[kind] + l.end;
  });
  const second = epoch ? '1700000000' : '17:00:00';
  const first = `428   ${second}.000000 execve("/bin/a", ["a"], 0x7f) = 0${isTimed ? ' <0.000001>' : ''}\n`;
  return Buffer.from(first + text.join(''));
}

const asked = fc
  .tuple(fc.nat(3 * SECOND), fc.nat(4 * SECOND), fc.constantFrom(null, 7, 8, 9, 428, 5), fc.boolean())
  .map(([from, length, subjectTid, isLate]) => {
    const startNs = from + (isLate ? 86_396 * SECOND : 0);
    return { startNs, endNs: startNs + length, subjectTid };
  });
const blocks = fc.constantFrom(7, 40, 1000);

/**
 * What the text's events tell one by one, and by rows: of these each `every`th is viewed, none with 0, and ahead of
 * that each `before`th for somebody else.
 */
function bothWays(
  text: Buffer,
  linesPerBlock: number,
  every: number,
  before: number,
  fork = readOver,
): { one: unknown; run: unknown; rows: number } {
  const one: unknown[] = [];
  const byOne = walk(text, linesPerBlock, (e, decoder) => one.push(told(e, decoder)), null, fork(text));
  const run: unknown[] = [];
  let count = 0;
  const byRows = walk(
    text,
    linesPerBlock,
    (e, decoder) => run.push(told(e, decoder)),
    (rows, decoder) => {
      count += rows.count;
      if (before > 0) for (let i = 0; i < rows.count; i += before) rows.view(i);
      for (let i = 0; i < rows.count; i++)
        run.push(every > 0 && i % every === 0 ? told(rows.view(i), decoder) : null);
    },
    fork(text),
  );
  const isTimed = (event: unknown): boolean =>
    (event as { record: { offsetNs: unknown } }).record.offsetNs !== null;
  const seen = run.filter((event) => event === null || isTimed(event));
  const timed = one.filter(isTimed).map((event, i) => (seen[i] === null ? null : event));
  return { one: [timed, state(byOne)], run: [seen, state(byRows)], rows: count };
}

/** Lines of the threads, a millisecond apart, behind one of an execve without -T. */
function trace(...lines: readonly string[]): Buffer {
  const text = ['428   execve("/bin/a", ["a"], 0x7f /* 30 vars */) = 0', ...lines].map((line, i) =>
    line.replace(/^(\d+ +)(?=[a-z<])/, `$117:00:00.${String(i).padStart(3, '0')}000 `),
  );
  return Buffer.from(`${text.join('\n')}\n`);
}

describe('runs of calls', () => {
  it('are the events that come one by one', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(texts, blocks, fc.nat(3), fc.nat(4), (text, linesPerBlock, every, before) => {
        const { one, run } = bothWays(text, linesPerBlock, every, before);
        expect(run).toEqual(one);
      }),
      { numRuns: 1500 },
    );
  });

  it('give the facts that the events do', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        texts,
        blocks,
        fc.array(asked, { minLength: 1, maxLength: 6 }),
        (text, linesPerBlock, questions) => {
          expect(facts(text, linesPerBlock, questions, true).known).toEqual(
            facts(text, linesPerBlock, questions, false).known,
          );
        },
      ),
      { numRuns: 800 },
    );
  });

  const opens = '7     read(3,  <unfinished ...>';
  const resumes = '7     <... read resumed>"", 4096) = 0';

  it('without -T leave it so that a rest without -T ends a call', () => {
    const text = trace(opens, resumes, opens, resumes, opens, '"", 4096)        = 0');
    const { one, run, rows } = bothWays(text, 100, 1, 0);
    expect(rows).toBeGreaterThan(1);
    expect(JSON.stringify(one)).toContain('"unparsed":0');
    expect(run).toEqual(one);
  });

  it('with -T make that a rest without -T ends none', () => {
    const text = trace(opens, resumes, opens, `${resumes} <0.000700>`, opens, '"", 4096)        = 0');
    // It must tell by the rows, since those lines may have been passed over before.
    const { one, run, rows } = bothWays(text, 100, 0, 0, () => openDecoder(trace(opens, resumes)).fork());
    expect(rows).toBeGreaterThan(3);
    expect(JSON.stringify(one)).toContain('"unparsed":1');
    expect(run).toEqual(one);
  });

  it('leave a table as it is where a line of them is decoded behind its head', () => {
    const others = opens.replace('7', '9');
    const text = trace(
      ...[opens, resumes, others, resumes.replace('7', '9'), opens, others],
      '% time     seconds  usecs/call     calls    errors syscall',
      '7     no call at all',
      ' 42.11    0.000080          40         2           read',
    );
    const { one, run, rows } = bothWays(text, 100, 0, 0);
    expect(rows).toBeGreaterThan(2);
    expect(JSON.stringify(one)).toContain('"ignored":3,"unparsed":0');
    expect(run).toEqual(one);
  });

  it('may be viewed more than once, whatever else was viewed', () => {
    const other = '8     close(3</tmp/some/file>) = 0';
    const text = trace(opens, other, resumes, opens, resumes, opens);
    for (const [every, before] of [
      [1, 1],
      [1, 3],
      [2, 1],
    ] as const) {
      const { one, run, rows } = bothWays(text, 100, every, before);
      expect(rows).toBe(4);
      expect(run).toEqual(one);
    }
  });

  it('give a call that began ahead of them to each investigation', () => {
    const other = '8     close(3</tmp/some/file>) = 0';
    const text = trace(opens, other, resumes, opens, resumes);
    const ms = 1e6;
    const at = 61_200 * SECOND;
    // The second stretch begins behind the call's entry.
    const questions = [1.5, 2.5].map((from) => ({
      ...{ startNs: at + from * ms, endNs: at + 3.5 * ms, subjectTid: 7 },
    }));
    const byRows = facts(text, 100, questions, true);
    expect(byRows.rows).toBeGreaterThan(0);
    expect(byRows.known).toEqual(facts(text, 100, questions, false).known);
  });

  it('come again behind many lines that none begins with', () => {
    const wholes = Array.from({ length: 300 }, (_, i) => `8     close(${i}</tmp/some/file>) = 0`);
    const halves = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? opens : resumes));
    const { one, run, rows } = bothWays(trace(opens, resumes, ...wholes, ...halves), 1000, 1, 2);
    expect(rows).toBeGreaterThan(200);
    expect(run).toEqual(one);
  });

  it('know a thread once, whatever memory they lie in', () => {
    const rows = new CallRows();
    for (let i = 0; i < 2; i++) {
      expect(rows.enter(new KernelLineMemory(AT, AT, null, SPARE).space)).toBe(true);
      expect(rows.hasRoomFor(7)).toBe(true);
      rows.meetThread(7, false);
    }
    expect(rows.met).toEqual([7]);
    rows.forgetThread(7);
    expect(rows.met).toEqual([]);
  });

  it('are of threads that get their names late', () => {
    const calls = (tid: number, from: number): string =>
      [0, 1, 2, 3, 4]
        .map((i) => `${tid}     17:00:0${from + i}.000000 read(3, "", 1) = 0 <0.000001>\n`)
        .join('');
    const text = Buffer.from(
      `428   17:00:00.000000 execve("/bin/a", ["a"], 0x7f) = 0 <0.000001>
${calls(7, 0)}428   17:00:05.000000 clone(child_stack=NULL, flags=SIGCHLD) = 7 <0.000001>
${calls(7, 5)}`,
    );
    const question = { startNs: 61_202 * SECOND, endNs: 61_210 * SECOND, subjectTid: 428 };
    const byRows = facts(text, 100, [question], true);
    expect(byRows.rows).toBeGreaterThan(10);
    expect(JSON.stringify(byRows.known)).toMatch(/\[7,\{[^{}]*"name":"a"/);
    expect(byRows.known).toEqual(facts(text, 100, [question], false).known);
  });

  const samples = new URL('../../samples/strace/', import.meta.url);
  it.each(readdirSync(samples).filter((file) => /\.f_(?!notime).*txt$/.test(file)))('and of %s', (file) => {
    const text = readFileSync(new URL(file, samples));
    const times: number[] = [];
    const tids: number[] = [];
    walk(
      text,
      1000,
      (e) => {
        if (e.timeNs >= 0) times.push(e.timeNs);
        tids.push(e.tid);
      },
      null,
    );
    const questions = [0.2, 0.5, 0.7].map((part) => ({
      startNs: times[Math.floor(times.length * part)] ?? 0,
      endNs: times[Math.floor(times.length * (part + 0.25))] ?? SECOND,
      subjectTid: part === 0.7 ? null : tids[Math.floor(tids.length * part)]!,
    }));
    for (const linesPerBlock of [100, 10_000])
      expect(facts(text, linesPerBlock, questions, true).known).toEqual(
        facts(text, linesPerBlock, questions, false).known,
      );
  });

  it('are nearly all events of a real trace', () => {
    const text = readFileSync(new URL('sigstop3.f_tt_T_y.txt', samples));
    let one = 0;
    const decoder = walk(
      text,
      1000,
      () => one++,
      () => undefined,
    );
    expect(one).toBeLessThan(decoder.counts.events / 4);
  });
});
