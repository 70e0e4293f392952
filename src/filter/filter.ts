/**
 * sysdig's filter language, complete: text in, closures over events out.
 *
 *     text ── parser ──> tree ── check ────> warnings about this trace
 *                          ├──── compile ──> predicate, or the reader of one field (--by)
 *                          └──── literals ─> what every matching line must contain or be
 */
export type { Check, FilterAst, Group, Not, Operator, Term } from './ast.js';
export { checkFilter } from './check.js';
export { compileField, compileFilter, fieldNeeds, filterNeeds, groupField } from './compile.js';
export { formatFilter } from './format-filter.js';
export { headConditions, type LineTraits, requiredLiteral } from './literals.js';
export { parseFilter } from './parser.js';
export { type JoinedFilter, joinShorthands, type Shorthands } from './shorthands.js';
