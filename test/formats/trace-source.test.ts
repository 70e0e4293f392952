/** Waypoints of a trace that never ends: few are kept, and what they lead to stays the same. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFrom } from '../../src/formats/look-back.js';
import { visitStretch } from '../../src/formats/stretch.js';
import { TraceSource } from '../../src/formats/trace-source.js';
import type { StreamHistory } from '../../src/input/history.js';
import type { GapInput } from '../../src/input/source.js';
import { run, samplePath } from '../samples.js';

const SECONDS = 80;
const LINES_A_SECOND = 1000;

/** A thousand lines a second of two threads; thread 2 is silent in some seconds. */
function trace(seconds: number, padding: number): Buffer {
  const parts: string[] = [];
  for (let i = 0; i < seconds * LINES_A_SECOND; i++) {
    const s = Math.floor(i / LINES_A_SECOND);
    const ms = i % LINES_A_SECOND;
    const tid = s % 9 !== 5 && ms % 10 === 0 ? 2 : 1;
    const time = `10:${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}.${String(ms).padStart(3, '0')}000000`;
    parts.push(`${i + 1} ${time} 0 p${tid} (${tid}) > read fd=${i % 7} ${'.'.repeat(padding)}\n`);
  }
  return Buffer.from(parts.join(''));
}

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-waypoints-'));
  path = join(folder, 'trace.txt');
  writeFileSync(path, trace(SECONDS, 30));
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(input: GapInput, waypointsKept: number): Promise<TraceSource> {
  return TraceSource.open(input, 0, {
    blockSize: 64 << 10,
    many: false,
    format: undefined,
    layout: undefined,
    waypointsKept,
  });
}

async function walk(source: TraceSource, atBlock: () => void): Promise<void> {
  do {
    while (source.advance());
    atBlock();
  } while (await source.refill());
  await source.close();
}

const offsets = ({ waypoints }: TraceSource): number[] => waypoints.map(({ offset }) => offset);

describe('waypoints', () => {
  it('stand as far apart as ever where the clock steps: answers would follow the blocks', async () => {
    const steps = Buffer.concat([trace(1, 0).subarray(0, 30_000), trace(1, 0).subarray(0, 60_000)]);
    const stepping = await open(Readable.from([steps.subarray(0, 50_000), steps.subarray(50_000)]), 8);
    await walk(stepping, () => {});
    expect(stepping.decoder.clock.epoch).toBe(1);
    expect(offsets(stepping)).toEqual([0]);
  });

  it('let nothing of a stream go while all of it may be asked for, also where the clock steps', async () => {
    const steps = Buffer.concat([trace(6, 30), trace(6, 30)]);
    const source = await open(Readable.from([steps.subarray(0, 400_000), steps.subarray(400_000)]), 8);
    await walk(source, () => {});
    expect(source.decoder.clock.epoch).toBe(1);
    expect(source.waypoints.length).toBeGreaterThan(3);
    expect((source.opened.history as StreamHistory).needFrom).toBe(0);
  });

  it('an event whose line is no longer held keeps its number and its time', async () => {
    const source = await open(Readable.from([trace(1, 30)]), 8);
    source.opened.history.read = () => ({ offset: 1e9, bytes: Buffer.alloc(0) });
    const ref = { source: 0, offset: 5, line: 7, num: 8, timeNs: 9e9, half: 0 };
    const { record } = readFrom(source, ref, 0, null);
    expect(record).toMatchObject({ num: 8, offsetNs: 9e9, time: null, raw: '' });
    await source.close();
  });

  it('of a file are thinned out evenly, from its start to its end', async () => {
    const source = await open(path, 8);
    let thinned = 0;
    let before = 0;
    await walk(source, () => {
      const { length } = source.waypoints;
      if (length < before) thinned++;
      before = length;
      expect(length).toBeLessThanOrEqual(8);
    });
    expect(thinned).toBeGreaterThan(1);
    const places = offsets(source);
    expect(places[0]).toBe(0);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(places.at(-1)).toBeGreaterThan(source.bytes / 2);
  });

  it('of a stream go with the bytes that are no longer held, but for one', async () => {
    const chunk = trace(60, 80);
    const source = await open(
      Readable.from(
        (function* () {
          for (let i = 0; i < 12; i++) yield chunk;
        })(),
        { objectMode: false },
      ),
      400,
    );
    let before = 0;
    let thinned = 0;
    await walk(source, () => {
      const { waypoints, opened, latestNs } = source;
      const { heldFrom } = opened.history;
      if (waypoints.length < before) {
        thinned++;
        expect(offsets(source)[0]).toBeLessThan(heldFrom);
        expect(offsets(source)[1]).toBeGreaterThanOrEqual(heldFrom);
      }
      before = waypoints.length;
      source.neededNs = latestNs;
    });
    expect(thinned).toBeGreaterThan(0);
  });

  it.each([2, 3, 8])('%i of them lead to the same gaps, context and causes', async (waypointsKept) => {
    const options = { filter: 'proc.name=p2', threshold: '900ms', around: 4, before: 2, after: 2 };
    const whole = await run(path, options);
    expect(whole.gaps.length).toBeGreaterThan(5);
    const few = await run(path, options, { waypointsKept });
    expect(few).toEqual(whole);
    const byThread = { threshold: '900ms', by: 'thread' };
    expect(await run(path, byThread, { waypointsKept })).toEqual(await run(path, byThread));
  });
});

it('of strace, lines that cannot match are passed over', async () => {
  const source = await TraceSource.open(samplePath('strace/block_futex.f_tt_T_y.txt'), 0, {
    blockSize: 3000,
    decodedInFull: 0,
    many: false,
    format: undefined,
    layout: undefined,
  });
  source.pickLines(source.decoder.picker({ type: (e) => e.type() === 'fsync', thread: null })!);
  const advance = vi.spyOn(source, 'advance');
  await walk(source, () => {});
  expect(advance.mock.calls.length).toBeLessThan(source.decoder.counts.events / 2);
});

it('going back shows no line of a stream that has come in part', async () => {
  const stream = new PassThrough();
  const line = (num: number): string => `${num} 10:00:00.00000000${num} 0 p (1) > read fd=${num} ........\n`;
  stream.write(line(1) + line(2) + line(3).slice(0, -12));
  const source = await open({ name: 'stream', stream }, 1000);
  const seen = async (): Promise<string[]> => {
    const raw: string[] = [];
    await visitStretch([source], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, (_e, _ns, record) => {
      raw.push(`${record().raw}\n`);
      return undefined;
    });
    return raw;
  };
  while (source.advance());
  expect(await seen()).toEqual([line(1), line(2)]);
  stream.end(line(3).slice(-12, -1));
  while (await source.refill()) while (source.advance());
  expect(await seen()).toEqual([line(1), line(2), line(3)]);
  await source.close();
});
