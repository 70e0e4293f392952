/**
 * What sysdig prints for each event: its parameters per direction, in their order, and whether it has a descriptor.
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
 * One event a line: `name flags|enter|exit`, without the last part for events that have no exit. Flags: u uses and c
 * creates a descriptor. After a parameter: `~` text, `/` path, `@` descriptor, `*` list. `^` is the enter's parameters
 * once more.
 */
const TABLE = `
accept c|flags|fd@ tuple* queuepct queuelen queuemax
accept4 c|flags|fd@ tuple* queuepct queuelen queuemax ^
access|mode|res name/ ^
asyncevent|plugin_id name~ data~
bind u|fd@|res addr* ^
bpf c|cmd|res_or_fd~ fd@ ^
brk|size addr|res vm_size vm_rss vm_swap addr
capset||res cap_inheritable cap_permitted cap_effective
chdir||res path~
chmod||res filename/ mode
chown||res path/ uid gid
chroot||res path/
clone||${CLONE}
clone3||${CLONE}
close u|fd@|res ^
close_range||res first last flags
connect u|fd@ addr*|res tuple* ^
container|id~ type name~ image~ json~
copy_file_range u|fdin@ offin len|res fdout@ offout ^
cpu_hotplug|cpu action
creat c|name/ mode|fd@ name/ mode dev ino creat_flags
delete_module||res name~ flags
drop|ratio|^
dup uc|fd@|res@ oldfd@
dup2 uc|fd@|res@ oldfd@ newfd@
dup3 uc|fd@|res@ oldfd@ newfd@ flags
epoll_create c|size|res ^
epoll_create1 c|flags|res ^
epoll_wait|maxevents|res ^
eventfd c|initval flags|res@ ^
eventfd2 c|initval|res@ flags ^
execve|filename/|${EXEC} ^
execveat|dirfd@ pathname/ flags|${EXEC}
fchdir u|fd@|res ^
fchmod u||res fd@ mode
fchmodat u||res dirfd@ filename/ mode
fchown u||res fd@ uid gid
fchownat u||res dirfd@ pathname/ uid gid flags
fcntl u|fd@ cmd|res@ fd@ cmd arg
finit_module u||res fd@ uargs~ flags
flock u|fd@ operation|res ^
fork||${CLONE}
fsconfig u||res fd@ cmd key~ value_bytebuf~ value_charbuf~ aux
fstat u|fd@|res ^
fstat64 u|fd@|res
futex|addr op val|res ^
getcwd||res path~
getdents u|fd@|res ^
getdents64 u|fd@|res ^
getegid||egid
geteuid||euid
getgid||gid
getpeername||
getresgid||res rgid egid sgid
getresuid||res ruid euid suid
getrlimit|resource|res cur max ^
getsockname||
getsockopt u||res fd@ level optname val~ optlen
getuid||uid
groupadded|gid name~ container_id~
groupdeleted|gid name~ container_id~
infra|source~ name~ description~ scope~
init_module||res img~ length uargs~
inotify_init c|flags|res@ ^
inotify_init1 c||res@ flags
io_uring_enter u||res fd@ to_submit min_complete flags sig*
io_uring_register u||res fd@ opcode arg nr_args
io_uring_setup c||res entries sq_entries cq_entries flags sq_thread_cpu sq_thread_idle features
ioctl u|fd@ request argument|res ^
k8s|json~
keyctl||res operation arg2~ arg3~ arg4~ arg5~
kill|pid sig|res ^
lchown||res path/ uid gid
link|oldpath/ newpath/|res ^
linkat|olddir@ oldpath~ newdir@ newpath~|res olddir@ oldpath/ newdir@ newpath/ flags
listen u|fd@ backlog|res ^
llseek u|fd@ offset whence|res ^
lseek u|fd@ offset whence|res ^
lstat||res path/
lstat64||res path/
memfd_create c||fd@ name~ flags
mesos|json~
mkdir|path/ mode|res ^
mkdirat u||res dirfd@ path/ mode
mknod||res path/ mode dev
mknodat u||res dirfd@ path/ mode dev
mlock||res addr len
mlock2||res addr len flags
mlockall||res flags
mmap u|addr length prot flags fd@ offset|res vm_size vm_rss vm_swap ^
mmap2 u|addr length prot flags fd@ pgoffset|res vm_size vm_rss vm_swap ^
mount|flags|res dev~ dir/ type~ ^
mprotect|addr length prot|res ^
munlock||res addr len
munlockall||res
munmap|addr length|res vm_size vm_rss vm_swap ^
nanosleep|interval|res ^
newfstatat u||res dirfd@ path/ flags
notification|id~ desc~
open c|name/ flags mode|fd@ name/ flags mode dev ino
open_by_handle_at c||fd@ mountfd@ flags path/ dev ino
openat c|dirfd@ name/ flags mode|fd@ dirfd@ name/ flags mode dev ino
openat2 c|dirfd@ name/ flags mode resolve|fd@ dirfd@ name/ flags mode resolve dev ino
page_fault|addr ip error
pidfd_getfd c||fd@ pid_fd@ target_fd@ flags
pidfd_open c||fd@ pid flags
pipe c||res fd1@ fd2@ ino
pipe2 c||res fd1@ fd2@ ino flags
pluginevent|plugin_id event_data~
poll|fds* timeout|res ^
ppoll|fds* timeout sigmask*|res ^
prctl||res option arg2_str~ arg2_int
pread u|fd@ size pos|res data~ ^
preadv u|fd@ pos|res size data~ ^
prlimit|pid resource|res newcur newmax oldcur oldmax ^
process_vm_readv||res pid data~
process_vm_writev||res pid data~
procexit|status ret sig core reaper_tid
procinfo|cpu_usr cpu_sys
ptrace|request pid|res addr~ data~ ^
pwrite u|fd@ size pos|res data~ ^
pwritev u|fd@ size pos|res data~ ^
quotactl|cmd type id quota_fmt|res special~ quotafilepath~ dqb_bhardlimit dqb_bsoftlimit dqb_curspace dqb_ihardlimit dqb_isoftlimit dqb_btime dqb_itime dqi_bgrace dqi_igrace dqi_flags quota_fmt_out ^
read u|fd@ size|res data~ ^
readv u|fd@|res size data~ ^
recv u|fd@ size|res data~ fd@ size tuple*
recvfrom u|fd@ size|res data~ tuple* ^
recvmmsg u||res fd@ size data~ tuple* msgcontrol~
recvmsg u|fd@|res size data~ tuple* msgcontrol~ ^
rename||res oldpath/ newpath/
renameat||res olddirfd@ oldpath/ newdirfd@ newpath/
renameat2||res olddirfd@ oldpath/ newdirfd@ newpath/ flags
rmdir|path/|res ^
scapevent|event_type event_data
seccomp|op flags|res ^
select||res
semctl|semid semnum cmd val|res ^
semget|key nsems semflg|res ^
semop|semid|res nsops sem_num_0 sem_op_0 sem_flg_0 sem_num_1 sem_op_1 sem_flg_1 ^
send u|fd@ size|res data~ fd@ size tuple*
sendfile u|out_fd@ in_fd@ offset size|res offset out_fd@ in_fd@ size
sendmmsg u||res fd@ size data~ tuple*
sendmsg u|fd@ size tuple*|res data~ ^
sendto u|fd@ size tuple*|res data~ ^
setgid|gid|res ^
setns u|fd@ nstype|res ^
setpgid|pid pgid|res ^
setregid||res rgid egid
setresgid|rgid egid sgid|res ^
setresuid|ruid euid suid|res ^
setreuid||res ruid euid
setrlimit|resource|res cur max ^
setsid||res
setsockopt u||res fd@ level optname val~ optlen
setuid|uid|res ^
shutdown u|fd@ how|res ^
signaldeliver|spid dpid sig
signalfd c|fd@ mask flags|res@ ^
signalfd4 c|fd@ mask|res@ flags ^
socket c|domain type proto|fd@ domain type proto flags
socketpair c|domain type proto|res fd1@ fd2@ source peer ^
splice u|fd_in@ fd_out@ size flags|res ^
stat||res path/
stat64||res path/
switch|next pgft_maj pgft_min vm_size vm_rss vm_swap
symlink||res target~ linkpath/
symlinkat u||res target~ linkdirfd@ linkpath/
syscall|ID nativeID|^
task|ppid pgid vpgid sid comm~ argv~ exepath/ flags env~ cwd~ fdlimit euid egid cap_permitted cap_effective cap_inheritable exe_ino_num exe_ino_ctime exe_ino_mtime vm_size vm_rss vm_swap pgft_maj pgft_min vtgid vpid pidns_init_start_ts cgroups~ root/ start_time tty loginuid
task_file_anon_inode|fd@ fd_type path/ ino_num
task_file_directory|fd@ path/ ino_num
task_file_memfd|fd@ path/ ino_num
task_file_pipe|fd@ path/ ino_num
task_file_regular|fd@ path/ flags mnt_id ino_num
task_file_socket_inet|fd@ sk_type sk_proto local_ip* local_port remote_ip* remote_port ino_num
task_file_socket_inet6|fd@ sk_type sk_proto local_ip* local_port remote_ip* remote_port ino_num
task_file_socket_netlink|fd@ sk_type sk_proto ino_num
task_file_socket_unix|fd@ sk_type sk_proto sk_pointer sun_path/ ino_num
tgkill|pid tid sig|res ^
timerfd_create c|clockid flags|res@ ^
tkill|tid sig|res ^
tracer|id tags~ args~
umount|flags|res name/
umount2|flags|res name/ ^
unlink|path/|res ^
unlinkat u|dirfd@ name~|res dirfd@ name/ flags
unshare|flags|res ^
useradded|uid gid name~ home~ shell~ container_id~
userdeleted|uid gid name~ home~ shell~ container_id~
userfaultfd c||res flags
vfork||${CLONE}
write u|fd@ size|res data~ ^
writev u|fd@ size|res data~ ^
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

/** Names of all events without an exit: not those of `POINT_EVENTS`, of which `drop` has one. */
export function metaEvents(): readonly string[] {
  events ??= readTable();
  return [...events.values()].filter((kind) => kind.meta).map((kind) => kind.name);
}

function readTable(): ReadonlyMap<string, EventKind> {
  const map = new Map<string, EventKind>();
  for (const line of TABLE.trim().split('\n')) {
    const [head = '', enterText = '', exitText] = line.split('|');
    const [name = '', flags = ''] = head.split(' ');
    const enter = readParameters(enterText, []);
    const exit = readParameters(exitText ?? '', enter);
    const first = exit[0]?.name;
    map.set(name, {
      name,
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
