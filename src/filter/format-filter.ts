/** A tree as filter text: what `parseFilter` reads back as the same tree. */
import { type Check, type FilterAst, LIST_OPERATORS, type Term } from './ast.js';
import { fieldText } from './fields.js';
import { formatValue } from './value-text.js';

/** For example `proc.name=keepalived and evt.type=sendmsg and evt.dir='>'`. */
export function formatFilter(ast: FilterAst): string {
  switch (ast.kind) {
    case 'check':
      return formatCheck(ast);
    case 'not':
      return `not ${formatOperand(ast.child)}`;
    case 'and':
      return ast.children
        .map((child) => (child.kind === 'or' ? formatOperand(child) : formatFilter(child)))
        .join(' and ');
    case 'or':
      // No brackets are needed around `and`, but sysdig before 0.30 refuses the mixture without them.
      return ast.children.map(formatOperand).join(' or ');
  }
}

function formatOperand(ast: FilterAst): string {
  return ast.kind === 'and' || ast.kind === 'or' ? `(${formatFilter(ast)})` : formatFilter(ast);
}

function formatCheck(check: Check): string {
  const left = formatTerm(check.left);
  if (check.op === 'exists') return `${left} exists`;
  if (LIST_OPERATORS.has(check.op))
    return `${left} ${check.op} (${check.values.map(formatValue).join(', ')})`;
  const right = check.right === null ? formatValue(check.values[0]!) : formatRight(check.right);
  return /^[a-z]/.test(check.op) ? `${left} ${check.op} ${right}` : `${left}${check.op}${right}`;
}

/** The field and its transformers. */
export function formatTerm(term: Term): string {
  return term.transforms.reduce((text, transform) => `${transform}(${text})`, fieldText(term));
}

function formatRight(term: Term): string {
  return term.transforms.length === 0 ? `val(${fieldText(term)})` : formatTerm(term);
}
