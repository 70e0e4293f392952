/** Unpacking ahead of the reader: all bytes in order, not too far ahead, and an end that comes in any case. */
import { createGunzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../src/input/byte-source.js';
import { type PackedSource, UnpackedSource } from '../../src/input/unpack.js';

const MIB = 1 << 20;
const gunzip = (chunkSize: number) => createGunzip({ chunkSize });

/** Bytes that hardly pack. */
function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** `failing`: reading ends with an error instead. */
class Packed implements PackedSource {
  given = 0;
  closed = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly failing: string | null = null,
  ) {}

  async read(into: Buffer, at: number, length: number): Promise<number> {
    const count = this.bytes.copy(into, at, this.given, this.given + length);
    if (count === 0 && this.failing !== null) throw new Error(this.failing);
    this.given += count;
    return count;
  }

  again(): BufferSource {
    return new BufferSource(this.bytes);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

async function readAll(source: UnpackedSource, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const into = Buffer.alloc(length + 1, 0xee);
    const count = await source.read(into, 1, length);
    expect(into[0]).toBe(0xee);
    if (count === 0) return Buffer.concat(parts);
    parts.push(into.subarray(1, 1 + count));
  }
}

const idle = () => new Promise((resolve) => setTimeout(resolve, 300));

describe('unpacked ahead', { timeout: 60_000 }, () => {
  it.each([
    [1000, false],
    [256 << 10, false],
    [256 << 10, true],
    [3 * MIB, false],
  ])('gives all bytes in order, %i at a time, of a small file: %s', async (length, isSmall) => {
    const bytes = noise(5 * MIB + 17);
    const text = Buffer.from('a line of a trace\n'.repeat(300_000));
    const whole = Buffer.concat([text, bytes, text]);
    const packed = new Packed(Buffer.concat([gzipSync(text), gzipSync(bytes), gzipSync(text)]));
    const source = new UnpackedSource(packed, gunzip, isSmall);
    expect((await readAll(source, length)).equals(whole)).toBe(true);
    expect(source.failure).toBeNull();
    await source.close();
    expect(packed.closed).toBe(true);
  });

  it('waits for a reader that is busy, and goes on with it', async () => {
    const bytes = noise(40 * MIB);
    const packed = new Packed(gzipSync(bytes, { level: 1 }));
    const source = new UnpackedSource(packed, gunzip);
    let before = -1;
    while (packed.given !== before) {
      before = packed.given;
      await idle();
    }
    expect(packed.given).toBeGreaterThan(8 * MIB);
    expect(packed.given).toBeLessThan(24 * MIB);
    expect((await readAll(source, 256 << 10)).equals(bytes)).toBe(true);
    await source.close();
  });

  it('tells why reading failed when all that was read before is given', async () => {
    const bytes = noise(3 * MIB);
    const source = new UnpackedSource(
      new Packed(gzipSync(bytes).subarray(0, 2 * MIB), 'the disk is gone'),
      gunzip,
    );
    const into = Buffer.alloc(MIB);
    expect(await source.read(into, 0, MIB)).toBeGreaterThan(0);
    await idle();
    expect(source.failure).toBeNull();
    const rest = await readAll(source, MIB);
    expect(rest.length).toBeGreaterThan(MIB / 2);
    expect(source.failure).toBe('the disk is gone');
    await source.close();
  });

  it('gives what came before damage to the very byte, however far ahead it was met', async () => {
    const bytes = noise(2 * MIB);
    const first = gzipSync(bytes);
    const source = new UnpackedSource(
      new Packed(Buffer.concat([first, Buffer.from('garbage'), noise(MIB)])),
      gunzip,
    );
    await idle();
    expect(source.failure).toBeNull();
    expect((await readAll(source, 100_000)).equals(bytes)).toBe(true);
    expect(source.failure).toBe(
      `incorrect header check, found at byte ${first.length + 1} of the packed data`,
    );
    await source.close();
  });

  it('is closed while its reader waits', async () => {
    const waits = new Packed(Buffer.alloc(0));
    waits.read = () => new Promise(() => undefined);
    const source = new UnpackedSource(waits, gunzip);
    const reading = source.read(Buffer.alloc(10), 0, 10);
    await source.close();
    expect(await reading).toBe(0);
    expect(await source.read(Buffer.alloc(10), 0, 10)).toBe(0);
  });
});
