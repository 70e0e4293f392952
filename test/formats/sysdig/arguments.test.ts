import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argument, raw, resolved, splitArguments } from '../../../src/formats/sysdig/arguments.js';
import { eventKind, metaEvents, parameters } from '../../../src/formats/sysdig/parameters.js';
import { DIR_ENTER, DIR_EXIT, type Direction } from '../../../src/model/event.js';

function split(line: string): Record<string, string> {
  const [dir, type = '', ...rest] = line.split(' ');
  const args = splitArguments(rest.join(' '), type, dir === '>' ? DIR_ENTER : DIR_EXIT);
  return Object.fromEntries(args.map((a) => [a.name, a.value]));
}

describe('parameters', () => {
  test('know older and newer forms', () => {
    expect(parameters('read', DIR_EXIT).map((p) => p.name)).toEqual(['res', 'data', 'fd', 'size']);
    expect(parameters('switch', DIR_ENTER)[0]).toEqual({ name: 'next', kind: 'number' });
    expect(parameters('clock_nanosleep', DIR_EXIT)).toEqual([]);
  });

  test('tell the result, the descriptor and what has no exit', () => {
    expect(eventKind('openat')?.result).toBe('fd');
    expect(eventKind('read')).toMatchObject({
      result: 'res',
      usesFd: true,
    });
    expect(eventKind('getuid')?.result).toBeUndefined();
    expect(metaEvents()).toEqual(
      expect.arrayContaining(['switch', 'procexit', 'signaldeliver', 'page_fault']),
    );
    expect(metaEvents()).not.toContain('drop');
  });
});

describe('splitting', () => {
  test.each<[string, Record<string, string>]>([
    ['< read res=90 data=.... ', { res: '90', data: '....' }],
    ['< read res=-11(EAGAIN) data= ', { res: '-11(EAGAIN)', data: '' }],
    [
      '< read res=-11(EAGAIN) data=NULL fd=6(<u>/run/docker.sock) size=20',
      { res: '-11(EAGAIN)', data: 'NULL', fd: '6(<u>/run/docker.sock)', size: '20' },
    ],
    [
      '< write res=12 data=line1.line2...x "q" \\ z fd=15(<f>/tmp/with space andnewline) size=20',
      {
        res: '12',
        data: 'line1.line2...x "q" \\ z',
        fd: '15(<f>/tmp/with space andnewline)',
        size: '20',
      },
    ],
    [
      '< sendmsg res=10 data=fd=9 size=1 tuple=x fd=4(<4t>1.2.3.4:5->6.7.8.9:10) size=10 tuple=1.2.3.4:5->6.7.8.9:10',
      {
        res: '10',
        data: 'fd=9 size=1 tuple=x',
        fd: '4(<4t>1.2.3.4:5->6.7.8.9:10)',
        size: '10',
        tuple: '1.2.3.4:5->6.7.8.9:10',
      },
    ],
    [
      '< write res=9 data= fd=3(<f>/a) size=9 fd=5(<f>/tmp/b size=3) size=9',
      { res: '9', data: ' fd=3(<f>/a) size=9', fd: '5(<f>/tmp/b size=3)', size: '9' },
    ],
    ['> close fd=5(<f>/tmp/x)y (z))', { fd: '5(<f>/tmp/x)y (z))' }],
    [
      '> switch next=102(a) b pgft_maj=1 (c) pgft_maj=0 pgft_min=61 vm_size=1 vm_rss=2 vm_swap=0',
      {
        next: '102(a) b pgft_maj=1 (c)',
        pgft_maj: '0',
        pgft_min: '61',
        vm_size: '1',
        vm_rss: '2',
        vm_swap: '0',
      },
    ],
    [
      '< openat fd=-2(ENOENT) dirfd=-100(AT_FDCWD) name=x flags=1 y(/home/al/x flags=1 y) flags=4097(O_RDONLY|O_CLOEXEC) mode=0 dev=0 ino=0',
      {
        fd: '-2(ENOENT)',
        dirfd: '-100(AT_FDCWD)',
        name: 'x flags=1 y(/home/al/x flags=1 y)',
        flags: '4097(O_RDONLY|O_CLOEXEC)',
        mode: '0',
        dev: '0',
        ino: '0',
      },
    ],
    [
      '< ppoll res=0 fds= timeout=1500000000(1.5s) sigmask=SIGINT SIGQUIT',
      {
        res: '0',
        fds: '',
        timeout: '1500000000(1.5s)',
        sigmask: 'SIGINT SIGQUIT',
      },
    ],
    ['> poll fds=4:41 6:u4 77:?5 timeout=-1', { fds: '4:41 6:u4 77:?5', timeout: '-1' }],
    ['< sendto syslog sev=notice msg=prog: hello world', { sev: 'notice', msg: 'prog: hello world' }],
    ['> mynotif plugin_id=0 name=mynotif data=a b', { plugin_id: '0', name: 'mynotif', data: 'a b' }],
    [
      '< execve res=0 exe=ls args=-l. tid=1. tid=300(ls) pid=300(ls) ptid=200(bash) cwd=/h fdlimit=1024 env=A= tid=5. tty=0 pgid=7 loginuid=-1 flags=1(EXE_WRITABLE)',
      {
        res: '0',
        exe: 'ls',
        args: '-l. tid=1.',
        tid: '300(ls)',
        pid: '300(ls)',
        ptid: '200(bash)',
        cwd: '/h',
        fdlimit: '1024',
        env: 'A= tid=5.',
        tty: '0',
        pgid: '7',
        loginuid: '-1',
        flags: '1(EXE_WRITABLE)',
      },
    ],
    ['> clone ', {}],
  ])('%s', (line, expected) => {
    expect(split(line)).toEqual(expected);
  });

  test('one argument by name or position; <NA> is absent', () => {
    const text = 'res=-11(EAGAIN) size=0 data= tuple=NULL ';
    expect(argument(text, 'recvmsg', DIR_EXIT, 'res')?.value).toBe('-11(EAGAIN)');
    expect(argument(text, 'recvmsg', DIR_EXIT, 1)?.name).toBe('size');
    expect(argument(text, 'recvmsg', DIR_EXIT, 'data')?.value).toBe('');
    expect(argument(text, 'recvmsg', DIR_EXIT, 'fd')).toBeUndefined();
    expect(argument('res=0 addr=<NA> fd=3(<n>)', 'bind', DIR_EXIT, 'addr')).toBeUndefined();
  });

  test('never throws, and loses no byte of a text that begins with an argument', () => {
    const piece = fc.oneof(
      fc.constantFrom(' fd=', ' size=', ' res=', 'data=', ' tuple=', '(', ')', '<4t>', ' ', '=', '-1', '10'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('read', 'sendmsg', 'execve', 'switch', 'nonsense'),
        fc.constantFrom<Direction>(0, 1, 2),
        fc.array(piece, { maxLength: 30, size: 'max' }).map((pieces) => `res=1${pieces.join('')}`),
        (type, dir, text) => {
          const back = splitArguments(text, type, dir)
            .map((a) => `${a.name}=${a.value}`)
            .join(' ');
          expect(back).toBe(text.endsWith(' ') ? text.slice(0, -1) : text);
        },
      ),
    );
  });

  test('a long hostile buffer takes no time to speak of', () => {
    const text = `res=1 data=${' fd=3(<f>/a) size=9'.repeat(3000)}`;
    const start = performance.now();
    splitArguments(text, 'read', DIR_EXIT);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

test.each([
  ['-11(EAGAIN)', 'number', 'EAGAIN', '-11'],
  ['14(ksoftirqd/0)', 'number', 'ksoftirqd/0', '14'],
  ['101((sd-pam))', 'number', '(sd-pam)', '101'],
  ['5(<f>/tmp/x)', 'fd', '<f>/tmp/x', '5'],
  ['832', 'number', '832', '832'],
  ['x/../y.txt(/home/al/y.txt)', 'path', '/home/al/y.txt', 'x/../y.txt'],
  ['/tmp/a(b)', 'path', '/tmp/a(b)', '/tmp/a(b)'],
  ['5(not a number)', 'text', '5(not a number)', '5(not a number)'],
] as const)('%s as %s resolves to %s', (value, kind, name, number) => {
  expect(resolved(value, kind)).toBe(name);
  expect(raw(value, kind)).toBe(number);
});
