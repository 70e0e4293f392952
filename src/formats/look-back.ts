/**
 * Going back to events that have passed: one event by its place, the first ones after a place, the last ones
 * before. A fork of the source's decoder reads the bytes again; its own clock starts anywhere, so its times
 * are shifted until the event that is known has its known time.
 */
import { blockOfBytes, blockOfLines, type LineBlock } from '../input/blocks.js';
import { type EventRecord, EventView, toRecord } from '../model/event.js';
import type { EventRef } from './format.js';
import type { TraceSource, Waypoint } from './trace-source.js';

/** Bytes read at first, for an event alone and with its neighbours: more while that is not enough. */
const EVENT_READ = 1 << 10;
const FIRST_READ = 4 << 10;
/** Enough for the known event itself to be read whole, or nearly. */
const TAIL_READ = 1 << 10;
const LAST_READ = 4 << 20;
/** Lines beyond those asked for of which records are made at first: some hold no event. */
const SPARE_LINES = 4;
/** Bytes before an event that may tell what it is. */
const LEADS = [4 << 10, 64 << 10, 1 << 20];
const NEWLINE = 10;

/** An event with the place it was read at. */
interface Placed {
  readonly record: EventRecord;
  readonly offset: number;
  readonly half: number;
}

/** The record at `ref`, and up to `following` events behind it that stand before `until`. */
export async function readFrom(
  source: TraceSource,
  ref: EventRef,
  following: number,
  until: EventRef | null,
): Promise<{ record: EventRecord | null; after: EventRecord[] }> {
  // The first half of its line comes before the second.
  const limit = ref.half + 1 + following;
  for (let size = following === 0 ? EVENT_READ : FIRST_READ; ; size *= 4) {
    const { offset, bytes } = await source.opened.history.read(ref.offset, ref.offset + size);
    if (offset !== ref.offset) return { record: bareRecord(source, ref, ''), after: [] };
    const atEnd = bytes.length < size;
    const final = atEnd || size >= LAST_READ;
    const block = source.opened.binary
      ? blockOfBytes(bytes, 0, bytes.length, offset, ref.line, final)
      : blockOfLines(bytes, offset, ref.line, final);
    const events = decode(source, block, ref, limit);
    const first = events.findIndex((e) => e.offset === ref.offset && e.half === ref.half);
    const after = first < 0 ? [] : events.slice(first + 1).filter((e) => !until || isBefore(e, until));
    const enough = first >= 0 && (after.length >= following || events.length > first + 1 + after.length);
    if (!enough && !atEnd && size < LAST_READ) continue;
    if (first < 0)
      return { record: source.opened.binary ? null : await readWithLead(source, ref), after: [] };
    return {
      record: withPlace(events[first]!.record, ref, source),
      after: after.slice(0, following).map((e) => e.record),
    };
  }
}

/** An event that its own line does not tell (the rest of a broken one): decoded with ever more lines before it. */
async function readWithLead(source: TraceSource, ref: EventRef): Promise<EventRecord> {
  for (const lead of LEADS) {
    const from = Math.max(0, ref.offset - lead);
    const { offset, bytes } = await source.opened.history.read(from, ref.offset + TAIL_READ);
    const skipped = offset === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const whole = bytes.subarray(skipped);
    const { block } = linesAround(whole, offset + skipped, ref);
    const events = decode(source, block, ref, Number.POSITIVE_INFINITY);
    const found = events.find((e) => e.offset === ref.offset && e.half === ref.half);
    if (found) return withPlace(found.record, ref, source);
  }
  return rawRecord(source, ref);
}

/** The line alone, where what it meant depends on more than is read again. */
async function rawRecord(source: TraceSource, ref: EventRef): Promise<EventRecord> {
  const { bytes } = await source.opened.history.read(ref.offset, ref.offset + TAIL_READ);
  const end = bytes.indexOf(NEWLINE);
  return bareRecord(source, ref, bytes.toString('utf8', 0, end < 0 ? bytes.length : end));
}

/** What the scan noted of an event whose line says no more, or is no longer held. */
function bareRecord(source: TraceSource, { source: index, num, timeNs }: EventRef, raw: string): EventRecord {
  return {
    source: index,
    num,
    time: null,
    offsetNs: timeNs - source.shiftNs,
    cpu: null,
    proc: null,
    tid: null,
    dir: null,
    type: '',
    args: '',
    raw,
  };
}

/**
 * Up to `count` events before `ref` that stand behind `since`, oldest first; and the record at `ref` itself, if it was
 * met on the way.
 */
export async function readBefore(
  source: TraceSource,
  ref: EventRef,
  count: number,
  since: EventRef | null,
): Promise<{ before: EventRecord[]; record: EventRecord | null }> {
  if (count === 0) return { before: [], record: null };
  if (source.opened.binary)
    return { before: await readPacketsBefore(source, ref, count, since), record: null };
  const floor = since && since.source === ref.source ? since.offset : 0;
  for (let size = FIRST_READ; ; size *= 4) {
    const from = Math.max(floor, ref.offset - size);
    const { offset, bytes } = await source.opened.history.read(from, ref.offset + TAIL_READ);
    const skipped = offset === floor ? 0 : bytes.indexOf(NEWLINE) + 1;
    const whole = bytes.subarray(skipped);
    const { block, before } = linesAround(whole, offset + skipped, ref);
    const isAsked = (e: Place): boolean =>
      isBefore(e, ref) && (!since || since.source !== ref.source || isBefore(since, e));
    const near = before - count - SPARE_LINES;
    const nearOffset = near > 0 ? block.offset + block.ends[near - 1]! + 1 : 0;
    let events = decode(source, block, ref, Number.POSITIVE_INFINITY, nearOffset);
    let found = events.filter(isAsked);
    if (found.length < count && near > 0) {
      events = decode(source, block, ref, Number.POSITIVE_INFINITY);
      found = events.filter(isAsked);
    }
    if (found.length < count && offset > floor && from === offset && size < LAST_READ) continue;
    return { before: found.slice(-count).map((e) => e.record), record: recordAt(source, ref, events) };
  }
}

/** The record at `ref`, where no line before it has a part in it, and the one behind it shows that it is whole. */
function recordAt(source: TraceSource, ref: EventRef, events: readonly Placed[]): EventRecord | null {
  if (!source.decoder.skippable || !((events.at(-1)?.offset ?? -1) > ref.offset)) return null;
  const own = events.find((e) => e.offset === ref.offset && e.half === ref.half);
  return own === undefined ? null : withPlace(own.record, ref, source);
}

/** The bytes, which begin a line at `offset`, as a block; `before` of its lines end before the one of `ref`. */
function linesAround(bytes: Buffer, offset: number, ref: EventRef): { block: LineBlock; before: number } {
  const block = blockOfLines(bytes, offset, ref.line, true);
  const { ends, count } = block;
  const at = ref.offset - offset;
  let before = 0;
  while (before < count && ends[before]! < at) before++;
  return { block: { ...block, line: ref.line - before }, before };
}

/** Packets can be walked forwards only: from the waypoint before, and from ever earlier ones. */
async function readPacketsBefore(
  source: TraceSource,
  ref: EventRef,
  count: number,
  since: EventRef | null,
): Promise<EventRecord[]> {
  const floor = since && since.source === ref.source ? since.offset : -1;
  const nearest = source.waypoints.findLastIndex(({ offset }) => offset < ref.offset);
  let places: EventRef[] = [];
  for (let back = 0; ; back = back * 2 + 1) {
    const from = source.waypoints[Math.max(0, nearest - back)];
    if (!from) break;
    const { offset, bytes } = await source.opened.history.read(from.offset, ref.offset);
    if (offset !== from.offset) break;
    places = placesIn(source, bytes, from, count, floor);
    const isFirst = back >= nearest || from.offset <= floor;
    if (places.length === count || isFirst || ref.offset - from.offset > LAST_READ) break;
  }
  const records: EventRecord[] = [];
  for (const place of places) {
    const { record } = await readFrom(source, place, 0, null);
    if (record) records.push(record);
  }
  return records;
}

/** The last `count` packets in the bytes that stand behind `floor`. */
function placesIn(
  source: TraceSource,
  bytes: Buffer,
  from: Waypoint,
  count: number,
  floor: number,
): EventRef[] {
  const decoder = source.decoder.fork();
  const e = new EventView();
  decoder.open(blockOfBytes(bytes, 0, bytes.length, from.offset, from.line, true));
  const places: EventRef[] = [];
  while (decoder.next(e)) {
    if (e.offset <= floor) continue;
    if (places.length === count) places.shift();
    const { offset, line, num, half } = e;
    places.push({ source: source.index, offset, line, num, timeNs: e.timeNs + source.shiftNs, half });
  }
  return places;
}

interface Place {
  readonly offset: number;
  readonly half: number;
}

function isBefore(a: Place, b: Place): boolean {
  return a.offset < b.offset || (a.offset === b.offset && a.half < b.half);
}

/**
 * Decodes lines up to `limit` events (and up to the one behind the anchor), `shiftNs` added to the fork's times. No
 * records are made of those that stand before `fromOffset`.
 */
function decode(
  source: TraceSource,
  block: LineBlock,
  anchor: EventRef,
  limit: number,
  fromOffset = 0,
  shiftNs = 0,
): Placed[] {
  const decoder = source.decoder.fork();
  const e = new EventView();
  e.source = source.index;
  decoder.open(block);
  const events: Placed[] = [];
  let rightShiftNs = shiftNs;
  let numShift = 0;
  while (events.length < limit && decoder.next(e)) {
    if (e.offset < fromOffset) continue;
    const { timeNs } = e;
    if (e.offset === anchor.offset && e.half === anchor.half) {
      rightShiftNs = anchor.timeNs - source.shiftNs - timeNs;
      numShift = anchor.num - e.num;
    }
    e.timeNs = timeNs + shiftNs;
    decoder.spell(e);
    events.push({
      record: toRecord(e, decoder.timeText(e)),
      offset: e.offset,
      half: e.half,
    });
    // The decoder goes on from its own time.
    e.timeNs = timeNs;
    if (e.offset > anchor.offset && limit === Number.POSITIVE_INFINITY) break;
  }
  if (shiftNs !== 0 || rightShiftNs === 0 || Number.isNaN(rightShiftNs)) {
    return numShift === 0 ? events : events.map((placed) => renumbered(placed, numShift));
  }
  return decode(source, block, anchor, limit, fromOffset, rightShiftNs);
}

/** Where records are counted, a fork that starts anywhere counts from there. */
function renumbered(placed: Placed, shift: number): Placed {
  const { record } = placed;
  return { ...placed, record: { ...record, num: record.num === null ? null : record.num + shift } };
}

/** The record as the scan saw it: its time on the axis, its number. */
function withPlace(record: EventRecord, ref: EventRef, source: TraceSource): EventRecord {
  return { ...record, num: ref.num, offsetNs: ref.timeNs - source.shiftNs };
}
