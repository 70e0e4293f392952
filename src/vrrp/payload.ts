/**
 * An advertisement from the bytes that a call sent, with an IPv4 header before it where the sender makes its own
 * (keepalived does), as strace and sysdig print them:
 *
 *     E\300\0(\0,\0\0\377p\0\0\nM\0\1\340\0\0\22!3\226\1\0\1>\31\nM\0d     strace, cut after 32 bytes by default
 *     E..(.....p...M......!3....>..M.d........                              sysdig: dots for what is not printable
 */

/** What is known of an advertisement; each member undefined where the text does not show it. */
export interface Header {
  readonly version: number | undefined;
  readonly vrid: number | undefined;
  readonly priority: number | undefined;
  readonly intervalNs: number | undefined;
  /** Source address of the IPv4 header. */
  readonly sourceIp: string | undefined;
  readonly addresses: readonly string[];
}

/** A byte, or undefined where it is not shown. */
type ByteAt = (index: number) => number | undefined;

const PROTOCOL = 112;
const DOT = 0x2e;
const ADDRESSES_READ = 8;
const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, '\\': 92, '"': 34 };
const ESCAPED = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))|([^\\])/gs;

/** From strace's string, without its quotes; undefined where the bytes are no advertisement. */
export function headerOfEscaped(text: string, isIpv4: boolean): Header | undefined {
  const bytes: number[] = [];
  for (const [, octal, hex, letter, plain] of text.matchAll(ESCAPED)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (letter !== undefined) bytes.push(ESCAPES[letter] ?? letter.charCodeAt(0));
    else bytes.push(plain!.charCodeAt(0) & 0xff);
  }
  return readHeader((index) => bytes[index], isIpv4);
}

/** From sysdig's text, in which a dot may stand for any byte; undefined where what is shown is no advertisement. */
export function headerOfPrintable(text: string, isIpv4: boolean): Header | undefined {
  return readHeader((index) => {
    const code = index < text.length ? text.charCodeAt(index) : DOT;
    return code === DOT ? undefined : code & 0xff;
  }, isIpv4);
}

function readHeader(byte: ByteAt, isIpv4: boolean): Header | undefined {
  const first = byte(0);
  if (first === undefined) return undefined;
  const hasIp = first >= 0x45 && first <= 0x4f;
  if (hasIp && (byte(9) ?? PROTOCOL) !== PROTOCOL) return undefined;
  const at = hasIp ? (first & 15) * 4 : 0;
  const lead = byte(at);
  const version = lead === undefined ? undefined : lead >> 4;
  // The low half is the type: 1 is the only one.
  if (lead !== undefined && ((version !== 2 && version !== 3) || (lead & 15) !== 1)) return undefined;
  return {
    version,
    vrid: byte(at + 1),
    priority: byte(at + 2),
    intervalNs: intervalOf(version, byte(at + 4), byte(at + 5)),
    sourceIp: hasIp ? address(byte, 12) : undefined,
    addresses: isIpv4 ? addressesOf(byte, at + 8, byte(at + 3)) : [],
  };
}

/** Whole seconds in version 2, behind the type of authentication; twelve bits of centiseconds in version 3. */
function intervalOf(version: number | undefined, high: number | undefined, low: number | undefined) {
  if (version === undefined || low === undefined) return undefined;
  if (version === 2) return low === 0 ? undefined : low * 1e9;
  const centiseconds = high === undefined ? 0 : ((high & 15) << 8) | low;
  return centiseconds === 0 ? undefined : centiseconds * 1e7;
}

function addressesOf(byte: ByteAt, at: number, count: number | undefined): string[] {
  const addresses: string[] = [];
  for (let i = 0; i < Math.min(count ?? 0, ADDRESSES_READ); i++) {
    const text = address(byte, at + 4 * i);
    if (text === undefined) break;
    addresses.push(text);
  }
  return addresses;
}

function address(byte: ByteAt, at: number): string | undefined {
  const parts = [byte(at), byte(at + 1), byte(at + 2), byte(at + 3)];
  return parts.includes(undefined) ? undefined : parts.join('.');
}
