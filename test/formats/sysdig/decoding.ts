/** Decodes lines of a test through the sysdig format, and collects what the tests look at. */

import type { Decoder } from '../../../src/formats/format.js';
import { sysdig } from '../../../src/formats/sysdig/format.js';
import type { LineBlock } from '../../../src/input/blocks.js';
import { DIR_ENTER, DIR_EXIT, EventView } from '../../../src/model/event.js';
import type { FieldNeeds } from '../../../src/model/event-fields.js';

export const ALL_NEEDS: FieldNeeds = {
  fd: true,
  latency: true,
  process: true,
  threadNames: true,
  args: true,
};

export function linesBlock(bytes: Buffer): LineBlock {
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    ends.push(newline < 0 ? bytes.length : newline);
    start = ends.at(-1)! + 1;
  }
  return {
    bytes,
    start: 0,
    end: bytes.length,
    ends: Uint32Array.from(ends),
    count: ends.length,
    offset: 0,
    line: 1,
    final: true,
    space: null,
    picks: null,
    part: null,
  };
}

export function openDecoder(bytes: Buffer, layout?: string): Decoder {
  const verdict = sysdig.detect({ bytes, complete: true, path: undefined }, { forced: true, layout });
  if (verdict.kind !== 'mine')
    throw new Error(`${verdict.kind}: ${'reason' in verdict ? verdict.reason : ''}`);
  const decoder = verdict.open();
  decoder.track(ALL_NEEDS);
  decoder.open(linesBlock(bytes));
  return decoder;
}

/** Calls `look` for each event of the text. */
export function decodeEach<T>(
  text: string | Buffer,
  layout: string | undefined,
  look: (decoder: Decoder, e: EventView) => T,
): { decoder: Decoder; seen: T[] } {
  const decoder = openDecoder(Buffer.from(text), layout);
  const e = new EventView();
  const seen: T[] = [];
  while (decoder.next(e)) seen.push(look(decoder, e));
  return { decoder, seen };
}

/** The view's own columns in one line, as the default layout would show them. */
export function shown(e: EventView): string {
  const dir = e.dir === DIR_ENTER ? '>' : e.dir === DIR_EXIT ? '<' : '-';
  return `${e.num} ${e.timeNs} ${e.cpu} ${e.proc() ?? '<NA>'} (${e.tid}) ${dir} ${e.type()} ${e.args()}`.trimEnd();
}
