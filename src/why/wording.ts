/** How findings put figures into sentences: three digits, which a reader takes in at once. */

export { shortDuration as roughly } from '../model/duration.js';

export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (100 * part) / whole : 0;
  return `${share < 10 ? share.toFixed(1) : share.toFixed(0)} %`;
}

/** `1 run`, `9 runs`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listing(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
