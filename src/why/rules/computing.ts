/**
 * No call was open and the thread was on a CPU, by its switches. Without switch events "computing" can't be told
 * from "not scheduled", nor from a call that the trace leaves out, and nothing is claimed.
 */
import type { Rule } from '../facts.js';
import { roughly } from '../wording.js';

export const computing: Rule = (facts) => {
  let ns = 0;
  let longestNs = 0;
  const cpus = new Set<number>();
  for (const piece of facts.subject.pieces) {
    if (piece.state !== 'on-cpu') continue;
    const part = facts.within(piece.fromNs, piece.toNs);
    ns += part;
    if (part > longestNs) longestNs = part;
    cpus.add(piece.cpu);
  }
  if (!facts.isMost(ns)) return null;
  const on = [...cpus].sort((a, b) => a - b).join(', ');
  const inside = facts.subject.hasEntries ? 'no call open' : 'no call ended in between';
  return {
    cause: 'computing',
    summary: `${facts.who} was running on CPU ${on} for ${facts.share(ns)} with ${inside}`,
    evidence: [
      {
        text: `on a CPU for ${roughly(ns)}, ${roughly(longestNs)} at a stretch, by its switches`,
        nums: [],
        raw: [],
      },
    ],
    next: [
      `perf record -g -p ${facts.question.subjectTid} -- sleep 10; perf report`,
      `perf top -p ${facts.question.subjectTid}`,
      `gdb -p ${facts.question.subjectTid} -batch -ex 'thread apply all bt'`,
    ],
  };
};
