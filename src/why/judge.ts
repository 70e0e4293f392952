/** The judgement: the rules in order, the first proof wins, others that hold are contributing. */
import type { CallClass, Finding, FindingEvidence } from '../model/findings.js';
import type { Facts, Proof, Rule } from './facts.js';
import { blocked } from './rules/blocked.js';
import { captureLost } from './rules/capture-lost.js';
import { clockStep } from './rules/clock-step.js';
import { computing } from './rules/computing.js';
import { gone } from './rules/gone.js';
import { machineSilent } from './rules/machine-silent.js';
import { sleeping } from './rules/sleeping.js';
import { starved } from './rules/starved.js';
import { stopped } from './rules/stopped.js';
import { waiting } from './rules/waiting.js';
import { describeUnknown } from './unknown.js';

/**
 * First what makes the trace itself unfit to say more, then what was done to the thread, then what it did.
 * A rule further down may rely on those above not to hold.
 */
export const RULES: readonly Rule[] = [
  clockStep,
  gone,
  stopped,
  captureLost,
  machineSilent,
  starved,
  sleeping,
  blocked,
  waiting,
  computing,
];

export function judge(facts: Facts): Finding {
  const proofs = RULES.map((rule) => rule(facts)).filter((proof): proof is Proof => proof !== null);
  const [first, ...others] = proofs;
  if (!first) return describeUnknown(facts);
  return {
    cause: first.cause,
    call: first.call ?? null,
    class: (first.class ?? null) as CallClass | null,
    summary: first.summary,
    evidence: [...first.evidence, ...spanning(facts)],
    next: first.next,
    contributing: others.map(({ cause, summary }) => ({ cause, summary })),
  };
}

/** The gap ends with another thread's event: said, since the subject is the thread of the start event. */
export function spanning(facts: Facts): FindingEvidence[] {
  const { startEvent, endEvent, subjectTid } = facts.question;
  if (!startEvent || !endEvent || endEvent.tid === null || endEvent.tid === subjectTid) return [];
  return [
    {
      text: `the gap begins with an event of ${facts.who} and ends with one of ${endEvent.proc ?? 'thread'} (${endEvent.tid}): what is said here is about the first`,
      nums: [startEvent.num, endEvent.num].filter((num) => num !== null),
      raw: [],
    },
  ];
}
