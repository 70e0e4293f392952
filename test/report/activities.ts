/** Activities of a stretch, made by hand so that every line of the report has one. */
import type { Activity, CpuActivity } from '../../src/model/findings.js';
import type { Gap } from '../../src/model/gap.js';
import { gap, STALL_NS } from './fixtures.js';

/** 17:01:21.339942868 to 17:01:26.375374738. */
export const STALL_LENGTH_NS = 5_035_431_870;

/** A CPU that was idle through a stretch of `lengthNs`; what differs is overridden. */
export function cpu(number: number, lengthNs: number, changes: Partial<CpuActivity> = {}): CpuActivity {
  return {
    cpu: number,
    idleNs: lengthNs,
    kernelNs: 0,
    userNs: 0,
    unknownNs: 0,
    switches: 900,
    strip: 'i'.repeat(64),
    ...changes,
  };
}

/** What a machine did while keepalived sat in fsync; what differs is overridden. */
export function activity(changes: Partial<Activity> = {}): Activity {
  const ns = STALL_LENGTH_NS;
  return {
    records: 2711,
    longestSilenceNs: 38_000_000,
    silence: { fromNs: 2_281_000_000, toNs: 2_319_000_000, nums: [369050, 369051] },
    chain: 'whole',
    cpus: [
      cpu(0, ns, {
        idleNs: 0.55 * ns,
        kernelNs: 0.002 * ns,
        userNs: 0.448 * ns,
        strip: `ssuu${'i'.repeat(28)}${'u'.repeat(28)}kkss`,
      }),
      cpu(1, ns, { idleNs: 0.98 * ns, unknownNs: 0.02 * ns, strip: `${'i'.repeat(60)}????` }),
      cpu(2, ns, { idleNs: null, kernelNs: null, userNs: null, unknownNs: null, strip: null }),
      cpu(3, ns, { idleNs: 0.999 * ns, kernelNs: 0.001 * ns }),
    ],
    kernelThreads: [
      { tid: 7, name: null, runs: 1258, runNs: 7_012_000, periodNs: 4_003_000 },
      { tid: 283, name: 'jbd2/vda1-8', runs: 9, runNs: 812_000, periodNs: 411_000_000 },
      { tid: 15, name: 'kworker/0:1', runs: 2, runNs: 90_000, periodNs: null },
      { tid: 16, name: null, runs: 1, runNs: 9_000, periodNs: null },
      { tid: 17, name: null, runs: 1, runNs: 8_000, periodNs: null },
      { tid: 18, name: 'never-shown', runs: 1, runNs: 7_000, periodNs: null },
    ],
    processes: [
      { proc: 'rsync', tid: 2101, records: 1804, onCpuNs: 2_251_000_000, vsBaseline: 12.4, observer: false },
      { proc: 'haproxy', tid: 880, records: 310, onCpuNs: 20_100_000, vsBaseline: 1, observer: false },
      { proc: null, tid: 3245, records: 60, onCpuNs: 1_900_000, vsBaseline: null, observer: false },
      { proc: 'keepalived', tid: 10400, records: 12, onCpuNs: 0, vsBaseline: 0.04, observer: false },
      { proc: 'sysdig', tid: 25978, records: 166, onCpuNs: 4_100_000, vsBaseline: 1.1, observer: true },
    ],
    subject: [
      { state: 'short', call: null, args: null, cpu: null, fromNs: 0, toNs: 9_800 },
      {
        state: 'in-call',
        call: 'fsync',
        args: 'fd=7(<f>/var/log/keepalived.log) res=0',
        cpu: 0,
        fromNs: 9_800,
        toNs: 5_030_001_870,
      },
      { state: 'off-cpu', call: null, args: null, cpu: 0, fromNs: 5_030_001_870, toNs: ns },
    ],
    silentToo: {
      threads: 17,
      processes: ['rsyslogd', 'chronyd', 'crond', 'mysqld', 'nginx', 'dnsmasq'],
      fromNs: 60_000_000,
      toNs: 4_960_000_000,
    },
    lost: [
      { text: 'CPU 0: the switch by which rsync (2101) left is missing', nums: [369100, 369104], raw: [] },
    ],
    ...changes,
  };
}

/** A gap with all that an investigation can say. */
export function investigated(changes: Partial<Gap> = {}): Gap {
  return gap(STALL_NS, STALL_LENGTH_NS, {
    cause: 'blocked',
    call: 'fsync',
    class: 'disk',
    summary: 'keepalived (10400) was blocked in fsync on /var/log/keepalived.log for 5.03 s of the 5.04 s',
    evidence: [
      {
        text: 'fsync took 5.03 s',
        nums: [368251, 370960],
        raw: [
          '368251 17:01:21.339952668 0 keepalived (10400) > fsync fd=7(<f>/var/log/keepalived.log) ',
          '370960 17:01:26.369944738 0 keepalived (10400) < fsync res=0 ',
        ],
      },
    ],
    next: ['iostat -x 1', 'cat /proc/pressure/io'],
    contributing: [
      { cause: 'starved', summary: 'keepalived (10400) got its CPU 5.43 ms late, held by rsync (2101)' },
    ],
    activity: activity(),
    ...changes,
  });
}
