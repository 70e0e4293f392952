/**
 * Ready to run, but others held its CPU. Proved in three ways: it left a CPU with no call open and that CPU was
 * never idle until it came back; its own timeout had run out, and from then on the CPU was never idle; or its
 * own rhythm says when it should have run, and from then on the CPU was monopolised: never idle, and threads
 * that regularly ran there did not run either.
 */
import type { Facts, Proof, Rule } from '../facts.js';
import { SCHEDULER_STEPS } from '../next-steps.js';
import { overlap } from '../span.js';
import { listing, roughly } from '../wording.js';

export const starved: Rule = (facts) => withoutCall(facts) ?? pastTimeout(facts) ?? pastRhythm(facts);

function withoutCall(facts: Facts): Proof | null {
  if (!facts.callsComplete) return null;
  let ns = 0;
  let fromNs = Number.POSITIVE_INFINITY;
  let toNs = Number.NEGATIVE_INFINITY;
  const nums: number[] = [];
  for (const piece of facts.subject.pieces) {
    // Who leaves its CPU to idle was not ready to run; what a waiting call's exit ends may have been in that call.
    if (piece.state !== 'off-cpu' || piece.next <= 0) continue;
    if (facts.activity.cpus.heldByOthers(piece.cpu, piece.fromNs, piece.toNs) !== true) continue;
    ns += facts.within(piece.fromNs, piece.toNs);
    fromNs = Math.min(fromNs, piece.fromNs);
    toNs = Math.max(toNs, piece.toNs);
    if (nums.length < 6) nums.push(...piece.nums);
  }
  if (ns === 0 || !facts.explains(ns)) return null;
  return proof(
    facts,
    ns,
    fromNs,
    toNs,
    `${facts.who} was ready to run but off its CPU for ${facts.share(ns)}`,
    nums,
  );
}

function pastTimeout(facts: Facts): Proof | null {
  const call = facts.longestCall;
  if (!call || call.lateNs === null || call.askedNs === null) return null;
  const dueNs = call.span.fromNs + call.askedNs;
  const ns = facts.within(dueNs, call.span.backNs);
  if (!facts.explains(ns) || facts.heldThrough(dueNs, call.span.backNs) !== true) return null;
  const text = `${facts.who} asked ${call.span.type} for ${roughly(call.askedNs)} and got its CPU back ${roughly(call.lateNs)} late`;
  return proof(facts, ns, dueNs, call.span.backNs, text, call.span.nums);
}

function pastRhythm(facts: Facts): Proof | null {
  const late = lateByRhythm(facts);
  if (late?.held !== true || !monopolised(facts, late.dueNs, late.backNs)) return null;
  const ns = facts.within(late.dueNs, late.backNs);
  const text = `${facts.who} should have run ${roughly(facts.rhythmNs!)} after its last ${facts.question.startEvent?.type ?? 'event'} and got its CPU ${roughly(ns)} late`;
  return proof(facts, ns, late.dueNs, late.backNs, text, late.nums);
}

/** The longest call was one that the sequence's rhythm should have ended in between; `held`: its CPU was busy since. */
export function lateByRhythm(
  facts: Facts,
): { dueNs: number; backNs: number; held: boolean | null; nums: readonly number[] } | null {
  const call = facts.longestCall;
  const { rhythmNs, question } = facts;
  if (!call || rhythmNs === null || question.startEvent === null) return null;
  const { span, nature } = call;
  if (nature.kind !== 'waits' && nature.kind !== 'sleeps') return null;
  if (call.askedNs !== null && call.lateNs === null) return null;
  const dueNs = question.startNs + rhythmNs;
  if (dueNs < span.fromNs || dueNs >= span.backNs) return null;
  if (!facts.explains(facts.within(dueNs, span.backNs))) return null;
  return { dueNs, backNs: span.backNs, held: facts.heldThrough(dueNs, span.backNs), nums: span.nums };
}

/** Threads that ran on its CPU again and again before did not run there any more either. */
function monopolised(facts: Facts, fromNs: number, toNs: number): boolean {
  const cpus = facts.subject.cpusUsed;
  const { threads } = facts.activity;
  return threads
    .silentThrough(fromNs, toNs, facts.question.subjectTid)
    .some((thread) => cpus.has(thread.cpu) && thread.outs > 0);
}

function proof(
  facts: Facts,
  ns: number,
  fromNs: number,
  toNs: number,
  text: string,
  nums: readonly number[],
): Proof {
  const { cpus, threads } = facts.activity;
  const cpu = [...facts.subject.cpusUsed].sort((a, b) => b[1] - a[1])[0]![0];
  const holders = cpus.holders(cpu, fromNs, toNs).slice(0, 3);
  const others = listing(holders.map((holder) => threads.nameOf(holder.tid)));
  const by = others === '' ? '' : `, held by ${others}`;
  const wholeNs = overlap(fromNs, toNs, facts.question.startNs, facts.question.endNs);
  return {
    cause: 'starved',
    summary: `${text}: CPU ${cpu} was never idle${by}`,
    evidence: [
      {
        text: `ready ${roughly(Math.max(0, fromNs - facts.question.startNs))} into the gap, kept off its CPU for ${roughly(ns)}`,
        nums,
        raw: [],
      },
      ...holders.map((holder) => ({
        text: `${threads.nameOf(holder.tid)} held CPU ${cpu} for ${roughly(Math.min(holder.ns, wholeNs))} of ${roughly(wholeNs)}`,
        nums: [],
        raw: [],
      })),
    ],
    next: [
      ...(holders[0] ? [`chrt -p ${holders[0].tid}; taskset -p ${holders[0].tid}`] : []),
      `chrt -p ${facts.question.subjectTid}; taskset -p ${facts.question.subjectTid}`,
      ...SCHEDULER_STEPS,
    ],
  };
}
