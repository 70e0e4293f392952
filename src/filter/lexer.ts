/**
 * The words of a filter. What a character means depends on where it stands (`<` is an operator after a field and
 * a value after `=`), so the parser asks for what it expects next and the scanner never guesses.
 */
import { filterError, quoted } from './filter-error.js';
import { valueOfBytes } from './value-text.js';

export interface Token {
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

const BLANK = /\s|[\b]/;
const WORD = /[A-Za-z_][\w.\-/]*/y;
const SYMBOL = /==|!=|<=|>=|=|<|>/y;
const BARE = /[^()"'\s=,][^()"'\s,]*/y;
const BARE_ARG = /[^\s[\]"']+/y;
/** A piece to name in a message. */
const PIECE = /[^\s()"',]+|./suy;

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '/': '/',
};

export class Scanner {
  at = 0;

  constructor(readonly text: string) {}

  skipBlank(): void {
    while (this.at < this.text.length && BLANK.test(this.text[this.at]!)) this.at++;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  /** Takes one given character. */
  take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** A field name, a keyword, a transformer or a word operator. */
  word(): Token | undefined {
    return this.match(WORD);
  }

  symbol(): Token | undefined {
    return this.match(SYMBOL);
  }

  /** A quoted or bare value. */
  value(): Token | undefined {
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") return this.quotedText(quote);
    if (quote !== undefined && '“”‘’„«»'.includes(quote)) {
      throw this.error(this.at, this.at + 1, `values are quoted with ' or ", not with ${quote}`);
    }
    const token = this.match(BARE);
    if (token === undefined) return undefined;
    const double = /&&|\|\|/.exec(token.text);
    if (double) {
      const at = token.at + double.index;
      throw this.error(
        at,
        at + 2,
        `write ${double[0] === '&&' ? '"and"' : '"or"'} instead of "${double[0]}"`,
      );
    }
    return token;
  }

  /** What stands in the brackets after a field. */
  argument(): Token | undefined {
    const quote = this.text[this.at];
    return quote === '"' || quote === "'" ? this.quotedText(quote) : this.match(BARE_ARG);
  }

  /** Whatever comes next, for a message. */
  piece(): Token {
    const at = this.at;
    const token = this.match(PIECE) ?? { text: '', at, end: at };
    this.at = at;
    return token;
  }

  error(at: number, end: number, reason: string): Error {
    return filterError(this.text, at, end, reason);
  }

  private match(pattern: RegExp): Token | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    const at = this.at;
    this.at += found[0].length;
    return { text: found[0], at, end: this.at };
  }

  private quotedText(quote: string): Token {
    const start = this.at;
    let plain = start + 1;
    let text = '';
    let bytes = false;
    for (let i = plain; i < this.text.length; i++) {
      const c = this.text[i]!;
      if (c === quote) {
        text += this.text.slice(plain, i);
        this.at = i + 1;
        return {
          text: bytes ? joinBytes(text) : text,
          at: start,
          end: this.at,
        };
      }
      if (c !== '\\') continue;
      text += this.text.slice(plain, i);
      const next = this.text[i + 1] ?? '';
      if (next === 'x') {
        const digits = /^[0-9a-fA-F]{2}/.exec(this.text.slice(i + 2, i + 4));
        if (!digits) throw this.error(i, i + 2, 'two hexadecimal digits must follow \\x');
        const byte = Number.parseInt(digits[0], 16);
        bytes ||= byte >= 0x80;
        text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 | byte);
        i += 3;
      } else {
        const escaped = next === quote ? quote : ESCAPES[next];
        if (escaped === undefined) throw this.badEscape(i, next);
        text += escaped;
        i += 1;
      }
      plain = i + 1;
    }
    throw this.error(start, start + 1, 'the quote is never closed');
  }

  private badEscape(at: number, next: string): Error {
    if (next === '') return this.error(at, at + 1, 'the quote is never closed');
    const reason = `unknown escape ${quoted(`\\${next}`)} (write \\\\ for a backslash; there are \\b \\f \\n \\r \\t \\/ \\xHH too)`;
    return this.error(at, at + 1 + next.length, reason);
  }
}

/** Bytes written one by one may form characters together. */
function joinBytes(text: string): string {
  const parts: Buffer[] = [];
  for (const piece of text.split(/([\udc80-\udcff]+)/u)) {
    const lone = /^[\udc80-\udcff]/u.test(piece);
    parts.push(
      lone ? (Buffer.from(piece, 'utf16le').filter((_, i) => i % 2 === 0) as Buffer) : Buffer.from(piece),
    );
  }
  return valueOfBytes(Buffer.concat(parts));
}
