/**
 * The same capture, asked twice: what sysdig itself says of each event, and what the decoders make of the text
 * it prints. Where they may differ, the reason stands beside it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Decoder } from '../../../src/formats/format.js';
import type { EventView } from '../../../src/model/event.js';
import { decodeEach, shown } from './decoding.js';

const CAPTURE = 'samples/sysdig/healthy.scap';
const version = spawnSync('sysdig', ['--version'], { encoding: 'utf8' });
const hasSysdig = version.status === 0;
const FIELD_END = '\u0001';
const EVENT_END = '\u0002';

function sysdig(...args: string[]): Buffer {
  return execFileSync('sysdig', ['-r', CAPTURE, ...args], {
    maxBuffer: 1 << 30,
    env: { ...process.env, TZ: 'UTC' },
  });
}

type Answer = (decoder: Decoder, e: EventView) => string | number | bigint | undefined;

interface Question {
  readonly answer: Answer;
  /** Share of the events that must agree. */
  readonly share: number;
}

const EXACT = 1;

const QUESTIONS: Readonly<Record<string, Question>> = {
  'evt.arg.res': { answer: (d, e) => d.arg(e, 'res'), share: EXACT },
  'evt.rawarg.res': { answer: (d, e) => d.rawArg(e, 'res'), share: EXACT },
  'evt.arg.data': { answer: (d, e) => d.arg(e, 'data')?.trimEnd(), share: EXACT },
  'evt.arg.size': { answer: (d, e) => d.arg(e, 'size'), share: EXACT },
  'evt.arg.tuple': { answer: (d, e) => d.arg(e, 'tuple')?.trimEnd(), share: EXACT },
  'evt.arg.next': { answer: (d, e) => d.arg(e, 'next'), share: EXACT },
  'evt.arg.flags': { answer: (d, e) => d.arg(e, 'flags'), share: EXACT },
  'evt.arg[2]': { answer: (d, e) => d.arg(e, 2), share: EXACT },
  'evt.res': {
    answer: (d, e) => {
      const result = d.result(e);
      return result && (result.errno ?? 'SUCCESS');
    },
    share: EXACT,
  },
  'evt.rawres': { answer: (d, e) => d.result(e)?.value, share: EXACT },
  // sysdig 0.29 has no descriptor for mmap; -1 for setsockopt, which prints its own.
  'fd.num': { answer: (d, e) => d.fd(e)?.num, share: 0.9 },
  'fd.type': { answer: (d, e) => d.fd(e)?.type, share: 0.9 },
  // `<NA>` on entries and empty on exits, where sysdig knows no more than the number.
  'fd.name': { answer: (d, e) => d.fd(e)?.name, share: 0.9 },
  // The text of a raw socket has no ports; the first use of a socket gives it its addresses only afterwards.
  'fd.cip': { answer: (d, e) => d.fd(e)?.clientIp, share: 0.99 },
  'fd.sip': { answer: (d, e) => d.fd(e)?.serverIp, share: 0.99 },
  'fd.l4proto': { answer: (d, e) => d.fd(e)?.l4proto, share: 0.99 },
  // On switch lines sysdig repeats the latency of the call before.
  'evt.latency': { answer: (d, e) => d.latencyNs(e) ?? 0, share: 0.85 },
};

const NAMES = Object.keys(QUESTIONS);

describe.skipIf(!hasSysdig)(
  `against ${hasSysdig ? version.stdout.trim() : 'sysdig, which is not installed'}`,
  () => {
    test('fields agree', () => {
      const format = `*${NAMES.map((name) => `%${name}`).join(FIELD_END)}${EVENT_END}`;
      const theirs = sysdig('-p', format)
        .toString('latin1')
        .split(`${EVENT_END}\n`)
        .slice(0, -1)
        .map((event) => event.split(FIELD_END));
      const { seen: ours } = decodeEach(sysdig(), undefined, (d, e) =>
        NAMES.map((name) => String(QUESTIONS[name]!.answer(d, e) ?? '<NA>')),
      );
      expect(ours.length).toBe(theirs.length);
      const agreement = Object.fromEntries(
        NAMES.map((name, i) => {
          const agreeing = ours.filter((event, k) => event[i]!.trimEnd() === theirs[k]![i]!.trimEnd()).length;
          return [name, agreeing / ours.length];
        }),
      );
      const below = NAMES.filter((name) => agreement[name]! < QUESTIONS[name]!.share);
      expect(below.map((name) => `${name} ${agreement[name]}`)).toEqual([]);
    });

    test.each([
      '*%evt.num|%evt.rawtime|%evt.cpu|%proc.name|%thread.tid|%evt.dir|%evt.type|%evt.args',
      '*%10evt.num %25evt.rawtime %4evt.cpu %20proc.name %8thread.tid %evt.dir %20evt.type %evt.args',
      '*%evt.num %evt.time.iso8601 %evt.cpu %proc.name:%thread.tid\\n\\t%evt.dir %evt.type %evt.args',
      '*%evt.num %evt.datetime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info\\n',
    ])('the layout %s tells the same events as -t a', (layout) => {
      const plain = decodeEach(sysdig('-t', 'a'), undefined, (_, e) => shown(e)).seen;
      expect(decodeEach(sysdig('-p', layout), layout, (_, e) => shown(e)).seen).toEqual(plain);
    });

    test('-j tells the same events, apart from buffers that plain text cuts', () => {
      const plain = decodeEach(sysdig('-t', 'a'), undefined, (_, e) => shown(e)).seen;
      const json = decodeEach(sysdig('-j'), undefined, (_, e) => shown(e)).seen;
      const isWhole = (line: string): boolean => !line.includes('...');
      expect(json.length).toBe(plain.length);
      expect(json.filter((_, i) => isWhole(plain[i]!))).toEqual(plain.filter(isWhole));
    });
  },
);
