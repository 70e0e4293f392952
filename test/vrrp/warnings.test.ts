import { expect, it } from 'vitest';
import type { MasterState, VirtualRouter } from '../../src/model/vrrp.js';
import { vrrpWarnings } from '../../src/vrrp/warnings.js';

function state(fromS: number, toS: number, ended: MasterState['ended']): MasterState {
  const times = { fromNs: fromS * 1e9, toNs: toS * 1e9, time: `${fromS}`, toTime: `${toS}` };
  return {
    ...times,
    master: '10.0.0.1',
    priority: 100,
    adverts: 1,
    reason: 'first-seen',
    afterNs: null,
    ended,
  };
}

function told(states: MasterState[], splitBrain: VirtualRouter['splitBrain'] = []): string[] {
  const router = {
    vrid: 51,
    family: 'IPv4',
    intervalNs: 1e9,
    states,
    splitBrain,
  } as unknown as VirtualRouter;
  return vrrpWarnings({ routers: [router], routersNotShown: 0, duplicates: 0 }, 60e9);
}

it('nobody takes over after a release', () => {
  expect(told([state(0, 10, 'released')])).toEqual([
    "virtual router 51 (IPv4): nobody was master for 50.00 s after 10.0.0.1 resigned at 10, to the trace's end",
  ]);
  expect(told([state(0, 10, 'released'), state(16, 60, null)])).toHaveLength(1);
  expect(told([state(0, 10, 'released'), state(10.6, 60, null)])).toEqual([]);
  expect(told([state(0, 10, 'silent')])).toEqual([]);
});

it('two masters at once', () => {
  const [warning] = told([], [{ fromNs: 1, toNs: 2, time: '1', toTime: '2', masters: ['a', 'b'] }]);
  expect(warning).toBe('virtual router 51 (IPv4): a and b were masters at once, 1 to 2');
});
