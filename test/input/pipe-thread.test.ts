import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PipeThread } from '../../src/input/pipe-thread.js';

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

/** Bytes that are nowhere the same: three and a bit times what the ring holds. */
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
    const thread = new PipeThread(pipeFrom(what.replaceAll(' ', '-'), 'cat content'));
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
    const thread = new PipeThread(pipeFrom('trickle', 'printf one; sleep 0.3; printf two; sleep 60'));
    const into = Buffer.alloc(100);
    const first = await thread.read(into, 0, 100);
    const second = await thread.read(into, first, 100);
    expect(into.toString('latin1', 0, first + second)).toBe('onetwo');
    await thread.close();
  });

  it('can be left while it waits', async () => {
    const thread = new PipeThread(pipeFrom('silent', 'sleep 60'));
    const waiting = thread.read(Buffer.alloc(10), 0, 10);
    await thread.close();
    expect(await waiting).toBe(0);
  });

  it('says what keeps it from reading, and that nothing is lost', async () => {
    const thread = new PipeThread(openSync(folder, constants.O_RDONLY));
    await expect(thread.read(Buffer.alloc(10), 0, 10)).rejects.toThrow(/./);
    expect(thread.isUntouched).toBe(true);
    await thread.close();
  });
});
