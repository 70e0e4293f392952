/** Problems are data: where, what, and how often. Nothing in a trace makes the library throw. */

export interface Problem {
  /** Line number from 1, null where the problem is not tied to a line. */
  readonly line: number | null;
  /** Byte offset in the (decompressed) source, null likewise. */
  readonly byte: number | null;
  readonly reason: string;
}

export type UsageErrorCode = 'filter' | 'option' | 'format' | 'input';

/**
 * The request cannot be carried out: a filter, an option, or an input that can't be read at all. Exit status 2.
 * `message` is complete on its own: what, the quoted value, the valid forms or the nearest name.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: UsageErrorCode;
  constructor(code: UsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
