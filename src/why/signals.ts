/** Signals, as an event of their delivery names them, and those that stop a process. */
import type { EventView } from '../model/event.js';

const NAMES: Readonly<Record<string, string>> = {
  18: 'SIGCONT',
  19: 'SIGSTOP',
  20: 'SIGTSTP',
  21: 'SIGTTIN',
  22: 'SIGTTOU',
};

/** Name of the signal of `signaldeliver spid=0 dpid=428(keepalived) sig=19(SIGSTOP)`, `SIGSTOP {...}` or `stopped`. */
export function signalOf(e: EventView): string {
  const text = e.args();
  const m = /sig=(\d+)(?:\((SIG\w+)\))?/.exec(text);
  if (m) return m[2] ?? NAMES[m[1]!] ?? `signal ${m[1]}`;
  return /^SIG\w+/.exec(text)?.[0] ?? '';
}

/** Signals that stop a process when it does not handle them (signal(7)). */
export const STOP_SIGNALS: ReadonlySet<string> = new Set(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']);
