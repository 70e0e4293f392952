import { expect, test } from 'vitest';
import {
  compileField,
  compileFilter,
  fieldNeeds,
  filterNeeds,
  groupField,
  parseFilter,
} from '../../src/filter/filter.js';
import type { FieldNeeds, ProcessInfo } from '../../src/model/event-fields.js';
import { FIELDS } from '../../src/model/field-table.js';
import { UsageError } from '../../src/model/problem.js';
import { EPOCH, type FakeEvent, fakeEvent, fakeFields } from './fake-event.js';

const INIT: ProcessInfo = { pid: 1 };
const SHELL: ProcessInfo = { pid: 10, ppid: 1, args: '-l' };
const CHILD: ProcessInfo = {
  pid: 20,
  ppid: 10,
  exe: 'ls',
  exepath: '/bin/ls',
  args: '-l /tmp',
  cwd: '/home/al',
  env: 'A=1',
  cgroups: 'cpu=/',
  vtid: 2,
  vpid: 3,
  tty: 34816,
  vmSizeKb: 500,
  vmRssKb: 300,
  vmSwapKb: 7,
  pfMajor: 4,
  pfMinor: 5,
  fdLimit: 1024,
  startNs: 1e9,
};
const TRACE = fakeFields({
  processes: { 1: INIT, 10: SHELL, 20: CHILD, 21: CHILD },
  names: { 1: 'systemd', 10: 'bash' },
});

const file = (name: string) => ({ type: 'file', typeChar: 'f', name });
const CASES: [string, FakeEvent, string | undefined][] = [
  ['proc.pid', { tid: 21 }, '20'],
  ['proc.pid', { tid: 21, pid: 99 }, '99'],
  ['proc.exe', { tid: 20 }, 'ls'],
  ['proc.exepath', { tid: 20 }, '/bin/ls'],
  ['proc.args', { tid: 20 }, '-l /tmp'],
  ['proc.cmdline', { tid: 20, proc: 'ls' }, 'ls -l /tmp'],
  ['proc.exeline', { tid: 20 }, 'ls -l /tmp'],
  ['proc.cwd', { tid: 20 }, '/home/al'],
  ['proc.env', { tid: 20 }, 'A=1'],
  ['proc.ppid', { tid: 20 }, '10'],
  ['proc.pname', { tid: 20 }, 'bash'],
  ['proc.pcmdline', { tid: 20 }, 'bash -l'],
  ['proc.aname[0]', { tid: 20, proc: 'ls' }, 'ls'],
  ['proc.aname[1]', { tid: 20 }, 'bash'],
  ['proc.aname[2]', { tid: 20 }, 'systemd'],
  ['proc.aname[3]', { tid: 20 }, undefined],
  ['proc.apid[0]', { tid: 20 }, '20'],
  ['proc.apid[2]', { tid: 20 }, '1'],
  ['proc.duration', { tid: 20, timeNs: 3e9 }, '2000000000'],
  ['proc.fdlimit', { tid: 20 }, '1024'],
  ['proc.tty', { tid: 20 }, '34816'],
  ['proc.vpid', { tid: 20 }, '3'],
  ['proc.vmsize', { tid: 20 }, '500'],
  ['proc.vmrss', { tid: 20 }, '300'],
  ['proc.vmswap', { tid: 20 }, '7'],
  ['thread.vtid', { tid: 20 }, '2'],
  ['thread.ismain', { tid: 20 }, 'true'],
  ['thread.ismain', { tid: 21 }, 'false'],
  ['thread.ismain', { tid: 77 }, undefined],
  ['thread.pfmajor', { tid: 20 }, '4'],
  ['thread.pfminor', { tid: 20 }, '5'],
  ['thread.vmsize', { tid: 20 }, '500'],
  ['thread.vmrss', { tid: 21 }, '0'],
  ['thread.cgroups', { tid: 20 }, 'cpu=/'],
  ['fd.directory', { fd: file('/etc/passwd') }, '/etc'],
  ['fd.directory', { fd: file('/passwd') }, '/'],
  ['fd.directory', { fd: { type: 'directory', name: '/etc' } }, '/etc'],
  ['fd.filename', { fd: file('/etc/passwd') }, 'passwd'],
  ['fd.filename', { fd: { type: 'unix', name: '/run/x' } }, undefined],
  ['fd.typechar', { fd: file('/a') }, 'f'],
  ['fd.l4proto', { fd: { type: 'ipv4', l4proto: 'tcp' } }, 'tcp'],
  ['fd.sockfamily', { fd: { type: 'ipv6' } }, 'ip'],
  ['fd.sockfamily', { fd: { type: 'unix' } }, 'unix'],
  ['fd.sockfamily', { fd: file('/a') }, undefined],
  ['fd.is_server', { fd: { type: 'ipv4', serverIp: '0.0.0.0', serverPort: 80 } }, 'true'],
  ['fd.is_server', { fd: { type: 'ipv4', clientIp: '1.1.1.1', serverIp: '2.2.2.2' } }, undefined],
  ['fd.is_server', { fd: file('/a') }, 'false'],
  ['evt.type.is.open', { type: 'open' }, '1'],
  ['evt.type.is.open', { type: 'openat' }, '0'],
  ['syscall.type', { type: 'open' }, 'open'],
  ['syscall.type', { type: 'switch' }, undefined],
  ['evt.category', { type: 'futex' }, 'IPC'],
  ['evt.category', { type: 'fanotify_init' }, 'other'],
  ['evt.category', { type: 'read', fd: file('/a') }, 'file'],
  ['evt.category', { type: 'read', fd: { type: 'ipv4' } }, 'net'],
  ['evt.category', { type: 'read', fd: { type: 'pipe' } }, 'ipc'],
  ['evt.category', { type: 'read' }, 'unknown'],
  ['evt.res', { result: { value: 5n, errno: undefined } }, 'SUCCESS'],
  ['evt.res', { result: { value: -11n, errno: 'EAGAIN' } }, 'EAGAIN'],
  ['evt.res', { result: { value: -600n, errno: undefined } }, '-600'],
  ['evt.res', { result: { value: undefined, errno: undefined } }, undefined],
  ['evt.rawres', { result: { value: 140353482317824n, errno: undefined } }, '140353482317824'],
  ['evt.rawres', { result: { value: -1n, errno: 'ENOENT' } }, '-2'],
  ['evt.failed', { result: { value: -1n, errno: 'ENOENT' } }, 'true'],
  ['evt.failed', { result: { value: 0n, errno: undefined } }, 'false'],
  ['evt.count.error', { result: { value: -2n, errno: 'ENOENT' } }, '1'],
  ['evt.count.error.file', { type: 'openat', result: { value: -2n, errno: 'ENOENT' } }, '1'],
  [
    'evt.count.error.net',
    { type: 'read', fd: { type: 'unix' }, result: { value: 0n, errno: undefined } },
    '0',
  ],
  ['evt.count.error.memory', { type: 'mmap', result: { value: -12n, errno: 'ENOMEM' } }, '1'],
  ['evt.count.error.other', { type: 'futex', result: { value: -110n, errno: 'ETIMEDOUT' } }, '1'],
  ['evt.count.error.other', { type: 'connect', result: { value: -111n, errno: 'ECONNREFUSED' } }, undefined],
  ['evt.count', {}, '1'],
  ['evt.count.exit', { dir: '<' }, '1'],
  ['evt.count.exit', { dir: '>' }, undefined],
  ['evt.is_io', { type: 'write' }, 'true'],
  ['evt.is_io_read', { type: 'write' }, 'false'],
  ['evt.is_io_write', { type: 'write' }, 'true'],
  ['evt.io_dir', { type: 'recvmsg' }, 'read'],
  ['evt.io_dir', { type: 'open' }, undefined],
  ['evt.is_wait', { type: 'epoll_wait' }, 'true'],
  ['evt.is_wait', { type: 'futex' }, 'false'],
  ['evt.is_syslog', { type: 'sendto', fd: { type: 'unix', name: '0->ffff /dev/log' } }, 'true'],
  ['evt.buffer', { arg: { data: 'E..(' } }, 'E..('],
  ['evt.buflen', { type: 'read', dir: '<', result: { value: 5n, errno: undefined } }, '5'],
  ['evt.buflen', { type: 'read', dir: '>', result: { value: 5n, errno: undefined } }, undefined],
  ['evt.buflen.out', { type: 'read', dir: '<', result: { value: 5n, errno: undefined } }, undefined],
  [
    'evt.buflen.file.in',
    { type: 'read', dir: '<', fd: file('/a'), result: { value: 5n, errno: undefined } },
    '5',
  ],
  [
    'evt.buflen.net.in',
    { type: 'read', dir: '<', fd: file('/a'), result: { value: 5n, errno: undefined } },
    undefined,
  ],
  ['evt.latency', { latencyNs: 1550925 }, '1550925'],
  ['evt.latency.s', { latencyNs: 5035431870 }, '5'],
  ['evt.latency.ns', { latencyNs: 5035431870 }, '35431870'],
  ['evt.latency.human', { latencyNs: 260 }, '260ns'],
  ['evt.latency.human', { latencyNs: 1001 }, '1.00us'],
  ['evt.latency.human', { latencyNs: 10696 }, '10us'],
  ['evt.latency.human', { latencyNs: 3026086 }, '3.02ms'],
  ['evt.latency.human', { latencyNs: 1000027711 }, '1.00s'],
  ['evt.wait_latency', { type: 'poll', dir: '<', latencyNs: 5 }, '5'],
  ['evt.wait_latency', { type: 'futex', dir: '<', latencyNs: 5 }, undefined],
  ['evt.abspath', { type: 'openat', dir: '<', arg: { dirfd: 'AT_FDCWD', name: '/a/../b' } }, '/b'],
  [
    'evt.abspath',
    { type: 'openat', dir: '<', tid: 20, arg: { dirfd: 'AT_FDCWD', name: 'x/y' } },
    '/home/al/x/y',
  ],
  ['evt.abspath', { type: 'openat', dir: '<', arg: { dirfd: '<d>/var', name: 'log' } }, '/var/log'],
  ['evt.abspath', { type: 'openat', dir: '<', arg: { dirfd: '5', name: 'log' } }, undefined],
  ['evt.abspath.dst', { type: 'renameat', dir: '<', arg: { oldpath: '/a', newpath: '/b' } }, '/b'],
  ['evt.abspath', { type: 'openat', dir: '>', arg: { name: '/a' } }, undefined],
  ['evt.is_open_read', { type: 'openat', dir: '<', arg: { flags: 'O_CREAT|O_RDWR' } }, 'true'],
  ['evt.is_open_write', { type: 'openat', dir: '<', arg: { flags: 'O_RDONLY|O_CLOEXEC' } }, 'false'],
  ['evt.is_open_create', { type: 'openat', dir: '<', arg: { flags: 'O_F_CREATED|O_RDWR' } }, 'true'],
  [
    'evt.is_open_exec',
    { type: 'openat', dir: '<', arg: { flags: 'O_CREAT' }, rawArg: { mode: '0755' } },
    'true',
  ],
  [
    'evt.is_open_exec',
    { type: 'openat', dir: '<', arg: { flags: 'O_CREAT' }, rawArg: { mode: '0644' } },
    'false',
  ],
  ['container.name', { columns: { 'container.name': 'web' } }, 'web'],
  ['user.uid', { columns: { 'user.uid': '1000' } }, '1000'],
  ['evt.latency', { columns: { 'evt.latency': '77' } }, '77'],
  ['evt.arg.res', { columns: { 'evt.arg.res': '12' } }, '12'],
  ['evt.num', { num: 7 }, '7'],
  ['evt.cpu', {}, undefined],
  ['evt.dir', { dir: '<' }, '<'],
  ['thread', { tid: 5 }, '5'],
  ['proc', { proc: 'a' }, 'a'],
  ['fd', { fd: file('/a') }, '/a'],
];

test.each(CASES)('%s (case %#)', (field, event, expected) => {
  expect(compileField(field, TRACE, EPOCH)(fakeEvent(event))).toBe(expected);
});

test('ancestors without a number are all of them', () => {
  const matches = (filter: string) =>
    compileFilter(parseFilter(filter), TRACE, EPOCH)(fakeEvent({ tid: 20 }));
  expect(matches('proc.aname=systemd')).toBe(true);
  expect(matches('proc.aname=ls')).toBe(false);
  expect(matches('proc.apid in (7, 10)')).toBe(true);
  expect(matches('proc.aname exists')).toBe(true);
});

test('a process that is its own ancestor ends the search', () => {
  const loop = fakeFields({ processes: { 5: { ppid: 6 }, 6: { ppid: 5 } }, names: { 6: 'x' } });
  expect(compileFilter(parseFilter('proc.aname=y'), loop, EPOCH)(fakeEvent({ tid: 5 }))).toBe(false);
});

test('every field of the table can be read and has a description', () => {
  const names = FIELDS.map((field) => field.name);
  expect(new Set(names).size).toBe(names.length);
  for (const field of FIELDS) {
    expect(field.text).not.toBe('');
    const arg = field.arg === 'required' ? '[1]' : '';
    const text = `${field.name}${arg}${field.name === 'evt.around' ? '=1' : ' exists'}`;
    const test = compileFilter(parseFilter(text), TRACE, EPOCH);
    expect(typeof test(fakeEvent({ tid: 20, type: 'read' }))).toBe('boolean');
  }
});

/** What sysdig's text gives, by the format's own document. */
test.each([
  'evt.num evt.time evt.time.s evt.outputtime evt.time.iso8601 evt.datetime evt.datetime.s evt.rawtime',
  'evt.rawtime.s evt.rawtime.ns evt.reltime evt.reltime.s evt.reltime.ns evt.deltatime evt.deltatime.s',
  'evt.deltatime.ns evt.latency evt.latency.s evt.latency.ns evt.latency.human evt.wait_latency evt.dir evt.type',
  'evt.type.is syscall.type evt.category evt.cpu evt.args evt.info evt.arg evt.rawarg evt.buffer evt.buflen',
  'evt.buflen.in evt.buflen.out evt.buflen.file evt.buflen.net evt.buflen.file.in evt.buflen.net.out evt.res',
  'evt.rawres evt.failed evt.is_io evt.is_io_read evt.is_io_write evt.io_dir evt.is_wait evt.is_syslog evt.count',
  'evt.count.error evt.count.error.file evt.count.error.net evt.count.error.memory evt.count.error.other',
  'evt.count.exit evt.around evt.abspath evt.is_open_read evt.is_open_write evt.is_open_exec evt.is_open_create',
  'proc.name proc.pid proc.exe proc.exepath proc.args proc.cmdline proc.exeline proc.cwd proc.ppid proc.pname',
  'proc.pcmdline proc.aname proc.tty proc.duration proc.fdlimit proc.env proc.vmsize proc.vmrss proc.vmswap',
  'thread.tid thread.vtid thread.ismain thread.exectime thread.totexectime thread.pfmajor thread.pfminor',
  'thread.vmsize thread.vmrss thread.cgroups fd.num fd.type fd.typechar fd.name fd.directory fd.filename fd.ip',
  'fd.cip fd.sip fd.port fd.cport fd.sport fd.l4proto fd.sockfamily fd.is_server',
])('derivable: %s', (names) => {
  for (const name of names.split(' ')) {
    expect(FIELDS.find((field) => field.name === name)?.from, name).toMatch(/^(line|earlier)$/);
  }
});

const NOTHING: FieldNeeds = { fd: false, latency: false, process: false, threadNames: false, args: false };
test.each<[string, Partial<FieldNeeds>]>([
  ['proc.name=a and evt.type=b or not evt.dir=>', {}],
  ['evt.arg.fd=1 or evt.rawres<0', {}],
  ['fd.name exists', { fd: true }],
  ['evt.args contains x or evt.info exists', { args: true }],
  ['not (evt.cpu=0 or fd.port=1)', { fd: true }],
  ['evt.latency>1s', { latency: true }],
  ['proc.cwd=/', { process: true }],
  ['proc.pname=a', { process: true, threadNames: true }],
  ['proc.aname=a', { process: true, threadNames: true }],
  ['proc.aname[0]=a', { process: true }],
  ['proc.name=val(proc.pname)', { process: true, threadNames: true }],
  ['evt.category=net', { fd: true }],
])('needs of %s', (filter, needs) => {
  expect(filterNeeds(parseFilter(filter))).toEqual({ ...NOTHING, ...needs });
});

test('--by', () => {
  expect(fieldNeeds('fd')).toEqual({ ...NOTHING, fd: true });
  expect(groupField('thread')).toBe('thread.tid');
  expect(groupField('evt.arg[fd]')).toBe('evt.arg.fd');
  const fields = fakeFields();
  const failure = (name: string): unknown => {
    try {
      compileField(name, fields, EPOCH);
    } catch (error) {
      return error instanceof UsageError && error.code === 'option' ? error.message : error;
    }
    return undefined;
  };
  expect(failure('proc.nam')).toBe('--by: unknown field "proc.nam" (did you mean proc.name?)');
  expect(failure('tid')).toBe('--by: unknown field "tid" (did you mean thread.tid?)');
  expect(failure('evt.arg')).toBe('--by: evt.arg needs an argument, such as evt.arg.fd or evt.arg[0]');
  expect(failure('fd.ip')).toBe('--by: fd.ip can hold several values (use fd.cip or fd.sip)');
  expect(failure('proc.aname')).toBe('--by: proc.aname can hold several values');
  expect(failure('')).toBe('--by: unknown field "" (fields look like proc.name, evt.type, fd.name)');
});
