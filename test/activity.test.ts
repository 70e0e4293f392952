/** The library's look at a stretch: the same however the bytes arrive, and edges that can be given again. */
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { activity } from '../src/activity.js';
import { UsageError } from '../src/model/problem.js';
import { activityText } from '../src/report/activity-text.js';
import { samplePath } from './samples.js';

const FIFO = samplePath('sysdig/starve_fifo.both.txt.gz');
const STRETCH = { from: '08:10:15', to: '08:10:17' };

describe('a stretch', () => {
  it('has the same facts at any block size', async () => {
    const whole = await activity(FIFO, STRETCH);
    expect(whole.activity.processes[0]).toMatchObject({ proc: 'labhog', tid: 5576 });
    expect(whole.durationNs).toBe(2e9);
    for (const blockSize of [512, 4096, 65_536])
      expect((await activity(FIFO, STRETCH, { blockSize })).activity).toEqual(whole.activity);
  });

  it('ends with its last event, whatever was read behind that', async () => {
    const text = [
      '1 10:00:00.000000000 0 a (1) > read fd=1',
      '2 10:00:02.000000000 0 a (1) > read fd=1',
      ...Array.from({ length: 9 }, (_, i) => `no event, line ${i}`),
      '',
    ].join('\n');
    const { sources } = await activity(Readable.from([Buffer.from(text)]), {}, { blockSize: 64 });
    expect(sources[0]).toMatchObject({ last: '10:00:02.000000000', unparsed: 9 });
  });

  it('of a run that is interrupted before a format is known is empty', async () => {
    const report = await activity(FIFO, { signal: AbortSignal.abort() });
    expect(report).toMatchObject({
      sources: [],
      from: null,
      toNs: null,
      interrupted: true,
      warnings: ['no event was found'],
    });
    expect(await activityText(report, {})).toMatch(/^interrupted, so far: no event/);
  });

  it('is compared with as long a stretch before it', async () => {
    const quiet = await activity(FIFO, { from: '08:10:00', to: '08:10:05' });
    const keepalived = quiet.activity.processes.find(({ proc }) => proc === 'keepalived');
    expect(keepalived!.vsBaseline).toBeCloseTo(1, 1);
    const first = await activity(FIFO, { to: '+2s' });
    expect(first.activity.processes.map(({ vsBaseline }) => vsBaseline)).toEqual(
      first.activity.processes.map(() => null),
    );
  });

  it.each([
    'sysdig/starve_fifo.both.txt.gz',
    'sysdig/renderings.both.t_a.txt.gz',
    'strace/options.f_ttt_T_yy.txt',
    'strace/options.f_r_T.txt',
    'strace/sigstop3.f_tt_T_y.txt',
  ])('%s: its edges are written as --from and --to take them', async (name) => {
    const found = await activity(samplePath(name), { from: '+2s', to: '+4s' });
    const again = await activity(samplePath(name), { from: found.from!, to: found.to! });
    expect(again).toEqual(found);
  });

  it('is the whole trace unless told', async () => {
    const { sources, durationNs, activity: facts } = await activity(FIFO);
    expect(facts.records).toBe(sources[0]!.records);
    expect(durationNs).toBe(49_700_040_808);
  });

  it('of one strace run takes all its files', async () => {
    const folder = samplePath('strace/ff_ttt_T');
    const files = readdirSync(folder)
      .sort()
      .map((file) => `${folder}/${file}`);
    const { activity: facts, sources } = await activity(files);
    expect(sources).toHaveLength(files.length);
    expect(facts.processes.map(({ tid }) => tid).sort()).toEqual([1567, 1568]);
  });
});

describe('without anything to look at', () => {
  const line = '1 17:01:10.000000000 0 keepalived (10400) > sendmsg fd=13 \n';

  it('one event is a stretch without length', async () => {
    const found = await activity(Readable.from([Buffer.from(line)]));
    expect(found).toMatchObject({ durationNs: 0, from: '17:01:10.000000000', interrupted: false });
    expect(found.activity.records).toBe(1);
  });

  it('begins anew where the clock stepped back', async () => {
    const at = (num: number, time: string): string => `${num} ${time} 0 a (7) > read fd=${num} \n`;
    const text = [at(1, '17:01:10.000000000'), at(2, '16:01:10.000000000'), at(3, '16:01:12.000000000')];
    const found = await activity(Readable.from([Buffer.from(text.join(''))]));
    expect(found).toMatchObject({ durationNs: 2e9, from: '16:01:10.000000000' });
    expect(found.activity.records).toBe(2);
    expect(found.warnings).toContain(
      'the clock stepped back: only what came after the last step is looked at',
    );
  });

  it('says what is wrong', async () => {
    await expect(activity([])).rejects.toThrow('no input: name a trace file');
    await expect(activity(FIFO, { from: 'noon' })).rejects.toThrow(UsageError);
    await expect(activity([FIFO, samplePath('strace/sigstop3.f_tt_T_y.txt')])).rejects.toThrow(
      'are not parts of one capture',
    );
  });
});
