/** Error messages with the expression and a caret under what is wrong. */
import { escapeControl } from '../model/escape.js';
import { UsageError } from '../model/problem.js';

/** Columns that an expression may take; longer ones are shown as a window around the caret. */
const WIDTH = 76;
const LEAD = 30;
const TOKEN = 32;

/**
 * `reason`, the expression, and carets under `text[at, end)`:
 *
 *     filter: unknown field "proc.nam" (did you mean proc.name?)
 *       proc.nam=keepalived and evt.type=sendmsg
 *       ^^^^^^^^
 */
export function filterError(text: string, at: number, end: number, reason: string): UsageError {
  let before = escapeControl(slice(text, at - WIDTH, at));
  let token = escapeControl(slice(text, at, Math.min(end, at + WIDTH)));
  let after = escapeControl(slice(text, end, end + WIDTH));
  if (at > WIDTH || before.length + token.length + after.length > WIDTH || text.length - end > WIDTH) {
    if (before.length > LEAD) before = `...${tail(before, LEAD - 3)}`;
    if (token.length > TOKEN) {
      token = `${head(token, TOKEN)}`;
      after = '...';
    }
    const room = WIDTH - before.length - token.length;
    if (after.length > room) after = `${head(after, room - 3)}...`;
  }
  const carets = ' '.repeat(before.length) + '^'.repeat(Math.max(1, token.length));
  return new UsageError('filter', `filter: ${reason}\n  ${before}${token}${after}\n  ${carets}`);
}

/** A piece of the expression inside a sentence: escaped and shortened. */
export function shortened(text: string): string {
  return escapeControl(text.length > 60 ? `${head(text, 57)}...` : text);
}

/** The same in quotes. */
export function quoted(text: string): string {
  return `"${shortened(text)}"`;
}

/** Never cuts a surrogate pair in two. */
function slice(text: string, from: number, to: number): string {
  const start = Math.max(0, from);
  return tail(head(text.slice(start, to), to - start), to - start);
}

function head(text: string, length: number): string {
  const cut = text.slice(0, length);
  return cut.length < length || !isHighSurrogate(cut.charCodeAt(cut.length - 1)) ? cut : cut.slice(0, -1);
}

function tail(text: string, length: number): string {
  const cut = text.slice(-length);
  return isLowSurrogate(cut.charCodeAt(0)) ? cut.slice(1) : cut;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
