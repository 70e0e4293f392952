/**
 * What a damaged compressed stream gives up to the damage. zlib's transforms drop all that they made of the
 * chunk in which they met it; here the stream is unpacked once more, and near the damage byte by byte.
 */

/** One of zlib's transforms. */
export interface Unpacker {
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
  on(event: 'data', seen: (bytes: Buffer) => void): unknown;
  on(event: 'error', seen: (error: Error) => void): unknown;
  destroy(): unknown;
}

export interface Salvaged {
  /** Unpacked bytes that the reader doesn't have yet. */
  readonly bytes: Buffer[];
  /** Packed bytes before the one at which the damage shows. */
  readonly good: number;
}

/** Of a stream without end not more is searched. */
const SEARCHED = 1 << 20;
/** Bytes between which the damage is looked for at first. */
const COARSE = 4 << 10;

/**
 * `packed`: the stream from its start; `whole`: so many of its bytes went through without error; `had`: so many
 * unpacked bytes the reader has. Memory is that of what a chunk unpacks to.
 */
export async function salvage(
  create: () => Unpacker,
  packed: () => AsyncIterable<Uint8Array>,
  whole: number,
  had: number,
): Promise<Salvaged> {
  const { failed, good } = await unpack(create(), packed(), whole, had, COARSE);
  return unpack(create(), packed(), good, had, failed ? 1 : COARSE);
}

/** Unpacks up to the damage, from `whole` on in steps of so many bytes. */
async function unpack(
  unpacker: Unpacker,
  packed: AsyncIterable<Uint8Array>,
  whole: number,
  had: number,
  step: number,
): Promise<Salvaged & { failed: boolean }> {
  const bytes: Buffer[] = [];
  let skip = had;
  let good = 0;
  let failed = false;
  let resume = (): void => {};
  unpacker.on('error', () => {
    failed = true;
    resume();
  });
  unpacker.on('data', (chunk) => {
    if (chunk.length > skip) bytes.push(chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
  });
  const feed = (part: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      resume = resolve;
      unpacker.write(part, () => resolve());
    });
  search: for await (const chunk of packed) {
    const sure = Math.max(0, Math.min(chunk.length, whole - good));
    if (sure > 0) {
      await feed(chunk.subarray(0, sure));
      if (failed) break;
      good += sure;
    }
    for (let at = sure; at < chunk.length; at += step) {
      if (good >= whole + SEARCHED) break search;
      const part = chunk.subarray(at, at + step);
      await feed(part);
      if (failed) break search;
      good += part.length;
    }
  }
  unpacker.destroy();
  return { bytes, good, failed };
}
