/** Fields that name one fact each of what is known of a process: which one. */
import type { ProcessInfo } from './event-fields.js';

export const PROCESS_NUMBERS: Readonly<Record<string, keyof ProcessInfo>> = {
  'proc.pid': 'pid',
  'proc.ppid': 'ppid',
  'thread.vtid': 'vtid',
  'proc.vpid': 'vpid',
  'proc.tty': 'tty',
  'proc.vmsize': 'vmSizeKb',
  'proc.vmrss': 'vmRssKb',
  'proc.vmswap': 'vmSwapKb',
  'thread.pfmajor': 'pfMajor',
  'thread.pfminor': 'pfMinor',
  'proc.fdlimit': 'fdLimit',
};

export const PROCESS_TEXTS: Readonly<Record<string, keyof ProcessInfo>> = {
  'proc.exe': 'exe',
  'proc.exepath': 'exepath',
  'proc.args': 'args',
  'proc.cwd': 'cwd',
  'proc.env': 'env',
  'thread.cgroups': 'cgroups',
};
