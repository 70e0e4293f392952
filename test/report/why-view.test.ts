/** Why, in print: whole goldens at two widths, single facts for the rest. */
import { describe, expect, it } from 'vitest';
import type { Gap } from '../../src/model/gap.js';
import { type TextOptions, textReport } from '../../src/report/text.js';
import { displayWidth } from '../../src/report/width.js';
import { activity, cpu, investigated, STALL_LENGTH_NS } from './activities.js';
import { gap, joined, report, STALL_NS, source } from './fixtures.js';
import { expectGolden } from './golden.js';

const LIMITS = ['The trace holds exits of calls only: a call is known when it ends'];

const text = (gaps: readonly Gap[], options: TextOptions = {}, run = report({ gapsFound: gaps.length })) =>
  joined(textReport(gaps, run, { eventWidth: options.width ?? 100, ...options }));

/** The lines of the first gap, its title first. */
async function lines(found: Gap, options: TextOptions = {}): Promise<string[]> {
  const all = (await text([found], options)).split('\n');
  return all.slice(all.findIndex((line) => line.startsWith('Gap 1')));
}

const ns = STALL_LENGTH_NS;

describe('golden texts', () => {
  it.each([80, 120])('at %d columns', async (width) => {
    const run = report({ gapsFound: 1, limits: LIMITS });
    expectGolden(`why-${width}`, await text([investigated()], { width }, run));
  });
});

describe('the sentence', () => {
  it('is the second line and begins with the cause', async () => {
    expect((await lines(investigated()))[1]).toMatch(
      /^ {2}blocked in fsync \(disk\): keepalived \(10400\) was/,
    );
    const cases: [Partial<Gap>, string][] = [
      [{ cause: 'waiting', call: 'epoll_wait', class: null }, '  waiting in epoll_wait: s'],
      [{ cause: 'blocked', call: 'ioctl', class: 'other' }, '  blocked in ioctl: s'],
      [{ cause: 'machine-silent', call: null, class: null }, '  machine-silent: s'],
      [{ cause: 'unknown', call: null, class: null }, '  cause unknown: s'],
    ];
    for (const [changes, line] of cases)
      expect((await lines(investigated({ ...changes, summary: 's' })))[1]).toBe(line);
  });

  it('is not repeated by what proves it', async () => {
    const said = 'keepalived was between two calls for 5 s';
    const evidence = [
      { text: said, nums: [7], raw: [] },
      { text: 'CPU 3 was idle', nums: [], raw: [] },
    ];
    const out = (await lines(investigated({ summary: `${said}; CPU 3 was idle`, evidence }))).join('\n');
    expect(out).toContain('\n  - event 7\n');
    expect(out.match(/CPU 3 was idle/g)).toHaveLength(1);
  });
});

describe('gaps without an investigation', () => {
  const bare = gap(STALL_NS + 9e9, 2e9);

  it('say so where others have one', async () => {
    const out = await text([investigated(), bare]);
    expect(out).toContain('\n  not investigated: only the 20 longest are (--why all)\n');
    expect(await text([investigated(), bare], { why: 3 })).toContain(
      ': only the 3 longest are (--why all)\n',
    );
    expect(await text([investigated(), bare], { why: 1 })).toContain(': only the longest is (--why all)\n');
  });

  it('say nothing with --no-why', async () => {
    for (const out of [await text([bare], { why: false }), await text([bare])]) {
      expect(out).not.toContain('investigated');
      expect(out).not.toContain('cause');
    }
  });
});

describe('proof', () => {
  it('fits raw lines to the width and shows none twice', async () => {
    const raw = [`1 ${'x'.repeat(300)}`];
    const evidence = [
      { text: 'one thing', nums: [1], raw },
      { text: 'another', nums: [1, 1, 2, 3, 4, 5, 6, 7], raw },
    ];
    const out = await lines(investigated({ evidence }), { width: 80 });
    expect(out.filter((line) => line.includes('xxx'))).toEqual([`      1 ${'x'.repeat(71)}…`]);
    expect(out).toContain('  - one thing (event 1)');
    expect(out).toContain('  - another (events 1, 2, 3, 4, 5, … 7)');
  });

  it('calls the numbers of a strace log lines', async () => {
    const run = report({ gapsFound: 1, sources: [source({ format: 'strace' })] });
    expect(await text([investigated()], {}, run)).toContain('- fsync took 5.03 s (lines 368251, 370960)\n');
  });
});

describe('CPU strips', () => {
  const strips = async (cpus: ReturnType<typeof activity>['cpus'], width = 100) =>
    (await lines(investigated({ activity: activity({ cpus }) }), { width })).join('\n');

  it('are scaled to the width by what held most of each part', async () => {
    const strip = `${'u'.repeat(32)}${'i'.repeat(32)}`;
    expect(await strips([cpu(0, ns, { strip })], 80)).toContain(
      `\n    0 ${'u'.repeat(21)}${'.'.repeat(21)} `,
    );
    expect(await strips([cpu(0, ns, { strip })], 140)).toContain(
      `\n    0 ${'u'.repeat(32)}${'.'.repeat(32)} `,
    );
  });

  it('are explained once per report', async () => {
    const out = await text([investigated(), investigated(), investigated()]);
    expect(out.match(/\. idle {2}k kernel/g)).toHaveLength(1);
    expect(await text([gap(STALL_NS, 2e9)])).not.toContain('. idle');
  });

  it('say in words which CPUs have no figures', async () => {
    const none = { idleNs: null, kernelNs: null, userNs: null, unknownNs: null, strip: null };
    expect(await strips([cpu(0, ns, none), cpu(1, ns, none), cpu(4, ns, none)])).toContain(
      "\n  no time per CPU for CPUs 0-1, 4: the switch events don't link up\n",
    );
    expect(await strips([cpu(0, ns), cpu(7, ns, { ...none, switches: 2 })])).toContain(
      '\n  no figures for CPU 7: too few switch events here\n',
    );
    expect(await strips([])).not.toMatch(/time per CPU|figures|\n {2}CPU/);
  });

  it('are those of the busiest where there are many CPUs', async () => {
    const cpus = Array.from({ length: 64 }, (_, i) => cpu(i, ns, { idleNs: (i % 4 === 3 ? 0.1 : 1) * ns }));
    const out = await strips(cpus);
    expect(out).toContain('\n   63 ');
    expect(out).not.toContain('\n   62 ');
    expect(out).toContain('\n    … and 48 CPUs less busy, idle 100 % of the time\n');
  });

  it('tell of a CPU that is hardly in view what the trace shows of it', async () => {
    const seen = { idleNs: 37_485_000, kernelNs: 57_000, userNs: 49_000, unknownNs: ns - 37_591_000 };
    expect(await strips([cpu(3, ns, { ...seen, strip: '?'.repeat(64) })])).toContain(
      '\n  CPU 3 is in view for 37.6 ms only: 99.7 % of that idle, 0.2 % kernel, 0.1 % user\n',
    );
  });
});

describe('rhythm of a kernel thread', () => {
  const line = async (thread: object, changes: Parameters<typeof activity>[0] = {}) => {
    const kernelThreads = [{ tid: 7, name: null, runs: 1258, runNs: 7e6, periodNs: 4e6, ...thread }];
    const out = await lines(investigated({ activity: activity({ kernelThreads, ...changes }) }));
    return out[out.findIndex((one) => one.startsWith('  kernel thread')) + 1]!;
  };

  it('is the tick’s only where it is steady, as long as one, unnamed and on an idle CPU', async () => {
    const tick = "every 4.00 ms, as an idle CPU's tick";
    expect(await line({})).toContain(tick);
    expect(await line({ name: 'rcu_sched' })).toMatch(/every 4\.00 ms$/);
    expect(await line({ periodNs: 5e6, runs: 1007 })).toMatch(/every 5\.00 ms$/);
    const busy = [cpu(0, ns, { idleNs: 0.2 * ns, userNs: 0.8 * ns })];
    expect(await line({}, { cpus: busy })).toMatch(/every 4\.00 ms$/);
  });

  it('is not told as steady where the runs fill no CPU’s time in view', async () => {
    expect(await line({ runs: 40 })).toMatch(/median 4\.00 ms apart$/);
    expect(await line({ runs: 2, periodNs: null })).toMatch(/7\.00 ms$/);
  });
});

describe('lines', () => {
  it.each([40, 48, 60, 80, 132])('stay within %d columns', async (width) => {
    const run = report({ gapsFound: 1, limits: LIMITS });
    for (const line of (await text([investigated()], { width }, run)).split('\n'))
      expect(displayWidth(line), line).toBeLessThanOrEqual(width);
  });

  it('keep a command whole, for copying', async () => {
    const command = `grep ${'x'.repeat(90)}`;
    expect(await lines(investigated({ next: [command] }), { width: 80 })).toContain(`    ${command}`);
  });

  it('hold no escape byte without colour, and the same characters with it', async () => {
    const plain = await text([investigated()]);
    const painted = await text([investigated()], { color: true });
    expect(plain).not.toContain('\x1b');
    expect(painted).toContain('\x1b[');
    expect(painted.replaceAll(/\x1b\[[0-9;]*m/g, '')).toBe(plain);
  });

  it('show hostile bytes as escapes', async () => {
    const evil = '\x1b[2J\n\u202e';
    const base = activity();
    const found = investigated({
      call: evil,
      summary: evil,
      evidence: [{ text: evil, nums: [1], raw: [evil] }],
      next: [evil],
      contributing: [{ cause: 'starved', summary: evil }],
      activity: {
        ...base,
        kernelThreads: [{ ...base.kernelThreads[0]!, name: evil }],
        processes: [{ ...base.processes[0]!, proc: evil }],
        subject: [{ ...base.subject[1]!, call: evil, args: evil }],
        silentToo: { ...base.silentToo!, processes: [evil] },
        lost: [{ text: evil, nums: [], raw: [] }],
      },
    });
    const out = await text([found], { width: 200 }, report({ gapsFound: 1, limits: [evil] }));
    expect(out.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(out.match(/\\x1b\[2J\\n\\u\{202e\}/g)!.length).toBeGreaterThanOrEqual(10);
  });
});
