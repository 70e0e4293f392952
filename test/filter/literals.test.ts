import { expect, test } from 'vitest';
import { type LineTraits, parseFilter, requiredLiteral } from '../../src/filter/filter.js';

const SYSDIG: LineTraits = { format: 'sysdig', names: true, tids: true, args: true };
const STRACE: LineTraits = { format: 'strace', names: false, tids: false, args: false };

function literal(filter: string, line: LineTraits): string | null {
  return requiredLiteral(parseFilter(filter), line)?.toString() ?? null;
}

test.each<[string, string | null, string | null]>([
  // filter, in sysdig text, in strace output without names
  ["proc.name=keepalived and evt.type=sendmsg and evt.dir='>'", 'keepalived', 'sendmsg'],
  ['proc.name=a and evt.type=sendmsg', 'sendmsg', 'sendmsg'],
  ['proc.name contains alive', 'alive', null],
  ['proc.name startswith keep', 'keep', null],
  ['proc.name endswith lived', 'lived', null],
  ['proc.name glob "k*alive?x"', 'alive', null],
  ['proc.name regex keep.*', null, null],
  ['proc.name icontains keep', null, null],
  ['proc.name iglob keep*', null, null],
  ['proc.name!=keepalived', null, null],
  ['proc.name>keepalived', null, null],
  ['proc.name exists', null, null],
  ["proc.name=''", null, null],
  ['not proc.name=keepalived', null, null],
  ['not not proc.name=keepalived', 'keepalived', null],
  ['proc.name in (keepalived)', 'keepalived', null],
  ['proc.name in (keepalived, keepalived_vrrp)', 'keepalived', null],
  ['proc.name in (keepalived, sshd)', null, null],
  ['proc.name in ()', null, null],
  ['evt.type=sendmsg or evt.type=recvmsg', null, null],
  ['evt.type=send or evt.type=sendmsg', 'send', 'send'],
  ['(proc.name=abc and evt.type=read) or (proc.name=abc and evt.type=write)', 'abc', null],
  ['proc.name=abc and (evt.type=read or evt.type=write)', 'abc', null],
  ['proc.name=abc or evt.cpu=0', null, null],
  ['evt.type.is.open=1', 'open', 'open'],
  ['evt.type.is.open=0', null, null],
  ['syscall.type=open', 'open', 'open'],
  ['evt.type=signaldeliver', 'signaldeliver', null],
  ['evt.type=procexit', 'procexit', null],
  ['evt.type contains exit', 'exit', null],
  ['evt.type startswith exit', 'exit', 'exit'],
  ['evt.type in (stopped)', 'stopped', null],
  ['thread.tid=10400', '10400', null],
  ['thread.tid=0x10', '16', null],
  ['thread.tid=-1', null, null],
  ['thread.tid>5', null, null],
  ['thread.tid=1.5', null, null],
  ['evt.num=5', null, null],
  ['evt.args contains "size=40 "', 'size=40', null],
  ['evt.info startswith fd=13', 'fd=13', null],
  ['evt.arg.res=EAGAIN', null, null],
  ['evt.res=EAGAIN', null, null],
  // A line may print these bytes in another form.
  [`proc.name='a"b'`, null, null],
  [String.raw`proc.name='a\\b'`, null, null],
  [String.raw`proc.name='a\tb'`, null, null],
  [String.raw`proc.name='a\x7fb'`, null, null],
  ['proc.name=日本', null, null],
  ["proc.name='a b/c(d)'", 'a b/c(d)', null],
  ['tolower(proc.name)=keepalived', null, null],
  ['proc.name=val(proc.name)', null, null],
  // Their state needs lines that don't match.
  ['proc.name=keepalived and fd.num=3', null, null],
  ['proc.name=keepalived and evt.latency>1s', null, null],
  ['proc.name=keepalived and evt.deltatime>1s', null, null],
  ['proc.name=keepalived and evt.reltime>1s', null, null],
  ['proc.name=keepalived and proc.ppid=1', null, null],
  ['proc.name=keepalived and thread.exectime>1ms', null, null],
  ['evt.type=sendmsg and evt.category=net', null, null],
])('%s', (filter, sysdig, strace) => {
  expect(literal(filter, SYSDIG)).toBe(sysdig);
  expect(literal(filter, STRACE)).toBe(strace);
});

test('what does not stand on every line serves not', () => {
  expect(literal('evt.args contains abc', { ...SYSDIG, args: false })).toBeNull();
  expect(literal('thread.tid=12', { ...SYSDIG, tids: false })).toBeNull();
  expect(literal('proc.name=abc', { ...STRACE, names: true })).toBe('abc');
  expect(literal('evt.type=sendmsg', { ...SYSDIG, format: 'tcpdump' })).toBeNull();
});
