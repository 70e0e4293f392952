/** Real captures: the gaps that are known to be in them, and failovers against what keepalived itself logged. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/formats/registry.js';
import type { GapOptions } from '../../src/model/options.js';
import type { VrrpGap } from '../../src/model/vrrp.js';
import { textReport } from '../../src/report/text.js';
import { expectGolden } from '../report/golden.js';
import { run, samplePath } from '../samples.js';

const VRRP: GapOptions = { vrrp: true, why: false };

describe('sends of a master that was stopped for three seconds', () => {
  const backup = { sender: null, priority: null, mustTakeOver: null, fromPriority: 112 };
  it.each<[string, number, Partial<VrrpGap>]>([
    [
      'sysdig/sigstop3.both.txt',
      3_563_215_748,
      { vrid: 51, version: 2, priority: null, intervalFrom: 'learned' },
    ],
    [
      'sysdig/sigstop3.exits.txt',
      3_563_215_297,
      { vrid: 51, version: 2, priority: null, intervalFrom: 'learned' },
    ],
    [
      'strace/sigstop3.f_tt_T_y.txt',
      3_563_213_000,
      { sender: '10.77.0.1', priority: 150, intervalFrom: 'advert' },
    ],
  ])('%s', async (file, durationNs, facts) => {
    const { gaps, report } = await run(samplePath(file), VRRP);
    expect(gaps.map((gap) => gap.durationNs)).toEqual([durationNs]);
    expect(gaps[0]!.vrrp).toMatchObject({
      ...facts,
      intervalNs: 1e9,
      missed: 3,
      backup,
      takeOver: null,
      burst: null,
      ownSendsOnly: true,
    });
    expect(report.vrrp!.routers.map(({ states }) => states.map(({ reason }) => reason))).toEqual([
      ['first-seen', 'resumed'],
    ]);
  });

  it.each(['sysdig/healthy.both.txt.gz', 'sysdig/healthy.exits.txt.gz', 'strace/healthy.f_tt_T_y.txt'])(
    'none in %s',
    async (file) => {
      const { gaps, report } = await run(samplePath(file), VRRP);
      expect(gaps).toEqual([]);
      expect(report.vrrp!.routers).toHaveLength(1);
    },
  );
});

it('three adverts are enough: the interval is assumed, any backup had to take over, the burst is named', async () => {
  const { gaps, report } = await run(samplePath('sysdig/openstack-case.txt'), VRRP);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]).toMatchObject({
    durationNs: 5_035_431_870,
    vrrp: {
      vrid: null,
      sender: 'keepalived(10400) fd 13',
      intervalFrom: 'default',
      missed: 4,
      backup: { mustTakeOver: true, fromPriority: 1, earliest: { time: '17:01:24.347755368' } },
      burst: { adverts: 2, lengthNs: 2_395_509 },
    },
  });
  expect(report.warnings.join('\n')).toMatch(/the protocol's default of 1 s is assumed/);
});

it('the filter says which of them', async () => {
  const path = samplePath('sysdig/sigstop3.both.txt');
  expect((await run(path, { ...VRRP, filter: 'thread.tid=428' })).gaps).toHaveLength(1);
  const none = await run(path, { ...VRRP, filter: 'thread.tid=426' });
  expect(none.gaps).toEqual([]);
  expect(none.report.vrrp?.routers).toEqual([]);
});

it('the text of a report', async () => {
  const path = 'sysdig/sigstop3.both.txt';
  const { gaps, report } = await run(samplePath(path), { ...VRRP, around: 0 });
  const told = { ...report, sources: report.sources.map((source) => ({ ...source, path })) };
  let text = '';
  for await (const piece of textReport(gaps, told, { width: 100, why: false })) text += piece;
  expectGolden('vrrp-sigstop3', text);
});

const readsPackets = FORMATS.some(({ name }) => name === 'pcap');

describe.skipIf(!readsPackets).each(['v2', 'v3'])(
  'failovers of %s against the log of keepalived',
  (version) => {
    const ADDRESSES: Readonly<Record<string, string>> = { a: '10.77.0.1', b: '10.77.0.2' };
    /** Writing a log line and reading it takes a while, and keepalived may be late itself. */
    const SLACK_NS = 2e7;
    const log = readFileSync(samplePath(`vrrp/failover.${version}.log`), 'utf8').split('\n');
    const at = (line: string): number => Number(line.slice(0, 17));
    const became = log
      .filter((line) => line.includes('Entering MASTER STATE'))
      .map((line) => ({ at: at(line), master: ADDRESSES[line[18]!]! }));

    it('whenever one became master, a state of it begins', async () => {
      const { report } = await run(samplePath(`vrrp/failover.${version}.pcap`), VRRP);
      const states = report.vrrp!.routers[0]!.states;
      expect(became.length).toBeGreaterThanOrEqual(6);
      for (const { at: seconds, master } of became) {
        const nearest = Math.min(
          ...states
            .filter((s) => s.master === master)
            .map((s) => Math.abs(Date.parse(s.time) / 1000 - seconds)),
        );
        expect(nearest * 1e9, `${master} at ${seconds}`).toBeLessThan(SLACK_NS);
      }
    });

    it('takeovers come when the arithmetic says', async () => {
      const { report } = await run(samplePath(`vrrp/failover.${version}.pcap`), VRRP);
      const { takeovers } = report.vrrp!.routers[0]!;
      const timed = takeovers.filter(({ by, expectedNs }) => by === ADDRESSES.b && expectedNs !== null);
      expect(timed.length).toBeGreaterThanOrEqual(3);
      for (const { afterNs, expectedNs, time } of timed)
        expect(Math.abs(afterNs - expectedNs!), time).toBeLessThan(SLACK_NS);
    });

    it('two masters at once are told, and nothing else is', async () => {
      const { report } = await run(samplePath(`vrrp/failover.${version}.pcap`), VRRP);
      expect(report.vrrp!.routers[0]!.splitBrain.length).toBe(version === 'v2' ? 1 : 0);
    });

    it('the stopped master: a burst, and the backup took over within the gap', async () => {
      const { gaps } = await run(samplePath(`vrrp/failover.${version}.pcap`), VRRP);
      const stopped = gaps.find(({ open, vrrp }) => open === null && vrrp?.takeOver?.reason === 'took-over');
      expect(stopped?.vrrp).toMatchObject({
        sender: ADDRESSES.a,
        missed: 6,
        backup: { sender: ADDRESSES.b, priority: 100, mustTakeOver: true },
        takeOver: { by: ADDRESSES.b },
        burst: { adverts: 4 },
      });
    });
  },
);
