/**
 * A stop signal was delivered and the thread stood still until it went on (signal(7)); or the call it waited in
 * was broken off without a signal and the thread then left its CPU to idle, with no call open: only a freezer
 * or an attaching tracer does that.
 */
import type { Stop } from '../call-span.js';
import type { Facts, Proof, Rule } from '../facts.js';
import { roughly } from '../wording.js';

/** The threads of a stopped process go on together. */
const TOGETHER_NS = 20e6;

export const stopped: Rule = (facts) => bySignal(facts) ?? withProcess(facts) ?? byFreezer(facts);

function bySignal(facts: Facts): Proof | null {
  const { stops } = facts.subject.stops;
  let ns = 0;
  let longest: Stop | null = null;
  for (const stop of stops) {
    ns += facts.within(stop.fromNs, stop.toNs);
    if (!longest || stop.toNs - stop.fromNs > longest.toNs - longest.fromNs) longest = stop;
  }
  if (!longest || !facts.explains(ns)) return null;
  return {
    cause: 'stopped',
    summary: `${facts.who} was stopped by ${longest.signal} for ${facts.share(ns)}`,
    evidence: stops.map((stop) => ({
      text: `${stop.signal} delivered; nothing more of this thread for ${roughly(stop.toNs - stop.fromNs)}`,
      nums: stop.nums,
      raw: stop.raw,
    })),
    next: ['ausearch -sc kill -i', `ps -o pid,ppid,stat,wchan,comm -p ${facts.question.subjectTid}`],
  };
}

/** Only one thread of a process is delivered the signal; the others stop and go on with it. */
function withProcess(facts: Facts): Proof | null {
  const { threads } = facts.activity;
  const own = facts.question.subjectTid === null ? undefined : threads.all.get(facts.question.subjectTid);
  if (!own) return null;
  for (const stop of facts.processStops) {
    const other = threads.all.get(stop.tid);
    if (!other || stop.tid === own.tid || other.name === null || other.name !== own.name) continue;
    const ns = facts.within(Math.max(stop.timeNs, own.silenceFromNs), own.silenceToNs);
    const together = Math.abs(own.silenceToNs - other.silenceToNs) <= TOGETHER_NS;
    if (!together || other.silenceFromNs > stop.timeNs + TOGETHER_NS || !facts.explains(ns)) continue;
    return {
      cause: 'stopped',
      summary: `${facts.who} was stopped with its process by ${stop.signal} for ${facts.share(ns)}`,
      evidence: [
        {
          text: `${stop.signal} delivered to thread ${stop.tid} of the same name; both went on together`,
          nums: [stop.num],
          raw: [stop.raw],
        },
      ],
      next: ['ausearch -sc kill -i'],
    };
  }
  return null;
}

function byFreezer(facts: Facts): Proof | null {
  for (const freeze of facts.subject.stops.freezes) {
    const ns = facts.within(freeze.fromNs, freeze.toNs);
    if (!facts.explains(ns) || freeze.offNs < 0.9 * (freeze.toNs - freeze.fromNs)) continue;
    const held = facts.heldThrough(freeze.fromNs, freeze.toNs);
    // Idle it must have been: else the thread may have waited for it. And its calls must be in the trace.
    if (held === true || !(freeze.leftToIdle || held === false)) continue;
    if (!facts.callsComplete) continue;
    return {
      cause: 'stopped',
      summary: `${facts.who} was taken out of ${freeze.call} without a signal and kept off its idle CPU for ${facts.share(ns)}: a freezer (cgroup.freeze) or a tracer held it`,
      evidence: [
        {
          text: `${freeze.call} was interrupted, no signal followed, and no call was open until it went on`,
          nums: freeze.nums,
          raw: freeze.raw,
        },
      ],
      next: [
        `cat /sys/fs/cgroup$(cut -d: -f3 /proc/${facts.question.subjectTid}/cgroup)/cgroup.events`,
        'journalctl | grep -iE "freez|suspend|snapshot|backup"',
      ],
    };
  }
  return null;
}
