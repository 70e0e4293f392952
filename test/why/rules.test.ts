/** Each cause proved by a small trace made for it, and the same trace without its proof. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/model/findings.js';
import { investigate, text } from './investigate.js';
import { TraceBuilder } from './trace-builder.js';

const NAMES = { 100: 'server', 200: 'other', 300: 'hog', 400: 'sysdig', 500: 'cron', 600: 'agent' };
const SEND = 'sendto fd=4(<4u>10.0.0.1:5->10.0.0.2:9) size=7';

/** A thread that beats: `> sendto`, then sleeps for a time it doesn't say, on CPU 1; every 200 ms from 0 to `toMs`. */
function beats(trace: TraceBuilder, fromMs: number, toMs: number, call = 'clock_nanosleep'): TraceBuilder {
  for (let ms = fromMs; ms < toMs; ms += 200) {
    if (ms > 0) trace.sw(ms - 0.02, 1, 0, 100).exit(ms - 0.01, 1, 100, call);
    trace.enter(ms, 1, 100, SEND).exit(ms + 0.01, 1, 100, 'sendto res=7 data=x');
    trace
      .enter(ms + 0.02, 1, 100, 'write fd=3(<f>/var/log/x) size=1')
      .exit(ms + 0.03, 1, 100, 'write res=1 data=x');
    trace.enter(ms + 0.04, 1, 100, `read fd=5(<f>/etc/x) size=1`).exit(ms + 0.05, 1, 100, 'read res=0 data=');
    trace.enter(ms + 0.06, 1, 100, call).sw(ms + 0.07, 1, 100, 0);
  }
  return trace;
}

/** The trace's gap: from the last `> sendto` before `atMs` to the first one after. */
async function judgeGap(
  trace: TraceBuilder,
  fromMs: number,
  toMs: number | null,
  typicalNs: number | null = 200e6,
): Promise<Finding> {
  const lines = trace.lineArray();
  const at = (ms: number): number =>
    lines.findIndex(
      (l) =>
        l.includes(
          `10:00:${String(Math.floor(ms / 1000)).padStart(2, '0')}.${String(Math.round((ms % 1000) * 1e6)).padStart(9, '0')}`,
        ) && l.includes('> sendto'),
    ) + 1;
  const { finding } = await investigate(trace.stream(), {
    startNum: at(fromMs),
    endNum: toMs === null ? null : at(toMs),
    typicalNs,
  });
  return finding;
}

/** Ends the sleep that `beats` left open and goes on beating from `ms`. */
function resume(trace: TraceBuilder, ms: number, before: number, call = 'clock_nanosleep'): TraceBuilder {
  trace.sw(ms - 0.02, 1, before, 100).exit(ms - 0.01, 1, 100, call);
  return trace
    .enter(ms, 1, 100, SEND)
    .exit(ms + 0.01, 1, 100, 'sendto res=7 data=x')
    .sw(ms + 0.02, 1, 100, 0);
}

describe('starved', () => {
  it('a thread past its rhythm whose CPU a hog monopolised', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000).ticks(1, 20, 5.5, 2850, 50);
    trace.sw(2900, 1, 0, 300).sw(4999, 1, 300, 0).sw(4999.5, 1, 0, 20).sw(4999.6, 1, 20, 0);
    const finding = await judgeGap(resume(trace, 5000, 0), 2800, 5000);
    expect(finding.cause).toBe('starved');
    expect(finding.summary).toContain('hog (300)');
  });

  it('not when the CPU idled meanwhile', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000).ticks(1, 20, 5.5, 2850, 50);
    trace.sw(2900, 1, 0, 300).sw(3700, 1, 300, 0).ticks(1, 20, 3750, 4950, 50);
    expect((await judgeGap(resume(trace, 5000, 0), 2800, 5000)).cause).toBe('sleeping');
  });

  it('nothing is claimed when the CPU was busy but others of its kind ran', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000).ticks(1, 20, 5.5, 2850, 50);
    trace.sw(2900, 1, 0, 300);
    for (let ms = 2950; ms < 4950; ms += 50) trace.sw(ms, 1, 300, 20).sw(ms + 0.1, 1, 20, 300);
    trace.sw(4999, 1, 300, 0);
    expect((await judgeGap(resume(trace, 5000, 0), 2800, 5000)).cause).toBe('unknown');
  });

  it('a thread preempted with no call open', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000).ticks(1, 20, 5.5, 2850, 50);
    trace.sw(2900, 1, 0, 100).exit(2900.1, 1, 100, 'clock_nanosleep').sw(2905, 1, 100, 300);
    trace
      .sw(4990, 1, 300, 100)
      .enter(5000, 1, 100, SEND)
      .exit(5000.1, 1, 100, 'sendto res=7')
      .sw(5000.2, 1, 100, 0);
    const finding = await judgeGap(trace, 2800, 5000);
    expect(finding.cause).toBe('starved');
  });
});

describe('machine-silent', () => {
  const busy = (toMs: number): TraceBuilder =>
    beats(new TraceBuilder(NAMES), 0, toMs)
      .ticks(0, 15, 1, toMs, 4)
      .ticks(0, 400, 2, toMs, 20)
      .ticks(0, 500, 3, toMs, 50)
      .ticks(0, 600, 7, toMs, 80);

  it('nothing on any CPU, though several independent threads were active all the time', async () => {
    const trace = busy(3000);
    resume(trace, 5000, 0).ticks(0, 15, 5001, 5100, 4);
    expect((await judgeGap(trace, 2800, 5000)).cause).toBe('machine-silent');
  });

  it('not when a hog had the only CPU in view: then the thread was starved', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000)
      .ticks(1, 15, 1, 2900, 4.1)
      .ticks(1, 400, 2, 2900, 20.3)
      .ticks(1, 500, 3, 2900, 50.3)
      .sw(2900, 1, 0, 300)
      .sw(4999, 1, 300, 0);
    expect((await judgeGap(resume(trace, 5000, 0), 2800, 5000)).cause).toBe('starved');
  });

  it('not when the others went on', async () => {
    const trace = busy(3000).ticks(0, 15, 3001, 5000, 4).ticks(0, 500, 3003, 5000, 50);
    expect((await judgeGap(resume(trace, 5000, 0), 2800, 5000)).cause).not.toBe('machine-silent');
  });

  it('never on a trace of one process', async () => {
    const lines = busy(3000)
      .lineArray()
      .concat(
        resume(new TraceBuilder(NAMES), 5000, 0)
          .lineArray()
          .map((l) => `9${l}`),
      );
    const own = lines.filter((l) => l.includes('server ('));
    const start = own.filter((l) => l.includes('> sendto')).at(-2)!;
    const end = own.filter((l) => l.includes('> sendto')).at(-1)!;
    const { finding } = await investigate(text(own.join('\n')), {
      startNum: Number.parseInt(start, 10),
      endNum: Number.parseInt(end, 10),
      typicalNs: 200e6,
    });
    expect(['unknown', 'sleeping']).toContain(finding.cause);
  });
});

describe('capture-lost', () => {
  it('a CPU comes back from a hole with another thread than it went in with', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000).ticks(1, 20, 5.5, 2850, 50);
    // In the hole the switch from idle to the hog, and the hog's to `other`, are missing.
    trace.sw(4900, 1, 300, 200).sw(4950, 1, 200, 0);
    trace.sw(100.5, 1, 0, 300).sw(100.6, 1, 300, 0).sw(101.5, 1, 0, 200).sw(101.6, 1, 200, 0);
    expect((await judgeGap(resume(trace, 5000, 0), 2800, 5000)).cause).toBe('capture-lost');
  });

  it('sampling mode says so itself', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000);
    trace.enter(2900, 0, 400, 'drop ratio=2').exit(4900, 0, 400, 'drop ratio=2');
    expect((await judgeGap(resume(trace, 5000, 0), 2800, 5000)).cause).toBe('capture-lost');
  });
});

describe('gone', () => {
  it('the thread ended and another took its place', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000);
    trace
      .sw(2900, 1, 0, 100)
      .enter(2900.1, 1, 100, 'procexit status=9 ret=0 sig=9(SIGKILL)')
      .sw(2900.2, 1, 100, 0);
    trace.enter(5000, 1, 200, SEND);
    const finding = await judgeGap(trace, 2800, 5000);
    expect(finding.cause).toBe('gone');
    expect(finding.summary).toContain('SIGKILL');
    expect(finding.summary).toContain('other (200)');
  });

  it('not when it slept through the gap and ended at its end', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000).ticks(1, 20, 2810, 4880, 40);
    trace
      .sw(4900, 1, 0, 100)
      .exit(4900.05, 1, 100, 'clock_nanosleep')
      .enter(4900.1, 1, 100, 'procexit status=0')
      .sw(4900.2, 1, 100, 0);
    trace.enter(5000, 1, 200, SEND);
    expect((await judgeGap(trace, 2800, 5000)).cause).toBe('sleeping');
  });
});

describe('stopped', () => {
  const gap = (signal: string): TraceBuilder => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000, 'epoll_wait').ticks(1, 20, 5.5, 4900, 50);
    trace.sw(2900, 1, 0, 100).exit(2900.01, 1, 100, 'epoll_wait res=-4(EINTR)');
    if (signal !== '') trace.enter(2900.02, 1, 100, `signaldeliver spid=0 dpid=100(server) sig=${signal}`);
    trace.sw(2900.03, 1, 100, 0).sw(4990, 1, 0, 100);
    trace.enter(4990.1, 1, 100, 'epoll_wait maxevents=4').exit(4990.2, 1, 100, 'epoll_wait res=1');
    return trace.enter(5000, 1, 100, SEND).exit(5000.1, 1, 100, 'sendto res=7').sw(5000.2, 1, 100, 0);
  };

  it('by SIGSTOP', async () =>
    expect((await judgeGap(gap('19(SIGSTOP)'), 2800, 5000)).cause).toBe('stopped'));
  it('by SIGTSTP', async () =>
    expect((await judgeGap(gap('20(SIGTSTP)'), 2800, 5000)).cause).toBe('stopped'));
  it('by a freezer, which delivers no signal', async () =>
    expect((await judgeGap(gap(''), 2800, 5000)).cause).toBe('stopped'));
  it('not by a signal that stops nobody', async () =>
    expect((await judgeGap(gap('10(SIGUSR1)'), 2800, 5000)).cause).toBe('unknown'));
});

describe('waiting', () => {
  it('for an event, while the CPU was idle', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000, 'epoll_wait').ticks(1, 20, 5.5, 4900, 50);
    const finding = await judgeGap(resume(trace, 5000, 0, 'epoll_wait res=1'), 2800, 5000);
    expect([finding.cause, finding.call]).toEqual(['waiting', 'epoll_wait']);
  });

  it('is sleeping where its own timeout ran out', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 2600, 'poll fds= timeout=200').ticks(
      1,
      20,
      5.5,
      4900,
      50,
    );
    trace
      .sw(2799.98, 1, 0, 100)
      .exit(2799.99, 1, 100, 'poll res=0 fds=')
      .enter(2800, 1, 100, SEND)
      .exit(2800.01, 1, 100, 'sendto res=7');
    trace.enter(2800.1, 1, 100, 'poll fds= timeout=2199').sw(2800.2, 1, 100, 0);
    const finding = await judgeGap(resume(trace, 5000, 0, 'poll res=0 fds='), 2800, 5000);
    expect([finding.cause, finding.call]).toEqual(['sleeping', 'poll']);
  });

  it('nothing is claimed where the timeout was over long before', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 3000, 'poll fds= timeout=199').ticks(
      1,
      20,
      5.5,
      4900,
      50,
    );
    const finding = await judgeGap(resume(trace, 5000, 0, 'poll res=0 fds='), 2800, 5000);
    expect(finding.cause).toBe('unknown');
    expect(finding.summary).toContain('late');
  });
});

describe('blocked', () => {
  it('in many calls together that it did not make before', async () => {
    const trace = beats(new TraceBuilder(NAMES), 0, 2600).ticks(1, 20, 5.5, 2500, 50);
    trace
      .sw(2799.98, 1, 0, 100)
      .exit(2799.99, 1, 100, 'clock_nanosleep')
      .enter(2800, 1, 100, SEND)
      .exit(2800.01, 1, 100, 'sendto res=7');
    for (let ms = 2801; ms < 4970; ms += 20)
      trace
        .enter(ms, 1, 100, 'fsync')
        .sw(ms + 0.01, 1, 100, 0)
        .sw(ms + 19, 1, 0, 100)
        .exit(ms + 19.1, 1, 100, 'fsync');
    trace.enter(5000, 1, 100, SEND);
    const finding = await judgeGap(trace, 2800, 5000);
    expect([finding.cause, finding.call, finding.class]).toEqual(['blocked', 'fsync', 'disk']);
    expect(finding.summary).toContain('109 calls');
  });

  it('not in a loop that it ran before as well', async () => {
    const trace = new TraceBuilder(NAMES);
    trace.enter(10, 1, 100, SEND).exit(10.1, 1, 100, 'sendto res=7');
    for (let ms = 20; ms < 4990; ms += 20) {
      trace
        .enter(ms, 1, 100, 'fsync')
        .sw(ms + 0.01, 1, 100, 0)
        .sw(ms + 19, 1, 0, 100)
        .exit(ms + 19.1, 1, 100, 'fsync');
    }
    trace.enter(2500.5, 1, 100, SEND).enter(4995, 1, 100, SEND);
    const lines = trace.lineArray();
    const sends = lines.flatMap((l, i) => (l.includes('> sendto') ? [i + 1] : []));
    const { finding } = await investigate(trace.stream(), { startNum: sends[1]!, endNum: sends[2]! });
    expect(finding.cause).toBe('unknown');
  });

  it('in a call that is still open when the trace ends', async () => {
    const trace = new TraceBuilder(NAMES);
    trace
      .enter(0, 1, 100, SEND)
      .exit(1, 1, 100, 'sendto res=7')
      .enter(2, 1, 100, 'flock fd=5(<f>/run/lock) operation=2(LOCK_EX)');
    trace.sw(3, 1, 100, 0).ticks(1, 20, 50, 3000, 50);
    const finding = await judgeGap(trace, 0, null, null);
    expect([finding.cause, finding.call, finding.class]).toEqual(['blocked', 'flock', 'lock']);
  });
});

describe('computing', () => {
  const lines = (...more: string[]): string =>
    [
      '1 10:00:00.000000000 1 x (5) > sendto fd=1 size=1 ',
      '2 10:00:00.100000000 1 x (5) < sendto res=1 ',
      ...more,
      '9 10:00:03.000000000 1 x (5) > sendto fd=1 size=1 ',
    ].join('\n');
  const sw = (num: number, s: string): string =>
    `${num} 10:00:0${s} 1 x (5) > switch next=0 pgft_maj=0 pgft_min=0 vm_size=9 vm_rss=9 vm_swap=0 `;

  it('on a CPU between two calls, by its own switches', async () => {
    const before = lines(
      sw(3, '0.200000000'),
      '4 10:00:00.300000000 1 x (5) > write fd=1 size=1 ',
      '5 10:00:00.310000000 1 x (5) < write res=1 ',
    );
    expect((await investigate(text(before), { startNum: 1, endNum: 9 })).finding.cause).toBe('computing');
  });

  it('not claimed without switches', async () => {
    expect((await investigate(text(lines()), { startNum: 1, endNum: 9 })).finding.cause).toBe('unknown');
  });
});

describe('strace', () => {
  const judge = async (
    body: string,
    startNum: number,
    endNum: number,
    typicalNs: number | null = null,
  ): Promise<Finding> => (await investigate(text(body), { startNum, endNum, typicalNs, dir: '>' })).finding;

  it('a clock set forward shows as stamps further apart than the call took', async () => {
    const body = [
      '7 10:00:00.000000 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
      '7 10:00:00.000100 poll([{fd=3}], 1, 200 <unfinished ...>',
      '8 10:00:00.100000 getpid() = 8 <0.000010>',
      '7 10:00:05.200300 <... poll resumed>) = 0 (Timeout) <0.200150>',
      '7 10:00:05.200400 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
    ].join('\n');
    const finding = await judge(body, 1, 5);
    expect(finding.cause).toBe('clock-step');
    expect(finding.summary).toContain('5.00 s');
  });

  it('-r beside the stamps proves it too', async () => {
    const body = [
      '10:00:00.000000 (+     0.000000) sendto(4, "x", 1, 0, NULL, 0) = 1',
      '10:00:09.500000 (+     0.200000) sendto(4, "x", 1, 0, NULL, 0) = 1',
    ].join('\n');
    expect((await judge(body, 1, 2)).cause).toBe('clock-step');
  });

  it('stamps of whole seconds prove no step', async () => {
    const body = [
      '7 10:00:00 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
      '7 10:00:00 poll([{fd=3}], 1, 200 <unfinished ...>',
      '8 10:00:00 getpid() = 8 <0.000010>',
      '7 10:00:01 <... poll resumed>) = 0 (Timeout) <0.200150>',
      '7 10:00:01 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
    ].join('\n');
    expect((await judge(body, 1, 5)).cause).not.toBe('clock-step');
  });

  it('a sleep that took as long as it asked for, without -T', async () => {
    const body = [
      '10:00:00.000000 sendto(4, "x", 1, 0, NULL, 0) = 1',
      '10:00:00.000100 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=2, tv_nsec=0}, NULL) = 0',
      '10:00:02.000400 sendto(4, "x", 1, 0, NULL, 0) = 1',
    ].join('\n');
    expect((await judge(body, 1, 3)).cause).toBe('sleeping');
  });

  it('a sleep that came back much too late is no sleep', async () => {
    const body = [
      '10:00:00.000000 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
      '10:00:00.000100 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=200000000}, NULL) = 0 <3.100000>',
      '10:00:03.100400 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
    ].join('\n');
    const finding = await judge(body, 1, 3);
    expect(finding.cause).toBe('unknown');
    expect(finding.summary).toContain('2.90 s late');
  });

  it('a call whose end has no time is not blamed', async () => {
    const body = [
      '10:00:00.000000 sendto(4, "x", 1, 0, NULL, 0) = 1',
      '10:00:00.000100 flock(5, LOCK_EX) = 0',
      '10:00:02.000400 sendto(4, "x", 1, 0, NULL, 0) = 1',
    ].join('\n');
    expect((await judge(body, 1, 3)).cause).toBe('unknown');
  });

  it('killed', async () => {
    const body = [
      '7 10:00:00.000000 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
      '7 10:00:00.100000 +++ killed by SIGKILL +++',
      '8 10:00:04.000000 sendto(4, "x", 1, 0, NULL, 0) = 1 <0.000050>',
    ].join('\n');
    const finding = await judge(body, 1, 3);
    expect(finding.cause).toBe('gone');
    expect(finding.summary).toContain('SIGKILL');
  });
});
