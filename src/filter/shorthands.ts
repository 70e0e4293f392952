/** Joins the shorthands of the command line (--proc, --tid, --type, --dir) and the filter into one expression. */

import type { GapOptions } from '../model/options.js';
import { UsageError } from '../model/problem.js';
import type { Check, FilterAst, Operator } from './ast.js';
import { quoted } from './filter-error.js';
import { formatFilter } from './format-filter.js';
import { parseFilter } from './parser.js';

export type Shorthands = Pick<GapOptions, 'filter' | 'proc' | 'tid' | 'type' | 'dir'>;

export interface JoinedFilter {
  readonly ast: FilterAst;
  /** The whole expression as filter text: the user's own where there are no shorthands. */
  readonly text: string;
}

const DIRECTIONS: ReadonlyMap<string, string> = new Map([
  ['enter', '>'],
  ['>', '>'],
  ['exit', '<'],
  ['<', '<'],
]);

/**
 * One conjunction, shorthands first, so that conditions with a memory see only what the shorthands let through.
 * `proc` is a name or a process id. null when nothing was given. Throws UsageError.
 */
export function joinShorthands(given: Shorthands): JoinedFilter | null {
  const terms: FilterAst[] = [];
  if (given.proc !== undefined) terms.push(procTerm(given.proc));
  if (given.tid !== undefined) terms.push(check('thread.tid', '=', [String(idOf('--tid', given.tid))]));
  if (given.type !== undefined) terms.push(typeTerm(given.type));
  if (given.dir !== undefined) terms.push(check('evt.dir', '=', [directionOf(given.dir)]));
  if (given.filter !== undefined) {
    const ast = parseFilter(given.filter);
    if (terms.length === 0) return { ast, text: given.filter.trim() };
    terms.push(...(ast.kind === 'and' ? ast.children : [ast]));
  }
  if (terms.length === 0) return null;
  const ast: FilterAst = terms.length === 1 ? terms[0]! : { kind: 'and', children: terms };
  return { ast, text: formatFilter(ast) };
}

/** Lines print thread ids, and a process's first thread has its id: either may be meant by a number. */
function procTerm(proc: string | number): FilterAst {
  if (proc === '') throw new UsageError('option', '--proc: the name is empty');
  if (typeof proc === 'string' && !/^\d+$/.test(proc)) return check('proc.name', '=', [proc]);
  const id = String(idOf('--proc', Number(proc)));
  return { kind: 'or', children: [check('proc.pid', '=', [id]), check('thread.tid', '=', [id])] };
}

function idOf(option: string, id: number): number {
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw new UsageError('option', `${option}: ${quoted(String(id))} is no id (a whole number from 0)`);
}

function typeTerm(type: string | readonly string[]): FilterAst {
  const list = typeof type === 'string' ? type.split(',') : type;
  const names = [...new Set(list.map((name) => name.trim()).filter((name) => name !== ''))];
  if (names.length === 0) throw new UsageError('option', '--type: no event type is given');
  return names.length === 1 ? check('evt.type', '=', names) : check('evt.type', 'in', names);
}

function directionOf(dir: string): string {
  const direction = DIRECTIONS.get(dir);
  if (direction !== undefined) return direction;
  throw new UsageError('option', `--dir: ${quoted(dir)} is no direction (enter or '>', exit or '<')`);
}

function check(field: string, op: Operator, values: readonly string[]): Check {
  return { kind: 'check', left: { field, arg: null, transforms: [] }, op, values, right: null };
}
