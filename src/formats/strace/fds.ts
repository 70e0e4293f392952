/**
 * Descriptors as strace prints them, in sysdig's words:
 *
 *   3    3</etc/hostname>    3<pipe:[89864]>    6<anon_inode:[eventpoll]>    11</tmp/x>(deleted)
 *   4<TCP:[127.0.0.1:55286->127.0.0.1:42325]>    3<TCP:[127.0.0.1:42325]>    4<TCPv6:[[::1]:22->[::1]:5000]>
 *   8<UNIX-STREAM:[94977->94978,"/run/x"]>    5<NETLINK:[ROUTE:123]>    0</dev/pts/0<char 136:0>>
 *
 * -y (paths) and -yy (sockets), strace 4.7 to 7.2. strace prints local->remote and not who called whom: local is
 * taken for the client, and for the server where it only listens.
 */
import type { Fd } from '../../model/event-fields.js';
import { unescapeBytes } from './arguments.js';

/** What an annotation tells of its descriptor. */
type Noted = Partial<Omit<Fd, 'num'>>;

const UNKNOWN: Omit<Fd, 'num'> = {
  type: undefined,
  typeChar: undefined,
  name: undefined,
  l4proto: undefined,
  clientIp: undefined,
  clientPort: undefined,
  serverIp: undefined,
  serverPort: undefined,
};

const ANON: Readonly<Record<string, readonly [string, string]>> = {
  eventpoll: ['eventpoll', 'l'],
  eventfd: ['event', 'e'],
  timerfd: ['timerfd', 't'],
  signalfd: ['signalfd', 's'],
  inotify: ['inotify', 'i'],
  io_uring: ['io_uring', 'r'],
  userfaultfd: ['userfaultfd', 'u'],
  pidfd: ['pidfd', 'P'],
  'bpf-map': ['bpf', 'b'],
  'bpf-prog': ['bpf', 'b'],
  bpf_link: ['bpf', 'b'],
};

const DESCRIPTOR = /^(-?\d{1,10})(?:<(.*)>(?:\(deleted\))?)?$/s;
const SOCKET = /^(TCP|UDP|UDPLITE|RAW|PING|ICMP|DCCP|SCTP)(v6)?:\[(.*)\]$/s;
const UNIX = /^UNIX(?:-[A-Z]+)?:\[(.*)\]$/s;

/** The descriptor in an argument or a result; undefined where it holds none. `directory`: the call uses it as one. */
export function parseFd(text: string, directory: boolean): Fd | undefined {
  const m = DESCRIPTOR.exec(text);
  if (!m) return undefined;
  return { ...UNKNOWN, num: Number(m[1]), ...(m[2] === undefined ? {} : noted(m[2], directory)) };
}

function noted(note: string, directory: boolean): Noted {
  if (note.startsWith('/')) return notedPath(note, directory);
  const socket = SOCKET.exec(note);
  if (socket) return notedSocket(socket[1]!, socket[2] !== undefined, socket[3]!);
  const unix = UNIX.exec(note);
  if (unix) return { type: 'unix', typeChar: 'u', name: unixName(unix[1]!) };
  const anon = /^anon_inode:\[?([\w-]+)\]?$/.exec(note);
  if (anon) {
    const [type, typeChar] = ANON[anon[1]!] ?? ['unknown', 'o'];
    return { type, typeChar, name: note };
  }
  if (note.startsWith('pipe:[')) return { type: 'pipe', typeChar: 'p', name: note };
  if (note.startsWith('NETLINK:[')) return { type: 'netlink', typeChar: 'n', name: note.slice(9, -1) };
  if (note.startsWith('pid:')) return { type: 'pidfd', typeChar: 'P', name: note };
  return { name: unescaped(note) };
}

function notedPath(note: string, directory: boolean): Noted {
  // -yy adds the device: `/dev/pts/0<char 136:0>`; older versions a mark: `/tmp/x (deleted)`.
  const name = unescaped(note.replace(/<(?:char|block) [\d:]+>$/, '').replace(/ \(deleted\)$/, ''));
  if (name.startsWith('/memfd:')) return { type: 'memfd', typeChar: 'm', name };
  return directory ? { type: 'directory', typeChar: 'd', name } : { type: 'file', typeChar: 'f', name };
}

const L4_PROTOCOLS: Readonly<Record<string, Fd['l4proto']>> = {
  TCP: 'tcp',
  UDP: 'udp',
  UDPLITE: 'udp',
  RAW: 'raw',
  PING: 'icmp',
  ICMP: 'icmp',
};

function notedSocket(protocol: string, v6: boolean, note: string): Noted {
  const fd: Noted = {
    type: v6 ? 'ipv6' : 'ipv4',
    typeChar: v6 ? '6' : '4',
    l4proto: L4_PROTOCOLS[protocol],
  };
  const arrow = note.indexOf('->');
  const local = endpoint(arrow < 0 ? note : note.slice(0, arrow));
  if (!local) return fd;
  if (arrow < 0) {
    return { ...fd, serverIp: local.ip, serverPort: local.port, name: `${local.ip}:${local.port}` };
  }
  const remote = endpoint(note.slice(arrow + 2));
  if (!remote) return fd;
  return {
    ...fd,
    clientIp: local.ip,
    clientPort: local.port,
    serverIp: remote.ip,
    serverPort: remote.port,
    name: `${local.ip}:${local.port}->${remote.ip}:${remote.port}`,
  };
}

/** `127.0.0.1:22`, `[::1]:22`; undefined for the inode of an unbound socket. */
function endpoint(text: string): { readonly ip: string; readonly port: number } | undefined {
  const m = /^\[?([0-9a-fA-F.:]+?)\]?:(\d{1,5})$/.exec(text);
  return m ? { ip: m[1]!, port: Number(m[2]) } : undefined;
}

/** `94977->94978,"/run/x"`: the path where there is one. */
function unixName(note: string): string {
  const quote = note.indexOf('"');
  return quote < 0 ? note : unescaped(note.slice(quote + 1).replace(/"$/, ''));
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = Buffer.from(text, 'utf8');
  return unescapeBytes(bytes, 0, bytes.length).toString('utf8');
}

/** sysdig's rendering of a descriptor with its annotation: `<f>/etc/hostname`, `<4t>1.2.3.4:5->6.7.8.9:10`. */
export function resolvedFd(fd: Fd): string | undefined {
  if (fd.name === undefined && fd.typeChar === undefined) return undefined;
  const protocol = fd.l4proto?.charAt(0) ?? '';
  return `<${fd.typeChar ?? '?'}${protocol}>${fd.name ?? ''}`;
}
