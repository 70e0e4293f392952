/**
 * One line on a terminal's standard error while a long run is under way, rewritten in place:
 *
 *     sysgap: 42 % of 404 MB, 850 MB/s, 3 gaps, 1 s left
 */
import type { Progress } from '../index.js';

const QUIET_MS = 1000;
const INTERVAL_MS = 100;

interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #started: number;
  #drawn = Number.NEGATIVE_INFINITY;
  #visible = false;

  /** `now` in milliseconds. */
  constructor(terminal: Terminal, now: () => number = () => process.uptime() * 1000) {
    this.#terminal = terminal;
    this.#now = now;
    this.#started = now();
  }

  /** Draws, once the run has lasted a second and not more often than ten times a second. */
  update(progress: Progress): void {
    const now = this.#now();
    const elapsedMs = now - this.#started;
    if (elapsedMs < QUIET_MS || now - this.#drawn < INTERVAL_MS) return;
    this.#drawn = now;
    this.#visible = true;
    const text = progressText(progress, elapsedMs).slice(0, (this.#terminal.columns || 80) - 1);
    this.#terminal.write(`\r${text}\x1b[K`);
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.#terminal.write('\r\x1b[K');
  }
}

/** The line's text; what is left is only said where the size is known. */
export function progressText({ bytes, totalBytes, gaps }: Progress, elapsedMs: number): string {
  const rate = bytes / (elapsedMs / 1000);
  const found = gaps === null ? '' : `, ${gaps} ${gaps === 1 ? 'gap' : 'gaps'}`;
  if (totalBytes === null || totalBytes === 0) return `sysgap: ${size(bytes)} read, ${size(rate)}/s${found}`;
  const share = Math.min(1, bytes / totalBytes);
  const left = rate > 0 ? `, ${timeLeft((totalBytes - bytes) / rate)} left` : '';
  return `sysgap: ${Math.floor(share * 100)} % of ${size(totalBytes)}, ${size(rate)}/s${found}${left}`;
}

function size(bytes: number): string {
  if (bytes < 999.5e3) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 9.95e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes < 999.5e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function timeLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 120 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}
