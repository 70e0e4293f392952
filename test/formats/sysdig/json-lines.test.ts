import fc from 'fast-check';
import { expect, test } from 'vitest';
import { detectJsonLines, SysdigJsonDecoder } from '../../../src/formats/sysdig/json-lines.js';
import { EventView } from '../../../src/model/event.js';
import { decodeEach, linesBlock, shown } from './decoding.js';

const FIRST =
  '{"evt.cpu":1,"evt.dir":">","evt.info":"next=15 pgft_maj=0 ","evt.num":1,"evt.outputtime":1795247004093115951,"evt.type":"switch","proc.name":null,"thread.tid":0}';
const SECOND =
  '{"evt.cpu":0,"evt.dir":"<","evt.info":"res=-11(EAGAIN) data= ","evt.num":12,"evt.outputtime":1795247005000000001,"evt.type":"read","proc.name":"my prog","thread.tid":100}';

const decoded = [
  '1 93115951 1 <NA> (0) > switch next=15 pgft_maj=0',
  '12 1000000001 0 my prog (100) < read res=-11(EAGAIN) data=',
];

function see(text: string): { events: string[]; counts: object } {
  const { decoder, seen } = decodeEach(text, undefined, (_, e) => shown(e));
  return { events: seen, counts: { ...decoder.counts } };
}

test('one object a line, to the nanosecond', () => {
  const { decoder } = decodeEach(`${FIRST}\n${SECOND}\n`, undefined, () => 0);
  expect(decoder.timebase).toEqual({ kind: 'epoch', originSeconds: 1795247004n, resolutionNs: 1 });
  expect(see(`${FIRST}\n${SECOND}\n`).events).toEqual(decoded);
});

test('the array of old versions', () => {
  expect(see(`[${FIRST},\n${SECOND}]\n`)).toEqual({
    events: decoded,
    counts: { records: 2, ignored: 0, unparsed: 0, events: 2 },
  });
  expect(see(`[\n${FIRST},\n${SECOND}\n]\n`).counts).toEqual({
    records: 2,
    ignored: 2,
    unparsed: 0,
    events: 2,
  });
});

test('the record is the line, whatever was unescaped', () => {
  const line =
    '{"evt.type":"write","evt.info":"data=\\"a\\\\b\\u00e9\\ud83d\\ude00\\t\\/\\n\\u0001 fd=1","evt.rawtime":1795247004000000000,"proc.name":"\\u0061 b","x":[1,{"y":"}"}],"evt.num":3}';
  const { seen } = decodeEach(`${line}\n`, undefined, (_, e) => [
    e.args(),
    e.proc(),
    e.raw(),
    e.type(),
    e.num,
  ]);
  expect(seen).toEqual([['data="a\\bé😀\t/\n\u0001 fd=1', 'a b', line, 'write', 3]]);
});

test('other keys are columns; null is absent', () => {
  const text =
    '{"evt.arg.res":"EAGAIN","evt.rawtime.s":1795247004,"evt.rawtime.ns":5,"evt.type":"read","fd.num":15,"fd.name":"10.0.0.1:5->10.0.0.2:80","fd.type":"ipv4","evt.latency":60320,"user.name":"al","container.name":null,"proc.ppid":7,"evt.dir":"<"}\n';
  const { decoder, seen } = decodeEach(text, undefined, (d, e) => ({
    user: d.column(e, 'user.name'),
    container: d.column(e, 'container.name'),
    res: d.arg(e, 'res'),
    result: d.result(e),
    fd: d.fd(e),
    latency: d.latencyNs(e),
    ppid: d.process(e, e.tid)?.ppid,
    num: e.num,
    timeNs: e.timeNs,
  }));
  expect(seen).toMatchObject([
    {
      user: 'al',
      container: undefined,
      res: 'EAGAIN',
      result: { value: undefined, errno: 'EAGAIN' },
      fd: { num: 15, type: 'ipv4', clientPort: 5, serverIp: '10.0.0.2' },
      latency: 60320,
      ppid: 7,
      num: 1,
      timeNs: 5,
    },
  ]);
  expect(decoder.traits()).toMatchObject({ directions: 'exits', hasCpu: false, hasNames: false });
});

test('times as strings', () => {
  const at = (time: string): string => `{"evt.num":1,"evt.time":"${time}","evt.type":"read"}\n`;
  const { decoder, seen } = decodeEach(
    at('23:59:59.5') + at('00:00:01.000000001'),
    undefined,
    (_, e) => e.timeNs,
  );
  expect(decoder.timebase.kind).toBe('time-of-day');
  expect(seen).toEqual([86_399_500_000_000, 86_401_000_000_001]);
});

test('a step back is a problem', () => {
  const at = (ns: string): string => `{"evt.num":1,"evt.rawtime":${ns},"evt.type":"read"}\n`;
  const { decoder } = decodeEach(at('1795247004000000000') + at('1795247001000000000'), undefined, () => 0);
  expect(decoder.problems).toEqual([
    { line: 2, byte: 66, reason: 'time steps back by 3 s: the clock was set, or the lines are out of order' },
  ]);
  expect(decoder.clock.epoch).toBe(1);
});

test('chisel output is ignored, broken lines are counted', () => {
  const { counts } = see(
    `${FIRST}\n{"info":{"a":1},"ts":"1","data":[1]}\n${SECOND.slice(0, 50)}\n{}x\n\n${SECOND}\n`,
  );
  expect(counts).toEqual({ records: 2, ignored: 2, unparsed: 2, events: 2 });
});

test.each([
  ['1 10:00:00.000000000 0 a (1) > read fd=1 size=1\n', 'not-mine'],
  ['{"info":1}\n', 'not-mine'],
  ['{"evt.num":1,"evt.type":"read"}\n', 'refused'],
  ['{"evt.num":1,"evt.outputtime":1795247004093115951}\n', 'mine'],
])('%j is %s', (text, kind) => {
  expect(detectJsonLines({ bytes: Buffer.from(text), complete: true, path: undefined }).kind).toBe(kind);
});

test('never throws on any bytes', () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc.nat(SECOND.length).map((length) => SECOND.slice(0, length)),
    fc
      .tuple(fc.nat(SECOND.length), fc.string())
      .map(([at, text]) => SECOND.slice(0, at) + text + SECOND.slice(at)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const decoder = new SysdigJsonDecoder({ axis: 'epoch', originSeconds: 0, resolutionNs: 1 });
      const bytes = Buffer.from(lines.join('\n'));
      decoder.open(linesBlock(bytes));
      const e = new EventView();
      while (decoder.next(e)) shown(e);
      detectJsonLines({ bytes, complete: true, path: undefined });
    }),
  );
});
