/** Who was master when: histories made by hand, from adverts in the words of strace. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from '../samples.js';
import { beat, look, type Sent, statesOf, straceOf } from './traces.js';

const A = { from: '10.77.0.1', priority: 150 };
const B = { from: '10.77.0.2', priority: 100 };
const S = 1e9;

/** Microseconds are lost in doubles of seconds. */
function near(ns: number | null | undefined, seconds: number): void {
  expect(Math.abs((ns ?? Number.NaN) - seconds * S), `${ns} ns`).toBeLessThan(2000);
}

describe('one master', () => {
  it('that beats has one state and no gap', async () => {
    const { gaps, routers, report } = await look(straceOf(beat(A, 0, 20)));
    expect(gaps).toEqual([]);
    expect(routers).toHaveLength(1);
    expect(routers[0]).toMatchObject({
      vrid: 51,
      family: 'IPv4',
      version: 2,
      addresses: ['10.77.0.100'],
      intervalNs: S,
      intervalFrom: 'advert',
      adverts: 20,
      senders: [{ sender: '10.77.0.1', priority: 150, adverts: 20 }],
      splitBrain: [],
      takeovers: [],
    });
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen -']);
    expect(report).toMatchObject({ by: 'vrrp', thresholdNs: null, rhythms: [] });
  });

  it('late by less than any backup waits: missed adverts, and no backup had to', async () => {
    const { gaps, routers } = await look(straceOf([...beat(A, 0, 5), ...beat(A, 6.5, 5)]));
    expect(gaps).toHaveLength(1);
    const { vrrp, durationNs } = gaps[0]!;
    near(durationNs, 2.5);
    expect(vrrp).toMatchObject({
      vrid: 51,
      sender: '10.77.0.1',
      priority: 150,
      intervalNs: S,
      missed: 2,
      masterDownNs: 3.4140625 * S,
      backup: { sender: null, priority: null, assumed: 150, mustTakeOver: false, fromPriority: null },
      takeOver: null,
      burst: null,
      ownSendsOnly: true,
    });
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen silent', '10.77.0.1 resumed -']);
  });

  it('threshold: an advert missing, by the interval that it promised last', async () => {
    const lost = (interval: number, at: number): Sent[] => [
      ...beat({ ...A, interval }, 0, 4),
      ...beat({ ...A, interval }, 3 * interval + at, 4),
    ];
    expect((await look(straceOf(lost(1, 1.49)))).gaps).toHaveLength(0);
    expect((await look(straceOf(lost(1, 1.51)))).gaps).toHaveLength(1);
    expect((await look(straceOf(lost(5, 7)))).gaps).toHaveLength(0);
    expect((await look(straceOf(lost(5, 8)))).gaps).toHaveLength(1);
    expect((await look(straceOf(lost(5, 1)), { threshold: '4s' })).gaps).toHaveLength(6);
  });

  it('silent to the end: an open gap, with the adverts due before the end', async () => {
    const { gaps, routers } = await look(straceOf(beat(A, 0, 5), 20));
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({
      open: 'end',
      vrrp: { missed: 15, backup: { mustTakeOver: true, fromPriority: 1 } },
    });
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen silent']);
  });

  it('that resigns is silent by rights', async () => {
    const { gaps, routers } = await look(straceOf([...beat(A, 0, 5), { ...A, priority: 0, at: 4.5 }], 60));
    expect(gaps).toEqual([]);
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen released']);
  });

  it('late with a burst', async () => {
    const { gaps } = await look(
      straceOf([...beat(A, 0, 5), { ...A, at: 9.035 }, { ...A, at: 9.0374 }, ...beat(A, 10.04, 3)]),
    );
    expect(gaps).toHaveLength(1);
    expect(gaps[0]!.vrrp.burst?.adverts).toBe(2);
    near(gaps[0]!.vrrp.burst?.lengthNs, 0.0024);
  });
});

describe('two routers', () => {
  const stall = [...beat(A, 0, 5), ...beat(B, 7.6094, 3), ...beat(A, 10, 6)];

  it('the backup takes over when its timer runs out, and gives way to the higher priority', async () => {
    const { gaps, routers } = await look(straceOf(stall));
    expect(gaps).toHaveLength(1);
    const { vrrp, durationNs, open } = gaps[0]!;
    expect(open).toBeNull();
    near(durationNs, 6);
    expect(vrrp).toMatchObject({
      missed: 5,
      masterDownNs: 3.609375 * S,
      backup: { sender: '10.77.0.2', priority: 100, assumed: 100, mustTakeOver: true },
      takeOver: { by: '10.77.0.2', priority: 100, reason: 'took-over' },
    });
    near(vrrp.backup.earliest?.afterNs, 3.609375);
    near(vrrp.takeOver?.afterNs, 3.6094);
    expect(statesOf(routers[0]!)).toEqual([
      '10.77.0.1 first-seen silent',
      '10.77.0.2 took-over preempted',
      '10.77.0.1 preempted -',
    ]);
    expect(routers[0]!.takeovers).toMatchObject([
      { from: '10.77.0.1', by: '10.77.0.2', reason: 'took-over', expectedNs: 3.609375 * S },
      { from: '10.77.0.2', by: '10.77.0.1', reason: 'preempted', expectedNs: null },
    ]);
    expect(routers[0]!.splitBrain).toEqual([]);
  });

  it('the answer does not depend on the blocks', async () => {
    const text = straceOf([
      ...stall,
      ...beat(B, 30, 4),
      { ...B, priority: 0, at: 33.2 },
      ...beat(A, 33.6, 9),
    ]);
    const whole = await look(text);
    for (const blockSize of [1, 100, 1000]) {
      const { gaps, routers } = await look(text, {}, blockSize);
      expect(gaps).toEqual(whole.gaps);
      expect(routers).toEqual(whole.routers);
    }
  });

  it('version 3: the skew scales with the interval', async () => {
    const v3 = { version: 3 as const, interval: 0.5 };
    const { gaps, routers } = await look(
      straceOf([...beat({ ...A, ...v3 }, 0, 9), ...beat({ ...B, ...v3 }, 4 + 1.8047, 9)]),
    );
    expect(gaps).toMatchObject([{ open: 'end', vrrp: { version: 3, masterDownNs: 1_804_687_500 } }]);
    expect(gaps[0]!.vrrp.takeOver?.by).toBe('10.77.0.2');
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen silent', '10.77.0.2 took-over -']);
  });

  it('a release hands over after the skew time', async () => {
    const { gaps, routers } = await look(
      straceOf([...beat(A, 0, 5), { ...A, priority: 0, at: 4.2 }, ...beat(B, 4.81, 10)]),
    );
    expect(gaps).toEqual([]);
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen released', '10.77.0.2 after-release -']);
    expect(routers[0]!.takeovers).toMatchObject([{ reason: 'after-release', expectedNs: 609_375_000 }]);
    near(routers[0]!.takeovers[0]!.afterNs, 0.61);
  });

  it('preempted while on time, a sender is silent by rights, also where its last advert crosses', async () => {
    const crossing = { ...B, at: 5.300_05 };
    const { gaps, routers } = await look(straceOf([...beat(B, 0, 6), ...beat(A, 5.3, 20), crossing]));
    expect(gaps).toEqual([]);
    expect(statesOf(routers[0]!).slice(-1)).toEqual(['10.77.0.1 preempted -']);
    expect(routers[0]!.splitBrain).toEqual([]);
  });

  it('both go on: split brain, from the second one on', async () => {
    const { routers } = await look(straceOf([...beat(A, 0, 30), ...beat(B, 10.4, 6)]));
    const [split, ...others] = routers[0]!.splitBrain;
    expect(others).toEqual([]);
    expect(split?.masters).toEqual(['10.77.0.1', '10.77.0.2']);
    near(split && split.fromNs - routers[0]!.states[0]!.fromNs, 10.4);
    near(split && split.toNs - split.fromNs, 5.6);
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen -', '10.77.0.2 second-master silent']);
  });

  it('the same id for other addresses is another network: no rivals', async () => {
    const other = { ...B, address: '192.0.2.9' };
    const { routers, gaps } = await look(
      straceOf([...beat(A, 0, 30), ...beat(other, 10.4, 6), ...beat(other, 20, 5)]),
    );
    expect(routers[0]!.splitBrain).toEqual([]);
    expect(routers[0]!.takeovers).toEqual([]);
    expect(gaps.map(({ group }) => group)).toEqual(['51 10.77.0.2', '51 10.77.0.2']);
  });

  it('another id or version is another router', async () => {
    const { routers } = await look(
      straceOf([...beat(A, 0, 9), ...beat({ ...B, vrid: 7 }, 0.5, 9), ...beat({ ...B, version: 3 }, 0.7, 9)]),
    );
    expect(routers.map(({ vrid, version }) => [vrid, version])).toEqual([
      [7, 2],
      [51, 2],
      [51, 3],
    ]);
  });

  it('a changed priority is a state of its own', async () => {
    const { routers, gaps } = await look(
      straceOf([...beat(A, 0, 5), ...beat({ ...A, priority: 120 }, 5, 5)]),
    );
    expect(gaps).toEqual([]);
    expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen changed', '10.77.0.1 changed -']);
  });
});

it('a step of the clock ends all states: nothing is measured across it', async () => {
  const stepped = straceOf(beat(A, 100, 5)) + straceOf(beat(B, 50, 5));
  const { gaps, routers } = await look(stepped);
  expect(gaps).toEqual([]);
  expect(statesOf(routers[0]!)).toEqual(['10.77.0.1 first-seen clock-step', '10.77.0.2 first-seen -']);
  expect(routers[0]!.takeovers).toEqual([]);
});

it('any order, priority and interval: no throw, figures that are numbers', async () => {
  const sent = fc.record({
    at: fc.double({ min: 0, max: 60, noNaN: true }),
    from: fc.constantFrom('10.77.0.1', '10.77.0.2', '10.77.0.3'),
    priority: fc.constantFrom(0, 1, 100, 254, 255),
    version: fc.constantFrom(2 as const, 3 as const),
    interval: fc.constantFrom(0, 1, 2, 40),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 40, size: 'max' }), async (adverts) => {
      const { gaps, routers, report } = await look(straceOf(adverts), { why: false });
      expect(report.sources[0]!.matched).toBe(adverts.length);
      for (const { durationNs, vrrp } of gaps) {
        expect(durationNs).toBeGreaterThanOrEqual(1.5 * vrrp.intervalNs - 1);
        expect(Number.isFinite(vrrp.missed)).toBe(true);
        if (vrrp.takeOver) expect(vrrp.takeOver.by).not.toBe(vrrp.sender);
      }
      for (const { states, adverts: count } of routers) {
        expect(states.reduce((sum, state) => sum + state.adverts, 0)).toBeLessThanOrEqual(count);
        for (const [i, state] of states.entries()) {
          expect(state.toNs).toBeGreaterThanOrEqual(state.fromNs);
          if (i > 0) expect(state.fromNs).toBeGreaterThanOrEqual(states[i - 1]!.fromNs);
        }
      }
    }),
    { numRuns: 60 },
  );
});

describe('bounds', () => {
  it('of too many senders the first are followed, and the others are told of', async () => {
    const C = { from: '10.77.0.3', priority: 50, vrid: 7 };
    const sent = [...beat(A, 0, 20), ...beat(B, 0.2, 20), ...beat(C, 0.4, 20)];
    const input = Readable.from([Buffer.from(straceOf(sent))]);
    const { report } = await run(input, { vrrp: true }, { sequences: 2 });
    const found = report.vrrp!.routers.flatMap(({ vrid, senders }) =>
      senders.map(({ sender, adverts }) => `${vrid} ${sender} x${adverts}`),
    );
    expect(found).toEqual(['51 10.77.0.1 x20', '51 10.77.0.2 x20']);
    expect(report.warnings).toContain(
      "adverts come from more than 2 senders: 20 adverts of the others take part in no gap and in no router's history; a filter that picks the senders (-f) keeps the others out",
    );
  });

  it('255 routers that change all the time', async () => {
    const sent: Sent[] = [];
    for (let i = 0; i < 2000; i++)
      for (const vrid of [1, 51, 255])
        sent.push({ at: i + vrid / 1000, vrid, from: `10.77.0.${1 + (i % 2)}`, priority: 100 + (i % 2) });
    const { routers, report } = await look(straceOf(sent), { why: false, top: 3 });
    expect(routers).toHaveLength(3);
    for (const router of routers) {
      expect(router.states.length).toBeLessThanOrEqual(500);
      expect(router.takeovers.length + router.notShown.takeovers).toBeGreaterThanOrEqual(
        router.takeovers.length,
      );
    }
    expect(report.gapsFound).toBeGreaterThanOrEqual(0);
  });
});

it('--by is refused beside --vrrp', async () => {
  await expect(look(straceOf(beat(A, 0, 3)), { by: 'thread' })).rejects.toThrow(
    '--by thread and --vrrp: with --vrrp each virtual router and sender is a sequence of its own; leave one of them out',
  );
});
