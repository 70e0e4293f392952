/** Arguments by name and position, results, descriptors: in sysdig's words. */
import { describe, expect, it } from 'vitest';
import { splitArguments, stringValue } from '../../../src/formats/strace/arguments.js';
import { parseFd } from '../../../src/formats/strace/fds.js';
import type { CallResult, Fd } from '../../../src/model/event-fields.js';
import { eachEvent } from './decode.js';

interface Answers {
  readonly arg: (key: string | number) => string | undefined;
  readonly raw: (key: string | number) => string | undefined;
  readonly result: CallResult | undefined;
  readonly fd: Fd | undefined;
}

/** What entry and exit of the last call answer, in that order. */
function answers<T>(lines: string, ask: (a: Answers) => T): T[] {
  const all: T[] = [];
  eachEvent(lines, (e, decoder) => {
    all.push(
      ask({
        arg: (key) => decoder.arg(e, key),
        raw: (key) => decoder.rawArg(e, key),
        result: decoder.result(e),
        fd: decoder.fd(e),
      }),
    );
  });
  return all;
}

const at = (call: string) => `12:00:00.1 ${call}\n`;

describe('arguments', () => {
  it('by position and by name, text without quotes', () => {
    const line = at(
      'openat(AT_FDCWD</srv>, "/tmp/a, \\"b\\"\\n\\303\\244", O_RDONLY|O_CLOEXEC) = 3</tmp/a> <0.1>',
    );
    const [entry, exit] = answers(line, (a) => [
      a.arg(0),
      a.arg('dirfd'),
      a.arg('name'),
      a.arg('pathname'),
      a.arg(2),
      a.arg('flags'),
      a.arg('mode'),
      a.arg('fd'),
      a.arg('res'),
    ]);
    const common = [
      'AT_FDCWD</srv>',
      'AT_FDCWD</srv>',
      '/tmp/a, "b"\nä',
      '/tmp/a, "b"\nä',
      'O_RDONLY|O_CLOEXEC',
      'O_RDONLY|O_CLOEXEC',
      undefined,
    ];
    expect(entry).toEqual([...common, undefined, undefined]);
    expect(exit).toEqual([...common, '<f>/tmp/a', '<f>/tmp/a']);
  });

  it('raw: numbers of descriptors and flags', () => {
    const line = at(
      'futex(0x7f, 0x109 /* FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME */, 5, NULL) = -1 ETIMEDOUT (Connection timed out)',
    );
    const [entry, exit] = answers(line, (a) => [
      a.arg('op'),
      a.raw('op'),
      a.arg('val'),
      a.arg('res'),
      a.raw('res'),
    ]);
    expect(entry).toEqual(['FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME', '0x109', '5', undefined, undefined]);
    expect(exit).toEqual(['FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME', '0x109', '5', 'ETIMEDOUT', '-1']);
    expect(answers(at('close(3</etc/hosts>) = 0'), (a) => [a.arg('fd'), a.raw('fd')])[0]).toEqual([
      '<f>/etc/hosts',
      '3',
    ]);
    expect(answers(at('execve("x", ["x"], 0x7f /* 39 vars */) = 0'), (a) => a.arg(2))[0]).toBe(
      '0x7f /* 39 vars */',
    );
  });

  it('by the names that strace prints itself', () => {
    expect(
      answers(at('poll(fds=[{fd=3, events=POLLIN}], nfds=1, timeout=50) = 0'), (a) => [
        a.arg('nfds'),
        a.arg('timeout'),
        a.arg(1),
      ])[0],
    ).toEqual(['1', '50', '1']);
    expect(answers(at('clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 5'), (a) => a.arg('flags'))[0]).toBe(
      'CLONE_VM|SIGCHLD',
    );
  });

  it('of both halves of a call', () => {
    for (const [a, b] of [
      ['read(3,  <unfinished ...>', '<... read resumed>"ab", 10) = 2'],
      ['read(3 <unfinished ...>', '<... read resumed>, "ab", 10) = 2'],
    ] as const) {
      const [entry, exit] = answers(at(a) + at(b), (x) => [
        x.arg('fd'),
        x.arg('data'),
        x.arg('size'),
        x.arg('res'),
      ]);
      expect(entry).toEqual(['3', undefined, undefined, undefined]);
      expect(exit).toEqual(['3', 'ab', '10', '2']);
    }
  });

  it('of signals and ends', () => {
    const signal = '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=27305, si_status=3} ---';
    expect(answers(at(signal), (a) => [a.arg('sig'), a.arg('spid'), a.arg('si_code'), a.arg('x(')])).toEqual([
      ['SIGCHLD', '27305', 'CLD_EXITED', undefined],
    ]);
    expect(answers(at('+++ exited with 3 +++'), (a) => [a.arg('ret'), a.arg('sig')])).toEqual([['3', '0']]);
    expect(
      answers(at('+++ killed by SIGABRT (core dumped) +++'), (a) => [
        a.arg('ret'),
        a.arg('sig'),
        a.arg('core'),
      ]),
    ).toEqual([[undefined, 'SIGABRT', '1']]);
    expect(answers(at('--- stopped by SIGSTOP ---'), (a) => [a.arg('sig'), a.result, a.fd])).toEqual([
      ['SIGSTOP', undefined, undefined],
    ]);
  });

  it('are split with regard to quotes, brackets, comments and annotations', () => {
    expect(splitArguments('3</tmp/a, (b>, "c, \\", d", {e=1, f=[2, 3]}, 0x5 /* g, h */, i')).toEqual([
      '3</tmp/a, (b>',
      '"c, \\", d"',
      '{e=1, f=[2, 3]}',
      '0x5 /* g, h */',
      'i',
    ]);
    expect(splitArguments('')).toEqual([]);
    expect(splitArguments('"cut, off')).toEqual(['"cut, off']);
  });

  it('strings lose their escapes, keep the mark of being cut', () => {
    expect(stringValue('"a\\tb\\0\\1779\\x41\\\\"...')).toBe('a\tb\0\x7f9A\\...');
    expect(stringValue('NULL')).toBeUndefined();
    expect(stringValue('"open')).toBeUndefined();
  });
});

describe('results', () => {
  const cases: readonly (readonly [string, bigint | undefined, string | undefined, string])[] = [
    ['3', 3n, undefined, '3'],
    ['0x7f0011223000', 0x7f0011223000n, undefined, '0x7f0011223000'],
    ['022', 18n, undefined, '022'],
    ['-1 EAGAIN (Resource temporarily unavailable)', -1n, 'EAGAIN', 'EAGAIN'],
    ['-1 (errno 530)', -1n, '530', '-530'],
    ['?', undefined, undefined, '?'],
    ['? <unavailable>', undefined, undefined, '?'],
    ['? ERESTARTSYS (To be restarted if SA_RESTART is set)', undefined, 'ERESTARTSYS', 'ERESTARTSYS'],
    ['0 (Timeout)', 0n, undefined, '0'],
    ['1 (in [3], left {tv_sec=1, tv_nsec=5})', 1n, undefined, '1'],
    ['7 (INJECTED)', 7n, undefined, '7'],
    ['18446744073709551615', 18446744073709551615n, undefined, '18446744073709551615'],
  ];
  for (const [text, value, errno, res] of cases) {
    it(text, () => {
      const [entry, exit] = answers(at(`fcntl(5, F_X) = ${text}`), (a) => [a.result, a.arg('res')]);
      expect(entry).toEqual([undefined, undefined]);
      expect(exit).toEqual([{ value, errno }, res]);
    });
  }
});

describe('descriptors', () => {
  const cases: readonly (readonly [string, Partial<Fd>])[] = [
    ['3', { num: 3, type: undefined, name: undefined }],
    ['3</etc/hostname>', { num: 3, type: 'file', typeChar: 'f', name: '/etc/hostname' }],
    ['11</tmp/x>(deleted)', { type: 'file', name: '/tmp/x' }],
    ['11</tmp/x (deleted)>', { type: 'file', name: '/tmp/x' }],
    ['3</tmp/we ird, (x)\\76>', { type: 'file', name: '/tmp/we ird, (x)>' }],
    ['0</dev/pts/0<char 136:0>>', { type: 'file', name: '/dev/pts/0' }],
    ['3<pipe:[89864]>', { type: 'pipe', typeChar: 'p', name: 'pipe:[89864]' }],
    ['3<socket:[93889]>', { type: undefined, name: 'socket:[93889]' }],
    ['6<anon_inode:[eventpoll]>', { type: 'eventpoll', typeChar: 'l' }],
    ['6<anon_inode:[eventfd]>', { type: 'event', typeChar: 'e' }],
    ['6<anon_inode:[timerfd]>', { type: 'timerfd', typeChar: 't' }],
    ['6<anon_inode:[signalfd]>', { type: 'signalfd', typeChar: 's' }],
    ['6<anon_inode:inotify>', { type: 'inotify', typeChar: 'i' }],
    ['6<anon_inode:[new thing]>', { type: undefined, name: 'anon_inode:[new thing]' }],
    ['6<anon_inode:[perf_event]>', { type: 'unknown', typeChar: 'o' }],
    ['5</memfd:x>(deleted)', { type: 'memfd', typeChar: 'm' }],
    ['5<pid:123>', { type: 'pidfd', typeChar: 'P' }],
    ['5<NETLINK:[ROUTE:123]>', { type: 'netlink', typeChar: 'n' }],
    ['8<UNIX-STREAM:[94977->94978]>', { type: 'unix', typeChar: 'u', name: '94977->94978' }],
    ['8<UNIX-STREAM:[94977->94978,"/run/x"]>', { type: 'unix', name: '/run/x' }],
    ['3<TCP:[94972]>', { type: 'ipv4', l4proto: 'tcp', name: undefined }],
    [
      '3<TCP:[127.0.0.1:42325]>',
      { type: 'ipv4', l4proto: 'tcp', name: '127.0.0.1:42325', serverPort: 42325, clientPort: undefined },
    ],
    [
      '4<TCP:[127.0.0.1:5->10.0.0.2:80]>',
      {
        type: 'ipv4',
        typeChar: '4',
        l4proto: 'tcp',
        name: '127.0.0.1:5->10.0.0.2:80',
        clientIp: '127.0.0.1',
        clientPort: 5,
        serverIp: '10.0.0.2',
        serverPort: 80,
      },
    ],
    [
      '4<TCPv6:[[::1]:22->[::1]:5000]>',
      { type: 'ipv6', typeChar: '6', name: '::1:22->::1:5000', clientIp: '::1', clientPort: 22 },
    ],
    ['4<UDP:[0.0.0.0:53]>', { type: 'ipv4', l4proto: 'udp', name: '0.0.0.0:53' }],
  ];
  for (const [text, expected] of cases) {
    it(text, () => {
      expect(parseFd(text, false)).toMatchObject(expected);
      const [entry, exit] = answers(at(`read(${text}, "", 1) = 0 <0.1>`), (a) => a.fd);
      expect(entry).toEqual(parseFd(text, false));
      expect(exit).toEqual(entry);
    });
  }

  it('new ones on the exit of the call that opens them, none where it fails', () => {
    const nums = (line: string) => answers(at(line), (a) => a.fd?.num);
    expect(nums('accept(3, NULL, NULL) = 5')).toEqual([3, 5]);
    expect(nums('socket(AF_INET, SOCK_STREAM, 0) = 5<TCP:[94972]>')).toEqual([undefined, 5]);
    expect(nums('openat(AT_FDCWD, "x", O_RDONLY) = -1 ENOENT (No such file or directory)')).toEqual([
      undefined,
      undefined,
    ]);
    expect(nums('mmap(NULL, 8, PROT_READ, MAP_PRIVATE, 7, 0) = 0x7f')).toEqual([7, 7]);
    expect(nums('getpid() = 7')).toEqual([undefined, undefined]);
    expect(nums('newcall(7</x>, 5) = 7')).toEqual([7, 7]);
    expect(nums('newcall(7, 5) = 7')).toEqual([undefined, undefined]);
  });
});
