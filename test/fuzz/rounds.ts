/** One round of the fuzz: damaged samples through a whole run, and what must hold of any outcome. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { activity } from '../../src/activity.js';
import { findConversations } from '../../src/find-conversations.js';
import type { GapInput, RunSizes } from '../../src/find-gaps.js';
import { jsonReport } from '../../src/json-report.js';
import { UNSAFE } from '../../src/model/escape.js';
import type { Gap, SourceReport } from '../../src/model/gap.js';
import type { ActivityOptions, ConversationOptions, GapOptions } from '../../src/model/options.js';
import { UsageError } from '../../src/model/problem.js';
import { activityText } from '../../src/report/activity-text.js';
import { conversationsText } from '../../src/report/conversations-text.js';
import { activityJson, conversationsJson } from '../../src/report/json.js';
import { textReport } from '../../src/report/text.js';
import { joined } from '../report/fixtures.js';
import { chunked, type Outcome, run, sampleFiles, sampleText } from '../samples.js';
import { mutate, type Random, randomOf } from './mutate.js';
import { closedGaps, referenceGaps } from './reference.js';

/** Gaps whose lines are looked for in the trace. */
const RAW_CHECKED = 20;

const FILES = (['sysdig', 'strace', 'tcpdump', 'pcap'] as const).map(sampleFiles);

/** One of every kind: by head, by thread, by descriptor, by argument, of packets, and with a memory. */
const CONDITIONS = [
  'proc.name=keepalived',
  'proc.name exists',
  'proc.name=labworker',
  'thread.tid=428',
  'proc.pid=427',
  'proc.cmdline contains lab',
  'proc.pname=bash',
  'proc.aname=sh',
  'proc.duration > 1s',
  'evt.type=sendmsg',
  'evt.type in (read, futex, procexit)',
  'evt.type startswith e',
  'evt.type=vrrp',
  'evt.type in (switch, read)',
  'evt.category=net',
  "evt.dir='>'",
  "evt.dir='<'",
  'evt.cpu=1',
  'evt.num > 20',
  'evt.rawtime exists',
  'evt.failed=true',
  'evt.rawres < 0',
  'evt.buflen > 10',
  'evt.io_dir=read',
  'evt.latency > 1ms',
  'evt.deltatime > 10ms',
  'evt.reltime > 2s',
  'thread.exectime > 1ms',
  'fd.name contains 224.0.0.18',
  'fd.name contains 10.77',
  'fd.net=10.77.0.0/16',
  'fd.port=80',
  'fd.l4proto=udp',
  'fd.typechar=f',
  'evt.arg.res=EAGAIN',
  "evt.args regex '.*x.*'",
  'pkt.len > 60',
  'tcp.flags contains S',
  'vrrp.vrid=51',
  'vrrp.prio >= 100',
];

type Look =
  | { readonly at: 'gaps'; readonly options: GapOptions }
  | { readonly at: 'conversations'; readonly options: ConversationOptions }
  | { readonly at: 'activity'; readonly options: ActivityOptions };

export interface Round {
  readonly seed: number;
  /** One or two samples of one kind. */
  readonly files: readonly string[];
  readonly traces: readonly Buffer[];
  readonly look: Look;
}

export function roundOf(seed: number): Round {
  const random = randomOf(seed);
  // Of pcap and tcpdump there are fewer samples and as much to go wrong.
  const files = FILES[random(FILES.length)]!;
  const names = Array.from({ length: random(8) === 0 ? 2 : 1 }, () => files[random(files.length)]!);
  const look = lookOf(random);
  const traces = names.map((name) =>
    mutate(sampleText(name), random, sampleText(files[random(files.length)]!)),
  );
  return { seed, files: names, traces, look };
}

export function describeRound({ seed, files, look }: Round): string {
  return `seed ${seed}, ${files.join(' and ')}, ${look.at} ${JSON.stringify(look.options)}`;
}

/** One to three conditions, or none. */
function filterOf(random: Random): string | undefined {
  if (random(4) === 0) return undefined;
  let filter = '';
  for (let i = random(3); i >= 0; i--) {
    const condition = `${random(5) === 0 ? 'not ' : ''}${CONDITIONS[random(CONDITIONS.length)]!}`;
    filter = filter === '' ? condition : `${filter} ${random(2) === 0 ? 'and' : 'or'} ${condition}`;
  }
  return filter;
}

function lookOf(random: Random): Look {
  const filter = filterOf(random);
  const window = random(6) === 0 ? { from: '+1s', to: '+5s' } : {};
  const kind = random(12);
  if (kind === 0) return { at: 'activity', options: window };
  const top = random(6) === 0 ? { top: 1 + random(5) } : {};
  const asked = { ...(filter === undefined ? {} : { filter }), ...window, ...top };
  if (kind <= 2) return { at: 'conversations', options: asked };
  const by = [undefined, 'thread', 'proc', 'fd', 'evt.type'][random(5)];
  const isVrrp = random(6) === 0;
  const threshold = ['1s', '10ms', '100us', 'auto', undefined][random(5)];
  return {
    at: 'gaps',
    options: {
      around: random(5),
      before: random(3),
      after: random(3),
      why: random(4) === 0 ? 3 : false,
      ...asked,
      ...(threshold === undefined ? {} : { threshold }),
      ...(isVrrp ? { vrrp: true } : by === undefined ? {} : { by }),
    },
  };
}

/** What a look found, in a form that can be compared; a message where the traces can't be used. */
type Found =
  | string
  | { readonly outcome: Outcome | null; readonly sources: readonly SourceReport[]; readonly essence: string };

/** Runs the round whole and in pieces; throws where something does not hold. */
export async function play(round: Round): Promise<void> {
  const { traces, look, files, seed } = round;
  const random = randomOf(seed + 1);
  const folder = new Folder();
  try {
    const whole = await found(
      traces.map((bytes, i) => ({ name: `${i}`, stream: chunked(bytes, 1 << 20) })),
      look,
      { blockSize: 256 << 10, decodedInFull: 0 },
    );
    const sizes = { blockSize: 1000 + random(60_000), aheadLeast: 0, decodedInFull: 0 };
    const arrived = arrive(traces, random, folder);
    const pieces = without(folder, await found(arrived, withWorkers(look, random(3)), sizes));
    compare(whole, pieces, 'the answer depends on how the bytes arrive');
    if (typeof whole === 'string') return;
    for (const [i, source] of whole.sources.entries()) checkSource(source, traces[i]!, look);
    if (whole.outcome === null) return;
    checkGaps(whole.outcome);
    checkRaw(whole.outcome, traces);
    if (traces.length > 1 || look.at !== 'gaps') return;
    await compareWithReference(whole.outcome, traces[0]!, look.options);
    if (/^sysdig|^tcpdump/.test(files[0]!)) {
      const { decodedInFull: _, ...inFull } = sizes;
      const decoded = await found(arrive(traces, random, folder), look, inFull);
      if (typeof decoded === 'string' || decoded.outcome === null) throw new Error(`decoded: ${decoded}`);
      same(closedGaps(whole.outcome.gaps), closedGaps(decoded.outcome.gaps), 'of picked lines');
    }
  } finally {
    folder.remove();
  }
}

/** Of files, other threads look at parts. */
function withWorkers(look: Look, workers: number): Look {
  if (look.at === 'activity') return look;
  return look.at === 'gaps'
    ? { at: 'gaps', options: { ...look.options, workers } }
    : { at: 'conversations', options: { ...look.options, workers } };
}

/** For traces that come as files; made with the first of them. */
class Folder {
  path: string | null = null;

  write(name: string, bytes: Buffer): string {
    this.path ??= mkdtempSync(join(tmpdir(), 'sysgap-fuzz-'));
    const path = join(this.path, name);
    writeFileSync(path, bytes);
    return path;
  }

  remove(): void {
    if (this.path !== null) rmSync(this.path, { recursive: true });
  }
}

/** As a pipe in chunks of any sizes, packed or not, or as a file. */
function arrive(traces: readonly Buffer[], random: Random, folder: Folder): GapInput[] {
  return traces.map((trace, i) => {
    const bytes = random(4) === 0 && trace.length > 0 ? gzipSync(trace, { level: 1 }) : trace;
    const stream = chunked(bytes, 1 + random(5000), 1 + random(100), 1 + random(70_000));
    if (random(4) > 0 || traces.length > 1) return { name: `${i}`, stream };
    return folder.write(`${i}`, bytes);
  });
}

async function found(inputs: readonly GapInput[], look: Look, sizes: RunSizes): Promise<Found> {
  try {
    if (look.at === 'gaps') {
      const outcome = await run(inputs, look.options, sizes);
      const { gaps, report } = outcome;
      const json = JSON.parse(await joined(jsonReport(gaps, report)));
      if (json.gaps.length !== gaps.length) throw new Error('gaps are missing in the JSON report');
      checkText(await joined(textReport(gaps, report, { width: 80 })));
      checkNumbers({ gaps, report }, 'gaps');
      const { sources } = report;
      const told = {
        ...report,
        sources: sources.map((source) => essential(source, look)),
      };
      // By the side of a clock that stepped it is not known which other sources reach a gap, and so tell of it.
      const compared = inputs.length > 1 && report.spanNs === null ? gaps.map(untold) : gaps;
      return { outcome, sources, essence: JSON.stringify({ gaps: compared, report: told }) };
    }
    if (look.at === 'conversations') {
      const report = await findConversations(inputs, look.options, sizes);
      JSON.parse(conversationsJson(report));
      checkText(await conversationsText(report, {}));
      checkNumbers(report, 'conversations');
      const sources = report.sources.map((source) => essential(source, look));
      return { outcome: null, sources: report.sources, essence: JSON.stringify({ ...report, sources }) };
    }
    const report = await activity(inputs, look.options, sizes);
    JSON.parse(activityJson(report));
    checkText(await activityText(report, {}));
    checkNumbers(report, 'activity');
    const sources = report.sources.map((source) => essential(source, look));
    return { outcome: null, sources: report.sources, essence: JSON.stringify({ ...report, sources }) };
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** A gap without what was made out of it. */
function untold({ durationNs, open, group, start, end, before, after, around }: Gap): Partial<Gap> {
  return { durationNs, open, group, start, end, before, after, around };
}

/** All of a source but its path; of a run that ends at `to` without the bytes that were read ahead. */
function essential(source: SourceReport, { options }: Look): unknown {
  const { path: _, bytes: __, ...rest } = source;
  return options.to === undefined ? { ...rest, bytes: source.bytes } : rest;
}

/** Files have a path, streams a name. */
function without({ path }: Folder, what: Found): Found {
  if (path === null) return what;
  if (typeof what === 'string') return what.replaceAll(`${path}/`, '');
  return { ...what, essence: what.essence.replaceAll(`${path}/`, '') };
}

function compare(a: Found, b: Found, reason: string): void {
  if (typeof a === 'string' || typeof b === 'string') {
    if (a !== b) throw new Error(`${brief(a)}\nin pieces: ${brief(b)}`);
    return;
  }
  // Beyond 104 days from the origin a double holds no nanoseconds: sums depend on where they start.
  if (a.outcome?.gaps.some((gap) => gap.durationNs > Number.MAX_SAFE_INTEGER)) return;
  const at = differsAt(a.essence, b.essence);
  if (at >= 0) throw new Error(`${reason}: ${excerpt(a.essence, at)} in pieces: ${excerpt(b.essence, at)}`);
}

/** Place of the first difference; -1 where there is none. */
function differsAt(a: string, b: string): number {
  if (a === b) return -1;
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
}

function excerpt(text: string, at: number): string {
  return `… ${text.slice(Math.max(0, at - 120), at + 80)} …`;
}

function brief(found: Found): string {
  return typeof found === 'string' ? found : 'an answer';
}

async function compareWithReference(outcome: Outcome, bytes: Buffer, options: GapOptions): Promise<void> {
  const { threshold, top, from, vrrp } = options;
  if (threshold === 'auto' || top !== undefined || from !== undefined || vrrp) return;
  const expected = await referenceGaps(bytes, options);
  if (expected !== null) same(closedGaps(outcome.gaps), expected, 'by definition');
}

function same(gaps: readonly string[], expected: readonly string[], which: string): void {
  const at = gaps.findIndex((gap, i) => gap !== expected[i]);
  if (at < 0 && gaps.length === expected.length) return;
  const i = at < 0 ? gaps.length : at;
  throw new Error(
    `gaps ${which}: ${expected.length}, with ${expected[i]}; found ${gaps.length}, with ${gaps[i]}`,
  );
}

function checkSource(source: SourceReport, bytes: Buffer, { at, options }: Look): void {
  const { lines, records, ignored, unparsed, events, matched, format, problems } = source;
  const newlines = bytes.reduce((n, byte) => n + (byte === 10 ? 1 : 0), 0);
  const expected = newlines + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
  if (options.to === undefined && at !== 'activity' && format !== 'pcap' && lines !== expected)
    throw new Error(`${lines} lines counted of ${expected}`);
  if (records + ignored + unparsed !== lines) throw new Error('the sums do not add up');
  if (matched > events) throw new Error('more events matched than there are');
  if (events > 2 * records) throw new Error('more than two events a line');
  const stopped = problems.find(({ reason }) => reason.startsWith('reading stopped'));
  if (stopped) throw new Error(`${stopped.reason}, though nothing kept it from being read`);
}

function checkGaps({ gaps, report }: Outcome): void {
  if (gaps.length > report.gapsFound) throw new Error('more gaps told than found');
  for (const gap of gaps) {
    if (!(gap.durationNs > 0)) throw new Error(`a gap of ${gap.durationNs} ns`);
    if (gap.open === null && (!gap.start || !gap.end)) throw new Error('a gap without its events');
    if (gap.open === null && report.thresholdNs !== null && gap.durationNs < report.thresholdNs)
      throw new Error(`a gap of ${gap.durationNs} ns below the threshold`);
    // Of two sources each counts from its own origin.
    if (!gap.start || !gap.end || gap.start.source !== gap.end.source) continue;
    if (gap.end.offsetNs! - gap.start.offsetNs! !== gap.durationNs)
      throw new Error(`a gap of ${gap.durationNs} ns between ${gap.start.raw} and ${gap.end.raw}`);
  }
}

/** What is shown of a line is what stands there. */
function checkRaw({ gaps, report }: Outcome, traces: readonly Buffer[]): void {
  const texts = traces.map((bytes, i) =>
    report.sources[i]!.format === 'pcap' ? null : bytes.toString('utf8'),
  );
  for (const { start, end, around } of gaps.slice(0, RAW_CHECKED)) {
    for (const event of [start, end, ...around.start, ...around.end]) {
      const text = event && texts[event.source];
      if (event && text !== null && !text!.includes(event.raw))
        throw new Error(`${JSON.stringify(event.raw)} does not stand in the trace`);
    }
  }
}

const LENGTH =
  /^(?:duration|total|longest|longestSilence|idle|kernel|user|unknown|onCpu|run|typical|spread|span)Ns$/;

/** No number is none, and no length negative. */
function checkNumbers(value: unknown, name: string): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${name} is ${value}`);
    if (value < 0 && LENGTH.test(name.slice(name.lastIndexOf('.') + 1)))
      throw new Error(`${name} is ${value}`);
  } else if (typeof value === 'string') {
    if (/\bNaN\b|\bInfinity\b/.test(value) && !/raw|args/.test(name)) throw new Error(`${name}: ${value}`);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) checkNumbers(member, `${name}.${key}`);
  }
}

/** Nothing of it acts on a terminal. */
function checkText(text: string): void {
  const unsafe = text.replaceAll('\n', '').match(UNSAFE);
  if (unsafe) throw new Error(`${JSON.stringify(unsafe[0])} in the text report`);
}
