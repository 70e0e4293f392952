/** No cause is proved: what was seen, in figures, longest first, and no more than that. */
import type { Finding, FindingEvidence } from '../model/findings.js';
import { isObserver } from './activity.js';
import type { Piece } from './call-span.js';
import { callEvidence, type Facts, type JudgedCall, spanning } from './facts.js';
import { waitingSteps } from './next-steps.js';
import type { ThreadFigures } from './threads.js';
import { listing, percent, plural, roughly } from './wording.js';

/** What takes less of the gap than this is not worth a sentence. */
const TOLD_SHARE = 0.1;
const RUNNERS_TOLD = 4;
const LOOP_CALLS = 10;

interface Sighting extends FindingEvidence {
  /** Time in the gap that it is about. */
  readonly ns: number;
}

export function describeUnknown(facts: Facts): Finding {
  const subject = aboutSubject(facts).sort((a, b) => b.ns - a.ns);
  const cpus = aboutCpus(facts);
  const told = [subject[0]?.text ?? `the trace shows nothing of ${facts.who} for ${roughly(facts.gapNs)}`];
  if (cpus.length > 0 && cpus.length <= 2) told.push(...cpus.map((cpu) => cpu.text));
  return {
    cause: 'unknown',
    call: null,
    class: null,
    summary: told.join('; '),
    evidence: [...subject.map(({ text, nums, raw }) => ({ text, nums, raw })), ...cpus, ...spanning(facts)],
    next: waitingSteps(facts.question.subjectTid),
    contributing: [],
  };
}

function aboutSubject(facts: Facts): Sighting[] {
  const { subject, who } = facts;
  const list: Sighting[] = [];
  const call = facts.longestCall;
  if (call && call.ns >= TOLD_SHARE * facts.gapNs) list.push(aboutCall(facts, call));
  for (const freeze of subject.stops.freezes) {
    const ns = facts.within(freeze.fromNs, freeze.toNs);
    if (!facts.explains(ns)) continue;
    list.push({
      text: `${freeze.call} of ${who} was interrupted without a signal in the trace, and nothing followed for ${roughly(ns)}: a freezer or a tracer's stop looks like this, and so does a program that computes or is not scheduled`,
      ns: facts.gapNs,
      nums: freeze.nums,
      raw: freeze.raw,
    });
  }
  list.push(...betweenCalls(facts));
  const loop = aboutLoop(facts);
  if (loop) list.push(loop);
  if (subject.majorFaults > 0)
    list.push({
      text: `${plural(subject.majorFaults, 'major page fault')} of ${who} in the gap: each waits for a disk`,
      ns: 0,
      nums: [],
      raw: [],
    });
  return list;
}

function betweenCalls(facts: Facts): Sighting[] {
  const sums = new Map<Piece['state'], number>();
  for (const piece of facts.subject.pieces)
    sums.set(piece.state, (sums.get(piece.state) ?? 0) + facts.within(piece.fromNs, piece.toNs));
  const entries = facts.subject.hasEntries;
  const words: Readonly<Record<Piece['state'], string>> = {
    'on-cpu': 'on a CPU',
    'off-cpu': `off its CPU ${entries ? 'with no call open' : 'before the call whose exit comes next'}`,
    'no-call': entries
      ? 'between two calls (computing, not scheduled, or in a call that this trace leaves out)'
      : 'between the exits of two calls (computing, not scheduled, or in the second one)',
  };
  return [...sums]
    .filter(([, ns]) => ns >= TOLD_SHARE * facts.gapNs)
    .map(([state, ns]) => ({
      text: `${facts.who} was ${words[state]} for ${facts.share(ns)}`,
      ns,
      nums: [],
      raw: [],
    }));
}

function aboutCall(facts: Facts, call: JudgedCall): Sighting {
  const { span, ns } = call;
  const { who } = facts;
  const overdue = facts.timerOverdueNs(span);
  let text = `${who} was in ${span.type} for ${facts.share(ns)}`;
  if (span.end === 'bound')
    text = `${who} entered ${span.type}, and the trace shows no end of it and nothing more of the thread for ${facts.share(ns)}: it was in that call, or running after it`;
  else if (call.lateNs !== null)
    text = `${who} asked ${span.type} for ${roughly(call.askedNs!)} and came back ${roughly(call.lateNs)} late: it was not scheduled, or its timer was late`;
  else if (overdue !== null)
    text = `${text}, though the timer it had set was due ${roughly(overdue)} before: it was not scheduled, or the wake-up was late`;
  else if (facts.heldThrough(span.fromNs, span.backNs) === true)
    text = `${text}; its CPU was held by others all the time, so it may have waited for the CPU`;
  else if (!span.entryKnown)
    text = `${who} was off its CPU before the exit of ${span.type} for ${facts.share(ns)}`;
  return { ...callEvidence(span, text), ns };
}

/** It did what it does, again and again, without the event that was looked for. */
function aboutLoop(facts: Facts): Sighting | null {
  let calls = 0;
  let ns = 0;
  for (const totals of facts.subject.totals.values()) {
    calls += totals.count;
    ns += totals.totalNs;
  }
  const top = [...facts.subject.totals].sort((a, b) => b[1].totalNs - a[1].totalNs).slice(0, 3);
  const longestNs = Math.max(0, ...top.map(([, totals]) => totals.longestNs));
  if (calls < LOOP_CALLS || facts.isMost(longestNs)) return null;
  const words = top.map(
    ([type, totals]) =>
      `${totals.count} ${type} (${roughly(totals.totalNs)}, ${roughly(totals.longestNs)} at most)`,
  );
  return {
    text: `${facts.who} went on: ${plural(calls, 'call')}, among them ${listing(words)}`,
    ns,
    nums: [],
    raw: [],
  };
}

/** What the CPUs in view prove, and for how long they were in view. */
function aboutCpus(facts: Facts): FindingEvidence[] {
  const { cpus } = facts.activity;
  const { startNs, endNs } = facts.question;
  const list: FindingEvidence[] = [];
  for (const cpu of cpus.numbers) {
    if (!cpus.isWhole(cpu)) continue;
    const { idleNs, unknownNs } = cpus.occupancy(cpu, startNs, endNs);
    const seenNs = facts.gapNs - unknownNs;
    if (seenNs <= 0) continue;
    const inView =
      unknownNs > 0.05 * facts.gapNs ? ` in the ${roughly(seenNs)} that the trace shows of it` : '';
    const runners = runnersOf(facts, cpu);
    const busyNs = seenNs - idleNs;
    const but = runners === '' ? '' : ` but for ${runners}`;
    list.push({
      text:
        idleNs > busyNs
          ? `CPU ${cpu} was idle (${percent(idleNs, seenNs)})${inView}${but}`
          : `CPU ${cpu} was busy (${percent(busyNs, seenNs)})${inView}: ${runners}`,
      nums: [],
      raw: [],
    });
  }
  return list;
}

function runnersOf(facts: Facts, cpu: number): string {
  const runners = [...facts.activity.threads.all.values()]
    .filter((thread) => thread.tid !== 0 && thread.cpu === cpu && thread.onCpuNs > 0)
    .sort((a, b) => b.onCpuNs - a.onCpuNs)
    .slice(0, RUNNERS_TOLD);
  return listing(runners.map(describeRunner));
}

/** `kernel thread 7 every 4.00 ms (10 runs, 57.2 µs)` */
function describeRunner(thread: ThreadFigures): string {
  const name = thread.name === null ? `thread ${thread.tid}` : `${thread.name} (${thread.tid})`;
  const kind = isObserver(thread.name)
    ? `the recorder ${name}`
    : thread.isKernel
      ? `kernel ${thread.name === null ? name : `thread ${name}`}`
      : name;
  const period = thread.isKernel && thread.periodNs !== null ? ` every ${roughly(thread.periodNs)}` : '';
  return `${kind}${period} (${plural(thread.runs, 'run')}, ${roughly(thread.onCpuNs)})`;
}
