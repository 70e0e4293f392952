/** The comparisons of numbers. Numbers and bigints compare exactly with each other. */
import type { Operator } from './ast.js';
import type { Numeric } from './values.js';

export type NumericTest = (value: Numeric) => boolean;

/** The test of `op` with these values. `exists` is true of any number. */
export function compileNumericTest(op: Operator, values: readonly Numeric[]): NumericTest {
  const value = values[0] ?? 0;
  switch (op) {
    case '=':
      return (x) => sameNumber(x, value);
    case '!=':
      return (x) => !sameNumber(x, value);
    case '<':
      return (x) => x < value;
    case '<=':
      return (x) => x <= value;
    case '>':
      return (x) => x > value;
    case '>=':
      return (x) => x >= value;
    case 'in':
    case 'intersects': {
      const set = new Set(values);
      return (x) => set.has(x);
    }
    default:
      return () => true;
  }
}

function sameNumber(a: Numeric, b: Numeric): boolean {
  return a === b || (typeof a !== typeof b && !(a < b) && !(a > b));
}
