import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Check, FilterAst, Operator, Term } from '../../src/filter/ast.js';
import { compileFilter, formatFilter, parseFilter, requiredLiteral } from '../../src/filter/filter.js';
import { UsageError } from '../../src/model/problem.js';
import { EPOCH, type FakeEvent, fakeEvent, fakeFields } from './fake-event.js';

const OPERATORS: Operator[] = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'icontains',
  'startswith',
  'endswith',
  'in',
  'intersects',
  'exists',
];
/** Few letters, and two above all, so that values often match. */
const letter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b') },
  { weight: 1, arbitrary: fc.constantFrom('A', 'é', '日', ' ', '"', "'", '\\', '\n', '\u{1f600}') },
);
const text = fc.string({ unit: letter, maxLength: 3 });
const anyText = fc.oneof(
  text,
  fc.string({ unit: 'binary' }).map((s) => Buffer.from(s).toString()),
);
const term = (field: string): Term => ({ field, arg: null, transforms: [] });

function check(left: Term, op: Operator, values: string[]): Check {
  const list = op === 'in' || op === 'intersects';
  const taken = op === 'exists' ? [] : list ? values : [values[0] ?? ''];
  return { kind: 'check', left, op, values: taken, right: null };
}

const textCheck = (value: fc.Arbitrary<string>): fc.Arbitrary<Check> =>
  fc
    .tuple(
      fc.constantFrom('proc.name', 'evt.type', 'evt.args'),
      fc.constantFrom(...OPERATORS),
      fc.array(value, { maxLength: 7 }),
    )
    .map(([field, op, values]) => check(term(field), op, values));
const otherCheck: fc.Arbitrary<Check> = fc.oneof(
  fc.integer({ min: -2, max: 3 }).map((n) => check(term('evt.cpu'), '>', [String(n)])),
  fc.constantFrom('<', '>').map((dir) => check(term('evt.dir'), '=', [dir])),
  fc
    .constantFrom('fd', '0', 'a b', "it's", 'ä')
    .map((arg) => check({ ...term('evt.arg'), arg }, 'exists', [])),
);

function tree(leaf: fc.Arbitrary<Check>): fc.Arbitrary<FilterAst> {
  const { ast } = fc.letrec<{ ast: FilterAst }>((tie) => ({
    ast: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      tie('ast').map((child): FilterAst => (child.kind === 'not' ? child.child : { kind: 'not', child })),
      fc
        .tuple(
          fc.constantFrom('and' as const, 'or' as const),
          fc.array(tie('ast'), { minLength: 2, maxLength: 4 }),
        )
        .map(
          ([kind, children]): FilterAst => ({
            kind,
            children: children.flatMap((child) => (child.kind === kind ? child.children : [child])),
          }),
        ),
    ),
  }));
  return ast;
}

test('formatFilter prints what parseFilter reads as the same tree', () => {
  fc.assert(
    fc.property(tree(fc.oneof(textCheck(anyText), otherCheck)), (ast) => {
      const printed = formatFilter(ast);
      expect(printed).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(parseFilter(printed)).toEqual(ast);
    }),
    { numRuns: 1000 },
  );
});

const event = fc.record({
  proc: fc.option(text, { nil: undefined }),
  type: text.filter((type) => type !== ''),
  // Blanks at the end are the trace's, not the arguments'.
  args: text.map((args) => args.replace(/ +$/, '')),
  dir: fc.constantFrom('>', '<', undefined),
  cpu: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
}) as fc.Arbitrary<FakeEvent>;

/** The same by strings: bytes of UTF-8 order as code points do. */
function naive(ast: FilterAst, e: FakeEvent): boolean {
  switch (ast.kind) {
    case 'not':
      return !naive(ast.child, e);
    case 'and':
      return ast.children.every((child) => naive(child, e));
    case 'or':
      return ast.children.some((child) => naive(child, e));
    case 'check': {
      const { field } = ast.left;
      if (field === 'evt.cpu') return e.cpu !== undefined && e.cpu > Number(ast.values[0]);
      const value = {
        'proc.name': e.proc as string,
        'evt.type': e.type,
        'evt.args': e.args,
        'evt.dir': e.dir,
      }[field];
      return value !== undefined && compare(value, ast.op, ast.values);
    }
  }
}

function compare(value: string, op: Operator, values: readonly string[]): boolean {
  const wanted = values[0] ?? '';
  const order = Buffer.compare(Buffer.from(value), Buffer.from(wanted));
  const lower = (s: string): string => s.replace(/[A-Z]/g, (c) => c.toLowerCase());
  switch (op) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case 'contains':
      return value.includes(wanted);
    case 'icontains':
      return lower(value).includes(lower(wanted));
    case 'startswith':
      return value.startsWith(wanted);
    case 'endswith':
      return value.endsWith(wanted);
    case 'exists':
      return true;
    default:
      return values.includes(value);
  }
}

/** Values of evt.args without blanks at their ends, which are compared in a way of their own. */
const comparable = fc
  .oneof(
    textCheck(text),
    otherCheck.filter((c) => c.left.arg === null),
  )
  .map(
    (c): Check =>
      c.left.field === 'evt.args' ? { ...c, values: c.values.map((value) => value.replace(/ +$/, '')) } : c,
  );

test('the compiled filter answers as strings would, and every match holds the required bytes', () => {
  const line = { format: 'sysdig', names: true, tids: true, args: true } as const;
  fc.assert(
    fc.property(tree(comparable), fc.array(event, { minLength: 1, maxLength: 8 }), (ast, events) => {
      const test = compileFilter(ast, fakeFields(), EPOCH);
      const literal = requiredLiteral(ast, line);
      for (const e of events) {
        const answer = test(fakeEvent(e));
        expect(answer).toBe(naive(ast, e));
        const printed = Buffer.from(`${e.proc ?? ''}\n${e.type}\n${e.args}`);
        if (answer && literal !== null) expect(printed.includes(literal)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any text is a filter or a usage error', () => {
  const piece = fc.constantFrom(
    ...'proc.name evt.cpu evt.arg[0] evt.arg. and or not ( ) = != < > in exists regex glob , \' " \\ x 1 tolower( val( && ! [ ]'.split(
      ' ',
    ),
    ' ',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (source) => {
        try {
          const ast = parseFilter(source);
          expect(parseFilter(formatFilter(ast))).toEqual(ast);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
