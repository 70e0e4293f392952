/** What to look at next, as commands that can be typed; by what the subject waited for. */

import type { CallClass } from '../model/findings.js';
import { shellWord } from '../model/shell-word.js';

const BY_CLASS: Readonly<Record<CallClass, readonly string[]>> = {
  disk: [
    'iostat -x 1',
    'cat /proc/pressure/io',
    'dmesg -T | grep -iE "i/o error|blk_update|hung task|nvme|ata"',
  ],
  network: ['ss -tinp', 'nstat -az | grep -iE "retrans|drop|overflow"', 'tcpdump -ni any host PEER'],
  lock: ['cat /proc/locks', 'lsof -- LOCKFILE'],
  child: ['ps -ef --forest', 'strace -f -tt -T -p PID'],
  pipe: ['lsof -p PID', 'lsof -- PATH'],
  other: ['cat /proc/PID/wchan', 'cat /proc/PID/stack'],
};

/** @param subject path or peer that the call was about, put into the commands. */
export function stepsFor(cls: CallClass | null, tid: number | null, subject: string | null): string[] {
  const steps = cls === null ? waitingSteps(tid) : BY_CLASS[cls];
  const host = subject === null ? 'PEER' : (subject.split('->').pop() ?? subject).replace(/:\d+$/, '');
  return steps.map((step) =>
    step
      .replaceAll('PID', tid === null ? 'PID' : String(tid))
      .replaceAll('PEER', shellWord(host))
      .replaceAll('LOCKFILE', shellWord(subject ?? 'LOCKFILE'))
      .replaceAll('PATH', shellWord(subject ?? 'PATH')),
  );
}

export function waitingSteps(tid: number | null): string[] {
  return [`strace -f -tt -T -yy -p ${tid ?? 'PID'}`, `ls -l /proc/${tid ?? 'PID'}/fd`];
}

export const SCHEDULER_STEPS: readonly string[] = [
  'perf sched record -- sleep 10; perf sched timehist',
  'cat /proc/pressure/cpu',
  'ps -eLo pid,tid,cls,rtprio,ni,psr,pcpu,comm --sort=-pcpu | head',
];
