/**
 * Names of sysdig's fields, as far as a custom layout has to know them: to see where `%evt.numbers` ends, and
 * to catch a slip. Classes whose fields come from elsewhere (containers, plugins) take any name.
 */
import { nearestName } from '../../model/nearest-name.js';

const NAMES = `
evt: num time time.s time.iso8601 outputtime datetime datetime.s rawtime rawtime.s rawtime.ns reltime reltime.s
 reltime.ns deltatime deltatime.s deltatime.ns latency latency.s latency.ns latency.human latency.quantized
 wait_latency dir type type.is category cpu args info arg rawarg buffer buflen buflen.in buflen.out buflen.file
 buflen.file.in buflen.file.out buflen.net buflen.net.in buflen.net.out res rawres failed is_io is_io_read
 is_io_write io_dir is_wait is_syslog count count.error count.error.file count.error.net count.error.memory
 count.error.other count.exit around abspath is_open_read is_open_write is_open_exec is_open_create pluginname
 plugininfo source is_async asynctype hostname count.procinfo count.threadinfo
syscall: type
proc: name pid exe exepath args cmdline exeline cmdnargs cmdlenargs cwd ppid pname pexe pexepath pcmdline apid aname
 aexe aexepath acmdline aargs aenv sid sname sid.exe sid.exepath vpid vpgid vpgid.name vpgid.exe vpgid.exepath
 pgid pgid.name pgid.exe pgid.exepath is_vpgid_leader is_sid_leader is_pgid_leader tty loginshellid duration
 ppid.duration pid.ts ppid.ts nthreads nchilds fdlimit fdusage fdopencount env penv vmsize vmrss vmswap
 is_exe_writable is_exe_upper_layer is_exe_lower_layer is_exe_from_memfd exe_ino exe_ino.ctime exe_ino.mtime
 exe_ino.ctime_duration_proc_start exe_ino.ctime_duration_pidns_start pidns_init_start_ts
 is_container_healthcheck is_container_liveness_probe is_container_readiness_probe stdin.type stdout.type
 stderr.type stdin.name stdout.name stderr.name
thread: tid vtid ismain exectime totexectime cpu cpu.user cpu.system pfmajor pfminor vmsize vmrss vmsize.b vmrss.b
 cgroups cgroup cap_permitted cap_inheritable cap_effective nametid
fd: num type typechar name directory filename ip cip sip lip rip port cport sport lport rport l4proto lproto rproto
 cproto sproto proto sockfamily is_server uid dev dev.major dev.minor connected name_changed containername
 containerdirectory net cnet snet lnet rnet cip.name sip.name lip.name rip.name ino nameraw types is_upper_layer
 is_lower_layer
`;

const ANY_NAME: ReadonlySet<string> = new Set(
  'container k8s k8smeta mesos marathon span evtin fdlist syslog user group fs gen json jevt ka ct'.split(
    ' ',
  ),
);

/** Fields that take an argument behind a point; all take one in brackets. */
const POINTED: ReadonlySet<string> = new Set([
  'evt.arg',
  'evt.rawarg',
  'evt.around',
  'thread.cgroup',
  'proc.env',
]);

const FIELDS: ReadonlySet<string> = new Set(
  NAMES.trim()
    .split(/\n(?! )/)
    .flatMap((line) => {
      const [owner = '', names = ''] = line.split(': ');
      return names.split(/\s+/).map((name) => `${owner}.${name}`);
    }),
);

/** The field that `text` begins with, its argument included; undefined when it begins with none. */
export function fieldAt(text: string): string | undefined {
  const word = /^[a-z0-9_]+(?:\.[a-z0-9_]+)*/.exec(text)?.[0] ?? '';
  const owner = word.slice(0, Math.max(0, word.indexOf('.')));
  const name = ANY_NAME.has(owner) ? word : longestField(word);
  if (name === undefined) return undefined;
  const argument = /^\[[^\]]*\]/.exec(text.slice(name.length))?.[0];
  if (argument !== undefined) return name + argument;
  const pointed = POINTED.has(name) ? /^\.[A-Za-z0-9_]+/.exec(text.slice(name.length))?.[0] : undefined;
  return name + (pointed ?? '');
}

/** sysdig takes the longest name that fits, whatever follows it. */
function longestField(word: string): string | undefined {
  for (let length = word.length; length > 0; length--) {
    const name = word.slice(0, length);
    if (FIELDS.has(name)) return name;
  }
  return undefined;
}

/** The known name most like `name`, undefined when none is near. */
export function nearestField(name: string): string | undefined {
  return nearestName(name, FIELDS);
}
