/** The thread ended, and the rest of the gap is its absence. */
import type { Rule } from '../facts.js';
import { roughly } from '../wording.js';

export const gone: Rule = (facts) => {
  const { subject, question } = facts;
  if (!subject.ending || subject.endedNs < question.startNs) return null;
  const absentNs = question.endNs - subject.endedNs;
  if (!facts.explains(absentNs)) return null;
  const { endEvent } = question;
  const how = /SIG[A-Z]+/.exec(subject.ending.raw)?.[0] ?? signalNumber(subject.ending.raw);
  const successor =
    endEvent && endEvent.tid !== question.subjectTid
      ? `; ${endEvent.proc ?? 'thread'} (${endEvent.tid}) took its place ${roughly(absentNs)} later`
      : '';
  const after = roughly(subject.endedNs - question.startNs);
  return {
    cause: 'gone',
    summary: `${facts.who} ${how ? `was killed by ${how}` : 'ended'} ${after} into the gap${successor}`,
    evidence: [{ text: 'the thread ended', nums: [subject.ending.num], raw: [subject.ending.raw] }],
    next: ['journalctl --since -1h | grep -iE "killed|segfault|oom"', 'coredumpctl list', 'systemctl status'],
  };
};

/** `procexit status=9 ret=0 sig=9(SIGKILL)` without the name. */
function signalNumber(raw: string): string | null {
  const m = / sig=([1-9]\d*)/.exec(raw);
  return m ? `signal ${m[1]}` : null;
}
