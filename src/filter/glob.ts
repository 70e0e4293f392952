/**
 * Shell globs as sysdig matches them (fnmatch without flags): `*` any text, also with slashes, `?` one character,
 * `[a-z]`, `[!a]`, `[^a]` and `[[:digit:]]` one of a set, `\` takes the next character as it is. The whole value
 * must match. Two pointers, no recursion: time is bounded by value times pattern length.
 */

const STAR = -1;
const ANY = -2;
/** Tokens at or below this are sets: SET - index. */
const SET = -3;

interface CharSet {
  readonly negated: boolean;
  /** Pairs of first and last code point. */
  readonly ranges: readonly number[];
}

const POSIX: Readonly<Record<string, readonly number[]>> = {
  alpha: [65, 90, 97, 122],
  digit: [48, 57],
  alnum: [48, 57, 65, 90, 97, 122],
  upper: [65, 90],
  lower: [97, 122],
  space: [9, 13, 32, 32],
  blank: [9, 9, 32, 32],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  print: [32, 126],
  graph: [33, 126],
  cntrl: [0, 31, 127, 127],
  xdigit: [48, 57, 65, 70, 97, 102],
};

interface Glob {
  /** Code points, or the negative codes above. */
  readonly tokens: readonly number[];
  readonly sets: readonly CharSet[];
}

/** A test for `bytes[start, end)`, read as UTF-8; `fold` ignores the case of ASCII letters. */
export function compileGlob(
  pattern: string,
  fold: boolean,
): (bytes: Buffer, start: number, end: number) => boolean {
  const glob = parseGlob(fold ? lowerAscii(pattern) : pattern);
  const { tokens } = glob;
  return (bytes, start, end) => {
    let at = start;
    let token = 0;
    let starToken = -1;
    let starAt = start;
    while (at < end) {
      const wanted = token < tokens.length ? tokens[token]! : undefined;
      if (wanted === STAR) {
        starToken = ++token;
        starAt = at;
        continue;
      }
      const length = charLength(bytes, at, end);
      if (wanted !== undefined && matchesChar(glob, wanted, charAt(bytes, at, length), fold)) {
        token++;
        at += length;
      } else if (starToken >= 0) {
        starAt += charLength(bytes, starAt, end);
        at = starAt;
        token = starToken;
      } else return false;
    }
    while (tokens[token] === STAR) token++;
    return token === tokens.length;
  };
}

/** Pieces of the pattern that stand in every value it matches. */
export function globLiterals(pattern: string): string[] {
  const { tokens } = parseGlob(pattern);
  const pieces: string[] = [];
  let piece = '';
  for (const token of tokens) {
    if (token >= 0) piece += String.fromCodePoint(token);
    else {
      pieces.push(piece);
      piece = '';
    }
  }
  pieces.push(piece);
  return pieces.filter((text) => text !== '');
}

function matchesChar(glob: Glob, token: number, char: number, fold: boolean): boolean {
  const c = fold && char >= 65 && char <= 90 ? char + 32 : char;
  if (token >= 0) return token === c;
  if (token === ANY) return true;
  const { negated, ranges } = glob.sets[SET - token]!;
  for (let i = 0; i < ranges.length; i += 2) {
    if (inRange(ranges, i, c) || (fold && c >= 97 && c <= 122 && inRange(ranges, i, c - 32))) return !negated;
  }
  return negated;
}

function inRange(ranges: readonly number[], i: number, c: number): boolean {
  return c >= ranges[i]! && c <= ranges[i + 1]!;
}

function parseGlob(pattern: string): Glob {
  const chars = Array.from(pattern, (c) => c.codePointAt(0)!);
  const tokens: number[] = [];
  const sets: CharSet[] = [];
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]!;
    if (c === 0x2a) {
      if (tokens[tokens.length - 1] !== STAR) tokens.push(STAR);
    } else if (c === 0x3f) tokens.push(ANY);
    else if (c === 0x5c && i + 1 < chars.length) tokens.push(chars[++i]!);
    else if (c === 0x5b) {
      const found = parseSet(chars, i + 1);
      if (found === undefined) tokens.push(c);
      else {
        tokens.push(SET - sets.length);
        sets.push(found.set);
        i = found.last;
      }
    } else tokens.push(c);
  }
  return { tokens, sets };
}

/** The set that starts behind a `[`; undefined when it is never closed. */
function parseSet(
  chars: readonly number[],
  start: number,
): { readonly set: CharSet; readonly last: number } | undefined {
  let i = start;
  const negated = chars[i] === 0x21 || chars[i] === 0x5e;
  if (negated) i++;
  const ranges: number[] = [];
  for (let first = true; i < chars.length; first = false) {
    let low = chars[i]!;
    if (low === 0x5d && !first) return { set: { negated, ranges }, last: i };
    const name = low === 0x5b && chars[i + 1] === 0x3a ? posixName(chars, i + 2) : undefined;
    if (name !== undefined) {
      ranges.push(...POSIX[name]!);
      i += name.length + 4;
      continue;
    }
    if (low === 0x5c && i + 1 < chars.length) low = chars[++i]!;
    i++;
    let high = low;
    if (chars[i] === 0x2d && i + 1 < chars.length && chars[i + 1] !== 0x5d) {
      i++;
      if (chars[i] === 0x5c && i + 1 < chars.length) i++;
      high = chars[i++]!;
    }
    ranges.push(low, high);
  }
  return undefined;
}

function posixName(chars: readonly number[], start: number): string | undefined {
  return Object.keys(POSIX).find((name) => {
    const end = start + name.length;
    if (chars[end] !== 0x3a || chars[end + 1] !== 0x5d) return false;
    for (let i = 0; i < name.length; i++) if (chars[start + i] !== name.charCodeAt(i)) return false;
    return true;
  });
}

/** Bytes of the character at `at`; a byte that starts no valid one counts alone. */
function charLength(bytes: Buffer, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xf4) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (at + length > end) return 1;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 1;
  return length;
}

/** Its code point; for a byte that stands alone the lone surrogate that filter values have for it. */
function charAt(bytes: Buffer, at: number, length: number): number {
  const lead = bytes[at]!;
  if (length === 1) return lead < 0x80 ? lead : 0xdc00 | lead;
  let code = lead & (0x7f >> length);
  for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i]! & 0x3f);
  return code;
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
