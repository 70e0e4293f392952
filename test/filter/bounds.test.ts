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
  expect(run(text)).toBe(expected);
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

/** Processor time, the least of a few tries, milliseconds; at least one, so that noise does not count. */
function cost(work: () => void): number {
  const tries = [0, 1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.max(1, Math.min(...tries));
}

test.each([
  'proc.name regex "(a*)*(a|a)*b"',
  'proc.name regex "(a+)+$b"',
  'proc.name regex "(.*)(.*)(.*)x"',
  'proc.name glob "*a*a*a*a*a*a*b"',
  `proc.name glob "${'?*'.repeat(20)}b"`,
  'proc.name contains aaaaaaaaaaaaaaaaaaaaaaaaab',
  'proc.name icontains AAAAAAAAAAAAAAAAAAAAAAAAAB',
])('%s takes time that grows with the text', { timeout: 60_000 }, (text) => {
  const matches = compileFilter(parseFilter(text), fakeFields(), EPOCH);
  const [short, long] = [20_000, 160_000].map((length) => {
    const e = fakeEvent({ proc: 'a'.repeat(length) });
    return cost(() => expect(matches(e)).toBe(false));
  });
  // Eight times the text; its square would take 64 times as long.
  expect(long! / short!).toBeLessThan(32);
});

test.each<[string, (terms: number) => string]>([
  ['and', (terms) => `evt.cpu=3${repeat(terms, (i) => ` and proc.name!=p${i}`)}`],
  ['or', (terms) => `evt.cpu=3${repeat(terms, (i) => ` or proc.name=p${i}`)}`],
  ['in', (terms) => `proc.name in (${repeat(terms, (i) => `p${i},`)}keepalived)`],
  ['brackets', (terms) => `${'('.repeat(terms)}evt.cpu=3${')'.repeat(terms)}`],
  ['not', (terms) => `${'not not '.repeat(terms)}evt.cpu=3`],
])('%s: time grows with the number of terms', { timeout: 60_000 }, (_, filter) => {
  const [few, many] = [2500, 20_000].map((terms) => {
    const text = filter(terms);
    return cost(() => expect(run(text)).toBe(true));
  });
  expect(many! / few!).toBeLessThan(32);
});

/** `and` and `or` in turn: each is a group of its own. */
function inTurn(depth: number): string {
  const open = repeat(depth - 1, (i) => (i % 2 === 0 ? 'evt.cpu=3 and (' : 'evt.cpu=1 or ('));
  const last = depth % 2 === 1 ? 'evt.cpu=3 and evt.tid=9' : 'evt.cpu=1 or evt.tid=9';
  return `${open}${last.replace('evt.tid', 'thread.tid')}${')'.repeat(depth - 1)}`;
}
