/**
 * The calls that change what is known of threads: execve and prctl name them, clone and its kin make them, exit
 * ends them.
 */
import type { ProcessInfo } from '../../model/event-fields.js';
import { firstString, splitArguments, stringValue } from './arguments.js';
import { cutName, execName, type NameHistory } from './names.js';
import type { Thread, Threads } from './threads.js';

export const STATE_NONE = 0;
export const STATE_EXEC = 1;
export const STATE_CLONE = 2;
export const STATE_NAME = 3;
export const STATE_EXIT = 4;
export type StateCall = 0 | 1 | 2 | 3 | 4;

/** Which of them the name bytes[start, end) is; asked for every call, so by its bytes. */
export function stateCall(bytes: Buffer, start: number, end: number): StateCall {
  const length = end - start;
  if (length < 4) return STATE_NONE;
  const second = bytes[start + 1];
  const third = bytes[start + 2];
  switch (bytes[start]) {
    case 0x63: // clone, clone2, clone3
      return second === 0x6c && third === 0x6f && bytes[start + 3] === 0x6e && length <= 6
        ? STATE_CLONE
        : STATE_NONE;
    case 0x65: // execve, execveat, exit, exit_group
      if (second !== 0x78) return STATE_NONE;
      return third === 0x65 ? STATE_EXEC : third === 0x69 ? STATE_EXIT : STATE_NONE;
    case 0x66: // fork
      return second === 0x6f && third === 0x72 && length === 4 ? STATE_CLONE : STATE_NONE;
    case 0x76: // vfork
      return second === 0x66 && third === 0x6f && length === 5 ? STATE_CLONE : STATE_NONE;
    case 0x70: // prctl
      return second === 0x72 && third === 0x63 && length === 5 ? STATE_NAME : STATE_NONE;
    default:
      return STATE_NONE;
  }
}

/** The name that a successful execve or prctl(PR_SET_NAME) gives its thread; null where it gives none. */
export function nameGiven(state: StateCall, args: Buffer, result: string): Buffer | null {
  if (!/^0(?: |$)/.test(result)) return null;
  if (state === STATE_NAME && !args.subarray(0, 64).includes('PR_SET_NAME')) return null;
  const text = firstString(args, 0, args.length);
  if (text === undefined) return null;
  if (state === STATE_NAME) return cutName(text);
  const name = execName(text);
  return name.length === 0 ? null : name;
}

/** What a successful execve tells of its process. */
export function describeExec(thread: Thread, args: Buffer): void {
  const parts = splitArguments(args.toString('utf8'));
  const at = parts.findIndex((part) => part.startsWith('"') || part.includes('="'));
  if (at < 0) return;
  const info: ProcessInfo = thread.info ?? {};
  thread.info = info;
  info.pid = thread.tid;
  const path = stringValue(parts[at]!.replace(/^[a-z]+=/, ''));
  if (path?.startsWith('/')) info.exepath = path;
  const list = /^(?:[a-z]+=)?\[(.*)\]$/s.exec(parts[at + 1] ?? '');
  if (!list) return;
  const argv = splitArguments(list[1]!).map((word) => stringValue(word) ?? word);
  if (argv[0] !== undefined) info.exe = argv[0];
  info.args = argv.slice(1).join(' ');
}

/**
 * A clone returned the thread `tid` to its parent. A thread of that id from before the call is another one; one
 * that showed up meanwhile is the child itself, ahead of its parent's line.
 */
export function adoptChild(
  threads: Threads,
  names: NameHistory,
  parent: Thread,
  tid: number,
  args: Buffer,
  entryNs: number,
  exitNs: number,
  offset: number,
): Thread {
  let child = threads.get(tid);
  const bornNs = Number.isNaN(exitNs) ? entryNs : exitNs;
  if (child === undefined || child.ended || child.bornNs < entryNs) child = threads.create(tid, bornNs);
  if (child.name === null && parent.name !== null) {
    child.name = parent.name;
    names.add(tid, offset, parent.name);
  }
  const flags = args.toString('latin1', 0, Math.min(args.length, 512));
  const info: ProcessInfo = child.info ?? {};
  child.info = info;
  if (flags.includes('CLONE_THREAD')) {
    if (parent.info?.pid !== undefined) info.pid = parent.info.pid;
    if (parent.info?.ppid !== undefined) info.ppid = parent.info.ppid;
  } else {
    info.pid = tid;
    const ppid = flags.includes('CLONE_PARENT|') ? parent.info?.ppid : parent.info?.pid;
    if (ppid !== undefined) info.ppid = ppid;
  }
  if (info.exe === undefined && parent.info) {
    for (const key of ['exe', 'exepath', 'args'] as const) {
      const value = parent.info[key];
      if (value !== undefined) info[key] = value;
    }
  }
  info.startNs ??= bornNs;
  return child;
}
