/** Runs an investigation over a trace: opens it, finds the gap between two event numbers, reads the stretch again. */
import { Readable } from 'node:stream';
import { visitStretch } from '../../src/formats/stretch.js';
import { TraceSource } from '../../src/formats/trace-source.js';
import type { GapInput } from '../../src/input/source.js';
import { DIR_ENTER, DIR_NONE, type EventRecord, type EventView, toRecord } from '../../src/model/event.js';
import type { TraceTraits } from '../../src/model/trace.js';
import { type Investigated, Investigation, type Question } from '../../src/why/investigation.js';

export interface GapAsked {
  readonly startNum: number;
  /** Null: to the end of the trace. */
  readonly endNum: number | null;
  /** Median interval of the sequence; null for none. */
  readonly typicalNs?: number | null;
  /** Direction of the start and end events, for formats whose lines hold two. */
  readonly dir?: '>' | '<';
}

async function openSource(input: GapInput): Promise<TraceSource> {
  const source = await TraceSource.open(input, 0, {
    blockSize: 1 << 18,
    many: false,
    format: undefined,
    layout: undefined,
  });
  source.decoder.track({ fd: false, latency: false, process: false, threadNames: false, args: false });
  return source;
}

export function text(lines: string): Readable {
  return Readable.from([Buffer.from(lines)], { objectMode: false });
}

/** All events of a source, once. */
async function scan(source: TraceSource, see: (e: EventView) => void): Promise<void> {
  do {
    while (source.advance()) see(source.event);
  } while (await source.refill());
}

export async function investigate(
  input: GapInput,
  asked: GapAsked,
): Promise<Investigated & { question: Question }> {
  const source = await openSource(input);
  let start: EventRecord | null = null;
  let end: EventRecord | null = null;
  let firstNs = Number.NaN;
  let lastNs = Number.NaN;
  await scan(source, (e) => {
    if (Number.isNaN(e.timeNs)) return;
    if (Number.isNaN(firstNs)) firstNs = e.timeNs;
    lastNs = Math.max(e.timeNs, Number.isNaN(lastNs) ? e.timeNs : lastNs);
    const fits =
      asked.dir === undefined || e.dir === DIR_NONE || (asked.dir === '>') === (e.dir === DIR_ENTER);
    if (!fits) return;
    if (e.num === asked.startNum && start === null) start = toRecord(e, source.decoder.timeText(e));
    if (e.num === asked.endNum && end === null) end = toRecord(e, source.decoder.timeText(e));
  });
  const from = start as EventRecord | null;
  const to = end as EventRecord | null;
  if (!from || (asked.endNum !== null && !to))
    throw new Error(`no events ${asked.startNum} and ${asked.endNum}`);
  const question: Question = {
    startNs: from.offsetNs!,
    endNs: to?.offsetNs ?? lastNs,
    open: to ? null : 'end',
    subjectTid: from.tid,
    subjectProc: from.proc,
    startEvent: from,
    endEvent: to,
    typicalNs: asked.typicalNs ?? null,
    traceStartNs: firstNs,
  };
  const traits: TraceTraits = source.decoder.traits();
  const investigation = new Investigation(question, traits);
  await visitStretch([source], 2 * question.startNs - question.endNs, question.endNs, (e, t) => {
    investigation.see(e, t);
  });
  await source.close();
  return { ...investigation.finish(), question };
}
