/** A long text: lines passed over, numbers, and going back give what decoding each line gives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunked, run } from '../../samples.js';

const PACKETS = 70_000;
const MESSAGE = 'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n';

/** One advert in 500 packets, a millisecond apart; 3 s of silence behind packet 60,000. */
function longText(form: (clock: string, delta: string, body: string) => string): string {
  const lines: string[] = [MESSAGE];
  let ms = 0;
  let before = 0;
  for (let i = 1; i <= PACKETS; i++) {
    ms += i === 60_000 ? 3000 : 1;
    const body =
      i % 500 === 0
        ? 'IP 10.77.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150, authtype none, intvl 1s, length 20'
        : 'IP 10.0.0.1.40000 > 10.0.0.2.443: Flags [P.], seq 1:1449, ack 1, win 502, length 1448';
    const clock = (at: number): string =>
      `17:${String(Math.floor(at / 60_000)).padStart(2, '0')}:${String(Math.floor(at / 1000) % 60).padStart(2, '0')}.${String(at % 1000).padStart(3, '0')}000`;
    lines.push(form(clock(ms), `00${clock(before === 0 ? 0 : ms - before).slice(2)}`, body));
    if (i === 30_000) lines.push('	0x0000:  4500 0028\n');
    // On SIGUSR1.
    if (i % 20_000 === 0)
      lines.push(`${i} packets captured\n${i} packets received by filter\n8 packets dropped by kernel\n`);
    before = ms;
  }
  lines.push('70000 packets captured\n70009 packets received by filter\n9 packets dropped by kernel\n');
  return lines.join('');
}

const FORMS = {
  plain: longText((clock, _, body) => `${clock} ${body}\n`),
  delta: longText((_, delta, body) => ` ${delta} ${body}\n`),
  verbose: longText(
    (clock, _, body) => `${clock} IP (tos 0x0, ttl 255, id 1, offset 0)\n    ${body.slice(3)}\n`,
  ),
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.keys(FORMS) as (keyof typeof FORMS)[])('%s', (form) => {
  it('the same gap by all ways', async () => {
    const path = join(folder, form);
    const text = Buffer.from(FORMS[form]);
    writeFileSync(path, text);
    const options = { threshold: '1s', around: 2, before: 2, after: 2 };
    const whole = await run(path, { ...options, filter: 'evt.type startswith vrr' });
    expect(whole.gaps).toHaveLength(1);
    const [gap] = whole.gaps;
    expect(gap!.durationNs).toBe(3_499_000_000);
    expect([...gap!.before, gap!.start, gap!.end, ...gap!.after].map((e) => e!.num)).toEqual([
      58_500, 59_000, 59_500, 60_000, 60_500, 61_000,
    ]);
    const edges = [...gap!.around.start, ...gap!.around.end];
    expect(edges.map(({ num }) => num)).toEqual([59_501, 59_502, 59_998, 59_999]);
    const ways = [
      await run(path, { ...options, filter: 'evt.type=vrrp' }),
      await run(path, { ...options, filter: 'vrrp.vrid=51' }),
      await run(chunked(text, 7000, 65_536), { ...options, filter: 'vrrp.prio>=100' }),
      await run(path, { ...options, filter: 'evt.type=vrrp' }, { blockSize: 5000 }),
    ];
    for (const { gaps, report } of ways) {
      expect(gaps).toEqual(whole.gaps);
      const { matched, unparsed, records, ignored } = report.sources[0]!;
      expect({ matched, unparsed, records, ignored }).toEqual({
        matched: 140,
        unparsed: 0,
        records: PACKETS,
        ignored: whole.report.sources[0]!.ignored,
      });
      expect(report.warnings.join()).toContain('tcpdump dropped 9 packets');
    }
  }, 30_000);
});
