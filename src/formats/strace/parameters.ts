/**
 * Names of the arguments of common calls, in the order strace prints them: sysdig's name first (what people
 * paste into filters), then the manual page's. A `*` marks the descriptor that a call is about.
 */

const PARAMETERS = `
read *fd data|buf size|count
write *fd data|buf size|count
pread64 *fd data|buf size|count pos|offset
pwrite64 *fd data|buf size|count pos|offset
readv *fd data|iov iovcnt
writev *fd data|iov iovcnt
preadv *fd data|iov iovcnt pos|offset
pwritev *fd data|iov iovcnt pos|offset
preadv2 *fd data|iov iovcnt pos|offset flags
pwritev2 *fd data|iov iovcnt pos|offset flags
open name|path|pathname flags mode
creat name|path|pathname mode
openat dirfd name|path|pathname flags mode
openat2 dirfd name|path|pathname how
close *fd
lseek *fd offset whence
fsync *fd
fdatasync *fd
syncfs *fd
sync_file_range *fd offset nbytes flags
fallocate *fd mode offset length
ftruncate *fd length
truncate path length
flock *fd operation
fcntl *fd cmd arg
fcntl64 *fd cmd arg
ioctl *fd request argument
fstat *fd statbuf
fstatfs *fd statbuf
stat path statbuf
lstat path statbuf
newfstatat dirfd path statbuf flags
statx dirfd path flags mask statbuf
access name|path|pathname mode
faccessat dirfd path|pathname mode
faccessat2 dirfd path|pathname mode flags
readlink path buf size
readlinkat dirfd path buf size
getdents *fd dirp count
getdents64 *fd dirp count
getcwd path|buf size
chdir path
fchdir *fd
mkdir path mode
mkdirat dirfd path mode
rmdir path
unlink path
unlinkat dirfd name|path|pathname flags
rename oldpath newpath
renameat olddirfd oldpath newdirfd newpath
renameat2 olddirfd oldpath newdirfd newpath flags
link oldpath newpath
symlink target linkpath
chmod filename|path mode
fchmod *fd mode
chown path uid gid
fchown *fd uid gid
dup *oldfd|fd
dup2 *oldfd|fd newfd
dup3 *oldfd|fd newfd flags
pipe fds
pipe2 fds flags
socket domain type proto|protocol
socketpair domain type proto|protocol fds
bind *fd addr addrlen
connect *fd addr addrlen
listen *fd backlog
accept *fd|sockfd addr addrlen
accept4 *fd|sockfd addr addrlen flags
shutdown *fd how
getsockname *fd addr addrlen
getpeername *fd addr addrlen
getsockopt *fd level optname val|optval optlen
setsockopt *fd level optname val|optval optlen
send *fd data|buf size|len flags
recv *fd data|buf size|len flags
sendto *fd data|buf size|len flags addr|dest_addr addrlen
recvfrom *fd data|buf size|len flags addr|src_addr addrlen
sendmsg *fd msg flags
recvmsg *fd msg flags
sendmmsg *fd msgvec vlen flags
recvmmsg *fd msgvec vlen flags timeout
sendfile *out_fd|fd in_fd offset size|count
splice *fd_in|fd off_in fd_out off_out size|len flags
copy_file_range *fdin|fd|fd_in offin|off_in fdout|fd_out offout|off_out len flags
poll fds nfds timeout
ppoll fds nfds timeout sigmask
select nfds readfds writefds exceptfds timeout
pselect6 nfds readfds writefds exceptfds timeout sigmask
epoll_create size
epoll_create1 flags
epoll_ctl *epfd|fd op target event
epoll_wait *epfd|fd events maxevents timeout
epoll_pwait *epfd|fd events maxevents timeout sigmask
epoll_pwait2 *epfd|fd events maxevents timeout sigmask
eventfd2 initval flags
timerfd_create clockid flags
timerfd_settime *fd flags new_value old_value
timerfd_gettime *fd curr_value
signalfd4 *fd mask size flags
inotify_add_watch *fd path mask
memfd_create name flags
io_uring_enter *fd to_submit min_complete flags sig
futex addr|uaddr op|futex_op val timeout|val2 uaddr2 val3
nanosleep interval|rqtp rmtp
clock_nanosleep clockid flags interval|rqtp rmtp
clock_gettime clockid tp
brk addr
mmap addr length prot flags *fd offset
munmap addr length
mprotect addr length prot
madvise addr length advice
msync addr length flags
mremap old_address old_size new_size flags new_address
kill pid sig
tkill tid sig
tgkill pid|tgid tid sig
rt_sigaction sig|signum act oldact sigsetsize
rt_sigprocmask how set oldset sigsetsize
rt_sigtimedwait set info timeout sigsetsize
wait4 pid wstatus options rusage
waitid idtype id infop options rusage
execve filename|pathname argv envp
execveat dirfd pathname|filename argv envp flags
prctl option arg2
ptrace request pid addr data
setns *fd nstype
unshare flags
mount dev|source dir|target type flags data
umount2 name|target flags
prlimit64 pid resource new_limit old_limit
bpf cmd attr size
seccomp op flags args
exit status
exit_group status
semop semid sops nsops
semtimedop semid sops nsops timeout
msgsnd msqid msgp size flags
msgrcv msqid msgp size type flags
getrandom buf size flags
`;

interface Parameters {
  readonly names: readonly (readonly string[])[];
  /** Position of the descriptor that the call is about; -1: none. */
  readonly fd: number;
}

const TABLE = new Map<string, Parameters>(
  PARAMETERS.trim()
    .split('\n')
    .map((line) => {
      const [call, ...columns] = line.split(' ');
      return [
        call!,
        {
          names: columns.map((column) => column.replace('*', '').split('|')),
          fd: columns.findIndex((column) => column.startsWith('*')),
        },
      ];
    }),
);

/** Calls whose result is a new descriptor: on their exits the event is about that one. */
const OPENING = new Set(
  `open creat openat openat2 socket accept accept4 epoll_create epoll_create1 eventfd eventfd2 timerfd_create
   signalfd signalfd4 inotify_init inotify_init1 memfd_create pidfd_open perf_event_open userfaultfd
   io_uring_setup fsopen fspick open_tree open_by_handle_at`.split(/\s+/),
);

export function opensFd(call: string): boolean {
  return OPENING.has(call);
}

/** Position of the descriptor a call is about: -1 for none, undefined for a call that isn't in the table. */
export function fdPosition(call: string): number | undefined {
  return TABLE.get(call)?.fd;
}

/** Position of a named argument, or -1. */
export function parameterPosition(call: string, name: string): number {
  return TABLE.get(call)?.names.findIndex((names) => names.includes(name)) ?? -1;
}
