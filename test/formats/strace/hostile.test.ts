/** Any bytes, in any portions: no throw, no hang, the same answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strace } from '../../../src/formats/strace/format.js';
import { blockOfLines } from '../../../src/input/blocks.js';
import { EventView } from '../../../src/model/event.js';
import { sampleFiles, sampleText } from '../../samples.js';
import { openDecoder, readAll } from './decode.js';

const TIMED = sampleFiles('strace').filter((file) => !file.includes('notime'));
const HEAD = '12:00:00.000001 getpid() = 1\n';
const COLUMN_HEAD = '5 1795245618.5 getpid() = 1 <0.1>\n';

/** Asks everything of every event. */
function exhaust(text: Buffer): number {
  const decoder = openDecoder(text);
  const e = new EventView();
  decoder.open(blockOfLines(text, 0, 1, true));
  let events = 0;
  while (decoder.next(e)) {
    events++;
    for (const key of ['fd', 'res', 'name', 'sig', 0, 7]) {
      decoder.arg(e, key);
      decoder.rawArg(e, key);
    }
    decoder.result(e);
    decoder.fd(e);
    decoder.timeText(e);
    e.args();
    expect(e.typeStart).toBeLessThanOrEqual(e.typeEnd);
    expect(e.argsStart).toBeLessThanOrEqual(e.argsEnd);
    expect(e.argsEnd).toBeLessThanOrEqual(e.text.length);
  }
  return events;
}

describe('hostile bytes', () => {
  it('random bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400, size: 'max' }),
        fc.constantFrom(HEAD, COLUMN_HEAD),
        (bytes, head) => {
          strace.detect(
            { bytes: Buffer.from(bytes), complete: true, path: undefined },
            { forced: true, layout: undefined },
          );
          exhaust(Buffer.concat([Buffer.from(head), bytes]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('lines built of what trace lines are built of', () => {
    const piece = fc.constantFrom(
      '12:00:00.000002 ',
      '[pid 5] ',
      '5 ',
      '1795245618.5 ',
      'read(',
      '<... read resumed>',
      ' <unfinished ...>',
      ') = ',
      '0',
      ' <0.1>',
      '"',
      '\\',
      '\n',
      '\r\n',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '/*',
      '*/',
      ', ',
      '3</a>',
      '--- SIGALRM ---',
      '+++ exited with 0 +++',
      'strace: Process 7 attached',
      '\x1b[31m',
      '\x1b[',
      '% time     seconds',
      ' > x',
      ' | 00000 ',
      '+++ superseded by execve in pid 6 +++',
      'clone(',
      'execve("/bin/x", ["x"]',
      'prctl(PR_SET_NAME, "y"',
      '-1 EAGAIN (x)',
      '?',
      '#12',
      '\0',
      '\xff',
      '99999999999999999999',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60, size: 'max' }),
        fc.constantFrom(HEAD, COLUMN_HEAD),
        (pieces, head) => {
          const text = head + pieces.join('');
          exhaust(Buffer.from(text, 'latin1'));
          const whole = readAll(openDecoder(text), text);
          for (const lines of [1, 2, 3]) expect(readAll(openDecoder(text), text, lines)).toEqual(whole);
          const decoder = openDecoder(text);
          readAll(decoder, text);
          expect(readAll(decoder.fork(), text)).toEqual(whole);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('samples cut at each byte of a stretch', () => {
    const text = sampleText(TIMED[0]!).subarray(0, 3000);
    for (let end = 600; end <= text.length; end += 7) exhaust(text.subarray(0, end));
  });

  it('bytes behind a last line without end are not read', { timeout: 60_000 }, () => {
    const text = sampleText('strace/mt.f_tt_T_y.txt.gz').subarray(100_000, 106_000);
    const e = new EventView();
    for (let end = 1500; end < text.length; end++) {
      const cut = text.subarray(0, end);
      const exact = openDecoder(cut);
      const expected = readAll(exact, cut);
      const decoder = openDecoder(cut);
      decoder.open({ ...blockOfLines(cut, 0, 1, true), bytes: text });
      let events = 0;
      while (decoder.next(e)) expect(e.args()).toBe(expected[events++]!.args);
      expect([events, decoder.counts]).toEqual([expected.length, exact.counts]);
    }
  });

  it('numbers of any size', () => {
    const nines = '9'.repeat(5000);
    const text = `${HEAD}12:00:00.1 read(${nines}, "", ${nines}) = ${nines} <${nines}.${nines}>\n12:00:00.${nines} a() = 1\n${nines} a() = 1\n12:00:00.1 a() = 0x${nines} <${nines}>\n[pid ${nines}] 12:00:00.1 a() = 1\n`;
    expect(exhaust(Buffer.from(text))).toBeGreaterThan(2);
  });

  it('lines of a mebibyte, in time that grows with their length', { timeout: 120_000 }, () => {
    const started = performance.now();
    for (const filler of [
      'a',
      '"',
      '(',
      ') = ',
      '=',
      '<',
      ' ',
      '\\',
      '[',
      '{',
      ', ',
      '/*',
      '\x1b[',
      '3</',
      ' <unfinished',
    ]) {
      const long = filler.repeat(Math.ceil((1 << 20) / filler.length));
      exhaust(
        Buffer.from(
          `${HEAD}12:00:00.1 read(${long}\n12:00:00.1 read(3, ${long}) = 3</a) = 4> <0.1>\n${long}\n`,
        ),
      );
    }
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  it('a million threads that never finish their calls', { timeout: 120_000 }, () => {
    const lines = [COLUMN_HEAD];
    for (let tid = 0; tid < 1_000_000; tid++)
      lines.push(`${tid} 1795245618.5 clone(flags=SIGCHLD <unfinished ...>\n`);
    const text = Buffer.from(lines.join(''));
    const decoder = openDecoder(text);
    const e = new EventView();
    decoder.open(blockOfLines(text, 0, 1, true));
    const started = performance.now();
    let events = 0;
    while (decoder.next(e)) events++;
    expect(events).toBe(1_000_002);
    expect(decoder.notes().join('\n')).toMatch(/more than 65536 threads: \d+ of them were forgotten/);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  it('one thread that changes its name without end', () => {
    const lines = [COLUMN_HEAD];
    for (let i = 0; i < 200_000; i++) lines.push(`5 1795245618.5 prctl(PR_SET_NAME, "n${i}") = 0\n`);
    const text = Buffer.from(lines.join(''));
    const decoder = openDecoder(text);
    const e = new EventView();
    decoder.open(blockOfLines(text, 0, 1, true));
    while (decoder.next(e));
    expect(decoder.threadName(5)).toBe('n199999');
    const fork = decoder.fork();
    fork.open(blockOfLines(text.subarray(0, 60_000), 0, 1, true));
    const started = performance.now();
    while (fork.next(e));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('the same answer', () => {
  for (const file of TIMED) {
    it(`${file}: in blocks of any number of lines, and decoded again`, () => {
      const text = sampleText(file);
      const decoder = openDecoder(text);
      const whole = readAll(decoder, text);
      expect(whole.length).toBeGreaterThan(0);
      for (const lines of [1, 7, 100]) expect(readAll(openDecoder(text), text, lines)).toEqual(whole);
      expect(readAll(decoder.fork(), text)).toEqual(whole);
      const crlf = text.toString('latin1').replaceAll('\n', '\r\n');
      const plain = (e: (typeof whole)[number]) => ({ ...e, raw: '' });
      expect(readAll(openDecoder(crlf), Buffer.from(crlf, 'latin1')).map(plain)).toEqual(whole.map(plain));
    });
  }
});
