/**
 * What sysdig prints for each event: its parameters per direction, in their order, and the event's kind.
 *
 * Generated from the event tables of sysdig 0.1.72 to libs 0.25. Several table entries share a name (older and
 * newer forms of a call); a line holds their union in order, and a trace prints some of it:
 *
 *   old readers   > read fd=4(<f>/a) size=200     < read res=90 data=....
 *   libs >= 0.22                                  < read res=90 data=.... fd=4(<f>/a) size=200
 *
 * Calls that are not listed print no arguments. Parsed at first use; never on the hot path.
 */
import { DIR_ENTER, type Direction } from '../../model/event.js';

/**
 * Shape of a parameter's value. `number`: number, address or flags, with `(NAME)` behind it where it has one.
 * `text`: anything at all. `path`: a path, a relative one with its absolute form in parentheses. `fd`: a file
 * descriptor. `list`: socket tuple or address, poll's list, signal set.
 */
export type ParameterKind = 'number' | 'text' | 'path' | 'fd' | 'list';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
}

export interface EventKind {
  readonly name: string;
  /** As in sysdig's event table; `io_read`, `io_write` and `io_other` stand for what the descriptor is. */
  readonly category: string;
  readonly readsFd: boolean;
  readonly writesFd: boolean;
  /** evt.is_wait: poll, ppoll, select, epoll_wait, nanosleep. */
  readonly waits: boolean;
  readonly usesFd: boolean;
  readonly createsFd: boolean;
  /** An event without an exit: switch, procexit, signaldeliver, ... */
  readonly meta: boolean;
  readonly enter: readonly Parameter[];
  readonly exit: readonly Parameter[];
  /** The exit's parameter that is the call's result: `res`, or `fd` for calls that open one; undefined if none is. */
  readonly result: string | undefined;
}

const PROCESS =
  'res exe~ args~ tid pid ptid cwd~ fdlimit pgft_maj pgft_min vm_size vm_rss vm_swap comm~ cgroups~';
const CLONE = `${PROCESS} flags uid gid vtid vpid pidns_init_start_ts`;
// `pgid` stood where newer versions print `vpgid`, and moved behind `trusted_exepath`.
const EXEC = `${PROCESS} env~ tty vpgid pgid loginuid flags cap_inheritable cap_permitted cap_effective exe_ino exe_ino_ctime exe_ino_mtime uid trusted_exepath/ pgid gid`;

/**
 * One event a line: `name category flags|enter|exit`, without the last part for events that have no exit.
 * Flags: r reads and w writes a descriptor, W waits, u uses and c creates a descriptor. After a parameter:
 * `~` text, `/` path, `@` descriptor, `*` list. `^` is the enter's parameters once more.
 */
const TABLE = `
accept net c|flags|fd@ tuple* queuepct queuelen queuemax
accept4 net c|flags|fd@ tuple* queuepct queuelen queuemax ^
access file -|mode|res name/ ^
asyncevent other -|plugin_id name~ data~
bind net u|fd@|res addr* ^
bpf other c|cmd|res_or_fd~ fd@ ^
brk memory -|size addr|res vm_size vm_rss vm_swap addr
capset process -||res cap_inheritable cap_permitted cap_effective
chdir file -||res path~
chmod file -||res filename/ mode
chown file -||res path/ uid gid
chroot process -||res path/
clone process -||${CLONE}
clone3 process -||${CLONE}
close io_other u|fd@|res ^
close_range io_other -||res first last flags
connect net u|fd@ addr*|res tuple* ^
container process -|id~ type name~ image~ json~
copy_file_range file rwu|fdin@ offin len|res fdout@ offout ^
cpu_hotplug system -|cpu action
creat file c|name/ mode|fd@ name/ mode dev ino creat_flags
delete_module other -||res name~ flags
drop internal -|ratio|^
dup io_other uc|fd@|res@ oldfd@
dup2 io_other uc|fd@|res@ oldfd@ newfd@
dup3 io_other uc|fd@|res@ oldfd@ newfd@ flags
epoll_create wait c|size|res ^
epoll_create1 wait c|flags|res ^
epoll_wait wait W|maxevents|res ^
eventfd IPC c|initval flags|res@ ^
eventfd2 IPC c|initval|res@ flags ^
execve process -|filename/|${EXEC} ^
execveat process -|dirfd@ pathname/ flags|${EXEC}
fchdir file u|fd@|res ^
fchmod file u||res fd@ mode
fchmodat file u||res dirfd@ filename/ mode
fchown file u||res fd@ uid gid
fchownat file u||res dirfd@ pathname/ uid gid flags
fcntl io_other u|fd@ cmd|res@ fd@ cmd arg
finit_module other ru||res fd@ uargs~ flags
flock file u|fd@ operation|res ^
fork process -||${CLONE}
fsconfig system u||res fd@ cmd key~ value_bytebuf~ value_charbuf~ aux
fstat file u|fd@|res ^
fstat64 file u|fd@|res
futex IPC -|addr op val|res ^
getcwd file -||res path~
getdents file u|fd@|res ^
getdents64 file u|fd@|res ^
getegid user -||egid
geteuid user -||euid
getgid user -||gid
getpeername net -||
getresgid user -||res rgid egid sgid
getresuid user -||res ruid euid suid
getrlimit process -|resource|res cur max ^
getsockname net -||
getsockopt net u||res fd@ level optname val~ optlen
getuid user -||uid
groupadded process -|gid name~ container_id~
groupdeleted process -|gid name~ container_id~
infra internal -|source~ name~ description~ scope~
init_module other -||res img~ length uargs~
inotify_init IPC c|flags|res@ ^
inotify_init1 IPC c||res@ flags
io_uring_enter io_other u||res fd@ to_submit min_complete flags sig*
io_uring_register io_other u||res fd@ opcode arg nr_args
io_uring_setup io_other c||res entries sq_entries cq_entries flags sq_thread_cpu sq_thread_idle features
ioctl io_other u|fd@ request argument|res ^
k8s internal -|json~
keyctl other -||res operation arg2~ arg3~ arg4~ arg5~
kill signal -|pid sig|res ^
lchown file -||res path/ uid gid
link file -|oldpath/ newpath/|res ^
linkat file -|olddir@ oldpath~ newdir@ newpath~|res olddir@ oldpath/ newdir@ newpath/ flags
listen net u|fd@ backlog|res ^
llseek file u|fd@ offset whence|res ^
lseek file u|fd@ offset whence|res ^
lstat file -||res path/
lstat64 file -||res path/
memfd_create memory c||fd@ name~ flags
mesos internal -|json~
mkdir file -|path/ mode|res ^
mkdirat file u||res dirfd@ path/ mode
mknod other -||res path/ mode dev
mknodat other u||res dirfd@ path/ mode dev
mlock memory -||res addr len
mlock2 memory -||res addr len flags
mlockall memory -||res flags
mmap memory u|addr length prot flags fd@ offset|res vm_size vm_rss vm_swap ^
mmap2 memory u|addr length prot flags fd@ pgoffset|res vm_size vm_rss vm_swap ^
mount file -|flags|res dev~ dir/ type~ ^
mprotect memory -|addr length prot|res ^
munlock memory -||res addr len
munlockall memory -||res
munmap memory -|addr length|res vm_size vm_rss vm_swap ^
nanosleep sleep W|interval|res ^
newfstatat file u||res dirfd@ path/ flags
notification other -|id~ desc~
open file c|name/ flags mode|fd@ name/ flags mode dev ino
open_by_handle_at file c||fd@ mountfd@ flags path/ dev ino
openat file c|dirfd@ name/ flags mode|fd@ dirfd@ name/ flags mode dev ino
openat2 file c|dirfd@ name/ flags mode resolve|fd@ dirfd@ name/ flags mode resolve dev ino
page_fault other -|addr ip error
pidfd_getfd process c||fd@ pid_fd@ target_fd@ flags
pidfd_open process c||fd@ pid flags
pipe IPC c||res fd1@ fd2@ ino
pipe2 IPC c||res fd1@ fd2@ ino flags
pluginevent other -|plugin_id event_data~
poll wait W|fds* timeout|res ^
ppoll wait W|fds* timeout sigmask*|res ^
prctl process -||res option arg2_str~ arg2_int
pread io_read ru|fd@ size pos|res data~ ^
preadv io_read ru|fd@ pos|res size data~ ^
prlimit process -|pid resource|res newcur newmax oldcur oldmax ^
process_vm_readv IPC -||res pid data~
process_vm_writev IPC -||res pid data~
procexit process -|status ret sig core reaper_tid
procinfo internal -|cpu_usr cpu_sys
ptrace process -|request pid|res addr~ data~ ^
pwrite io_write wu|fd@ size pos|res data~ ^
pwritev io_write wu|fd@ size pos|res data~ ^
quotactl user -|cmd type id quota_fmt|res special~ quotafilepath~ dqb_bhardlimit dqb_bsoftlimit dqb_curspace dqb_ihardlimit dqb_isoftlimit dqb_btime dqb_itime dqi_bgrace dqi_igrace dqi_flags quota_fmt_out ^
read io_read ru|fd@ size|res data~ ^
readv io_read ru|fd@|res size data~ ^
recv io_read ru|fd@ size|res data~ fd@ size tuple*
recvfrom io_read ru|fd@ size|res data~ tuple* ^
recvmmsg io_read ru||res fd@ size data~ tuple* msgcontrol~
recvmsg io_read ru|fd@|res size data~ tuple* msgcontrol~ ^
rename file -||res oldpath/ newpath/
renameat file -||res olddirfd@ oldpath/ newdirfd@ newpath/
renameat2 file -||res olddirfd@ oldpath/ newdirfd@ newpath/ flags
rmdir file -|path/|res ^
scapevent internal -|event_type event_data
seccomp other -|op flags|res ^
select wait W||res
semctl process -|semid semnum cmd val|res ^
semget process -|key nsems semflg|res ^
semop process -|semid|res nsops sem_num_0 sem_op_0 sem_flg_0 sem_num_1 sem_op_1 sem_flg_1 ^
send io_write wu|fd@ size|res data~ fd@ size tuple*
sendfile io_write u|out_fd@ in_fd@ offset size|res offset out_fd@ in_fd@ size
sendmmsg io_write wu||res fd@ size data~ tuple*
sendmsg io_write wu|fd@ size tuple*|res data~ ^
sendto io_write wu|fd@ size tuple*|res data~ ^
setgid user -|gid|res ^
setns process u|fd@ nstype|res ^
setpgid process -|pid pgid|res ^
setregid user -||res rgid egid
setresgid user -|rgid egid sgid|res ^
setresuid user -|ruid euid suid|res ^
setreuid user -||res ruid euid
setrlimit process -|resource|res cur max ^
setsid process -||res
setsockopt net u||res fd@ level optname val~ optlen
setuid user -|uid|res ^
shutdown net u|fd@ how|res ^
signaldeliver signal -|spid dpid sig
signalfd signal c|fd@ mask flags|res@ ^
signalfd4 signal c|fd@ mask|res@ flags ^
socket net c|domain type proto|fd@ domain type proto flags
socketpair IPC c|domain type proto|res fd1@ fd2@ source peer ^
splice io_other u|fd_in@ fd_out@ size flags|res ^
stat file -||res path/
stat64 file -||res path/
switch scheduler -|next pgft_maj pgft_min vm_size vm_rss vm_swap
symlink file -||res target~ linkpath/
symlinkat file u||res target~ linkdirfd@ linkpath/
syscall other -|ID nativeID|^
task process -|ppid pgid vpgid sid comm~ argv~ exepath/ flags env~ cwd~ fdlimit euid egid cap_permitted cap_effective cap_inheritable exe_ino_num exe_ino_ctime exe_ino_mtime vm_size vm_rss vm_swap pgft_maj pgft_min vtgid vpid pidns_init_start_ts cgroups~ root/ start_time tty loginuid
task_file_anon_inode file -|fd@ fd_type path/ ino_num
task_file_directory file -|fd@ path/ ino_num
task_file_memfd file -|fd@ path/ ino_num
task_file_pipe file -|fd@ path/ ino_num
task_file_regular file -|fd@ path/ flags mnt_id ino_num
task_file_socket_inet file -|fd@ sk_type sk_proto local_ip* local_port remote_ip* remote_port ino_num
task_file_socket_inet6 file -|fd@ sk_type sk_proto local_ip* local_port remote_ip* remote_port ino_num
task_file_socket_netlink file -|fd@ sk_type sk_proto ino_num
task_file_socket_unix file -|fd@ sk_type sk_proto sk_pointer sun_path/ ino_num
tgkill signal -|pid tid sig|res ^
timerfd_create time c|clockid flags|res@ ^
tkill signal -|tid sig|res ^
tracer other -|id tags~ args~
umount file -|flags|res name/
umount2 file -|flags|res name/ ^
unlink file -|path/|res ^
unlinkat file u|dirfd@ name~|res dirfd@ name/ flags
unshare process -|flags|res ^
useradded process -|uid gid name~ home~ shell~ container_id~
userdeleted process -|uid gid name~ home~ shell~ container_id~
userfaultfd file c||res flags
vfork process -||${CLONE}
write io_write wu|fd@ size|res data~ ^
writev io_write wu|fd@ size|res data~ ^
`;

const KINDS: Readonly<Record<string, ParameterKind>> = {
  '~': 'text',
  '/': 'path',
  '@': 'fd',
  '*': 'list',
};

let events: ReadonlyMap<string, EventKind> | undefined;

/** The table's entry for an event name; undefined for calls that print no arguments. */
export function eventKind(type: string): EventKind | undefined {
  events ??= readTable();
  return events.get(type);
}

/** Parameters that an event may print, in order; without a direction those of the exit, or of the only form. */
export function parameters(type: string, dir: Direction): readonly Parameter[] {
  const kind = eventKind(type);
  if (kind === undefined) return [];
  return dir === DIR_ENTER || kind.meta ? kind.enter : kind.exit;
}

/** Names of all events without an exit. */
export function metaEvents(): readonly string[] {
  events ??= readTable();
  return [...events.values()].filter((kind) => kind.meta).map((kind) => kind.name);
}

function readTable(): ReadonlyMap<string, EventKind> {
  const map = new Map<string, EventKind>();
  for (const line of TABLE.trim().split('\n')) {
    const [head = '', enterText = '', exitText] = line.split('|');
    const [name = '', category = '', flags = ''] = head.split(' ');
    const enter = readParameters(enterText, []);
    const exit = readParameters(exitText ?? '', enter);
    const first = exit[0]?.name;
    map.set(name, {
      name,
      category,
      readsFd: flags.includes('r'),
      writesFd: flags.includes('w'),
      waits: flags.includes('W'),
      usesFd: flags.includes('u'),
      createsFd: flags.includes('c'),
      meta: exitText === undefined,
      enter,
      exit,
      result: first === 'res' || first === 'fd' || first === 'res_or_fd' ? first : undefined,
    });
  }
  return map;
}

function readParameters(text: string, enter: readonly Parameter[]): readonly Parameter[] {
  if (text === '') return [];
  return text.split(' ').flatMap((item): readonly Parameter[] => {
    if (item === '^') return enter;
    const kind = KINDS[item.at(-1) ?? ''];
    return [kind === undefined ? { name: item, kind: 'number' } : { name: item.slice(0, -1), kind }];
  });
}
