/** No cause is proved: what was seen, in figures, and no more than that. */
import type { Finding, FindingEvidence } from '../model/findings.js';
import { isObserver } from './activity.js';
import type { Facts } from './facts.js';
import { callEvidence } from './facts.js';
import { spanning } from './judge.js';
import { limitsOf } from './limits.js';
import { waitingSteps } from './next-steps.js';
import { listing, percent, plural, roughly } from './wording.js';

export function describeUnknown(facts: Facts): Finding {
  const seen = [...aboutSubject(facts), ...aboutCpus(facts), ...spanning(facts)];
  const first = seen[0]?.text ?? `the trace shows nothing of ${facts.who} in the ${roughly(facts.gapNs)}`;
  return {
    cause: 'unknown',
    call: null,
    class: null,
    summary: first,
    evidence: seen,
    next: [
      ...waitingSteps(facts.question.subjectTid),
      ...limitsOf(facts.traits, facts.activity.chain).slice(0, 1),
    ],
    contributing: [],
  };
}

function aboutSubject(facts: Facts): FindingEvidence[] {
  const { subject, who } = facts;
  const list: FindingEvidence[] = [];
  const call = facts.longestCall;
  if (call && call.ns >= 0.1 * facts.gapNs) list.push(aboutCall(facts, call));
  for (const freeze of subject.stops.freezes.filter((f) => facts.explains(facts.within(f.fromNs, f.toNs)))) {
    list.unshift({
      text: `${freeze.call} of ${who} was interrupted without a signal in the trace, and nothing followed for ${roughly(freeze.toNs - freeze.fromNs)}: a freezer or a tracer's stop looks like this, and so does a program that computes or is not scheduled`,
      nums: freeze.nums,
      raw: freeze.raw,
    });
  }
  const between = new Map<string, number>();
  for (const piece of subject.pieces)
    between.set(piece.state, (between.get(piece.state) ?? 0) + facts.within(piece.fromNs, piece.toNs));
  const outside = facts.subject.hasEntries ? 'with no call open' : 'before the call whose exit comes next';
  const words: Readonly<Record<string, string>> = {
    'on-cpu': 'on a CPU',
    'off-cpu': `off its CPU ${outside}`,
    'no-call': subject.hasEntries
      ? 'between two calls: computing, not scheduled, or in a call that this trace leaves out'
      : 'between the exits of two calls: computing, or in the second one',
  };
  for (const [state, ns] of [...between].sort((a, b) => b[1] - a[1])) {
    if (ns >= 0.1 * facts.gapNs)
      list.push({ text: `${who} was ${words[state]} for ${facts.share(ns)}`, nums: [], raw: [] });
  }
  const loop = aboutLoop(facts);
  if (loop) list.push(loop);
  if (subject.majorFaults > 0)
    list.push({
      text: `${plural(subject.majorFaults, 'major page fault')} of ${who} in the gap: each waits for a disk`,
      nums: [],
      raw: [],
    });
  list.sort((a, b) => weight(facts, b) - weight(facts, a));
  return list;
}

/** The longest state first; evidence is in sentences, so its figure decides. */
function weight(_facts: Facts, evidence: FindingEvidence): number {
  return evidence.text.includes('was interrupted') ? 2 : evidence.text.includes(' went on:') ? 1 : 0;
}

function aboutCall(facts: Facts, call: (typeof facts.calls)[number]): FindingEvidence {
  const { span } = call;
  const { who } = facts;
  const overdue = facts.timerOverdueNs(span);
  let text = `${who} was in ${span.type} for ${facts.share(call.ns)}`;
  if (span.end === 'bound')
    text = `${who} entered ${span.type} and did nothing more for ${facts.share(call.ns)}: blocked in it, or running after it; the trace has no time for its end`;
  else if (call.lateNs !== null)
    text = `${who} asked ${span.type} for ${roughly(call.askedNs!)} and came back ${roughly(call.lateNs)} late: it was not scheduled, or its timer was late`;
  else if (overdue !== null)
    text = `${text}, though the timer it had set was due ${roughly(overdue)} before: it was not scheduled, or the wake-up was late`;
  else if (facts.heldThrough(span.fromNs, span.backNs) === true)
    text = `${text}; its CPU was held by others all the time, so it may have waited for the CPU`;
  return callEvidence(span, text);
}

/** It did what it does, again and again, without the event that was looked for. */
function aboutLoop(facts: Facts): FindingEvidence | null {
  let calls = 0;
  for (const totals of facts.subject.totals.values()) calls += totals.count;
  if (calls < 10) return null;
  const top = [...facts.subject.totals].sort((a, b) => b[1].totalNs - a[1].totalNs).slice(0, 3);
  const words = top.map(
    ([type, totals]) =>
      `${totals.count} ${type} (${roughly(totals.totalNs)}, ${roughly(totals.longestNs)} at most)`,
  );
  const longest = Math.max(...top.map(([, totals]) => totals.longestNs));
  if (longest > 0.5 * facts.gapNs) return null;
  return { text: `${facts.who} went on: ${plural(calls, 'call')}, ${listing(words)}`, nums: [], raw: [] };
}

/** What the CPUs in view prove, and for how long they were in view. */
export function aboutCpus(facts: Facts): FindingEvidence[] {
  const { cpus, threads } = facts.activity;
  const { startNs, endNs } = facts.question;
  const list: FindingEvidence[] = [];
  for (const cpu of cpus.numbers) {
    if (!cpus.isWhole(cpu)) continue;
    const o = cpus.occupancy(cpu, startNs, endNs);
    const seenNs = facts.gapNs - o.unknownNs;
    if (seenNs <= 0) continue;
    const inView =
      o.unknownNs > 0.05 * facts.gapNs ? ` in the ${roughly(seenNs)} that the trace shows of it` : '';
    const runners = [...threads.all.values()]
      .filter((thread) => thread.tid !== 0 && thread.cpu === cpu && thread.runs > 0 && thread.onCpuNs > 0)
      .sort((a, b) => b.onCpuNs - a.onCpuNs)
      .slice(0, 4)
      .map((thread) => {
        const kind = thread.isKernel ? 'kernel thread ' : isObserver(thread.name) ? 'the recorder ' : '';
        const period =
          thread.isKernel && thread.periodNs !== null ? ` every ${roughly(thread.periodNs)}` : '';
        return `${kind}${threads.nameOf(thread.tid).replace(/^thread /, kind === '' ? 'thread ' : '')}${period} (${plural(thread.runs, 'run')}, ${roughly(thread.onCpuNs)})`;
      });
    const but = runners.length > 0 ? ` but for ${listing(runners)}` : '';
    list.push({
      text:
        o.idleNs > 0.5 * seenNs
          ? `CPU ${cpu} was idle (${percent(o.idleNs, seenNs)})${inView}${but}`
          : `CPU ${cpu} was busy (${percent(seenNs - o.idleNs, seenNs)})${inView}: ${listing(runners)}`,
      nums: [],
      raw: [],
    });
  }
  return list;
}
