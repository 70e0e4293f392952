/**
 * What a trace tells of its processes as it goes: clone, fork and execve exits name the process with all it
 * has, switch events carry its memory and page faults.
 *
 *     < clone res=300(bash) exe=bash args= tid=200(bash) pid=200(bash) ptid=1(systemd) cwd= fdlimit=1024 ...
 *     > switch next=637(keepalived) pgft_maj=0 pgft_min=74 vm_size=59848 vm_rss=1472 vm_swap=0
 */
import { isDigit } from '../../model/ascii.js';
import { ABSENT, DIR_ENTER, DIR_EXIT, type EventView } from '../../model/event.js';
import type { ProcessInfo } from '../../model/event-fields.js';
import { type Argument, raw, resolved, splitArguments } from './arguments.js';
import { MAX_THREADS } from './open-calls.js';

/** The flags argument names it where the new task is a thread of its parent's process. */
const CLONE_THREAD = 'CLONE_THREAD';
const BIRTHS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);
const MAPPINGS: ReadonlySet<string> = new Set(['brk', 'mmap', 'mmap2', 'munmap']);
const SIZES = / vm_size=(\d+) vm_rss=(\d+) vm_swap=(\d+)/;
/** Of all calls that are looked at here. */
const FIRST_LETTERS = Buffer.from('cfvebm');
const LETTER_S = 0x73;
const LETTER_W = 0x77;
const SPACE = 0x20;
const EQUALS = 0x3d;

export class ProcessTable {
  private readonly processes = new Map<number, ProcessInfo>();

  constructor(private readonly maxThreads = MAX_THREADS) {}

  get(tid: number): ProcessInfo | undefined {
    return this.processes.get(tid);
  }

  observe(e: EventView): void {
    if (e.tid === ABSENT) return;
    if (e.pid !== ABSENT) this.entry(e.tid).pid = e.pid;
    const length = e.typeEnd - e.typeStart;
    if (length < 3 || length > 8) return;
    const first = e.text[e.typeStart]!;
    if (first === LETTER_S) {
      if (length === 6 && e.text[e.typeStart + 1] === LETTER_W) this.switchedOut(e);
    } else if (FIRST_LETTERS.includes(first) && e.dir !== DIR_ENTER) this.returned(e, e.type());
  }

  private returned(e: EventView, type: string): void {
    if (MAPPINGS.has(type)) {
      const m = SIZES.exec(e.args());
      if (m === null) return;
      const info = this.entry(e.tid);
      [info.vmSizeKb, info.vmRssKb, info.vmSwapKb] = [Number(m[1]), Number(m[2]), Number(m[3])];
      return;
    }
    const isExec = type === 'execve' || type === 'execveat';
    if (!isExec && !BIRTHS.has(type)) return;
    const args = new Map(splitArguments(e.args(), type, DIR_EXIT).map((a) => [a.name, a]));
    const res = number(args.get('res'));
    if (res === undefined || res < 0) return;
    const own = this.entry(e.tid);
    fill(own, args);
    if (isExec) {
      const path = text(args.get('trusted_exepath')) ?? text(args.get('filename'));
      if (path === undefined) delete own.exepath;
      else own.exepath = path;
      return;
    }
    if (res === 0) {
      own.startNs ??= e.timeNs;
      return;
    }
    const child = this.entry(res);
    const isThread = args.get('flags')?.value.includes(CLONE_THREAD) === true;
    inherit(child, own);
    if (!isThread) child.pid = res;
    else if (own.pid !== undefined) child.pid = own.pid;
    const parent = isThread ? own.ppid : own.pid;
    if (parent !== undefined) child.ppid = parent;
    child.startNs ??= e.timeNs;
  }

  /** Five numbers at the end of the line, read backwards: a process name in `next=` may hold anything. */
  private switchedOut(e: EventView): void {
    const b = e.text;
    const values = [0, 0, 0, 0, 0];
    let p = e.argsEnd;
    while (p > e.argsStart && b[p - 1] === SPACE) p--;
    for (let i = 4; i >= 0; i--) {
      let value = 0;
      let scale = 1;
      const end = p;
      for (; p > e.argsStart && isDigit(b[p - 1]!); p--) {
        value += (b[p - 1]! - 0x30) * scale;
        scale *= 10;
      }
      if (p === end || b[p - 1] !== EQUALS) return;
      values[i] = value;
      while (p > e.argsStart && b[p - 1] !== SPACE) p--;
      if (p <= e.argsStart) return;
      p--;
    }
    const info = this.entry(e.tid);
    [info.pfMajor, info.pfMinor, info.vmSizeKb, info.vmRssKb, info.vmSwapKb] = values as Five;
  }

  private entry(tid: number): ProcessInfo {
    let info = this.processes.get(tid);
    if (info === undefined) {
      if (this.processes.size >= this.maxThreads) {
        this.processes.delete(this.processes.keys().next().value!);
      }
      info = {};
      this.processes.set(tid, info);
    }
    return info;
  }
}

type Five = [number, number, number, number, number];

function fill(info: ProcessInfo, args: ReadonlyMap<string, Argument>): void {
  const numbers = {
    pid: number(args.get('pid')),
    ppid: number(args.get('ptid')),
    vtid: number(args.get('vtid')),
    vpid: number(args.get('vpid')),
    tty: number(args.get('tty')),
    vmSizeKb: number(args.get('vm_size')),
    vmRssKb: number(args.get('vm_rss')),
    vmSwapKb: number(args.get('vm_swap')),
    pfMajor: number(args.get('pgft_maj')),
    pfMinor: number(args.get('pgft_min')),
    fdLimit: number(args.get('fdlimit')),
  };
  const texts = {
    exe: text(args.get('exe')),
    args: dotted(args.get('args')),
    cwd: text(args.get('cwd')),
    env: dotted(args.get('env')),
    cgroups: dotted(args.get('cgroups')),
  };
  Object.assign(info, known(numbers), known(texts));
}

/** What a new process or thread has from the one that made it. */
function inherit(child: ProcessInfo, parent: ProcessInfo): void {
  const { exe, exepath, args, cwd, env, cgroups, tty, fdLimit } = parent;
  Object.assign(child, known({ exe, exepath, args, cwd, env, cgroups, tty, fdLimit }));
}

function known<T>(members: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const out: Record<string, T> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) out[name] = value;
  return out;
}

function number(a: Argument | undefined): number | undefined {
  if (a === undefined) return undefined;
  const value = raw(a.value, 'number');
  return /^-?\d+$/.test(value) ? Number(value) : undefined;
}

function text(a: Argument | undefined): string | undefined {
  return a === undefined || a.value === '' || a.value === '<NA>' || a.value === 'NULL'
    ? undefined
    : resolved(a.value, a.kind);
}

/** Lists are printed with a dot for each separating NUL, and one at the end. */
function dotted(a: Argument | undefined): string | undefined {
  if (a === undefined || a.value === '<NA>' || a.value === 'NULL') return undefined;
  return a.value.endsWith('.') && !a.value.endsWith('...') ? a.value.slice(0, -1) : a.value;
}
