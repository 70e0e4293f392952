/** Decoding text in tests: whole, or in blocks cut at given lines. */
import type { Decoder } from '../../../src/formats/format.js';
import { strace } from '../../../src/formats/strace/format.js';
import { blockOfLines } from '../../../src/input/blocks.js';
import { EventView, toRecord } from '../../../src/model/event.js';
import type { Fd } from '../../../src/model/event-fields.js';

export interface Seen {
  readonly num: number | null;
  readonly time: string | null;
  readonly ns: number | null;
  readonly tid: number | null;
  readonly proc: string | null;
  readonly dir: '>' | '<' | null;
  readonly type: string;
  readonly args: string;
  readonly raw: string;
  readonly half: number;
  readonly durationNs: number | null;
  readonly latencyNs: number | undefined;
  readonly fd: Fd | undefined;
}

export function openDecoder(text: string | Buffer, path?: string): Decoder {
  const bytes = Buffer.from(text);
  const verdict = strace.detect({ bytes, complete: true, path }, { forced: false, layout: undefined });
  if (verdict.kind !== 'mine') throw new Error(`${verdict.kind}: ${JSON.stringify(verdict)}`);
  return verdict.open();
}

/** All events of the text, in blocks of `linesPerBlock` lines. */
export function readAll(
  decoder: Decoder,
  text: string | Buffer,
  linesPerBlock = Number.POSITIVE_INFINITY,
): Seen[] {
  const bytes = Buffer.from(text);
  const seen: Seen[] = [];
  const e = new EventView();
  let start = 0;
  let line = 1;
  let lines = linesPerBlock;
  while (start < bytes.length) {
    let end = start;
    for (let i = 0; i < lines && end < bytes.length; i++) {
      const newline = bytes.indexOf(10, end);
      end = newline < 0 ? bytes.length : newline + 1;
    }
    decoder.open(blockOfLines(bytes.subarray(start, end), start, line, end === bytes.length));
    while (decoder.next(e)) seen.push(look(decoder, e));
    const used = decoder.consumed;
    line += bytes.subarray(start, start + used).filter((c) => c === 10).length;
    // A line that needs the next one comes again, with more behind it.
    lines = used === 0 ? lines + 1 : linesPerBlock;
    start = Math.min(start + used, bytes.length);
    if (end === bytes.length) break;
  }
  return seen;
}

function look(decoder: Decoder, e: EventView): Seen {
  const record = toRecord(e, decoder.timeText(e));
  return {
    num: record.num,
    time: record.time,
    ns: record.offsetNs,
    tid: record.tid,
    proc: record.proc,
    dir: record.dir,
    type: record.type,
    args: record.args,
    raw: record.raw,
    half: e.half,
    durationNs: Number.isNaN(e.durationNs) ? null : e.durationNs,
    latencyNs: decoder.latencyNs(e),
    fd: decoder.fd(e),
  };
}

export function decode(text: string | Buffer, path?: string): { decoder: Decoder; events: Seen[] } {
  const decoder = openDecoder(text, path);
  return { decoder, events: readAll(decoder, text) };
}

/** Calls `look` at every event, while the decoder still stands at it. */
export function eachEvent(text: string, look: (e: EventView, decoder: Decoder) => void): void {
  const decoder = openDecoder(text);
  const e = new EventView();
  decoder.open(blockOfLines(Buffer.from(text), 0, 1, true));
  while (decoder.next(e)) look(e, decoder);
}

/** `num dir type args` of each event: short enough to read in a test. */
export function brief(events: readonly Seen[]): string[] {
  return events.map((e) => `${e.num} ${e.tid ?? '-'} ${e.dir} ${e.type} ${e.args}`);
}
