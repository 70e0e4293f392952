/** What of a virtual router's history is no gap of any sender, and yet an outage. */
import { shortDuration } from '../model/duration.js';
import type { VirtualRouter, VrrpReport } from '../model/vrrp.js';

/** A backup takes over from a master that resigned within its skew time, which is below this and the interval. */
const MOST_SKEW_NS = 1e9;
const TOLD = 8;

/** @param endNs the trace's end. */
export function vrrpWarnings({ routers }: VrrpReport, endNs: number): string[] {
  const all = routers.flatMap((router) => [...withoutMaster(router, endNs), ...withTwo(router)]);
  const more = all.length - TOLD;
  return more <= 0 ? all : [...all.slice(0, TOLD), `${more} more like these`];
}

function withoutMaster(router: VirtualRouter, endNs: number): string[] {
  const { states, intervalNs } = router;
  return states.flatMap((state, i) => {
    const next = states[i + 1];
    const forNs = (next?.fromNs ?? endNs) - state.toNs;
    if (state.ended !== 'released' || forNs <= Math.max(MOST_SKEW_NS, intervalNs)) return [];
    const until = next === undefined ? `, to the trace's end` : '';
    return [
      `${nameOf(router)}: nobody was master for ${shortDuration(forNs)} after ${state.master} resigned at ${state.toTime}${until}`,
    ];
  });
}

function withTwo(router: VirtualRouter): string[] {
  return router.splitBrain.map(
    ({ masters, time, toTime }) =>
      `${nameOf(router)}: ${masters.join(' and ')} were masters at once, ${time} to ${toTime}`,
  );
}

function nameOf({ vrid, family }: VirtualRouter): string {
  return `virtual router ${vrid ?? 'of unknown id'} (${family})`;
}
