import { expect, test } from 'vitest';
import { compileGlob, globLiterals } from '../../src/filter/glob.js';
import { inNetwork, readIp, readNetwork } from '../../src/filter/ip-net.js';

function globs(pattern: string, text: string, fold = false): boolean {
  const bytes = Buffer.from(`*${text}*`);
  return compileGlob(pattern, fold)(bytes, 1, bytes.length - 1);
}

test.each<[string, string, boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', 'abc', true],
  ['a*c', 'abbc', true],
  ['a*c', 'abbd', false],
  ['*b*', 'abc', true],
  ['a*b*c', 'aXbXbXc', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', 'é', true],
  ['??', 'é', false],
  ['*?', '日本', true],
  ['*???', '日本', false],
  ['/etc/*', '/etc/a/b', true],
  ['[abc]', 'b', true],
  ['[abc]', 'd', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]', 'b', false],
  ['[^a-c]', 'd', true],
  ['[!a]', 'é', true],
  ['[é-ü]', 'ö', true],
  ['[]a]', ']', true],
  ['[!]a]', 'b', true],
  ['[a-]', '-', true],
  [String.raw`[\]]`, ']', true],
  ['[[:digit:]]x', '5x', true],
  ['[[:digit:][:upper:]]', 'Q', true],
  ['[[:nope:]]', 'e]', true],
  ['a[', 'a[', true],
  ['[ab', '[ab', true],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'a', false],
  [String.raw`a\\b`, String.raw`a\b`, true],
  ['KEEP*', 'keepalived', false],
])('glob %j of %j', (pattern, text, expected) => {
  expect(globs(pattern, text)).toBe(expected);
});

test('iglob ignores the case of ASCII letters', () => {
  expect(globs('KEEP*', 'keepALIVED', true)).toBe(true);
  expect(globs('[A-C]', 'b', true)).toBe(true);
  expect(globs('[a-c]', 'B', true)).toBe(true);
  expect(globs('É', 'é', true)).toBe(false);
});

test('a glob that would explode as a regular expression does not', () => {
  const started = performance.now();
  expect(globs(`${'a*'.repeat(50)}b`, 'a'.repeat(20_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});

test('globLiterals', () => {
  expect(globLiterals('k*alive?x[ab]y')).toEqual(['k', 'alive', 'x', 'y']);
  expect(globLiterals(String.raw`a\*b`)).toEqual(['a*b']);
});

test.each([
  ['1.2.3.4', 4],
  ['255.255.255.255', 4],
  ['::', 6],
  ['::1', 6],
  ['fe80::1', 6],
  ['2001:db8:0:0:0:0:0:1', 6],
  ['::ffff:1.2.3.4', 4],
  ['64:ff9b::1.2.3.4', 6],
])('readIp %s', (text, family) => {
  expect(readIp(text)?.family).toBe(family);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4.5',
  ':',
  ':::',
  '1::2::3',
  '12345::',
  'g::',
  '1:2:3:4:5:6:7:8:9',
  '1:2',
])('readIp refuses %j', (text) => {
  expect(readIp(text)).toBeUndefined();
});

test.each<[string, string, boolean]>([
  ['10.77.0.0/16', '10.77.3.4', true],
  ['10.77.9.9/16', '10.77.3.4', true],
  ['10.77.0.0/16', '10.78.3.4', false],
  ['0.0.0.0/0', '8.8.8.8', true],
  ['0.0.0.0/0', '::1', false],
  ['1.2.3.4/32', '1.2.3.4', true],
  ['1.2.3.4/32', '1.2.3.5', false],
  ['fe80::/10', 'fe80::1', true],
  ['fe80::/10', 'ff00::1', false],
  ['::/0', '::1', true],
])('%s holds %s: %s', (network, ip, expected) => {
  expect(inNetwork(readIp(ip)!, readNetwork(network)!)).toBe(expected);
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '::/129', 'x/8'])('readNetwork refuses %s', (text) => {
  expect(readNetwork(text)).toBeUndefined();
});
