import { expect, test } from 'vitest';
import { checkFilter, parseFilter } from '../../src/filter/filter.js';
import type { TraceTraits } from '../../src/model/trace.js';
import { EPOCH, RELATIVE, TIME_OF_DAY } from './fake-event.js';

const SYSDIG: TraceTraits = {
  format: 'sysdig',
  timebase: TIME_OF_DAY,
  directions: 'both',
  exitTimes: true,
  hasCpu: true,
  hasNames: true,
  columns: [],
};
const EXITS: TraceTraits = { ...SYSDIG, directions: 'exits' };
const STRACE: TraceTraits = {
  ...SYSDIG,
  format: 'strace',
  timebase: EPOCH,
  exitTimes: false,
  hasCpu: false,
  hasNames: false,
};

test.each<[string, TraceTraits | undefined, string[]]>([
  ["proc.name=keepalived and evt.type=sendmsg and evt.dir='>'", SYSDIG, []],
  ['evt.type=open_by_handle_at and fd.num=3 and evt.latency>1s', SYSDIG, []],
  ['evt.type=sendmsgg', undefined, ['evt.type: no event type "sendmsgg" is known (did you mean sendmsg?)']],
  ['evt.type in (open, zzzzzzzz)', undefined, ['evt.type: no event type "zzzzzzzz" is known']],
  ['not evt.type=opne', undefined, ['evt.type: no event type "opne" is known (did you mean open?)']],
  ['evt.type.is.opne=1', undefined, ['evt.type.is.opne: no event type "opne" is known (did you mean open?)']],
  ['evt.type startswith sendx', undefined, ['evt.type startswith "sendx": no known event type does']],
  ['evt.type=pread', STRACE, ['evt.type: strace calls pread pread64']],
  ['evt.type=pread64', SYSDIG, ['evt.type: sysdig calls pread64 pread']],
  ['evt.dir=enter', undefined, [`no event's direction is "enter": it is > or <`]],
  ['evt.cpu in ()', undefined, ['evt.cpu in () has no values: it is never true']],
  ['evt.arg.size>100', undefined, ['evt.arg.size>100 compares text; evt.rawarg.size compares numbers']],
  ['evt.arg.siez=1', SYSDIG, ['evt.arg.siez: sysdig prints no argument of this name (did you mean size?)']],
  ['evt.rawarg[3]=1 and evt.arg.size=1', SYSDIG, []],
  [
    'container.name=web',
    SYSDIG,
    [
      "container.name is not in this trace: print it (sysdig -p '*%evt.num %evt.outputtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info %container.name') and give the same string to --layout",
    ],
  ],
  ['container.name=web', { ...SYSDIG, columns: ['container.name'] }, []],
  ['user.name=al', STRACE, ['user.name is not in this trace: strace does not record it']],
  ['evt.cpu=0', STRACE, ['evt.cpu: this trace does not say on which CPU an event was']],
  [
    'proc.name=a',
    STRACE,
    [
      'proc.name: names are known only of processes whose execve, clone or prctl is in this trace; strace -Y prints them on every line',
    ],
  ],
  [
    'evt.latency>1s',
    STRACE,
    ['evt.latency: without strace -T the durations of calls printed whole are unknown'],
  ],
  ['evt.latency>1s', { ...STRACE, exitTimes: true }, []],
  [
    'evt.latency>1s',
    EXITS,
    [
      'evt.latency: this trace holds only exits of calls, so their durations are unknown (sysdig before 0.41 records entries too)',
    ],
  ],
  [
    'evt.rawtime>5',
    SYSDIG,
    ["evt.rawtime: this trace's times have no date (sysdig -t a prints them with one)"],
  ],
  ['evt.rawtime>5', STRACE, []],
  [
    'evt.around[5]=1',
    SYSDIG,
    ["evt.around[5]: this trace's times have no date; give a time of day: evt.around[17:01:21]"],
  ],
  ['evt.around[17:01:21]=1', SYSDIG, []],
  [
    'evt.time>17:01',
    { ...SYSDIG, timebase: RELATIVE },
    ["evt.time: this trace's times count from its start (sysdig -t a prints them with one)"],
  ],
  [
    "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'",
    EXITS,
    [
      "this trace holds only exits of system calls, so evt.dir='>' matches none of them; use: proc.name=keepalived and evt.type=sendmsg and evt.dir='<'",
    ],
  ],
  [
    'proc.name=a and not evt.dir=<',
    EXITS,
    [
      "this trace holds only exits of system calls, so evt.dir='<' matches none of them; use: proc.name=a and not evt.dir='>'",
    ],
  ],
  ["evt.type=switch and evt.dir='>'", EXITS, []],
  ["evt.type in (switch, procexit) and evt.dir='>'", EXITS, []],
  ['evt.type=sendmsg and evt.dir=<', EXITS, []],
  ['evt.dir!=> and evt.cpu=0', EXITS, []],
  [
    "proc.name=a and evt.dir='>'",
    { ...SYSDIG, directions: 'none' },
    [
      'this trace does not say which events are entries and which exits, so evt.dir is never true; use: proc.name=a',
    ],
  ],
  [
    "evt.dir='>'",
    { ...SYSDIG, directions: 'none' },
    ['this trace does not say which events are entries and which exits, so evt.dir is never true'],
  ],
  ["evt.dir='>'", { ...SYSDIG, directions: 'unknown' }, []],
])('%s (case %#)', (filter, traits, warnings) => {
  expect(checkFilter(parseFilter(filter), traits)).toEqual(warnings);
});

test('warnings are bounded and not repeated', () => {
  const types = Array.from({ length: 1000 }, (_, i) => `zzzz${i}`);
  const many = checkFilter(parseFilter(`evt.type in (${types.join(',')})`));
  expect(many).toHaveLength(13);
  expect(many[12]).toBe('988 more warnings about the filter are not shown');
  expect(checkFilter(parseFilter('evt.type=zzzzzzz or evt.type=zzzzzzz'))).toHaveLength(1);
});
