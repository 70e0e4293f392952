/**
 * Event types: the names that sysdig and strace print, and what sysdig knows about each. From sysdig's event table
 * (libs 0.25) and Linux' system call names up to 6.18, old 32-bit ones included.
 */

const NAMES = `
_llseek _newselect _sysctl accept accept4 access acct add_key adjtimex afs_syscall alarm arch_prctl
arm_fadvise64_64 arm_sync_file_range asyncevent bdflush bind bpf break breakpoint brk cacheflush cachestat
capget capset chdir chmod chown chown32 chroot clock_adjtime clock_adjtime64 clock_getres
clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 clock_settime
clock_settime64 clone clone3 close close_range connect container copy_file_range cpu_hotplug creat
create_module delete_module drop dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group
faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat
fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr file_getattr file_setattr
finit_module flistxattr flock fork fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat fstat64
fstatat64 fstatfs fstatfs64 fsync ftime ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait
futex_waitv futex_wake futimesat get_kernel_syms get_mempolicy get_robust_list get_thread_area getcpu
getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32
getitimer getpeername getpgid getpgrp getpid getpmsg getppid getpriority getrandom getresgid getresgid32
getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid
getuid32 getxattr getxattrat groupadded groupdeleted gtty idle infra init_module inotify_add_watch
inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
io_pgetevents_time64 io_setup io_submit io_uring_enter io_uring_register io_uring_setup ioctl ioperm iopl
ioprio_get ioprio_set ipc k8s kcmp kexec_file_load kexec_load keyctl kill landlock_add_rule
landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount
listns listxattr listxattrat llistxattr llseek lock lookup_dcookie lremovexattr lseek lsetxattr
lsm_get_self_attr lsm_list_modules lsm_set_self_attr lstat lstat64 madvise map_shadow_stack mbind
membarrier memfd_create memfd_secret mesos migrate_pages mincore mkdir mkdirat mknod mknodat mlock mlock2
mlockall mmap mmap2 modify_ldt mount mount_setattr move_mount move_pages mprotect mpx mq_getsetattr
mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap
mseal msgctl msgget msgrcv msgsnd msync multiplexer munlock munlockall munmap name_to_handle_at nanosleep
newfstatat nfsservctl nice notification oldfstat oldlstat oldolduname oldstat olduname open
open_by_handle_at open_tree open_tree_attr openat openat2 or1k_atomic osf_select page_fault
page_fault_kernel page_fault_user pause pciconfig_iobase pciconfig_read pciconfig_write perf_event_open
personality pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pivot_root pkey_alloc pkey_free
pkey_mprotect pluginevent poll ppoll ppoll_time64 prctl pread pread64 preadv preadv2 prlimit prlimit64
process_madvise process_mrelease process_vm_readv process_vm_writev procexit procinfo prof profil pselect6
pselect6_time64 ptrace putpmsg pwrite pwrite64 pwritev pwritev2 query_module quotactl quotactl_fd read
readahead readdir readlink readlinkat readv reboot recv recvfrom recvmmsg recvmmsg_time64 recvmsg
remap_file_pages removexattr removexattrat rename renameat renameat2 request_key restart_syscall
riscv_flush_icache riscv_hwprobe rmdir rseq rseq_slice_yield rt_sigaction rt_sigpending rt_sigprocmask
rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo rtas
s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr s390_sthyi scapevent
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
sched_getscheduler sched_process_exit sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity
sched_setattr sched_setparam sched_setscheduler sched_switch sched_yield seccomp security select semctl
semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto set_mempolicy
set_mempolicy_home_node set_robust_list set_thread_area set_tid_address set_tls setdomainname setfsgid
setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 sethostname setitimer setns setpgid
setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit
setsid setsockopt settimeofday setuid setuid32 setxattr setxattrat sgetmask shmat shmctl shmdt shmget
shutdown sigaction sigaltstack signal signal_deliver signaldeliver signalfd signalfd4 sigpending
sigprocmask sigreturn sigsuspend socket socketcall socketpair splice spu_create spu_run ssetmask stat
stat64 statfs statfs64 statmount statx stime stopped stty subpage_prot swapcontext swapoff swapon switch
switch_endian symlink symlinkat sync sync_file_range sync_file_range2 syncfs sys_debug_setcontext syscall
sysdigevent sysfs sysinfo syslog task task_file_anon_inode task_file_directory task_file_memfd
task_file_pipe task_file_regular task_file_socket_inet task_file_socket_inet6 task_file_socket_netlink
task_file_socket_unix tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime
timer_gettime64 timer_settime timer_settime64 timerfd timerfd_create timerfd_gettime timerfd_gettime64
timerfd_settime timerfd_settime64 times tkill tracer truncate truncate64 tuxcall ugetrlimit umask umount
umount2 uname unlink unlinkat unshare uprobe uretprobe uselib useradded userdeleted userfaultfd ustat
utime utimensat utimensat_time64 utimes vfork vhangup vm86 vm86old vmsplice vserver wait4 waitid waitpid
write writev
`;

/** Protocols, the types of packets; those without a name here are `ip-proto-99` and `ethertype-0x88b5`. */
const PROTOCOLS = `
ah aoe arp carp dccp dhcp dns eapol egp eigrp esp gre icmp icmp6 igmp igrp ip ip6 ipcomp ipip isis l2tp lacp lldp llc loopback
mpls ntp ospf pgm pim ppp pppoe rarp rsvp sctp slow stp tcp udp udplite vlan vrrp
`;

/** Names of arguments in sysdig's event table. */
const ARGUMENTS = `
ID action addr arg arg2 arg2_int arg2_str arg3 arg4 arg5 args argument argv aux backlog cap_effective
cap_inheritable cap_permitted cgroups clockid cmd comm container_id core cpu cpu_sys cpu_usr cq_entries
creat_flags cur cwd data desc description dev dir dirfd domain dpid dqb_bhardlimit dqb_bsoftlimit
dqb_btime dqb_curspace dqb_ihardlimit dqb_isoftlimit dqb_itime dqi_bgrace dqi_flags dqi_igrace egid
entries env error euid event_data event_type exe exe_ino exe_ino_ctime exe_ino_mtime exe_ino_num exepath
fd fd1 fd2 fd_in fd_out fd_type fdin fdlimit fdout fds features filename first flags gid home how id image
img in_fd initval ino ino_num interval ip json key last len length level linkdirfd linkpath local_ip
local_port loginuid mask max maxevents min_complete mnt_id mode mountfd msgcontrol name nativeID newcur
newdir newdirfd newfd newmax newpath next nr_args nsems nsops nstype offin offout offset oldcur olddir
olddirfd oldfd oldmax oldpath op opcode operation option optlen optname out_fd path pathname peer pgft_maj
pgft_min pgid pgoffset pid pid_fd pidns_init_start_ts plugin_id pos ppid prot proto ptid queuelen queuemax
queuepct quota_fmt quota_fmt_out quotafilepath ratio reaper_tid remote_ip remote_port request res
res_or_fd resolve resource ret rgid root ruid scope sem_flg_0 sem_flg_1 sem_num_0 sem_num_1 sem_op_0
sem_op_1 semflg semid semnum sgid shell sid sig sigmask size sk_pointer sk_proto sk_type source special
spid sq_entries sq_thread_cpu sq_thread_idle start_time status suid sun_path tags target target_fd tid
timeout to_submit trusted_exepath tty tuple type uargs uid val value_bytebuf value_charbuf vm_rss vm_size
vm_swap vpgid vpid vtgid vtid whence
`;

const CATEGORIES = `
file       open creat stat lstat fstat stat64 lstat64 fstat64 lseek llseek getcwd chdir fchdir mkdir rmdir
file       openat link linkat unlink unlinkat rename renameat symlink symlinkat getdents getdents64 flock mount
file       umount access mkdirat fchmodat chmod fchmod renameat2 userfaultfd openat2 copy_file_range
file       task_file_anon_inode task_file_directory task_file_memfd task_file_pipe task_file_regular
file       task_file_socket_inet task_file_socket_inet6 task_file_socket_netlink task_file_socket_unix
file       open_by_handle_at chown lchown fchown fchownat umount2 newfstatat readlink
io         close ioctl dup fcntl splice io_uring_setup io_uring_enter io_uring_register dup2 dup3 close_range
io_read    read recv recvfrom recvmsg recvmmsg pread pread64 readv preadv
io_write   write send sendto sendmsg sendmmsg pwrite pwrite64 writev pwritev sendfile
memory     brk mmap mmap2 munmap mprotect mlock munlock mlockall munlockall mlock2 memfd_create madvise
process    execve clone procexit getrlimit setrlimit prlimit prlimit64 ptrace fork vfork setns semop semctl semget
process    chroot container setsid unshare setpgid execveat clone3 capset useradded userdeleted groupadded
process    groupdeleted prctl pidfd_getfd pidfd_open task exit arch_prctl getpid getppid gettid
process    sched_getaffinity sched_setaffinity sched_setscheduler set_robust_list set_tid_address
net        socket bind connect listen accept shutdown getsockname getpeername setsockopt getsockopt accept4
IPC        socketpair pipe eventfd futex inotify_init pipe2 inotify_init1 eventfd2 process_vm_readv
IPC        process_vm_writev
wait       epoll_wait poll select ppoll epoll_create epoll_create1 pause wait4
signal     signalfd kill tkill tgkill signaldeliver signalfd4 rt_sigaction rt_sigprocmask sigreturn
sleep      nanosleep clock_nanosleep
time       timerfd_create timerfd_settime setitimer
scheduler  switch
internal   drop scapevent sysdigevent procinfo k8s mesos infra
user       quotactl setresuid setresgid setuid setgid getuid geteuid getgid getegid getresuid getresgid setreuid
user       setregid setgroups
system     cpu_hotplug fsconfig restart_syscall sysinfo
`;

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Every name that evt.type is known to have. */
export const EVENT_TYPES: ReadonlySet<string> = new Set(words(NAMES + PROTOCOLS));

export const ARGUMENT_NAMES: ReadonlySet<string> = new Set(words(ARGUMENTS));

const CATEGORY: ReadonlyMap<string, string> = new Map(
  CATEGORIES.trim()
    .split('\n')
    .flatMap((line) => {
      const [category, ...types] = words(line);
      return types.map((type): [string, string] => [type, category!]);
    }),
);

/** sysdig's category; `io`, `io_read` and `io_write` stand for the category of the descriptor. */
export function categoryOf(type: string): string {
  return CATEGORY.get(type) ?? 'other';
}

/** Calls that sysdig counts as waiting. */
export const WAITS: ReadonlySet<string> = new Set(words('epoll_wait poll select nanosleep ppoll'));

/** Types that stand for lines of strace which are no calls: their name is not on the line. */
export const STRACE_SYNTHESIZED: ReadonlySet<string> = new Set(['signaldeliver', 'procexit', 'stopped']);

const ERRNO_NAMES = words(`
EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST
EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE
EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH
ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE
ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD
ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT
EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN
ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT
ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT
ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL
EHWPOISON
`);

const ERRNO: ReadonlyMap<string, number> = new Map([
  ...ERRNO_NAMES.map((name, i): [string, number] => [name, i + 1]),
  ['EWOULDBLOCK', 11],
  ['ENOTSUP', 95],
  ['ERESTARTSYS', 512],
  ['ERESTARTNOINTR', 513],
  ['ERESTARTNOHAND', 514],
  ['ERESTART_RESTARTBLOCK', 516],
]);

/** Linux' number of an error name. */
export function errnoNumber(name: string): number | undefined {
  return ERRNO.get(name);
}
