/**
 * Answers a filter's questions about sysdig events, from an event's own arguments and from what earlier
 * events of its thread told.
 *
 *     < connect res=-115(EINPROGRESS) tuple=10.77.0.1:58958->10.77.0.77:4444
 *       result: -115, EINPROGRESS; descriptor: that of the `> connect`, with the tuple as its name
 */
import { DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import type { CallResult, EventFields, Fd, FieldNeeds, ProcessInfo } from '../../model/event-fields.js';
import { type Argument, argument, raw, resolved, splitArguments } from './arguments.js';
import { describe, parseDescriptor } from './descriptor.js';
import { type EventKind, eventKind } from './parameters.js';
import { ThreadState } from './thread-state.js';

const RES = Buffer.from('res=');
const RESULT =
  /^(?:res|fd|res_or_fd)=(-?[0-9A-F]+)(?:\(([A-Z][A-Z0-9_]*)\))?(?: |$)|^(?:res|fd)=(-?[0-9A-F]+)/;
/** Calls whose result is an address; older readers print it in hex. */
const ADDRESSES: ReadonlySet<string> = new Set(['mmap', 'mmap2', 'brk']);
/** Parameters printed in hex; sysdig's evt.rawarg gives the number. */
const HEX: ReadonlySet<string> = new Set(
  'addr dev mask cap_inheritable cap_permitted cap_effective request argument arg key ip source peer'.split(
    ' ',
  ),
);
/** What the descriptor is that a call returns as a bare number. */
const RETURNED: Readonly<Record<string, string>> = {
  epoll_create: 'l',
  epoll_create1: 'l',
  io_uring_setup: 'r',
};

export class SysdigFields implements Omit<EventFields, 'packet'> {
  private readonly threads: ThreadState;

  constructor(threads = new ThreadState()) {
    this.threads = threads;
  }

  /** What `observe` is to remember. */
  track(needs: FieldNeeds): void {
    this.threads.track(needs);
  }

  /** True when every event has to be shown to `observe`. */
  get observing(): boolean {
    return this.threads.observing;
  }

  /** For a decoder that goes back: knows the same processes and names, and pairs entries with exits on its own. */
  fork(): SysdigFields {
    return new SysdigFields(this.threads.fork());
  }

  /** Takes note of a decoded event; before anything is asked about it. */
  observe(e: EventView): void {
    this.threads.observe(e);
  }

  arg(e: EventView, key: string | number): string | undefined {
    const found = argument(e.args(), e.type(), e.dir, key);
    return found && resolved(found.value, found.kind);
  }

  rawArg(e: EventView, key: string | number): string | undefined {
    const found = argument(e.args(), e.type(), e.dir, key);
    return found && plainNumber(e, found);
  }

  result(e: EventView): CallResult | undefined {
    if (e.dir === DIR_ENTER) return undefined;
    const { text, argsStart, argsEnd } = e;
    const isRes = text.compare(RES, 0, 4, argsStart, Math.min(argsEnd, argsStart + 4)) === 0;
    if (!isRes && eventKind(e.type())?.result === undefined) return undefined;
    const m = RESULT.exec(text.toString('latin1', argsStart, Math.min(argsEnd, argsStart + 64)));
    const digits = m?.[1] ?? m?.[3];
    if (digits === undefined) return undefined;
    const value = wholeNumber(digits, e);
    return value === undefined ? undefined : { value, errno: value < 0n ? m?.[2] : undefined };
  }

  fd(e: EventView): Fd | undefined {
    const type = e.type();
    const kind = eventKind(type);
    if (kind === undefined || kind.meta || !(kind.usesFd || kind.createsFd)) return undefined;
    if (e.dir === DIR_ENTER) {
      return kind.usesFd ? ownDescriptor(splitArguments(e.args(), type, DIR_ENTER)) : unopened(kind);
    }
    const args = splitArguments(e.args(), type, DIR_EXIT);
    if (kind.createsFd && !kind.usesFd) return newDescriptor(kind, args);
    const own = ownDescriptor(args);
    if (own !== undefined) return own;
    const entry = this.threads.entryOf(e);
    const fd = entry && ownDescriptor(splitArguments(entry.args, type, DIR_ENTER));
    return fd && type === 'connect' ? connected(fd, args) : fd;
  }

  latencyNs(e: EventView): number | undefined {
    if (e.dir === DIR_ENTER) return 0;
    const entry = this.threads.entryOf(e);
    return entry && e.timeNs - entry.timeNs;
  }

  process(_e: EventView, tid: number): ProcessInfo | undefined {
    return this.threads.process(tid);
  }

  threadName(tid: number): string | undefined {
    return this.threads.name(tid);
  }

  column(_e: EventView, _field: string): string | undefined {
    return undefined;
  }
}

/** The descriptor that a call works on. Directories that paths start from, and duplicates' results, are not it. */
function ownDescriptor(args: readonly Argument[]): Fd | undefined {
  const found = args.find((a) => a.kind === 'fd' && a.name !== 'res' && !a.name.includes('dir'));
  const fd = found && parseDescriptor(found.value);
  // An anonymous mapping has -1 for its file.
  return fd !== undefined && fd.num < 0 && args.some((a) => a.name === 'prot') ? undefined : fd;
}

/** The entry of a call that will open a descriptor: sysdig says number -1 and what it will be. */
function unopened(kind: EventKind): Fd | undefined {
  const isFile = kind.enter.some((p) => p.kind === 'path');
  if (!isFile && kind.name !== 'socket') return undefined;
  return {
    ...describe(-1, isFile ? 'f' : '4', undefined, undefined),
    type: undefined,
  };
}

function newDescriptor(kind: EventKind, args: readonly Argument[]): Fd | undefined {
  const result = args.find((a) => a.name === kind.result || a.name === 'fd');
  if (result === undefined || args.some((a) => a.name === 'fd1')) return undefined;
  const fd = parseDescriptor(result.value);
  if (fd === undefined) return undefined;
  if (fd.num < 0) return failed(args);
  const typeChar = RETURNED[kind.name];
  return typeChar !== undefined && fd.typeChar === undefined
    ? describe(fd.num, typeChar, undefined, fd.name)
    : fd;
}

/** As sysdig has it: number -1, and the path that could not be opened. */
function failed(args: readonly Argument[]): Fd {
  const path = args.find((a) => a.kind === 'path');
  const fd = describe(-1, path && 'f', undefined, path && resolved(path.value, 'path'));
  return { ...fd, type: undefined };
}

/** The socket of a finished connect: its entry had no addresses yet. */
function connected(fd: Fd, args: readonly Argument[]): Fd {
  const tuple = args.find((a) => a.name === 'tuple')?.value.trimEnd();
  if (!tuple?.includes('->')) return fd;
  const typeChar = fd.typeChar ?? (tuple.includes('.') ? '4' : '6');
  return {
    ...describe(fd.num, typeChar, undefined, tuple),
    l4proto: fd.l4proto,
  };
}

/** The raw form of an argument, as the decimal number it stands for. */
function plainNumber(e: EventView, { name, kind, value }: Argument): string {
  const text = raw(value, kind);
  if (kind !== 'number' || text === '') return text;
  if (name === 'res') return String(wholeNumber(text, e) ?? text);
  if (HEX.has(name) && /^[0-9A-F]+$/.test(text)) return String(BigInt(`0x${text}`));
  return name === 'mode' && /^0[0-7]+$/.test(text) ? String(Number.parseInt(text, 8)) : text;
}

function wholeNumber(digits: string, e: EventView): bigint | undefined {
  const isAddress = ADDRESSES.has(e.type());
  if (!/^-?[0-9A-F]+$/.test(digits)) return undefined;
  const hex = /[A-F]/.test(digits) || (isAddress && /^\d{9}000$/.test(digits));
  if (!hex) return BigInt(digits);
  return isAddress ? BigInt.asIntN(64, BigInt(`0x${digits}`)) : undefined;
}
