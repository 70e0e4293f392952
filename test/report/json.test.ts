/** The JSON reports: names, their order, and what a terminal gets to see of traced bytes. */
import { describe, expect, it } from 'vitest';
import { jsonReport } from '../../src/json-report.js';
import type { Gap } from '../../src/model/gap.js';
import { gapJson, ndjsonReport } from '../../src/report/json.js';
import { version } from '../../src/report/version.js';
import { event, gap, joined, report, STALL_NS, source, twoGaps } from './fixtures.js';

const EVENT_KEYS = ['source', 'num', 'time', 'offsetNs', 'cpu', 'proc', 'tid', 'dir', 'type', 'args', 'raw'];
const GAP_KEYS = [
  ...['durationNs', 'open', 'group', 'start', 'end', 'before', 'after', 'around'],
  ...['cause', 'call', 'class', 'summary', 'evidence', 'next', 'activity', 'contributing'],
];
const SOURCE_KEYS = [
  ...[
    'path',
    'format',
    'bytes',
    'lines',
    'records',
    'events',
    'matched',
    'ignored',
    'unparsed',
    'outOfOrder',
  ],
  ...['origin', 'first', 'last', 'problems'],
];
const REPORT_KEYS = ['sysgap', 'filter', 'thresholdNs', 'by', 'sources', 'gaps'];

/** The same value with the keys of every object in reverse. */
function shuffled<T>(value: T): T {
  if (Array.isArray(value)) return value.map(shuffled) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  ) as T;
}

describe('the document', () => {
  it('holds the run, its sources and its gaps', async () => {
    const run = report({
      gapsFound: 2,
      sources: [source({ problems: [{ line: 1, byte: 0, reason: 'why' }] })],
    });
    const parsed = JSON.parse(await joined(jsonReport(twoGaps(), run))) as Record<string, unknown>;
    expect(parsed.sysgap).toBe(version);
    expect(parsed.filter).toBe(run.filter);
    expect(parsed.thresholdNs).toBe(1e9);
    expect(parsed.by).toBeNull();
    expect(parsed.sources).toEqual(run.sources);
    expect(parsed.gaps).toEqual(twoGaps());
  });

  it('keeps its names and their order; what is newer stands at the end', async () => {
    const parsed = JSON.parse(
      await joined(jsonReport([], report({ limits: ['no switch events'] }))),
    ) as object;
    expect(Object.keys(parsed)).toEqual([
      ...REPORT_KEYS,
      ...['warnings', 'rhythms', 'gapsFound', 'spanNs', 'interrupted', 'limits'],
    ]);
    expect(parsed).toMatchObject({ limits: ['no switch events'] });
  });

  it('keeps the order of names, whatever the order of the objects', async () => {
    const doc = await joined(jsonReport(shuffled(twoGaps()), shuffled(report({ gapsFound: 2 }))));
    const parsed = JSON.parse(doc) as { sources: object[]; gaps: Gap[] };
    expect(Object.keys(parsed).slice(0, REPORT_KEYS.length)).toEqual(REPORT_KEYS);
    expect(Object.keys(parsed.sources[0]!)).toEqual(SOURCE_KEYS);
    for (const found of parsed.gaps) {
      expect(Object.keys(found)).toEqual(GAP_KEYS);
      for (const e of [found.start!, found.end!, ...found.before, ...found.around.start]) {
        expect(Object.keys(e)).toEqual(EVENT_KEYS);
      }
    }
  });

  it('is valid without a gap or a source', async () => {
    const parsed = JSON.parse(await joined(jsonReport([], report({ sources: [] })))) as Record<
      string,
      unknown
    >;
    expect(parsed.gaps).toEqual([]);
    expect(parsed.sources).toEqual([]);
  });

  it('comes in pieces, however many gaps there are', async () => {
    const gaps = Array.from({ length: 2000 }, (_, i) => gap(STALL_NS + i * 1e6, 1e9));
    let text = '';
    let largest = 0;
    for await (const piece of jsonReport(gaps, report({ gapsFound: gaps.length }))) {
      largest = Math.max(largest, piece.length);
      text += piece;
    }
    expect((JSON.parse(text) as { gaps: unknown[] }).gaps).toHaveLength(2000);
    expect(largest).toBeLessThan(text.length / 3);
  });
});

describe('a gap per line', () => {
  it('is written before the next gap is known', async () => {
    let taken = 0;
    function* gaps(): Generator<Gap> {
      for (const found of twoGaps()) {
        taken++;
        yield found;
      }
    }
    const lines = ndjsonReport(gaps());
    const first = await lines.next();
    expect(taken).toBe(1);
    expect(first.value).toBe(`${gapJson(twoGaps()[0]!)}\n`);
    expect(String(first.value).trimEnd()).not.toContain('\n');
    expect(JSON.parse(String(first.value))).toEqual(twoGaps()[0]);
  });
});

describe('traced bytes', () => {
  it('keep their value and lose their power over a terminal', () => {
    const args = '\x1b[31m\x7f\x9b\u2028\u2029\u202e\u200b"\\ \ud800 漢';
    const line = gapJson(gap(STALL_NS, 1e9, { start: event(STALL_NS, { args }) }));
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e\u200b]/);
    expect(line).toContain('\\u001b[31m\\u007f\\u009b\\u2028\\u2029\\u202e\\u200b');
    expect((JSON.parse(line) as Gap).start!.args).toBe(args);
  });
});
