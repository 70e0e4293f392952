/** A log of lines: what lies in a stretch, what is counted, what is given up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Log } from '../../src/logs/log.js';
import { at, readLog, windowFrom } from './axis.js';

const texts = (log: Log, from: string, to: string) =>
  log.beside(at(from), at(to), 0).lines.map(({ time, text }) => `${time}|${text}`);

describe('lines', () => {
  const log = readLog(
    [
      'Nov 21 07:43:50 a',
      'Nov 21 07:44:03 b',
      '        continued',
      '',
      'Nov 21 07:44:04.5 c',
      'Nov 21 07:44:03.9 late',
      'Nov 21 07:44:06 d',
      'Nov 21 07:44:07 e',
    ].join('\n'),
  );

  it('lie in a gap in order of time; a whole second covers itself', () => {
    expect(texts(log, '07:44:03.306', '07:44:06.869')).toEqual([
      'Nov 21 07:44:03|b',
      'Nov 21 07:44:03.9|late',
      'Nov 21 07:44:04.5|c',
      'Nov 21 07:44:06|d',
    ]);
    expect(texts(log, '07:44:04', '07:44:04.4')).toEqual([]);
  });

  it('next to it are told apart', () => {
    const { context } = log.beside(at('07:44:04.6'), at('07:44:05'), at('07:44:00'));
    expect(context).toMatchObject({
      lines: 0,
      before: { time: 'Nov 21 07:44:04.5', offsetNs: 4.5e9 },
      after: { text: 'd', offsetNs: 6e9 },
    });
  });

  it('without a time are counted, the first with their place', () => {
    expect(log.report()).toEqual({
      path: 'side.log',
      kind: 'lines',
      lines: 8,
      timed: 6,
      unparsed: 1,
      problems: [{ line: 3, byte: null, reason: 'no time at the start of the line: "        continued"' }],
    });
  });

  it('of many the first and the last are given', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `07:44:03.${String(i).padStart(3, '0')} ${i}`);
    const { lines, context } = readLog(many.join('\n')).beside(at('07:44:00'), at('07:44:10'), 0);
    expect(context!.lines).toBe(1000);
    expect([lines.length, lines[0]!.text, lines[99]!.text, lines[100]!.text, lines[199]!.text]).toEqual([
      200,
      '0',
      '99',
      '900',
      '999',
    ]);
  });

  it('may begin with a byte order mark', () => {
    expect(texts(readLog('\ufeff07:44:03 x'), '07:44:00', '07:44:10')).toEqual(['07:44:03|x']);
  });

  it('since boot get a hint', () => {
    const { problems, unparsed } = readLog('[12345.678901] x\n[12345.678902] y').report();
    expect(unparsed).toBe(2);
    expect(problems.at(-1)!.reason).toBe('2 lines have times since boot, which have no place: use dmesg -T');
  });
});

describe('room', () => {
  const line = (i: number) =>
    `Nov ${21 + Math.floor(i / 1440)} ${new Date((i % 1440) * 60e3).toISOString().slice(11, 19)} line ${i}`;

  it('lines of days before the trace’s make room', () => {
    const log = readLog(Array.from({ length: 4000 }, (_, i) => line(i)).join('\n'), windowFrom('07:43:00'), {
      text: 110_000,
    });
    expect(texts(log, '07:44:00', '07:44:01')).toEqual(['Nov 23 07:44:00|line 3344']);
    expect(log.report().problems).toEqual([]);
  });

  it('beyond it lines are left out, and the report says so', () => {
    const log = readLog(Array.from({ length: 1000 }, (_, i) => line(i)).join('\n'), windowFrom('00:00:00'), {
      text: 50_000,
    });
    expect(log.report()).toMatchObject({ timed: 1000, unparsed: 0 });
    expect(log.report().problems[0]!.reason).toMatch(
      /^it is too large to be held: \d+ lines were left out; cut it down to the time of the trace$/,
    );
    expect(texts(log, '00:01:00', '00:01:10')).toEqual(['Nov 21 00:01:00|line 1']);
  });
});

it('any lines: nothing throws, and every line is counted', () => {
  const part = fc.constantFrom(
    ...['Device: tps %util', 'avg-cpu: %iowait', ' r  b   swpd   free', 'Linux 6.1 (x)', '1 2 3', 'sda 1 2'],
    ...['07:44:03', '11/21/2026 07:44:03 AM', 'Nov 21 07:44:03 x', '9999-12-31 23:59:59 x', '[1.123456] x'],
    ...['1970-01-01T00:00:00Z x', '99999999999 x', '', '\u0000', '\ufeff', '1 0 0 2026-11-21 07:44:03'],
  );
  const line = fc.oneof(part, fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 40, size: 'max' }),
      fc.integer({ min: 200, max: 4000 }),
      (lines, text) => {
        const log = new Log('x', 0, windowFrom('07:43:00'), { text, figures: 60 });
        for (const each of lines) log.see(each);
        log.finish();
        const { lines: count, timed, unparsed } = log.report();
        expect(count).toBe(lines.length);
        expect(timed + unparsed).toBeLessThanOrEqual(count);
        log.beside(at('07:44:00'), at('07:44:10'), 0);
        log.figuresIn(at('07:44:00'), at('07:44:10'));
      },
    ),
    { numRuns: 500 },
  );
});

describe('times with dates and without', () => {
  const dated = ['Nov 21 07:44:03 b', 'Nov 21 07:44:04 c'];

  it('one that differs loses no other line, and says why it is left out', () => {
    const log = readLog(['07:44:01 starting', ...dated].join('\n'));
    expect(texts(log, '07:44:00', '07:44:09')).toEqual(['Nov 21 07:44:03|b', 'Nov 21 07:44:04|c']);
    expect(log.report()).toMatchObject({ timed: 2, unparsed: 1 });
    expect(log.report().problems).toEqual([
      {
        line: 1,
        byte: null,
        reason: 'a time without a date, which the log\'s others have: "07:44:01 starting"',
      },
    ]);
  });

  it('nor does a dated one before times of day', () => {
    const log = readLog(['Nov 21 07:44:00 rotated', '07:44:01 a', '07:44:02 b'].join('\n'));
    expect(texts(log, '07:44:00', '07:44:09')).toEqual(['07:44:01|a', '07:44:02|b']);
    expect(log.report().problems[0]!.reason).toMatch(
      /^a time with a date, which the log's others have not: /,
    );
  });

  it('is told by the first twenty lines', () => {
    const ofDay = Array.from({ length: 20 }, (_, i) => `07:44:${10 + i} x`);
    const log = readLog([...dated, ...ofDay, ...Array<string>(30).fill(dated[1]!)].join('\n'));
    expect(log.report()).toMatchObject({ timed: 20, unparsed: 32 });
  });
});
