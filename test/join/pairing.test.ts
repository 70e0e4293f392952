/** Clocks compared by what two sources both show. */
import { describe, expect, it } from 'vitest';
import { pairByContent, pairByRhythm, type Series } from '../../src/join/pairing.js';

const MS = 1e6;
const SECOND = 1e9;

function series(times: readonly number[], fromNs?: number, toNs?: number): Series {
  return { times, fromNs: fromNs ?? times[0]!, toNs: toNs ?? times.at(-1)! };
}

/** Adverts every second with a silence of 3.56 s in the middle. */
function stalled(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i * SECOND + (i >= count / 2 ? 2.56 * SECOND : 0));
}

/** Noise that is the same in every run, from -0.5 to 0.5. */
function noise(i: number): number {
  return ((i * i * 7919 + i * 31) % 1009) / 1009 - 0.5;
}

function shifted(times: readonly number[], byNs: number): number[] {
  return times.map((ns, i) => ns + byNs + 80e3 * noise(i));
}

describe('by rhythm', () => {
  it.each([0, 12.3 * MS, -12.3 * MS, 2.5 * SECOND, -17 * SECOND])('a stall singles out %d ns', (byNs) => {
    const sent = stalled(40);
    const found = pairByRhythm(series(sent), series(shifted(sent, byNs)))!;
    expect(Math.abs(found.aheadNs - byNs)).toBeLessThan(60e3);
    expect(found).toMatchObject({ pairs: 40, alone: 0, of: 'adverts', ambiguousNs: null });
    expect(found.spreadNs).toBeLessThan(80e3);
  });

  it('holds where adverts are missing on either side', () => {
    const sent = stalled(40);
    const got = shifted(sent, 300 * MS).filter((_, i) => i % 7 !== 3);
    const shown = sent.filter((_, i) => i !== 8);
    const found = pairByRhythm(series(shown), series(got))!;
    expect(Math.abs(found.aheadNs - 300 * MS)).toBeLessThan(60e3);
    expect(found.pairs).toBe(33);
  });

  it.each([3, 7, 11])('one way loses some at random: the clocks are still the same (%d)', (seed) => {
    const sent = Array.from({ length: 100 }, (_, i) => i * 1.0002 * SECOND + 30e3 * noise(i * 17 + seed));
    const got = sent
      .map((ns, i) => ns + 30e3 + 10e3 * noise(i * 5))
      .filter((_, i) => (i * 37 + seed) % 20 !== 1);
    const found = pairByRhythm(series(sent), series(got))!;
    expect(Math.abs(found.aheadNs)).toBeLessThan(100e3);
    expect(found.pairs).toBe(95);
  });

  it('recordings that overlap in a third: the clocks are still the same', () => {
    const sent = Array.from({ length: 120 }, (_, i) => i * 1.0002 * SECOND + 60e3 * noise(i * 17 + 3));
    const got = sent.map((ns, i) => ns + 30e3 + 6e3 * noise(i * 5));
    const found = pairByRhythm(series(sent.slice(0, 60)), series(got.slice(30)))!;
    expect(Math.abs(found.aheadNs)).toBeLessThan(100e3);
  });

  it('the jitter of the sender singles out what a rhythm without a break does not', () => {
    const sent = Array.from({ length: 30 }, (_, i) => i * SECOND + 4 * MS * noise(i * 31 + 5));
    const found = pairByRhythm(series(sent), series(shifted(sent, 2 * SECOND)))!;
    expect(Math.abs(found.aheadNs - 2 * SECOND)).toBeLessThan(60e3);
    expect(found.ambiguousNs).toBeNull();
  });

  it('of a perfect rhythm the smallest is taken, and told that an interval more or less is possible', () => {
    const sent = Array.from({ length: 30 }, (_, i) => i * SECOND);
    const found = pairByRhythm(series(sent), series(sent.map((ns) => ns + 2.1 * SECOND)))!;
    expect(found.aheadNs).toBe(0.1 * SECOND);
    expect(found.ambiguousNs).toBe(SECOND);
  });

  it('what has no rhythm in common, or too little, is not compared', () => {
    const sent = stalled(40);
    const other = Array.from({ length: 40 }, (_, i) => i * 1.37 * SECOND + 0.3 * SECOND * noise(i));
    expect(pairByRhythm(series(sent), series(other))).toBeNull();
    expect(pairByRhythm(series(sent), series(sent.slice(0, 3)))).toBeNull();
    expect(pairByRhythm(series([]), series(sent))).toBeNull();
  });

  it('thousands of sightings take no time to speak of', () => {
    const sent = Array.from({ length: 400 }, (_, i) => i * 10 * MS);
    const found = pairByRhythm(series(sent), series(sent.map((ns) => ns + 3 * MS)))!;
    expect(found.aheadNs).toBe(3 * MS);
  });
});

describe('by content', () => {
  const packets = (byNs: number, texts: readonly string[]): Map<string, number> =>
    new Map(texts.map((text, i) => [text, i * MS + byNs + 1e4 * noise(i)]));
  const TEXTS = ['a', 'b', 'c', 'd', 'e', 'f'];

  it('packets that both show once tell the difference, also of an hour', () => {
    const found = pairByContent(packets(0, TEXTS), packets(3600e9, TEXTS))!;
    expect(found.aheadNs).toBe(3600e9);
    expect(found).toMatchObject({ pairs: 6, of: 'packets', ambiguousNs: null });
  });

  it('three are too few, and what lies anywhere is no pair', () => {
    expect(pairByContent(packets(0, TEXTS.slice(3)), packets(0, TEXTS))).toBeNull();
    const anywhere = new Map(TEXTS.map((text, i) => [text, i * i * 60e9]));
    expect(pairByContent(packets(0, TEXTS), anywhere)).toBeNull();
  });
});
