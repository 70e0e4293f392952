/** IP addresses and networks. An IPv6 address that maps an IPv4 one is that IPv4 address. */

export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

export interface IpNetwork {
  readonly family: 4 | 6;
  /** The address without its host part: shifted right by `shift`. */
  readonly bits: bigint;
  readonly shift: bigint;
}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** undefined when `text` is no address. */
export function readIp(text: string): IpAddress | undefined {
  const v4 = readV4(text);
  if (v4 !== undefined) return { family: 4, bits: v4 };
  const bits = readV6(text);
  if (bits === undefined) return undefined;
  return bits >> 32n === 0xffffn ? { family: 4, bits: bits & 0xffff_ffffn } : { family: 6, bits };
}

/** `10.77.0.0/16`; undefined when `text` is none, also where the prefix length is missing. */
export function readNetwork(text: string): IpNetwork | undefined {
  const m = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  if (!m) return undefined;
  const ip = readIp(m[1]!);
  if (ip === undefined) return undefined;
  const width = ip.family === 4 ? 32 : 128;
  const prefix = Number(m[2]);
  if (prefix > width) return undefined;
  const shift = BigInt(width - prefix);
  return { family: ip.family, bits: ip.bits >> shift, shift };
}

export function sameIp(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.bits === b.bits;
}

export function inNetwork(ip: IpAddress, network: IpNetwork): boolean {
  return ip.family === network.family && ip.bits >> network.shift === network.bits;
}

function readV4(text: string): bigint | undefined {
  const m = V4.exec(text);
  if (!m) return undefined;
  let bits = 0n;
  for (let i = 1; i <= 4; i++) {
    const byte = Number(m[i]);
    if (byte > 255) return undefined;
    bits = (bits << 8n) | BigInt(byte);
  }
  return bits;
}

function readV6(text: string): bigint | undefined {
  if (text.length > 45 || !text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0]!);
  const tail = halves.length === 2 ? readGroups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let bits = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) {
    bits = (bits << 16n) | BigInt(group);
  }
  return bits;
}

function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 ? readV4(part) : undefined;
    if (v4 !== undefined) groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
