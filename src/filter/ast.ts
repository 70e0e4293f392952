/**
 * The filter as a tree. Built by `parseFilter`, which has checked it already: fields exist, operators suit them,
 * values can be read. `and` and `or` are flat lists, double negations are gone, and groups are nested at most
 * MAX_DEPTH deep, so that walking the tree by recursion is safe.
 */

/** Groups inside groups, after `a and (b and c)` has become one list and `not not a` has become `a`. */
export const MAX_DEPTH = 1000;

export const OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'glob',
  'iglob',
  'regex',
  'in',
  'intersects',
  'pmatch',
  'exists',
] as const;

/** `==` is read as `=`. */
export type Operator = (typeof OPERATORS)[number];

export const TRANSFORMS = ['tolower', 'toupper', 'b64', 'basename', 'len'] as const;
export type Transform = (typeof TRANSFORMS)[number];

/** A field with its argument and what is done to its value, innermost first. */
export interface Term {
  /** Name in the field table. */
  readonly field: string;
  /** `fd` of `evt.arg.fd`, `2` of `proc.aname[2]`. */
  readonly arg: string | null;
  readonly transforms: readonly Transform[];
}

export interface Check {
  readonly kind: 'check';
  readonly left: Term;
  readonly op: Operator;
  /** One value, the list of `in`, `intersects` and `pmatch`, or none for `exists` and where `right` is set. */
  readonly values: readonly string[];
  /** A field on the right side: `val(field)` or a transformed field. */
  readonly right: Term | null;
}

export interface Group {
  readonly kind: 'and' | 'or';
  /** At least two, none of them of the same kind. */
  readonly children: readonly FilterAst[];
}

export interface Not {
  readonly kind: 'not';
  readonly child: Group | Check;
}

export type FilterAst = Group | Not | Check;

export const LIST_OPERATORS: ReadonlySet<Operator> = new Set<Operator>(['in', 'intersects', 'pmatch']);

/** Visits every check with its polarity: `negated` is true below an odd number of `not`. */
export function visitChecks(
  ast: FilterAst,
  visit: (check: Check, negated: boolean) => void,
  negated = false,
): void {
  switch (ast.kind) {
    case 'check':
      visit(ast, negated);
      return;
    case 'not':
      visitChecks(ast.child, visit, !negated);
      return;
    default:
      for (const child of ast.children) visitChecks(child, visit, negated);
  }
}

/** The same tree with every check replaced by what `map` makes of it; see `visitChecks` for `negated`. */
export function mapChecks<T extends FilterAst>(
  ast: T,
  map: (check: Check, negated: boolean) => Check,
  negated?: boolean,
): FilterAst;
export function mapChecks(
  ast: FilterAst,
  map: (check: Check, negated: boolean) => Check,
  negated = false,
): FilterAst {
  switch (ast.kind) {
    case 'check':
      return map(ast, negated);
    case 'not':
      return {
        kind: 'not',
        child: mapChecks(ast.child, map, !negated) as Group | Check,
      };
    default:
      return {
        kind: ast.kind,
        children: ast.children.map((child) => mapChecks(child, map, negated)),
      };
  }
}
