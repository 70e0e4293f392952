import { describe, expect, test } from 'vitest';
import { SysdigFields } from '../../../src/formats/sysdig/fields.js';
import { OpenCalls } from '../../../src/formats/sysdig/open-calls.js';
import { EventView } from '../../../src/model/event.js';
import type { Fd } from '../../../src/model/event-fields.js';
import { ALL_NEEDS, decodeEach } from './decoding.js';

let lineNumber = 0;
/** Default lines from `tid dir type args`, a microsecond apart. */
function trace(...events: string[]): string {
  return events
    .map((text) => {
      const [tid, dir, type, ...args] = text.split(' ');
      const time = `10:00:00.${String(++lineNumber).padStart(6, '0')}000`;
      return `${lineNumber} ${time} 0 prog${tid} (${tid}) ${dir} ${type} ${args.join(' ')} \n`;
    })
    .join('');
}

function fds(...events: string[]): (Fd | undefined)[] {
  return decodeEach(trace(...events), undefined, (d, e) => d.fd(e)).seen;
}

describe('result', () => {
  test.each([
    ['1 < read res=90 data=x', 90n, undefined],
    ['1 < read res=-11(EAGAIN) data=', -11n, 'EAGAIN'],
    ['1 < openat fd=5(<f>/a) name=/a flags=1 mode=0', 5n, undefined],
    ['1 < openat fd=-2(ENOENT) name=/a flags=1 mode=0', -2n, 'ENOENT'],
    ['1 < clone res=300(bash) exe=bash', 300n, undefined],
    ['1 < mmap res=7FA69774E000 vm_size=1 vm_rss=1 vm_swap=0', 0x7fa69774e000n, undefined],
    ['1 < mmap res=140353482317824 vm_size=1 vm_rss=1 vm_swap=0', 140353482317824n, undefined],
    ['1 < mmap res=FFFFFFFFFFFFFFF4 vm_size=1 vm_rss=1 vm_swap=0', -12n, undefined],
    ['1 < fcntl res=0(<f>/dev/pts/0)', 0n, undefined],
  ])('%s', (event, value, errno) => {
    const { seen } = decodeEach(trace(event), undefined, (d, e) => d.result(e));
    expect(seen).toEqual([{ value, errno }]);
  });

  test.each(['1 > read fd=5 size=1', '1 < getuid uid=0(root)', '1 < fsync ', '1 > switch next=0 pgft_maj=0'])(
    '%s has none',
    (event) => {
      expect(decodeEach(trace(event), undefined, (d, e) => d.result(e)).seen).toEqual([undefined]);
    },
  );
});

describe('descriptor', () => {
  test('of an exit is that of its entry', () => {
    const [, , exit] = fds(
      '1 > read fd=5(<t>) size=8',
      '2 > read fd=6(<e>) size=8',
      '1 < read res=8 data=....',
    );
    expect(exit).toMatchObject({ num: 5, type: 'timerfd' });
  });

  test('of an exit that prints its own', () => {
    expect(
      fds('1 < sendmsg res=40 data=E.. fd=13(<4r>192.0.2.2->224.0.0.18) size=40 tuple=NULL'),
    ).toMatchObject([{ num: 13, name: '192.0.2.2->224.0.0.18' }]);
  });

  test('of calls that open one is the new one; of a failed open the path', () => {
    expect(
      fds(
        '1 > openat dirfd=-100(AT_FDCWD) name=/a flags=1 mode=0',
        '1 < openat fd=3(<f>/a) name=/a flags=1 mode=0',
        '1 < openat fd=-2(ENOENT) dirfd=-100(AT_FDCWD) name=b(/h/b) flags=1 mode=0',
        '1 < epoll_create1 res=3 flags=1',
        '1 < pipe2 res=0 fd1=3(<p>) fd2=4(<p>) ino=1 flags=0',
      ),
    ).toMatchObject(
      [
        { num: -1, typeChar: 'f', type: undefined },
        { num: 3, type: 'file', name: '/a' },
        { num: -1, typeChar: 'f', name: '/h/b' },
        { num: 3, type: 'eventpoll' },
        undefined as unknown as object,
      ].map((fd) => fd ?? undefined) as object[],
    );
  });

  test('of a finished connect has its addresses', () => {
    const [, exit] = fds(
      '1 > connect fd=5(<4>) addr=10.77.0.77:4444',
      '1 < connect res=-115(EINPROGRESS) tuple=10.77.0.1:58958->10.77.0.77:4444',
    );
    expect(exit).toMatchObject({
      num: 5,
      type: 'ipv4',
      clientPort: 58958,
      serverIp: '10.77.0.77',
      serverPort: 4444,
    });
  });

  test('of poll, of an anonymous mapping, and of an exit without its entry is unknown', () => {
    expect(
      fds(
        '1 > poll fds=4:41 6:u4 timeout=-1',
        '1 > mmap addr=0 length=1 prot=3(PROT_READ) flags=10 fd=-1(EPERM) offset=0',
        '9 < read res=1 data=x',
        '8 > read fd=3(<f>/a) size=1',
        '8 < close res=0',
      ),
    ).toEqual([undefined, undefined, undefined, expect.objectContaining({ num: 3 }), undefined]);
  });
});

test('latency pairs entry and exit of a thread, and knows nothing where one is missing', () => {
  const { seen } = decodeEach(
    trace(
      '1 > nanosleep interval=1(1e-09s)',
      '2 > read fd=3 size=1',
      '1 > switch next=0 pgft_maj=0 pgft_min=0 vm_size=0 vm_rss=0 vm_swap=0',
      '1 < nanosleep res=0',
      '1 < nanosleep res=0',
      '2 < write res=1 data=x',
      '3 < read res=0 data=',
    ),
    undefined,
    (d, e) => d.latencyNs(e),
  );
  expect(seen).toEqual([0, 0, 0, 3000, undefined, undefined, undefined]);
});

test('a fork pairs for itself and leaves the original alone', () => {
  const e = new EventView();
  e.text = Buffer.from('read');
  e.typeEnd = 4;
  const main = new SysdigFields();
  main.track(ALL_NEEDS);
  const see = (fields: SysdigFields, dir: 1 | 2, timeNs: number, offset: number): number | undefined => {
    Object.assign(e, { tid: 1, dir, timeNs, offset });
    fields.observe(e);
    return fields.latencyNs(e);
  };
  see(main, 1, 100, 10);
  const back = main.fork();
  see(back, 1, 20, 2);
  expect(see(back, 2, 25, 3)).toBe(5);
  expect(see(main, 2, 107, 11)).toBe(7);
});

test('threads that came first are forgotten past the bound', () => {
  const calls = new OpenCalls(false, 2);
  const e = new EventView();
  e.text = Buffer.from('read');
  e.typeEnd = 4;
  for (const tid of [1, 2, 3]) {
    Object.assign(e, { tid, dir: 1, timeNs: tid, offset: tid });
    calls.observe(e);
  }
  const entries = [1, 2, 3].map((tid) => {
    Object.assign(e, { tid, dir: 2, offset: 10 + tid });
    calls.observe(e);
    return calls.entryOf(e)?.timeNs;
  });
  expect(entries).toEqual([undefined, 2, 3]);
});

test('processes, from clone, execve and switch', () => {
  const { seen } = decodeEach(
    trace(
      '200 < clone res=300(bash) exe=bash args= tid=200(bash) pid=200(bash) ptid=1(systemd) cwd=/home/al fdlimit=1024 pgft_maj=0 pgft_min=10 vm_size=500 vm_rss=300 vm_swap=0 comm=bash cgroups=cpu=/. flags=0 uid=0 gid=0 vtid=2 vpid=2',
      '200 < clone res=301(bash) exe=bash args= tid=200(bash) pid=200(bash) ptid=1(systemd) cwd=/home/al fdlimit=1024 pgft_maj=0 pgft_min=10 vm_size=500 vm_rss=300 vm_swap=0 comm=bash flags=65536(CLONE_THREAD) uid=0 gid=0 vtid=2 vpid=2',
      '300 < execve res=0 exe=ls args=-l./tmp. tid=300(ls) pid=300(ls) ptid=200(bash) cwd=/home/al fdlimit=1024 pgft_maj=0 pgft_min=20 vm_size=440 vm_rss=0 vm_swap=0 comm=ls cgroups=cpu=/. env=A=1.B=2. tty=34816 vpgid=300 loginuid=0 flags=0 trusted_exepath=/bin/ls',
      '300 > switch next=14(x vm_swap=9) pgft_maj=1 pgft_min=61 vm_size=10560 vm_rss=1200 vm_swap=7',
      '300 < brk res=55FD3AF96000 vm_size=2388 vm_rss=1184 vm_swap=0',
    ),
    undefined,
    (d, e) => [200, 300, 301].map((tid) => ({ ...d.process(e, tid) })),
  );
  expect(seen[1]).toMatchObject([
    { pid: 200, ppid: 1, exe: 'bash', cwd: '/home/al', fdLimit: 1024, vpid: 2, vmSizeKb: 500 },
    { pid: 300, ppid: 200, exe: 'bash' },
    { pid: 200, ppid: 1 },
  ]);
  expect(seen[2]![1]).toMatchObject({
    exe: 'ls',
    exepath: '/bin/ls',
    args: '-l./tmp',
    env: 'A=1.B=2',
    tty: 34816,
  });
  expect(seen[3]![1]).toMatchObject({ pfMajor: 1, pfMinor: 61, vmSizeKb: 10560, vmRssKb: 1200, vmSwapKb: 7 });
  expect(seen[4]![1]).toMatchObject({ vmSizeKb: 2388, vmRssKb: 1184, vmSwapKb: 0 });
  expect(seen[1]![1]!.startNs).toBeDefined();
});

test('thread names, from lines and from switch', () => {
  const { seen } = decodeEach(
    trace(
      '1 > switch next=637(keep alived) pgft_maj=0 pgft_min=0 vm_size=0 vm_rss=0 vm_swap=0',
      '1 > switch next=5(<NA>) pgft_maj=0 pgft_min=0 vm_size=0 vm_rss=0 vm_swap=0',
    ),
    undefined,
    (d) => [1, 637, 5].map((tid) => d.threadName(tid)),
  );
  expect(seen[1]).toEqual(['prog1', 'keep alived', undefined]);
});

test('arguments in both forms', () => {
  const { seen } = decodeEach(
    trace(
      '1 < ioctl res=-25(ENOTTY) fd=3(<f>/a) request=5401 argument=7FFF',
      '1 > switch next=14(ksoftirqd/0) pgft_maj=0',
      '1 < openat fd=3(<f>/a) dirfd=-100(AT_FDCWD) name=/a flags=65(O_CREAT) mode=0644 dev=FE00',
    ),
    undefined,
    (d, e) =>
      ['res', 'request', 'next', 'flags', 'mode', 'dev', 'fd'].map((key) => [
        d.arg(e, key),
        d.rawArg(e, key),
      ]),
  );
  const none = [undefined, undefined];
  expect(seen).toEqual([
    [['ENOTTY', '-25'], ['5401', '21505'], none, none, none, none, ['<f>/a', '3']],
    [none, none, ['ksoftirqd/0', '14'], none, none, none, none],
    [none, none, none, ['O_CREAT', '65'], ['0644', '420'], ['FE00', '65024'], ['<f>/a', '3']],
  ]);
});
