import { expect, test } from 'vitest';
import type { Check } from '../../src/filter/ast.js';
import { formatFilter, parseFilter } from '../../src/filter/filter.js';

/** The tree as text with every group in brackets. */
function shape(text: string): string {
  const print = (ast: ReturnType<typeof parseFilter>): string => {
    switch (ast.kind) {
      case 'check':
        return ast.values[0] ?? ast.left.field;
      case 'not':
        return `not ${print(ast.child)}`;
      default:
        return `(${ast.children.map(print).join(` ${ast.kind} `)})`;
    }
  };
  return print(parseFilter(text.replace(/\b[a-h]\b/g, 'proc.name=$&')));
}

test.each([
  ['a', 'a'],
  ['a and b', '(a and b)'],
  ['a and b and c', '(a and b and c)'],
  ['a and b or c', '((a and b) or c)'],
  ['a or b and c', '(a or (b and c))'],
  ['a or b and c or d', '(a or (b and c) or d)'],
  ['not a and b', '(not a and b)'],
  ['not (a and b)', 'not (a and b)'],
  ['not(a or b) and c', '(not (a or b) and c)'],
  ['not a or not b', '(not a or not b)'],
  ['(a or b) and c', '((a or b) and c)'],
  ['a and(b or c)', '(a and (b or c))'],
  ['a or(b and c)', '(a or (b and c))'],
  ['a and (b and (c and d))', '(a and b and c and d)'],
  ['(a or b) or (c or d)', '(a or b or c or d)'],
  ['(((a)))', 'a'],
  ['not not a', 'a'],
  ['not not not a', 'not a'],
  ['not (not (a))', 'a'],
  ['not (a) and b', '(not a and b)'],
  ['not (not (a and b))', '(a and b)'],
  [' \t a\n and\r\n b ', '(a and b)'],
  ['a\u00a0and b', '(a and b)'],
])('precedence: %s', (text, expected) => {
  expect(shape(text)).toBe(expected);
});

/** [text, field, argument, operator, values] */
test.each<[string, string, string | null, string, string[]]>([
  ['proc.name=keepalived', 'proc.name', null, '=', ['keepalived']],
  ['proc.name == keepalived', 'proc.name', null, '=', ['keepalived']],
  ['evt.dir=<', 'evt.dir', null, '=', ['<']],
  ['evt.dir=>', 'evt.dir', null, '=', ['>']],
  ["evt.dir='>'", 'evt.dir', null, '=', ['>']],
  ['evt.dir!=<', 'evt.dir', null, '!=', ['<']],
  ['evt.num<=5', 'evt.num', null, '<=', ['5']],
  ['evt.num>=0x1F', 'evt.num', null, '>=', ['0x1F']],
  ['evt.rawres<-1', 'evt.rawres', null, '<', ['-1']],
  ['evt.latency>1.5e9', 'evt.latency', null, '>', ['1.5e9']],
  ['evt.latency > 250ms', 'evt.latency', null, '>', ['250ms']],
  ['proc.name in (a, "b c",d)', 'proc.name', null, 'in', ['a', 'b c', 'd']],
  ['proc.name in()', 'proc.name', null, 'in', []],
  ['fd.name pmatch (/tmp, /etc)', 'fd.name', null, 'pmatch', ['/tmp', '/etc']],
  ['fd.name exists', 'fd.name', null, 'exists', []],
  ["fd.name startswith'/etc'", 'fd.name', null, 'startswith', ['/etc']],
  ['evt.args contains res=-11', 'evt.args', null, 'contains', ['res=-11']],
  ['evt.arg.fd=3', 'evt.arg', 'fd', '=', ['3']],
  ['evt.arg[fd]=3', 'evt.arg', 'fd', '=', ['3']],
  ['evt.arg[0]=3', 'evt.arg', '0', '=', ['3']],
  ['evt.type.is.open=1', 'evt.type.is', 'open', '=', ['1']],
  ['evt.type.is[open]=1', 'evt.type.is', 'open', '=', ['1']],
  ['proc.aname[2]=bash', 'proc.aname', '2', '=', ['bash']],
  ['proc.aname=bash', 'proc.aname', null, '=', ['bash']],
  ['evt.abspath.src=/a', 'evt.abspath', 'src', '=', ['/a']],
  ['evt.around[1404996934793590564]=1000', 'evt.around', '1404996934793590564', '=', ['1000']],
  ['thread.cgroup.cpuacct=/', 'thread.cgroup', 'cpuacct', '=', ['/']],
  ['container.mount.source[/proc]=/', 'container.mount.source', '/proc', '=', ['/']],
  ['k8s.pod.label.app.kubernetes.io/name=x', 'k8s.pod.label', 'app.kubernetes.io/name', '=', ['x']],
  ["container.label['a b']=x", 'container.label', 'a b', '=', ['x']],
])('condition: %s', (text, field, arg, op, values) => {
  expect(parseFilter(text)).toEqual({
    kind: 'check',
    left: { field, arg, transforms: [] },
    op,
    values,
    right: null,
  });
});

test('transformers and fields on the right side', () => {
  const { left, right } = parseFilter('tolower(basename( fd.name )) = toupper(proc.pname)') as Check;
  expect(left).toEqual({ field: 'fd.name', arg: null, transforms: ['basename', 'tolower'] });
  expect(right).toEqual({ field: 'proc.pname', arg: null, transforms: ['toupper'] });
  const value = parseFilter('proc.name=val( proc.pname )') as Check;
  expect(value.right).toEqual({ field: 'proc.pname', arg: null, transforms: [] });
  expect(formatFilter(parseFilter('proc.name = val and evt.cpu=0'))).toBe('proc.name=val and evt.cpu=0');
});

test.each([
  ["proc.name=keepalived and evt.type=sendmsg and evt.dir='>'", null],
  ['proc.name = "keepalived" and evt.dir = <', "proc.name=keepalived and evt.dir='<'"],
  ['not ( proc.name=a or proc.name=b )', 'not (proc.name=a or proc.name=b)'],
  ['proc.name=a and proc.name=b or proc.name=c', '(proc.name=a and proc.name=b) or proc.name=c'],
  ['(proc.name=a or proc.name=b) and evt.cpu=0', null],
  ['evt.type in (open, openat)', null],
  ['fd.name exists', null],
  ['proc.name contains "a b"', "proc.name contains 'a b'"],
  ['evt.arg[fd]=3', 'evt.arg.fd=3'],
  ['evt.arg[0]=3', null],
  ['container.mount[source]=3', null],
  ["container.label['a b']=x", null],
  ['len(tolower(proc.name))>3', null],
  ['proc.name=val(proc.pname)', null],
])('formatFilter: %s', (text, expected) => {
  const ast = parseFilter(text);
  expect(formatFilter(ast)).toBe(expected ?? text);
  expect(parseFilter(formatFilter(ast))).toEqual(ast);
});
