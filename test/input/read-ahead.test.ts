import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtHeads } from '../../src/formats/sysdig/heads.js';
import { BlockReader } from '../../src/input/block-reader.js';
import { FileSource } from '../../src/input/byte-source.js';
import { LiteralPicker, type Picked } from '../../src/input/line-picker.js';
import { type PartLook, ReadAhead } from '../../src/input/read-ahead.js';
import { sampleText } from '../samples.js';

const LAYOUT = { blockSize: 5000, reserve: 64, slots: 5, sparse: null };
const SPARSE = { partBytes: LAYOUT.blockSize, slots: 7, reserve: 512, textBytes: 5120, tableBytes: 2560 };
const FROM = 1234;
/** Content with anything. */
const CLOCK = { reads: () => true, follows: () => true };

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-test-'));
  path = join(folder, 'trace');
  writeFileSync(path, sampleText('sysdig/sigstop3.both.txt'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Made {
  readonly bytes: Buffer;
  readonly table: Buffer | null;
}

/** All parts; `helping`: by the thread that waits for them, too. */
async function parts(look: PartLook, sparse: boolean, threads: number, helping: boolean): Promise<Made[]> {
  const fd = openSync(path, 'r');
  const layout = { ...LAYOUT, sparse: sparse ? SPARSE : null };
  const ahead = new ReadAhead(fd, FROM, statSync(path).size, layout, look, threads);
  if (!helping) Object.assign(ahead, { makeOne: () => false });
  const made: Made[] = [];
  for (let part = await ahead.next(); part; part = await ahead.next()) {
    const { at, stored, table } = part;
    made.push({
      bytes: Buffer.from(ahead.memory.bytes.subarray(at, at + stored)),
      table: table && Buffer.from(Buffer.from(table.buffer, table.byteOffset, table.byteLength)),
    });
    ahead.release();
  }
  await ahead.close();
  closeSync(fd);
  return made;
}

describe.each([
  ['literals', new LiteralPicker(Buffer.from('sendmsg'), CLOCK).ahead, false],
  ['literals alone', new LiteralPicker(Buffer.from('sendmsg'), CLOCK).ahead, true],
  ['heads', lookAtHeads, false],
] as const)('parts with their %s', (_, look, sparse) => {
  it('are the same from one thread, from others alone and from all together', async () => {
    const alone = await parts(look, sparse, 0, true);
    const text = sampleText('sysdig/sigstop3.both.txt').subarray(FROM);
    const whole = Buffer.concat(alone.map(({ bytes }) => bytes));
    const wanted = sparse ? sparseText(text) : text;
    expect(whole.equals(wanted)).toBe(true);
    expect(alone.length).toBeGreaterThan(SPARSE.slots * 2);
    expect(alone.every(({ table }) => table)).toBe(true);
    // To the last byte: slots are taken in turn, so also what lies behind a table is the same.
    for (const helping of [false, true]) {
      const made = await parts(look, sparse, 2, helping);
      expect(made.length).toBe(alone.length);
      for (const [i, { bytes, table }] of made.entries())
        expect([bytes.equals(alone[i]!.bytes), table!.equals(alone[i]!.table!)]).toEqual([true, true]);
    }
  });
});

/** Of each part the lines with the literal, its first two and its last one, and what is broken at its edges. */
function sparseText(text: Buffer): Buffer {
  const texts: string[] = [];
  for (let at = 0; at < text.length; at += LAYOUT.blockSize) {
    const lines = text.toString('latin1', at, at + LAYOUT.blockSize).split('\n');
    const rest = lines.pop()!;
    const kept = lines.filter((line, i) => i < 2 || i === lines.length - 1 || line.includes('sendmsg'));
    texts.push(`${kept.join('\n')}\n${rest}`);
  }
  return Buffer.from(texts.join(''), 'latin1');
}

it('a file that shrank ends where it ends now', async () => {
  const size = statSync(path).size;
  const fd = openSync(path, 'r');
  const ahead = new ReadAhead(fd, 0, size, LAYOUT, lookAtHeads, 0);
  truncateSync(path, LAYOUT.blockSize + 100);
  expect((await ahead.next())?.count).toBe(LAYOUT.blockSize);
  expect((await ahead.next())?.count).toBe(100);
  await ahead.close();
  closeSync(fd);
});

it('what can not be read is left to others', async () => {
  const fd = openSync(folder, 'r');
  const ahead = new ReadAhead(fd, 0, 100_000, LAYOUT, lookAtHeads, 0);
  expect(await ahead.next()).toBe(null);
  await ahead.close();
  closeSync(fd);
});

/** Of a file of its own, which is read ahead from its first block on. */
function readerOf(
  name: string,
  text = sampleText('sysdig/sigstop3.both.txt'),
  blockSize = 5000,
): { text: Buffer; trace: string; reader: BlockReader } {
  const trace = join(folder, name);
  writeFileSync(trace, text);
  const source = new FileSource(openSync(trace, 'r'), true, true);
  const reader = new BlockReader(source, {
    blockSize,
    decodedInFull: 0,
    ahead: { threads: 1, leastBytes: 0 },
    kernel: true,
    mayPick: true,
  });
  return { text, trace, reader };
}

it('a part that does not serve is read plainly, and lines of it are passed over, too', async () => {
  // What is carried is mostly longer than there is room for in front of a part.
  const line = (name: string) => `9 17:01:21.339942868 0 ${name} (428) > read data=${'.'.repeat(900)}\n`;
  const text = Buffer.from(`${line('keepalived')}${line('cat').repeat(999)}`.repeat(10));
  const { reader } = readerOf('plain', text, 512 << 10);
  reader.picker = new LiteralPicker(Buffer.from('keepalived'), CLOCK);
  let decoded = 0;
  let lines = 0;
  for (let block = await reader.next(); block; block = await reader.next()) {
    decoded += block.count;
    lines += block.count + (block.picks?.passed ?? 0);
    reader.release(block.picks ? block.end : block.ends[block.count - 1]! + 1);
  }
  await reader.close();
  expect(lines).toBe(10_000);
  // All of the last part, which is shorter; of the others an edge or two.
  expect(decoded).toBeLessThan(1500);
});

it.each([2000, 3000, 5000])(
  'blocks of %i bytes are the same whether they were waited for or not',
  async (size) => {
    const lines = sampleText('sysdig/sigstop3.both.txt').toString('latin1').split('\n');
    const broken = lines.map((line, i) => (i % 7 === 3 ? line.slice(0, (i * 31) % 50) : line));
    const [atOnce, waited] = await Promise.all(
      [true, false].map(async (atOnce) => {
        const { reader } = readerOf(`waited-${atOnce}`, Buffer.from(broken.join('\n'), 'latin1'), size);
        reader.picker = new LiteralPicker(Buffer.from('sendmsg'), CLOCK);
        const next = async () => (atOnce && reader.nextNow()) || (await reader.next());
        const blocks: { offset: number; isPicked: boolean }[] = [];
        for (let block = await next(); block; block = await next()) {
          blocks.push({ offset: block.offset, isPicked: block.picks !== null });
          reader.release(block.picks ? block.end : block.ends[block.count - 1]! + 1);
        }
        await reader.close();
        return blocks;
      }),
    );
    expect(atOnce).toEqual(waited);
  },
);

it('where a worker fails, reading goes on without, from the same place', async () => {
  const { text, reader } = readerOf('failing');
  reader.look = lookAtHeads;
  let lines = 0;
  let blocks = 0;
  for (let block = await reader.next(); block; block = await reader.next()) {
    expect(block.line).toBe(lines + 1);
    lines += block.count;
    reader.release(block.ends[block.count - 1]! + 1);
    const { parts } = reader as unknown as { parts: { ahead: ReadAhead } | null };
    // The part under way is never handed over.
    if (parts && ++blocks === 3) Object.assign(parts.ahead, { broken: true, nextNow: () => undefined });
  }
  await reader.close();
  expect(blocks).toBe(3);
  expect(lines).toBe(text.toString('latin1').split('\n').length - 1);
});

it('goes on behind a line for which there was no room', async () => {
  const sample = sampleText('sysdig/sigstop3.both.txt');
  const long = Buffer.from(`${'9'.repeat(100_000)}\n`);
  const { reader } = readerOf('long', Buffer.concat([sample, long, sample]));
  reader.look = lookAtHeads;
  const ahead: boolean[] = [];
  let line = 1;
  for (let block = await reader.next(); block; block = await reader.next()) {
    expect(block.line).toBe(line);
    ahead.push((reader as unknown as { parts: object | null }).parts !== null);
    line += block.count;
    reader.release(block.ends[block.count - 1]! + 1);
  }
  await reader.close();
  expect(line).toBe(2 * (sample.toString('latin1').split('\n').length - 1) + 2);
  expect(ahead.slice(-9, -1)).toEqual(Array(8).fill(true));
});

/** Wants all lines of what would be block `unlike`, which is no earlier than the second. */
class Doubting extends LiteralPicker {
  private blocks = 0;

  constructor(
    private readonly unlike: number,
    private readonly before: () => void,
  ) {
    super(Buffer.from('sendmsg'), CLOCK);
  }

  override pick(...[memory, lines, part]: Parameters<LiteralPicker['pick']>): Picked | null {
    if (++this.blocks !== this.unlike) return super.pick(memory, lines, part);
    expect(part?.isSparse).toBe(true);
    this.before();
    return null;
  }
}

describe('a part of which all lines are wanted after all', () => {
  it('is read again', async () => {
    const { text, reader } = readerOf('doubted');
    const lines = text.toString('latin1').split('\n');
    reader.picker = new Doubting(4, () => undefined);
    let whole = '';
    let line = 1;
    for (let block = await reader.next(); block; block = await reader.next()) {
      expect(block.line).toBe(line);
      expect(block.offset).toBe(lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0));
      line += block.count + (block.picks?.passed ?? 0);
      const end = block.ends[block.count - 1]! + 1;
      if (!block.picks) whole ||= block.bytes.toString('latin1', block.start, end);
      reader.release(block.picks ? block.end : end);
    }
    await reader.close();
    expect(line).toBe(lines.length);
    expect(whole.length).toBeGreaterThan(4000);
    expect(text.includes(whole)).toBe(true);
  });

  it('is read plainly where it is no longer there', async () => {
    const { text, trace, reader } = readerOf('gone');
    // Four parts, of two blocks each.
    const left = 40_000;
    reader.picker = new Doubting(5, () => truncateSync(trace, left));
    let lines = 0;
    for (let block = await reader.next(); block; block = await reader.next()) {
      lines += block.count + (block.picks?.passed ?? 0);
      reader.release(block.picks ? block.end : block.ends[block.count - 1]! + 1);
    }
    expect(reader.bytesRead).toBe(left);
    await reader.close();
    const known = text.subarray(0, left).toString('latin1').split('\n').length;
    expect(lines).toBe(known);
  });
});
