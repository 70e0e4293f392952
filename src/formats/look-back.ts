/**
 * Going back to events that have passed: one event by its place, the first ones after a place, the last ones
 * before. A fork of the source's decoder reads the bytes again; its own clock starts anywhere, so its times
 * are shifted until the event that is known has its known time.
 */
import { blockOfBytes, blockOfLines, type LineBlock } from '../input/blocks.js';
import { isDigit } from '../model/ascii.js';
import { type EventRecord, EventView, toRecord } from '../model/event.js';
import type { ClockState } from './clock.js';
import type { Decoder, EventRef } from './format.js';
import type { TraceSource, Waypoint } from './trace-source.js';

/** Bytes read at first for each event: more while that is not enough. */
const EVENT_READ = 256;
/** A fork that reads lines which stand alone keeps something of each of their threads: after so many times comes a new one. */
const MOST_USES = 64;
/** Before an event whose neighbours depend on the lines before them. */
const FIRST_READ = 4 << 10;
/** Enough for the known event itself to be read whole, or nearly. */
const TAIL_READ = 1 << 10;
const LAST_READ = 4 << 20;
/** Lines beyond those asked for of which records are made at first: some hold no event. */
const SPARE_LINES = 4;
/** Lines that most records have at the most: of more bytes than of these no lines are made at first. */
const LINES_PER_EVENT = 2;
/** Bytes before an event that may tell what it is. */
const LEADS = [4 << 10, 64 << 10, 1 << 20];
const NEWLINE = 10;

/** An event with the place it was read at. */
interface Placed {
  readonly record: EventRecord;
  readonly offset: number;
  readonly half: number;
}

/** An event and those next to it on one side, in the order of the trace. */
export interface EventAndNear {
  readonly record: EventRecord | null;
  readonly near: readonly EventRecord[];
}

/** The record at `ref`, and up to `following` events behind it that stand before `until`. */
export function readFrom(
  source: TraceSource,
  ref: EventRef,
  following: number,
  until: EventRef | null,
): EventAndNear {
  // The first half of its line comes before the second.
  const limit = ref.half + 1 + following;
  let lines = LINES_PER_EVENT * limit + 1;
  for (let size = firstRead(following + 2); ; ) {
    const { offset, bytes } = source.opened.history.read(ref.offset, ref.offset + size);
    if (offset !== ref.offset) return { record: bareRecord(source, ref, ''), near: [] };
    const atEnd = bytes.length < size;
    const final = atEnd || size >= LAST_READ;
    const block = source.opened.binary
      ? blockOfBytes(bytes, 0, bytes.length, offset, ref.line, final)
      : blockOfLines(bytes, offset, ref.line, final, lines);
    const { events, isPast } = decode(source, block, ref, limit, until);
    const first = events.findIndex((e) => isAt(e, ref));
    const after = first < 0 ? [] : events.slice(first + 1, first + 1 + following);
    const enough = first >= 0 && (after.length === following || isPast);
    if (!enough && block.count >= lines) {
      lines = Number.POSITIVE_INFINITY;
      continue;
    }
    if (!enough && !atEnd && size < LAST_READ) {
      lines = Number.POSITIVE_INFINITY;
      size = more(size);
      continue;
    }
    if (first < 0) return { record: source.opened.binary ? null : readWithLead(source, ref), near: [] };
    return { record: events[first]!.record, near: after.map((e) => e.record) };
  }
}

/** Bytes that so many events may need. */
function firstRead(events: number): number {
  return Math.min(events * EVENT_READ, LAST_READ);
}

function more(size: number): number {
  return Math.min(size * 4, LAST_READ);
}

/** An event that its own line does not tell (the rest of a broken one): decoded with ever more lines before it. */
function readWithLead(source: TraceSource, ref: EventRef): EventRecord {
  for (const lead of LEADS) {
    const from = Math.max(0, ref.offset - lead);
    const { offset, bytes } = source.opened.history.read(from, ref.offset + TAIL_READ);
    const skipped = offset === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const { events } = decodeUpTo(source, bytes.subarray(skipped), offset + skipped, ref);
    const found = events.find((e) => isAt(e, ref));
    if (found) return found.record;
  }
  return rawRecord(source, ref);
}

/** The line alone, where what it meant depends on more than is read again. */
function rawRecord(source: TraceSource, ref: EventRef): EventRecord {
  const { bytes } = source.opened.history.read(ref.offset, ref.offset + TAIL_READ);
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
 * Up to `most` events before `ref` that stand behind `since`, oldest first, no fewer than `count` if there are so many;
 * and the record at `ref` itself, if it was met on the way.
 */
export function readBefore(
  source: TraceSource,
  ref: EventRef,
  count: number,
  since: EventRef | null,
  most = count,
): EventAndNear {
  if (count === 0) return { record: null, near: [] };
  if (source.opened.binary) return { record: null, near: readPacketsBefore(source, ref, count, since) };
  const { skippable } = source.decoder;
  const floor = since && since.source === ref.source ? since.offset : 0;
  const isAsked = (e: Place): boolean =>
    isBefore(e, ref) && (!since || since.source !== ref.source || isBefore(since, e));
  if (!skippable) {
    const alone = readAloneBefore(source, ref, count, floor, isAsked);
    if (alone) return { record: alone.record, near: alone.near.slice(-most) };
  }
  for (let size = skippable ? firstRead(count + 1) : FIRST_READ; ; size = more(size)) {
    const from = Math.max(floor, ref.offset - size);
    const { offset, bytes } = source.opened.history.read(from, ref.offset + TAIL_READ);
    const first = offset === floor ? 0 : bytes.indexOf(NEWLINE) + 1;
    const near = linesBefore(bytes, ref.offset - offset, skippable ? count : count + SPARE_LINES, first);
    // Lines before those tell nothing of them where each stands for itself and begins like a record.
    const start = skippable && near.areRecords ? near.start : first;
    let decoded = decodeUpTo(source, bytes.subarray(start), offset + start, ref, offset + near.start);
    let found = decoded.events.filter(isAsked);
    if (found.length < count && near.start > first) {
      decoded = decodeUpTo(source, bytes.subarray(first), offset + first, ref);
      found = decoded.events.filter(isAsked);
    }
    if (found.length < count && offset > floor && from === offset && size < LAST_READ) continue;
    return { record: recordAt(source, ref, decoded), near: found.slice(-count).map((e) => e.record) };
  }
}

/**
 * The events behind `floor` on the `count` lines before `ref`, and its own record, where lines may depend on others
 * but none of these does; null where one does, or they hold too few events.
 */
function readAloneBefore(
  source: TraceSource,
  ref: EventRef,
  count: number,
  floor: number,
  isAsked: (e: Place) => boolean,
): EventAndNear | null {
  for (let size = firstRead(count + 1); ; size = more(size)) {
    const from = Math.max(floor, ref.offset - size);
    const { offset, bytes } = source.opened.history.read(from, ref.offset + TAIL_READ);
    if (offset !== from) return null;
    const at = ref.offset - offset;
    const first = offset === floor ? 0 : bytes.indexOf(NEWLINE) + 1;
    const { start, lines } = linesBefore(bytes, at, count, first);
    const isFloor = offset + start === floor;
    if (lines < count && !isFloor) {
      if (size >= LAST_READ) return null;
      continue;
    }
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0 && bytes.length === ref.offset + TAIL_READ - offset) return null;
    const end = newline < 0 ? bytes.length : newline + 1;
    const block = blockOfLines(bytes.subarray(start, end), offset + start, ref.line - lines, true);
    const behind = { offset: ref.offset, half: ref.half + 1 };
    const events = decodeAlone(source, block, ref, Number.POSITIVE_INFINITY, behind)?.events;
    const own = events?.at(-1);
    if (!events || !own || !isAt(own, ref)) return null;
    const near = events.filter(isAsked).map((e) => e.record);
    return near.length < count && !isFloor ? null : { record: own.record, near };
  }
}

/** Where the `count` lines before `at` begin, or as many as begin at `first` or behind it. */
function linesBefore(
  bytes: Buffer,
  at: number,
  count: number,
  first: number,
): { start: number; lines: number; areRecords: boolean } {
  let start = Math.max(at, first);
  let lines = 0;
  let areRecords = true;
  for (; lines < count && start > first; lines++) {
    // Behind the newline before the one that ends the line.
    start = start < 2 ? first : Math.max(first, bytes.lastIndexOf(NEWLINE, start - 2) + 1);
    areRecords &&= isDigit(bytes[start]!);
  }
  return { start, lines, areRecords };
}

/** The record at `ref`, where no line before it has a part in it, and one behind it shows that it is whole. */
function recordAt(source: TraceSource, ref: EventRef, { events, isPast }: Decoded): EventRecord | null {
  if (!source.decoder.skippable || !isPast) return null;
  return events.find((e) => isAt(e, ref))?.record ?? null;
}

/** Decodes bytes that begin a line at `offset`, up to the line of `ref` and with it. */
function decodeUpTo(
  source: TraceSource,
  bytes: Buffer,
  offset: number,
  ref: EventRef,
  fromOffset = offset,
): Decoded {
  const at = ref.offset - offset;
  let before = 0;
  for (let p = bytes.indexOf(NEWLINE); p >= 0 && p < at; p = bytes.indexOf(NEWLINE, p + 1)) before++;
  const behind = { offset: ref.offset + 1, half: 0 };
  const limit = Number.POSITIVE_INFINITY;
  const upTo = (lines: number): Decoded => {
    const block = blockOfLines(bytes, offset, ref.line - before, true, lines);
    return source.decoder.skippable
      ? decode(source, block, ref, limit, behind, fromOffset)
      : walk(source, newAgain(source), block, ref, limit, behind, fromOffset);
  };
  const decoded = upTo(before + LINES_PER_EVENT + 2);
  // Without it, which may need more lines, the times of the others would not be known.
  return decoded.events.some((e) => isAt(e, ref)) ? decoded : upTo(Number.POSITIVE_INFINITY);
}

/** Packets can be walked forwards only: from the waypoint before, and from ever earlier ones. */
function readPacketsBefore(
  source: TraceSource,
  ref: EventRef,
  count: number,
  since: EventRef | null,
): EventRecord[] {
  const floor = since && since.source === ref.source ? since.offset : -1;
  const nearest = source.waypoints.findLastIndex(({ offset }) => offset < ref.offset);
  let places: EventRef[] = [];
  for (let back = 0; ; back = back * 2 + 1) {
    const from = source.waypoints[Math.max(0, nearest - back)];
    if (!from) break;
    const { offset, bytes } = source.opened.history.read(from.offset, ref.offset);
    if (offset !== from.offset) break;
    places = placesIn(source, bytes, from, count, floor);
    const isFirst = back >= nearest || from.offset <= floor;
    if (places.length === count || isFirst || ref.offset - from.offset > LAST_READ) break;
  }
  const records: EventRecord[] = [];
  for (const place of places) {
    const { record } = readFrom(source, place, 0, null);
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

function isAt(a: Place, b: Place): boolean {
  return a.offset === b.offset && a.half === b.half;
}

interface Decoded {
  readonly events: readonly Placed[];
  /** The event behind them was met. */
  readonly isPast: boolean;
}

/**
 * Decodes lines up to `limit` events, or up to `behind`. No records are made of events that stand before `fromOffset`;
 * that of the anchor has the time that the scan saw.
 */
function decode(
  source: TraceSource,
  block: LineBlock,
  anchor: EventRef,
  limit: number,
  behind: Place | null,
  fromOffset = 0,
): Decoded {
  return (
    decodeAlone(source, block, anchor, limit, behind, fromOffset) ??
    walk(source, newAgain(source), block, anchor, limit, behind, fromOffset)
  );
}

/** As `decode`, by a fork that has read other lines before; null where that might show. */
function decodeAlone(
  source: TraceSource,
  block: LineBlock,
  anchor: EventRef,
  limit: number,
  behind: Place | null,
  fromOffset = 0,
): Decoded | null {
  const { skippable, standsAlone, clock } = source.decoder;
  // Past midnight a line's day depends on those before it.
  if (!skippable && (standsAlone === undefined || clock.dayNs !== 0)) return null;
  let again = kept.get(source);
  if (!again) kept.set(source, (again = newAgain(source)));
  const decoded = walk(source, again, block, anchor, limit, behind, fromOffset);
  if (skippable) return decoded;
  const { decoder } = again;
  if (++again.uses >= MOST_USES || decoder.clock.dayNs !== 0) kept.delete(source);
  return decoder.standsAlone ? decoded : null;
}

/** See `decode`; `shiftNs` is added to the fork's times. */
function walk(
  source: TraceSource,
  again: Again,
  block: LineBlock,
  anchor: EventRef,
  limit: number,
  behind: Place | null,
  fromOffset: number,
  shiftNs = 0,
): Decoded {
  const { decoder, e, start } = again;
  decoder.clock.resume(start);
  decoder.open(block);
  const events: Placed[] = [];
  const anchorNs = anchor.timeNs - source.shiftNs;
  let isPast = false;
  let rightShiftNs = shiftNs;
  let numShift = 0;
  while (events.length < limit && decoder.next(e)) {
    // A late event stands in front of the one that is behind it in time.
    isPast = behind !== null && isBefore(anchor, e) && !isBefore(e, behind);
    if (isPast) break;
    if (e.offset < fromOffset) continue;
    const { timeNs, offset, half } = e;
    e.timeNs = timeNs + shiftNs;
    decoder.spell(e);
    const time = decoder.timeText(e);
    if (isAt(e, anchor)) {
      rightShiftNs = anchorNs - timeNs;
      numShift = anchor.num - e.num;
      e.timeNs = anchorNs;
    }
    events.push({ record: toRecord(e, time), offset, half });
    // The decoder goes on from its own time.
    e.timeNs = timeNs;
  }
  if (shiftNs === 0 && rightShiftNs !== 0 && !Number.isNaN(rightShiftNs))
    return walk(source, again, block, anchor, limit, behind, fromOffset, rightShiftNs);
  return { events: numShift === 0 ? events : events.map((placed) => renumbered(placed, numShift)), isPast };
}

/** What reads a source's lines again, and the state that its clock began with. */
interface Again {
  readonly decoder: Decoder;
  readonly e: EventView;
  readonly start: ClockState;
  /** Stretches read. */
  uses: number;
}

/** Forks that are used again and again: made anew for each stretch, they are a fifth of the work. */
const kept = new WeakMap<TraceSource, Again>();

function newAgain(source: TraceSource): Again {
  const decoder = source.decoder.fork();
  const e = new EventView();
  e.source = source.index;
  return { decoder, e, start: decoder.clock.state(), uses: 0 };
}

/** Where records are counted, a fork that starts anywhere counts from there. */
function renumbered(placed: Placed, shift: number): Placed {
  const { record } = placed;
  return { ...placed, record: { ...record, num: record.num === null ? null : record.num + shift } };
}
