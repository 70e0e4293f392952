import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtHeads } from '../../src/formats/sysdig/heads.js';
import { beginParts } from '../../src/input/pipe-parts.js';
import { PipeThread } from '../../src/input/pipe-thread.js';
import type { Part } from '../../src/input/read-ahead.js';
import { sampleText } from '../samples.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sysgap-pipe-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The reading end of a pipe that a shell's command writes to. */
function pipeFrom(name: string, command: string): number {
  const path = join(folder, name);
  spawnSync('mkfifo', [path]);
  // Before the writer, which would wait for a reader.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  spawn('sh', ['-c', `(${command}) > '${path}'`], { cwd: folder, stdio: 'ignore' });
  return fd;
}

function threadFor(fd: number): PipeThread {
  const thread = new PipeThread();
  thread.begin(fd);
  return thread;
}

/** Bytes that are nowhere the same: four times what the thread reads ahead, and more. */
function bytes(): Buffer {
  const content = Buffer.alloc(13_000_001);
  for (let i = 0; i + 4 <= content.length; i += 4) content.writeUInt32LE(i, i);
  return content;
}

const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

describe.skipIf(process.platform === 'win32')('a thread that reads a pipe', { timeout: 60_000 }, () => {
  it.each([
    ['a reader that asks for much', 1 << 20, 0],
    ['a reader that asks for odd lengths', 77_777, 0],
    ['a reader that is slow', 1 << 20, 5],
  ])('gives all its bytes to %s', async (what, length, restMs) => {
    const content = bytes();
    writeFileSync(join(folder, 'content'), content);
    const thread = threadFor(pipeFrom(what.replaceAll(' ', '-'), 'cat content'));
    const into = Buffer.alloc(length);
    const parts: Buffer[] = [];
    for (let count = -1; count !== 0; ) {
      count = await thread.read(into, 0, length);
      parts.push(Buffer.from(into.subarray(0, count)));
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    expect(digest(Buffer.concat(parts))).toBe(digest(content));
    expect(await thread.read(into, 0, length)).toBe(0);
    await thread.close();
  });

  it('gives bytes as they come, not when there are enough', async () => {
    const thread = threadFor(pipeFrom('trickle', 'printf one; sleep 0.3; printf two; sleep 60'));
    const into = Buffer.alloc(100);
    const first = await thread.read(into, 0, 100);
    const second = await thread.read(into, first, 100);
    expect(into.toString('latin1', 0, first + second)).toBe('onetwo');
    await thread.close();
  });

  it('can be left while it waits', async () => {
    const thread = threadFor(pipeFrom('silent', 'sleep 60'));
    const waiting = thread.read(Buffer.alloc(10), 0, 10);
    await thread.close();
    expect(await waiting).toBe(0);
  });

  it('says what keeps it from reading, and that nothing is lost', async () => {
    const thread = threadFor(openSync(folder, constants.O_RDONLY));
    await expect(thread.read(Buffer.alloc(10), 0, 10)).rejects.toThrow(/./);
    expect(thread.isUntouched).toBe(true);
    await thread.close();
  });

  describe('part by part', () => {
    const PART = 5000;
    const RESERVE = 64;

    /** What it gives, up to its end: whole parts, and what was read of others. */
    async function partsOf(
      fd: number,
      offset: number,
      restMs = 0,
    ): Promise<{ whole: Part[]; bytes: Buffer }> {
      const thread = new PipeThread();
      const parts = beginParts(thread, fd, offset, PART, RESERVE, lookAtHeads)!;
      const pieces: Buffer[] = [];
      const whole: Part[] = [];
      const { bytes } = parts.memory;
      for (;;) {
        const part = parts.nextNow(0, 0, false);
        if (part) whole.push(part);
        const count = part ? part.count : await thread.read(bytes, 0, PART);
        if (count === 0) break;
        const at = part ? part.at : 0;
        pieces.push(Buffer.from(bytes.subarray(at, at + count)));
        expect(thread.position).toBe(Buffer.concat(pieces).length);
        parts.release();
        if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      }
      await thread.close();
      return { whole, bytes: Buffer.concat(pieces) };
    }

    const text = sampleText('sysdig/sigstop3.both.txt');

    it.each([
      ['from the start', 0, text],
      ['from an odd place', 3210, text],
      ['that end at the border of a part', 0, text.subarray(0, 40 * PART)],
      ['that end behind it', 4999, text.subarray(0, 40 * PART + 2)],
    ])('gives all bytes %s, full parts with their tables', async (what, offset, content) => {
      writeFileSync(join(folder, 'content'), content);
      const fd = pipeFrom(`parts-${what.replaceAll(' ', '-')}`, 'cat content');
      // Whoever is slow has the thread far enough ahead to look at parts.
      const { whole, bytes } = await partsOf(fd, offset, 2);
      expect(bytes.equals(content)).toBe(true);
      expect(whole.length).toBeGreaterThan(10);
      expect(whole.filter(({ table }) => table).length).toBeGreaterThan(5);
      for (const part of whole)
        expect(part.offset).toBe(
          offset + content.indexOf(bytes.subarray(part.offset - offset, part.offset - offset + PART)),
        );
    });

    it('leaves the look at a part to who waits for it', async () => {
      writeFileSync(join(folder, 'content'), text);
      const fd = pipeFrom('parts-slow', 'head -c 30000 content; sleep 0.3; tail -c +30001 content');
      const { bytes } = await partsOf(fd, 0);
      expect(bytes.equals(text)).toBe(true);
    });

    it('reads on when parts are no longer asked for', async () => {
      writeFileSync(join(folder, 'content'), text);
      const thread = new PipeThread();
      const fd = pipeFrom('parts-given-up', 'cat content');
      const parts = beginParts(thread, fd, 0, PART, RESERVE, lookAtHeads)!;
      const pieces: Buffer[] = [];
      const into = Buffer.alloc(777);
      for (let count = -1; count !== 0; ) {
        count = await thread.read(into, 0, into.length);
        pieces.push(Buffer.from(into.subarray(0, count)));
        if (pieces.length === 9) await parts.close();
      }
      expect(Buffer.concat(pieces).equals(text)).toBe(true);
      await thread.close();
    });
  });
});
