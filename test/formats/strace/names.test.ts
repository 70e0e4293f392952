/** Process names: from execve, prctl, clone and its kin, and -Y. */
import { describe, expect, it } from 'vitest';
import { decode, eachEvent, openDecoder, readAll } from './decode.js';

function names(text: string): string[] {
  return decode(text).events.map((e) => `${e.num}${e.dir} ${e.tid ?? '-'} ${e.proc}`);
}

describe('process names', () => {
  it('execve names at its exit, by the file, in 15 bytes', () => {
    expect(
      names(`7 12:00:00.0 execve("/usr/bin/nope", ["x"], 0x7 /* 1 var */) = -1 ENOENT (No such file or directory)
7 12:00:00.1 execve("/usr/bin/a-very-long-program-name", ["x"], 0x7 /* 1 var */) = 0
7 12:00:00.2 brk(NULL) = 0x1
7 12:00:00.3 execve("./we ird) \\303\\244", ["y"], 0x7 /* 1 var */ <unfinished ...>
7 12:00:00.4 <... execve resumed>) = 0
7 12:00:00.5 execveat(AT_FDCWD, "/bin/at", ["z"], NULL, 0) = 0
`),
    ).toEqual([
      '1> 7 null',
      '1< 7 null',
      '2> 7 null',
      '2< 7 a-very-long-pro',
      '3> 7 a-very-long-pro',
      '3< 7 a-very-long-pro',
      '4> 7 a-very-long-pro',
      '5< 7 we ird) ä',
      '6> 7 we ird) ä',
      '6< 7 at',
    ]);
  });

  it('prctl names one thread, others stay', () => {
    expect(
      names(`7 12:00:00.0 execve("/bin/main", ["main"], 0x7 /* 1 var */) = 0
7 12:00:00.1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD, tls=0x5) = 8
8 12:00:00.2 prctl(PR_SET_NAME, "worker <1>") = 0
8 12:00:00.3 prctl(PR_GET_NAME, "other") = 0
8 12:00:00.4 prctl(PR_SET_NAME, "fails") = -1 EFAULT (Bad address)
7 12:00:00.5 brk(NULL) = 0x1
8 12:00:00.6 brk(NULL) = 0x1
`).slice(-4),
    ).toEqual(['6> 7 main', '6< 7 main', '7> 8 worker <1>', '7< 8 worker <1>']);
  });

  for (const call of ['clone(flags=SIGCHLD', 'clone3({flags=CLONE_VM}, 88', 'fork(', 'vfork(']) {
    it(`${call}: a child is called like its parent, before and after the parent's line`, () => {
      expect(
        names(`7 12:00:00.0 execve("/bin/sh", ["sh"], 0x7 /* 1 var */) = 0
7 12:00:00.1 ${call} <unfinished ...>
9 12:00:00.2 brk(NULL) = 0x1
9 12:00:00.3 execve("/bin/ls", ["ls"], 0x7 /* 1 var */) = 0
7 12:00:00.4 <... ${call.slice(0, call.indexOf('('))} resumed>) = 9
9 12:00:00.5 brk(NULL) = 0x1
`).slice(3),
      ).toEqual(['3> 9 sh', '3< 9 sh', '4> 9 sh', '4< 9 ls', '5< 7 sh', '6> 9 ls', '6< 9 ls']);
    });
  }

  it('a reused thread id is another thread', () => {
    expect(
      names(`7 12:00:00.0 execve("/bin/sh", ["sh"], 0x7 /* 1 var */) = 0
8 12:00:00.1 execve("/bin/old", ["old"], 0x7 /* 1 var */) = 0
7 12:00:01.0 fork() = 8
8 12:00:02.0 brk(NULL) = 0x1
8 12:00:03.0 +++ exited with 0 +++
8 12:00:04.0 brk(NULL) = 0x1
`).slice(6),
    ).toEqual(['4> 8 sh', '4< 8 sh', '5> 8 sh', '6> 8 null', '6< 8 null']);
  });

  it('-Y names on the line, escaped; execve renames at its exit', () => {
    const text = `7<strace> 12:00:00.0 execve("/srv/we ird) (1 > x", ["x"], 0x7 /* 1 var */) = 0
7<we ird) (1 \\76 x> 12:00:00.1 brk(NULL) = 0x1
8<a> 12:00:00.2 brk(NULL) = 0x1
`;
    expect(names(text)).toEqual([
      '1> 7 strace',
      '1< 7 we ird) (1 > x',
      '2> 7 we ird) (1 > x',
      '2< 7 we ird) (1 > x',
      '3> 8 a',
      '3< 8 a',
    ]);
    expect(decode(text).decoder.threadName(7)).toBe('we ird) (1 > x');
    expect(decode(text).decoder.threadName(9)).toBeUndefined();
  });

  it('a stretch decoded again shows the names of its own time', () => {
    const text = `7 12:00:00.0 execve("/bin/one", ["one"], 0x7 /* 1 var */) = 0
7 12:00:00.1 fork( <unfinished ...>
8 12:00:00.2 brk(NULL) = 0x1
7 12:00:00.3 <... fork resumed>) = 8
7 12:00:00.4 execve("/bin/two", ["two"], 0x7 /* 1 var */) = 0
8 12:00:00.5 prctl(PR_SET_NAME, "three") = 0
7 12:00:00.6 +++ exited with 0 +++
7 12:00:00.7 brk(NULL) = 0x1
`;
    const decoder = openDecoder(text);
    const seen = readAll(decoder, text);
    expect(readAll(decoder.fork(), text)).toEqual(seen);
    expect(readAll(decoder.fork().fork(), text)).toEqual(seen);
  });
});

describe('whose line without [pid N] it is', () => {
  it('the last thread left', () => {
    const text = `12:00:00.0 execve("/bin/sh", ["sh"], 0x7 /* 1 var */) = 0
12:00:00.1 clone(flags=SIGCHLDstrace: Process 101 attached
 <unfinished ...>
[pid   101] 12:00:00.2 brk(NULL) = 0x1
[pid   100] 12:00:00.3 <... clone resumed>) = 101
[pid   101] 12:00:00.4 +++ exited with 0 +++
12:00:00.5 wait4(-1, NULL, 0, NULL) = 101
12:00:00.6 clone(flags=SIGCHLDstrace: Process 102 attached
) = 102
[pid   100] 12:00:00.7 +++ exited with 0 +++
12:00:00.8 brk(NULL) = 0x1
12:00:00.9 exit_group(0) = ?
12:00:01.0 +++ exited with 0 +++
`;
    const decoder = openDecoder(text);
    const events = readAll(decoder, text);
    expect(events.map((e) => `${e.num}${e.dir} ${e.tid ?? '-'} ${e.proc}`)).toEqual([
      '1> - null',
      '1< - sh',
      '2> - sh',
      '4> 101 sh',
      '4< 101 sh',
      '5< 100 sh',
      '6> 101 sh',
      '7> 100 sh',
      '7< 100 sh',
      '8> 100 sh',
      '8< 100 sh',
      '10> 100 sh',
      '11> 102 sh',
      '11< 102 sh',
      '12> 102 sh',
      '12< 102 sh',
      '13> 102 sh',
    ]);
    expect(events[5]!.latencyNs! / 1e6).toBeCloseTo(200);
    expect(readAll(decoder.fork(), text)).toEqual(events);
  });

  it('the one that strace was attached to', () => {
    const text = 'strace: Process 55 attached\n12:00:00.0 brk(NULL) = 0x1\n';
    expect(decode(text).events[0]!.tid).toBe(55);
  });

  it("the one in the file's name", () => {
    const text = '12:00:00.0 brk(NULL) = 0x1\n';
    expect(decode(text, 'logs/trace.1568').events[0]!.tid).toBe(1568);
    expect(decode(text, 'logs/trace.txt').events[0]!.tid).toBe(null);
  });
});

describe('processes', () => {
  it('execve and clone tell of them', () => {
    const text = `7 12:00:00.0 execve("/bin/sh", ["sh", "-c", "a b"], 0x7 /* 1 var */) = 0
7 12:00:01.0 fork() = 8
8 12:00:02.0 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD, tls=0x5) = 9 <0.5>
9 12:00:03.0 brk(NULL) = 0x1
`;
    const told: unknown[] = [];
    eachEvent(text, (e, decoder) => {
      if (e.line === 4 && e.half === 0) for (const tid of [7, 8, 9, 10]) told.push(decoder.process(e, tid));
    });
    const noon = 43_200e9;
    const exec = { exe: 'sh', exepath: '/bin/sh', args: '-c a b' };
    expect(told).toEqual([
      { pid: 7, ...exec },
      { pid: 8, ppid: 7, ...exec, startNs: noon + 1e9 },
      { pid: 8, ppid: 7, ...exec, startNs: noon + 2.5e9 },
      undefined,
    ]);
  });
});
