import { expect, test } from 'vitest';
import { compileFilter, parseFilter } from '../../src/filter/filter.js';
import { EPOCH, type FakeEvent, type FakeTrace, fakeEvent, fakeFields } from './fake-event.js';

function matches(filter: string, event: FakeEvent, trace?: FakeTrace): boolean {
  return compileFilter(parseFilter(filter), fakeFields(trace), EPOCH)(fakeEvent(event));
}

const SENDMSG: FakeEvent = {
  num: 368250,
  timeNs: 5e9,
  time: '17:01:21.339942868',
  cpu: 0,
  proc: 'keepalived',
  tid: 10400,
  dir: '>',
  type: 'sendmsg',
  args: 'fd=13(<4r>10.77.0.1->224.0.0.18) size=40 tuple=NULL ',
  arg: { fd: '<4r>10.77.0.1->224.0.0.18', size: '40', 0: '<4r>10.77.0.1->224.0.0.18' },
  rawArg: { fd: '13', size: '40', addr: '8323089', flags: '4097', mode: '0644', data: 'E..(' },
  fd: {
    num: 13,
    type: 'ipv4',
    clientIp: '10.77.0.1',
    clientPort: 0,
    serverIp: '224.0.0.18',
    serverPort: 112,
  },
};

test.each<[string, boolean]>([
  ["proc.name=keepalived and evt.type=sendmsg and evt.dir='>'", true],
  ['proc.name=keepalive', false],
  ['proc.name=keepalived2', false],
  ['proc.name=Keepalived', false],
  ['proc.name=keepalivex', false],
  ['proc.name=xeepalived', false],
  ['proc.name=keepxlived', false],
  ['proc.name!=keepalived', false],
  ['proc.name!=sshd', true],
  ['proc.name<keepalivee', true],
  ['proc.name<keep', false],
  ['proc.name<=keepalived', true],
  ['proc.name>keep', true],
  ['proc.name>=keepalivedx', false],
  ['proc.name contains alive', true],
  ['proc.name contains ""', true],
  ['proc.name contains keepalivedx', false],
  ['proc.name contains Alive', false],
  ['proc.name icontains ALIVED', true],
  ['proc.name icontains ""', true],
  ['proc.name icontains ALIVEDX', false],
  ['proc.name startswith keep', true],
  ['proc.name startswith eep', false],
  ['proc.name endswith lived', true],
  ['proc.name endswith keepalivedkeepalived', false],
  ['proc.name glob keep*', true],
  ['proc.name glob keep', false],
  ['proc.name glob KEEP*', false],
  ['proc.name iglob KEEP*', true],
  ['proc.name regex keep.*', true],
  ['proc.name regex keep', false],
  ['proc.name regex "(?i)KEEP.*d"', true],
  ['proc.name in (sshd, keepalived)', true],
  ['proc.name in (a, b, c, d, e, f, keepalived)', true],
  ['proc.name in (a, b, c, d, e, f, g)', false],
  ['proc.name in ()', false],
  ['proc.name intersects (sshd, keepalived)', true],
  ['proc.name exists', true],
  ['evt.dir=>', true],
  ['evt.dir=<', false],
  ['evt.dir!=<', true],
  ['evt.dir < "="', false],
  ['evt.dir in (<, >)', true],
  ['evt.cpu=0', true],
  ['evt.cpu=0x0', true],
  ['evt.cpu!=0', false],
  ['evt.cpu>=0 and evt.cpu<1', true],
  ['evt.cpu<=-1', false],
  ['evt.cpu in (1, 0)', true],
  ['evt.cpu in (1, 2)', false],
  ['evt.num=3.6825e5', true],
  ['evt.num>368249.5', true],
  ['evt.num<99999999999999999999', true],
  ['thread.tid=10400', true],
  ['thread.tid=-2147483648', false],
  ['evt.outputtime startswith 17:01', true],
  ['evt.args contains "size=40"', true],
  ['evt.args contains "tuple=NULL "', true],
  ['evt.args icontains "TUPLE=null "', true],
  ['evt.args contains "tuple=NUL "', false],
  ['evt.args endswith tuple=NULL', true],
  ['evt.args endswith "tuple=NULL "', true],
  ['evt.info startswith fd=13', true],
  ['evt.arg.fd contains 224.0', true],
  ['evt.arg[0] contains 224.0', true],
  ['evt.arg.none exists', false],
  ['evt.arg.size>5', false],
  ['evt.rawarg.size>5', true],
  ['evt.rawarg.fd=13', true],
  ['evt.rawarg.fd=0xd', true],
  ['evt.rawarg.fd!=13', false],
  ['evt.rawarg.fd in (12, 13)', true],
  ['evt.rawarg.fd contains 1', true],
  ['evt.rawarg.addr=0x7f0011', true],
  ['evt.rawarg.flags=4097', true],
  ['evt.rawarg.mode=420', true],
  ['evt.rawarg.data=5', false],
  ['evt.rawarg.data!=5', true],
  ['evt.rawarg.data startswith E', true],
  ['fd.num=13', true],
  ['fd.ip=224.0.0.18', true],
  ['fd.ip=10.77.0.1', true],
  ['fd.ip=10.77.0.2', false],
  ['fd.ip!=10.77.0.1', false],
  ['fd.ip!=10.77.0.2', true],
  ['fd.ip in (1.1.1.1, 10.77.0.1)', true],
  ['fd.ip exists', true],
  ['fd.cip=10.77.0.1', true],
  ['fd.sip=10.77.0.1', false],
  ['fd.net=10.77.0.0/16', true],
  ['fd.net!=10.77.0.0/16', false],
  ['fd.net!=10.78.0.0/16', true],
  ['fd.snet in (10.0.0.0/8, 224.0.0.0/4)', true],
  ['fd.cnet=224.0.0.0/4', false],
  ['fd.port=112', true],
  ['fd.port!=112', false],
  ['fd.port!=80', true],
  ['fd.port>111', true],
  ['fd.port in (80, 112)', true],
  ['fd.sport=112', true],
  ['fd.cport=112', false],
  ['fd.port=http', false],
  ['len(proc.name)=10', true],
  ['tolower(proc.name)=keepalived', true],
  ['toupper(proc.name)=KEEPALIVED', true],
  ['proc.name=val(proc.name)', true],
  ['proc.name!=val(evt.type)', true],
  ['proc.name startswith val(evt.type)', false],
  ['toupper(proc.name)=toupper(proc.name)', true],
  ['evt.cpu<val(thread.tid)', true],
  ['evt.cpu=val(evt.latency)', false],
])('%s: %s', (filter, expected) => {
  expect(matches(filter, SENDMSG)).toBe(expected);
});

/** A missing value makes every comparison false, and `not` of it true. */
test.each([
  'proc.name=a',
  'proc.name!=a',
  'proc.name<z',
  'proc.name contains ""',
  'proc.name glob *',
  'proc.name regex .*',
  'proc.name in (a)',
  'proc.name exists',
  'evt.cpu=0',
  'evt.cpu!=0',
  'evt.cpu<99',
  'evt.dir=>',
  'evt.dir!=>',
  'evt.dir exists',
  'thread.tid!=1',
  'evt.num exists',
  'evt.type!=open',
  'evt.outputtime!=a',
  'evt.time!=17:01:21',
  'evt.time<17:01:21',
  'evt.rawtime!=0',
  'evt.deltatime>=0',
  'evt.latency!=0',
  'evt.arg.fd!=1',
  'evt.rawarg.fd!=1',
  'evt.rawres!=0',
  'evt.res!=SUCCESS',
  'evt.failed!=true',
  'fd.num!=1',
  'fd.name!=a',
  'fd.ip!=1.2.3.4',
  'fd.net!=1.0.0.0/8',
  'fd.port!=1',
  'fd.is_server!=true',
  'proc.pid!=1',
  'proc.pname!=a',
  'proc.aname!=a',
  'proc.apid!=1',
  'thread.ismain!=true',
  'container.name!=a',
  'user.uid!=0',
  'len(proc.name)!=1',
  'proc.name=val(proc.name)',
])('missing: %s', (filter) => {
  expect(matches(filter, {})).toBe(false);
  expect(matches(`not ${filter}`, {})).toBe(true);
});

test('a name with any bytes, and an empty one', () => {
  expect(matches(String.raw`proc.name='a\xffb'`, { proc: Buffer.from([0x61, 0xff, 0x62]) })).toBe(true);
  expect(matches(String.raw`proc.name='a\xffb'`, { proc: 'a\u00ffb' })).toBe(false);
  expect(matches('proc.name=日本', { proc: '日本' })).toBe(true);
  expect(matches('proc.name glob ?本', { proc: '日本' })).toBe(true);
  expect(matches("proc.name=''", { proc: '' })).toBe(true);
  expect(matches("proc.name=''", { proc: 'a' })).toBe(false);
  expect(matches("proc.name!=''", { proc: 'a' })).toBe(true);
});

test.each<[string, string, boolean]>([
  ['/etc', '/etc/passwd', true],
  ['/etc', '/etc', true],
  ['/etc/', '/etc/passwd', true],
  ['etc', '/etc/passwd', true],
  ['/et', '/etc/passwd', false],
  ['/etc/passwd/x', '/etc/passwd', false],
  ['/', '/etc', true],
  ['/tmp, /var/log', '/var/log/x', true],
  ['/tmp, /var/log', '/var/lib/x', false],
])('pmatch (%s) of %s', (paths, name, expected) => {
  expect(matches(`fd.name pmatch (${paths})`, { fd: { type: 'file', name } })).toBe(expected);
});

test('the place of a condition with a memory is kept', () => {
  const events: FakeEvent[] = [0, 1, 2, 3, 4].map((second) => ({
    timeNs: second * 1e9,
    proc: second % 2 === 0 ? 'even' : 'odd',
  }));
  const matched = (filter: string): number[] => {
    const test = compileFilter(parseFilter(filter), fakeFields(), EPOCH);
    return events.flatMap((event, i) => (test(fakeEvent(event)) ? [i] : []));
  };
  expect(matched('proc.name=even and evt.deltatime>1s')).toEqual([2, 4]);
  expect(matched('evt.deltatime>1s and proc.name=even')).toEqual([]);
  expect(matched('evt.deltatime>=1s and proc.name=even')).toEqual([2, 4]);
  expect(matched('proc.name=odd or evt.deltatime>=2000000000')).toEqual([1, 2, 3, 4]);
  expect(matched('proc.name=even and evt.deltatime.s>=2')).toEqual([2, 4]);
  expect(matched('evt.deltatime=0')).toEqual([0]);
});
