import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import ReadlineTransform from 'readline-transform';
import { describe, expect, it } from 'vitest';
import { type EventRecord, parseEvents, UsageError } from '../src/index.js';
import { samplePath } from './samples.js';

async function collect(
  ...stages: (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[]
): Promise<EventRecord[]> {
  const events: EventRecord[] = [];
  await pipeline([
    ...stages,
    async (source: AsyncIterable<EventRecord>) => {
      for await (const event of source) events.push(event);
    },
  ] as never);
  return events;
}

describe('parseEvents', () => {
  it('turns lines from ReadlineTransform into events', async () => {
    const events = await collect(
      createReadStream(samplePath('strace/sigstop3.f_tt_T_y.txt')),
      new ReadlineTransform(),
      parseEvents({ format: 'strace' }),
    );
    expect(events.length).toBe(107);
    expect(events[0]).toMatchObject({
      num: 1,
      tid: 427,
      dir: '>',
      type: 'timerfd_settime',
      time: '07:43:59.073569',
    });
    expect(events.filter((e) => e.type === 'sendmsg' && e.dir === '>').length).toBe(9);
  });

  it.each(['sigstop3.pcap', 'sigstop3.merged.pcapng'])(
    'takes a packet capture as bytes: %s',
    async (name) => {
      const path = samplePath(`pcap/${name}`);
      const whole = await collect(createReadStream(path), parseEvents());
      expect(whole.length).toBe(name.endsWith('ng') ? 47 : 9);
      expect(whole[0]).toMatchObject({ num: 1, type: 'vrrp', raw: expect.stringContaining('vrid 51') });
      expect(await collect(createReadStream(path, { highWaterMark: 7 }), parseEvents())).toEqual(whole);
      expect(await collect(createReadStream(path), parseEvents({ format: 'pcap' }))).toEqual(whole);
    },
  );

  it('takes raw bytes, however they are cut, and gives the same events', async () => {
    const path = samplePath('sysdig/sigstop3.exits.txt');
    const whole = await collect(createReadStream(path), parseEvents());
    expect(whole.length).toBe(2183);
    expect(await collect(createReadStream(path, { highWaterMark: 37 }), parseEvents())).toEqual(whole);
    expect(await collect(createReadStream(path), new ReadlineTransform(), parseEvents())).toEqual(whole);
  });

  it('fails on what is no trace', async () => {
    await expect(
      collect(Readable.from([Buffer.from('nothing\nof interest\n')]), parseEvents()),
    ).rejects.toThrow(UsageError);
  });
});
