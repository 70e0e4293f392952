import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CallPicker, KERNEL } from '../../../src/formats/strace/calls.js';
import { NameHistory } from '../../../src/formats/strace/names.js';
import { Threads } from '../../../src/formats/strace/threads.js';
import { KernelLineMemory } from '../../../src/input/newlines.js';

const MET = `1 17:00:00.000001 fsync(3)             = 0 <0.000001>
1 17:00:00.000002 read(3, "", 1)       = 0 <0.000001>
1 17:00:00.000003 clone(flags)         = 7 <0.000001>
`;

/** Where blocks are put: the kernel takes none in the memory's first bytes. */
const AT = 64;

/** Numbers of the lines picked where only fsync matches and thread 1 is known; null for a block to be decoded in full. */
function picked(block: string): number[] | null {
  const threads = new Threads(new NameHistory());
  threads.create(1, 0);
  const axis = { placeNs: (us: number) => us * 1000, latestUs: () => 61_200e6, reach: () => undefined };
  const conditions = { type: (e: { type(): string }) => e.type() === 'fsync', thread: null };
  const picker = new CallPicker({ pids: true, epoch: false }, threads, conditions, 0, axis);
  const memory = new KernelLineMemory(1 << 16, 1 << 16);
  memory.bytes.write(MET, AT);
  picker.pick(memory, AT, AT + MET.length, 1);
  memory.bytes.write(block, AT, 'latin1');
  const found = picker.pick(memory, AT, AT + block.length, 1);
  return found && [...found.picks.lines.subarray(0, found.count)];
}

const READ = '1 17:00:01.000000 read(3, "a = b", 5)  = 5 <0.000010>\n';
const FSYNC = '1 17:00:01.000000 fsync(3)              = 0 <0.000010>\n';

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
    ['everything behind a clone', `${READ}${READ.replace('read(3,', 'clone(3,')}${READ}${READ}`, [2, 3, 4]],
    ['everything behind a call not met before', `${READ}${READ.replace('read(', 'dup(')}${READ}`, [2, 3]],
    ['signals', `${READ}1 17:00:01.000000 --- SIGCHLD {si_signo=SIGCHLD} ---\n${READ}`, [2, 3]],
    ['a step back is not for it', READ + READ.replace('01.000000', '00.900000'), null],
    ['nor a line of another shape', `${READ}strace: Process 2 attached, and more text behind it\n`, null],
    ['nor one without a result', `${READ}1 17:00:01.000000 read(3, "abcdefgh\n`, null],
    ['nor a time that is none', READ.replace('17:00', '17:60'), null],
  ])('%s', (_name, block, expected) => {
    expect(picked(block)).toEqual(expected);
  });
});
