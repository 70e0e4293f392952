/**
 * Reads a file descriptor as sysdig prints it:
 *
 *     13(<4t>1.2.3.4:5->6.7.8.9:10)    number, type, client -> server
 *     5(<f>/tmp/x)   4(<p>)   99   -2(ENOENT)   3(<6u>::1:38255->::1:2345)   12(<4r>10.0.0.1->224.0.0.18)
 *
 * Text copied from web pages lost what stood in angle brackets: `13(192.168.205.8->224.0.0.18)`, `(<4t>>`.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Fd } from '../../model/event-fields.js';

/** sysdig's fd.type by fd.typechar. */
const TYPES: Readonly<Record<string, string>> = {
  f: 'file',
  d: 'directory',
  '4': 'ipv4',
  '6': 'ipv6',
  u: 'unix',
  p: 'pipe',
  e: 'event',
  s: 'signalfd',
  l: 'eventpoll',
  i: 'inotify',
  t: 'timerfd',
  n: 'netlink',
  b: 'bpf',
  r: 'io_uring',
  m: 'memfd',
  P: 'pidfd',
};

const PROTOCOLS: Readonly<Record<string, Fd['l4proto']>> = {
  t: 'tcp',
  u: 'udp',
  i: 'icmp',
  r: 'raw',
};

const TEXT = /^(-?\d+)?(?:\((?:<(\w|\?)([a-z])?>)?(.*)[)>])?$/s;

interface Endpoint {
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

const NOWHERE: Endpoint = { ip: undefined, port: undefined };

/** A descriptor from its printed value; undefined when the text is none. Errors give their number alone. */
export function parseDescriptor(value: string): Fd | undefined {
  const m = TEXT.exec(value);
  if (m === null || m[1] === undefined) return undefined;
  const num = Number(m[1]);
  if (num < 0) return describe(num, undefined, undefined, undefined);
  return describe(num, m[2], m[3], m[4]);
}

/** A descriptor from its parts; `name` of a socket is `client:port->server:port`, or `ip:port` of a bound one. */
export function describe(
  num: number,
  typeChar: string | undefined,
  protocolChar: string | undefined,
  name: string | undefined,
): Fd {
  const isSocket = typeChar === '4' || typeChar === '6' || (typeChar === undefined && looksLikeSocket(name));
  const l4proto = isSocket ? PROTOCOLS[protocolChar ?? ''] : undefined;
  const [client, server] =
    isSocket && name !== undefined
      ? endpoints(name, l4proto === 'raw' || l4proto === 'icmp')
      : [NOWHERE, NOWHERE];
  const guessed = isSocket && typeChar === undefined ? (isIPv4(client.ip ?? '') ? '4' : '6') : typeChar;
  return {
    num,
    type: guessed === undefined ? undefined : TYPES[guessed],
    typeChar: guessed,
    name,
    l4proto,
    clientIp: client.ip,
    clientPort: client.port,
    serverIp: server.ip,
    serverPort: server.port,
  };
}

function looksLikeSocket(name: string | undefined): boolean {
  if (name === undefined || !name.includes('->')) return false;
  return endpoints(name, false).every((side) => side.ip !== undefined);
}

function endpoints(name: string, portless: boolean): readonly [Endpoint, Endpoint] {
  const arrow = name.indexOf('->');
  if (arrow < 0) return [NOWHERE, endpoint(name, portless)];
  return [endpoint(name.slice(0, arrow), portless), endpoint(name.slice(arrow + 2), portless)];
}

/** Addresses and ports are joined by a colon, also those of IPv6: the last one splits. */
function endpoint(text: string, portless: boolean): Endpoint {
  if (isIPv4(text) || (portless && isIPv6(text))) return { ip: text, port: undefined };
  const colon = text.lastIndexOf(':');
  const ip = text.slice(0, colon);
  if (colon < 0 || (!isIPv4(ip) && !isIPv6(ip))) {
    return { ip: isIPv6(text) ? text : undefined, port: undefined };
  }
  const port = text.slice(colon + 1);
  return { ip, port: /^\d{1,5}$/.test(port) ? Number(port) : undefined };
}
