import { expect, test } from 'vitest';
import { MAX_DEPTH } from '../../src/filter/ast.js';
import {
  checkFilter,
  compileFilter,
  filterNeeds,
  formatFilter,
  parseFilter,
  requiredLiteral,
} from '../../src/filter/filter.js';
import { UsageError } from '../../src/model/problem.js';
import { EPOCH, fakeEvent, fakeFields } from './fake-event.js';

const EVENT = { proc: 'keepalived', type: 'sendmsg', cpu: 3, tid: 9 };
const LINE = { format: 'sysdig', names: true, tids: true, args: true } as const;

/** Everything that is done with a filter; the answer for EVENT. */
function run(text: string): boolean {
  const ast = parseFilter(text);
  checkFilter(ast);
  filterNeeds(ast);
  requiredLiteral(ast, LINE);
  expect(parseFilter(formatFilter(ast))).toEqual(ast);
  return compileFilter(ast, fakeFields(), EPOCH)(fakeEvent(EVENT));
}

function repeat(count: number, part: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => part(i)).join('');
}

test.each<[string, string, boolean]>([
  ['10,000 terms of and', `evt.cpu=3${repeat(10_000, (i) => ` and proc.name!=p${i}`)}`, true],
  [
    '10,000 terms of or',
    `evt.cpu=1${repeat(10_000, (i) => ` or proc.name=p${i}`)} or evt.type=sendmsg`,
    true,
  ],
  ['10,000 values', `proc.name in (${repeat(10_000, (i) => `p${i},`)}keepalived)`, true],
  ['and and or in turn', `evt.cpu=1${repeat(10_000, () => ' and evt.cpu=3 or evt.cpu=3')}`, true],
  ['10,000 brackets', `${'('.repeat(10_000)}evt.cpu=3${')'.repeat(10_000)}`, true],
  ['10,000 times not', `${'not '.repeat(10_000)}evt.cpu=3`, true],
  ['10,001 times not with brackets', `${'not ('.repeat(10_001)}evt.cpu=3${')'.repeat(10_001)}`, false],
  ['10,000 nested ands', `${'evt.cpu=3 and ('.repeat(10_000)}evt.cpu=3${')'.repeat(10_000)}`, true],
  [
    '10,000 ands nested on the left',
    `${'('.repeat(10_000)}evt.cpu=3${' and evt.cpu=3)'.repeat(10_000)}`,
    true,
  ],
  ['groups in turn up to the bound', inTurn(MAX_DEPTH), true],
])('%s', (_, text, expected) => {
  const started = performance.now();
  expect(run(text)).toBe(expected);
  expect(performance.now() - started).toBeLessThan(5000);
});

test.each([MAX_DEPTH + 1, 10_000, 100_000])('groups in turn, %i deep, are refused', (depth) => {
  expect(() => parseFilter(inTurn(depth))).toThrow(
    new UsageError(
      'filter',
      'filter: conditions are nested more than 1000 deep: "and", "or" and "not" in turn',
    ),
  );
});

test('one value, one quote and one blank of a megabyte', () => {
  const long = 'x'.repeat(1 << 20);
  expect(run(`proc.name!=${long}`)).toBe(true);
  expect(run(`proc.name!='${long}'`)).toBe(true);
  expect(run(`proc.name!=a${' '.repeat(1 << 20)}`)).toBe(true);
  expect(() => parseFilter(`proc.name='${long}`)).toThrow('the quote is never closed');
  expect(() => parseFilter(`evt.num=${'9'.repeat(1 << 20)}`)).toThrow('takes a number');
});

test('a regular expression takes linear time', () => {
  const test = compileFilter(parseFilter('proc.name regex "(a*)*(a|a)*b"'), fakeFields(), EPOCH);
  const started = performance.now();
  expect(test(fakeEvent({ proc: 'a'.repeat(50_000) }))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});

/** `and` and `or` in turn: each is a group of its own. */
function inTurn(depth: number): string {
  const open = repeat(depth - 1, (i) => (i % 2 === 0 ? 'evt.cpu=3 and (' : 'evt.cpu=1 or ('));
  const last = depth % 2 === 1 ? 'evt.cpu=3 and evt.tid=9' : 'evt.cpu=1 or evt.tid=9';
  return `${open}${last.replace('evt.tid', 'thread.tid')}${')'.repeat(depth - 1)}`;
}
