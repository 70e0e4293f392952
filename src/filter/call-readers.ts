/** Readers of the call: its type, arguments, result, data and duration. */
import { DIR_EXIT, type EventView } from '../model/event.js';
import type { CallResult, EventFields, Fd } from '../model/event-fields.js';
import { READS, WRITES } from '../model/io-calls.js';
import { POINT_EVENTS } from '../model/point-events.js';
import type { Term } from './ast.js';
import { categoryOf, errnoNumber, WAITS } from './event-types.js';
import { isInternet } from './fd-readers.js';
import { openReader } from './open-readers.js';
import {
  bool,
  type Context,
  nanosecondsOf,
  number,
  type Read,
  type Reader,
  secondsOf,
  text,
} from './reader.js';
import { type Numeric, narrow } from './values.js';

/** A reader for a field of the call, or undefined for all others. `type` reads evt.type. */
export function callReader(term: Term, context: Context, type: Read<string>): Reader | undefined {
  const { fields } = context;
  const is = (names: ReadonlySet<string>): Reader => bool((e) => names.has(type(e) ?? ''));
  switch (term.field) {
    case 'evt.type.is':
      return number((e) => (type(e) === term.arg ? 1 : 0));
    case 'syscall.type':
      return text((e) => {
        const name = type(e);
        return name === undefined || POINT_EVENTS.has(name) ? undefined : name;
      });
    case 'evt.category':
      return text((e) => category(type(e), () => fields.fd(e)));
    case 'evt.arg':
      return text((e) => fields.arg(e, argumentKey(term)));
    case 'evt.rawarg':
      return text((e) => fields.rawArg(e, argumentKey(term)));
    case 'evt.buffer':
      return text((e) => fields.arg(e, 'data'));
    case 'evt.res':
      return text((e) => {
        const result = fields.result(e);
        return result === undefined ? undefined : outcome(result);
      });
    case 'evt.rawres':
      return number((e) => rawResult(fields, e));
    case 'evt.failed':
      return bool((e) => failed(fields, e));
    case 'evt.is_io':
      return bool((e) => READS.has(type(e) ?? '') || WRITES.has(type(e) ?? ''));
    case 'evt.is_io_read':
      return is(READS);
    case 'evt.is_io_write':
      return is(WRITES);
    case 'evt.io_dir':
      return text((e) =>
        WRITES.has(type(e) ?? '') ? 'write' : READS.has(type(e) ?? '') ? 'read' : undefined,
      );
    case 'evt.is_wait':
      return is(WAITS);
    case 'evt.is_syslog':
      return bool((e) => WRITES.has(type(e) ?? '') && (fields.fd(e)?.name?.includes('/dev/log') ?? false));
    case 'evt.count':
      return number(() => 1);
    case 'evt.count.exit':
      return number((e) => (e.dir === DIR_EXIT ? 1 : undefined));
    case 'evt.latency':
      return number((e) => fields.latencyNs(e));
    case 'evt.latency.s':
      return secondsOf((e) => fields.latencyNs(e));
    case 'evt.latency.ns':
      return nanosecondsOf((e) => fields.latencyNs(e));
    case 'evt.latency.human':
      return text((e) => {
        const ns = fields.latencyNs(e);
        return ns === undefined ? undefined : humanLatency(ns);
      });
    case 'evt.wait_latency':
      return number((e) =>
        e.dir === DIR_EXIT && WAITS.has(type(e) ?? '') ? fields.latencyNs(e) : undefined,
      );
    default:
      return (
        bufferLength(term.field, fields, type) ??
        errorCount(term.field, fields, type) ??
        openReader(term, fields, type)
      );
  }
}

function argumentKey(term: Term): string | number {
  return /^\d{1,4}$/.test(term.arg!) ? Number(term.arg) : term.arg!;
}

function outcome(result: CallResult): string | undefined {
  if (result.errno !== undefined) return result.errno;
  if (result.value === undefined) return undefined;
  return result.value < 0n ? String(result.value) : 'SUCCESS';
}

/** The kernel's own number: strace prints -1 and the name of the error, sysdig -errno. */
function rawResult(fields: EventFields, e: EventView): Numeric | undefined {
  const result = fields.result(e);
  if (result === undefined) return undefined;
  const errno = result.errno === undefined ? undefined : errnoNumber(result.errno);
  if (errno !== undefined) return -errno;
  return result.value === undefined ? undefined : narrow(result.value);
}

function failed(fields: EventFields, e: EventView): boolean | undefined {
  const result = fields.result(e);
  if (result === undefined || (result.value === undefined && result.errno === undefined)) return undefined;
  return result.errno !== undefined || result.value! < 0n;
}

function category(type: string | undefined, fd: () => Fd | undefined): string | undefined {
  if (type === undefined) return undefined;
  const name = categoryOf(type);
  if (!name.startsWith('io')) return name;
  switch (fd()?.type) {
    case 'file':
    case 'directory':
      return 'file';
    case 'ipv4':
    case 'ipv6':
      return 'net';
    case 'unix':
    case 'pipe':
    case 'event':
    case 'signalfd':
    case 'inotify':
      return 'ipc';
    default:
      return 'unknown';
  }
}

/** evt.buflen and its kin: the result of a successful I/O call. */
function bufferLength(field: string, fields: EventFields, type: Read<string>): Reader | undefined {
  if (field !== 'evt.buflen' && !field.startsWith('evt.buflen.')) return undefined;
  const parts = field.split('.');
  const wanted = parts.includes('in') ? 'io_read' : parts.includes('out') ? 'io_write' : 'io';
  const suits = parts.includes('file')
    ? (fd: Fd) => fd.type === 'file'
    : parts.includes('net')
      ? isInternet
      : undefined;
  return number((e) => {
    if (e.dir !== DIR_EXIT || !categoryOf(type(e) ?? '').startsWith(wanted)) return undefined;
    if (suits !== undefined) {
      const fd = fields.fd(e);
      if (fd === undefined || !suits(fd)) return undefined;
    }
    const value = fields.result(e)?.value;
    return value === undefined || value < 0n ? undefined : narrow(value);
  });
}

const OPENS = new Set(['open', 'creat', 'openat', 'openat2', 'open_by_handle_at']);
const CONNECTS = new Set(['accept', 'accept4', 'connect']);

/** evt.count.error and its kin: 1 for failed calls, 0 for others, absent for calls of another sort. */
function errorCount(field: string, fields: EventFields, type: Read<string>): Reader | undefined {
  const count: Read<number> = (e) => {
    const failure = failed(fields, e);
    return failure === undefined ? undefined : failure ? 1 : 0;
  };
  const sorted = (wanted: string): Reader =>
    number((e) => (errorSort(type(e) ?? '', fields.fd(e)) === wanted ? count(e) : undefined));
  switch (field) {
    case 'evt.count.error':
      return number(count);
    case 'evt.count.error.file':
      return sorted('file');
    case 'evt.count.error.net':
      return sorted('net');
    case 'evt.count.error.memory':
      return number((e) => (categoryOf(type(e) ?? '') === 'memory' ? count(e) : undefined));
    case 'evt.count.error.other':
      return sorted('other');
    default:
      return undefined;
  }
}

function errorSort(type: string, fd: Fd | undefined): string {
  if (fd?.type === undefined) {
    if (OPENS.has(type)) return 'file';
    if (CONNECTS.has(type)) return 'net';
    return categoryOf(type) === 'memory' ? 'memory' : 'other';
  }
  if (fd.type === 'file' || fd.type === 'directory') return 'file';
  return isInternet(fd) || fd.type === 'unix' ? 'net' : 'other';
}

/** Three digits, cut off as sysdig does: 1.55ms, 10us, 260ns. */
function humanLatency(ns: number): string {
  if (ns < 1e3) return `${ns}ns`;
  const [unit, name] = ns < 1e6 ? [1e3, 'us'] : ns < 1e9 ? [1e6, 'ms'] : ([1e9, 's'] as const);
  const whole = Math.floor(ns / (unit as number));
  if (whole >= 10) return `${whole}${name}`;
  const cents = Math.floor(ns / ((unit as number) / 100)) % 100;
  return `${whole}.${String(cents).padStart(2, '0')}${name}`;
}
