import { describe, expect, it } from 'vitest';
import { GapFinder } from '../../src/gaps/finder.js';
import type { FoundGap } from '../../src/gaps/found-gap.js';
import { WAITING_KEPT } from '../../src/gaps/waiting-gaps.js';

type Options = ConstructorParameters<typeof GapFinder>[0];

/** What the trace of the finder made last has reached; each of its matched events moves it on. */
let reachedNs = Number.NEGATIVE_INFINITY;

function finderOf(options: Partial<Options> = {}): GapFinder {
  reachedNs = Number.NEGATIVE_INFINITY;
  return new GapFinder({
    thresholdNs: 1e9,
    before: 1,
    after: 1,
    grouped: true,
    reachedNs: () => reachedNs,
    ...options,
  });
}

function settle(finder: GapFinder, atNs: number): void {
  reachedNs = atNs;
  finder.settle();
}

/** Feeds times in seconds to one sequence (or [sequence, seconds] pairs). */
function find(
  events: readonly (number | [number, number])[],
  options: Partial<Options> & { end?: number; restartAt?: number } = {},
): FoundGap[] {
  const finder = finderOf(options);
  let last = 0;
  for (const [i, event] of events.entries()) {
    const [sequence, seconds] = typeof event === 'number' ? [0, event] : event;
    if (options.restartAt === i) finder.restart(0, 1);
    const place = { source: 0, offset: i * 100, line: i + 1, num: i + 1, half: 0 };
    reachedNs = Math.max(reachedNs, seconds * 1e9);
    finder.see(sequence, { timeNs: seconds * 1e9, ...place }, 0);
    last = Math.max(last, seconds);
  }
  finish(finder, (options.end ?? last) * 1e9);
  return finder.ready;
}

/** All gaps in `ready`. */
function finish(finder: GapFinder, runEndNs: number): void {
  for (const gap of finder.finish(runEndNs).ends) finder.ready.push(gap);
}

function seen(finder: GapFinder, sequence: number, seconds: number, num: number): void {
  const place = { source: 0, offset: num * 100, line: num, num, half: 0 };
  reachedNs = Math.max(reachedNs, seconds * 1e9);
  finder.see(sequence, { timeNs: seconds * 1e9, ...place }, 0);
}

function brief(gaps: readonly FoundGap[]): unknown[] {
  return gaps.map((g) => [g.sequence, g.start?.num ?? null, g.end?.num ?? null, (g.endNs - g.startNs) / 1e9]);
}

describe('gaps', () => {
  it('are intervals that reach the threshold', () => {
    expect(brief(find([0, 0.9, 1.9, 2, 4.5]))).toEqual([
      [0, 2, 3, 1],
      [0, 4, 5, 2.5],
    ]);
  });

  it('carry the matched events before and after', () => {
    const [gap] = find([0, 0.1, 0.2, 5, 5.1, 5.2], { before: 2, after: 2 });
    expect(gap!.before.map((r) => r.num)).toEqual([1, 2]);
    expect(gap!.after.map((r) => r.num)).toEqual([5, 6]);
  });

  it('of before a step of the clock wait until other sources have passed them, in their order', () => {
    let passedNs = 0;
    const finder = finderOf({ after: 0, isPassed: ({ endNs }) => endNs <= passedNs });
    for (const [i, seconds] of [0, 10, 30].entries()) seen(finder, 0, seconds, i + 1);
    finder.restart(0, 1);
    reachedNs = Number.NEGATIVE_INFINITY;
    for (const [i, seconds] of [0, 5].entries()) seen(finder, 0, seconds, i + 4);
    expect(brief(finder.ready)).toEqual([]);
    expect(finder.neededNs(0)).toBe(Number.NEGATIVE_INFINITY);
    passedNs = 20e9;
    settle(finder, 6e9);
    expect(brief(finder.ready.splice(0))).toEqual([[0, 1, 2, 10]]);
    settle(finder, 7e9);
    expect(brief(finder.ready)).toEqual([]);
    passedNs = 30e9;
    settle(finder, 7e9);
    expect(brief(finder.ready)).toEqual([
      [0, 2, 3, 20],
      [0, 4, 5, 5],
    ]);
  });

  it('do not wait for other sources at the end, nor where very many would', () => {
    const finder = finderOf({ after: 0, isPassed: () => false });
    for (let i = 0; i <= WAITING_KEPT + 3; i++) seen(finder, 0, 2 * i, i + 1);
    finder.restart(0, 1);
    expect(finder.ready.length).toBe(3);
    finish(finder, 0);
    expect(finder.ready.length).toBe(WAITING_KEPT + 3);
  });

  it('may follow each other', () => {
    const gaps = find([0, 2, 4, 6]);
    expect(brief(gaps)).toEqual([
      [0, 1, 2, 2],
      [0, 2, 3, 2],
      [0, 3, 4, 2],
    ]);
    expect(gaps[0]!.after.map((r) => r.num)).toEqual([3]);
    expect(gaps[1]!.before.map((r) => r.num)).toEqual([1]);
  });

  it('are measured per sequence', () => {
    expect(
      brief(
        find(
          [
            [0, 0],
            [1, 0.5],
            [0, 1.2],
            [1, 3],
            [0, 2],
          ],
          { end: 3 },
        ),
      ),
    ).toEqual([
      [0, 1, 3, 1.2],
      [1, 2, 4, 2.5],
      [0, 5, null, 1],
    ]);
  });

  it('are open at the edges of the trace', () => {
    const gaps = find([3, 3.5], { end: 6 });
    expect(gaps.map((g) => [g.open, g.startNs / 1e9, g.endNs / 1e9, g.start?.num, g.end?.num])).toEqual([
      ['start', 0, 3, undefined, 1],
      ['end', 3.5, 6, 2, undefined],
    ]);
  });

  it('end at the earliest event behind them, begin at the latest before', () => {
    // 4.9 was printed behind 5 by another CPU; 0.9 behind 1.
    const [gap, ...rest] = find([0.5, 1, 0.9, 5, 4.9, 5.1]);
    expect(rest).toEqual([]);
    expect([gap!.start!.num, gap!.end!.num, gap!.endNs - gap!.startNs]).toEqual([2, 5, 3.9e9]);
    expect(gap!.after.map((r) => r.num)).toEqual([4]);
  });

  it('are not measured across a step of the clock', () => {
    expect(brief(find([0, 0.5, 10, 10.5], { restartAt: 2 }))).toEqual([]);
    expect(
      brief(find([100, 100.5, 3, 3.5, 5], { restartAt: 2, end: 5 }).filter((g) => g.open === null)),
    ).toEqual([[0, 4, 5, 1.5]]);
  });

  it('are found over many sequences', () => {
    const events: [number, number][] = [];
    for (let s = 0; s < 5000; s++) events.push([s, 0.0001 * s]);
    for (let s = 0; s < 5000; s++) events.push([s, 2 + 0.0001 * s]);
    expect(find(events).length).toBe(5000 + 0);
  });
});

describe('a step of the clock', () => {
  it('closes gaps before it to late events, also those that wait for what comes after them', () => {
    const finder = finderOf({ before: 0, after: 2, grouped: false });
    const see = (seconds: number, num: number): void => seen(finder, 0, seconds, num);
    finder.startNs = 5e9;
    see(5, 1);
    see(7, 2);
    finder.restart(0, 1);
    see(6.0005, 3);
    // Late on its own side; were the gap still open to it, it would divide it.
    see(6, 4);
    finish(finder, 6.0005e9);
    expect(brief(finder.ready)).toEqual([[0, 1, 2, 2]]);
  });

  it('makes ready at once what it overtook, as soon as its context is whole', () => {
    const finder = finderOf({ before: 0, after: 1, grouped: false });
    finder.startNs = 50e9;
    seen(finder, 0, 50, 1);
    seen(finder, 0, 52, 2);
    finder.restart(0, 1);
    reachedNs = Number.NEGATIVE_INFINITY;
    seen(finder, 0, 1, 3);
    settle(finder, 1.002e9);
    expect(brief(finder.ready)).toEqual([[0, 1, 2, 2]]);
  });
});

describe('settling', () => {
  it('waits a millisecond for late events, no more', () => {
    const finder = finderOf({ before: 0, after: 0, grouped: false });
    seen(finder, 0, 0, 1);
    seen(finder, 0, 2, 2);
    // A gap is ready a millisecond behind its end, and another one must have passed for it to be told.
    settle(finder, 2.0019e9);
    expect(finder.ready).toEqual([]);
    settle(finder, 2.002e9);
    expect(brief(finder.ready)).toEqual([[0, 1, 2, 2]]);
  });

  it.each([true, false])('is what late events meet, whether or not it was asked for (%s)', (asked) => {
    const finder = finderOf({ before: 0, after: 1 });
    for (const [i, t] of [0, 2, 2.1].entries()) seen(finder, 0, t, i + 1);
    seen(finder, 1, 5, 4);
    if (asked) finder.settle();
    // Behind the gap's end, and inside it.
    seen(finder, 0, 2.05, 5);
    seen(finder, 0, 1.5, 6);
    finder.finish(2.1e9);
    expect(finder.ready[0]).toMatchObject({ endNs: 2e9, after: [{ num: 3 }] });
  });

  it('comes to a gap whose context a late event made whole', () => {
    const finder = finderOf({ before: 0, after: 2 });
    for (const [i, t] of [0, 2, 2.0005, 2.0002].entries()) seen(finder, 0, t, i + 1);
    settle(finder, 3e9);
    expect(finder.ready[0]).toMatchObject({ after: [{ num: 4 }, { num: 3 }] });
  });

  it('needs of the past: its context, and as much before a gap as it is long', () => {
    const finder = finderOf({ before: 1, after: 1, grouped: false });
    finder.startNs = 10e9;
    for (const [i, t] of [10, 10.5, 11].entries()) seen(finder, 0, t, i + 1);
    expect(finder.neededNs(11e9)).toBe(10.5e9);
    expect(finder.neededNs(14e9)).toBe(8e9);
    seen(finder, 0, 15, 4);
    seen(finder, 0, 15.1, 5);
    expect(finder.neededNs(15.1e9)).toBe(7e9);
    settle(finder, 16e9);
    expect(finder.neededNs(16e9)).toBe(Number.NEGATIVE_INFINITY);
    finder.ready.splice(0);
    expect(finder.neededNs(15.2e9)).toBe(15e9);
  });
});

describe('auto', () => {
  const beat = Array.from({ length: 30 }, (_, i) => i * 1.0003 + (i % 3) * 1e-5);

  it('finds nothing in a steady beat', () => {
    expect(find(beat, { thresholdNs: null, grouped: false })).toEqual([]);
  });

  it('finds what breaks a beat, bursts or not', () => {
    const broken = beat
      .map((t, i) => (i < 12 ? t : t + 0.9))
      .flatMap((t) => [t, t + 1e-5, t + 2e-5, t + 9e-5]);
    const gaps = find(broken, { thresholdNs: null, grouped: false });
    expect(gaps.length).toBe(1);
    expect(gaps[0]!.endNs - gaps[0]!.startNs).toBeCloseTo(1.9002e9, -6);
    expect(gaps[0]!.after.length).toBe(1);
  });

  it('finds several stalls, also of like length', () => {
    const long = Array.from({ length: 2000 }, (_, i) => i * 0.2 + Math.floor(i / 400) * 1.7);
    expect(find(long, { thresholdNs: null, grouped: false }).length).toBe(4);
  });

  it('leaves irregular traffic alone', () => {
    let alarms = 0;
    let state = 7;
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return (state + 1) / 2 ** 31;
    };
    for (let run = 0; run < 200; run++) {
      let t = 0;
      const events = Array.from({ length: 20 + run * 5 }, () => (t -= Math.log(random())));
      alarms += find(events, { thresholdNs: null, grouped: false }).length > 0 ? 1 : 0;
    }
    expect(alarms).toBeLessThanOrEqual(6);
  });

  it('says nothing from too little', () => {
    expect(find([0, 1, 5], { thresholdNs: null, grouped: false })).toEqual([]);
  });
});

describe('thresholds of sequences', () => {
  const see = (finder: GapFinder, sequence: number, ...seconds: number[]): void => {
    for (const s of seconds) seen(finder, sequence, s, s);
  };
  const create = (options: Partial<Options> = {}): GapFinder =>
    Object.assign(finderOf({ thresholdNs: null, ...options }), { startNs: 1e9 });

  it('hold from the next event on, beside sequences whose rhythm is learned', () => {
    const finder = create();
    finder.setThreshold(40, 3e9);
    see(finder, 40, 10, 12, 15, 17);
    see(finder, 0, 1, 2, 3, 4, 5, 9, 10, 11);
    finder.setThreshold(40, 1e9);
    see(finder, 40, 18);
    finish(finder, 18.5e9);
    expect(brief(finder.ready)).toEqual([
      [40, null, 10, 9],
      [40, 12, 15, 3],
      [40, 17, 18, 1],
      [0, 5, 9, 4],
      [0, 11, null, 7.5],
    ]);
  });

  it('fall back where no rhythm recurs', () => {
    const gaps = (fallbackNs?: number): unknown[] => {
      const finder = create(fallbackNs === undefined ? {} : { fallbackNs });
      see(finder, 0, 1, 6, 7);
      finish(finder, 7e9);
      return brief(finder.ready);
    };
    expect(gaps()).toEqual([]);
    expect(gaps(1.5e9)).toEqual([[0, 1, 6, 5]]);
  });

  it('a sequence that was left is silent without a gap, and begins anew', () => {
    const finder = create({ thresholdNs: 1e9 });
    see(finder, 0, 1);
    finder.leave(0);
    finder.leave(99);
    see(finder, 99, 5, 6);
    finder.leave(99);
    see(finder, 0, 8, 9);
    finish(finder, 9.5e9);
    expect(brief(finder.ready)).toEqual([
      [99, 5, 6, 1],
      [0, 8, 9, 1],
    ]);
  });

  it('a gap is held for what comes after its end', () => {
    const finder = create({ thresholdNs: 1e9, holdNs: () => 1e9, after: 0 });
    see(finder, 0, 1, 3);
    settle(finder, 3.5e9);
    expect(finder.ready).toEqual([]);
    settle(finder, 4.1e9);
    expect(brief(finder.ready)).toEqual([[0, 1, 3, 2]]);
  });
});
