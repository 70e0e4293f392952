/**
 * The trace itself shows that events are missing: a switch by which a thread must have left is not there, on a
 * CPU whose chain is otherwise whole, and what is missing is as long as the gap; or many in a burst; or the
 * capture was in sampling mode. Jumps of event numbers prove nothing.
 */
import type { Rule } from '../facts.js';
import { roughly } from '../wording.js';

const BURST = 5;

export const captureLost: Rule = (facts) => {
  const { lost, cpus } = facts.activity;
  const next = ['sysdig --modern-bpf --cpus-for-each-buffer 1 -w trace.scap', 'nproc; uptime; df -h .'];
  if (facts.explains(facts.within(lost.fromNs, lost.toNs))) {
    return {
      cause: 'capture-lost',
      summary: `the capture was in sampling mode and dropped events for ${facts.share(facts.within(lost.fromNs, lost.toNs))}`,
      evidence: lost.marks,
      next,
    };
  }
  const losses = cpus.losses();
  const hole = losses.find(
    (loss) =>
      facts.subject.cpusUsed.has(loss.cpu) &&
      facts.explains(facts.within(loss.fromNs, loss.toNs)) &&
      // An idle CPU shows nothing for long: what is missing must be longer than that.
      loss.toNs - loss.fromNs > 2 * cpus.longestRunNs(loss.cpu),
  );
  if (!hole) return null;
  const burst = losses.filter((loss) => loss.cpu === hole.cpu).length;
  return {
    cause: 'capture-lost',
    summary: `the capture lost events: CPU ${hole.cpu} shows none for ${roughly(hole.toNs - hole.fromNs)}, and the first one after contradicts the last one before${burst >= BURST ? ` (${burst} such breaks)` : ''}`,
    evidence: [
      {
        text: `${facts.activity.threads.nameOf(hole.expected)} was on CPU ${hole.cpu}, and the next switch there is another thread's`,
        nums: hole.nums,
        raw: [],
      },
    ],
    next,
  };
};
