/**
 * The thread slept for a time of its own choosing: a sleep call, or a wait whose own timeout ran out. One that
 * came back much later than asked is no sleep. Where the trace does not print the time asked for (sysdig's
 * clock_nanosleep), the CPUs must not speak against it, nor the thread's own earlier sleeps.
 */
import type { Facts, JudgedCall, Rule } from '../facts.js';
import { callEvidence } from '../facts.js';
import { roughly } from '../wording.js';
import { lateByRhythm } from './starved.js';

export const sleeping: Rule = (facts) => {
  const call = facts.longestCall;
  if (!call || !facts.isMost(call.ns) || call.lateNs !== null) return null;
  const { span, nature, askedNs } = call;
  const slept = nature.kind === 'sleeps';
  if (!slept && !(nature.kind === 'waits' && call.timedOut)) return null;
  // A sleep whose end has no time: only its result tells that it lasted.
  if (span.end === 'bound' && !(call.timedOut && askedNs !== null && facts.isMost(askedNs))) return null;
  if (askedNs === null && !undisputed(facts, call)) return null;
  const asked =
    askedNs === null
      ? ''
      : call.timedOut === false
        ? `, of ${roughly(askedNs)} that it asked for: it was woken early`
        : `, as long as it asked for (${roughly(askedNs)})`;
  const text = slept
    ? `${facts.who} slept in ${span.type} for ${facts.share(call.ns)}${asked}`
    : `${facts.who} waited in ${span.type} for ${facts.share(call.ns)} until its own timeout${askedNs === null ? '' : ` of ${roughly(askedNs)}`} ran out: nothing came`;
  return {
    cause: 'sleeping',
    call: span.type,
    summary: text,
    evidence: [callEvidence(span, `${span.type} took ${roughly(span.toNs - span.fromNs)}`)],
    next: [`strace -f -tt -T -k -e trace=${span.type} -p ${facts.question.subjectTid}`],
  };
};

/** How many earlier calls of the same name show what it usually asks for. */
const USUAL = 3;

/** Nothing says that a sleep of unknown length should have ended earlier. */
function undisputed(facts: Facts, call: JudgedCall): boolean {
  const { span } = call;
  if (!span.entryKnown && !(span.leftToIdle && facts.callsComplete)) return false;
  const late = lateByRhythm(facts);
  const held = late ? late.held : facts.heldThrough(span.fromNs, span.backNs);
  if (held === true) return false;
  if (held === false) return true;
  const usual = facts.subject.totalsBefore.get(span.type);
  return !(usual && usual.count >= USUAL && usual.longestNs * 2 < call.ns);
}
