/**
 * Filter values as text and as bytes. A value is a string; a byte that is no valid UTF-8 (written `\xHH`) is
 * kept in it as the lone surrogate U+DC00 + byte, so that text, bytes and printed form convert without loss.
 */
import { isUtf8 } from 'node:buffer';
import { escapeControl } from '../model/escape.js';

const LONE_BYTE = /[\udc80-\udcff]/u;
const BARE = /^[A-Za-z0-9_.:/@%+*?~^-]+$/;

/** The bytes that a value stands for. */
export function valueBytes(value: string): Buffer {
  if (!LONE_BYTE.test(value)) return Buffer.from(value, 'utf8');
  const parts: Buffer[] = [];
  for (const c of value) {
    const code = c.codePointAt(0)!;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code & 0xff) : Buffer.from(c, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** The value that stands for `bytes`. */
export function valueOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let value = '';
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]!;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const piece = bytes.subarray(i, i + length);
    if (piece.length === length && isUtf8(piece)) {
      value += piece.toString('utf8');
      i += length;
    } else {
      value += String.fromCharCode(0xdc00 | lead);
      i++;
    }
  }
  return value;
}

/**
 * A value as it has to stand in a filter: bare where that is safe in a shell too, else in single quotes. Control
 * and direction characters are escaped, so the text is safe on a terminal.
 */
export function formatValue(value: string): string {
  if (BARE.test(value)) return value;
  let text = "'";
  for (const c of value) text += escaped(c);
  return `${text}'`;
}

function escaped(c: string): string {
  switch (c) {
    case "'":
    case '\\':
      return `\\${c}`;
    case '\b':
      return '\\b';
    case '\f':
      return '\\f';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
  }
  const code = c.codePointAt(0)!;
  if (code >= 0xdc80 && code <= 0xdcff) return hexEscape(code & 0xff);
  return escapeControl(c) === c ? c : Array.from(Buffer.from(c, 'utf8'), hexEscape).join('');
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
