/** The published lines of a keepalived case: an excerpt with holes, of which no more may be said than it shows. */
import { describe, expect, it } from 'vitest';
import { samplePath } from '../samples.js';
import { investigate } from './investigate.js';

describe('the OpenStack excerpt', async () => {
  const { finding, activity } = await investigate(samplePath('sysdig/openstack-case.txt'), {
    startNum: 368250,
    endNum: 370964,
    typicalNs: 1e9,
  });

  it('proves no cause', () => {
    expect(finding.cause).toBe('unknown');
    expect(activity.lost).toEqual([]);
  });

  it('shows CPU 3 idle but for kernel thread 7 each 4 ms and sysdig, for 37.6 ms and not more', () => {
    expect(finding.summary).toContain(
      'CPU 3 was idle (100 %) in the 37.6 ms that the trace shows of it but for kernel thread 7 every 4.00 ms (10 runs, 57.2 µs) and the recorder sysdig (25978) (2 runs, 48.8 µs)',
    );
    const [cpu] = activity.cpus;
    expect(cpu!.cpu).toBe(3);
    expect(cpu!.idleNs! + cpu!.kernelNs! + cpu!.userNs!).toBe(37_627_278);
    expect(cpu!.unknownNs).toBe(5_035_431_870 - 37_627_278);
    expect(activity.kernelThreads).toEqual([
      { tid: 7, name: null, runs: 10, runNs: 57_165, periodNs: 4_001_230 },
    ]);
  });

  it('gives no figures for the CPUs that it does not show', () => {
    expect(activity.cpus.map((c) => c.cpu)).toEqual([3]);
  });
});
