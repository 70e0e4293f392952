/** Events and the answers about them, made by hand: what a decoder would give a filter. */
import { ABSENT, DIR_ENTER, DIR_EXIT, DIR_NONE, EventView } from '../../src/model/event.js';
import type { CallResult, EventFields, Fd, Packet, ProcessInfo } from '../../src/model/event-fields.js';
import type { Timebase } from '../../src/model/trace.js';

export interface FakeEvent {
  readonly num?: number;
  readonly timeNs?: number;
  readonly time?: string;
  readonly cpu?: number;
  readonly proc?: string | Buffer;
  readonly tid?: number;
  readonly pid?: number;
  readonly dir?: '>' | '<';
  readonly type?: string;
  readonly args?: string;
  readonly arg?: Readonly<Record<string, string>>;
  readonly rawArg?: Readonly<Record<string, string>>;
  readonly result?: CallResult;
  readonly fd?: Partial<Fd>;
  readonly packet?: Partial<Packet>;
  readonly latencyNs?: number;
  readonly columns?: Readonly<Record<string, string>>;
}

export interface FakeTrace {
  readonly processes?: Readonly<Record<number, ProcessInfo>>;
  readonly names?: Readonly<Record<number, string>>;
}

const NO_FD: Fd = {
  num: -1,
  type: undefined,
  typeChar: undefined,
  name: undefined,
  l4proto: undefined,
  clientIp: undefined,
  clientPort: undefined,
  serverIp: undefined,
  serverPort: undefined,
};

const NO_PACKET: Packet = {
  length: undefined,
  payload: undefined,
  l4proto: undefined,
  sourceIp: undefined,
  sourcePort: undefined,
  destinationIp: undefined,
  destinationPort: undefined,
  tcpFlags: undefined,
  vrrp: undefined,
};

export const TIME_OF_DAY: Timebase = { kind: 'time-of-day', originSeconds: null, resolutionNs: 1 };
export const EPOCH: Timebase = { kind: 'epoch', originSeconds: 1_700_000_000n, resolutionNs: 1 };
export const RELATIVE: Timebase = { kind: 'relative', originSeconds: null, resolutionNs: 1 };

const events = new WeakMap<EventView, FakeEvent>();

/** A view whose ranges lie in the middle of larger buffers, as in a block. */
export function fakeEvent(event: FakeEvent): EventView {
  const e = new EventView();
  events.set(e, event);
  e.num = event.num ?? ABSENT;
  e.timeNs = event.timeNs ?? Number.NaN;
  e.cpu = event.cpu ?? ABSENT;
  e.tid = event.tid ?? ABSENT;
  e.pid = event.pid ?? ABSENT;
  e.dir = event.dir === '>' ? DIR_ENTER : event.dir === '<' ? DIR_EXIT : DIR_NONE;
  const type = Buffer.from(event.type ?? '');
  const args = Buffer.from(event.args ?? '');
  const time = Buffer.from(event.time ?? '');
  e.text = Buffer.concat([Buffer.from('sendmsg '), type, args, time, Buffer.from('keepalived')]);
  e.typeStart = 8;
  e.typeEnd = e.typeStart + type.length;
  e.argsStart = e.typeEnd;
  e.argsEnd = e.argsStart + args.length;
  if (event.time !== undefined) {
    e.timeStart = e.argsEnd;
    e.timeEnd = e.timeStart + time.length;
  }
  if (event.proc !== undefined) {
    const name = Buffer.from(event.proc);
    e.name = Buffer.concat([Buffer.from('x'), name, Buffer.from('keepalived')]);
    e.nameStart = 1;
    e.nameEnd = 1 + name.length;
  }
  return e;
}

/** Answers from what `fakeEvent` was given. */
export function fakeFields(trace: FakeTrace = {}): EventFields {
  const of = (e: EventView): FakeEvent => events.get(e)!;
  return {
    arg: (e, key) => of(e).arg?.[key],
    rawArg: (e, key) => of(e).rawArg?.[key],
    result: (e) => of(e).result,
    fd: (e) => {
      const fd = of(e).fd;
      return fd === undefined ? undefined : { ...NO_FD, ...fd };
    },
    packet: (e) => {
      const packet = of(e).packet;
      return packet === undefined ? undefined : { ...NO_PACKET, ...packet };
    },
    latencyNs: (e) => of(e).latencyNs,
    process: (_e, tid) => trace.processes?.[tid],
    threadName: (tid) => trace.names?.[tid],
    column: (e, field) => of(e).columns?.[field],
  };
}
