/** The text report: whole goldens for the common cases, single facts for the rest. */
import { describe, expect, it } from 'vitest';
import type { Gap } from '../../src/model/gap.js';
import { type TextOptions, textReport } from '../../src/report/text.js';
import { displayWidth } from '../../src/report/width.js';
import { event, gap, joined, report, STALL_NS, source, twoGaps } from './fixtures.js';
import { expectGolden } from './golden.js';

const text = (gaps: readonly Gap[], run = report({ gapsFound: gaps.length }), options: TextOptions = {}) =>
  joined(textReport(gaps, run, options));

/** One run that holds everything the report can show. */
const rich = () => ({
  gaps: [
    gap(STALL_NS, 5_035_431_870, {
      group: '10400',
      end: event(STALL_NS + 5_035_431_870, { source: 1 }),
      cause: 'blocked',
      summary: 'keepalived sat in fsync for 5.035 s, on the disk.',
      evidence: [
        {
          text: 'fsync entered 9.8 µs after the last advertisement',
          nums: [612813399],
          raw: [],
        },
      ],
      next: ['the disks of the host: iostat -x'],
    }),
    gap(STALL_NS + 9e9, 70e9, {
      open: 'end',
      end: null,
      after: [],
      group: '10401',
    }),
    gap(61_200e9, 1_500e6, { open: 'start', start: null, before: [] }),
  ],
  run: report({
    by: 'thread.tid',
    gapsFound: 3,
    sources: [
      source({
        path: 'a.txt',
        unparsed: 9,
        problems: [{ line: 12, byte: 345, reason: 'no time in "foo"' }],
      }),
      source({
        path: '-',
        problems: [{ line: null, byte: null, reason: 'the clock went back by 2 s' }],
      }),
    ],
    warnings: ['proc.pid cannot be had from this trace\n  proc.pid=3\n  ^'],
    rhythms: [
      {
        group: '10400',
        intervals: 157,
        typicalNs: 1_000_312_000,
        spreadNs: 201_000,
        thresholdNs: 1_500_468_001,
        exceeding: 156,
      },
    ],
  }),
});

describe('golden texts', () => {
  it('two gaps', async () => {
    expectGolden('text-two-gaps', await text(twoGaps()));
  });

  it('no gap', async () => {
    expectGolden('text-no-gap', await text([]));
  });

  it('everything at once, on a terminal of 80 columns', async () => {
    const { gaps, run } = rich();
    expectGolden('text-rich-80', await text(gaps, run, { width: 80, eventWidth: 80 }));
  });
});

describe('verdict', () => {
  const verdictOf = async (gaps: readonly Gap[], run = report({ gapsFound: gaps.length })) =>
    (await text(gaps, run)).split('\n')[0];

  it('names the longest of several gaps', async () => {
    expect(await verdictOf(twoGaps())).toBe(
      '2 gaps of at least 1 s in 160.4 s; longest 5.035431870 s from 17:01:21.339942868',
    );
  });

  it('names the only gap', async () => {
    expect(await verdictOf([gap(STALL_NS, 5e9)])).toBe(
      '1 gap of at least 1 s in 160.4 s: 5 s from 17:01:21.339942868',
    );
  });

  it('says how many events the absence of gaps rests on', async () => {
    expect(await verdictOf([])).toBe('no gap of at least 1 s in 160.4 s (158 matched events)');
  });

  it('tells no matched event from no gap', async () => {
    expect(await verdictOf([], report({ sources: [source({ matched: 0 })] }))).toBe(
      'no event matched: 812,345 events read, none of them passes',
    );
    const empty = source({ matched: 0, events: 0, records: 0, lines: 3 });
    expect(await verdictOf([], report({ sources: [empty] }))).toBe('no event found in 3 lines');
  });

  it('leaves out a span that is not known', async () => {
    expect(await verdictOf([], report({ spanNs: null }))).toBe('no gap of at least 1 s (158 matched events)');
  });

  it('gives the learned threshold of a single sequence', async () => {
    const rhythm = {
      group: null,
      intervals: 157,
      typicalNs: 1.0003e9,
      spreadNs: 2e5,
      thresholdNs: 1.5e9,
      exceeding: 1,
    };
    expect(await verdictOf([], report({ thresholdNs: null, rhythms: [rhythm] }))).toContain(
      'no gap of at least 1.5 s (auto) in 160.4 s',
    );
  });

  it('says that the run was interrupted', async () => {
    expect(await verdictOf([], report({ interrupted: true }))).toMatch(/^interrupted, so far: no gap/);
  });

  it('places a gap that has no start by its end', async () => {
    const only = gap(STALL_NS, 5e9, { open: 'start', start: null, before: [] });
    expect(await verdictOf([only])).toContain(': 5 s up to 17:01:26.339942868');
  });
});

describe('rhythm', () => {
  const beat = {
    group: null,
    intervals: 158,
    typicalNs: 1_000_312_000,
    spreadNs: 201_000,
    thresholdNs: 1_500_468_001,
  };

  it('warns of a list that is mostly the beat', async () => {
    const lines = (await text([], report({ rhythms: [{ ...beat, exceeding: 156 }] }), { width: 200 })).split(
      '\n',
    );
    expect(lines[2]).toBe(
      'this is mostly the rhythm itself, one event every 1.0003 s: see the warning below',
    );
    const two = [
      { ...beat, exceeding: 156 },
      { ...beat, group: 'b', exceeding: 99 },
    ];
    expect(await text([], report({ rhythms: two }))).toContain(
      'rhythm itself of 2 sequences: see the warnings',
    );
  });

  it('does not where few intervals reach the threshold, nor with auto', async () => {
    expect(await text([], report({ rhythms: [{ ...beat, exceeding: 3 }] }))).not.toContain('rhythm itself');
    const auto = report({ thresholdNs: null, rhythms: [{ ...beat, exceeding: 156 }] });
    expect(await text([], auto)).not.toContain('rhythm itself');
  });

  it('tells interval, spread and threshold of what auto learned', async () => {
    const run = report({
      thresholdNs: null,
      rhythms: [{ ...beat, exceeding: 1 }],
    });
    expect(await text([], run)).toContain(
      '  matched events: every 1.0003 s ± 201 µs, threshold 1.5005 s, reached by 1 of 158 intervals\n',
    );
  });
});

describe('cuts', () => {
  const many = Array.from({ length: 60 }, (_, i) => gap(1e12 + i * 20e9, 2e9 + i * 1e6));

  it('keeps the longest rows and says how to see the others', async () => {
    const out = await text(many, undefined, { width: 120 });
    expect(out).toContain('\n50  00:20:00.000000000');
    expect(out).toContain(
      '\n… and 10 shorter gaps: --top 60 lists them here, -o ndjson prints each on one line\n',
    );
    expect(out).toContain('\nGap 20: ');
    expect(out).not.toContain('\nGap 21: ');
    expect(out).toContain(
      '\nThe events around the other 30 gaps of the table are not shown here: --top 50 shows them.\n',
    );
  });

  it('shows as many as it is told to', async () => {
    const out = await text(many, undefined, { rows: 60, details: 60 });
    expect(out).toContain('\nGap 60: ');
    expect(out).not.toContain('… and');
  });

  it('orders by time on request, still keeping the longest', async () => {
    const out = await text(twoGaps(), undefined, { order: 'time' });
    expect(out).toContain('\nGap 1: 1.250000500 s');
    expect(await text(twoGaps(), undefined, { order: 'time', rows: 1 })).toContain('\nGap 1: 5.035431870 s');
  });

  it('cuts event lines at their own width', async () => {
    const args = 'x'.repeat(400);
    const long = [gap(STALL_NS, 5e9, { before: [event(STALL_NS - 1e9, { args })] })];
    const widest = (out: string) => Math.max(...out.split('\n').map(displayWidth));
    expect(widest(await text(long))).toBe(160);
    expect(widest(await text(long, undefined, { width: 90, eventWidth: 90 }))).toBe(90);
    expect(await text(long, undefined, { eventWidth: 1000 })).toContain(args);
  });

  it.each([40, 48, 60, 80, 132])('keeps every line within %d columns of a terminal', async (width) => {
    const { gaps, run } = rich();
    const out = await text(gaps, run, { width, eventWidth: width });
    for (const line of out.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
  });

  it('measures wide characters', async () => {
    const wide = [
      gap(STALL_NS, 5e9, {
        start: event(STALL_NS, {
          proc: '保持活动'.repeat(9),
          args: '漢'.repeat(99),
        }),
      }),
    ];
    for (const line of (await text(wide, undefined, { width: 80, eventWidth: 80 })).split('\n')) {
      expect(displayWidth(line), line).toBeLessThanOrEqual(80);
    }
  });
});

describe('events at the edges', () => {
  const inside = Array.from({ length: 4 }, (_, i) => event(STALL_NS + (i + 1) * 1e9, { type: `call${i}` }));
  const edges = (start: number[], end: number[]) =>
    text([
      gap(STALL_NS, 5e9, {
        around: {
          start: start.map((i) => inside[i]!),
          end: end.map((i) => ({ ...inside[i]! })),
        },
      }),
    ]);

  it('are one list where they meet', async () => {
    for (const out of [
      await edges([0, 1, 2], [1, 2, 3]),
      await edges([0, 1], [0, 1]),
      await edges([0], [0]),
    ]) {
      expect(out).toContain('  all events inside the gap, unfiltered\n');
      expect(out.match(/call0/g)).toHaveLength(1);
    }
  });

  it('are two lists with what lies between', async () => {
    const out = await edges([0, 1], [3]);
    expect(out).toContain("  after the gap's start, unfiltered\n");
    expect(out).toContain('    … 2 s not shown …\n');
    expect(out).toContain("  before the gap's end, unfiltered\n");
  });

  it('are left out where there are none', async () => {
    expect(await edges([], [])).not.toContain('unfiltered');
  });
});

describe('hostile bytes and absent fields', () => {
  it('shows control characters as escapes, everywhere', async () => {
    const evil = '\x1b[2J\r\n\x9b31m\u202e';
    const run = report({
      filter: evil,
      by: 'fd.name',
      gapsFound: 1,
      sources: [source({ path: evil, problems: [{ line: 1, byte: 0, reason: evil }] })],
      warnings: [`a\x1b[2Jb`],
    });
    const bad = event(STALL_NS, {
      proc: evil,
      type: evil,
      args: evil,
      time: evil,
    });
    const out = await text([gap(STALL_NS, 5e9, { start: bad, group: evil, summary: evil })], run);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(out).toContain('\\x1b[2J\\r\\n\\x9b31m\\u{202e}');
  });

  it('leaves out columns that no event fills', async () => {
    const bare = { cpu: null, proc: null, dir: null, num: null } as const;
    const gaps = [
      gap(STALL_NS, 5e9, {
        start: event(STALL_NS, bare),
        end: event(STALL_NS + 5e9, { ...bare, tid: null }),
        before: [],
        after: [],
        around: { start: [], end: [] },
      }),
    ];
    const out = await text(gaps);
    expect(out).toContain('\n    17:01:21.339942868 tid 10400 sendmsg fd=13(');
    expect(out).toContain('\n    17:01:26.339942868 -         sendmsg fd=13(');
  });
});

describe('colour', () => {
  it('changes nothing but colour', async () => {
    const { gaps, run } = rich();
    const plain = await text(gaps, run);
    const painted = await text(gaps, run, { color: true });
    expect(plain).not.toContain('\x1b');
    expect(painted).toContain('\x1b[1m\x1b[31m');
    expect(painted.replaceAll(/\x1b\[[0-9;]*m/g, '')).toBe(plain);
  });
});
