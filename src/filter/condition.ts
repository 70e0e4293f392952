/** Parses one condition: a field or a transformed one, an operator, and a value, a list or a field. */

import { didYouMean } from '../model/nearest-name.js';
import {
  type Check,
  LIST_OPERATORS,
  OPERATORS,
  type Operator,
  type Term,
  TRANSFORMS,
  type Transform,
} from './ast.js';
import { resolveField } from './fields.js';
import { quoted, shortened } from './filter-error.js';
import { formatTerm } from './format-filter.js';
import { findFlaw } from './kinds.js';
import type { Scanner, Token } from './lexer.js';

/** Transformers inside transformers. */
const MOST_TRANSFORMS = 16;

interface Placed {
  readonly term: Term;
  readonly at: number;
  readonly end: number;
}

/** The condition that starts at the scanner's place. */
export function parseCondition(scan: Scanner): Check {
  return new ConditionParser(scan).check();
}

/** `write "and" instead of "&&"`: for connectives of other languages. */
export function insteadOf(scan: Scanner, piece: Token, wrong: RegExp, right: string): Error {
  const text = wrong.exec(piece.text)![0];
  return scan.error(piece.at, piece.at + text.length, `write "${right}" instead of "${text}"`);
}

class ConditionParser {
  constructor(private readonly scan: Scanner) {}

  check(): Check {
    const scan = this.scan;
    const left = this.term('condition');
    const name = shortened(formatTerm(left.term));
    scan.skipBlank();
    const at = scan.at;
    const op = this.operator(name);
    const opEnd = scan.at;
    const values: Token[] = [];
    let right: Placed | null = null;
    scan.skipBlank();
    if (LIST_OPERATORS.has(op)) this.list(op, values);
    else if (op !== 'exists') {
      right = this.rightTerm();
      if (right === null) values.push(this.value(op));
    }
    const check: Check = {
      kind: 'check',
      left: left.term,
      op,
      values: values.map((value) => value.text),
      right: right?.term ?? null,
    };
    const flaw = findFlaw(check, name);
    if (flaw !== undefined) {
      const where =
        flaw.part === 'left'
          ? left
          : flaw.part === 'operator'
            ? { at, end: opEnd }
            : flaw.part === 'right'
              ? right!
              : values[flaw.part]!;
      throw scan.error(where.at, where.end, flaw.reason);
    }
    return check;
  }

  /** A field, or a transformer around one. */
  private term(expected: string): Placed {
    const scan = this.scan;
    const start = scan.at;
    const wrappers: Transform[] = [];
    for (;;) {
      scan.skipBlank();
      const at = scan.at;
      const word = scan.word();
      if (word === undefined) throw this.expectedTerm(expected);
      const after = scan.at;
      scan.skipBlank();
      if (!isKeyword(word.text) && !word.text.includes('.') && scan.take('(')) {
        wrappers.push(this.transform(word, wrappers.length));
        continue;
      }
      scan.at = after;
      const term = this.field(word, at, wrappers.reverse());
      for (const _ of wrappers) {
        scan.skipBlank();
        const close = scan.piece();
        if (!scan.take(')')) {
          throw scan.error(close.at, close.end, 'expected ")" after the field of the transformer');
        }
      }
      return { term, at: start, end: scan.at };
    }
  }

  private transform(word: Token, outer: number): Transform {
    if (outer >= MOST_TRANSFORMS) {
      throw this.scan.error(word.at, word.end, `more than ${MOST_TRANSFORMS} transformers inside each other`);
    }
    const transform = TRANSFORMS.find((name) => name === word.text);
    if (transform !== undefined) return transform;
    const reason = `unknown transformer ${quoted(word.text)}${didYouMean(word.text, TRANSFORMS)}; there are ${TRANSFORMS.map((name) => `${name}()`).join(' ')}`;
    throw this.scan.error(word.at, word.end, reason);
  }

  private field(word: Token, at: number, transforms: readonly Transform[]): Term {
    const scan = this.scan;
    if (isKeyword(word.text)) {
      const lower = word.text.toLowerCase();
      const reason =
        lower === word.text
          ? `expected a condition, found "${lower}"`
          : `keywords are lower case: write "${lower}"`;
      throw scan.error(word.at, word.end, reason);
    }
    let bracket: string | null = null;
    if (scan.take('[')) {
      scan.skipBlank();
      bracket = scan.argument()?.text ?? null;
      scan.skipBlank();
      if (bracket === null) throw scan.error(scan.at, scan.at + 1, 'expected an argument after "["');
      if (!scan.take(']')) throw scan.error(scan.at, scan.at + 1, 'expected "]" after the argument');
    }
    const found = resolveField(word.text, bracket);
    if ('reason' in found) throw scan.error(at, scan.at, found.reason);
    return { field: found.spec.name, arg: found.arg, transforms };
  }

  private expectedTerm(expected: string): Error {
    const piece = this.scan.piece();
    if (piece.text.startsWith('!')) return insteadOf(this.scan, piece, /^!+/, 'not');
    if (piece.text.startsWith('&')) return insteadOf(this.scan, piece, /^&+/, 'and');
    if (piece.text.startsWith('|')) return insteadOf(this.scan, piece, /^\|+/, 'or');
    const found = piece.text === '' ? 'the end of the expression' : quoted(piece.text);
    return this.scan.error(piece.at, piece.end, `expected a ${expected}, found ${found}`);
  }

  private operator(name: string): Operator {
    const scan = this.scan;
    const symbol = scan.symbol();
    if (symbol !== undefined) {
      if (symbol.text === '<' && scan.text[scan.at] === '>') {
        throw scan.error(symbol.at, symbol.at + 2, 'write "!=" instead of "<>"');
      }
      return symbol.text === '==' ? '=' : (symbol.text as Operator);
    }
    const word = scan.word();
    const operator = OPERATORS.find((known) => known === word?.text);
    if (operator !== undefined) return operator;
    if (word !== undefined) scan.at = word.at;
    throw this.unknownOperator(name, word);
  }

  private unknownOperator(name: string, word: Token | undefined): Error {
    const piece = word ?? this.scan.piece();
    if (piece.text === '' || piece.text === ')' || piece.text === 'and' || piece.text === 'or') {
      return this.scan.error(piece.at, piece.end, `expected an operator after ${name}, such as = or exists`);
    }
    if (piece.text === 'not') {
      return this.scan.error(piece.at, piece.end, `"not" stands before the condition: not ${name} ...`);
    }
    if (/^(~|=~|like|matches|match|rlike)$/.test(piece.text)) {
      return this.scan.error(piece.at, piece.end, `unknown operator "${piece.text}" (use glob or regex)`);
    }
    const nearest = didYouMean(piece.text, OPERATORS);
    const reason =
      nearest === ''
        ? `expected an operator after ${name}, found ${quoted(piece.text)}; there are ${OPERATORS.join(' ')}`
        : `unknown operator ${quoted(piece.text)}${nearest}`;
    return this.scan.error(piece.at, piece.end, reason);
  }

  private value(op: Operator): Token {
    const value = this.scan.value();
    if (value !== undefined) return value;
    const piece = this.scan.piece();
    const found = piece.text === '' ? 'the end of the expression' : quoted(piece.text);
    throw this.scan.error(piece.at, piece.end, `expected a value after "${op}", found ${found}`);
  }

  private list(op: Operator, values: Token[]): void {
    const scan = this.scan;
    const open = scan.at;
    if (!scan.take('(')) {
      const piece = scan.piece();
      throw scan.error(piece.at, piece.end, `expected "(" after "${op}": ${op} (a, b)`);
    }
    scan.skipBlank();
    if (scan.take(')')) return;
    for (;;) {
      scan.skipBlank();
      if (scan.ended) throw scan.error(open, open + 1, '"(" is never closed');
      values.push(this.value(op));
      scan.skipBlank();
      if (scan.take(')')) return;
      if (scan.ended) throw scan.error(open, open + 1, '"(" is never closed');
      const piece = scan.piece();
      if (!scan.take(',')) {
        throw scan.error(piece.at, piece.end, `expected "," or ")" in the list, found ${quoted(piece.text)}`);
      }
    }
  }

  /** `val(field)` or a transformed field on the right side; null where a value stands. */
  private rightTerm(): Placed | null {
    const scan = this.scan;
    const at = scan.at;
    const word = scan.word();
    scan.skipBlank();
    const known = word?.text === 'val' || TRANSFORMS.some((name) => name === word?.text);
    if (!known || scan.text[scan.at] !== '(') {
      scan.at = at;
      return null;
    }
    if (word?.text !== 'val') {
      scan.at = at;
      return this.term('field');
    }
    scan.take('(');
    scan.skipBlank();
    const inner = this.term('field');
    scan.skipBlank();
    const close = scan.piece();
    if (!scan.take(')')) throw scan.error(close.at, close.end, 'expected ")" after the field of val()');
    return { term: inner.term, at, end: scan.at };
  }
}

function isKeyword(word: string): boolean {
  return /^(?:and|or|not)$/i.test(word);
}
