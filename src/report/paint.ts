/**
 * Colours by meaning. Structure never depends on them: a report without colour holds the same characters,
 * and not one escape byte.
 */

/** One function per role; each returns its text, coloured or as it is. */
export interface Paint {
  readonly time: (text: string) => string;
  readonly proc: (text: string) => string;
  readonly type: (text: string) => string;
  readonly gap: (text: string) => string;
  readonly heading: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly good: (text: string) => string;
}

const same = (text: string): string => text;

const PLAIN: Paint = {
  time: same,
  proc: same,
  type: same,
  gap: same,
  heading: same,
  quiet: same,
  warning: same,
  good: same,
};

/** Colours of the 16 that every terminal has; chalk is loaded only when there is something to colour. */
export async function createPaint(color: boolean): Promise<Paint> {
  if (!color) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    time: (text) => chalk.cyan(text),
    proc: (text) => chalk.green(text),
    type: (text) => chalk.yellow(text),
    gap: (text) => chalk.bold.red(text),
    heading: (text) => chalk.bold(text),
    quiet: (text) => chalk.dim(text),
    warning: (text) => chalk.yellow(text),
    good: (text) => chalk.bold.green(text),
  };
}
