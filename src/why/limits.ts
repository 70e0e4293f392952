/** What a kind of trace can't show, said once per report, with the capture that would show it. */
import { formatCount } from '../model/count.js';
import type { TraceTraits } from '../model/trace.js';
import type { ActivityView } from './activity.js';
import { MOST_CPUS } from './cpus.js';
import { holdsPackets } from './packets.js';
import { MOST_THREADS } from './threads.js';

/** Sentences, the weightiest first; none for a whole sysdig trace with entries and exits. */
export function limitsOf(traits: TraceTraits, { chain, crowded }: ActivityView): string[] {
  if (holdsPackets(traits))
    return [
      'A packet trace shows what was on the wire, not what the sender did: record the host too, sysdig -w trace.scap',
    ];
  const list: string[] = [];
  if (crowded)
    list.push(
      `More than ${formatCount(MOST_THREADS)} threads or ${formatCount(MOST_CPUS)} CPUs show in one stretch: no figures of the others`,
    );
  if (traits.format === 'strace') {
    list.push(
      "strace has no scheduler events: between two calls a thread computed, was not scheduled or was in a call that was not traced, and this trace can't tell. Record the whole machine: sysdig -w trace.scap",
    );
    if (!traits.exitTimes)
      list.push('Without -T the end of a call printed on one line is unknown: strace -f -ttt -T -yy');
    return list;
  }
  if (chain === 'none')
    list.push(
      'The trace has no switch events, so no time per CPU: leave them in the capture filter, sysdig -w trace.scap "evt.type=switch or ..."',
    );
  if (chain === 'filtered')
    list.push(
      "The trace was filtered: its switch events don't link up, so no time per CPU is given. Record without a filter, sysdig -w trace.scap, and filter when reading",
    );
  if (traits.directions === 'exits')
    list.push(
      'The trace holds exits of calls only: a call is known when it ends, and where it began follows from the switches',
    );
  return list;
}
