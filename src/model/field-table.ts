/**
 * The fields that a filter may name: sysdig's evt, proc, thread and fd classes, and its other classes as far as
 * a custom layout may print them. One row a field; the documentation of the fields is made from this table.
 *
 * A row is: name, kind, where it comes from, description. The name's ending says what argument it takes:
 * `.+` and `.?` a required and an optional one after a dot (`evt.arg.fd`, or in brackets: `evt.arg[0]`),
 * `[+]` and `[?]` the same in brackets only (`proc.aname[2]`).
 */

/**
 * What a field holds, and so which operators and values suit it. `ns`: nanoseconds, compared with plain numbers
 * or durations (`1s`). `seconds`: nanoseconds too, but plain numbers are seconds. `bytes`: text whose unprintable bytes the trace does not show. `raw`: a number where it
 * looks like one, else text.
 */
export type FieldKind =
  | 'string'
  | 'number'
  | 'ns'
  | 'seconds'
  | 'bool'
  | 'ip'
  | 'net'
  | 'port'
  | 'bytes'
  | 'raw';

export interface FieldSpec {
  readonly name: string;
  readonly kind: FieldKind;
  /** `line`: the event's own line. `earlier`: earlier lines too. `column`: only a layout that prints it. */
  readonly from: 'line' | 'earlier' | 'column';
  /** Which of a decoder's stateful answers it takes. */
  readonly needs: {
    readonly fd: boolean;
    readonly latency: boolean;
    readonly process: boolean;
  };
  readonly arg: 'none' | 'optional' | 'required';
  /** The argument may follow a dot. */
  readonly dotted: boolean;
  readonly text: string;
}

// Where from: `-` the line; f, l, p: the decoder's memory of descriptors, entries and processes; `s`: the
// filter's own memory; `x`: nowhere but in a column of its own.
const ROWS = `
evt.num               number -  sysdig's event number; the line number in other traces
evt.time              string -  time of day as sysdig prints it: 17:01:21.339942868
evt.time.s            string -  time of day without the fraction: 17:01:21
evt.time.iso8601      string -  UTC date and time: 2018-08-17T17:35:48.514632619+0000; needs a trace with dates
evt.datetime          string -  local date and time: 2018-08-17 17:35:48.514632619; needs a trace with dates
evt.datetime.s        string -  local date and time without the fraction
evt.rawtime           number -  nanoseconds since 1970; needs a trace with dates
evt.rawtime.s         number -  seconds since 1970
evt.rawtime.ns        number -  nanoseconds within the second
evt.outputtime        string -  time as the trace prints it
evt.reltime           ns     s  nanoseconds since the first event of the trace
evt.reltime.s         number s  whole seconds of evt.reltime
evt.reltime.ns        number s  nanoseconds of evt.reltime within the second
evt.latency           ns     l  nanoseconds from the entry of a call to its exit; 0 on entries
evt.latency.s         number l  whole seconds of evt.latency
evt.latency.ns        number l  nanoseconds of evt.latency within the second
evt.latency.human     string l  evt.latency in three digits: 1.55ms
evt.wait_latency      ns     l  evt.latency on exits of poll, ppoll, select, epoll_wait and nanosleep
evt.deltatime         ns     s  nanoseconds since the previous event that this condition was asked about
evt.deltatime.s       number s  whole seconds of evt.deltatime
evt.deltatime.ns      number s  nanoseconds of evt.deltatime within the second
evt.dir               string -  > for entries, < for exits
evt.type              string -  name of the call or event: sendmsg, switch
evt.type.is.+         number -  1 for events of this type, else 0: evt.type.is.open
syscall.type          string -  evt.type of system calls; absent for switch, signaldeliver and the like
evt.category          string f  file, net, memory, process, wait, signal, IPC, sleep, time, scheduler, ...
evt.cpu               number -  CPU of the event
evt.args              string -  all arguments as one text
evt.info              string -  the same as evt.args
evt.arg.+             string -  one argument, resolved where it can be: evt.arg.res=EAGAIN, evt.arg[0]
evt.rawarg.+          raw    -  one argument, as a number where it is one: evt.rawarg.res=-11
evt.buffer            bytes  -  data read or written, as far as the trace shows it
evt.buflen            number -  bytes read or written
evt.buflen.in         number -  bytes read
evt.buflen.out        number -  bytes written
evt.buflen.file       number f  bytes read or written on files
evt.buflen.file.in    number f  bytes read from files
evt.buflen.file.out   number f  bytes written to files
evt.buflen.net        number f  bytes received or sent on internet sockets
evt.buflen.net.in     number f  bytes received on internet sockets
evt.buflen.net.out    number f  bytes sent on internet sockets
evt.res               string -  SUCCESS, or the error: EAGAIN
evt.rawres            number -  result of the call, -errno where it failed
evt.failed            bool   -  true where the call returned an error
evt.is_io             bool   -  true for reads and writes of a descriptor
evt.is_io_read        bool   -  true for reads of a descriptor
evt.is_io_write       bool   -  true for writes to a descriptor
evt.io_dir            string -  read or write
evt.is_wait           bool   -  true for poll, ppoll, select, epoll_wait and nanosleep
evt.is_syslog         bool   f  true for writes to /dev/log
evt.count             number -  always 1
evt.count.error       number -  1 for failed calls, 0 for others
evt.count.error.file  number f  evt.count.error of calls on files
evt.count.error.net   number f  evt.count.error of calls on sockets
evt.count.error.memory number - evt.count.error of memory calls
evt.count.error.other number f  evt.count.error of all other calls
evt.count.exit        number -  1 on exits
evt.around[+]         number -  evt.around[T]=D: events within D milliseconds of evt.rawtime T
evt.abspath.?         string p  absolute path of calls that take a directory and a name; .src and .dst where two
evt.is_open_read      bool   -  true for exits of open and its kin that opened for reading
evt.is_open_write     bool   -  true for exits of open and its kin that opened for writing
evt.is_open_exec      bool   -  true where a file was created with execute permission
evt.is_open_create    bool   -  true where a file was created
proc.name             string -  name of the process (comm)
proc.pid              number p  process id
proc.exe              string p  first command-line argument
proc.exepath          string p  path of the executable
proc.args             string p  command-line arguments without the first
proc.cmdline          string p  proc.name and proc.args
proc.exeline          string p  proc.exe and proc.args
proc.cwd              string p  working directory
proc.env              string p  environment
proc.ppid             number p  parent's process id
proc.pname            string p  parent's name
proc.pcmdline         string p  parent's name and arguments
proc.apid[?]          number p  an ancestor's process id: [0] the process, [1] its parent; without: any ancestor
proc.aname[?]         string p  an ancestor's name, likewise
proc.duration         ns     p  nanoseconds since the process started
proc.fdlimit          number p  most descriptors it may open
proc.tty              number p  controlling terminal, 0 for none
proc.vpid             number p  process id in its own namespace
proc.vmsize           number p  virtual memory, kB
proc.vmrss            number p  resident memory, kB
proc.vmswap           number p  swapped memory, kB
thread.tid            number -  thread id
thread.vtid           number p  thread id in its own namespace
thread.ismain         bool   p  true for the main thread of its process
thread.exectime       ns     s  on switch events: how long the thread leaving the CPU had it
thread.totexectime    ns     s  CPU time of the thread since the first switch event
thread.pfmajor        number p  major page faults
thread.pfminor        number p  minor page faults
thread.vmsize         number p  proc.vmsize on the main thread, 0 on others
thread.vmrss          number p  proc.vmrss on the main thread, 0 on others
thread.cgroups        string p  all cgroups of the thread
fd.num                number f  number of the descriptor
fd.type               string f  file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, timerfd, ...
fd.typechar           string f  its letter: f d 4 6 u p e s l i t n b r m P o
fd.name               string f  path, or client:port->server:port, or ip:port
fd.directory          string f  directory of a file
fd.filename           string f  file name without directory
fd.ip                 ip     f  either address of a socket
fd.cip                ip     f  client's address
fd.sip                ip     f  server's address; of a packet its source
fd.dip                ip     f  a packet's destination
fd.port               port   f  either port of a socket
fd.cport              port   f  client's port
fd.sport              port   f  server's port; of a packet its source's
fd.dport              port   f  port of a packet's destination
fd.net                net    f  network of either address: fd.net=10.77.0.0/16
fd.cnet               net    f  network of the client's address
fd.snet               net    f  network of the server's address; of a packet its source's
fd.dnet               net    f  network of a packet's destination
fd.l4proto            string f  tcp, udp, icmp or raw
fd.sockfamily         string f  ip or unix
fd.is_server          bool   f  true for listening and bound sockets
pkt.len               number -  bytes of a packet on the wire, link header included
vrrp.version          number -  version of a VRRP advertisement: 2 or 3
vrrp.vrid             number -  its virtual router id
vrrp.prio             number -  its priority: 0 where the master resigns, 255 for the owner of the addresses
vrrp.intvl            seconds - its advertisement interval in seconds, or compared with a duration: vrrp.intvl>=100ms
tcp.flags             string -  flags of a TCP segment in tcpdump's letters: S, S., P., F., R
evt.latency.quantized number x  logarithm of evt.latency
evt.pluginname        string x  plugin that made the event
evt.plugininfo        string x  the plugin's summary
evt.source            string x  source of the event
evt.is_async          bool   x  true for asynchronous events
evt.asynctype         string x  name of an asynchronous event
evt.hostname          string x  name of the host
evt.count.procinfo    number x  1 for procinfo events of main threads
evt.count.threadinfo  number x  1 for procinfo events
`;

/** sysdig's remaining fields: a class, then names; `#` marks numbers, `?` booleans, `+` a dotted argument. */
const OTHER_CLASSES = `
proc     sid# sname vpgid# vpgid.name vpgid.exe vpgid.exepath pgid# pgid.name pgid.exe pgid.exepath pexe pexepath aexe aexepath acmdline cmdnargs# cmdlenargs# pvpid# loginshellid# nthreads# nchilds# fdusage fdopencount# sid.exe sid.exepath duration.human ppid.duration# pid.ts# ppid.ts# is_exe_writable? is_exe_upper_layer? is_exe_lower_layer? is_exe_from_memfd? is_sid_leader? is_vpgid_leader? is_pgid_leader? is_container_healthcheck? is_container_liveness_probe? is_container_readiness_probe? exe_ino# exe_ino.ctime# exe_ino.mtime# exe_ino.ctime_duration_proc_start# exe_ino.ctime_duration_pidns_start# pidns_init_start_ts# cap_permitted cap_inheritable cap_effective stdin.type stdin.name stdout.type stdout.name stderr.type stderr.name
thread   cpu cpu.user cpu.system cgroup+ cap_permitted cap_inheritable cap_effective
fd       lip rip lport# rport# lnet rnet proto cproto sproto lproto rproto cip.name sip.name lip.name rip.name uid dev# dev.major# dev.minor# ino# nameraw types connected? name_changed? containername containerdirectory is_upper_layer? is_lower_layer?
user     uid# name homedir shell loginuid# loginname
group    gid# name
container id full_id name image image.id image.repository image.tag image.digest type privileged? mounts mount+ mount.source+ mount.dest+ mount.mode+ mount.rdwr+ mount.propagation+ healthcheck liveness_probe readiness_probe start_ts# duration# ip cni.json host_pid? host_network? host_ipc? label+ labels
k8s      pod.name pod.id pod.uid pod.sandbox_id pod.full_sandbox_id pod.label+ pod.labels pod.ip pod.cni.json rc.name rc.id rc.label+ rc.labels rs.name rs.id rs.label+ rs.labels svc.name svc.id svc.label+ svc.labels ns.name ns.id ns.label+ ns.labels deployment.name deployment.id deployment.label+ deployment.labels
mesos    task.name task.id task.label+ task.labels framework.name framework.id
marathon app.name app.id app.label+ app.labels group.name group.id
syslog   facility.str facility# severity.str severity# message
fdlist   nums names cips sips cports sports
fs       path.name path.nameraw path.source path.sourceraw path.target path.targetraw
span     id# time ntags# nargs# tags tag+ args arg+ enterargs enterarg+ duration# duration.human
evtin    span.id# span.ntags# span.nargs# span.tags span.tag+ span.args span.arg+
`;

const CLASS_TEXT: Readonly<Record<string, string>> = {
  user: 'user that the process runs as',
  group: 'group that the process runs as',
  container: 'container that the process runs in',
  k8s: 'Kubernetes object that the process belongs to',
  mesos: 'Mesos task that the process belongs to',
  marathon: 'Marathon app that the process belongs to',
  syslog: 'message written to syslog',
  fdlist: 'descriptors of a poll call',
  fs: 'paths that the call works on',
  span: 'tracer span',
  evtin: 'tracer span around the event',
};

function parseRow(row: string): FieldSpec {
  const [, mark, kind, source, text] = /^(\S+)\s+(\w+)\s+(\S+)\s+(.*)$/.exec(row)!;
  const [, name, ending] = /^(.+?)(\.\+|\.\?|\[\+\]|\[\?\])?$/.exec(mark!)!;
  return {
    name: name!,
    kind: kind as FieldKind,
    from: source === '-' ? 'line' : source === 'x' ? 'column' : 'earlier',
    needs: {
      fd: source === 'f',
      latency: source === 'l',
      process: source === 'p',
    },
    arg: ending === undefined ? 'none' : ending.includes('+') ? 'required' : 'optional',
    dotted: ending?.startsWith('.') ?? false,
    text: text!,
  };
}

function parseClass(row: string): FieldSpec[] {
  const [prefix, ...marks] = row.split(/\s+/);
  return marks.map((mark) => {
    const [, name, ending] = /^(.+?)([#?+])?$/.exec(mark)!;
    return {
      name: `${prefix}.${name}`,
      kind: ending === '#' ? 'number' : ending === '?' ? 'bool' : 'string',
      from: 'column',
      needs: { fd: false, latency: false, process: false },
      arg: ending === '+' ? 'required' : 'none',
      dotted: true,
      text: CLASS_TEXT[prefix!] ?? 'not in the text that sysdig prints by default',
    };
  });
}

/** Every field, those that a trace's text gives first. */
export const FIELDS: readonly FieldSpec[] = [
  ...ROWS.trim().split('\n').map(parseRow),
  ...OTHER_CLASSES.trim().split('\n').flatMap(parseClass),
];

const BY_NAME: ReadonlyMap<string, FieldSpec> = new Map(FIELDS.map((field) => [field.name, field]));

/** The field of exactly this name, without argument. */
export function findField(name: string): FieldSpec | undefined {
  return BY_NAME.get(name);
}
