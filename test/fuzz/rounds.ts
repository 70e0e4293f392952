/** One round of the fuzz: a damaged sample through the whole run, and what must hold of any outcome. */

import type { RunSizes } from '../../src/find-gaps.js';
import type { GapOptions } from '../../src/model/options.js';
import { UsageError } from '../../src/model/problem.js';
import { chunked, type Outcome, run, sampleFiles, sampleText } from '../samples.js';
import { mutate, type Random, randomOf } from './mutate.js';

const FILES = [
  ...sampleFiles('sysdig'),
  ...sampleFiles('strace'),
  ...sampleFiles('tcpdump'),
  ...sampleFiles('pcap'),
];

const FILTERS = [
  undefined,
  'proc.name=keepalived',
  "evt.type=sendmsg and evt.dir='>'",
  'evt.type in (read, futex, procexit)',
  'proc.name exists and not evt.type startswith e',
  'fd.name contains 224.0.0.18 or evt.latency > 1ms',
  'evt.deltatime > 10ms and not evt.type in (switch, read)',
  'evt.type=vrrp and vrrp.vrid=51 or fd.name contains 10.77',
  "evt.arg.res=EAGAIN or proc.cmdline contains lab or evt.args regex '.*x.*'",
];

export interface Round {
  readonly seed: number;
  readonly file: string;
  readonly options: GapOptions;
  readonly bytes: Buffer;
}

export function roundOf(seed: number): Round {
  const random = randomOf(seed);
  const file = FILES[random(FILES.length)]!;
  return { seed, file, options: optionsOf(random), bytes: mutate(sampleText(file), random) };
}

function optionsOf(random: Random): GapOptions {
  const filter = FILTERS[random(FILTERS.length)];
  const by = [undefined, 'thread', 'proc', 'fd', 'evt.type'][random(5)];
  return {
    threshold: ['1s', '10ms', '100us', 'auto'][random(4)]!,
    around: random(5),
    before: random(3),
    after: random(3),
    why: random(4) === 0 ? 3 : false,
    ...(filter === undefined ? {} : { filter }),
    ...(by === undefined ? {} : { by }),
    ...(random(6) === 0 ? { top: 1 + random(5) } : {}),
    ...(random(6) === 0 ? { from: '+1s', to: '+5s' } : {}),
  };
}

/** Runs the round whole and in pieces; throws where something does not hold. */
export async function play({ bytes, file, options, seed }: Round): Promise<void> {
  const random = randomOf(seed + 1);
  const whole = await outcome(bytes, options, [1 << 20], { blockSize: 256 << 10 });
  const pieces = await outcome(bytes, options, [1 + random(5000), 1 + random(100), 1 + random(70_000)], {
    blockSize: 1000 + random(60_000),
    // Of strace's lines none is passed over that would say anything else than its head.
    ...(file.startsWith('strace') ? { decodedInFull: 0 } : {}),
  });
  if (typeof whole === 'string' || typeof pieces === 'string') {
    if (whole !== pieces) throw new Error(`whole: ${describe(whole)}\nin pieces: ${describe(pieces)}`);
    return;
  }
  check(whole, bytes, options);
  // Beyond 104 days from the origin a double holds no nanoseconds: sums depend on where they start.
  if (whole.gaps.some((gap) => gap.durationNs > Number.MAX_SAFE_INTEGER)) return;
  if (essence(whole, options) !== essence(pieces, options))
    throw new Error('the answer depends on how the bytes arrive');
}

/** All of an outcome; of a run that ends at `to` without the bytes that were read ahead. */
function essence({ gaps, report }: Outcome, options: GapOptions): string {
  const sources = report.sources.map((source) =>
    options.to === undefined ? source : { ...source, bytes: 0 },
  );
  return JSON.stringify({ gaps, report: { ...report, sources } });
}

function describe(outcome: Outcome | string): string {
  return typeof outcome === 'string' ? outcome : `${outcome.gaps.length} gaps`;
}

async function outcome(
  bytes: Buffer,
  options: GapOptions,
  chunks: number[],
  sizes: RunSizes,
): Promise<Outcome | string> {
  try {
    return await run(chunked(bytes, ...chunks), options, sizes);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

function check({ gaps, report }: Outcome, bytes: Buffer, options: GapOptions): void {
  const [source] = report.sources;
  const { lines, records, ignored, unparsed, events, matched } = source!;
  const newlines = bytes.reduce((n, byte) => n + (byte === 10 ? 1 : 0), 0);
  const expected = newlines + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
  if (options.to === undefined && source!.format !== 'pcap' && lines !== expected)
    throw new Error(`${lines} lines counted of ${expected}`);
  if (records + ignored + unparsed !== lines) throw new Error('the sums do not add up');
  if (matched > events) throw new Error('more events matched than there are');
  if (events > 2 * records) throw new Error('more than two events a line');
  for (const gap of gaps) {
    if (!(gap.durationNs > 0)) throw new Error(`a gap of ${gap.durationNs} ns`);
    if (gap.open === null && (!gap.start || !gap.end)) throw new Error('a gap without its events');
    if (gap.start && gap.end && gap.end.offsetNs! - gap.start.offsetNs! !== gap.durationNs) {
      throw new Error(`a gap of ${gap.durationNs} ns between ${gap.start.raw} and ${gap.end.raw}`);
    }
  }
}
