/** The samples, and runs over them in the forms that a user may have them in. */
import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { findGaps, type GapInput, type RunSizes } from '../src/find-gaps.js';
import { TraceSource } from '../src/formats/trace-source.js';
import type { Gap, RunReport } from '../src/model/gap.js';
import type { GapOptions } from '../src/model/options.js';

const ROOT = fileURLToPath(new URL('../samples/', import.meta.url));

export interface Expected {
  readonly scenario: string;
  readonly file: string;
  readonly filter: string;
  readonly threshold: string;
  readonly gaps: readonly {
    readonly startNum: number;
    readonly endNum: number;
    readonly durationNs: number;
  }[];
  readonly longestCauseOneOf: readonly string[] | null;
  readonly call: string | null;
  readonly class: string | null;
}

export const EXPECTED: readonly Expected[] = JSON.parse(readFileSync(`${ROOT}expected.json`, 'utf8'));

export function samplePath(file: string): string {
  return ROOT + file;
}

/** The text of a sample, unpacked. */
export function sampleText(file: string): Buffer {
  const bytes = readFileSync(samplePath(file));
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** A sample that the scan is through with. */
export async function scanned(file: string): Promise<TraceSource> {
  const source = await TraceSource.open(samplePath(file), 0, {
    blockSize: 1 << 18,
    many: false,
    format: undefined,
    layout: undefined,
  });
  source.decoder.track({ fd: false, latency: false, process: false, threadNames: false, args: false });
  while (source.advance() || (await source.refill()));
  return source;
}

export function sampleFiles(folder: 'sysdig' | 'strace' | 'tcpdump' | 'pcap'): string[] {
  return readdirSync(ROOT + folder)
    .filter((name) => /\.(?:txt(\.gz)?|pcap|pcapng)$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** What a sample is asked where it must not matter how its lines arrive: of many lines, of some calls, of one name. */
export function questionsOf(file: string): GapOptions[] {
  const filter = file.startsWith('tcpdump') ? 'fd.dip exists' : 'evt.type in (futex, fsync, sendmsg, read)';
  return [
    { by: 'thread', filter, threshold: '5ms', why: false },
    { filter: 'evt.type=fsync or evt.type=sendmsg', threshold: '100ms' },
    { filter: 'proc.name=keepalived', threshold: '1s' },
  ];
}

export interface Outcome {
  readonly gaps: Gap[];
  readonly report: RunReport;
}

export async function run(
  input: GapInput | readonly GapInput[],
  options: GapOptions = {},
  sizes: RunSizes = {},
): Promise<Outcome> {
  const running = findGaps(input, options, sizes);
  const gaps: Gap[] = [];
  for await (const gap of running) gaps.push(gap);
  return { gaps, report: await running.report };
}

/** A stream of the bytes in chunks of the given sizes, over and over. */
export function chunked(bytes: Buffer, ...sizes: number[]): Readable {
  function* chunks(): Generator<Buffer> {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length]!;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** Gaps by what identifies them. */
export function closed(gaps: readonly Gap[]): { startNum: number; endNum: number; durationNs: number }[] {
  return gaps
    .filter((gap) => gap.open === null)
    .map((gap) => ({ startNum: gap.start!.num!, endNum: gap.end!.num!, durationNs: gap.durationNs }));
}
