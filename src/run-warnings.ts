/** What a run says beside its gaps: conditions that can't hold, and matched events that took no part. */
import { checkFilter, filterNeeds, type JoinedFilter } from './filter/filter.js';
import type { TraceSource } from './formats/trace-source.js';
import { WAITING_KEPT } from './gaps/waiting-gaps.js';
import { formatCount } from './model/count.js';

/** What of the filter can't match here, and that nothing did. */
export function filterWarnings(filter: JoinedFilter | null, sources: readonly TraceSource[]): string[] {
  const warnings = filter ? sources.flatMap(({ decoder }) => checkFilter(filter.ast, decoder.traits())) : [];
  if (sources.some(({ matched }) => matched > 0)) return warnings;
  if (filter && filterNeeds(filter.ast).process) {
    warnings.push(
      'what processes are (proc.pid, proc.exe, ...) is known only after the trace shows their clone or execve; proc.name and thread.tid stand on the lines',
    );
  }
  if (sources.length > 0) warnings.push(filter ? 'no event matched the filter' : 'no event was found');
  return warnings;
}

/** Counts of what was left out. */
export interface LeftOut {
  readonly sources: readonly TraceSource[];
  /** The field of --by; undefined in a run for VRRP, where sequences are senders. */
  readonly by: string | undefined;
  readonly mostSequences: number;
  /** Matched events: without a time, without a value of the field, of sequences beyond `mostSequences`. */
  readonly untimed: number;
  readonly ungrouped: number;
  readonly beyond: number;
  /** Gaps that did not wait for the matched events behind them. */
  readonly hurried: number;
  /** Long gaps that were not investigated. */
  readonly uninvestigated: number;
  readonly interrupted: boolean;
}

export function leftOutWarnings(left: LeftOut): string[] {
  const { sources, by, mostSequences, untimed, ungrouped, beyond, hurried, uninvestigated } = left;
  const warnings: string[] = [];
  if (untimed > 0) {
    warnings.push(
      `${untimed} matched events have no time of their own and take part in no gap: ${whyUntimed(sources)}`,
    );
  }
  if (ungrouped > 0) warnings.push(`${ungrouped} matched events have no ${by} and belong to no sequence`);
  if (hurried > 0) {
    warnings.push(
      `${hurried} gaps are told without the matched events after them, since more than ${formatCount(WAITING_KEPT)} waited for theirs at once`,
    );
  }
  if (uninvestigated > 0) {
    warnings.push(
      `${uninvestigated} long gaps were not investigated, since that takes long${left.interrupted ? ' and the run was interrupted' : ' for so many; --why all does it'}`,
    );
  }
  if (beyond > 0) {
    warnings.push(
      by === undefined
        ? `adverts come from more than ${mostSequences} senders: ${beyond} adverts of the others take part in no gap and in no router's history; a filter that picks the senders (-f) keeps the others out`
        : `${by} has more than ${mostSequences} values: ${beyond} matched events of the others take part in no gap; narrow the filter, or take another field`,
    );
  }
  return warnings;
}

function whyUntimed(sources: readonly TraceSource[]): string {
  if (sources.some(({ opened }) => opened.binary)) return 'packets whose block holds none';
  return sources.every(({ decoder }) => decoder.traits().exitTimes)
    ? 'exits of calls that never returned'
    : 'exits of strace calls, which -T gives a time';
}
