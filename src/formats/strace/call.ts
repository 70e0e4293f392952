/** The call that the line under decode shows, and what can be asked of it: arguments, result, descriptor. */
import type { CallResult, Fd } from '../../model/event-fields.js';
import { nameOf, splitArguments, stringValue } from './arguments.js';
import { parseFd, resolvedFd } from './fds.js';
import { fdPosition, opensFd, parameterPosition } from './parameters.js';
import type { Thread } from './threads.js';

/** Calls whose descriptor is a directory. */
const OF_DIRECTORY = new Set(['getdents', 'getdents64', 'fchdir']);

const EMPTY = Buffer.alloc(0);

export class Call {
  text: Buffer = EMPTY;
  nameStart = 0;
  nameEnd = 0;
  argsStart = 0;
  argsEnd = 0;
  /** -1: no result (an entry, a signal). */
  resultStart = -1;
  resultEnd = -1;
  /** The thread that keeps the first half of a resumed call; null where all arguments are in `text`. */
  entry: Thread | null = null;
  /** Exit minus entry; NaN where the entry is not known. */
  latencyNs = Number.NaN;
  /** A syscall, not a signal or an end. */
  isCall = false;

  name(): string {
    return this.text.toString('latin1', this.nameStart, this.nameEnd);
  }

  resultText(): string | undefined {
    return this.resultStart < 0
      ? undefined
      : this.text.toString('utf8', this.resultStart, this.resultEnd).trim();
  }

  /** All arguments that the trace shows of the call; undefined where its first half is not known. */
  argumentsText(): string | undefined {
    const here = this.text.toString('utf8', this.argsStart, this.argsEnd);
    const entry = this.entry;
    if (entry === null) return here;
    if (entry.entryLength < 0 || entry.entryText === null) return undefined;
    return entry.entryText.toString('utf8', entry.entryNameLength + 1, entry.entryLength) + here;
  }

  /** One argument by position or name; what `res` and `fd` mean depends on `exit`. */
  argument(key: string | number, exit: boolean, raw: boolean): string | undefined {
    if (exit && key === 'res') return raw ? this.rawResult() : this.resolvedResult();
    const call = this.name();
    if (exit && key === 'fd' && opensFd(call)) return raw ? this.rawResult() : this.resolvedResult();
    const text = this.argumentsText();
    if (text === undefined) return undefined;
    const value = this.isCall ? find(call, splitArguments(text), key) : findInSignal(call, text, key);
    if (value === undefined) return undefined;
    return raw ? rawValue(value) : resolvedValue(value);
  }

  result(): CallResult | undefined {
    const text = this.resultText();
    if (text === undefined) return undefined;
    const m = RESULT.exec(text);
    if (!m) return undefined;
    return { value: m[1] === '?' ? undefined : integer(m[1]!), errno: m[2] ?? m[3] };
  }

  /** The descriptor that the call is about: on the exit of a call that opens one, that. */
  fd(exit: boolean): Fd | undefined {
    if (!this.isCall) return undefined;
    const call = this.name();
    if (exit && opensFd(call)) {
      const opened = parseFd(resultHead(this.resultText() ?? ''), false);
      return opened === undefined || opened.num < 0 ? undefined : opened;
    }
    const text = this.argumentsText();
    if (text === undefined) return undefined;
    const parts = splitArguments(text);
    const position = fdPosition(call);
    if (position !== undefined) {
      const part = parts[position];
      return part === undefined ? undefined : parseFd(nameOf(part).value, OF_DIRECTORY.has(call));
    }
    // A call that isn't known: its first argument where an annotation shows that it is one.
    const first = parts[0] === undefined ? '' : nameOf(parts[0]).value;
    return first.includes('<') ? parseFd(first, false) : undefined;
  }

  private rawResult(): string | undefined {
    const text = this.resultText();
    return text === undefined ? undefined : RESULT.exec(text)?.[1];
  }

  private resolvedResult(): string | undefined {
    const text = this.resultText();
    const m = text === undefined ? null : RESULT.exec(text);
    if (!m) return undefined;
    if (m[2] !== undefined) return m[2];
    if (m[3] !== undefined) return `-${m[3]}`;
    const fd = parseFd(resultHead(text!), false);
    return (fd && resolvedFd(fd)) ?? m[1];
  }
}

/** `3</etc/x>`, `-1 EAGAIN (...)`, `-1 (errno 530)`, `? ERESTARTSYS (...)`, `0x7f00`, `022`. */
const RESULT =
  /^(\?|-?\d+|0x[0-9a-f]+)(?=$|[ <])(?:<.*>(?:\(deleted\))?)?(?: (E[A-Z0-9_]+)\b| \(errno (\d+)\))?/s;

/** The result without what strace adds in parentheses. */
function resultHead(text: string): string {
  const m = /^-?\d+(?:<.*>(?:\(deleted\))?)?/s.exec(text);
  return m ? m[0] : '';
}

function integer(text: string): bigint {
  if (text.startsWith('-')) return -BigInt(text.slice(1));
  // umask prints octal
  return BigInt(/^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text);
}

function find(call: string, parts: readonly string[], key: string | number): string | undefined {
  if (typeof key === 'number') return parts[key] === undefined ? undefined : nameOf(parts[key]).value;
  for (const part of parts) {
    const { name, value } = nameOf(part);
    if (name === key) return value;
  }
  let position = parameterPosition(call, key);
  if (position < 0 && key === 'fd' && fdPosition(call) === undefined) position = 0;
  const part = position < 0 ? undefined : parts[position];
  return part === undefined ? undefined : nameOf(part).value;
}

/** `SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=27305}`, `exited with 3`, `killed by SIGABRT (core dumped)` */
function findInSignal(type: string, text: string, key: string | number): string | undefined {
  if (type === 'procexit') {
    const code = /^exited with (\d+)/.exec(text)?.[1];
    const signal = /^killed by (SIG\w+)/.exec(text)?.[1];
    if (key === 'ret') return code;
    if (key === 'sig') return signal ?? (code === undefined ? undefined : '0');
    if (key === 'core') return text.includes('core dumped') ? '1' : '0';
    return key === 0 ? text : undefined;
  }
  if (key === 'sig' || key === 0) return /^SIG\w+/.exec(text)?.[0];
  if (key === 'spid') key = 'si_pid';
  return typeof key === 'string'
    ? new RegExp(`[{ ]${escapeRegExp(key)}=([^,}]*)`).exec(text)?.[1]
    : undefined;
}

function escapeRegExp(text: string): string {
  return text.replace(/[^\w]/g, '\\$&');
}

/** `0x109 /* FUTEX_WAIT_BITSET *\/`: the number; a descriptor: its number; a string: its text. */
function rawValue(value: string): string {
  const m = /^(\S+) \/\*/.exec(value);
  if (m) return m[1]!;
  return /^(-?\d+)</.exec(value)?.[1] ?? stringValue(value) ?? value;
}

function resolvedValue(value: string): string {
  const comment = /^-?\w+ \/\* (.*) \*\/$/.exec(value)?.[1];
  // `0x7ffd82de0328 /* 39 vars */` says something about the address, not its name.
  if (comment !== undefined && /^[A-Z]/.test(comment)) return comment;
  if (/^\d+</.test(value)) {
    const fd = parseFd(value, false);
    return (fd && resolvedFd(fd)) ?? value;
  }
  return stringValue(value) ?? value;
}
