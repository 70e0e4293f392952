import { expect, test } from 'vitest';
import { joinShorthands, parseFilter, type Shorthands } from '../../src/filter/filter.js';
import { UsageError } from '../../src/model/problem.js';

test.each<[Shorthands, string]>([
  [{ proc: 'keepalived' }, 'proc.name=keepalived'],
  [{ proc: 'my prog' }, "proc.name='my prog'"],
  [{ proc: '10400' }, 'proc.pid=10400 or thread.tid=10400'],
  [{ proc: 10400, dir: '>' }, "(proc.pid=10400 or thread.tid=10400) and evt.dir='>'"],
  [{ tid: 7 }, 'thread.tid=7'],
  [{ type: 'sendmsg' }, 'evt.type=sendmsg'],
  [{ type: 'sendmsg, recvmsg,sendmsg' }, 'evt.type in (sendmsg, recvmsg)'],
  [{ type: ['a', 'b'] }, 'evt.type in (a, b)'],
  [{ dir: 'enter' }, "evt.dir='>'"],
  [{ dir: 'exit' }, "evt.dir='<'"],
  [{ dir: '<' }, "evt.dir='<'"],
  [
    { proc: 'keepalived', type: 'sendmsg', dir: 'enter', tid: 5 },
    "proc.name=keepalived and thread.tid=5 and evt.type=sendmsg and evt.dir='>'",
  ],
  [{ proc: 'a', filter: 'evt.cpu=0 or evt.cpu=1' }, 'proc.name=a and (evt.cpu=0 or evt.cpu=1)'],
  [{ proc: 'a', filter: 'evt.cpu=0 and evt.num>5' }, 'proc.name=a and evt.cpu=0 and evt.num>5'],
  [{ filter: ' evt.cpu = 0 ' }, 'evt.cpu = 0'],
])('%j', (given, text) => {
  const joined = joinShorthands(given)!;
  expect(joined.text).toBe(text);
  expect(parseFilter(joined.text)).toEqual(joined.ast);
});

test('nothing given is no filter', () => {
  expect(joinShorthands({})).toBeNull();
});

test.each<[Shorthands, string]>([
  [{ proc: '' }, '--proc: the name is empty'],
  [{ tid: -1 }, '--tid: "-1" is no id (a whole number from 0)'],
  [{ tid: Number.NaN }, '--tid: "NaN" is no id (a whole number from 0)'],
  [{ type: ' , ' }, '--type: no event type is given'],
  [{ dir: 'in' as 'enter' }, `--dir: "in" is no direction (enter or '>', exit or '<')`],
])('%j is refused', (given, message) => {
  expect(() => joinShorthands(given)).toThrow(new UsageError('option', message));
});
