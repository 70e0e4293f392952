import { expect, test } from 'vitest';
import { Scanner } from '../../src/filter/lexer.js';
import { formatValue, valueBytes } from '../../src/filter/value-text.js';

test.each([
  ['keepalived and x', 'keepalived'],
  ['< and', '<'],
  ['>', '>'],
  ['a)b', 'a'],
  ['a,b', 'a'],
  ['a=b', 'a=b'],
  ['/dev/log', '/dev/log'],
  ['[0]', '[0]'],
  ['-11', '-11'],
  ["''", ''],
  ['""', ''],
  ["'a b'x", 'a b'],
  [`"it's"`, "it's"],
  [`'say "hi"'`, 'say "hi"'],
  [String.raw`'it\'s'`, "it's"],
  [String.raw`"a\"b"`, 'a"b'],
  [String.raw`'\b\f\n\r\t\\\/'`, '\b\f\n\r\t\\/'],
  [String.raw`'a\\'`, 'a\\'],
  [String.raw`'\x41\x7a'`, 'Az'],
  [String.raw`'\xc3\xa9'`, 'é'],
  [String.raw`'x\xffy'`, 'x\udcffy'],
  [String.raw`'é\xff'`, 'é\udcff'],
  ["'naïve – 日本'", 'naïve – 日本'],
])('value %s', (text, value) => {
  expect(new Scanner(text).value()?.text).toBe(value);
});

test.each(['', '=a', ')', ',', '(', ' a'])('no value at %j', (text) => {
  expect(new Scanner(text).value()).toBeUndefined();
});

test('a byte that is no UTF-8 stays that byte', () => {
  const value = new Scanner(String.raw`'a\xff\xc3\xa9\x80'`).value()!.text;
  expect([...valueBytes(value)]).toEqual([0x61, 0xff, 0xc3, 0xa9, 0x80]);
  expect(formatValue(value)).toBe(String.raw`'a\xffé\x80'`);
});

test.each([
  ['keepalived', 'keepalived'],
  ['/etc/*.conf', '/etc/*.conf'],
  ['>', "'>'"],
  ['', "''"],
  ['a b', "'a b'"],
  ["it's", String.raw`'it\'s'`],
  ['a\\b\n', String.raw`'a\\b\n'`],
  ['\x1b[0m', String.raw`'\x1b[0m'`],
  ['a\u202eb', String.raw`'a\xe2\x80\xaeb'`],
  ['\u0085', String.raw`'\xc2\x85'`],
])('formatValue %j', (value, text) => {
  expect(formatValue(value)).toBe(text);
  expect(new Scanner(text).value()?.text).toBe(value);
});
