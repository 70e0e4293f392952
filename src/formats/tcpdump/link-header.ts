/**
 * The link header that -e prints in front of a packet's body, in place; an unknown ethertype has it without -e, too:
 *
 *     00:00:5e:00:01:33 > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: BODY
 *     00:0c:29:aa:bb:01 > 00:0c:29:aa:bb:02, ethertype 802.1Q (0x8100), length 58: vlan 5, p 0, ethertype IPv4 (0x0800), BODY
 *     ifindex 2 00:0c:29:aa:bb:01 > 00:0c:29:aa:bb:02, IPv4, length 54: BODY       -q: the name alone
 *     ifindex 1 00:00:00:00:00:00 BODY                                             a cooked capture with -q
 */
import { isDigit } from '../../model/ascii.js';
import { indexOf, startsWith } from '../../model/bytes.js';
import { ETHERTYPE_ARP, ETHERTYPE_IP4, ETHERTYPE_IP6, ETHERTYPE_RARP } from '../packets/protocols.js';

const SPACE = 0x20;
const PAREN = 0x28;
const COLON = 0x3a;
const ZERO = 0x30;

const LENGTH_WORD = Buffer.from('length ');
export const ETHERTYPE_WORD = Buffer.from('ethertype ');
const VLAN_WORD = Buffer.from('vlan ');

/** In place of an ethertype: there is no link header, or (a cooked capture with -q) it says nothing of what follows. */
export const NO_LINK = -1;
export const UNTOLD = -2;
/** A link header is no longer than this. */
export const LINK_MAX = 400;
/** More VLAN tags than this are an attack. */
const TAGS_MAX = 16;
const HEX = new Int8Array(256).fill(-1);
for (const [i, c] of [...'0123456789abcdef'].entries()) HEX[c.charCodeAt(0)] = i;

const TAG =
  /^vlan \d+, p \d+(?:, DEI)?, (?:(?:ethertype )?([A-Za-z0-9][A-Za-z0-9. ]{0,39}?)(?: \(0x([0-9a-f]{4})\))?, )?/;

const ETHERTYPE_NAMES: Readonly<Record<string, number>> = {
  IPv4: ETHERTYPE_IP4,
  IPv6: ETHERTYPE_IP6,
  ARP: ETHERTYPE_ARP,
  'Reverse ARP': ETHERTYPE_RARP,
};

/** Reads the link header of one line; the fields describe the line read last. */
export class LinkHeader {
  /** Behind the header; where it would begin, if there is none. */
  end = 0;
  /** Bytes on the wire, -1 where they are not told. */
  frameLength = -1;

  /** The ethertype in the header of bytes[start, end); 0 where it has none, else NO_LINK or UNTOLD. */
  read(bytes: Buffer, start: number, end: number): number {
    this.end = start;
    this.frameLength = -1;
    const limit = Math.min(end, start + LINK_MAX);
    if (!isLink(bytes, start, limit)) return NO_LINK;
    const short = shortLink(bytes, start, limit);
    if (short > 0) {
      this.end = start + short;
      return startsWith(bytes, this.end, end, VLAN_WORD) ? this.readTags(bytes, end) : UNTOLD;
    }
    let ethertype = 0;
    for (let p = start; p < limit; p++) {
      const c = bytes[p]!;
      if (c === 0x65 && startsWith(bytes, p, limit, ETHERTYPE_WORD))
        ethertype = parenthesised(bytes, p, limit);
      else if (c === 0x45 && bytes[p - 1] === SPACE && isOldWord(bytes, p, limit))
        ethertype = parenthesised(bytes, p, limit);
      else if (c === 0x6c && bytes[p - 1] === SPACE && startsWith(bytes, p, limit, LENGTH_WORD)) {
        let q = p + LENGTH_WORD.length;
        let length = 0;
        while (q < limit && isDigit(bytes[q]!)) length = length * 10 + bytes[q++]! - ZERO;
        if (bytes[q] !== COLON || q >= limit) continue;
        this.frameLength = length;
        q++;
        while (q < end && bytes[q] === SPACE) q++;
        this.end = q;
        if (startsWith(bytes, q, end, VLAN_WORD)) return this.readTags(bytes, end);
        return ethertype === 0 ? namedEthertype(bytes, start, p) : ethertype;
      }
    }
    return NO_LINK;
  }

  /** `vlan 5, p 0, ethertype IPv4 (0x0800), `, once or more; in cooked captures without the number. */
  private readTags(bytes: Buffer, end: number): number {
    let ethertype = 0;
    for (let i = 0; i < TAGS_MAX; i++) {
      const at = this.end;
      const m = TAG.exec(bytes.toString('latin1', at, Math.min(end, at + LINK_MAX)));
      if (!m) break;
      const [, name, digits] = m;
      if (digits !== undefined) ethertype = Number.parseInt(digits, 16);
      else ethertype = name === undefined ? UNTOLD : (ETHERTYPE_NAMES[name] ?? 0);
      this.end = at + m[0].length;
    }
    return ethertype;
  }
}

/** What only a link header begins with: two addresses, or one behind the columns of -i any. */
function isLink(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 17) return false;
  if (bytes[start + 2] === COLON && bytes[start + 5] === COLON && bytes[start + 8] === COLON) return true;
  const text = bytes.toString('latin1', start, Math.min(end, start + 40));
  return /^(?:ifindex \d+ |AF |\S+ > \S+, (?:ethertype|802\.)|\S+ (?:\([^)]*\) )?> |\S+ ethertype )/.test(
    text,
  );
}

/** Length of the link header of a cooked capture with -q -e: `ifindex 1 00:00:00:00:00:00 `, 0 for none. */
function shortLink(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, Math.min(end, start + 60));
  return /^(?:ifindex \d+ )?[0-9a-f]{2}(?::[0-9a-f]{2}){5} (?!>|\(|ethertype )/.exec(text)?.[0].length ?? 0;
}

/** -q: `Unknown Ethertype (0x88b5)`, `IPv4, length`. */
function isOldWord(bytes: Buffer, p: number, end: number): boolean {
  return bytes.toString('latin1', p, Math.min(end, p + 11)) === 'Ethertype (';
}

/** -q: the name alone, `IPv4` in `..., IPv4, length 54`; 0 where it is none of those that are told apart. */
function namedEthertype(bytes: Buffer, start: number, lengthAt: number): number {
  const name = /(?:^|, )([^,]+), $/.exec(bytes.toString('latin1', start, lengthAt))?.[1] ?? '';
  return ETHERTYPE_NAMES[name] ?? 0;
}

/** The number in the next parentheses: `(0x0800)`. */
function parenthesised(bytes: Buffer, start: number, end: number): number {
  const open = indexOf(bytes, PAREN, start, end);
  if (open < 0 || bytes[open + 1] !== ZERO || bytes[open + 2] !== 0x78) return 0;
  let value = 0;
  for (let p = open + 3; p < end && p < open + 7; p++) {
    const digit = HEX[bytes[p]!]!;
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  return value;
}
