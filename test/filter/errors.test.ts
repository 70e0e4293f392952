import { expect, test } from 'vitest';
import { parseFilter } from '../../src/filter/filter.js';
import { UsageError } from '../../src/model/problem.js';

/** Messages as they are printed; the expression is their second line. */
const MESSAGES = String.raw`
filter: unknown field "proc.nam" (did you mean proc.name?)
  proc.nam=keepalived and evt.type=sendmsg
  ^^^^^^^^

filter: expected an operator after proc.name, such as = or exists
  proc.name
           ^

filter: expected a value after "=", found the end of the expression
  proc.name=
            ^

filter: expected a condition, found the end of the expression
  proc.name=a and
                 ^

filter: expected a condition, found "and"
  and proc.name=a
  ^^^

filter: expected a condition, found "or"
  proc.name=a or or proc.name=b
                 ^^

filter: "(" is never closed
  (proc.name=a
  ^

filter: ")" without "("
  proc.name=a)
             ^

filter: "(" is never closed
  ((proc.name=a) and evt.cpu=0
  ^

filter: the quote is never closed
  proc.name='a
            ^

filter: the quote is never closed
  proc.name="a and evt.cpu=0
            ^

filter: write "and" instead of "&&"
  proc.name=a&&proc.name=b
             ^^

filter: write "and" instead of "&&"
  proc.name=a && proc.name=b
              ^^

filter: write "or" instead of "||"
  proc.name=a || proc.name=b
              ^^

filter: write "not" instead of "!"
  !proc.name=a
  ^

filter: write "not" instead of "!"
  ! (proc.name=a)
  ^

filter: write "not" instead of "!"
  proc.name=a and !evt.cpu=0
                  ^

filter: keywords are lower case: write "and"
  proc.name=a AND proc.name=b
              ^^^

filter: keywords are lower case: write "or"
  proc.name=a OR evt.cpu=0
              ^^

filter: keywords are lower case: write "not"
  NOT proc.name=a
  ^^^

filter: unknown field "keepalived" (fields look like proc.name, evt.type, fd.name)
  keepalived
  ^^^^^^^^^^

filter: unknown field "pid" (did you mean proc.pid?)
  pid=5
  ^^^

filter: unknown field "comm" (did you mean proc.name?)
  comm=keepalived
  ^^^^

filter: unknown field "process.name" (did you mean proc.name?)
  process.name=x
  ^^^^^^^^^^^^

filter: expected an operator after proc.name, found "keepalived"; there are = != < <= > >= contains icontains bcontains startswith bstartswith endswith glob iglob regex in intersects pmatch exists
  proc.name keepalived
            ^^^^^^^^^^

filter: expected "and" or "or" after the condition, found "bar" (a value with blanks or brackets needs quotes)
  proc.name = foo bar
                  ^^^

filter: expected "and" or "or" after the condition, found "(" (a value with blanks or brackets needs quotes)
  proc.name=kworker(1)
                   ^

filter: "contains" does not suit evt.cpu, which is a number (use = != < <= > >= in intersects exists)
  evt.cpu contains 0
          ^^^^^^^^

filter: evt.cpu takes a number, not "abc"
  evt.cpu=abc
          ^^^

filter: evt.failed takes true or false, not "1"
  evt.failed=1
             ^

filter: ">" does not suit evt.failed, which is a boolean (use = != in intersects exists)
  evt.failed > true
             ^

filter: fd.ip takes an IP address, not "foo"
  fd.ip=foo
        ^^^

filter: fd.ip takes an IP address, not "10.0.0.0/8" (networks: fd.net)
  fd.ip=10.0.0.0/8
        ^^^^^^^^^^

filter: fd.net takes a network such as 10.77.0.0/16, not "10.77.0.0"
  fd.net=10.77.0.0
         ^^^^^^^^^

filter: fd.port takes a port, not "70000"
  fd.port=70000
          ^^^^^

filter: fd.port takes a port, not "foo"
  fd.port=foo
          ^^^

filter: evt.latency takes nanoseconds or a duration such as 250ms, not "1x"
  evt.latency>1x
              ^^

filter: expected "(" after "in": in (a, b)
  evt.type in sendmsg
              ^^^^^^^

filter: expected "," or ")" in the list, found "b"
  evt.type in (a b)
                 ^

filter: "(" is never closed
  evt.type in (a,
              ^

filter: expected a value after "in", found ","
  evt.type in (a,,b)
                 ^

filter: "not" stands before the condition: not evt.type ...
  evt.type not in (a)
           ^^^

filter: unknown operator "like" (use glob or regex)
  evt.type like 'a%'
           ^^^^

filter: unknown operator "contain" (did you mean contains?)
  proc.name contain x
            ^^^^^^^

filter: write "!=" instead of "<>"
  proc.name <> a
            ^^

filter: evt.arg needs an argument, such as evt.arg.fd or evt.arg[0]
  evt.arg=1
  ^^^^^^^

filter: unknown field "evt.arg." (did you mean evt.args?)
  evt.arg.=1
  ^^^^^^^^

filter: evt.type.is needs an argument, such as evt.type.is.open
  evt.type.is=1
  ^^^^^^^^^^^

filter: proc.aname takes a number, such as proc.aname[1]
  proc.aname[x]=a
  ^^^^^^^^^^^^^

filter: proc.name takes no argument
  proc.name[1]=a
  ^^^^^^^^^^^^

filter: evt.around takes a time, such as evt.around[1404996934793590564]=1000
  evt.around[x]=1
  ^^^^^^^^^^^^^

filter: evt.around takes milliseconds or a duration, not "x"
  evt.around[1]=x
                ^

filter: ">" does not suit evt.around[1], which is a number (use =)
  evt.around[1]>1
               ^

filter: evt.abspath takes .src or .dst
  evt.abspath.foo=a
  ^^^^^^^^^^^^^^^

filter: unknown escape "\q" (write \\ for a backslash; there are \b \f \n \r \t \/ \xHH too)
  proc.name='\q'
             ^^

filter: two hexadecimal digits must follow \x
  proc.name='\x1'
             ^^

filter: "zz" is not a row of hexadecimal bytes such as cafe00
  evt.buffer bcontains zz
                       ^^

filter: "bcontains" does not suit proc.name, which is text (use = != < <= > >= contains icontains startswith endswith glob iglob regex in intersects pmatch exists)
  proc.name bcontains aa
            ^^^^^^^^^

filter: unknown transformer "foo"; there are tolower() toupper() b64() basename() len()
  foo(proc.name)=a
  ^^^

filter: tolower() needs text, and evt.cpu is a number
  tolower(evt.cpu)=1
  ^^^^^^^^^^^^^^^^

filter: expected ")" after the field of the transformer
  tolower(proc.name=a
                   ^^

filter: proc.name is text and evt.cpu is a number: they can't be compared
  proc.name = val(evt.cpu)
              ^^^^^^^^^^^^

filter: expected "(" after "in": in (a, b)
  proc.name in val(evt.type)
               ^^^

filter: fields with several values can only be compared with values
  fd.ip=val(fd.cip)
        ^^^^^^^^^^^

filter: expected "]" after the argument
  evt.arg[=1
            ^

filter: expected "]" after the argument
  evt.arg[0=1
             ^

filter: expected a value after "=", found the end of the expression
  evt.type=
           ^

filter: evt.num takes a number, not "1e"
  evt.num=1e
          ^^

filter: evt.cpu takes a number, not "0and"
  evt.cpu=0and evt.num<100
          ^^^^

filter: unknown field "fd.nmae" (did you mean fd.name?)
  fd.nmae contains x
  ^^^^^^^

filter: expected "(" after "pmatch": pmatch (a, b)
  fd.name pmatch /etc
                 ^^^^

filter: unknown field "container.nam" (did you mean container.name?)
  container.nam=x
  ^^^^^^^^^^^^^

filter: "contains" does not suit len(proc.name), which is a number (use = != < <= > >= in intersects exists)
  len(proc.name) contains 3
                 ^^^^^^^^

filter: expected "and" or "or" after the condition, found "s" (a value with blanks or brackets needs quotes)
  evt.latency>1 s
                ^
`;

test.each(MESSAGES.trim().split('\n\n'))('%s', (message) => {
  const text = message.split('\n')[1]!.slice(2);
  const failure = catchUsage(() => parseFilter(text));
  expect(failure.message).toBe(message);
  expect(failure.code).toBe('filter');
});

/** Expressions that are printed in another form: the expression, then the message line by line. */
test.each<string[]>([
  ['', 'filter: the expression is empty'],
  ['   ', 'filter: the expression is empty'],
  [
    "proc.name regex '['",
    'filter: not a regular expression of RE2: missing closing ]: `[`',
    "  proc.name regex '['",
    '                  ^^^',
  ],
  [
    'proc.name=\u201ca\u201d',
    'filter: values are quoted with \' or ", not with \u201c',
    '  proc.name=\u201ca\u201d',
    '            ^',
  ],
  [
    'proc.name=\u001b[31m and',
    'filter: expected a condition, found the end of the expression',
    '  proc.name=\\x1b[31m and',
    '                        ^',
  ],
  [
    'evt.type=open and evt.typ\u202ee=x',
    'filter: unknown field "evt.typ" (did you mean evt.type?)',
    '  evt.type=open and evt.typ\\u{202e}e=x',
    '                    ^^^^^^^',
  ],
  [
    "evt.dir='>' and evt.type=sendmsg and proc.nmae=keepalived and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 ",
    'filter: unknown field "proc.nmae" (did you mean proc.name?)',
    "  ...' and evt.type=sendmsg and proc.nmae=keepalived and evt.cpu=0 and evt....",
    '                                ^^^^^^^^^',
  ],
  [
    'evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and proc.nmae=keepalived',
    'filter: unknown field "proc.nmae" (did you mean proc.name?)',
    '  ...vt.cpu=0 and evt.cpu=0 and proc.nmae=keepalived',
    '                                ^^^^^^^^^',
  ],
  [
    'evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and proc.nmae=keepalived and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0 and evt.cpu=0',
    'filter: unknown field "proc.nmae" (did you mean proc.name?)',
    '  ...vt.cpu=0 and evt.cpu=0 and proc.nmae=keepalived and evt.cpu=0 and evt....',
    '                                ^^^^^^^^^',
  ],
  [
    'proc.name=a\nand evt.cpu=x',
    'filter: evt.cpu takes a number, not "x"',
    '  proc.name=a\\nand evt.cpu=x',
    '                           ^',
  ],
])('%j', (text, ...lines) => {
  expect(catchUsage(() => parseFilter(text!)).message.split('\n')).toEqual(lines);
});

test('a long word is cut, in the sentence and above the carets', () => {
  const { message } = catchUsage(() => parseFilter(`${'x'.repeat(100_000)}=1`));
  expect(message.split('\n')).toEqual([
    `filter: unknown field "${'x'.repeat(57)}..." (fields look like proc.name, evt.type, fd.name)`,
    `  ${'x'.repeat(32)}...`,
    `  ${'^'.repeat(32)}`,
  ]);
});

test('no control or direction character reaches the message', () => {
  for (const text of [
    'a\u0007b',
    "proc.name='\u009b",
    'evt.x\u202e=1',
    "evt.arg['\u001b']>x and",
    "proc.name regex '\u001b['",
  ]) {
    expect(catchUsage(() => parseFilter(text)).message).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/,
    );
  }
});

function catchUsage(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
