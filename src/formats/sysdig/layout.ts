/**
 * A sysdig -p format, compiled into a matcher over the bytes of the lines it printed:
 *
 *     *%evt.num %evt.rawtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info
 *     1 1795247004093115951 1 <NA> (0) > switch next=15 pgft_maj=0
 *
 * Texts reach up to the next literal behind which the rest fits; numbers, times and directions have a shape
 * that must fit. So names may hold blanks, parentheses, and literals of the format itself. `%10field` is
 * padded or cut to that width; `<NA>` is a field without a value. Reading a line takes time in proportion to
 * its length and the number of fields, since a text that fails from one place on fails from later ones too.
 */
import { isDigit } from '../../model/ascii.js';
import { startsWith } from '../../model/bytes.js';
import { UsageError } from '../../model/problem.js';
import { fieldAt, nearestField } from './field-names.js';
import { TimeText } from './time-text.js';

/** `list` is a text that is made of words: it reaches as far as the rest allows, other texts only as far as needed. */
type Shape = 'integer' | 'time' | 'direction' | 'word' | 'text' | 'list';

type Item =
  | { readonly kind: 'literal'; readonly bytes: Buffer; readonly blank: boolean }
  | { readonly kind: 'field'; readonly column: number; readonly width: number; readonly shape: Shape };

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', e: '\u001b', '\\': '\\' };
const INTEGERS = /^(?:evt\.num|evt\.cpu|thread\.tid|proc\.pid|evt\.(?:rawtime|reltime|deltatime)(?:\.n?s)?)$/;
const TIMES = /^evt\.(?:outputtime|time|datetime)(?:\.|$)/;
const LISTS = /^(?:evt\.(?:args|info|buffer)|proc\.(?:args|cmdline|exeline|env|pcmdline))$/;

const NEWLINE = 10;
const SPACE = 0x20;
const MINUS = 0x2d;

export class Layout {
  /** Field names by column. */
  readonly fields: readonly string[];
  /** Lines that one event takes. */
  readonly lines: number;
  /** [start, end) of each column after a match; -1 for `<NA>`. */
  readonly ranges: number[];
  /** Per item: from here on it did not fit. */
  private readonly failedFrom: Float64Array;
  private readonly time = new TimeText();
  private bytes: Buffer = Buffer.alloc(0);
  private end = 0;

  private constructor(
    private readonly items: readonly Item[],
    fields: readonly string[],
  ) {
    this.fields = fields;
    this.ranges = fields.flatMap(() => [-1, -1]);
    this.failedFrom = new Float64Array(items.length + 1);
    const breaks = items.reduce(
      (sum, item) => sum + (item.kind === 'literal' ? item.bytes.filter((b) => b === NEWLINE).length : 0),
      0,
    );
    this.lines = breaks + 1;
  }

  /** @throws UsageError for a field that sysdig does not have, or a format without fields. */
  static compile(format: string): Layout {
    const fields: string[] = [];
    const items: Item[] = [];
    const text = format.replace(/^\*/, '');
    let literal = '';
    const closeLiteral = (): void => {
      if (literal !== '') items.push(literalItem(literal));
      literal = '';
    };
    for (let p = 0; p < text.length; ) {
      const escaped = text[p] === '\\' ? ESCAPES[text[p + 1] ?? ''] : undefined;
      if (escaped !== undefined) {
        literal += escaped;
        p += 2;
      } else if (text[p] === '%') {
        const width = /^\d*/.exec(text.slice(p + 1))![0];
        p += 1 + width.length;
        const field = fieldAt(text.slice(p));
        if (field === undefined) throw unknownField(text.slice(p), format);
        closeLiteral();
        items.push({ kind: 'field', column: fields.length, width: Number(width), shape: shapeOf(field) });
        fields.push(field);
        p += field.length;
      } else {
        literal += text[p++];
      }
    }
    // sysdig ends each event with a newline of its own.
    literal = literal.replace(/\n+$/, '');
    closeLiteral();
    if (fields.length === 0) {
      throw new UsageError(
        'option',
        `--layout "${format}" has no field; give the string that sysdig -p was given, such as "%evt.num %evt.rawtime %proc.name %evt.dir %evt.type %evt.args"`,
      );
    }
    return new Layout(items, fields);
  }

  /** Fits the format to bytes[start, end) and fills `ranges`; false when it does not fit. */
  match(bytes: Buffer, start: number, end: number): boolean {
    this.bytes = bytes;
    this.end = end;
    this.ranges.fill(-1);
    this.failedFrom.fill(Number.POSITIVE_INFINITY);
    return this.fits(0, start);
  }

  private fits(index: number, p: number): boolean {
    const item = this.items[index];
    if (item === undefined) return p === this.end || onlyBlank(this.bytes, p, this.end);
    if (item.kind === 'literal') {
      const { bytes } = item;
      if (startsWith(this.bytes, p, this.end, bytes)) return this.fits(index + 1, p + bytes.length);
      // Blanks at the end of a line get lost on the way.
      return item.blank && p >= this.end && this.isTail(index + 1);
    }
    if (item.width > 0) return this.fitsPadded(item, index, p);
    if (isText(item.shape)) return this.fitsText(item, index, p);
    const end = this.shapeEnd(item.shape, p);
    return end > p && this.note(item, p, end) && this.fits(index + 1, end);
  }

  private fitsPadded(item: Item & { kind: 'field' }, index: number, p: number): boolean {
    const end = Math.min(this.end, p + item.width);
    if (end < p + item.width && !this.isTail(index + 1)) return false;
    let to = end;
    while (to > p && this.bytes[to - 1] === SPACE) to--;
    if (!isText(item.shape) && item.shape !== 'word' && this.shapeEnd(item.shape, p) !== to) return false;
    return this.note(item, p, to) && this.fits(index + 1, end);
  }

  private fitsText(item: Item & { kind: 'field' }, index: number, p: number): boolean {
    if (p >= this.failedFrom[index]!) return false;
    const next = this.items[index + 1];
    if (next === undefined) return this.note(item, p, this.end);
    const first = next.kind === 'literal' ? next.bytes[0] : undefined;
    const step = item.shape === 'list' ? -1 : 1;
    for (let at = step > 0 ? p : this.end; at >= p && at <= this.end; at += step) {
      if (first !== undefined && this.bytes[at] !== first) continue;
      if (this.fits(index + 1, at)) return this.note(item, p, at);
    }
    if (next.kind === 'literal' && next.blank && this.isTail(index + 2)) return this.note(item, p, this.end);
    this.failedFrom[index] = p;
    return false;
  }

  /** End of the value of this shape at `p`, `p` when there is none. */
  private shapeEnd(shape: Shape, p: number): number {
    const { bytes, end } = this;
    if (isNotAvailable(bytes, p, end)) return p + 4;
    let to = p;
    if (shape === 'direction') return bytes[p] === 0x3c || bytes[p] === 0x3e ? p + 1 : p;
    if (shape === 'word') {
      while (to < end && isWord(bytes[to]!)) to++;
      return to;
    }
    if (shape === 'integer') {
      if (bytes[to] === MINUS) to++;
      const digits = to;
      while (to < end && isDigit(bytes[to]!)) to++;
      return to > digits ? to : p;
    }
    while (to < end && isTimeByte(bytes[to]!)) to++;
    // A date has a blank in it; a literal behind the time may begin like one.
    if (to - p === 10 && bytes[p + 4] === MINUS && bytes[to] === SPACE) {
      to++;
      while (to < end && isTimeByte(bytes[to]!)) to++;
    }
    while (to > p && !this.time.read(bytes, p, to)) to--;
    return to;
  }

  private note(item: Item & { kind: 'field' }, start: number, end: number): boolean {
    if (isNotAvailable(this.bytes, start, end) && end === start + 4) return true;
    this.ranges[item.column * 2] = start;
    this.ranges[item.column * 2 + 1] = end;
    return true;
  }

  /** Nothing but texts and blanks from this item on. */
  private isTail(index: number): boolean {
    for (let i = index; i < this.items.length; i++) {
      const item = this.items[i]!;
      if (item.kind === 'literal' ? !item.blank : !isText(item.shape)) return false;
    }
    return true;
  }
}

function isText(shape: Shape): boolean {
  return shape === 'text' || shape === 'list';
}

function literalItem(text: string): Item {
  return { kind: 'literal', bytes: Buffer.from(text), blank: /^ +$/.test(text) };
}

function shapeOf(field: string): Shape {
  if (INTEGERS.test(field)) return 'integer';
  if (field === 'evt.dir') return 'direction';
  if (field === 'evt.type' || field === 'syscall.type') return 'word';
  if (TIMES.test(field)) return 'time';
  return LISTS.test(field) ? 'list' : 'text';
}

function unknownField(text: string, format: string): UsageError {
  const name = /^[A-Za-z0-9_.]*/.exec(text)![0].replace(/\.+$/, '');
  const nearest = nearestField(name);
  return new UsageError(
    'option',
    name === ''
      ? `--layout "${format}": a % has no field behind it`
      : `--layout "${format}": sysdig has no field "${name}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`,
  );
}

function isNotAvailable(b: Buffer, p: number, end: number): boolean {
  return p + 4 <= end && b[p] === 0x3c && b[p + 1] === 0x4e && b[p + 2] === 0x41 && b[p + 3] === 0x3e;
}

function onlyBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let p = start; p < end; p++) if (bytes[p] !== SPACE) return false;
  return true;
}

/** Letters, digits, `_`. */
function isWord(c: number): boolean {
  return isDigit(c) || (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f;
}

/** Digits, `:`, `.`, `-`, `+`, `T`, `Z`. */
function isTimeByte(c: number): boolean {
  return isDigit(c) || c === 0x3a || c === 0x2e || c === MINUS || c === 0x2b || c === 0x54 || c === 0x5a;
}
