/**
 * The `regex` operator: RE2 syntax, linear time, and the whole value must match, as in sysdig (libs anchors both
 * ends). The engine is large, so it is loaded when a filter uses the operator.
 */
import { createRequire } from 'node:module';

type Engine = typeof import('re2js');

let engine: Engine | undefined;

/** A test for whole values; throws an Error that says what is wrong with the pattern. */
export function compileRegex(pattern: string): (value: string) => boolean {
  engine ??= createRequire(import.meta.url)('re2js') as Engine;
  const compiled = engine.RE2JS.compile(pattern);
  return (value) => compiled.testExact(value);
}
