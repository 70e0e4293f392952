/**
 * Text measured in terminal columns: East Asian wide characters and emoji take two, combining marks none.
 * Ranges after Unicode's EastAsianWidth.txt (W and F), coarse where whole blocks are wide.
 */

const PLAIN = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Columns that `text` takes; it must hold no control characters. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** `text` in at most `width` columns; what is cut off is marked by a final `…`. */
export function cutToWidth(text: string, width: number): string {
  if (width <= 0) return '';
  if (text.length * 2 <= width || displayWidth(text) <= width) return text;
  let used = 0;
  let kept = '';
  for (const char of text) {
    used += charWidth(char);
    if (used > width - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/** Fills up with spaces on the right to `width` columns. */
export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Fills up with spaces on the left to `width` columns. */
export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/**
 * Breaks at spaces into lines of at most `width` columns; a word longer than that is broken too. The first
 * line keeps its indentation, later ones start with `indent` spaces.
 */
export function wrapText(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = /^ */.exec(text)![0];
  let empty = true;
  for (let word of text.slice(line.length).split(' ')) {
    const spaced = empty ? word : ` ${word}`;
    if (displayWidth(line) + displayWidth(spaced) <= width) {
      line += spaced;
      empty = false;
      continue;
    }
    if (!empty) {
      lines.push(line);
      line = ' '.repeat(indent);
    }
    for (;;) {
      const head = takeColumns(word, Math.max(1, width - displayWidth(line)));
      line += head;
      word = word.slice(head.length);
      if (word === '') break;
      lines.push(line);
      line = ' '.repeat(indent);
    }
    empty = false;
  }
  lines.push(line);
  return lines;
}

/** The longest beginning of `text` in at most `width` columns, at least one character. */
function takeColumns(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const char of text) {
    used += charWidth(char);
    if (used > width && taken !== '') break;
    taken += char;
  }
  return taken;
}

function charWidth(char: string): number {
  const code = char.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (ZERO_WIDTH.test(char)) return 0;
  return isWide(code) ? 2 : 1;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xa960 && code <= 0xa97f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f680 && code <= 0x1f6ff) ||
    (code >= 0x1f900 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
