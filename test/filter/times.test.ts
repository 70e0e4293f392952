import { expect, test } from 'vitest';
import { compileField, compileFilter, parseFilter } from '../../src/filter/filter.js';
import { readNanoseconds, readNumber } from '../../src/filter/values.js';
import type { Timebase } from '../../src/model/trace.js';
import { EPOCH, type FakeEvent, fakeEvent, fakeFields, RELATIVE, TIME_OF_DAY } from './fake-event.js';

const fields = fakeFields();
/** 17:01:21.339942868 of the first day. */
const AT = 61281339942868;
const DAY = 86_400e9;

function read(field: string, timebase: Timebase, timeNs: number): string | undefined {
  return compileField(field, fields, timebase)(fakeEvent({ timeNs }));
}

function matches(filter: string, timebase: Timebase, timeNs: number): boolean {
  return compileFilter(parseFilter(filter), fields, timebase)(fakeEvent({ timeNs }));
}

test.each<[string, Timebase, number, string | undefined]>([
  ['evt.time', TIME_OF_DAY, AT, '17:01:21.339942868'],
  ['evt.time', TIME_OF_DAY, AT + DAY, '17:01:21.339942868'],
  ['evt.time', { ...TIME_OF_DAY, resolutionNs: 1000 }, 5e3, '00:00:00.000005'],
  ['evt.time', { ...TIME_OF_DAY, resolutionNs: 1e9 }, 5e9, '00:00:05'],
  ['evt.time.s', TIME_OF_DAY, AT, '17:01:21'],
  ['evt.time', RELATIVE, 5, undefined],
  ['evt.time.iso8601', EPOCH, 1000012, '2023-11-14T22:13:20.001000012+0000'],
  ['evt.time.iso8601', TIME_OF_DAY, 5, undefined],
  ['evt.rawtime', EPOCH, 1000012, '1700000000001000012'],
  ['evt.rawtime', TIME_OF_DAY, 5, undefined],
  ['evt.rawtime.s', EPOCH, 2_500_000_000, '1700000002'],
  ['evt.rawtime.ns', EPOCH, 2_500_000_000, '500000000'],
  ['evt.reltime', RELATIVE, 2_500_000_000, '2500000000'],
  ['evt.reltime.s', RELATIVE, 2_500_000_000, '2'],
  ['evt.reltime.ns', RELATIVE, 2_500_000_000, '500000000'],
])('%s (case %#)', (field, timebase, timeNs, expected) => {
  expect(read(field, timebase, timeNs)).toBe(expected);
});

test('times of the calendar are local, as sysdig prints them', () => {
  const date = new Date(1_700_000_000_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  expect(read('evt.time', EPOCH, 12)).toBe(`${clock}.000000012`);
  expect(read('evt.time.s', EPOCH, 12)).toBe(clock);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  expect(read('evt.datetime', EPOCH, 12)).toBe(`${day} ${clock}.000000012`);
  expect(read('evt.datetime.s', EPOCH, 12)).toBe(`${day} ${clock}`);
});

/** evt.time compares as text does in sysdig, whichever way it is compiled. */
test('comparisons of evt.time agree with those of its text', () => {
  const values = [
    '17:01',
    '17:01:21',
    '17:01:21.3',
    '17:01:21.339942868',
    '17:01:21.34',
    '17:01:22',
    '00:00:00',
  ];
  const times = [0, AT - 1, AT, AT + 1, 61281e9, 61281e9 + 3e8, 61282e9, DAY - 1];
  const compare: Record<string, (a: string, b: string) => boolean> = {
    '<': (a, b) => a < b,
    '<=': (a, b) => a <= b,
    '>': (a, b) => a > b,
    '>=': (a, b) => a >= b,
  };
  for (const field of ['evt.time', 'evt.time.s']) {
    for (const timeNs of times) {
      const printed = read(field, TIME_OF_DAY, timeNs)!;
      for (const value of values) {
        for (const [op, expected] of Object.entries(compare)) {
          const text = field === 'evt.time.s' ? value.slice(0, 8) : value;
          const filter = `${field}${op}${text}`;
          expect(matches(filter, TIME_OF_DAY, timeNs), `${filter} at ${printed}`).toBe(
            expected(printed, text),
          );
        }
      }
    }
  }
  expect(matches('evt.time=17:01:21.339942868', TIME_OF_DAY, AT)).toBe(true);
  expect(matches('evt.time!=17:01:21.339942868', TIME_OF_DAY, AT)).toBe(false);
  expect(matches('evt.time contains :21.', TIME_OF_DAY, AT)).toBe(true);
  expect(matches('evt.time startswith 17:0', TIME_OF_DAY, AT)).toBe(true);
  expect(matches('evt.time.s in (17:01:21)', TIME_OF_DAY, AT)).toBe(true);
});

test.each<[string, Timebase, number, boolean]>([
  ['evt.rawtime=1700000000001000012', EPOCH, 1000012, true],
  ['evt.rawtime=1700000000001000013', EPOCH, 1000012, false],
  ['evt.rawtime<1700000000001000013', EPOCH, 1000012, true],
  ['evt.rawtime>1700000000001000011', EPOCH, 1000012, true],
  ['evt.around[1700000005000000000]=1000', EPOCH, 4_000_000_000, true],
  ['evt.around[1700000005000000000]=1000', EPOCH, 3_999_999_999, false],
  ['evt.around[1700000005000000000]=2s', EPOCH, 3_000_000_000, true],
  ['evt.around[1700000005000000000]=1000', TIME_OF_DAY, 5e9, false],
  ['evt.around[17:01:21]=500', TIME_OF_DAY, AT, true],
  ['evt.around[17:01:21]=300', TIME_OF_DAY, AT, false],
  ['evt.around[00:00:00]=1000', TIME_OF_DAY, DAY - 1e9, true],
])('%s (case %#)', (filter, timebase, timeNs, expected) => {
  expect(matches(filter, timebase, timeNs)).toBe(expected);
});

test('evt.reltime counts from the first event, whether it matches or not', () => {
  const test = compileFilter(parseFilter('proc.name=b and evt.reltime>=1s'), fields, TIME_OF_DAY);
  const events: FakeEvent[] = [
    { proc: 'a', timeNs: AT },
    { proc: 'b', timeNs: AT + 5e8 },
    { proc: 'b', timeNs: AT + 1e9 },
  ];
  expect(events.map((event) => test(fakeEvent(event)))).toEqual([false, false, true]);
});

test('CPU time is counted from switch to switch on the same CPU', () => {
  const exec = compileField('thread.exectime', fields, EPOCH);
  const total = compileField('thread.totexectime', fields, EPOCH);
  const events: FakeEvent[] = [
    { type: 'switch', cpu: 0, tid: 7, timeNs: 100 },
    { type: 'switch', cpu: 1, tid: 8, timeNs: 150 },
    { type: 'read', cpu: 0, tid: 9, timeNs: 160 },
    { type: 'switch', cpu: 0, tid: 9, timeNs: 300 },
    { type: 'switch', cpu: 0, tid: 7, timeNs: 350 },
    { type: 'switch', cpu: 0, tid: 9, timeNs: 400 },
  ].map((event) => ({ ...event, dir: '>' }));
  expect(events.map((event) => exec(fakeEvent(event)))).toEqual(['0', '0', undefined, '200', '50', '50']);
  expect(events.map((event) => total(fakeEvent(event)))).toEqual(['0', '0', undefined, '200', '50', '250']);
});

test.each([
  ['0', 0],
  ['-11', -11],
  ['+5', 5],
  ['0x1F', 31],
  ['-0x10', -16],
  ['1e3', 1000],
  ['1.5', 1.5],
  ['1.', 1],
  ['2.5e-1', 0.25],
  ['9007199254740993', 9007199254740993n],
  ['0xffffffffffffffff', 18446744073709551615n],
  ['', undefined],
  ['1e', undefined],
  ['.5', undefined],
  ['0x', undefined],
  ['1s', undefined],
  [' 1', undefined],
  ['Infinity', undefined],
])('readNumber %j', (text, value) => {
  expect(readNumber(text)).toBe(value);
});

test.each([
  ['1s', 1e9],
  ['250ms', 250e6],
  ['1.5us', 1500],
  ['1000', 1000],
  ['x', undefined],
])('readNanoseconds %j', (text, value) => {
  expect(readNanoseconds(text)).toBe(value);
});
