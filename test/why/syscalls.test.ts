/** What calls wait for, and their timeouts, from the arguments as strace and sysdig print them. */
import { describe, expect, it } from 'vitest';
import { readResult, splitArguments } from '../../src/why/arguments.js';
import { askedNs, natureOf, timedOut } from '../../src/why/syscalls.js';

describe('what a call waits for', () => {
  const strace: [string, string, string, string | null][] = [
    ['read', '5</srv/work/fifo>, ".", 1', 'blocks', 'pipe'],
    ['read', '5<pipe:[77]>, ".", 1', 'blocks', 'pipe'],
    ['read', '5<socket:[77]>, ".", 1', 'blocks', 'network'],
    ['read', '5<TCP:[1.2.3.4:5->6.7.8.9:80]>, ".", 1', 'blocks', 'network'],
    ['read', '5</var/lib/db>, ".", 1', 'blocks', 'disk'],
    ['read', '5<anon_inode:[timerfd]>, ".", 8', 'waits', 'other'],
    ['read', '0</dev/pts/0>, ".", 8', 'waits', 'other'],
    ['read', '5, ".", 1', 'blocks', 'other'],
    ['futex', '0x5652, FUTEX_WAIT_PRIVATE, 2, NULL', 'blocks', 'lock'],
    [
      'futex',
      '0x5652, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, FUTEX_BITSET_MATCH_ANY',
      'waits',
      'lock',
    ],
    ['futex', '0x5652, FUTEX_WAKE_PRIVATE, 1', 'runs', null],
    ['fcntl', '3, F_SETLKW, {l_type=F_WRLCK}', 'blocks', 'lock'],
    ['fcntl', '3, F_GETFL', 'runs', null],
    ['openat', 'AT_FDCWD, "/srv/work/fifo", O_RDONLY', 'blocks', 'pipe'],
    ['openat', 'AT_FDCWD, "/srv/work/data", O_RDONLY', 'blocks', 'disk'],
    ['restart_syscall', '<... resuming interrupted clock_nanosleep ...>', 'sleeps', null],
    ['accept4', '3<socket:[7]>, NULL, NULL, 0', 'waits', 'network'],
    ['pause', '', 'waits', null],
  ];
  for (const [type, args, kind, cls] of strace) {
    it(`strace ${type}(${args})`, () => {
      const nature = natureOf(type, args, false);
      expect([nature.kind, nature.class]).toEqual([kind, cls]);
    });
  }

  const sysdig: [string, string, string, string | null][] = [
    ['read', 'fd=4(<4t>1.2.3.4:5->6.7.8.9:10) size=200', 'blocks', 'network'],
    ['read', 'fd=5(<f>/srv/work/fifo) size=1', 'blocks', 'pipe'],
    ['write', 'res=8 data=x fd=9(<e>) size=8', 'blocks', 'other'],
    ['read', 'fd=5(<t>) size=8', 'waits', 'other'],
    ['read', 'fd=5(<p>) size=8', 'blocks', 'pipe'],
    ['futex', 'addr=7F00 op=128(FUTEX_PRIVATE_FLAG) val=2', 'blocks', 'lock'],
    ['futex', 'addr=7F00 op=137(FUTEX_PRIVATE_FLAG|FUTEX_WAIT_BITSET) val=0', 'waits', 'lock'],
    ['futex', 'res=0 addr=7F00 op=129(FUTEX_PRIVATE_FLAG|FUTEX_WAKE) val=1', 'runs', null],
    ['flock', 'fd=1(<f>/run/lock) operation=2(LOCK_EX)', 'blocks', 'lock'],
    ['timerfd_settime', '', 'runs', null],
  ];
  for (const [type, args, kind, cls] of sysdig) {
    it(`sysdig ${type} ${args}`, () => {
      const nature = natureOf(type, args, true);
      expect([nature.kind, nature.class]).toEqual([kind, cls]);
    });
  }
});

describe('timeouts', () => {
  it('of strace', () => {
    expect(askedNs('poll', '[{fd=3, events=POLLIN}], 1, 1000', false)).toBe(1e9);
    expect(askedNs('poll', '[{fd=3, events=POLLIN}], 1, -1', false)).toBeNull();
    expect(askedNs('epoll_wait', '4, [{events=EPOLLIN, data={u32=1, u64=2}}], 5, 250', false)).toBe(250e6);
    expect(askedNs('clock_nanosleep', 'CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=700000000}, NULL', false)).toBe(
      1.7e9,
    );
    expect(
      askedNs('clock_nanosleep', 'CLOCK_REALTIME, TIMER_ABSTIME, {tv_sec=1, tv_nsec=7}, NULL', false),
    ).toBeNull();
    expect(askedNs('nanosleep', '{1, 500}, NULL', false)).toBe(1e9 + 500);
    expect(askedNs('select', '4, [3], NULL, NULL, {tv_sec=0, tv_usec=500}', false)).toBe(500e3);
    expect(askedNs('futex', '0x1, FUTEX_WAIT_PRIVATE, 0, {tv_sec=2, tv_nsec=0}', false)).toBe(2e9);
    expect(askedNs('futex', '0x1, FUTEX_WAIT_BITSET, 0, {tv_sec=2, tv_nsec=0}', false)).toBeNull();
  });

  it('of sysdig', () => {
    expect(askedNs('poll', 'fds=4:41 timeout=1000', true)).toBe(1e9);
    expect(askedNs('poll', 'fds=4:41 timeout=-1', true)).toBeNull();
    expect(askedNs('ppoll', 'res=0 fds= timeout=1500000000(1.5s) sigmask=', true)).toBe(1.5e9);
    expect(askedNs('nanosleep', 'interval=1500000000(1.5s)', true)).toBe(1.5e9);
    expect(askedNs('epoll_wait', 'maxevents=64', true)).toBeNull();
  });

  it('ran out or not, by the result', () => {
    expect(timedOut('poll', readResult('0 (Timeout)', false))).toBe(true);
    expect(timedOut('poll', readResult('1 ([{fd=3}])', false))).toBe(false);
    expect(timedOut('futex', readResult('res=-110(ETIMEDOUT)', true))).toBe(true);
    expect(timedOut('clock_nanosleep', readResult('', true))).toBeNull();
    expect(
      timedOut('rt_sigtimedwait', readResult('-1 EAGAIN (Resource temporarily unavailable)', false)),
    ).toBe(true);
  });
});

describe('arguments', () => {
  it('are split at the top level only', () => {
    expect(splitArguments('4, "a, \\"b", [{x=1, y=(2, 3)}], NULL')).toEqual([
      '4',
      '"a, \\"b"',
      '[{x=1, y=(2, 3)}]',
      'NULL',
    ]);
  });
});
