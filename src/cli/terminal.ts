/** What the terminal, or its absence, means for the report: widths, colour, and writing without pile-up. */
import type { ColorChoice } from './options.js';

type Environment = Readonly<Record<string, string | undefined>>;

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Widths of a report written to `screen`: the terminal's own; else COLUMNS, else 100 and 160 for event lines. */
export function reportWidths(screen: Screen, env: Environment): { width: number; eventWidth: number } {
  const given = Number(env.COLUMNS);
  const columns = Number.isInteger(given) && given > 0 ? given : undefined;
  if (screen.isTTY === true) {
    const width = screen.columns || columns || 80;
    return { width, eventWidth: width };
  }
  const width = columns ?? 100;
  return { width, eventWidth: Math.max(160, width) };
}

/** Whether to colour: the option first, then NO_COLOR, FORCE_COLOR, and whether a terminal reads it. */
export function wantsColor(choice: ColorChoice, screen: Screen, env: Environment): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return screen.isTTY === true && env.TERM !== 'dumb';
}

/** Writes to a stream at the pace of its reader; a reader that has gone away is no error. */
export class ReportWriter {
  readonly #stream: NodeJS.WritableStream;
  #gone = false;
  #failure: Error | undefined;
  #resume: (() => void) | undefined;

  /** `onGone` is called once, when nothing more can be written. */
  constructor(stream: NodeJS.WritableStream, onGone: () => void) {
    this.#stream = stream;
    stream.on('drain', () => this.#resume?.());
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#failure ??= error;
      if (!this.#gone) {
        this.#gone = true;
        onGone();
      }
      this.#resume?.();
    });
  }

  /** The reader closed its end, or writing failed. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Why writing failed, if it did for another reason than a closed pipe. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when more may be written; false when nothing more can be. */
  async write(text: string): Promise<boolean> {
    if (this.#gone) return false;
    if (!this.#stream.write(text)) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    return !this.#gone;
  }

  /** Resolves when all that was written has left the process. */
  async flush(): Promise<void> {
    if (this.#gone) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
      this.#stream.write('', () => resolve());
    });
  }
}
