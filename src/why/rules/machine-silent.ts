/**
 * No event on any CPU for most of the gap, though several threads that have nothing to do with the subject were
 * regularly active before. Only a trace of the whole machine can say so: with switch events that link up, or
 * with many processes in it.
 */

import type { Silence } from '../../model/findings.js';
import { isObserver } from '../activity.js';
import type { Facts, Rule } from '../facts.js';
import { roughly } from '../wording.js';

/** Where every CPU was taken by a thread that runs on and on, silence is no standstill: one must have been idle. */
function wasIdle(facts: Facts, cpu: number, silence: Silence): boolean {
  const { cpus } = facts.activity;
  const { idleNs } = cpus.occupancy(cpu, silence.fromNs, silence.toNs);
  return (
    cpus.isWhole(cpu) &&
    (cpus.restsSince(cpu, silence.fromNs) || idleNs >= 0.9 * (silence.toNs - silence.fromNs))
  );
}

const OTHERS_WITH_SWITCHES = 3;
const PROCESSES_WITHOUT = 4;

export const machineSilent: Rule = (facts) => {
  const { silence, silenceBeforeNs, threads, chain } = facts.activity;
  if (!silence || !facts.sysdig) return null;
  const ns = silence.toNs - silence.fromNs;
  if (!facts.explains(ns) || silenceBeforeNs * 5 > ns || chain === 'filtered') return null;
  const own = facts.question.subjectTid === null ? undefined : threads.all.get(facts.question.subjectTid);
  const others = threads
    .silentThrough(silence.fromNs, silence.toNs, facts.question.subjectTid)
    .filter((thread) => thread.name === null || thread.name !== own?.name);
  const names = new Set(others.map((thread) => thread.name ?? `thread ${thread.tid}`));
  // The recorder, a kernel thread, and programs: the subject's own partners alone prove nothing.
  const independent = others.some((thread) => thread.isKernel || isObserver(thread.name));
  const cpusOfOthers = new Set(others.map((thread) => thread.cpu));
  const enough =
    chain === 'whole'
      ? names.size >= OTHERS_WITH_SWITCHES &&
        independent &&
        [...cpusOfOthers].some((cpu) => wasIdle(facts, cpu, silence))
      : names.size >= PROCESSES_WITHOUT && cpusOfOthers.size > 1;
  if (!enough) return null;
  return {
    cause: 'machine-silent',
    summary: `no event on any CPU for ${facts.share(ns)}, though ${names.size} other threads were active all the time before: the machine stood still (a paused or starved virtual machine), or the capture did`,
    evidence: [
      {
        text: `silence of ${roughly(ns)} on all CPUs; the longest one before was ${roughly(silenceBeforeNs)}`,
        nums: silence.nums,
        raw: [],
      },
    ],
    next: [
      'dmesg -T | grep -iE "clocksource|soft lockup|rcu.*stall|suspend"',
      'vmstat 1 5',
      'journalctl --since -1h | grep -iE "qemu-ga|freeze|migrat|snapshot|suspend|resume"',
    ],
  };
};
