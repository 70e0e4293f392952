/**
 * What a call's descriptor is, from how the trace prints it: sysdig `fd=5(<f>/path)`, `fd=13(<4u>a->b)`; strace -y
 * `5<socket:[104713]>`, `3</srv/log>`, `4<anon_inode:[eventpoll]>`, -yy `4<TCP:[a->b]>`.
 */

export type DescriptorKind = 'file' | 'device' | 'socket' | 'pipe' | 'event' | 'unknown';

export interface Descriptor {
  readonly kind: DescriptorKind;
  /** Path or peers, null where the trace does not say. */
  readonly name: string | null;
}

const UNKNOWN: Descriptor = { kind: 'unknown', name: null };

/** @param text the call's arguments. For an exit of strace there are none: give those of the entry. */
export function describeDescriptor(text: string, sysdig: boolean): Descriptor {
  return sysdig ? fromSysdig(text) : fromStrace(text);
}

function fromSysdig(text: string): Descriptor {
  const m = /(?:^| )fd=-?\d+\(<([^>]*)>([^)]*)\)/.exec(text);
  if (!m) return UNKNOWN;
  const type = m[1]!;
  const name = m[2] || null;
  if (type === 'f' || type === 'd') return ofPath(name);
  if (type === 'p') return { kind: 'pipe', name };
  if (/^[46u]/.test(type) || type === 'n') return { kind: 'socket', name };
  return { kind: 'event', name };
}

function fromStrace(text: string): Descriptor {
  const m = /^-?\d+<(.*?)>(?:,|$|\))/.exec(text);
  if (!m) return UNKNOWN;
  const name = m[1]!;
  if (name.startsWith('/')) return ofPath(name.replace(/<(?:char|block) .*$/, ''));
  if (name.startsWith('pipe:')) return { kind: 'pipe', name: null };
  if (name.startsWith('anon_inode:')) return { kind: 'event', name: name.slice('anon_inode:'.length) };
  if (name.startsWith('socket:')) return { kind: 'socket', name: null };
  if (/^[A-Z][A-Z0-9]*v?6?:/.test(name) || /^(?:UNIX|TCP|UDP|RAW|NETLINK)/.test(name))
    return { kind: 'socket', name };
  return UNKNOWN;
}

/** A named pipe prints like a file: only its name can tell. */
export function ofPath(path: string | null): Descriptor {
  if (path === null) return { kind: 'file', name: null };
  const base = path.slice(path.lastIndexOf('/') + 1);
  if (/fifo|pipe/i.test(base)) return { kind: 'pipe', name: path };
  if (/^\/(?:dev|proc|sys)\//.test(path)) return { kind: 'device', name: path };
  return { kind: 'file', name: path };
}
