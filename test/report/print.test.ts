/** The small printers under the report: lengths, counts, widths, diagnostics. */
import { describe, expect, it } from 'vitest';
import { formatCount, plural } from '../../src/model/count.js';
import { renderDiagnostics, renderMessage, renderProblem } from '../../src/report/diagnostics.js';
import { exactLength, lengthFormat, roughLength } from '../../src/report/lengths.js';
import { cutToWidth, displayWidth, padLeft, padRight, wrapText } from '../../src/report/width.js';
import { report, source } from './fixtures.js';

describe('lengths', () => {
  it.each([
    [5_035_431_870, '5.035431870 s'],
    [5_000_000_000, '5 s'],
    [1_250_000_000, '1.250 s'],
    [61_000_000_001, '61.000000001 s'],
    [250_120_000, '250.120 ms'],
    [7_012, '7.012 µs'],
    [17, '17 ns'],
    [0, '0 ns'],
  ])('%d ns exactly is %s', (ns, text) => {
    expect(exactLength(ns)).toBe(text);
  });

  it('share a unit and decimals', () => {
    const length = lengthFormat([5_035_431_870, 250_000_000]);
    expect([length(5_035_431_870), length(250_000_000)]).toEqual(['5.035431870 s', '0.250000000 s']);
  });

  it.each([
    [160_400_200_962, '160.4 s'],
    [160_000_000_000, '160 s'],
    [725_400_000_000, '12 min 5 s'],
    [1_000_312_345, '1.0003 s'],
    [201_000, '201 µs'],
    [0, '0 ns'],
  ])('%d ns roughly is %s', (ns, text) => {
    expect(roughLength(ns)).toBe(text);
  });

  it('counts', () => {
    expect([formatCount(0), formatCount(999), formatCount(1000), formatCount(1_234_567)]).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
    ]);
    expect([plural(1, 'gap'), plural(2, 'gap')]).toEqual(['1 gap', '2 gaps']);
  });
});

describe('widths', () => {
  it('measure wide and combining characters', () => {
    expect([displayWidth('abc'), displayWidth('漢字'), displayWidth('e\u0301'), displayWidth('🦊')]).toEqual([
      3, 4, 1, 2,
    ]);
  });

  it('cut and pad to columns', () => {
    expect(cutToWidth('abcdef', 6)).toBe('abcdef');
    expect(cutToWidth('abcdefg', 6)).toBe('abcde…');
    expect(cutToWidth('漢字漢字', 6)).toBe('漢字…');
    expect(cutToWidth('abc', 0)).toBe('');
    expect([padRight('漢', 4), padLeft('漢', 4)]).toEqual(['漢  ', '  漢']);
  });

  it('wrap at spaces, and inside a word only when it fits no line', () => {
    expect(wrapText('  one two three', 9, 4)).toEqual(['  one two', '    three']);
    expect(wrapText('ab abcdefghij', 6, 2)).toEqual(['ab', '  abcd', '  efgh', '  ij']);
    expect(wrapText('', 10)).toEqual(['']);
  });
});

describe('diagnostics', () => {
  it('place a problem', () => {
    expect(renderProblem('a.txt', { line: 12, byte: 345, reason: 'no time' })).toBe(
      'a.txt:12 (byte 345): no time',
    );
    expect(renderProblem('-', { line: null, byte: null, reason: 'cut short' })).toBe('(stdin): cut short');
  });

  it('keep line ends of a message and escape the rest', () => {
    expect(renderMessage('a\x1b[1m\n  ^')).toBe('a\\x1b[1m\n  ^');
  });

  it('list warnings, then the first problems and how many more', () => {
    const problems = Array.from({ length: 8 }, (_, i) => ({
      line: i + 1,
      byte: i * 10,
      reason: 'no time',
    }));
    const run = report({
      warnings: ['no CPU'],
      sources: [source({ path: 'a.txt', unparsed: 1200, problems })],
    });
    expect(renderDiagnostics(run)).toEqual([
      'warning: no CPU',
      ...problems.slice(0, 5).map(({ line, byte }) => `a.txt:${line} (byte ${byte}): no time`),
      'a.txt: 1,195 more like these',
    ]);
  });
});
