/** Calls in two parts: unfinished and resumed, broken by diagnostics, broken by the traced program's output. */
import { describe, expect, it } from 'vitest';
import { blockOfLines } from '../../../src/input/blocks.js';
import { EventView } from '../../../src/model/event.js';
import { brief, decode, openDecoder, readAll } from './decode.js';

describe('unfinished and resumed', () => {
  const before = `100   12:00:00.000000 read(3,  <unfinished ...>
101   12:00:00.100000 futex(0x7f, FUTEX_WAIT, 1, NULL <unfinished ...>
100   12:00:00.250000 <... read resumed>"a,\\"b)\\n", 10) = 9 <0.249000>
101   12:00:00.300000 <... futex resumed>)        = 0 <0.199000>
`;
  const since616 = before.replace('read(3,  <', 'read(3 <').replace('resumed>"a', 'resumed>, "a');

  for (const [name, text] of [
    ['up to 6.15', before],
    ['since 6.16', since616],
  ] as const) {
    it(`gives both halves at their own stamps, ${name}`, () => {
      const { events } = decode(text);
      expect(brief(events)).toEqual([
        '1 100 > read 3',
        '2 101 > futex 0x7f, FUTEX_WAIT, 1, NULL',
        '3 100 < read 9',
        '4 101 < futex 0',
      ]);
      const base = 43_200e9;
      expect(events.map((e) => e.ns)).toEqual([base, base + 100e6, base + 250e6, base + 300e6]);
      expect(events[2]).toMatchObject({
        durationNs: 249e6,
        latencyNs: 250e6,
        half: 0,
        time: '12:00:00.250000',
      });
      expect(events[2]!.fd?.num).toBe(3);
    });
  }

  it('counts the duration from the entry without -T, and not without an entry', () => {
    const { events } = decode(before.replace(/ <0\.\d+>/g, ''));
    expect(events.map((e) => e.durationNs)).toEqual([null, null, 250e6, 200e6]);
    const cut = decode(
      before
        .split('\n')
        .slice(2)
        .join('\n')
        .replace(/ <0\.\d+>/g, ''),
    );
    expect(cut.events.map((e) => [e.type, e.durationNs, e.latencyNs])).toEqual([
      ['read', null, undefined],
      ['futex', null, undefined],
    ]);
  });

  it('does not pair halves of different calls', () => {
    const text = '7 12:00:00.0 read(3 <unfinished ...>\n7 12:00:00.5 <... write resumed>) = 1\n';
    expect(decode(text).events[1]).toMatchObject({ type: 'write', durationNs: null, latencyNs: undefined });
  });

  it('counts the duration from an entry that is too long to be kept, too', () => {
    const halves = (args: string): string =>
      `7 12:00:00.0 read(${args} <unfinished ...>\n7 12:00:00.5 <... read resumed>, 9) = 1\n`;
    for (const text of [halves('3'.repeat(5000)), halves('3') + halves('3'.repeat(5000))]) {
      const last = decode(text).events.at(-1)!;
      expect(last).toMatchObject({ type: 'read', latencyNs: 500e6, fd: undefined });
    }
  });

  it('goes on in a thread with an id where the entry without one was too long', () => {
    const entry = (args: string): string => `12:00:00.0 read(${args} <unfinished ...>\n`;
    const text = `${entry('3') + entry('3'.repeat(5000))}[pid 7] 12:00:00.5 <... read resumed>, 9) = 1\n`;
    expect(decode(text).events.at(-1)).toMatchObject({ tid: 7, type: 'read', latencyNs: 500e6 });
  });

  it('lets a thread go on after its call was lost', () => {
    const text =
      '7 12:00:00.0 read(3 <unfinished ...>\n7 12:00:00.5 getpid() = 7\n7 12:00:00.6 <... read resumed>) = 1\n';
    expect(decode(text).events.at(-1)).toMatchObject({ type: 'read', durationNs: null });
  });

  it('execve by another thread goes on under the pid of the process', () => {
    const text = `200   12:00:00.0 pause( <unfinished ...>
201   12:00:00.1 execve("/bin/true", ["true"], 0x7 /* 1 var */ <unfinished ...>
200   12:00:00.2 <... pause resumed>)        = ?
200   12:00:00.3 +++ superseded by execve in pid 201 +++
200   12:00:00.4 <... execve resumed>)       = 0
200   12:00:00.5 brk(NULL) = 0x1
`;
    const { events } = decode(text);
    expect(events[4]).toMatchObject({ type: 'execve', tid: 200, proc: 'true', dir: '<' });
    expect(events[4]!.durationNs! / 1e6).toBe(300);
    expect(events[5]!.proc).toBe('true');
  });

  it('a resumed line that is unfinished again is no event', () => {
    const text = '7 12:00:00.0 read(3 <unfinished ...>\n7 12:00:00.5 <... read resumed> <unfinished ...>\n';
    const { events, decoder } = decode(text);
    expect(events).toHaveLength(1);
    expect(decoder.counts).toMatchObject({ records: 2, unparsed: 0 });
  });
});

describe('diagnostics in the middle of a line', () => {
  it('are cut out, the line joined with the next', () => {
    const text = `12:00:00.1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLDstrace: Process 27305 attached
, child_tidptr=0x7f8dbea0da10) = 27305 <0.000300>
[pid   100] 12:00:00.2 vfork(strace: Process 31253 attached
 <unfinished ...>
[pid 27305] 12:00:00.3 clone3({flags=CLONE_VM|SIGCHLD}/usr/bin/strace: Process 1880 attached
 => {parent_tid=[1880]}, 88) = 1880 <0.0001>
[pid 27305] 12:00:00.4 execve("/bin/ls", ["ls"], 0x5 /* 39 vars */strace: Process 1881 attached
 <unfinished ...>
`;
    const { events, decoder } = decode(text);
    expect(brief(events)).toEqual([
      '1 - > clone child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f8dbea0da10',
      '1 - < clone 27305',
      '3 100 > vfork ',
      '5 27305 > clone3 {flags=CLONE_VM|SIGCHLD} => {parent_tid=[1880]}, 88',
      '5 27305 < clone3 1880',
      '7 27305 > execve "/bin/ls", ["ls"], 0x5 /* 39 vars */',
    ]);
    expect(events[1]).toMatchObject({ durationNs: 300_000, half: 1 });
    expect(events[0]!.raw).toBe(text.split('\n').slice(0, 2).join('\n'));
    expect(decoder.counts).toEqual({ records: 4, events: 6, ignored: 4, unparsed: 0 });
  });

  it('of old versions, several in a row', () => {
    const text = `12:00:00.1 clone(Process 17445 attached (waiting for parent)
Process 17445 resumed (parent 17444 ready)
child_stack=0, flags=SIGCHLD) = 17445
`;
    expect(brief(decode(text).events)).toEqual([
      '1 - > clone child_stack=0, flags=SIGCHLD',
      '1 - < clone 17445',
    ]);
  });

  it('at an interrupt', () => {
    const text =
      '12:00:00.1 getpid() = 1\n12:00:00.1 epoll_wait(4, ^Cstrace: Process 28119 detached\n <detached ...>\n';
    expect(brief(decode(text).events)[2]).toBe('2 - > epoll_wait 4');
  });

  it('leave the entry alone where the next line is not its rest', () => {
    const text = `12:00:00.1 getpid() = 1
[pid     9] 12:00:00.1 clone(flags=SIGCHLDstrace: Process 5 attached
[pid     5] 12:00:00.2 brk(NULL) = 0x1
[pid     9] 12:00:00.3 <... clone resumed>) = 5
`;
    expect(brief(decode(text).events).slice(2)).toEqual([
      '2 9 > clone flags=SIGCHLD',
      '3 5 > brk NULL',
      '3 5 < brk 0x1',
      '4 9 < clone 5',
    ]);
  });

  it('wait for the next line at the end of a block', () => {
    const text =
      '12:00:00.0 brk(NULL) = 0x1\n12:00:00.1 vfork(strace: Process 7 attached\n)  = 7\n12:00:00.2 brk(NULL) = 0x1\n';
    const whole = readAll(openDecoder(text), text);
    expect(readAll(openDecoder(text), text, 1)).toEqual(whole);
    expect(brief(whole).slice(2, 4)).toEqual(['2 - > vfork ', '2 - < vfork 7']);
  });
});

describe("the traced program's output in the middle of a line", () => {
  it('gives the entry at its line and the exit at the line with the result', () => {
    const text = `12:00:00.661242 write(1, "hello\\n", 6hello
)  = 6 <0.000054>
12:00:00.661384 write(1, "a\\nb\\nc", 5a
b
c)  = 5 <0.000054>
12:00:00.661526 write(1, "x", 1x)  = 1 <0.000001>
12:00:00.661626 exit_group(0)           = ?
`;
    const { events, decoder } = decode(text);
    expect(events.map((e) => `${e.num} ${e.dir} ${e.type} ${e.durationNs}`)).toEqual([
      '1 > write null',
      '2 < write 54000',
      '3 > write null',
      '5 < write 54000',
      '6 > write null',
      '6 < write 1000',
      '7 > exit_group null',
      '7 < exit_group null',
    ]);
    expect(events[1]).toMatchObject({ ns: events[0]!.ns! + 54_000, time: '12:00:00.661296', args: '6' });
    expect(events[1]!.fd?.num).toBe(1);
    expect(decoder.counts).toMatchObject({ unparsed: 1 });
  });

  it('does not take output for the result', () => {
    const text =
      '12:00:00.1 brk(NULL) = 0x1 <0.1>\n12:00:00.2 write(1, "f(x) = 3\\n", 9f(x) = 3\nf(x) = 3\n)  = 9 <0.1>\n';
    expect(brief(decode(text).events).slice(2)).toEqual([
      '2 - > write 1, "f(x) = 3\\n", 9f(x',
      '2 - < write 3',
    ]);
  });
});

describe('strace -z: lines held back until the call ends', () => {
  const text = `1 12:00:00.000000 getppid() = 0 <0.000001>
2 12:00:00.000000 getppid() = 0 <0.000001>
1 12:00:00.000001 getpid() = 1 <0.000001>
1 12:00:05.000000 getpid() = 1 <0.000001>
2 12:00:00.100000 poll(NULL, 0, 5000) = 0 (Timeout) <5.000100>
1 12:00:05.100200 getpid() = 1 <0.000001>
2 12:00:05.100110 read(3,  <unfinished ...>
"", 4096)                               = 0 <0.000161>
`;

  it('are no clock step, and keep their own times', () => {
    const { events, decoder } = decode(text);
    expect(decoder.clock.epoch).toBe(0);
    expect(decoder.problems).toEqual([]);
    expect(events.filter((e) => e.type === 'poll').map((e) => e.ns! - 43_200e9)).toEqual([0.1e9, 5.1001e9]);
  });

  it('without -T: the thread was silent meanwhile', () => {
    const { decoder } = decode(text.replace(/ <\d\.\d+>/g, ''));
    expect(decoder.clock.epoch).toBe(0);
  });

  it('the rest of a call on the line behind its entry is its exit', () => {
    const { events, decoder } = decode(text);
    expect(brief(events).slice(-2)).toEqual(['7 2 > read 3', '8 2 < read 0']);
    expect(events.at(-1)!.durationNs).toBe(161_000);
    expect(decoder.counts.unparsed).toBe(0);
  });

  it('late lines stay late in a stretch decoded again, steps stay steps', () => {
    const set = '1 11:00:00.000000 getpid() = 1 <0.1>\n1 11:00:00.200000 getpid() = 1 <0.1>\n';
    const whole = text + set;
    const decoder = openDecoder(whole);
    readAll(decoder, whole);
    expect(decoder.clock.epoch).toBe(1);
    const offset = text.split('\n').slice(0, 5).join('\n').length + 1;
    const fork = decoder.fork();
    fork.open(blockOfLines(Buffer.from(whole.slice(offset)), offset, 6, true));
    const e = new EventView();
    const epochs: string[] = [];
    while (fork.next(e)) if (e.half === 0) epochs.push(`${e.line} ${fork.clock.epoch}`);
    expect(epochs).toEqual(['6 0', '7 0', '8 0', '9 1', '10 1']);
  });

  it('a clock that is set is a step', () => {
    const set = '1 12:00:05.0 getpid() = 1 <0.1>\n1 12:00:03.0 getpid() = 1 <0.1>\n';
    const { decoder } = decode(set);
    expect(decoder.clock.epoch).toBe(1);
    expect(decoder.problems).toEqual([{ line: 2, byte: 32, reason: 'time steps back by 2 s' }]);
  });
});
