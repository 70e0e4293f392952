/** Every combination of what may stand in front of a line, with every kind of line behind it. */
import { describe, expect, it } from 'vitest';
import { brief, decode, type Seen } from './decode.js';

interface Stamp {
  readonly text: string;
  /** Nanoseconds since the first second, or midnight. */
  readonly ns: number;
}

const MIDNIGHT_NS = (7 * 3600 + 20 * 60 + 17) * 1e9;
const STAMPS: Readonly<Record<string, readonly [Stamp, Stamp]>> = {
  '-t': [
    { text: '07:20:17 ', ns: MIDNIGHT_NS },
    { text: '07:20:18 ', ns: MIDNIGHT_NS + 1e9 },
  ],
  ms: [
    { text: '07:20:17.642 ', ns: MIDNIGHT_NS + 642e6 },
    { text: '07:20:17.643 ', ns: MIDNIGHT_NS + 643e6 },
  ],
  '-tt': [
    { text: '07:20:17.011954 ', ns: MIDNIGHT_NS + 11_954_000 },
    { text: '07:20:17.011955 ', ns: MIDNIGHT_NS + 11_955_000 },
  ],
  'time ns': [
    { text: '07:20:17.011954001 ', ns: MIDNIGHT_NS + 11_954_001 },
    { text: '07:20:17.011954002 ', ns: MIDNIGHT_NS + 11_954_002 },
  ],
  'unix s': [
    { text: '1795245618 ', ns: 0 },
    { text: '1795245619 ', ns: 1e9 },
  ],
  '-ttt': [
    { text: '1795245618.214601 ', ns: 214_601_000 },
    { text: '1795245618.214602 ', ns: 214_602_000 },
  ],
  'unix ns': [
    { text: '1795245618.434589001 ', ns: 434_589_001 },
    { text: '1795245619.434589001 ', ns: 1_434_589_001 },
  ],
  '-r': [
    { text: '     0.000000 ', ns: 0 },
    { text: '     0.000274 ', ns: 274_000 },
  ],
  '-r ns': [
    { text: '     0.000000000 ', ns: 0 },
    { text: '123456.000136163 ', ns: 123_456_000_136_163 },
  ],
  '-r ms': [
    { text: '     0.000 ', ns: 0 },
    { text: '     0.029 ', ns: 29e6 },
  ],
  '-r s': [
    { text: '     0 ', ns: 0 },
    { text: '    12 ', ns: 12e9 },
  ],
  '-r -tt': [
    { text: '07:20:17.000518 (+     0.000000) ', ns: MIDNIGHT_NS + 518_000 },
    { text: '07:20:17.000618 (+     0.000100) ', ns: MIDNIGHT_NS + 618_000 },
  ],
  '-r -ttt': [
    { text: '1795245618.232978 (+     0.000123) ', ns: 232_978_000 },
    { text: '1795245618.233978 (+     0.001000) ', ns: 233_978_000 },
  ],
};

const PIDS: Readonly<Record<string, readonly [string, number | null, string | null]>> = {
  none: ['', null, null],
  'column of 7': ['1234567 ', 1234567, null],
  'column of 5': ['27329 ', 27329, null],
  'column of 3': ['123   ', 123, null],
  'column of 1': ['7     ', 7, null],
  bracket: ['[pid 27304] ', 27304, null],
  'bracket of 3': ['[pid   304] ', 304, null],
  'bracket with comm': ['[pid 27504<wor ker)> >] ', 27504, 'wor ker)> '],
  'column with comm': ['27504<thr> ', 27504, 'thr'],
  'comm of blanks and brackets': ['27505<we ird) (1 \\76 x> ', 27505, 'we ird) (1 > x'],
  'comm like a prefix': ['27505<a> 1 (b> ', 27505, 'a> 1 (b'],
};

const EXTRAS: Readonly<Record<string, string>> = {
  none: '',
  '-n': '[ 230] ',
  '-i': '[00007f592f25e545] ',
  '-i unknown': '[????????????????] ',
  '-i 32 bit': '[f7f0a549] ',
  '-n -i': '[   7] [00007f886aed826f] ',
};

const CONTEXTS = ['', '[unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023] '];

interface Body {
  readonly text: string;
  readonly events: readonly string[];
  readonly durationNs?: number;
}

const BODIES: readonly Body[] = [
  {
    text: 'read(3, "a,\\"b) = 5\\n", 10) = 9 <0.000052>',
    events: ['> read 3, "a,\\"b) = 5\\n", 10', '< read 9'],
    durationNs: 52_000,
  },
  {
    text: 'pause()                                 = ? ERESTARTNOHAND (To be restarted if no handler)',
    events: ['> pause ', '< pause ? ERESTARTNOHAND (To be restarted if no handler)'],
  },
  { text: 'epoll_wait(4,  <unfinished ...>', events: ['> epoll_wait 4'] },
  { text: '<... epoll_wait resumed>[], 5, 100) = 0 <0.100>', events: ['< epoll_wait 0'] },
  {
    text: '--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---',
    events: ['> signaldeliver SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL}'],
  },
  { text: '--- stopped by SIGSTOP ---', events: ['> stopped SIGSTOP'] },
  { text: '+++ exited with 0 +++', events: ['> procexit exited with 0'] },
];

function check(
  seen: readonly Seen[],
  body: Body,
  stamp: Stamp,
  tid: number | null,
  name: string | null,
): void {
  expect(seen.map((e) => `${e.dir} ${e.type} ${e.args}`)).toEqual(body.events);
  for (const [i, e] of seen.entries()) {
    expect(e.tid).toBe(tid);
    if (name !== null) expect(e.proc).toBe(name);
    if (i === 0) expect(e.ns).toBe(stamp.ns);
    else expect(e.ns).toBe(body.durationNs === undefined ? null : stamp.ns + body.durationNs);
  }
}

describe('prefixes', () => {
  for (const [stampName, [first, second]] of Object.entries(STAMPS)) {
    for (const [pidName, [pid, tid, name]] of Object.entries(PIDS)) {
      it(`${stampName}, pid ${pidName}: all other elements, all kinds of lines`, () => {
        for (const extra of Object.values(EXTRAS)) {
          for (const context of CONTEXTS) {
            for (const body of BODIES) {
              const opening = `${pid}${context}${first.text}${extra}getpid() = 1\n`;
              const text = `${opening}${pid}${context}${second.text}${extra}${body.text}\n`;
              const { events, decoder } = decode(text);
              expect(events.slice(0, 2).map((e) => e.type)).toEqual(['getpid', 'getpid']);
              expect(events[0]!.ns).toBe(first.ns);
              check(events.slice(2), body, second, tid, name);
              expect(decoder.counts).toMatchObject({ records: 2, ignored: 0, unparsed: 0 });
            }
          }
        }
      });
    }
  }

  it('takes six digits without fraction for a pid, nine for a time', () => {
    expect(decode('123456 1795245618 getpid() = 1\n').events[0]).toMatchObject({
      tid: 123456,
      time: '1795245618',
    });
  });

  it('keeps lines with and without [pid N] apart', () => {
    const text =
      '12:00:00.000001 brk(NULL) = 0x1\n[pid    12] 12:00:00.000002 brk(NULL) = 0x1\n12:00:00.000003 brk(NULL) = 0x1\n';
    expect(decode(text).decoder.counts).toMatchObject({ records: 3, unparsed: 0 });
  });
});

describe('bodies', () => {
  const at = '12:00:00.000001 ';
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a result inside quotes',
      'openat(AT_FDCWD, "/tmp/no, such (file) = -1 ENOENT", O_RDONLY) = -1 ENOENT (No such file or directory)',
      [
        '> openat AT_FDCWD, "/tmp/no, such (file) = -1 ENOENT", O_RDONLY',
        '< openat -1 ENOENT (No such file or directory)',
      ],
    ],
    [
      'a result inside a path that -y prints',
      'openat(AT_FDCWD</srv>, "x", O_RDONLY) = 3</tmp/a) = 4> <0.000012>',
      ['> openat AT_FDCWD</srv>, "x", O_RDONLY', '< openat 3</tmp/a) = 4>'],
    ],
    [
      'the same without -T',
      'openat(AT_FDCWD</srv>, "x", O_RDONLY) = 3</tmp/a) = 4>',
      ['> openat AT_FDCWD</srv>, "x", O_RDONLY', '< openat 3</tmp/a) = 4>'],
    ],
    [
      'a socket that -yy prints',
      'accept4(3<TCP:[127.0.0.1:80]>, NULL, NULL, 0) = 4<TCP:[127.0.0.1:80->127.0.0.1:5]> <0.000012>',
      ['> accept4 3<TCP:[127.0.0.1:80]>, NULL, NULL, 0', '< accept4 4<TCP:[127.0.0.1:80->127.0.0.1:5]>'],
    ],
    [
      'nested annotations',
      'read(0</dev/pts/0<char 136:0>>, "", 1) = 0',
      ['> read 0</dev/pts/0<char 136:0>>, "", 1', '< read 0'],
    ],
    [
      'comments',
      'execve("./ex", ["./ex"], 0x7ffd /* 39 vars */) = 0 <0.0002>',
      ['> execve "./ex", ["./ex"], 0x7ffd /* 39 vars */', '< execve 0'],
    ],
    [
      'select',
      'select(4, [3], NULL, NULL, {tv_sec=1, tv_nsec=5}) = 1 (in [3], left {tv_sec=1, tv_nsec=4}) <0.1>',
      [
        '> select 4, [3], NULL, NULL, {tv_sec=1, tv_nsec=5}',
        '< select 1 (in [3], left {tv_sec=1, tv_nsec=4})',
      ],
    ],
    [
      'injected',
      'getpid() = 7 (INJECTED: args, retval) (DELAYED) <0.000001>',
      ['> getpid ', '< getpid 7 (INJECTED: args, retval) (DELAYED)'],
    ],
    ['unavailable', '????() = ? <unavailable>', ['> ???? ', '< ???? ? <unavailable>']],
    [
      'an unknown call',
      'syscall_0x3e7(0x1, 0x2, 0x3, 0xffffffff, 0, 0x11) = -1 ENOSYS (Function not implemented)',
      [
        '> syscall_0x3e7 0x1, 0x2, 0x3, 0xffffffff, 0, 0x11',
        '< syscall_0x3e7 -1 ENOSYS (Function not implemented)',
      ],
    ],
    [
      'restarted',
      'restart_syscall(<... resuming interrupted poll ...>) = 0 <0.196408>',
      ['> restart_syscall <... resuming interrupted poll ...>', '< restart_syscall 0'],
    ],
    [
      'restarted and left',
      'restart_syscall(<... resuming interrupted read ...> <detached ...>',
      ['> restart_syscall <... resuming interrupted read ...>'],
    ],
    [
      'restarted, unfinished',
      'restart_syscall(<... resuming interrupted read ...> <unfinished ...>',
      ['> restart_syscall <... resuming interrupted read ...>'],
    ],
    ['detached', 'epoll_wait(4,  <detached ...>', ['> epoll_wait 4']],
    [
      'pid changed',
      'execve("/bin/x", ["x"], 0x7 /* 1 var */ <pid changed to 28262 ...>',
      ['> execve "/bin/x", ["x"], 0x7 /* 1 var */'],
    ],
    [
      'killed while strace was at it',
      'futex(0x7f, FUTEX_WAIT, 2, NULL <ptrace(SYSCALL):No such process>',
      ['> futex 0x7f, FUTEX_WAIT, 2, NULL'],
    ],
    ['unfinished of 4.6', 'exit_group(0 <unfinished ... exit status 0>', ['> exit_group 0']],
    ['numbered halves', 'read(3 <unfinished ...>#12', ['> read 3']],
    ['numbered halves, inside', 'read(3 <unfinished #12 ...>', ['> read 3']],
    ['numbered halves, resumed', '<... read resumed #12>"", 1) = 0', ['< read 0']],
    ['blanks at the end', 'read(3, "", 1) = 0 <0.1>  ', ['> read 3, "", 1', '< read 0']],
    ['a carriage return too many', '--- SIGALRM {} ---\r\r', ['> signaldeliver SIGALRM {}']],
    ['numbered halves, name', '<... read#12 resumed>"", 1) = 0', ['< read 0']],
    ['numbered halves, behind', '<... read resumed>#12 "", 1) = 0', ['< read 0']],
    ['resumed of old versions', '<... futex resumed> )       = 0', ['< futex 0']],
    ['resumed and gone', '<... clock_nanosleep resumed> <unfinished ...>) = ?', ['< clock_nanosleep ?']],
    ['resumed, killed', '<... pause resumed>)        = ?', ['< pause ?']],
    [
      'killed with a core',
      '+++ killed by SIGABRT (core dumped) +++',
      ['> procexit killed by SIGABRT (core dumped)'],
    ],
    [
      'superseded',
      '+++ superseded by execve in pid 28257 +++',
      ['> procexit superseded by execve in pid 28257'],
    ],
    [
      'a signal of old versions',
      '--- SIGCHLD (Child exited) @ 0 (0) ---',
      ['> signaldeliver SIGCHLD (Child exited) @ 0 (0)'],
    ],
    ['a call cut at the end of the file', 'read(3, "abc', ['> read 3, "abc']],
    [
      'names that -N prints',
      'poll(fds=[{fd=3, events=POLLIN}], nfds=1, timeout=50) = 0 (Timeout) <0.05>',
      ['> poll fds=[{fd=3, events=POLLIN}], nfds=1, timeout=50', '< poll 0 (Timeout)'],
    ],
  ];
  for (const [name, body, expected] of cases) {
    it(name, () => {
      const { events } = decode(`${at}getpid() = 1\n${at}${body}\n`);
      expect(events.slice(2).map((e) => `${e.dir} ${e.type} ${e.args}`)).toEqual(expected);
    });
  }

  it('reads coloured lines as plain ones', () => {
    const plain = '12:00:00.5 poll(NULL, 0, 50) = 0 (Timeout) <0.05>\n12:00:00.6 read(3,  <unfinished ...>\n';
    const coloured =
      '12:00:00.5 \x1b[33mpoll\x1b[0m(\x1b[1;36mNULL\x1b[0m, 0, 50) \x1b[31m=\x1b[0m 0 (Timeout) <0.05>\x1b[0m\n12:00:00.6 \x1b[33mread\x1b[0m(3,  \x1b[90m<unfinished ...>\x1b[0m\n';
    const strip = (e: Seen) => ({ ...e, raw: '' });
    expect(decode(coloured).events.map(strip)).toEqual(decode(plain).events.map(strip));
  });

  it('keeps duration and time of every precision of -T', () => {
    for (const [t, ns, time] of [
      ['0.030102', 30_102_000, '12:00:00.530102'],
      ['0.030', 30e6, '12:00:00.530'],
      ['0.030141198', 30_141_198, '12:00:00.530141198'],
      ['2', 2e9, '12:00:02.5'],
      ['7212.000001', 7_212_000_001_000, '14:00:12.500001'],
    ] as const) {
      const { events } = decode(`12:00:00.5 poll(NULL, 0, 50) = 0 <${t}>\n`);
      expect(events[1]).toMatchObject({ durationNs: ns, latencyNs: ns, ns: 43_200.5e9 + ns, time, half: 1 });
    }
  });
});

describe('lines without event', () => {
  const call = '12:00:00.1 getpid() = 1\n';
  const ignored = [
    'strace: Process 28199 attached',
    'strace: Process 28199 attached with 3 threads',
    '/usr/bin/strace: Process 28119 detached',
    '^Cstrace: Process 28119 detached',
    'Process 1234 attached - interrupt to quit',
    'Process 1234 attached (waiting for parent)',
    'Process 1234 suspended',
    'Process 1235 resumed (parent 1234 ready)',
    '[ Process PID=1 runs in 32 bit mode. ]',
    'strace: [ Process PID=1 runs in 32 bit mode. ]',
    ' > /usr/lib/libc.so.6(__read+0x10) [0x10e1c0]',
    ' > ERROR [0x5]',
    ' | 00000  76 6d 0a                                          vm.              |',
    ' * 3 bytes in buffer 0',
    ' = 2 buffers in vector 1',
    ' | 00010  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  .ELF............ |',
    '',
  ];
  it('diagnostics, stacks and dumps are counted as ignored', () => {
    const { decoder, events } = decode(`${call}${ignored.join('\n')}\n`);
    expect(events).toHaveLength(2);
    expect(decoder.counts).toEqual({ records: 1, events: 2, ignored: ignored.length, unparsed: 0 });
  });

  it('tables of -c and -C are ignored, figures elsewhere are not trace', () => {
    const table = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 32.10    0.000591          17        34        13 openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.001841          12       145        19 total
`;
    expect(decode(call + table).decoder.counts).toMatchObject({ ignored: 5, unparsed: 0 });
    expect(decode(`${call} 32.10    0.000591 x\n`).decoder.counts).toMatchObject({ ignored: 0, unparsed: 1 });
  });

  it('the traced program is never taken for trace', () => {
    const output = [
      'hello',
      'read(3, "x", 1) = 1',
      '<... read resumed>) = 5',
      '--- SIGALRM {si_signo=SIGALRM} ---',
      '+++ exited with 0 +++',
      '12:00:00 all is well',
      '12:00:00.123456 [info] started (pid 5)',
      'x) = 5',
      '12:99:00.1 read(3) = 1',
      '1795245618.214601 read(3) = 1',
    ];
    const { decoder, events } = decode(`${call}${output.join('\n')}\n${call}`);
    expect(events).toHaveLength(4);
    expect(decoder.counts).toMatchObject({ records: 2, unparsed: output.length });
    expect(decoder.problems[0]).toEqual({ line: 2, byte: 24, reason: 'not a strace line: "hello"' });
  });
});

describe('brief', () => {
  it('numbers events by line', () => {
    expect(brief(decode('12:00:00.1 getpid() = 1\n12:00:00.2 getppid() = 1\n').events)).toEqual([
      '1 - > getpid ',
      '1 - < getpid 1',
      '2 - > getppid ',
      '2 - < getppid 1',
    ]);
  });
});
