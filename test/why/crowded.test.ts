/** Stretches with very many threads and CPUs: figures of so many are kept, however many gaps are investigated at once. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { MOST_CPUS } from '../../src/why/cpus.js';
import { MOST_THREADS, Threads } from '../../src/why/threads.js';
import { closed, run } from '../samples.js';

interface Line {
  readonly us: number;
  readonly body: string;
}

function trace(lines: readonly Line[]): Readable {
  const sorted = [...lines].sort((a, b) => a.us - b.us);
  const text = sorted.map(({ us, body }, i) => {
    const seconds = String(Math.floor(us / 1e6)).padStart(2, '0');
    return `${i + 1} 10:00:${seconds}.${String(us % 1e6).padStart(6, '0')}000 ${body}\n`;
  });
  return Readable.from([Buffer.from(text.join(''))], { objectMode: false });
}

/** Gaps of twenty threads over one another, each shorter than the one before, in the company of `threads` others. */
function overlapping(threads: number): Line[] {
  const lines: Line[] = [];
  for (let k = 0; k < 20; k++) {
    for (const us of [k * 2000, 10e6 + k * 1000])
      lines.push({ us, body: `0 subject (${k + 1}) > read fd=3 ` });
  }
  for (let i = 0; i < threads * 4; i++)
    lines.push({
      us: 1000 + Math.floor((i * 10e6) / (threads * 4)),
      body: `1 other (${100 + (i % threads)}) > read fd=3 `,
    });
  return lines;
}

it('gaps that are investigated together or few at a time have the same answers', {
  timeout: 60_000,
}, async () => {
  const lines = overlapping(8000);
  const options = { threshold: '9s', by: 'thread', filter: 'proc.name=subject' };
  const together = await run(trace(lines), { ...options, why: 20 });
  const few = await run(trace(lines), { ...options, why: 4 });
  expect(closed(together.gaps)).toHaveLength(20);
  const investigated = few.gaps.filter(({ activity }) => activity !== null);
  expect(investigated.length).toBe(4);
  expect(together.gaps.filter(({ activity }) => activity !== null)).toHaveLength(20);
  for (const gap of investigated) expect(together.gaps.find(({ group }) => group === gap.group)).toEqual(gap);
});

it('more threads than are kept are said', { timeout: 60_000 }, async () => {
  const options = { threshold: '9s', by: 'thread', filter: 'proc.name=subject', why: 1 };
  const few = await run(trace(overlapping(100)), options);
  const many = await run(trace(overlapping(MOST_THREADS + 100)), options);
  const said = 'More than 16,384 threads or 4,096 CPUs show in one stretch: no figures of the others';
  expect(few.report.limits).not.toContain(said);
  expect(many.report.limits).toContain(said);
});

it('switches to a thread that never leaves are judged alike whether or not it is kept', {
  timeout: 60_000,
}, async () => {
  const chainOf = async (threads: number): Promise<unknown> => {
    const lines = overlapping(threads);
    for (let i = 0; i < 3000; i++) {
      const next = i % 8 === 0 ? 500_000 : 100 + ((i + 1) % 2);
      const rest = 'pgft_maj=0 pgft_min=0 vm_size=1 vm_rss=1 vm_swap=0';
      lines.push({
        us: 6e6 + i * 1000,
        body: `0 other (${100 + (i % 2)}) > switch next=${next}(x) ${rest} `,
      });
    }
    const { gaps } = await run(trace(lines), { threshold: '9s', filter: 'thread.tid=1' });
    return gaps[0]!.activity!.chain;
  };
  expect(await chainOf(200)).toBe('whole');
  expect(await chainOf(MOST_THREADS + 100)).toBe('whole');
});

it('more CPUs than are kept are said', { timeout: 60_000 }, async () => {
  const lines = overlapping(10);
  for (let cpu = 0; cpu < MOST_CPUS + 10; cpu++)
    lines.push({
      us: 5e6 + cpu,
      body: `${cpu} a (7000) > switch next=0 pgft_maj=0 pgft_min=0 vm_size=1 vm_rss=1 vm_swap=0 `,
    });
  const { gaps, report } = await run(trace(lines), { threshold: '9s', filter: 'thread.tid=1' });
  expect(gaps[0]!.activity!.cpus).toHaveLength(MOST_CPUS);
  expect(report.limits.join()).toContain('4,096 CPUs');
});

it('figures of a stretch that is over begin anew in the next one', () => {
  const span = { baselineNs: 0, startNs: 10, endNs: 20 };
  const first = new Threads(span, null);
  const used = first.of(7);
  used.learnName(Buffer.from('worker'), 0, 6);
  for (const ns of [1, 5, 13]) used.seen(ns, span);
  for (const kb of [-1, 0, 4]) used.leaves(kb);
  for (const ns of [2, 11, 15]) used.ran(ns, ns + 1, span);
  used.acts();
  used.silent(18, span);
  Object.assign(used, { cpu: 3, ended: true, lentAt: 64 });
  first.close();
  const second = new Threads(span, null);
  const [again, other] = [second.of(8), second.of(9)];
  expect(again).toBe(used);
  expect({ ...again }).toEqual({ ...other, tid: 8 });
});
