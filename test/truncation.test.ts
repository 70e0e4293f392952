/**
 * Samples of every format, cut at each byte: nothing throws, sums add up, whole lines give what they gave, a pipe
 * tells what a file tells. Of those that show a format's layouts each byte of the head is a cut; of all others those
 * of their first line, some in the middle and the last ones.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import type { GapInput } from '../src/find-gaps.js';
import type { EventRecord } from '../src/model/event.js';
import type { Gap } from '../src/model/gap.js';
import { UsageError } from '../src/model/problem.js';
import { type Outcome, run, sampleFiles, sampleText } from './samples.js';

/** So much of a trace's head, middle and end is read. */
const PART = 1000;
/** Of a layout's sample each of so many first bytes is a cut. */
const HEAD = 400;
/** Of any other sample so many bytes in the middle, and at the end. */
const WINDOW = 48;
/** Each so many cuts the same bytes are read from a file, too. */
const FROM_FILE = 9;
const OPTIONS = { threshold: '1us', why: false, around: 0 } as const;
const NEWLINE = 10;

const folder = mkdtempSync(join(tmpdir(), 'sysgap-cut-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function outcome(input: GapInput): Promise<Outcome | string> {
  try {
    return await run(input, OPTIONS, { blockSize: 8192, plain: true });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** The whole of a small trace or a capture; of a larger one lines of its head, its middle and its end. */
function excerpt(file: string): Buffer {
  const bytes = sampleText(file);
  if (bytes.length <= 3 * PART || /\.pcap(?:ng)?$/.test(file)) return bytes;
  const lineAt = (at: number): number => bytes.indexOf(NEWLINE, at) + 1;
  const middle = bytes.length >> 1;
  return Buffer.concat([
    bytes.subarray(0, lineAt(PART)),
    bytes.subarray(lineAt(middle), lineAt(middle + PART)),
    bytes.subarray(lineAt(bytes.length - PART)),
  ]);
}

function cutsOf(file: string, length: number): number[] {
  const firstLine = Math.min(HEAD, sampleText(file).indexOf(NEWLINE) + 2);
  const head = /options|renderings|tcpdump|pcap/.test(file) ? HEAD : firstLine;
  const middle = Math.floor(length / 2);
  return [...Array(length + 1).keys()].filter(
    (at) => at <= head || (at >= middle && at < middle + WINDOW) || at > length - WINDOW,
  );
}

const key = ({ start, end, durationNs }: Gap): string => `${start!.offsetNs} ${end!.offsetNs} ${durationNs}`;

function linesOf(bytes: Buffer): number {
  const newlines = bytes.reduce((n, byte) => n + (byte === NEWLINE ? 1 : 0), 0);
  return newlines + (bytes.length > 0 && bytes.at(-1) !== NEWLINE ? 1 : 0);
}

/** Cuts one sample; the gaps compared with those of the whole. */
async function cut(file: string): Promise<number> {
  const all = excerpt(file);
  const whole = await outcome(Readable.from([all]));
  const places = new Map<string, number>();
  const placeOf = (raw: string): number => {
    let at = places.get(raw);
    if (at === undefined) places.set(raw, (at = all.indexOf(raw)));
    return at;
  };
  let compared = 0;
  for (const at of cutsOf(file, all.length)) {
    const bytes = all.subarray(0, at);
    const place = `${file} cut at ${at}`;
    const found = await outcome(Readable.from([bytes]));
    if (at % FROM_FILE === 0) {
      const path = join(folder, 'cut');
      writeFileSync(path, bytes);
      const ofFile = await outcome(path);
      if (typeof ofFile === 'string') expect(`${found}`.replace('stream', path), place).toBe(ofFile);
      else expect(ofFile, place).toEqual(renamed(found, path));
    }
    if (typeof found === 'string') continue;
    const { lines, records, ignored, unparsed, format } = found.report.sources[0]!;
    expect(records + ignored + unparsed, place).toBe(lines);
    if (format !== 'pcap') expect(lines, place).toBe(linesOf(bytes));
    for (const gap of found.gaps) expect(gap.durationNs, place).toBeGreaterThan(0);
    if (typeof whole === 'string' || whole.report.sources[0]?.format !== format) continue;
    const lastWhole = bytes.lastIndexOf(NEWLINE, bytes.lastIndexOf(NEWLINE) - 1);
    const isBefore = ({ num, raw }: EventRecord): boolean =>
      format === 'pcap' ? num! < records : placeOf(raw) < lastWhole;
    const gapsBefore = ({ gaps }: Outcome) =>
      gaps.filter(({ open, end }) => open === null && isBefore(end!)).map(key);
    const expected = gapsBefore(whole);
    compared += expected.length;
    expect(gapsBefore(found), place).toEqual(expected);
  }
  return compared;
}

function renamed(found: Outcome | string, path: string): unknown {
  if (typeof found === 'string') return found;
  const { gaps, report } = found;
  return { gaps, report: { ...report, sources: report.sources.map((source) => ({ ...source, path })) } };
}

const FORMATS = { sysdig: 3000, strace: 3000, tcpdump: 3000, pcap: 3000 } as const;

describe.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('cut at each byte: %s', (format) => {
  let compared = 0;
  it.each(sampleFiles(format))(
    '%s',
    async (file) => {
      compared += await cut(file);
    },
    120_000,
  );
  it('many gaps were compared', () => {
    expect(compared).toBeGreaterThan(FORMATS[format]);
  });
});
