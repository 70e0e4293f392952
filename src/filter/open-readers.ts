/** Readers of what open and its kin say about paths and flags; on exits, as in sysdig. */
import { ABSENT, DIR_EXIT, type EventView } from '../model/event.js';
import type { EventFields } from '../model/event-fields.js';
import type { Term } from './ast.js';
import { bool, type Read, type Reader, text } from './reader.js';
import { readRawArgument } from './values.js';

const OPENS = new Set(['open', 'openat', 'openat2', 'open_by_handle_at']);

/** Names of the directory and the path argument: of the first path, and of the second where there are two. */
const PATHS: Readonly<Record<string, readonly [string, string][]>> = {
  openat: [['dirfd', 'name']],
  openat2: [['dirfd', 'name']],
  unlinkat: [['dirfd', 'name']],
  mkdirat: [['dirfd', 'path']],
  fchmodat: [['dirfd', 'filename']],
  fchownat: [['dirfd', 'pathname']],
  symlinkat: [['linkdirfd', 'linkpath']],
  linkat: [
    ['olddir', 'oldpath'],
    ['newdir', 'newpath'],
  ],
  renameat: [
    ['olddirfd', 'oldpath'],
    ['newdirfd', 'newpath'],
  ],
  renameat2: [
    ['olddirfd', 'oldpath'],
    ['newdirfd', 'newpath'],
  ],
};

/** A reader for evt.abspath and evt.is_open_*, or undefined for all other fields. */
export function openReader(term: Term, fields: EventFields, type: Read<string>): Reader | undefined {
  const opens = (e: EventView): boolean => e.dir === DIR_EXIT && OPENS.has(type(e) ?? '');
  const flags = (e: EventView): string => fields.arg(e, 'flags') ?? '';
  switch (term.field) {
    case 'evt.abspath':
      return text((e) => absolutePath(fields, e, type(e) ?? '', term.arg));
    case 'evt.is_open_read':
      return bool((e) => opens(e) && /\bO_RD(?:ONLY|WR)\b/.test(flags(e)));
    case 'evt.is_open_write':
      return bool((e) => opens(e) && /\bO_(?:WRONLY|RDWR)\b/.test(flags(e)));
    case 'evt.is_open_create':
      return bool((e) => opens(e) && creates(fields, e, flags(e)));
    case 'evt.is_open_exec':
      return bool((e) => {
        const creat = e.dir === DIR_EXIT && type(e) === 'creat';
        if (!creat && !(opens(e) && /\bO_(?:CREAT|TMPFILE)\b/.test(flags(e)))) return false;
        const mode = Number(readRawArgument('mode', fields.rawArg(e, 'mode') ?? ''));
        return (mode & 0o111) !== 0;
      });
    default:
      return undefined;
  }
}

function creates(fields: EventFields, e: EventView, flags: string): boolean {
  if (/\bO_F_CREATED\b/.test(flags)) return true;
  const result = fields.result(e);
  return /\bO_TMPFILE\b/.test(flags) && result?.errno === undefined && (result?.value ?? -1n) >= 0n;
}

function absolutePath(
  fields: EventFields,
  e: EventView,
  type: string,
  which: string | null,
): string | undefined {
  if (e.dir !== DIR_EXIT || !Object.hasOwn(PATHS, type)) return undefined;
  const pair = PATHS[type]![which === 'dst' ? 1 : 0];
  const path = pair && fields.arg(e, pair[1]);
  if (path === undefined || path === '' || path === '<NA>') return undefined;
  if (path.startsWith('/')) return normalized(path);
  const base = baseDirectory(fields, e, fields.arg(e, pair![0]));
  return base === undefined ? undefined : normalized(`${base}/${path}`);
}

/** The directory that a descriptor argument stands for: its path where it is printed, or the working directory. */
function baseDirectory(fields: EventFields, e: EventView, dirfd: string | undefined): string | undefined {
  const path = /\/.*/s.exec(dirfd ?? '')?.[0];
  if (path !== undefined) return path;
  if (dirfd !== 'AT_FDCWD' && dirfd !== '-100') return undefined;
  const cwd = e.tid === ABSENT ? undefined : fields.process(e, e.tid)?.cwd;
  return cwd?.startsWith('/') ? cwd : undefined;
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
