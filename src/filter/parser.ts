/**
 * Parses sysdig's filter language: `not` binds tighter than `and`, `and` tighter than `or`. Open groups are kept
 * on a stack of their own and nested lists are flattened at the end, so neither length nor depth costs more than
 * linear time or overflows anything.
 */
import { UsageError } from '../model/problem.js';
import { type FilterAst, type Group, MAX_DEPTH, type Not } from './ast.js';
import { insteadOf, parseCondition } from './condition.js';
import { quoted } from './filter-error.js';
import { Scanner } from './lexer.js';

/**
 * The tree of a filter. Throws UsageError('filter') with the expression, a caret, the reason and, where there is
 * one, the nearest valid name.
 */
export function parseFilter(text: string): FilterAst {
  return new Parser(text).parse();
}

/** An open group: the finished terms of its `or`, those of the `and` under way, and a `not` not yet applied. */
interface Frame {
  readonly open: number;
  readonly ors: FilterAst[];
  ands: FilterAst[];
  negate: boolean;
}

class Parser {
  private readonly scan: Scanner;

  constructor(text: string) {
    this.scan = new Scanner(text);
  }

  parse(): FilterAst {
    const scan = this.scan;
    scan.skipBlank();
    if (scan.ended) throw new UsageError('filter', 'filter: the expression is empty');
    const frames: Frame[] = [newFrame(-1)];
    for (;;) {
      const frame = frames[frames.length - 1]!;
      if (!this.openOperand(frame, frames)) continue;
      addOperand(frame, parseCondition(scan));
      if (this.closeOperand(frames)) return flatten(finish(frames[0]!));
    }
  }

  /** Takes `not` and `(`; false when it took one and the operand is still to come. */
  private openOperand(frame: Frame, frames: Frame[]): boolean {
    const scan = this.scan;
    scan.skipBlank();
    const at = scan.at;
    if (scan.take('(')) {
      frames.push(newFrame(at));
      return false;
    }
    const word = scan.word();
    scan.at = at;
    if (word?.text !== 'not') return true;
    scan.at = word.end;
    frame.negate = !frame.negate;
    return false;
  }

  /** Takes `)`, `and`, `or`; true at the end of the expression. */
  private closeOperand(frames: Frame[]): boolean {
    const scan = this.scan;
    for (;;) {
      scan.skipBlank();
      const frame = frames[frames.length - 1]!;
      const at = scan.at;
      if (scan.ended) {
        if (frame.open < 0) return true;
        throw scan.error(frame.open, frame.open + 1, '"(" is never closed');
      }
      if (scan.take(')')) {
        if (frame.open < 0) throw scan.error(at, at + 1, '")" without "("');
        frames.pop();
        addOperand(frames[frames.length - 1]!, finish(frame));
        continue;
      }
      const word = scan.word();
      if (word?.text === 'and') return false;
      if (word?.text === 'or') {
        frame.ors.push(join('and', frame.ands));
        frame.ands = [];
        return false;
      }
      scan.at = at;
      throw this.expectedConnective();
    }
  }

  private expectedConnective(): Error {
    const scan = this.scan;
    const piece = scan.piece();
    const word = /^\w+/.exec(piece.text)?.[0].toLowerCase();
    if (word === 'and' || word === 'or') {
      return this.scan.error(piece.at, piece.at + word.length, `keywords are lower case: write "${word}"`);
    }
    if (piece.text.startsWith('&')) return insteadOf(scan, piece, /^&+/, 'and');
    if (piece.text.startsWith('|')) return insteadOf(scan, piece, /^\|+/, 'or');
    const hint = /^[a-z]+\./.test(piece.text) ? '' : ' (a value with blanks or brackets needs quotes)';
    const reason = `expected "and" or "or" after the condition, found ${quoted(piece.text)}${hint}`;
    return this.scan.error(piece.at, piece.end, reason);
  }
}

function newFrame(open: number): Frame {
  return { open, ors: [], ands: [], negate: false };
}

function addOperand(frame: Frame, operand: FilterAst): void {
  frame.ands.push(
    !frame.negate ? operand : operand.kind === 'not' ? operand.child : { kind: 'not', child: operand },
  );
  frame.negate = false;
}

function finish(frame: Frame): FilterAst {
  return join('or', [...frame.ors, join('and', frame.ands)]);
}

function join(kind: 'and' | 'or', children: FilterAst[]): FilterAst {
  return children.length === 1 ? children[0]! : { kind, children };
}

/** Makes `a and (b and c)` one list, level by level without recursion, and holds the depth to its bound. */
function flatten(root: FilterAst): FilterAst {
  const queue: { node: Group | Not; depth: number }[] = [];
  const enqueue = (node: FilterAst, depth: number): void => {
    if (node.kind === 'check') return;
    if (depth > MAX_DEPTH) {
      const reason = `conditions are nested more than ${MAX_DEPTH} deep: "and", "or" and "not" in turn`;
      throw new UsageError('filter', `filter: ${reason}`);
    }
    queue.push({ node, depth });
  };
  enqueue(root, 1);
  for (let i = 0; i < queue.length; i++) {
    const { node, depth } = queue[i]!;
    if (node.kind === 'not') {
      enqueue(node.child, depth + 1);
      continue;
    }
    const pending = [...node.children].reverse();
    const flat: FilterAst[] = [];
    for (let child = pending.pop(); child !== undefined; child = pending.pop()) {
      if (child.kind === node.kind) for (const c of [...child.children].reverse()) pending.push(c);
      else flat.push(child);
    }
    (node as { children: readonly FilterAst[] }).children = flat;
    for (const child of flat) enqueue(child, depth + 1);
  }
  return root;
}
