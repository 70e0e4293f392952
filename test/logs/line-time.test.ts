/** The time at a line's head: each notation once, what looks like one and is none, and any line at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLineTime } from '../../src/logs/line-time.js';

/** The stamp as an ISO time without zone, a Z behind it where it is absolute; the text; the resolution. */
function read(line: string): [time: string, text: string, resolutionNs: number] | string {
  const found = readLineTime(line);
  if (typeof found === 'string') return found;
  const { stamp, textStart, resolutionNs } = found;
  const text = line.slice(textStart);
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
  const ns = stamp.ns === 0 ? '' : `.${String(stamp.ns).padStart(9, '0')}`;
  switch (stamp.kind) {
    case 'instant':
      return [`${iso(stamp.seconds)}${ns}Z`, text, resolutionNs];
    case 'date': {
      const other = stamp.otherDays === null ? '' : ` or ${iso(stamp.otherDays * 86_400).slice(0, 10)}`;
      return [`${iso(stamp.days * 86_400 + stamp.secondOfDay)}${ns}${other}`, text, resolutionNs];
    }
    case 'no-year':
      return [`-${stamp.month}-${stamp.day}T${iso(stamp.secondOfDay).slice(11)}${ns}`, text, resolutionNs];
    case 'time-of-day':
      return [`${iso(stamp.secondOfDay).slice(11)}${ns}`, text, resolutionNs];
  }
}

describe('times', () => {
  const cases: [line: string, time: string, text: string, resolutionNs: number][] = [
    ['2026-11-21T07:44:03Z up', '2026-11-21T07:44:03Z', 'up', 1e9],
    ['2026-11-21T07:44:03.123456+01:00 ha-1 x', '2026-11-21T06:44:03.123456000Z', 'ha-1 x', 1e3],
    ['2026-11-21T07:44:03-0800 ha-1 x', '2026-11-21T15:44:03Z', 'ha-1 x', 1e9],
    ['2026-11-21T07:44:03+0530: x', '2026-11-21T02:14:03Z', 'x', 1e9],
    ['2026-11-21 07:44:03,123 INFO x', '2026-11-21T07:44:03.123000000', 'INFO x', 1e6],
    ['2026-11-21 07:44:03 WARN x', '2026-11-21T07:44:03', 'WARN x', 1e9],
    ['2026-11-21 07:44:03 UTC x', '2026-11-21T07:44:03Z', 'x', 1e9],
    ['2026/11/21 07:44:03 [error] x', '2026-11-21T07:44:03', '[error] x', 1e9],
    ['[2026-11-21 07:44:03.5] x', '2026-11-21T07:44:03.500000000', 'x', 1e8],
    ['Sat 2026-11-21 07:44:03 CET ha-1 x', '2026-11-21T07:44:03', 'ha-1 x', 1e9],
    ['Sat 2026-11-21 07:44:03.123456 UTC ha-1 x', '2026-11-21T07:44:03.123456000Z', 'ha-1 x', 1e3],
    ['Nov 21 07:44:03 ha-1 keepalived[428]: x', '-11-21T07:44:03', 'ha-1 keepalived[428]: x', 1e9],
    ['Nov  1 07:44:03.123456 ha-1 x', '-11-1T07:44:03.123456000', 'ha-1 x', 1e3],
    ['Feb 29 23:59:60 ha-1 x', '-2-29T00:00:00', 'ha-1 x', 1e9],
    ['Sat Nov 21 07:44:03 2026: (VI_1) x', '2026-11-21T07:44:03', '(VI_1) x', 1e9],
    ['Sat Nov 21 07:44:03.123456 2026: x', '2026-11-21T07:44:03.123456000', 'x', 1e3],
    ['[Sat Nov 21 07:44:03 2026] sd 0:0:0:0: x', '2026-11-21T07:44:03', 'sd 0:0:0:0: x', 1e9],
    ['Sat Nov 21 07:44:03 UTC 2026', '2026-11-21T07:44:03Z', '', 1e9],
    ['Sat Nov 21 07:44:03 PM CET 2026', '2026-11-21T19:44:03', '', 1e9],
    ['1795247043.123456 ha-1 x', '2026-11-21T07:44:03.123456000Z', 'ha-1 x', 1e3],
    ['(1795247043.5) can0 x', '2026-11-21T07:44:03.500000000Z', 'can0 x', 1e8],
    ['1795247043 x', '2026-11-21T07:44:03Z', 'x', 1e9],
    [
      'type=SYSCALL msg=audit(1795247043.868:123): arch=c000003e',
      '2026-11-21T07:44:03.868000000Z',
      'arch=c000003e',
      1e6,
    ],
    ['11/21/2026 07:44:03 AM', '2026-11-21T07:44:03', '', 1e9],
    ['11/21/2026 12:44:03 AM', '2026-11-21T00:44:03', '', 1e9],
    ['11/21/26 19:44:03', '2026-11-21T19:44:03', '', 1e9],
    ['21/11/26 07:44:03', '2026-11-21T07:44:03', '', 1e9],
    ['03/11/26 07:44:03', '2026-03-11T07:44:03 or 2026-11-03', '', 1e9],
    ['03/11/2026 07:44:03 AM', '2026-03-11T07:44:03', '', 1e9],
    ['21.11.2026 07:44:03 x', '2026-11-21T07:44:03', 'x', 1e9],
    ['07:44:03.5 x', '07:44:03.500000000', 'x', 1e8],
    ['07:44:03 PM  all', '19:44:03', 'all', 1e9],
    ['  7:44:03,123456789012 x', '07:44:03.123456789', 'x', 1],
  ];
  it.each(cases)('%s', (line, time, text, resolutionNs) => {
    expect(read(line)).toEqual([time, text, resolutionNs]);
  });

  it.each([['[12345.678901] sd 0:0:0:0: x'], ['[    0.000000] Linux version 6.1']])(
    'is since boot: %s',
    (line) => {
      expect(read(line)).toBe('since-boot');
    },
  );

  it.each([
    [''],
    ['x 07:44:03'],
    ['07:44:03:12:ab:cd eth0'],
    ['24:00:00 x'],
    ['07:60:00 x'],
    ['13:00:00 PM x'],
    ['Feb 30 07:44:03 x'],
    ['Foo 21 07:44:03 x'],
    ['2026-13-21 07:44:03 x'],
    ['2026-02-30 07:44:03 x'],
    ['31/31/26 07:44:03'],
    ['1795247043x'],
    ['17952470430000 x'],
    ['12.5 x'],
    ["              '-p' '/run/b.pid'"],
  ])('is none: %s', (line) => {
    expect(read(line)).toBe('none');
  });
});

it('any line: nothing throws, and what is found lies within the line', () => {
  const part = fc.constantFrom(
    ...[
      '2026-11-21',
      'T',
      ' ',
      '07:44:03',
      '.5',
      'Z',
      '+01:00',
      'Sat ',
      'Nov ',
      '21 ',
      '2026',
      '[',
      ']',
      ': ',
    ],
    ...['1795247043', 'AM', '11/21/26', 'UTC', 'type=A msg=audit(', ':1)', '\ufeff', '\u0000', '😀'],
  );
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part, { maxLength: 12, size: 'max' }).map((p) => p.join('')),
  );
  fc.assert(
    fc.property(line, (text) => {
      const found = readLineTime(text);
      if (typeof found === 'string') return;
      expect(found.textStart).toBeLessThanOrEqual(text.length);
      expect(text).toContain(found.printed);
      expect(Number.isSafeInteger(found.resolutionNs)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
