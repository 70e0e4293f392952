/**
 * The arguments of a strace call, read from the front: comma and blank between them, nesting `{}` `[]` `()`,
 * strings with C escapes, comments, and `-y` annotations with paths of any characters:
 *
 *   openat(AT_FDCWD</srv>, "/tmp/no, such (file) = -1 ENOENT", O_RDONLY) = -1 ENOENT (No such file or directory)
 *   clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 27305
 */
import { isDigit } from '../../model/ascii.js';

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const PAREN = 0x28;
const PAREN_END = 0x29;
const STAR = 0x2a;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** `AT_FDCWD<`: the letter in front of an annotation. */
const FDCWD_END = 0x44;

/** The call's closing parenthesis, the one that a result follows, or -1. `from` is behind the opening one. */
export function argumentsEnd(bytes: Buffer, from: number, end: number): number {
  let depth = 0;
  for (let p = from; p < end; p++) {
    const c = bytes[p]!;
    if (c === PAREN || c === BRACKET || c === BRACE) depth++;
    else if (c === BRACKET_END || c === BRACE_END) depth--;
    else if (c === PAREN_END) {
      if (depth <= 0 && resultFollows(bytes, p, end)) return p;
      depth--;
    } else {
      p = skipOpaque(bytes, p, end, from);
      if (p < 0) return -1;
    }
  }
  return -1;
}

function resultFollows(bytes: Buffer, paren: number, end: number): boolean {
  let p = paren + 1;
  while (p < end && bytes[p] === SPACE) p++;
  return p > paren + 1 && p + 1 < end && bytes[p] === EQUALS && bytes[p + 1] === SPACE;
}

/** Last position of the string, comment or annotation that starts at `p`; `p` itself where none does; -1 if it never ends. */
function skipOpaque(bytes: Buffer, p: number, end: number, from: number): number {
  const c = bytes[p]!;
  if (c === QUOTE) return skipString(bytes, p, end);
  if (c === SLASH && bytes[p + 1] === STAR) return skipComment(bytes, p, end);
  if (c === LESS && p > from && annotates(bytes[p - 1]!)) return skipAnnotation(bytes, p, end);
  return p;
}

function annotates(before: number): boolean {
  return isDigit(before) || before === FDCWD_END;
}

function skipString(bytes: Buffer, quote: number, end: number): number {
  for (let p = quote + 1; p < end; p++) {
    const c = bytes[p];
    if (c === BACKSLASH) p++;
    else if (c === QUOTE) return p;
  }
  return -1;
}

function skipComment(bytes: Buffer, slash: number, end: number): number {
  for (let p = slash + 3; p < end; p++) if (bytes[p] === SLASH && bytes[p - 1] === STAR) return p;
  return -1;
}

/** `</tmp/we ird, (x)\76>`, `<TCP:[127.0.0.1:1->127.0.0.1:2]>`, `</dev/pts/0<char 136:0>>` */
function skipAnnotation(bytes: Buffer, less: number, end: number): number {
  const path = bytes[less + 1] === SLASH;
  let depth = 0;
  for (let p = less; p < end; p++) {
    const c = bytes[p];
    if (c === LESS) depth++;
    else if (c === GREATER) {
      if (!path && bytes[p - 1] === DASH) continue;
      if (--depth === 0) return p;
    } else if (c === QUOTE && !path) {
      p = skipString(bytes, p, end);
      if (p < 0) return -1;
    }
  }
  return -1;
}

/** The arguments one by one, without the blanks around them. What is cut or broken stays in the last one. */
export function splitArguments(text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let p = 0; p < bytes.length; p++) {
    const c = bytes[p]!;
    if (c === PAREN || c === BRACKET || c === BRACE) depth++;
    else if (c === PAREN_END || c === BRACKET_END || c === BRACE_END) depth--;
    else if (c === COMMA && depth <= 0) {
      parts.push(bytes.toString('utf8', start, p).trim());
      start = p + 1;
    } else {
      const last = skipOpaque(bytes, p, bytes.length, 0);
      if (last < 0) break;
      p = last;
    }
  }
  const rest = bytes.toString('utf8', start).trim();
  if (rest !== '' || parts.length > 0) parts.push(rest);
  return parts;
}

const NAMED = /^([a-z_][a-z0-9_]*)=/;

/** `flags=CLONE_VM`: the name that strace prints before an argument (-N, and always for clone), and the rest. */
export function nameOf(argument: string): {
  readonly name: string | undefined;
  readonly value: string;
} {
  const m = NAMED.exec(argument);
  return m ? { name: m[1], value: argument.slice(m[0].length) } : { name: undefined, value: argument };
}

const ESCAPES: Readonly<Record<number, number>> = {
  110: 0x0a,
  116: TAB,
  114: 0x0d,
  118: 0x0b,
  102: 0x0c,
  97: 0x07,
  98: 0x08,
  101: 0x1b,
};

/** Undoes strace's escapes in bytes[start, end): `\n`, `\"`, `\76`, `\x2c`. */
export function unescapeBytes(bytes: Buffer, start: number, end: number): Buffer {
  const out = Buffer.alloc(end - start);
  let n = 0;
  for (let p = start; p < end; p++) {
    const c = bytes[p]!;
    if (c !== BACKSLASH || p + 1 >= end) {
      out[n++] = c;
      continue;
    }
    const next = bytes[++p]!;
    if (isOctal(next)) {
      let value = next - 48;
      for (let k = 0; k < 2 && p + 1 < end && isOctal(bytes[p + 1]!); k++)
        value = value * 8 + bytes[++p]! - 48;
      out[n++] = value & 0xff;
    } else if (next === 0x78 && p + 2 < end && Number.isInteger(hexPair(bytes, p + 1))) {
      out[n++] = hexPair(bytes, p + 1);
      p += 2;
    } else out[n++] = ESCAPES[next] ?? next;
  }
  return out.subarray(0, n);
}

function isOctal(c: number): boolean {
  return c >= 0x30 && c <= 0x37;
}

function hexPair(bytes: Buffer, p: number): number {
  const text = bytes.toString('latin1', p, p + 2);
  return /^[0-9a-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}

/** The text of a string argument without its quotes and escapes, `...` kept where strace cut it; undefined for anything else. */
export function stringValue(argument: string): string | undefined {
  const bytes = Buffer.from(argument, 'utf8');
  if (bytes[0] !== QUOTE) return undefined;
  const close = skipString(bytes, 0, bytes.length);
  if (close < 0) return undefined;
  const rest = bytes.toString('utf8', close + 1);
  if (rest !== '' && rest.charCodeAt(0) !== DOT && rest.charCodeAt(0) !== SPACE) return undefined;
  return unescapeBytes(bytes, 1, close).toString('utf8') + (rest.startsWith('...') ? '...' : '');
}

/** Bytes of the first string at or behind `from`, unescaped; undefined where there is none. */
export function firstString(bytes: Buffer, from: number, end: number): Buffer | undefined {
  let p = from;
  while (p < end && bytes[p] !== QUOTE) p++;
  if (p >= end) return undefined;
  const close = skipString(bytes, p, end);
  return close < 0 ? undefined : unescapeBytes(bytes, p + 1, close);
}
