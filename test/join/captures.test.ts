/**
 * A sender's trace and a capture on the backup's side, recorded on one machine: their clocks agree. Copies of the
 * capture have another clock, or lack packets.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activity } from '../../src/activity.js';
import { findConversations } from '../../src/find-conversations.js';
import { findGaps } from '../../src/find-gaps.js';
import type { ClockOffsets } from '../../src/model/join.js';
import type { GapOptions } from '../../src/model/options.js';
import { textReport } from '../../src/report/text.js';
import { expectGolden } from '../report/golden.js';
import { type Outcome, run, samplePath } from '../samples.js';
import { changedPcap } from './pcaps.js';

const SYSDIG = samplePath('sysdig/sigstop3.both.txt');
const STRACE = samplePath('strace/sigstop3.f_tt_T_y.txt');
const PCAP = 'pcap/sigstop3.pcap';
const VRRP: GapOptions = { vrrp: true, why: false, around: 0 };
const SENDS: GapOptions = {
  filter: "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'",
  threshold: '1.2s',
  why: false,
};

let folder: string;
const paths = new Map<string, string>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-join-'));
  const write = (name: string, bytes: Buffer): void => {
    paths.set(name, join(folder, name));
    writeFileSync(join(folder, name), bytes);
  };
  write('same', changedPcap(PCAP, 0));
  write('ahead', changedPcap(PCAP, 12_300));
  write('behind', changedPcap(PCAP, -2_500_000));
  const text = readFileSync(STRACE, 'latin1').replace(/^(\d+ +\d\d:\d\d:\d\d)\.\d+/gm, '$1');
  write('seconds', Buffer.from(text, 'latin1'));
  write(
    'lossy',
    changedPcap(PCAP, 12_300, (num) => num < 3 || num > 5),
  );
  write(
    'first',
    changedPcap(PCAP, 0, (num) => num <= 5),
  );
  write(
    'second',
    changedPcap(PCAP, 0, (num) => num > 5),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => paths.get(name)!;

describe('clocks', () => {
  it('that agree are left alone, whatever the transit', async () => {
    const { report } = await run([SYSDIG, file('same')], SENDS);
    expect(
      report.sources.map(({ clockOffsetNs, clockOffsetFrom }) => [clockOffsetNs, clockOffsetFrom]),
    ).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(report.sources[1]!.clockPairs).toBe(9);
    expect(report.warnings.filter((text) => text.includes('clock'))).toEqual([]);
  });

  it.each([
    [SYSDIG, 'ahead', -12_300_000],
    [STRACE, 'ahead', -12_300_000],
    [SYSDIG, 'behind', 2_500_000_000],
    [STRACE, 'behind', 2_500_000_000],
    [SYSDIG, 'lossy', -12_300_000],
  ])('%s and %s: estimated and taken off', async (trace, capture, offsetNs) => {
    const { report } = await run([trace, file(capture)], VRRP);
    const [, source] = report.sources;
    expect(source!.clockOffsetFrom).toBe('estimated');
    // Transit: less than 200 µs.
    expect(Math.abs(source!.clockOffsetNs! - offsetNs)).toBeLessThan(200_000);
    const told = report.warnings.filter((text) => text.includes(': clock '));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`--offset ${file(capture)}=${offsetNs < 0 ? '-' : '+'}`);
    // With three of nine adverts missing, what is left is as regular.
    if (capture !== 'lossy') expect(told[0]).not.toContain('excluded');
  });

  it('the first source is what the others are measured by', async () => {
    const { report } = await run([file('ahead'), SYSDIG], VRRP);
    expect(report.sources[0]!.clockOffsetFrom).toBeNull();
    expect(Math.abs(report.sources[1]!.clockOffsetNs! - 12_300_000)).toBeLessThan(200_000);
  });

  it('an offset that is given is taken as it is, and nothing is estimated', async () => {
    const path = file('ahead');
    const { report, gaps } = await run([SYSDIG, path], { ...VRRP, offsets: { [path]: '-12.3ms' } });
    expect(report.sources[1]).toMatchObject({ clockOffsetNs: -12_300_000, clockOffsetFrom: 'given' });
    expect(report.warnings.some((text) => text.includes(': clock '))).toBe(false);
    expect(gaps.map(({ elsewhere }) => elsewhere!.map(({ same }) => same))).toEqual([[0], [0]]);
  });

  it('an offset moves the times that gaps and --from go by', async () => {
    const { gaps } = await run(SYSDIG, {
      ...SENDS,
      offsets: { [SYSDIG]: 3600e9 },
      from: '08:44:00',
      to: '08:44:08',
    });
    expect(gaps.map(({ durationNs }) => durationNs)).toContain(3_563_215_748);
  });

  it('are compared by packets that both captures show', async () => {
    const other = join(folder, 'request_reply');
    writeFileSync(
      other,
      changedPcap('pcap/request_reply.pcap', 3_000_000, (num) => num % 5 !== 0),
    );
    const { report } = await run([samplePath('pcap/request_reply.pcap'), other], { why: false });
    expect(report.sources[1]).toMatchObject({ clockOffsetNs: -3e9, clockOffsetFrom: 'estimated' });
    expect(report.warnings.join('\n')).toMatch(/clock 3\.00 s ahead of .* by \d+ packets that both show/);
  });

  it('of streams are not estimated, and that is told', async () => {
    const stream = Readable.from([readFileSync(file('ahead'))]);
    const { report } = await run([SYSDIG, stream], VRRP);
    expect(report.sources[1]).toMatchObject({ clockOffsetNs: null, clockPairs: 0 });
    expect(report.warnings.join('\n')).toContain('is a stream, read once: whether its clock differs');
  });

  it('parts of one capture follow each other: one timeline, nothing compared', async () => {
    const { gaps, report } = await run([file('first'), file('second')], VRRP);
    expect(gaps.map(({ durationNs }) => durationNs)).toEqual([3_563_215_000]);
    expect(gaps[0]!.elsewhere).toEqual([]);
    expect(report.sources.map(({ clockPairs }) => clockPairs)).toEqual([0, 0]);
  });

  it('with parts of a capture the offset is that of all of them', async () => {
    const parts = ['first', 'second'].map((name, i) => {
      const path = join(folder, `${name}.moved`);
      writeFileSync(
        path,
        changedPcap(PCAP, 12_300, (num) => num <= 5 === (i === 0)),
      );
      return path;
    });
    const { gaps, report } = await run([SYSDIG, ...parts], VRRP);
    const [, one, other] = report.sources;
    expect(one!.clockOffsetNs).toBe(other!.clockOffsetNs);
    expect(Math.abs(one!.clockOffsetNs! + 12_300_000)).toBeLessThan(200_000);
    expect(gaps).toHaveLength(2);
  });
});

describe('--offset', () => {
  it('is honoured by the other runs, too', async () => {
    const offsets = { [SYSDIG]: '+1h' };
    const moved = await activity(SYSDIG, { offsets });
    const plain = await activity(SYSDIG);
    expect(moved.fromNs! - plain.fromNs!).toBe(3600e9);
    expect(moved.sources[0]).toMatchObject({ clockOffsetNs: 3600e9, clockOffsetFrom: 'given' });
    const found = await findConversations(SYSDIG, { offsets, from: '08:43:00' });
    expect(found.sources[0]).toMatchObject({ clockOffsetNs: 3600e9 });
    await expect(findConversations(SYSDIG, { offsets: { b: 1 } })).rejects.toThrow('--offset b: no input');
  });

  const offset = async (offsets: ClockOffsets): Promise<void> => {
    for await (const _ of findGaps([SYSDIG, file('same')], { offsets })) break;
  };

  it('refuses what names no input, or is no length of time', async () => {
    await expect(offset({ 'lb9.pcap': '+1ms' })).rejects.toThrow(
      `--offset lb9.pcap: no input has that name; the inputs are ${SYSDIG}, ${file('same')}`,
    );
    await expect(offset({ [SYSDIG]: 'soon' })).rejects.toThrow(
      `--offset ${SYSDIG}=soon: "soon" is no length of time to add, as in --offset ${SYSDIG}=+12ms or ${SYSDIG}=-1.5s`,
    );
  });
});

describe('what the other saw', () => {
  it.each(['same', 'ahead', 'behind'])(
    '%s: a stall of the sender is silence on the wire',
    async (capture) => {
      const { gaps } = await run([SYSDIG, file(capture)], VRRP);
      expect(gaps).toHaveLength(2);
      const bySource = [...gaps].sort((a, b) => a.start!.source - b.start!.source);
      expect(bySource[0]!.elsewhere).toEqual([
        expect.objectContaining({
          source: 1,
          same: 0,
          summary: `on the wire at ${file(capture)}: no advert of 10.77.0.1 from 07:44:03.306 to 07:44:06.869 either: it was not sent`,
        }),
      ]);
      expect(bySource[1]!.elsewhere).toEqual([
        expect.objectContaining({
          source: 0,
          same: 0,
          summary: `${SYSDIG}: no advert sent from 07:44:03.306 to 07:44:06.869 either: it was not sent`,
        }),
      ]);
      const { silentFromNs, silentToNs } = bySource[0]!.elsewhere![0]!;
      expect(Math.abs(silentToNs - silentFromNs - 3_563_215_000)).toBeLessThan(1000);
    },
  );

  it('the same by a filter', async () => {
    const { gaps } = await run([SYSDIG, file('ahead')], SENDS);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]!.elsewhere![0]).toMatchObject({ source: 1, same: 0 });
    expect(gaps[0]!.elsewhere![0]!.summary).toMatch(/either: it was not sent$/);
  });

  it.each([SYSDIG, STRACE])(
    '%s: adverts that the network lost are a gap of the capture alone',
    async (trace) => {
      const { gaps } = await run([trace, file('lossy')], VRRP);
      const lost = gaps.filter(({ start }) => start!.source === 1);
      expect(lost.map(({ durationNs }) => durationNs)).toEqual([6_571_013_000]);
      expect(lost[0]!.elsewhere![0]).toMatchObject({
        source: 0,
        same: 3,
        summary: `${trace}: 3 adverts sent from 07:44:01.299 to 07:44:03.306: lost on the way to ${file('lossy')}`,
      });
      expect(gaps.filter(({ start }) => start!.source === 0)).toHaveLength(1);
    },
  );

  it('captures of both sides: what the sender’s shows was sent', async () => {
    const { gaps, report } = await run([file('same'), file('lossy')], VRRP);
    expect(report.sources[1]!.clockOffsetFrom).toBe('estimated');
    const lost = gaps.find(({ start }) => start!.source === 1)!;
    expect(lost.elsewhere![0]).toMatchObject({
      same: 3,
      summary: expect.stringMatching(/3 adverts of 10\.77\.0\.1 .* sent, and lost on the way to .*lossy$/),
    });
  });

  it('without anything to compare: how busy the other was', async () => {
    const { gaps } = await run([SYSDIG, samplePath('pcap/sigstop3.pcap')], {
      filter: 'proc.name=sleep or evt.type=signaldeliver',
      threshold: '2s',
      why: false,
    });
    const told = gaps.flatMap(({ elsewhere }) => elsewhere!);
    expect(told.length).toBeGreaterThan(0);
    for (const { same, summary } of told) {
      expect(same).toBeNull();
      expect(summary).toMatch(/packets? (?:meanwhile, the longest silence|from) /);
    }
  });

  it('times of whole seconds are compared as far as they go', async () => {
    // strace -t beside its own wire: a second of doubt at either edge.
    const { gaps } = await run([file('seconds'), file('same')], VRRP);
    expect(gaps.map(({ elsewhere }) => elsewhere!.map(({ same }) => same))).toEqual([[0], [0]]);
  });

  it('what has no time in common is told of', async () => {
    const { gaps, report } = await run([SYSDIG, file('same')], { ...VRRP, utcOffset: '+02:00' });
    expect(gaps.map(({ elsewhere }) => elsewhere)).toEqual([[], []]);
    expect(report.warnings.join('\n')).toContain('have no time in common');
  });

  it('is absent with a single source', async () => {
    const { gaps } = await run(SYSDIG, SENDS);
    expect(gaps[0]).not.toHaveProperty('elsewhere');
  });

  it('stands under the gap in the text', async () => {
    const { gaps, report } = await run([SYSDIG, file('same')], SENDS);
    let text = '';
    for await (const piece of textReport(gaps, report, { width: 300 })) text += piece;
    expect(text).toMatch(/^Gap 1:.*\n {2}on the wire at .*: no advert of 10\.77\.0\.1 /m);
  });
});

it('the text of a report', async () => {
  const files = ['sysdig/sigstop3.both.txt', 'vrrp/sigstop3.lb2.pcap'];
  const { gaps, report } = await run(files.map(samplePath), { ...VRRP, before: 0, after: 0 });
  const root = samplePath('');
  const named = JSON.parse(JSON.stringify({ gaps, report }).replaceAll(root, '')) as Outcome;
  let told = '';
  for await (const piece of textReport(named.gaps, named.report, { width: 100, why: false })) told += piece;
  expectGolden('join-sigstop3', told);
});

it('calls and packets are sequences of their own without --by', async () => {
  const { gaps } = await run([SYSDIG, file('same')], { threshold: '3s', why: false, around: 0 });
  expect(gaps.map(({ start, durationNs }) => [start?.source, durationNs])).toEqual([[1, 3_563_215_000]]);
});
