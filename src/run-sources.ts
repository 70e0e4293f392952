/** The sources of a run, whatever it looks for: opened, moved on until it is stopped, and told of. */
import { TraceSource } from './formats/trace-source.js';
import { LARGE_FILE, spareThreads } from './input/part-thread.js';
import type { GapInput } from './input/source.js';
import { nowMs } from './input/turns.js';
import type { Progress, SourceReport } from './model/gap.js';
import { UsageError } from './model/problem.js';
import type { FormatName } from './model/trace.js';

const BLOCK_SIZE = 512 << 10;
/** From so many sources on, each gets small blocks and plain memory. */
const MANY_SOURCES = 8;
const SMALL_BLOCK = 32 << 10;
const PROGRESS_MS = 200;

/** Sizes that tests make small. */
export interface RunSizes {
  readonly blockSize?: number;
  /** Bytes at the start of a source of which no line is passed over that is not looked at. */
  readonly decodedInFull?: number;
  readonly waypointsKept?: number;
  /** Bytes left in a file from which on it is read ahead by other threads. */
  readonly aheadLeast?: number;
  /** Plain memory for lines even where few sources are open: that of the kernel takes two milliseconds to make. */
  readonly plain?: boolean;
  /** Senders of adverts, or values of --by, that are kept apart. */
  readonly sequences?: number;
}

/** Threads beside the main one: what it does with all lines keeps it busier than so many. */
const MOST_WORKERS = 3;
/** More than so many are refused: each takes ten MiB. */
const MOST_THREADS = 64;

export interface SourceOptions {
  readonly format?: FormatName | undefined;
  readonly layout?: string | undefined;
  readonly workers?: number | undefined;
}

/**
 * Opens the inputs one by one and adds each to `sources`; stops where it is told to.
 * @throws UsageError when one can't be used.
 */
export async function openSources(
  sources: TraceSource[],
  inputs: readonly GapInput[],
  { format, layout, workers }: SourceOptions,
  sizes: RunSizes,
  signal: AbortSignal | undefined,
): Promise<void> {
  const many = inputs.length > MANY_SOURCES;
  const ahead = { threads: threadsFor(inputs.length, workers), leastBytes: sizes.aheadLeast ?? LARGE_FILE };
  const blockSize = sizes.blockSize ?? (many ? SMALL_BLOCK : BLOCK_SIZE);
  for (const [index, input] of inputs.entries()) {
    const opening = TraceSource.open(input, index, { ...sizes, ahead, blockSize, many, format, layout });
    const source = await interruptible<TraceSource | null>(opening, signal, null);
    if (!source) return;
    sources.push(source);
  }
}

/** Opens what the user names, as openSources does; there must be something. */
export async function openInputs(...opening: Parameters<typeof openSources>): Promise<void> {
  const [, inputs] = opening;
  if (inputs.length === 0)
    throw new UsageError('input', 'no input: name a trace file, or - for standard input');
  await openSources(...opening);
}

/** How many threads read ahead in each of so many sources. */
function threadsFor(sources: number, workers = Math.min(MOST_WORKERS, spareThreads())): number {
  if (!Number.isSafeInteger(workers) || workers < 0 || workers > MOST_THREADS) {
    throw new UsageError(
      'option',
      `--workers ${workers}: threads beside the main one are a whole number from 0 to ${MOST_THREADS}`,
    );
  }
  return workers === 0 ? 0 : Math.max(1, Math.floor(workers / sources));
}

/** Moves a source on to its next event, over as many blocks as that takes; false at its end or when stopped. */
export async function stepSource(source: TraceSource, signal: AbortSignal | undefined): Promise<boolean> {
  while (!stepNow(source)) {
    if (signal?.aborted) return false;
    const refilled = source.mayWait ? interruptible(source.refill(), signal, false) : source.refill();
    if (!(await refilled)) return false;
  }
  return true;
}

/** As `stepSource`, but false also where it must wait, as it must each millisecond: signals come in between. */
export function stepNow(source: TraceSource): boolean {
  do {
    if (source.advance()) return true;
  } while (source.refillNow());
  return false;
}

/** A read that never ends must not keep an interrupted run. */
export function interruptible<T>(
  reading: Promise<T>,
  signal: AbortSignal | undefined,
  otherwise: T,
): Promise<T> {
  if (!signal) return reading;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(otherwise);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Tells how far a run is, a few times a second. */
export class ProgressTeller {
  private toldMs = 0;

  constructor(private readonly onProgress: ((progress: Progress) => void) | undefined) {}

  tell(sources: readonly TraceSource[], gaps: number | null): void {
    if (!this.onProgress) return;
    const now = nowMs();
    if (now - this.toldMs < PROGRESS_MS) return;
    this.toldMs = now;
    const sizes = sources.map((source) => source.opened.storedSize);
    this.onProgress({
      bytes: sources.reduce((sum, source) => sum + source.opened.storedRead(), 0),
      totalBytes: sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + size!, 0),
      gaps,
    });
  }
}

export function sourceReport(source: TraceSource): SourceReport {
  const { decoder } = source;
  const { counts } = decoder;
  const { originSeconds } = decoder.timebase;
  return {
    path: source.name,
    format: decoder.traits().format,
    bytes: source.bytes,
    lines: counts.records + counts.ignored + counts.unparsed,
    records: counts.records,
    events: counts.events,
    matched: source.matched,
    ignored: counts.ignored,
    unparsed: counts.unparsed,
    outOfOrder: decoder.clock.inversions,
    origin: originSeconds === null ? null : new Date(Number(originSeconds) * 1000).toISOString(),
    first: source.firstTime,
    last: source.lastTime,
    clockOffsetNs: source.clockOffset.ns,
    clockOffsetFrom: source.clockOffset.from,
    clockPairs: source.clockOffset.pairs,
    problems: source.problems(),
  };
}

/** What is wrong with the sources themselves; with several of them each is named. */
export function sourceWarnings(sources: readonly TraceSource[]): string[] {
  const warnings = new Set<string>();
  for (const source of sources) {
    const at = sources.length > 1 ? `${source.name}: ` : '';
    for (const note of source.decoder.notes()) warnings.add(`${at}${note}`);
    if (source.cutLines > 0) warnings.add(`${at}${source.cutLines} lines longer than 1 MiB were cut`);
    const lost = source.opened.historyLost();
    if (lost) warnings.add(`${at}${lost}`);
  }
  return [...warnings];
}
