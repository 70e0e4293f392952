/**
 * Which connection a call's descriptor is. sysdig names sockets `client->server` and doesn't say which of the two
 * the process is; strace -yy names them `local->remote` and doesn't say who called whom:
 *
 *     accept, connect      seen in the trace: the process is the server, the client
 *     strace -yy           else the end with the lower port is taken for the server
 *     strace -y            socket:[12345], known as one connection by its inode
 *     strace without -y    the descriptors that accept and connect made, with the address that they tell
 *
 * Datagram and raw sockets are no conversations, nor are those that only listen.
 */
import { ABSENT, type EventView } from '../model/event.js';
import type { EventFields, Fd } from '../model/event-fields.js';
import { oldestKeys } from '../model/oldest.js';
import type { Connection } from './step.js';

const REMEMBERED = 1 << 16;
/** Nothing that a kernel prints of a socket is this long. */
const LONGEST_NAME = 512;
const INODE = /^socket:\[\d+\]$/;
const INODES = /^\d+->\d+$/;
const ADDRESS =
  /sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, |&sin6_addr\)?, ?)"([^"]+)"/s;

type Role = 'client' | 'server';

interface Made {
  readonly role: Role;
  /** What accept or connect told of the other end. */
  readonly remote: string | null;
}

export class Sockets {
  private readonly made = new Map<string, Made>();

  constructor(private readonly isStrace: boolean) {}

  /** accept or connect gave the process this end of a connection; undefined where it is no stream socket. */
  remember(e: EventView, fields: EventFields, fd: Fd, role: Role): Connection | undefined {
    if (!mayConnect(fd)) return undefined;
    const remote = this.isStrace ? addressOf(fields.arg(e, 'addr')) : null;
    const made = { role, remote };
    this.keep(`${ownerOf(e, fields)}:${fd.num}`, made);
    if (fd.name?.includes('->')) this.keep(namedKey(e, fd), made);
    return this.connectionOf(e, fields, fd, true);
  }

  /** The process closed it. */
  forget(e: EventView, fields: EventFields, fd: Fd): void {
    this.made.delete(`${ownerOf(e, fields)}:${fd.num}`);
    if (fd.name?.includes('->')) this.made.delete(namedKey(e, fd));
  }

  /** @param isSocketCall whether the call works on sockets alone. undefined for anything but a connection. */
  connectionOf(e: EventView, fields: EventFields, fd: Fd, isSocketCall: boolean): Connection | undefined {
    if (fd.num < 0 || !mayConnect(fd)) return undefined;
    const made = this.madeOf(e, fields, fd);
    const isPair = fd.name?.includes('->') === true;
    const isUnix = fd.type === 'unix';
    const isInode = fd.type === undefined && fd.name !== undefined && INODE.test(fd.name);
    if (!isPair && !isUnix && !isInode && made === undefined) {
      // A socket that has no peer, or anything at all.
      if (!isSocketCall || fd.name !== undefined || fd.type !== undefined) return undefined;
    }
    const self = made?.role ?? (this.isStrace && isPair && !isUnix ? roleByPorts(fd) : null);
    const isUnique = this.isStrace && (isInode || (isPair && (!isUnix || INODES.test(fd.name!))));
    const owner = isUnique ? '' : `${ownerOf(e, fields)}:${fd.num}`;
    const info = e.tid === ABSENT ? undefined : fields.process(e, e.tid);
    return {
      key: `${owner} ${fd.name ?? ''}`,
      isUnique,
      kind: 'calls',
      name: this.nameOf(fd, self, made),
      protocol: isUnix ? 'unix' : fd.type === undefined ? null : 'tcp',
      proc: e.proc() ?? null,
      pid: e.pid === ABSENT ? (info?.pid ?? null) : e.pid,
      tid: e.tid === ABSENT ? null : e.tid,
      fd: fd.num,
      self,
    };
  }

  /** A child has its parent's descriptors. */
  private madeOf(e: EventView, fields: EventFields, fd: Fd): Made | undefined {
    const own = this.made.get(`${ownerOf(e, fields)}:${fd.num}`);
    if (own !== undefined) return own;
    const info = e.tid === ABSENT ? undefined : fields.process(e, e.tid);
    const parents = info?.ppid === undefined ? undefined : this.made.get(`${info.ppid}:${fd.num}`);
    return parents ?? (fd.name?.includes('->') ? this.made.get(namedKey(e, fd)) : undefined);
  }

  private nameOf(fd: Fd, self: Role | null, made: Made | undefined): string {
    const isPair = fd.name?.includes('->') === true;
    // strace puts the own end first.
    if (this.isStrace && isPair && self === 'server' && fd.type !== 'unix')
      return `${fd.serverIp}:${fd.serverPort}->${fd.clientIp}:${fd.clientPort}`;
    if (isPair || made === undefined || made.remote === null) return fd.name ?? `fd ${fd.num}`;
    return made.role === 'server' ? `${made.remote}->?` : `?->${made.remote}`;
  }

  private keep(key: string, made: Made): void {
    this.made.delete(key);
    this.made.set(key, made);
    for (const oldest of oldestKeys(this.made, REMEMBERED)) this.made.delete(oldest);
  }
}

/** Threads of one process share descriptors; where the process is not known, each thread counts for itself. */
function ownerOf(e: EventView, fields: EventFields): number {
  if (e.pid !== ABSENT) return e.pid;
  return (e.tid === ABSENT ? undefined : fields.process(e, e.tid)?.pid) ?? e.tid;
}

/** Threads of one process mostly have its name. */
function namedKey(e: EventView, fd: Fd): string {
  return `${e.proc() ?? ''}:${fd.num}:${fd.name}`;
}

function mayConnect({ type, l4proto, name }: Fd): boolean {
  if (name !== undefined && name.length > LONGEST_NAME) return false;
  if (type === undefined || type === 'unix') return true;
  return (type === 'ipv4' || type === 'ipv6') && (l4proto === undefined || l4proto === 'tcp');
}

/** The own port is the one that strace prints first. */
function roleByPorts({ clientPort: own, serverPort: remote }: Fd): Role | null {
  if (own === undefined || remote === undefined || own === remote) return null;
  return own < remote ? 'server' : 'client';
}

/** `{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}` */
function addressOf(text: string | undefined): string | null {
  const m = text === undefined ? null : ADDRESS.exec(text);
  return m ? `${m[2]}:${m[1]}` : null;
}
