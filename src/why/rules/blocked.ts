/**
 * One call that the thread did not choose to wait in covers most of the gap, or many calls of one class do
 * together, and did not before.
 */
import type { CallClass } from '../../model/findings.js';
import type { Facts, JudgedCall, Proof, Rule } from '../facts.js';
import { callEvidence } from '../facts.js';
import { stepsFor } from '../next-steps.js';
import { natureOf } from '../syscalls.js';
import { plural, roughly } from '../wording.js';

/** In many calls together: at least so much more of the gap than of the time before. */
const MORE_THAN_BEFORE = 0.25;

export const blocked: Rule = (facts) => inOneCall(facts) ?? inMany(facts);

function inOneCall(facts: Facts): Proof | null {
  for (const call of facts.calls) {
    if (call.nature.kind !== 'blocks' || !isProved(facts, call)) continue;
    const usualNs = facts.subject.totalsBefore.get(call.span.type)?.longestNs ?? 0;
    if (!facts.isMost(call.ns) && !(facts.explains(call.ns) && call.ns >= 2 * usualNs)) continue;
    return describe(facts, call);
  }
  return null;
}

/** The call waited, and the trace shows that it was this call. */
function isProved(facts: Facts, call: JudgedCall): boolean {
  const { span, nature } = call;
  if (span.end === 'bound') return false;
  const held = facts.heldThrough(span.fromNs, span.backNs);
  // Held up by the CPU or by what it asked for: both look alike.
  if (held === true && !nature.certain) return false;
  if (!span.entryKnown && !facts.callsComplete) return false;
  if (!span.entryKnown) return span.leftToIdle || held === false || (nature.certain && held !== true);
  return true;
}

function describe(facts: Facts, call: JudgedCall): Proof {
  const { span, nature } = call;
  const what = nature.subject ? ` on ${nature.subject}` : '';
  const still = span.end === 'open' ? ' and had not come back when the trace ends' : '';
  const busy =
    span.onNs > 0.5 * call.ns
      ? `, on a CPU for ${roughly(span.onNs)} of it: the kernel was busy with the call`
      : '';
  const verb = busy === '' ? `was blocked in ${span.type}` : `was in ${span.type}`;
  const evidence = [callEvidence(span, `${span.type} took ${roughly(span.toNs - span.fromNs)}${still}`)];
  if (span.offNs > 0) evidence.push(callEvidence(span, `off its CPU for ${roughly(span.offNs)} of it`));
  return {
    cause: 'blocked',
    call: span.type,
    class: nature.class,
    summary: `${facts.who} ${verb}${what} for ${facts.share(call.ns)}${busy}${still}`,
    evidence,
    next: stepsFor(nature.class, facts.question.subjectTid, nature.subject),
  };
}

function inMany(facts: Facts): Proof | null {
  const classes = new Map<
    CallClass,
    { ns: number; beforeNs: number; count: number; call: string; longestNs: number }
  >();
  if (!facts.subject.hasEntries) return null;
  for (const [type, totals] of facts.subject.totals) {
    const listed = facts.calls.find((call) => call.span.type === type);
    const nature = listed?.nature ?? natureOf(type, '', facts.sysdig);
    // Many waits for input (network, pipes, children) are a program that has nothing to do.
    if (nature.kind !== 'blocks' || (nature.class !== 'disk' && nature.class !== 'lock')) continue;
    const sum = classes.get(nature.class) ?? { ns: 0, beforeNs: 0, count: 0, call: type, longestNs: 0 };
    sum.ns += totals.totalNs;
    sum.beforeNs += facts.subject.totalsBefore.get(type)?.totalNs ?? 0;
    sum.count += totals.count;
    if (totals.totalNs > sum.longestNs) {
      sum.longestNs = totals.totalNs;
      sum.call = type;
    }
    classes.set(nature.class, sum);
  }
  const { baselineNs, startNs } = facts.activity.span;
  for (const [cls, sum] of classes) {
    const shareBefore = startNs > baselineNs ? sum.beforeNs / (startNs - baselineNs) : 0;
    if (!facts.isMost(sum.ns) || sum.ns / facts.gapNs - shareBefore < MORE_THAN_BEFORE) continue;
    if (facts.heldThrough(facts.question.startNs, facts.question.endNs) === true) continue;
    const listed = facts.calls.filter((call) => call.nature.class === cls);
    return {
      cause: 'blocked',
      call: sum.call,
      class: cls,
      summary: `${facts.who} spent ${facts.share(sum.ns)} blocked in ${plural(sum.count, 'call')}, mostly ${sum.call}`,
      evidence: listed
        .slice(0, 5)
        .map((call) => callEvidence(call.span, `${call.span.type} took ${roughly(call.ns)}`)),
      next: stepsFor(cls, facts.question.subjectTid, listed[0]?.nature.subject ?? null),
    };
  }
  return null;
}
