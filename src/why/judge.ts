/** The judgement: the rules in order, the first proof wins, others that hold are contributing. */
import type { Finding } from '../model/findings.js';
import { type Facts, type Proof, type Rule, spanning } from './facts.js';
import { describePackets } from './packets.js';
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
const RULES: readonly Rule[] = [
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
  if (facts.ofPackets) return describePackets(facts);
  const proofs = RULES.map((rule) => rule(facts)).filter((proof): proof is Proof => proof !== null);
  const [first, ...others] = proofs;
  if (!first) return describeUnknown(facts);
  return {
    cause: first.cause,
    call: first.call ?? null,
    class: first.class ?? null,
    summary: first.summary,
    evidence: [...first.evidence, ...spanning(facts)],
    next: first.next,
    contributing: others.map(({ cause, summary }) => ({ cause, summary })),
  };
}
