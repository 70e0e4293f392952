/** What is recognised, what is refused and why. */
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/formats/format.js';
import { strace } from '../../../src/formats/strace/format.js';
import { decode } from './decode.js';

function detect(
  text: string,
  options: { complete?: boolean; path?: string; forced?: boolean } = {},
): Verdict {
  return strace.detect(
    { bytes: Buffer.from(text), complete: options.complete ?? true, path: options.path },
    { forced: options.forced ?? false, layout: undefined },
  );
}

const UNTIMED = 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3\n';

describe('detect', () => {
  it('is sure after one line of trace', () => {
    expect(detect('17:01:20.000001 read(3, "", 1) = 0\n', { complete: false })).toMatchObject({
      kind: 'mine',
      line: expect.any(Number),
    });
  });

  it('passes over output and diagnostics in front', () => {
    const head = 'Starting up\nstrace: Process 5 attached\n12:00:00 nothing (yet)\n';
    expect(detect(head, { complete: false })).toEqual({ kind: 'undecided' });
    expect(detect(`${head}17:01:20.1 read(3, "", 1) = 0\n`)).toMatchObject({ kind: 'mine' });
  });

  it('gives the same verdict however the lines arrive', () => {
    const text = 'x\n1795245618.5 read(3, "", 1) = 0\n17:01:20.1 read(3, "", 1) = 0\n';
    const lines = text.split(/(?<=\n)/);
    const kinds = [2, 3].map((n) => {
      const verdict = detect(lines.slice(0, n).join(''), { complete: false });
      return verdict.kind === 'mine' ? verdict.open().timebase : verdict;
    });
    expect(kinds[0]).toEqual(kinds[1]);
    expect(kinds[0]).toEqual({ kind: 'epoch', originSeconds: 1795245618n, resolutionNs: 1e8 });
  });

  it('refuses traces without times, and says what to add', () => {
    const reason =
      'strace output without timestamps: no time, no gaps. Record it with: strace -f -ttt -T -o FILE ...';
    expect(detect(UNTIMED)).toEqual({ kind: 'refused', reason });
    expect(detect(UNTIMED.repeat(3), { complete: false })).toEqual({ kind: 'undecided' });
    expect(detect(UNTIMED.repeat(8), { complete: false })).toEqual({ kind: 'refused', reason });
    expect(detect(`[pid    12] ${UNTIMED}`)).toEqual({ kind: 'refused', reason });
    expect(detect(`12345 ${UNTIMED}`)).toEqual({ kind: 'refused', reason });
    expect(detect(`123456 ${UNTIMED}`)).toEqual({ kind: 'refused', reason });
    expect(detect(`3322  [ 286] [00007f8d8853f3ea] ${UNTIMED}`)).toEqual({ kind: 'refused', reason });
    expect(detect(UNTIMED, { forced: true })).toEqual({ kind: 'refused', reason });
  });

  it('refuses -ff -r, and says why', () => {
    const text = '     0.000000 brk(NULL) = 0x5\n';
    expect(detect(text, { path: 'out/trace.1568' })).toEqual({
      kind: 'refused',
      reason:
        "strace -ff -r: each time counts from strace's previous line, whatever file that went to, so the times of " +
        'out/trace.1568 alone do not add up. Record it with: strace -ff -ttt -T -o FILE ...',
    });
    expect(detect(text, { path: 'out/trace.txt' })).toMatchObject({ kind: 'mine' });
    expect(detect(`1568       0.000000 brk(NULL) = 0x5\n`, { path: 'out/trace.1568' })).toMatchObject({
      kind: 'mine',
    });
  });

  it('leaves other texts alone', () => {
    for (const text of [
      '',
      '\n',
      'hello\n',
      '368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13(<4r>192.0.2.2->224.0.0.18) size=40\n',
      '17:01:21.339942 IP 192.0.2.2 > 224.0.0.18: VRRPv2, Advertisement, vrid 51\n',
      '{"evt.num":1,"evt.info":"read(3) = 1"}\n',
      'Nov 21 17:01:21 host kernel: foo(bar) = 3\n',
      '2024-01-01 17:01:21.5 read(3) = 1\n',
    ]) {
      expect(detect(text)).toMatchObject({ kind: 'not-mine' });
    }
    expect(detect('hello\n')).toEqual({
      kind: 'not-mine',
      reason: 'no line like "17:01:20.000000 read(3, "..."..., 4096) = 12 <0.000021>"',
    });
  });

  it('takes CRLF, and a last line without end', () => {
    const { events } = decode('17:01:20.1 brk(NULL) = 0x5 <0.1>\r\n17:01:20.2 brk(NULL) = 0x5 <0.1>');
    expect(events.map((e) => e.args)).toEqual(['NULL', '0x5', 'NULL', '0x5']);
  });
});

describe('traits and notes', () => {
  it('say what the trace can show', () => {
    const { decoder } = decode('5 1795245618.214601 brk(NULL) = 0x5 <0.1>\n');
    expect(decoder.traits()).toEqual({
      format: 'strace',
      timebase: { kind: 'epoch', originSeconds: 1795245618n, resolutionNs: 1000 },
      directions: 'both',
      exitTimes: true,
      hasCpu: false,
      hasNames: false,
      columns: [],
    });
    expect(decoder.notes()).toEqual([]);
    expect(decode('5<x> 17:01:20.1 brk(NULL) = 0x5\n').decoder.traits()).toMatchObject({
      hasNames: true,
      exitTimes: false,
    });
  });

  it('say what is missing', () => {
    expect(decode('17:01:20 brk(NULL) = 0x5\n').decoder.notes()).toEqual([
      'strace ran without -T: when a call printed on one line ended is unknown, so exits have no time but where they are resumed. Record with -T.',
      'The times have a resolution of 1 s (strace -t): gaps are right to within a second only. Record with -ttt.',
    ]);
    expect(decode('     0 brk(NULL) = 0x5 <0.1>\n').decoder.notes()).toEqual([
      'The times between lines are cut to whole seconds, and add up wrong. Record with -ttt.',
    ]);
  });

  it('say where the times of -r can not be right', () => {
    const shown = (delta: string) =>
      decode(
        `     0.000008 semop(9, NULL, 1) = 0 <9.685337>\n     ${delta} accept4(4, NULL, NULL, 0) = 5 <0.000020>\n`,
      ).decoder.notes();
    expect(shown('0.000022')).toEqual([
      '1 times between lines are shorter than the call before them took, as where lines in between are missing ' +
        '(strace -ff -r, or a part of the trace was left out): the times add up wrong. Record with -ttt.',
    ]);
    expect(shown('9.685340')).toEqual([]);
    expect(shown('9.685000')).toEqual([]);
    const output = '     0.000008 write(1, "<0.1>", 5 <0.1>\n)   = 5\n     0.000010 close(3)   = 0\n';
    expect(decode(output).decoder.notes().join()).not.toContain('shorter');
  });
});

describe('time', () => {
  it('rolls over at midnight', () => {
    const { events, decoder } = decode(
      '23:59:59.900000 brk(NULL) = 0x5 <0.300000>\n00:00:00.200000 brk(NULL) = 0x5\n',
    );
    expect(events.map((e) => e.ns)).toEqual([86_399.9e9, 86_400.2e9, 86_400.2e9, null]);
    expect(events[1]!.time).toBe('00:00:00.200000');
    expect(decoder.clock.epoch).toBe(0);
  });

  it('of -r alone is the sum of the deltas', () => {
    const { events, decoder } = decode(
      '7     0.000000 brk(NULL) = 0x5 <0.000010>\n7     1.500000 brk(NULL) = 0x5 <0.000010>\n7     0.000001 brk(NULL) = 0x5 <0.25>\n'.replaceAll(
        '7 ',
        '12345 ',
      ),
    );
    expect(decoder.timebase.kind).toBe('relative');
    expect(events.map((e) => e.ns)).toEqual([0, 10_000, 1.5e9, 1_500_010_000, 1_500_001_000, 1_750_001_000]);
    expect(events.map((e) => e.time)).toEqual([
      '0.000000',
      '0.000010',
      '1.500000',
      '1.500010',
      '1.500001',
      '1.750001',
    ]);
  });

  it('is exact to the nanosecond', () => {
    const { events } = decode('1795245618.000000001 a() = 1\n1799567890.123456789 a() = 1 <0.000000001>\n');
    expect(events.slice(2).map((e) => e.ns)).toEqual([4322272123456789, 4322272123456790]);
    expect(events[3]!.time).toBe('1799567890.123456790');
  });
});
