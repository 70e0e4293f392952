/** The rhythm of the sequences that the known truths are about: keepalived advertises each second, labworker each 200 ms. */
import type { Expected } from '../samples.js';

export function typicalOf(expected: Expected): number {
  return expected.filter.includes('labworker') || expected.scenario.startsWith('block_') ? 200.5e6 : 1.0003e9;
}
