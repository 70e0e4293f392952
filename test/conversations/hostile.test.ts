/** Damaged traces: the same answer however they arrive, and sums that hold. */
import { describe, expect, it } from 'vitest';
import { findConversations } from '../../src/find-conversations.js';
import type { ConversationsReport } from '../../src/model/conversations.js';
import { UsageError } from '../../src/model/problem.js';
import { mutate, randomOf } from '../fuzz/mutate.js';
import { chunked, sampleText } from '../samples.js';

const STRACE = sampleText('strace/request_reply.f_ttt_T_yy_Y.txt');

/** The sample's calls as sysdig prints them. */
const SYSDIG = Buffer.from(
  STRACE.toString()
    .split('\n')
    .flatMap((line) => {
      const m = /^(\d+)<(\w+)> (\d+)\.(\d{6}) (?:<\.\.\. )?(sendto|recvfrom)/.exec(line);
      if (!m) return [];
      const [, tid, proc, seconds, fraction, type] = m;
      const time = `${new Date(Number(seconds) * 1000).toISOString().slice(11, 19)}.${fraction}000`;
      const fd = `fd=${tid}(<4t>127.0.0.1:55828->127.0.0.1:18081)`;
      return [
        `${time} 0 ${proc} (${tid}) > ${type} ${fd} size=9 tuple=NULL `,
        `${time} 0 ${proc} (${tid}) < ${type} res=9 data=x `,
      ];
    })
    .map((line, i) => `${i + 1} ${line}\n`)
    .join(''),
);

async function look(
  bytes: Buffer,
  sizes: readonly number[],
  blockSize: number,
): Promise<ConversationsReport | string> {
  try {
    return await findConversations(chunked(bytes, ...sizes), { top: 100 }, { blockSize });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe('damaged traces', () => {
  it.each([
    ['strace', STRACE],
    ['sysdig', SYSDIG],
  ])('%s', { timeout: 60_000 }, async (_format, text) => {
    let found = 0;
    for (let seed = 1; seed <= 80; seed++) {
      const random = randomOf(seed);
      const bytes = mutate(text, random);
      const whole = await look(bytes, [1 << 20], 256 << 10);
      expect(
        await look(bytes, [1 + random(50), 1 + random(900)], 500 + random(5000)),
        `seed ${seed}`,
      ).toEqual(whole);
      if (typeof whole === 'string') continue;
      for (const { firstNs, lastNs, sides } of whole.conversations) {
        found++;
        const [a, b] = sides;
        expect(a.totalNs + b.totalNs, `seed ${seed}`).toBeLessThanOrEqual(lastNs - firstNs);
        expect(Math.abs(a.waits - b.waits), `seed ${seed}`).toBeLessThanOrEqual(1);
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  it('a send that strace -z printed late counts from there, and once', async () => {
    const on = '3<TCP:[10.0.0.9:40000->10.0.0.1:80]>';
    const text = [
      `1 17:00:00.000000 write(${on}, "ask", 3) = 3`,
      '2 17:00:00.100000 getpid() = 1',
      `1 17:00:01.000000 read(${on}, "yes", 9) = 3`,
      `1 17:00:05.000000 write(${on}, "ask", 3) = 3`,
      `1 17:00:08.000000 read(${on}, "yes", 9) = 3`,
      '1 17:00:09.000000 getpid() = 1',
      `2 17:00:00.500000 write(${on}, "more", 4) = 4`,
      '1 17:00:10.000000 getpid() = 1',
    ];
    const bytes = Buffer.from(`${text.join('\n')}\n`);
    const apart = await look(bytes, [60], 60);
    expect(await look(bytes, [1000], 1000)).toEqual(apart);
    const { totals } = apart as ConversationsReport;
    expect(totals.sides.reduce((sum, { totalNs }) => sum + totalNs, 0)).toBeLessThanOrEqual(9e9);
  });

  it('many threads and descriptors at once take their time and no more', { timeout: 60_000 }, async () => {
    const lines: string[] = [];
    const at = (i: number): string => `17:00:${String(i % 60).padStart(2, '0')}.000000000`;
    for (let i = 0; i < 200_000; i++)
      lines.push(`${i + 1} ${at(Math.floor(i / 4000))} 0 a (${i + 10}) > write fd=5(<u>/run/${i}) size=4 \n`);
    const { totals, sources } = await findConversations(chunked(Buffer.from(lines.join('')), 1 << 20));
    expect(sources[0]!.events).toBe(200_000);
    expect(totals.conversations).toBe(0);
  });
});
