/**
 * What each call waits for when it takes long, which argument is its timeout, and whether its result says that
 * the timeout ran out. Names are strace's; sysdig's
 * differ for pread and pwrite. sysdig prints no arguments and no result for calls without an event of their own
 * (fsync, wait4, clock_nanosleep, epoll_pwait, ...), and no timeout for epoll_wait, select and futex.
 */
import type { CallClass } from '../model/findings.js';
import { keyValue, type Result, splitArguments, timeStruct } from './arguments.js';
import { describeDescriptor, ofPath } from './descriptors.js';

/**
 * `sleeps`: for a time it chose. `waits`: for an event it chose to wait for. `blocks`: held up by something.
 * `runs`: does not wait on purpose.
 */
export type CallKind = 'sleeps' | 'waits' | 'blocks' | 'runs';

export interface CallNature {
  readonly kind: CallKind;
  readonly class: CallClass | null;
  /** Path, peer or the like that the call is about. */
  readonly subject: string | null;
  /** Such a call waits by its nature: when it takes long, it did wait. */
  readonly certain: boolean;
}

const SLEEPS = set('nanosleep clock_nanosleep');
const WAITS = set(
  'poll ppoll select _newselect pselect6 epoll_wait epoll_pwait epoll_pwait2 rt_sigtimedwait rt_sigsuspend sigsuspend pause io_getevents io_pgetevents io_uring_enter mq_timedreceive mq_timedsend msgrcv msgsnd futex_wait futex_waitv',
);
const ACCEPTS = set('accept accept4');
const LOCKS = set('flock semop semtimedop');
const CHILDREN = set('wait4 waitid waitpid vfork');
const SYNCS = set('fsync fdatasync sync syncfs msync sync_file_range');
const FILES = set(
  'open openat openat2 creat stat lstat fstat newfstatat statx access faccessat faccessat2 unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir truncate ftruncate fallocate getdents getdents64 link linkat symlink symlinkat readlink readlinkat chmod fchmod fchmodat chown fchown fchownat utimensat copy_file_range fadvise64 readahead execve execveat mount umount umount2 quotactl statfs fstatfs getxattr setxattr',
);
const NETWORK = set('connect recvfrom recvmsg recvmmsg recv sendto sendmsg sendmmsg send shutdown');
const DESCRIPTORS = set(
  'read write pread pwrite pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 sendfile sendfile64 splice tee vmsplice close ioctl',
);
const RUNS = set(
  'exit exit_group getpid gettid getppid getuid geteuid getgid getegid getpgrp getpgid getsid clock_gettime clock_getres gettimeofday time times getrusage uname sysinfo umask sched_yield sched_getaffinity sched_setaffinity sched_setscheduler timerfd_settime timerfd_gettime timerfd_create timer_settime timer_create setitimer getitimer alarm epoll_ctl epoll_create epoll_create1 eventfd eventfd2 signalfd signalfd4 inotify_add_watch rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack kill tkill tgkill socket bind listen getsockname getpeername setsockopt getsockopt dup dup2 dup3 pipe pipe2 lseek set_tid_address set_robust_list rseq arch_prctl prctl prlimit prlimit64 getrlimit setrlimit getrandom futex_wake membarrier capget capset setuid setgid getcpu',
);

function set(names: string): ReadonlySet<string> {
  return new Set(names.split(' '));
}

const RUNNING: CallNature = { kind: 'runs', class: null, subject: null, certain: false };

/** What the call was up to. `args`: of entry and exit together; of strace the entry's with what the exit adds. */
export function natureOf(type: string, args: string, sysdig: boolean): CallNature {
  if (SLEEPS.has(type)) return { kind: 'sleeps', class: null, subject: null, certain: true };
  if (WAITS.has(type)) return { kind: 'waits', class: null, subject: null, certain: true };
  if (type === 'restart_syscall') return restarted(args, sysdig);
  if (type === 'futex') return futex(args, sysdig);
  if (type === 'fcntl' || type === 'fcntl64') return fcntl(args, sysdig);
  if (LOCKS.has(type)) return blocks('lock', describeDescriptor(args, sysdig).name, true);
  if (CHILDREN.has(type)) return blocks('child', null, true);
  if (SYNCS.has(type)) return blocks('disk', describeDescriptor(args, sysdig).name, true);
  if (ACCEPTS.has(type))
    return { kind: 'waits', class: 'network', subject: describeDescriptor(args, sysdig).name, certain: true };
  if (NETWORK.has(type)) return blocks('network', peer(args, sysdig), true);
  if (DESCRIPTORS.has(type)) return onDescriptor(type, args, sysdig);
  if (FILES.has(type)) return onPath(args, sysdig);
  if (RUNS.has(type)) return RUNNING;
  return blocks('other', null, false);
}

function blocks(cls: CallClass, subject: string | null, certain: boolean): CallNature {
  return { kind: 'blocks', class: cls, subject, certain };
}

function restarted(args: string, sysdig: boolean): CallNature {
  const m = /resuming interrupted (\w+)/.exec(args);
  if (m && m[1] !== 'restart_syscall') return natureOf(m[1]!, '', sysdig);
  return { kind: 'waits', class: null, subject: null, certain: false };
}

/** A contended mutex of the C library waits with the value 2; every other FUTEX_WAIT is for an event. */
function futex(args: string, sysdig: boolean): CallNature {
  const subject = null;
  if (sysdig) {
    const op = Number.parseInt(keyValue(args, 'op') ?? '', 10);
    if (Number.isNaN(op)) return { kind: 'waits', class: 'lock', subject, certain: false };
    return futexOf(op & 0x7f, keyValue(args, 'val') === '2');
  }
  const list = splitArguments(args);
  const op = list[1] ?? '';
  if (/FUTEX_(?:LOCK_PI)/.test(op)) return futexOf(6, false);
  if (/FUTEX_WAIT/.test(op)) return futexOf(op.includes('BITSET') ? 9 : 0, list[2] === '2');
  return op === '' ? { kind: 'waits', class: 'lock', subject, certain: false } : RUNNING;
}

function futexOf(op: number, contended: boolean): CallNature {
  if (op === 6 || op === 13 || (op === 0 && contended)) return blocks('lock', null, true);
  if (op === 0 || op === 9 || op === 11)
    return { kind: 'waits', class: 'lock', subject: null, certain: true };
  return RUNNING;
}

function fcntl(args: string, sysdig: boolean): CallNature {
  return /F_(?:OFD_)?SETLKW/.test(args)
    ? blocks('lock', describeDescriptor(args, sysdig).name, true)
    : RUNNING;
}

function peer(args: string, sysdig: boolean): string | null {
  const fd = describeDescriptor(args, sysdig).name;
  if (fd) return fd;
  const address = sysdig
    ? keyValue(args, 'addr')
    : /sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"/.exec(args);
  if (typeof address === 'string') return address;
  return address ? `${address[2]}:${address[1]}` : null;
}

function onDescriptor(type: string, args: string, sysdig: boolean): CallNature {
  const { kind, name } = describeDescriptor(args, sysdig);
  const reads = type.includes('read') || type === 'splice';
  switch (kind) {
    case 'socket':
      return blocks('network', name, true);
    case 'pipe':
      return blocks('pipe', name, true);
    case 'file':
      return blocks('disk', name, false);
    case 'event':
    case 'device':
      return reads
        ? { kind: 'waits', class: 'other', subject: name, certain: true }
        : blocks('other', name, false);
    case 'unknown':
      return blocks('other', null, false);
  }
}

function onPath(args: string, sysdig: boolean): CallNature {
  const path = sysdig
    ? (keyValue(args, 'name') ?? keyValue(args, 'filename') ?? keyValue(args, 'path') ?? null)
    : (/"([^"]*)"/.exec(args)?.[1] ?? null);
  const { kind } = ofPath(path);
  return blocks(kind === 'pipe' ? 'pipe' : kind === 'device' ? 'other' : 'disk', path, false);
}

/** Position of the timeout (from 0) in strace's arguments and its unit; sysdig's argument and nanoseconds per unit. */
const TIMEOUTS: Readonly<Record<string, { at: number; unitNs: number; key?: string; keyNs?: number }>> = {
  nanosleep: { at: 0, unitNs: 0, key: 'interval', keyNs: 1 },
  clock_nanosleep: { at: 2, unitNs: 0 },
  poll: { at: 2, unitNs: 1e6, key: 'timeout', keyNs: 1e6 },
  ppoll: { at: 2, unitNs: 0, key: 'timeout', keyNs: 1 },
  select: { at: 4, unitNs: 0 },
  _newselect: { at: 4, unitNs: 0 },
  pselect6: { at: 4, unitNs: 0 },
  epoll_wait: { at: 3, unitNs: 1e6, key: 'timeout', keyNs: 1e6 },
  epoll_pwait: { at: 3, unitNs: 1e6, key: 'timeout', keyNs: 1e6 },
  epoll_pwait2: { at: 3, unitNs: 0 },
  futex: { at: 3, unitNs: 0 },
  rt_sigtimedwait: { at: 2, unitNs: 0 },
  semtimedop: { at: 3, unitNs: 0 },
  io_getevents: { at: 4, unitNs: 0 },
  io_pgetevents: { at: 4, unitNs: 0 },
};

/** The time a sleep or wait asked for, in nanoseconds; null where it is absolute, endless or not printed. */
export function askedNs(type: string, args: string, sysdig: boolean): number | null {
  const rule = TIMEOUTS[type];
  if (!rule) return null;
  if (sysdig) {
    const value = rule.key ? Number.parseInt(keyValue(args, rule.key) ?? '', 10) : Number.NaN;
    return value >= 0 && value < 2 ** 53 ? value * rule.keyNs! : null;
  }
  if (/TIMER_ABSTIME|FUTEX_(?:WAIT_BITSET|LOCK_PI|WAIT_REQUEUE_PI)/.test(args)) return null;
  const value = splitArguments(args)[rule.at];
  if (rule.unitNs === 0) return timeStruct(value) ?? null;
  const count = value !== undefined && /^\d+$/.test(value) ? Number(value) : -1;
  return count >= 0 ? count * rule.unitNs : null;
}

/** Whether the result says that the timeout ran out; null where no result is printed. */
export function timedOut(type: string, result: Result | null): boolean | null {
  if (!result) return null;
  if (SLEEPS.has(type)) return result.value === 0;
  if (/^(?:futex|mq_|semtimedop)/.test(type))
    return result.errno === 'ETIMEDOUT' || (type === 'semtimedop' && result.errno === 'EAGAIN');
  if (type === 'rt_sigtimedwait') return result.errno === 'EAGAIN';
  if (/poll|select|getevents/.test(type)) return result.value === 0;
  return false;
}
