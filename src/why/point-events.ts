/** Events that are no calls: signals, the end of a thread, marks of the capture. sysdig prints them with `>`. */
import type { EventView } from '../model/event.js';

const POINTS = new Set([
  'switch',
  'signaldeliver',
  'stopped',
  'procexit',
  'page_fault',
  'drop',
  'notification',
  'container',
  'infra',
  'cpu_hotplug',
  'tracer',
  'k8s',
  'mesos',
  'group_deleted',
  'user_deleted',
  'useradded',
  'userdeleted',
  'groupadded',
  'groupdeleted',
  'sysdigevent',
  'scapevent',
  'procinfo',
  'asyncevent',
  'pluginevent',
]);

export function isPointEvent(type: string): boolean {
  return POINTS.has(type);
}

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
