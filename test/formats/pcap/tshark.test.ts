/** Against tshark and tcpdump: every packet's number, time to the nanosecond, protocol and line. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sampleFiles, samplePath } from '../../samples.js';
import { decodeAll } from './captures.js';

function output(command: string, ...args: string[]): string | null {
  try {
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  } catch {
    return null;
  }
}

const hasTshark = output('tshark', '--version') !== null;
const hasTcpdump = output('tcpdump', '--version') !== null;

describe.each(sampleFiles('pcap'))('%s', (file) => {
  const { records, decoder } = decodeAll(readFileSync(samplePath(file)));
  const origin = decoder.timebase.originSeconds! * 1_000_000_000n;

  it.skipIf(!hasTshark)('tshark: numbers, times, lengths, protocols', () => {
    const fields = ['frame.number', 'frame.time_epoch', 'ip.src', 'vrrp.prio'].flatMap((f) => ['-e', f]);
    const rows = output(
      'tshark',
      '-r',
      samplePath(file),
      '-T',
      'fields',
      '-E',
      'separator=,',
      '-E',
      'occurrence=f',
      ...fields,
    )!
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(
      records.map((e) => [String(e.num), String(origin + BigInt(e.offsetNs!)), e.type === 'vrrp']),
    ).toEqual(rows.map(([num, time, , prio]) => [num, time!.replace('.', ''), prio !== '']));
  });

  // libpcap takes no file whose interfaces differ.
  it.skipIf(!hasTcpdump || file.endsWith('ng'))('tcpdump: the lines', () => {
    const digits = file.includes('nano') ? ['--nano'] : [];
    const printed = execFileSync('tcpdump', ['-n', '-S', '-tttt', ...digits, '-r', samplePath(file)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    // Options of TCP segments are left out.
    const plain = printed.replaceAll(/, options \[[^\]]*\]/g, '');
    expect(records.map((e) => e.raw)).toEqual(plain.trimEnd().split('\n'));
  });
});
