/**
 * The thread sat in a call that waits for events, and none came: the cause is whoever should have woken it.
 * Where the CPU was never idle from the moment it should have run, it may as well have been starved, and
 * nothing is claimed.
 */
import type { Rule } from '../facts.js';
import { callEvidence } from '../facts.js';
import { stepsFor, waitingSteps } from '../next-steps.js';
import { roughly } from '../wording.js';
import { lateByRhythm } from './starved.js';

export const waiting: Rule = (facts) => {
  const call = facts.longestCall;
  if (call?.nature.kind !== 'waits' || !facts.isMost(call.ns)) return null;
  const { span, nature } = call;
  if (call.timedOut || span.end === 'bound' || span.type === 'restart_syscall') return null;
  const late = lateByRhythm(facts);
  if (late && (late.held === true || (late.held === null && facts.accounted))) return null;
  if (!span.entryKnown && !facts.callsComplete) return null;
  const held = late ? late.held : facts.heldThrough(span.fromNs, span.backNs);
  if (held === true) return null;
  if (!span.entryKnown && !span.leftToIdle && held !== false && !nature.certain) return null;
  if (facts.timerOverdueNs(span) !== null) return null;
  const what = nature.subject ? ` on ${nature.subject}` : '';
  const end = span.end === 'open' ? ', and still did when the trace ends' : '';
  const idle =
    held === false
      ? '; its CPU was idle meanwhile: nothing kept it from running'
      : '; whether it was woken and not scheduled, this trace does not show';
  return {
    cause: 'waiting',
    call: span.type,
    class: nature.class,
    summary: `${facts.who} waited in ${span.type}${what} for ${facts.share(call.ns)}${end}${idle}`,
    evidence: [callEvidence(span, `${span.type} took ${roughly(span.toNs - span.fromNs)}`)],
    next:
      nature.class === null
        ? waitingSteps(facts.question.subjectTid)
        : stepsFor(nature.class, facts.question.subjectTid, nature.subject),
  };
};
