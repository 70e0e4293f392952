/** The subject's states through the gap as reports list them: in order, without overlap, short ones put together. */
import type { SubjectState } from '../model/findings.js';
import { overlap, type Span } from './span.js';
import type { SubjectStates } from './thread-states.js';

const ARGS_SHOWN = 200;

export function describeStates(subject: SubjectStates, span: Span): SubjectState[] {
  const { startNs, endNs } = span;
  const states: SubjectState[] = [];
  for (const { type, args, fromNs, toNs, cpu } of subject.calls)
    states.push({
      state: 'in-call',
      call: type,
      args: args.slice(0, ARGS_SHOWN),
      cpu: cpuOrNull(cpu),
      fromNs,
      toNs,
    });
  const { stops } = subject.stops;
  for (const stop of stops)
    states.push({
      state: 'stopped',
      call: null,
      args: stop.signal,
      cpu: null,
      fromNs: stop.fromNs,
      toNs: stop.toNs,
    });
  for (const { state, fromNs, toNs, cpu } of subject.pieces) {
    if (stops.some((stop) => overlap(stop.fromNs, stop.toNs, fromNs, toNs) > 0.5 * (toNs - fromNs))) continue;
    states.push({ state, call: null, args: null, cpu: cpuOrNull(cpu), fromNs, toNs });
  }
  if (subject.ending)
    states.push({ state: 'gone', call: null, args: null, cpu: null, fromNs: subject.endedNs, toNs: endNs });
  states.sort((a, b) => a.fromNs - b.fromNs);
  const list: SubjectState[] = [];
  let at = startNs;
  for (const state of states) {
    const from = Math.max(state.fromNs, at);
    const to = Math.min(state.toNs, endNs);
    if (to <= from) continue;
    if (from > at) list.push(filler(at, from, startNs));
    list.push({ ...state, fromNs: from - startNs, toNs: to - startNs });
    at = to;
  }
  if (at < endNs) list.push(filler(at, endNs, startNs));
  return list;
}

function filler(fromNs: number, toNs: number, startNs: number): SubjectState {
  return {
    state: 'short',
    call: null,
    args: null,
    cpu: null,
    fromNs: fromNs - startNs,
    toNs: toNs - startNs,
  };
}

function cpuOrNull(cpu: number): number | null {
  return cpu < 0 ? null : cpu;
}
