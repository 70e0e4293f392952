/** Decoding text in tests, and the real tcpdump to print it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decoder } from '../../../src/formats/format.js';
import { tcpdump } from '../../../src/formats/tcpdump/format.js';
import { blockOfLines } from '../../../src/input/blocks.js';
import { EventView, toRecord } from '../../../src/model/event.js';
import type { Fd, Packet } from '../../../src/model/event-fields.js';

export const HAS_TCPDUMP = spawnSync('tcpdump', ['--version']).status === 0;

/** What tcpdump prints of a capture file with these options, times in UTC. */
export function print(capture: Buffer, ...options: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sysgap-tcpdump-'));
  try {
    const path = join(folder, 'capture');
    writeFileSync(path, capture);
    return execFileSync('tcpdump', ['-r', path, ...options], {
      // Names are not worth waiting for.
      env: { ...process.env, TZ: 'UTC', RES_OPTIONS: 'timeout:1 attempts:1' },
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 << 20,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Seen {
  readonly num: number | null;
  readonly time: string | null;
  readonly ns: number | null;
  readonly dir: '>' | '<' | null;
  readonly type: string;
  readonly args: string;
  readonly raw: string;
  readonly fd: Fd | undefined;
  readonly packet: Packet | undefined;
}

export function openDecoder(text: string | Buffer): Decoder {
  const verdict = tcpdump.detect(
    { bytes: Buffer.from(text), complete: true, path: undefined },
    { forced: false, layout: undefined },
  );
  if (verdict.kind !== 'mine') throw new Error(`${verdict.kind}: ${JSON.stringify(verdict)}`);
  return verdict.open();
}

/** All events of the text, in blocks of `linesPerBlock` lines. */
export function readAll(
  decoder: Decoder,
  text: string | Buffer,
  linesPerBlock = Number.POSITIVE_INFINITY,
): Seen[] {
  const bytes = Buffer.from(text);
  const seen: Seen[] = [];
  const e = new EventView();
  let start = 0;
  let line = 1;
  let lines = linesPerBlock;
  while (start < bytes.length) {
    let end = start;
    for (let i = 0; i < lines && end < bytes.length; i++) {
      const newline = bytes.indexOf(10, end);
      end = newline < 0 ? bytes.length : newline + 1;
    }
    decoder.open(blockOfLines(bytes.subarray(start, end), start, line, end === bytes.length));
    while (decoder.next(e)) seen.push(look(decoder, e));
    const used = decoder.consumed;
    line += bytes.subarray(start, start + used).filter((c) => c === 10).length;
    // A line that needs the next one comes again, with more behind it.
    lines = used === 0 ? lines + 1 : linesPerBlock;
    start = Math.min(start + used, bytes.length);
    if (end === bytes.length) break;
  }
  return seen;
}

function look(decoder: Decoder, e: EventView): Seen {
  const { num, time, offsetNs, dir, type, args, raw } = toRecord(e, decoder.timeText(e));
  return { num, time, ns: offsetNs, dir, type, args, raw, fd: decoder.fd(e), packet: decoder.packet(e) };
}

export function decode(text: string | Buffer): { decoder: Decoder; events: Seen[] } {
  const decoder = openDecoder(text);
  decoder.track({ fd: true, latency: true, process: true, threadNames: true, args: true });
  return { decoder, events: readAll(decoder, text) };
}
