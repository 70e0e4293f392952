/** Readers of what earlier events told of the process. */
import { ABSENT, type EventView } from '../model/event.js';
import type { EventFields, ProcessInfo } from '../model/event-fields.js';
import { PROCESS_NUMBERS, PROCESS_TEXTS } from '../model/process-fields.js';
import type { Term } from './ast.js';
import { bool, type Context, number, type Read, type Reader, text } from './reader.js';

/** Ancestors that are followed: a loop in a damaged trace must end. */
const GENERATIONS = 64;

/** A reader for a field of the process or thread, or undefined for all others. */
export function processReader(term: Term, context: Context): Reader | undefined {
  const { fields } = context;
  const own = (e: EventView): ProcessInfo | undefined =>
    e.tid === ABSENT ? undefined : fields.process(e, e.tid);
  const pid = (e: EventView): number | undefined => (e.pid === ABSENT ? own(e)?.pid : e.pid);
  const main = (e: EventView): boolean | undefined => {
    const id = pid(e);
    return id === undefined || e.tid === ABSENT ? undefined : id === e.tid;
  };
  if (term.field === 'proc.pid') return number(pid);
  const numeric = PROCESS_NUMBERS[term.field];
  if (numeric !== undefined) return number((e) => own(e)?.[numeric] as number | undefined);
  const textual = PROCESS_TEXTS[term.field];
  if (textual !== undefined) return text((e) => own(e)?.[textual] as string | undefined);
  switch (term.field) {
    case 'proc.cmdline':
      return text((e) => commandLine(e.proc(), own(e)?.args));
    case 'proc.exeline':
      return text((e) => commandLine(own(e)?.exe, own(e)?.args));
    case 'proc.pname':
      return text((e) => parentName(fields, own(e)));
    case 'proc.pcmdline':
      return text((e) => {
        const ppid = own(e)?.ppid;
        return ppid === undefined
          ? undefined
          : commandLine(fields.threadName(ppid), fields.process(e, ppid)?.args);
      });
    case 'proc.duration':
      return number((e) => {
        const start = own(e)?.startNs;
        return start === undefined || Number.isNaN(e.timeNs) ? undefined : e.timeNs - start;
      });
    case 'thread.ismain':
      return bool(main);
    case 'thread.vmsize':
      return number(memoryOf(main, (e) => own(e)?.vmSizeKb));
    case 'thread.vmrss':
      return number(memoryOf(main, (e) => own(e)?.vmRssKb));
    case 'proc.apid':
      if (term.arg === '0') return number(pid);
      if (term.arg === null) return { as: 'numbers', read: (e) => ancestors(fields, e, GENERATIONS) };
      return number((e) => ancestors(fields, e, Number(term.arg))[Number(term.arg) - 1]);
    case 'proc.aname':
      return ancestorNames(fields, term.arg);
    default:
      return undefined;
  }
}

function memoryOf(main: Read<boolean>, read: Read<number>): Read<number> {
  return (e) => {
    const isMain = main(e);
    return isMain === undefined ? undefined : isMain ? read(e) : 0;
  };
}

function commandLine(name: string | undefined, args: string | undefined): string | undefined {
  if (name === undefined || args === undefined) return undefined;
  return args === '' ? name : `${name} ${args}`;
}

function parentName(fields: EventFields, own: ProcessInfo | undefined): string | undefined {
  return own?.ppid === undefined ? undefined : fields.threadName(own.ppid);
}

function ancestorNames(fields: EventFields, arg: string | null): Reader {
  if (arg === '0') return text((e) => e.proc());
  if (arg === null) {
    return {
      as: 'texts',
      read: (e) =>
        ancestors(fields, e, GENERATIONS)
          .map((pid) => fields.threadName(pid))
          .filter((name) => name !== undefined),
    };
  }
  const generation = Number(arg);
  return text((e) => {
    const pid = ancestors(fields, e, generation)[generation - 1];
    return pid === undefined ? undefined : fields.threadName(pid);
  });
}

/** Process ids of the parent, its parent, ...: at most `generations`. */
function ancestors(fields: EventFields, e: EventView, generations: number): number[] {
  const pids: number[] = [];
  let tid = e.tid;
  while (tid !== ABSENT && pids.length < Math.min(generations, GENERATIONS)) {
    const parent = fields.process(e, tid)?.ppid;
    if (parent === undefined || parent === tid) break;
    pids.push(parent);
    tid = parent;
  }
  return pids;
}
