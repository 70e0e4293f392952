import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallPicker } from '../../../src/formats/strace/calls.js';
import { KERNEL } from '../../../src/formats/strace/calls-kernel.js';
import { NameHistory } from '../../../src/formats/strace/names.js';
import { Threads } from '../../../src/formats/strace/threads.js';
import { KernelLineMemory, type PartKernel, SPARE_FOR_PICKING } from '../../../src/input/newlines.js';
import type { EventView } from '../../../src/model/event.js';
import { instantiate } from '../../../src/model/kernel.js';
import { chunked, type Outcome, run } from '../../samples.js';

const MET = `1 17:00:00.000001 fsync(3)             = 0 <0.000001>
1 17:00:00.000002 read(3, "", 1)       = 0 <0.000001>
1 17:00:00.000003 clone(flags)         = 7 <0.000001>
`;

const CLONE = '1 17:00:01.000000 clone(flags)          = 7 <0.000010>\n';
const EXITED = '1 17:00:01.000000 +++ exited with 0 +++          \n';
const SUPERSEDED = '1 17:00:01.000000 +++ superseded by execve in pid 2 +++\n';
const UNFINISHED = '1 17:00:01.000000 read(3, <unfinished ...>\n';
const RESUMED = '1 17:00:01.000000 <... read resumed>"", 1) = 0 <0.000001>\n';

const ofTwo = (lines: string): string => lines.replaceAll('1 17', '2 17');

/** Where blocks are put: the kernel takes none in the memory's first bytes. */
const AT = 64;

/** Where only fsync matches, and perhaps not of all threads. */
function pickerOf(threads: Threads, thread: ((e: EventView) => boolean) | null = null): CallPicker {
  const axis = {
    placeNs: (us: number) => us * 1000,
    untilNs: () => Number.POSITIVE_INFINITY,
    latestUs: () => 61_200e6,
    reach: () => undefined,
    hasDurations: () => true,
    durationAt: () => undefined,
  };
  const conditions = { type: (e: { type(): string }) => e.type() === 'fsync', thread };
  return new CallPicker({ pids: true, epoch: false }, threads, conditions, 0, axis);
}

function threadOne(): Threads {
  const threads = new Threads(new NameHistory());
  threads.create(1, 0);
  return threads;
}

/**
 * Numbers of the lines picked where only fsync matches and thread 1 is known; null for a block to be decoded in full.
 * `isOpen`: a call of its own goes on where the block begins. `thread`: which threads match, if not all.
 */
function picked(
  block: string,
  isOpen = false,
  thread: ((e: EventView) => boolean) | null = null,
): number[] | null {
  const threads = threadOne();
  const picker = pickerOf(threads, thread);
  const memory = new KernelLineMemory(1 << 16, 1 << 16, null, SPARE_FOR_PICKING);
  memory.bytes.write(MET, AT);
  picker.pick(memory, { start: AT, end: AT + MET.length, line: 1, offset: 0 }, null);
  memory.bytes.write(block, AT, 'latin1');
  threads.get(1)!.open = isOpen;
  const found = picker.pick(memory, { start: AT, end: AT + block.length, line: 1, offset: 0 }, null);
  return found && [...found.picks.lines.subarray(0, found.count)];
}

const READ = '1 17:00:01.000000 read(3, "a = b", 5)  = 5 <0.000010>\n';
const FSYNC = '1 17:00:01.000000 fsync(3)              = 0 <0.000010>\n';

const TAILS = [
  '(3)        = 5',
  '(3, "a")                                           = 5',
  '(3) = -1 EAGAIN (Resource temporarily unavailable)',
  '(3, "a")                      = -1 EAGAIN (Resource temporarily unavailable)',
  '(3, {revents=POLLIN}, 1, 1000) = 1 ([{fd=3, revents=POLLIN}])',
  '(3, "..") = ", 5)  = 1</tmp/a = b>',
];

function tails(took: string): string {
  return TAILS.map((tail) => `1 17:00:01.000000 read${tail}${took}\n`).join('');
}

describe('the kernel of calls', () => {
  it('is what its source compiles to', () => {
    const script = fileURLToPath(new URL('../../build/wasm.mjs', import.meta.url));
    const out = execFileSync(process.execPath, [script, 'formats/strace/calls'], { encoding: 'utf8' });
    expect(out.trim()).toBe(`formats/strace/calls ${KERNEL}`);
  });

  it.each<[string, string, number[] | null]>([
    ['what matches, and the last line', READ + FSYNC + READ + READ, [2, 4]],
    ['both halves of a call that matches', `${READ}1 17:00:01.1 fsync(3 <unfinished ...>\n`, null],
    [
      'halves',
      `${READ}1 17:00:01.000001 fsync(3 <unfinished ...>\n1 17:00:01.000002 <... fsync resumed>) = 0 <0.000001>\n${READ.replace('01.000000', '02.000000')}`,
      [2, 3, 4],
    ],
    [
      'halves of a call that does not match are passed over',
      `1 17:00:01.000001 read(3 <unfinished ...>\n1 17:00:01.000002 <... read resumed>"", 1) = 0 <0.000001>\n${READ.replace('01.0', '02.0')}`,
      [3],
    ],
    ['lines of a thread not met before', READ + READ.replace('1 ', '2 ') + READ, [2, 3]],
    [
      'of a thread not met before, its first line',
      READ + ofTwo(READ + READ + FSYNC + READ) + READ,
      [2, 4, 6],
    ],
    ['of one, its first call', `${READ}${ofTwo(`${UNFINISHED}${RESUMED}${READ}${READ}`)}${READ}`, [2, 3, 6]],
    ['the line behind a clone', READ + CLONE + READ + READ + READ, [2, 3, 5]],
    ['the line behind an end, which may be of another thread', READ + EXITED + READ + READ, [2, 3, 4]],
    ['everything behind an execve by another thread', READ + SUPERSEDED + READ + READ + READ, [2, 3, 4, 5]],
    [
      'a call not met before, and what stands behind it',
      `${READ}${READ.replace('read(', 'dup(')}${READ}`,
      [3],
    ],
    ['signals', `${READ}1 17:00:01.000000 --- SIGCHLD {si_signo=SIGCHLD} ---\n${READ}`, [2, 3]],
    ['a step back is not for it', READ + READ.replace('01.000000', '00.900000'), null],
    ['nor one in a second', READ + READ.replace('01.000000', '01.500000') + READ, null],
    ['nor a line of another shape', `${READ}strace: Process 2 attached, and more text behind it\n`, null],
    ['nor one without a result', `${READ}1 17:00:01.000000 read(3, "abcdefgh\n`, null],
    ['nor one with a name that does not end', `${READ}1 17:00:01.000001 <... read${'('.repeat(40)}\n`, null],
    ['nor a time that is none', READ.replace('17:00', '17:60'), null],
    ['results of any length, blanks in front of them', tails(' <0.000010>'), [TAILS.length]],
    ['calls of seconds', tails(' <12.000010>'), [TAILS.length]],
    ['calls without -T', tails('').replace('</tmp/a = b>', ''), [TAILS.length]],
    ['a thread and a time further right', READ + READ.replace('1 ', `1${' '.repeat(12)}`) + READ, [3]],
    ['a name as long as the table has', READ + READ.replace('read', 'process_vm_readv') + READ, [3]],
    ['but none behind a longer one', READ + READ.replace('read', 'inotify_add_watch') + READ, [2, 3]],
    ['nor a name without an end', `${READ}1 17:00:01.000000 <... ${'x'.repeat(40)}) = 5 <0.000010>\n`, null],
    ['nor a line that goes on behind -T', READ + READ.replace('>', '>\r'), null],
    ['nor lines of a few bytes', `${READ}${'1\n'.repeat(50)}`, null],
  ])('%s', (_name, block, expected) => {
    expect(picked(block)).toEqual(expected);
  });

  it('the rest of a call in progress, and not what its thread does behind it', () => {
    const resumed = '1 17:00:01.000000 <... read resumed>"", 1) = 0 <1.000001>\n';
    expect(picked(resumed + READ + READ + FSYNC + READ, true)).toEqual([1, 4, 5]);
    expect(picked(READ + READ + READ, true)).toEqual([1, 3]);
  });

  it('everything behind what may name a thread, where only some threads match', () => {
    const isNamed = ({ nameStart }: EventView): boolean => nameStart >= 0;
    expect(picked(READ + FSYNC + CLONE + READ + READ + READ, false, isNamed)).toEqual([3, 4, 5, 6]);
    expect(picked(READ + FSYNC + READ + READ, false, isNamed)).toEqual([4]);
  });

  it('a part surveyed before its calls were met is surveyed again', () => {
    const room = 1 << 19;
    const memory = new KernelLineMemory(1 << 16, 1 << 16, { count: 1, bytes: room }, SPARE_FOR_PICKING);
    const picker = pickerOf(threadOne());
    const { kernel, parameters } = picker.ahead(memory);
    const behind = AT + MET.length;
    const part = READ + READ + FSYNC + READ + READ;
    memory.bytes.write(MET + part, AT);
    const { part: survey } = instantiate(kernel, memory.space) as PartKernel;
    const end = behind + part.length;
    expect(survey(behind, end, memory.partsAt, room, 0, 0, ...parameters)).toBe(1);
    const table = new Uint32Array(memory.space.memory.buffer, memory.partsAt, room / 4);
    picker.pick(memory, { start: AT, end: behind, line: 1, offset: 0 }, null);
    const lines = { start: behind, end, line: 4, offset: MET.length };
    const found = picker.pick(memory, lines, { table, offset: MET.length, isSparse: false, read: () => -1 })!;
    expect([...found.picks.lines.subarray(0, found.count)]).toEqual([6, 8]);
  });

  /** Lines picked of a part that was surveyed before `read` was met; with room for so many bytes of copies, or whole. */
  function pickedOfOld(part: string, textBytes: number): number[] {
    const [room, partAt, textAt, wholeAt] = [1 << 19, 1 << 12, 1 << 14, 1 << 15];
    const memory = new KernelLineMemory(1 << 16, 1 << 16, { count: 1, bytes: room }, SPARE_FOR_PICKING);
    const { bytes } = memory;
    const picker = pickerOf(threadOne());
    const { kernel, parameters } = picker.ahead(memory);
    const meet = (met: string, line: number, offset: number): void => {
      bytes.write(met, AT);
      picker.pick(memory, { start: AT, end: AT + met.length, line, offset }, null);
    };
    meet(FSYNC, 1, 0);
    bytes.write(part, partAt);
    const { part: survey } = instantiate(kernel, memory.space) as PartKernel;
    const isSparse = textBytes > 0;
    const text: [number, number] = isSparse ? [textAt, textAt + textBytes] : [0, 0];
    const end = partAt + part.length;
    expect(survey(partAt, end, memory.partsAt, room, ...text, ...parameters)).toBeGreaterThan(0);
    meet(READ, 2, FSYNC.length);
    const table = new Uint32Array(memory.space.memory.buffer, memory.partsAt, room / 4);
    const offset = FSYNC.length + READ.length;
    const read = (from: number, to: number): number => {
      bytes.write(part.slice(from, to), wholeAt + from);
      return wholeAt;
    };
    const lines = { start: isSparse ? textAt : partAt, end: isSparse ? table[1]! + 1 : end, line: 3, offset };
    const found = picker.pick(memory, lines, { table, offset, isSparse, read })!;
    return [...found.picks.lines.subarray(0, found.count)];
  }

  it('no more of an old part where many names in front of the others have no place', () => {
    const long = Array<string>(70).fill('1 17:00:01.000000 name_to_handle_at(3)  = 0 <0.000010>\n');
    // These and the line behind them, since any of them may change what is known of its thread; and the last one.
    const lines = Array.from({ length: 71 }, (_, i) => 3 + i);
    expect(pickedOfOld(long.join('') + READ + READ + READ, 0)).toEqual([...lines, 75]);
  });

  it('no more of an old part where there was no room for copies of the others', () => {
    const part = `${FSYNC.repeat(3)}${READ.repeat(3)}${FSYNC}`;
    for (const copied of [7, 4]) expect(pickedOfOld(part, FSYNC.length * copied)).toEqual([3, 4, 5, 9]);
  });
});

/** What a run tells, but for how often it had to read. */
/** `withSteps`: also where the clock steps. */
function essence({ gaps, report }: Outcome, withSteps: boolean): unknown {
  const sources = report.sources.map((source) => ({
    ...source,
    problems: source.problems.filter(({ reason }) => withSteps || !reason.startsWith('time steps back')),
  }));
  return { gaps, sources, warnings: report.warnings };
}

describe('passing lines over changes no answer', () => {
  const seldom = (often: string, ...others: string[]): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 400, arbitrary: fc.constant(often) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    );
  const line = fc.record({
    tid: fc.constantFrom('7', '428', '4180', '123456'),
    step: fc.oneof(
      { weight: 100, arbitrary: fc.constantFrom(0, 1, 40, 700, 3000, 1_000_001) },
      { weight: 1, arbitrary: fc.constantFrom(-1, -900, -2_000_000) },
    ),
    kind: fc.constantFrom('whole', 'whole', 'whole', 'open', 'resumed', 'mark'),
    name: fc.constantFrom('read', 'read', 'fsync', 'futex', 'clock_nanosleep', 'clone', 'name_to_handle_at'),
    args: fc.constantFrom('3', '', '5</tmp/a = b>, "\\1) = 2", 9', 'x'.repeat(70)),
    blanks: fc.constantFrom(1, 1, 14, 15, 30, 31, 50),
    result: fc.constantFrom('0', '5', '-1 EAGAIN (Resource temporarily unavailable)', '?', 'y'.repeat(60)),
    took: seldom(' <0.000020>', '', ' <1.500000>', ' <0.02>', '<0.000020>', ' <0.00002x>'),
    unfinished: seldom(' <unfinished ...>', ' <detached ...>', '<unfinished ...>'),
    resumed: seldom(' resumed>', ' resumed', ' (resumed>', '>'),
    mark: fc.constantFrom('--- SIGCHLD {si_signo=SIGCHLD} ---', '+++ exited with 0 +++'),
    end: seldom('\n', '\r\n', ' \n', '\n\n', '\nsaid the program\n'),
  });

  it.each([0, 90_000, 180_000])(
    'where a thread is named in a block too long to be picked from, behind %i bytes',
    async (bytes) => {
      let us = 0;
      const call = (tid: number, text: string): string => {
        us += 1000;
        const second = String(Math.floor(us / 1e6)).padStart(2, '0');
        return `${tid}  17:00:${second}.${String(us % 1e6).padStart(6, '0')} ${text}\n`;
      };
      const reads = (tid: number, count: number): string =>
        Array.from({ length: count }, () => call(tid, 'read(3, "abcdefgh", 4096) = 8 <0.000010>')).join('');
      const trace = Buffer.from(
        reads(7, 3000) +
          reads(9, 3000) +
          call(8, `write(4, "${'x'.repeat(bytes)}", 9) = 9 <0.000010>`) +
          // Room is made for the first one, in new memory, where all is judged anew.
          call(8, `write(4, "${'y'.repeat(1_000_000)}", 9) = 9 <0.000010>`) +
          reads(9, 9000) +
          call(8, `write(4, "${'y'.repeat(1_000_000)}", 9) = 9 <0.000010>`) +
          call(7, 'prctl(PR_SET_NAME, "other") = 0 <0.000010>') +
          reads(7, 9000),
      );
      const options = { filter: 'proc.name=other and evt.dir=>', threshold: '0.5ms', why: false, around: 0 };
      const whole = await run(chunked(trace, 1 << 20), options, { blockSize: 8 << 20 });
      const picked = await run(chunked(trace, 1 << 20), options, { blockSize: 256 << 10 });
      expect(whole.report.sources[0]!.matched).toBe(9000);
      expect(picked.report.sources[0]!.matched).toBe(9000);
    },
  );

  it('a duration on a line that is passed over is one all the same', async () => {
    const reads = (second: number): string =>
      Array.from(
        { length: 300 },
        (_, i) => `7  17:00:0${second}.${String(i).padStart(6, '0')} read(3, "abcdefgh", 4096) = 8\n`,
      ).join('');
    for (const timed of [
      '7  17:00:02.000000 read(3, "abcdefgh", 4096) = 8 <0.000000>\n',
      '7  17:00:02.000000 read(3, "abcdefgh", 4096)       = -1 EAGAIN (Not now) <12.000010>\n',
      '7  17:00:02.000000 read(3,  <unfinished ...>\n7  17:00:02.000001 <... read resumed>"", 9) = 0 <0.000001>\n',
    ]) {
      const trace = Buffer.from(`${reads(1)}${timed}${reads(3)}`);
      const warnings = await Promise.all(
        [1000, 2000, 256 << 10].map(async (blockSize) => {
          const { report } = await run(chunked(trace, 700), { filter: 'evt.type=fsync' }, { blockSize });
          return report.warnings.filter((warning) => warning.includes('-T'));
        }),
      );
      expect(warnings).toEqual([[], [], []]);
    }
  });

  it('a line that was cut steps back behind those that are passed over', { timeout: 120_000 }, async () => {
    let us = 0;
    const call = (text: string, backUs = 0, tid = us % 300 === 0 ? 8 : 7): string => {
      us += 100;
      const at = us - backUs;
      return `${tid}  17:00:${String(10 + Math.floor(at / 1e6)).padStart(2, '0')}.${String(at % 1e6).padStart(6, '0')} ${text}\n`;
    };
    const reads = (count: number): string =>
      Array.from({ length: count }, () => call('read(3, "abcdefgh", 4096) = 8 <0.000010>')).join('');
    const cut = (backUs: number): string =>
      call(`write(4, "${'x'.repeat(1_200_000)}", 9) = 9 <0.000010>`, backUs, 8);
    const parts = Array.from({ length: 5 }, (_, i) => [reads(3000 + 1013 * i), cut(150_000), cut(20_000)]);
    const trace = Buffer.from(
      parts.flat().join('') + reads(5000) + call('read(3, "", 9) = 0 <0.000010>', 3e5),
    );
    const problems = await Promise.all(
      [8 << 20, 1 << 20, 256 << 10, 100_000, 30_000].map(async (blockSize) => {
        const source = chunked(trace, Math.min(blockSize, 65_536));
        const { report } = await run(source, { filter: 'evt.type=fsync', why: false }, { blockSize });
        return report.sources[0]!.problems;
      }),
    );
    expect(problems[0]!.map(({ reason }) => reason)).toContain('time steps back by 299.9 ms');
    for (const other of problems) expect(other).toEqual(problems[0]);
  });

  it('of lines as strace writes them, and of broken ones', { timeout: 120_000 }, async () => {
    let withSteps = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 30, maxLength: 90, size: 'max' }),
        fc.boolean(),
        async (lines, epoch) => {
          let us = 5e6;
          const text = lines.map((l) => {
            us += l.step;
            const second = epoch
              ? `${1_700_000_000 + Math.floor(us / 1e6)}`
              : `17:${String(Math.floor(us / 60e6)).padStart(2, '0')}:${String(Math.floor(us / 1e6) % 60).padStart(2, '0')}`;
            const head = `${l.tid.padEnd(5)} ${second}.${String(us % 1e6).padStart(6, '0')} `;
            const tail = `${l.args})${' '.repeat(l.blanks)}= ${l.result}${l.took}`;
            if (l.kind === 'mark') return head + l.mark + l.end;
            if (l.kind === 'open') return `${head}${l.name}(${l.args}${l.unfinished}${l.end}`;
            if (l.kind === 'resumed') return `${head}<... ${l.name}${l.resumed}${tail}${l.end}`;
            return `${head}${l.name}(${tail}${l.end}`;
          });
          const bytes = Buffer.from(
            `428   ${epoch ? '1700000000' : '17:00:00'}.000000 getpid() = 428 <0.000001>\n${text.join('')}`,
          );
          // Far back without a duration a line is late, or a step, by those lines of its thread that were decoded.
          const areClear = lines.every(
            ({ step, kind, took }) => step >= -1000 || (kind === 'whole' && took === ' <0.000020>'),
          );
          if (areClear) withSteps++;
          for (const filter of ['evt.type=fsync', 'thread.tid=428']) {
            const options = { filter, threshold: '20us', why: false, around: 1 };
            const whole = essence(await run(chunked(bytes, 1 << 16), options), areClear);
            const passing = await run(chunked(bytes, 1 << 16), options, {
              blockSize: 1500,
              decodedInFull: 0,
            });
            expect(essence(passing, areClear)).toEqual(whole);
          }
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
    expect(withSteps).toBeGreaterThan(10);
  });
});
