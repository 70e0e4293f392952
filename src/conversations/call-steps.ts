/**
 * Steps from the calls of traced processes: data came when a receive ended, and began to go when a send began. A
 * send that fails, or would block, sent nothing; a receive of 0 bytes is the peer's end.
 *
 * Where a trace holds only exits, a send is known by its end alone. Where strace ran without -T, a call is taken
 * to end where the next line of its thread begins.
 */
import { ABSENT, DIR_ENTER, type EventView } from '../model/event.js';
import type { CallResult, EventFields, Fd } from '../model/event-fields.js';
import { READS, WRITES } from '../model/io-calls.js';
import { oldestKeys } from '../model/oldest.js';
import { Sockets } from './sockets.js';
import type { Connection, Moment, Step } from './step.js';

type Kind = 'receive' | 'send' | 'accept' | 'connect' | 'close';

/** Calls of files that their tables have too take no sockets. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...[...READS, 'recvmmsg_time64'].map((name): [string, Kind] => [name, 'receive']),
  ...[...WRITES, 'sendfile', 'sendfile64'].map((name): [string, Kind] => [name, 'send']),
  ['accept', 'accept'],
  ['accept4', 'accept'],
  ['connect', 'connect'],
  ['close', 'close'],
]);
/** First two bytes of these names: most events are none of them, and cost no string. */
const BEGINNINGS = new Uint8Array(1 << 16);
for (const name of KINDS.keys()) BEGINNINGS[(name.charCodeAt(0) << 8) | name.charCodeAt(1)] = 1;

/** Calls whose result strace prints as a number of messages. */
const OF_MESSAGES = /^(?:send|recv)mmsg/;
const ADDRESSED = /^(?:\{msg_name=)?\{sa_family=/;
/** Threads that are in a call at once. */
const MOST_THREADS = 1 << 16;

interface Entry {
  readonly type: string;
  /** null for receives, whose beginning tells nothing. */
  readonly at: Moment | null;
  readonly matched: boolean;
}

/** What a run tells of the event that it shows. */
export interface Shown {
  /** It passed the filter. */
  readonly matched: boolean;
  /** Its time is within --from and --to. */
  readonly inside: boolean;
  readonly at: () => Moment;
}

export class CallSteps {
  private readonly entries = new Map<number, Entry>();
  /** Receives that ended at an unknown time: what they found, until their thread's next event. */
  private readonly untimed = new Map<number, (at: Moment) => void>();
  private readonly sockets: Sockets;

  constructor(
    private readonly isStrace: boolean,
    private readonly add: (step: Step) => void,
  ) {
    this.sockets = new Sockets(isStrace);
  }

  read(e: EventView, fields: EventFields, shown: Shown): void {
    const { tid } = e;
    if (this.untimed.size > 0 && !Number.isNaN(e.timeNs)) this.placeUntimed(tid, shown);
    const { text, typeStart } = e;
    if (BEGINNINGS[(text[typeStart]! << 8) | text[typeStart + 1]!] === 0) return;
    const type = e.type();
    const kind = KINDS.get(type);
    if (kind === undefined) return;
    if (e.dir === DIR_ENTER) {
      const at = kind === 'receive' ? null : shown.at();
      keep(this.entries, tid, { type, at, matched: shown.matched });
      return;
    }
    const result = fields.result(e);
    const entry = this.entries.get(tid);
    this.entries.delete(tid);
    const own = entry?.type === type ? entry : undefined;
    const fd = fields.fd(e);
    if (fd === undefined || result === undefined) return;
    const matched = shown.matched || own?.matched === true;
    const done = { ...shown, matched: matched && shown.inside };
    if (kind === 'receive') this.receive(e, fields, fd, result, done);
    else if (kind === 'send') this.send(e, fields, fd, result, own?.at ?? null, done);
    else this.change(kind, e, fields, fd, result, own?.at ?? null, done);
  }

  /** The clock stepped: what began before has no length. */
  restart(): void {
    this.entries.clear();
    this.untimed.clear();
  }

  private receive(
    e: EventView,
    fields: EventFields,
    fd: Fd,
    { value, errno }: CallResult,
    { matched, at }: Shown,
  ): void {
    if (!matched || value === undefined) return;
    if (value < 0n && errno !== 'ECONNRESET') return;
    const type = e.type();
    const of = this.connection(e, fields, fd, type);
    if (of === undefined || this.isAddressed(e, fields, fd)) return;
    const flags = this.isStrace ? (fields.arg(e, 'flags') ?? '') : '';
    if (flags.includes('MSG_ERRQUEUE')) return;
    const isPeek = flags.includes('MSG_PEEK');
    if (value === 0n && (isPeek || fields.rawArg(e, 'size') === '0')) return;
    const bytes = isPeek ? 0 : this.bytesMoved(e, fields, type, value);
    this.atEnd(e, at, (ended) => {
      if (value > 0n) this.add({ kind: 'data', of, at: ended, began: ended, side: 1, bytes });
      else if (value === 0n) this.add({ kind: 'end', of, at: ended, side: 1, how: 'closed' });
      else this.add({ kind: 'end', of, at: ended, side: null, how: 'reset' });
    });
  }

  private send(
    e: EventView,
    fields: EventFields,
    fd: Fd,
    { value }: CallResult,
    entry: Moment | null,
    { matched, at }: Shown,
  ): void {
    if (!matched || value === undefined || value <= 0n) return;
    const type = e.type();
    const of = this.connection(e, fields, fd, type);
    if (of === undefined || this.isAddressed(e, fields, fd)) return;
    const bytes = this.bytesMoved(e, fields, type, value);
    const ended = Number.isNaN(e.timeNs) ? entry : at();
    if (ended === null) return;
    const began = entry !== null && entry.ns <= ended.ns ? entry : ended;
    this.add({ kind: 'data', of, at: ended, began, side: 0, bytes });
  }

  private change(
    kind: 'accept' | 'connect' | 'close',
    e: EventView,
    fields: EventFields,
    fd: Fd,
    { value, errno }: CallResult,
    entry: Moment | null,
    { matched, at }: Shown,
  ): void {
    const ended = Number.isNaN(e.timeNs) ? entry : at();
    if (ended === null || value === undefined) return;
    if (kind === 'close') {
      if (errno === 'EBADF') return;
      const of = this.sockets.connectionOf(e, fields, fd, false);
      this.sockets.forget(e, fields, fd);
      if (of !== undefined && matched) this.add({ kind: 'end', of, at: ended, side: null, how: 'closed' });
      return;
    }
    if (value < 0n && !(kind === 'connect' && errno === 'EINPROGRESS')) return;
    const of = this.sockets.remember(e, fields, fd, kind === 'accept' ? 'server' : 'client');
    // A connection that has no name yet begins with its first data.
    const isNameless = kind === 'connect' && fd.type !== undefined && !fd.name?.includes('->');
    if (of === undefined || !matched || isNameless) return;
    const handshakeNs =
      kind === 'connect' && value === 0n && entry !== null && ended !== entry
        ? Math.max(0, ended.ns - entry.ns)
        : null;
    this.add({ kind: 'open', of, at: ended, handshakeNs });
  }

  private connection(e: EventView, fields: EventFields, fd: Fd, type: string): Connection | undefined {
    return this.sockets.connectionOf(e, fields, fd, /^(?:recv|send(?!file))/.test(type));
  }

  /** A message with an address of its own: what strace doesn't name is a datagram or raw socket then. */
  private isAddressed(e: EventView, fields: EventFields, fd: Fd): boolean {
    if (!this.isStrace || fd.type !== undefined) return false;
    return ADDRESSED.test(fields.arg(e, 'addr') ?? '') || ADDRESSED.test(fields.arg(e, 'msg') ?? '');
  }

  private bytesMoved(e: EventView, fields: EventFields, type: string, value: bigint): number {
    if (!this.isStrace || !OF_MESSAGES.test(type)) return Number(value);
    let sum = 0;
    for (const m of (fields.arg(e, 'msgvec') ?? '').matchAll(/\bmsg_len=(\d{1,10})\b/g)) sum += Number(m[1]);
    return sum;
  }

  /** Calls `tell` with the end of the call, now or when it is known. */
  private atEnd(e: EventView, at: () => Moment, tell: (at: Moment) => void): void {
    if (!Number.isNaN(e.timeNs)) {
      tell(at());
      return;
    }
    const num = e.num === ABSENT ? null : e.num;
    keep(this.untimed, e.tid, (next: Moment) => tell({ ...next, num }));
  }

  private placeUntimed(tid: number, { at }: Shown): void {
    const tell = this.untimed.get(tid);
    if (tell === undefined) return;
    this.untimed.delete(tid);
    tell(at());
  }
}

/** Keeps what is known of a thread, of the most recent ones. */
function keep<T>(threads: Map<number, T>, tid: number, known: T): void {
  threads.delete(tid);
  threads.set(tid, known);
  for (const oldest of oldestKeys(threads, MOST_THREADS)) threads.delete(oldest);
}
