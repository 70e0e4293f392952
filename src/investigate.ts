/**
 * Wires the investigation to the sources: which gaps are worth one, which stretches of which sources they need,
 * each stretch decoded once however many gaps ask for it.
 */

import { visitStretch } from './formats/stretch.js';
import type { TraceSource } from './formats/trace-source.js';
import type { FoundGap } from './gaps/found-gap.js';
import { Longest } from './gaps/longest.js';
import type { LearnedRhythm } from './gaps/rhythm.js';
import type { Finding } from './model/findings.js';
import type { Gap } from './model/gap.js';
import { LATE_NS } from './model/time.js';
import { type Investigated, Investigation } from './why/investigation.js';

/** Letters per CPU: reports scale them down to the width they have. */
const STRIP_WIDTH = 128;

/** The stretch before a gap that it is compared with is no longer than this. */
const BASELINE_BYTES = 4 << 20;

/** A gap with the records that its question names. */
export interface OpenCase {
  readonly found: FoundGap;
  readonly gap: Gap;
  readonly rhythm: LearnedRhythm | null;
}

interface Running {
  readonly open: OpenCase;
  readonly fromNs: number;
  readonly begin: () => Investigation;
  readonly sources: readonly TraceSource[];
  answer: Investigated | null;
}

/** Gaps that are investigated together keep figures of so many threads, about 100 MB; more of them, and they are few. */
const MOST_WEIGHT = 1 << 17;
const FEW = 4;
/** Weighed after so many events. */
const WEIGHED_EVERY = 1 << 12;

/** Overlapping gaps are investigated up to so many bytes of trace in all, or as many as it had so far. */
const LEAST_BYTES = 512 << 20;
/** Also a short one counts as so many: figures of thousands of threads may be made for it. */
const LEAST_WORK = 1 << 20;
/** Where each thread is a sequence, figures are made of each: that takes as long as so many bytes. */
const SEQUENCE_WORK = 1 << 10;

/** Byte offset of a gap's end in its source, or as far as the gap is known. */
function placeOf({ start, end }: FoundGap): number {
  return (end ?? start)?.offset ?? 0;
}

/** The `most` longest gaps so far are worth an investigation; null for all. */
export class Worth {
  /** Gaps that were among the longest, and were left out since the others had cost too much. */
  leftOut = 0;
  private readonly longest: Longest | null;
  private workBytes = 0;

  constructor(private readonly most: number | null) {
    this.longest = most === null ? null : new Longest(most);
  }

  /**
   * Whether a gap is among the longest so far and can be afforded. The answer depends on the gaps before it alone, not on
   * how they arrive.
   */
  take(found: FoundGap): boolean {
    const { longest, most } = this;
    const ns = found.endNs - found.startNs;
    const spanNs = found.endNs - found.firstNs;
    const bytes = placeOf(found);
    if (longest === null || most === null) return true;
    if (!longest.take(ns)) return false;
    if (this.workBytes > Math.max(LEAST_BYTES, bytes, most * LEAST_WORK)) {
      this.leftOut++;
      return false;
    }
    // A clock that stepped back makes the span shorter than the gap.
    this.workBytes += Math.max(LEAST_WORK, spanNs > ns ? (ns / spanNs) * bytes : bytes);
    // So many sequences there are at least.
    this.workBytes += found.sequence * SEQUENCE_WORK;
    return true;
  }
}

/** Investigates gaps of one run, in any order; the answers stand in the order asked. */
export async function investigate(
  sources: readonly TraceSource[],
  cases: readonly OpenCase[],
): Promise<Investigated[]> {
  const running = cases.map((open) => prepare(sources, open));
  const waiting = [...running].sort((a, b) => a.fromNs - b.fromNs);
  for (let i = 0; i < waiting.length; ) {
    const group = [waiting[i]!];
    let endNs = waiting[i]!.open.found.endNs;
    for (i++; i < waiting.length && waiting[i]!.fromNs <= endNs && sameStretch(waiting[i]!, group[0]!); i++) {
      group.push(waiting[i]!);
      endNs = Math.max(endNs, waiting[i]!.open.found.endNs);
    }
    await decodeGroup(group, endNs);
  }
  return running.map(({ answer }) => answer!);
}

/** Nothing is concluded from a stretch that is not whole. */
function unproved(why: string): Finding {
  return {
    cause: 'unknown',
    call: null,
    class: null,
    summary: why,
    evidence: [],
    next: [],
    contributing: [],
  };
}

/** The stretch of a group, decoded once; where that takes too much memory, once for each few of them. */
async function decodeGroup(group: readonly Running[], endNs: number): Promise<void> {
  if (await decodeOnce(group, endNs)) return;
  for (let i = 0; i < group.length; i += FEW) {
    const few = group.slice(i, i + FEW);
    await decodeOnce(few, Math.max(...few.map(({ open }) => open.found.endNs)));
  }
}

/** Gives each of the group its answer; false, and no answer, where they grow too heavy. */
async function decodeOnce(group: readonly Running[], endNs: number): Promise<boolean> {
  const [first] = group;
  const asking = group.map(({ fromNs, open, begin }) => ({
    fromNs,
    toNs: open.found.endNs,
    investigation: begin(),
  }));
  let seen = 0;
  let isTooHeavy = false;
  /** Counts events that come; whether all of them are too heavy now. */
  const weigh = (events: number): boolean => {
    seen += events;
    if (seen < WEIGHED_EVERY || group.length <= FEW) return false;
    seen = 0;
    isTooHeavy = asking.reduce((sum, { investigation }) => sum + investigation.weight, 0) > MOST_WEIGHT;
    return isTooHeavy;
  };
  const stretch = visitStretch(
    first!.sources,
    first!.fromNs,
    endNs,
    (e, timeNs, _record, _fields, printedNs) => {
      if (weigh(1)) return false;
      for (const { fromNs, toNs, investigation } of asking) {
        // What is printed far behind its end is none of it, however long the stretch that it shares.
        if (timeNs >= fromNs && timeNs <= toNs && printedNs <= toNs + LATE_NS) investigation.see(e, timeNs);
      }
      return;
    },
    first!.open.found.epochs,
    (rows) => {
      if (weigh(rows.count)) return false;
      for (const { fromNs, toNs, investigation } of asking) investigation.seeRows(rows, fromNs, toNs);
      return;
    },
  );
  try {
    const { missingBeforeNs } = await stretch;
    if (isTooHeavy) return false;
    // They share memory that others may wait for.
    for (const { investigation } of asking) investigation.rest();
    const shrunk = first!.sources.find(({ opened }) => opened.hasShrunk());
    for (const [i, { investigation }] of asking.entries()) {
      const running = group[i]!;
      const answer = investigation.finish({ stripWidth: STRIP_WIDTH });
      const missing = shrunk
        ? `not known: ${shrunk.name} shrank while it was read`
        : missingBeforeNs > running.open.found.startNs
          ? 'not known: part of this stretch of the stream is no longer held'
          : null;
      // What is not there says nothing of how it was captured.
      running.answer = missing === null ? answer : { ...answer, finding: unproved(missing), limits: [] };
    }
    return true;
  } finally {
    for (const { investigation } of asking) investigation.close();
  }
}

function prepare(sources: readonly TraceSource[], open: OpenCase): Running {
  const { found, gap, rhythm } = open;
  const event = gap.start ?? gap.end;
  const fromNs = Math.max(found.firstNs, found.startNs - baselineNs(found));
  const subject = sources[event?.source ?? 0]!;
  const question = {
    startNs: found.startNs,
    endNs: found.endNs,
    open: found.open,
    subjectTid: event?.tid ?? null,
    subjectProc: event?.proc ?? null,
    startEvent: gap.start,
    endEvent: gap.end,
    typicalNs: rhythm?.typicalNs ?? null,
    typicalSpreadNs: rhythm?.spreadNs ?? null,
    traceStartNs: fromNs,
  };
  // As the lines up to the gap's end tell, however far the scan has read ahead.
  const traits = subject.decoder.traits(found.end?.source === subject.index ? found.end.offset : undefined);
  const begin = () => new Investigation(question, traits);
  return { open, fromNs, begin, sources: ofOneHost(sources, subject), answer: null };
}

/** As long as the gap, but of no more trace than BASELINE_BYTES at the rate of the trace up to the gap. */
function baselineNs({ startNs, endNs, start, firstNs }: FoundGap): number {
  const bytesPerNs = start === null ? 0 : start.offset / (startNs - firstNs);
  return bytesPerNs > 0 ? Math.min(endNs - startNs, BASELINE_BYTES / bytesPerNs) : endNs - startNs;
}

/**
 * The sources that tell of the subject's machine: parts of one strace run, and rotated parts of one capture,
 * which follow each other. A capture that overlaps it is another machine's.
 */
function ofOneHost(sources: readonly TraceSource[], subject: TraceSource): TraceSource[] {
  const { format } = subject.decoder.traits();
  return sources.filter((source) => {
    if (source === subject) return true;
    if (source.decoder.traits().format !== format) return false;
    return format === 'strace' || follows(source, subject) || follows(subject, source);
  });
}

/** One after the other in time; at a rotation a few events are out of order. */
function follows(later: TraceSource, earlier: TraceSource): boolean {
  return later.firstNs >= earlier.latestNs - LATE_NS;
}

function sameStretch(a: Running, b: Running): boolean {
  return (
    a.open.found.epochs === b.open.found.epochs &&
    a.sources.length === b.sources.length &&
    a.sources.every((source, i) => source === b.sources[i])
  );
}
