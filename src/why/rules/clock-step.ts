/** The clock jumped: the stamps are further apart than the time that passed. */
import type { Rule } from '../facts.js';
import { roughly } from '../wording.js';

export const clockStep: Rule = (facts) => {
  const { step } = facts.clock;
  if (!step || !facts.explains(step.stepNs)) return null;
  return {
    cause: 'clock-step',
    summary: `the clock was set forward by ${roughly(step.stepNs)} within the ${roughly(facts.gapNs)}: the trace's own durations account for the rest`,
    evidence: [
      {
        text: 'two stamps are further apart than the time measured between them',
        nums: step.nums,
        raw: step.raw,
      },
    ],
    next: ['journalctl -u chronyd -u systemd-timesyncd -u ntpd', 'chronyc tracking'],
  };
};
