import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Layout } from '../../../src/formats/sysdig/layout.js';
import { detectLayout } from '../../../src/formats/sysdig/layout-decoder.js';
import { UsageError } from '../../../src/model/problem.js';
import { decodeEach, shown } from './decoding.js';

const PLAIN = '%evt.num %evt.rawtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info';

function match(format: string, line: string): Record<string, string> | undefined {
  const layout = Layout.compile(format);
  const bytes = Buffer.from(line);
  if (!layout.match(bytes, 0, bytes.length)) return undefined;
  return Object.fromEntries(
    layout.fields.flatMap((field, i) => {
      const start = layout.ranges[i * 2]!;
      return start < 0 ? [] : [[field, bytes.toString('utf8', start, layout.ranges[i * 2 + 1])]];
    }),
  );
}

describe('matching', () => {
  test.each([
    [
      '%proc.name (%thread.tid) %evt.dir %evt.type %evt.args',
      'we ird) (1 > x (7029) < brk res=5 (3) > x',
      {
        'proc.name': 'we ird) (1 > x',
        'thread.tid': '7029',
        'evt.dir': '<',
        'evt.type': 'brk',
        'evt.args': 'res=5 (3) > x',
      },
    ],
    [
      '*%10evt.num|%12proc.name|%6thread.tid|%evt.type',
      '10        |<NA>        |0     |switch',
      { 'evt.num': '10', 'thread.tid': '0', 'evt.type': 'switch' },
    ],
    ['%5proc.name%evt.num', 'keepa7', { 'proc.name': 'keepa', 'evt.num': '7' }],
    [
      '%evt.num\\t[%evt.args] %evt.arg.res\\n',
      '1\t[a] [b]] -11',
      { 'evt.num': '1', 'evt.args': 'a] [b]', 'evt.arg.res': '-11' },
    ],
    [
      '%evt.rawtime.s.%evt.rawtime.ns',
      '1795249034.289149863',
      { 'evt.rawtime.s': '1795249034', 'evt.rawtime.ns': '289149863' },
    ],
    ['%evt.numfoo%evt.arg[0]x', '12foo-11x', { 'evt.num': '12', 'evt.arg[0]': '-11' }],
    [
      '%evt.datetime %proc.name',
      '2018-08-17 17:35:48.5 a b',
      { 'evt.datetime': '2018-08-17 17:35:48.5', 'proc.name': 'a b' },
    ],
    [
      '%evt.type %evt.args %proc.name',
      'switch next=0 pgft_maj=0 keepalived',
      { 'evt.type': 'switch', 'evt.args': 'next=0 pgft_maj=0', 'proc.name': 'keepalived' },
    ],
    ['%evt.num %evt.type %evt.info', '1 clone', { 'evt.num': '1', 'evt.type': 'clone' }],
    ['\\e[1m%evt.num %container.name', '\u001b[1m3 my box', { 'evt.num': '3', 'container.name': 'my box' }],
  ])('%j', (format, line, expected) => {
    expect(match(format, line)).toMatchObject(expected);
  });

  test.each([
    ['%evt.num %evt.dir', 'x >'],
    ['%evt.num %evt.dir', '1 x'],
    ['%evt.num|', '1'],
    ['%evt.time %evt.num', '25:00:00.1 1'],
  ])('%j does not fit %j', (format, line) => {
    expect(match(format, line)).toBeUndefined();
  });

  test('time in proportion to the length, whatever the text', () => {
    const layout = Layout.compile('%proc.name %proc.exe %proc.cwd %proc.pname %proc.args %evt.num!');
    const line = Buffer.from(' '.repeat(1 << 20));
    const start = performance.now();
    expect(layout.match(line, 0, line.length)).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('never throws', () => {
    const layout = Layout.compile(PLAIN);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
        layout.match(Buffer.from(bytes), 0, bytes.length);
      }),
    );
  });
});

describe('usage errors', () => {
  test.each([
    ['%evt.numm2 %evt.time', undefined],
    ['%evt.tmie', '--layout "%evt.tmie": sysdig has no field "evt.tmie"; did you mean "evt.time"?'],
    ['%proc.nam', '--layout "%proc.nam": sysdig has no field "proc.nam"; did you mean "proc.name"?'],
    ['100% sure', '--layout "100% sure": a % has no field behind it'],
    [
      'plain text',
      '--layout "plain text" has no field; give the string that sysdig -p was given, such as "%evt.num %evt.rawtime %proc.name %evt.dir %evt.type %evt.args"',
    ],
    [
      '%evt.num %evt.type',
      '--layout "%evt.num %evt.type" has no time; add %evt.rawtime, %evt.time or %evt.outputtime to it and print the trace again',
    ],
  ])('%j', (format, message) => {
    const detect = (): unknown =>
      detectLayout({ bytes: Buffer.from('x\n'), complete: true, path: undefined }, format);
    if (message === undefined) expect(detect).not.toThrow();
    else expect(detect).toThrow(new UsageError('option', message));
  });
});

describe('decoding', () => {
  test('the layout of the default line, with absolute times', () => {
    const text =
      '1 1795247004093115951 1 <NA> (0) > switch next=15 pgft_maj=0 \n2 1795247005093115951 0 a b (7) < read res=1 data=x \n';
    const { decoder, seen } = decodeEach(text, `*${PLAIN}`, (_, e) => shown(e));
    expect(seen).toEqual([
      '1 93115951 1 <NA> (0) > switch next=15 pgft_maj=0',
      '2 1093115951 0 a b (7) < read res=1 data=x',
    ]);
    expect(decoder.timebase).toEqual({ kind: 'epoch', originSeconds: 1795247004n, resolutionNs: 1 });
    expect(decoder.traits()).toMatchObject({ directions: 'exits', hasCpu: true, hasNames: true });
    expect(decoder.skippable).toBe(true);
  });

  test.each<[string, string[], number[], string]>([
    ['%evt.time', ['23:59:59.9', '00:00:00.1'], [86_399_900_000_000, 86_400_100_000_000], 'time-of-day'],
    ['%evt.time.s', ['10:00:00', '10:00:02'], [36_000e9, 36_002e9], 'time-of-day'],
    [
      '%evt.time.iso8601',
      ['2018-08-17T17:35:48.514632619+0000', '2018-08-17T19:35:49.5+0200'],
      [514_632_619, 1_500_000_000],
      'epoch',
    ],
    ['%evt.datetime', ['2018-08-17 17:35:48.000000001', '2018-08-17 17:35:48.5'], [1, 500_000_000], 'epoch'],
    ['%evt.outputtime', ['1700000000.1000012', '1700000001.5'], [1_000_012, 1_000_000_005], 'epoch'],
    ['%evt.outputtime', ['0.000000001', '2.000000000'], [1, 2_000_000_000], 'relative'],
    ['%evt.rawtime.s %evt.rawtime.ns', ['1700000000 5', '1700000001 7'], [5, 1_000_000_007], 'epoch'],
    ['%evt.reltime', ['5', '2000000000'], [5, 2_000_000_000], 'relative'],
    ['%evt.reltime.s:%evt.reltime.ns', ['0:5', '2:000000001'], [5, 2_000_000_001], 'relative'],
    ['%evt.deltatime', ['0', '5', '18446744073709551612', '7'], [0, 5, 1, 8], 'relative'],
  ])('%s: %j', (format, times, expected, kind) => {
    const text = times.map((time) => `${time} a read\n`).join('');
    const { decoder, seen } = decodeEach(text, `${format} %proc.name %evt.type`, (_, e) => [
      e.timeNs,
      e.num,
      e.dir,
    ]);
    expect(seen).toEqual(expected.map((ns, i) => [ns, i + 1, 0]));
    expect(decoder.timebase.kind).toBe(kind);
    expect(decoder.traits().directions).toBe('none');
  });

  test('columns answer where there are no arguments', () => {
    const { seen } = decodeEach(
      '10:00:00.0 [12|EAGAIN|10.0.0.1:5->10.0.0.2:80|<NA>|my box] recv\n',
      '%evt.time [%evt.arg.size|%evt.res|%fd.name|%user.name|%container.name] %evt.type',
      (d, e) => [
        d.arg(e, 'size'),
        d.result(e)?.errno,
        d.fd(e)?.serverPort,
        d.column(e, 'user.name'),
        d.column(e, 'container.name'),
      ],
    );
    expect(seen).toEqual([['12', 'EAGAIN', 80, undefined, 'my box']]);
  });

  test('records of several lines, blank lines, lines that do not fit', () => {
    const text = '1 10:00:00.0 a\n  > read fd=1\n\nnoise\n2 10:00:01.0 b\n  < read res=1\n\n';
    const { decoder, seen } = decodeEach(
      text,
      '%evt.num %evt.time %proc.name\\n  %evt.dir %evt.type %evt.args\\n',
      (_, e) => [shown(e), e.raw()],
    );
    expect(seen.map(([, raw]) => raw)).toEqual([
      '1 10:00:00.0 a\n  > read fd=1',
      '2 10:00:01.0 b\n  < read res=1',
    ]);
    expect(decoder.counts).toEqual({ records: 2, ignored: 4, unparsed: 1, events: 2 });
  });

  test('durations are refused', () => {
    const text =
      '1 0.000000000 > read\n2 0.000003996 < read\n3 0.000000000 > read\n4 5.000000000 < read\n5 0.000000000 > read\n6 0.000000001 < read\n';
    expect(
      detectLayout(
        { bytes: Buffer.from(text), complete: true, path: undefined },
        '%evt.num %evt.outputtime %evt.dir %evt.type',
      ).kind,
    ).toBe('refused');
  });
});
