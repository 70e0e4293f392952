/** A map from byte strings to values that is asked with a range of a buffer: no string is made. */
import { sameBytes } from '../model/bytes.js';

export class ByteTable<T> {
  private readonly buckets = new Map<number, { readonly key: Buffer; readonly value: T }[]>();
  size = 0;

  set(key: Buffer, value: T): void {
    const hash = hashRange(key, 0, key.length);
    const bucket = this.buckets.get(hash);
    const entry = { key, value };
    if (bucket === undefined) this.buckets.set(hash, [entry]);
    else {
      const i = bucket.findIndex((other) => other.key.equals(key));
      if (i >= 0) {
        bucket[i] = entry;
        return;
      }
      bucket.push(entry);
    }
    this.size++;
  }

  get(bytes: Buffer, start: number, end: number): T | undefined {
    const bucket = this.buckets.get(hashRange(bytes, start, end));
    if (bucket === undefined) return undefined;
    for (const entry of bucket) {
      if (sameBytes(entry.key, bytes, start, end)) return entry.value;
    }
    return undefined;
  }

  clear(): void {
    this.buckets.clear();
    this.size = 0;
  }
}

function hashRange(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

/** Most names a trace has; more than this are not kept. */
const KEPT = 4096;

/** Strings of byte ranges that come again and again (process names, event types). */
export class NameCache {
  private readonly names = new ByteTable<string>();

  constructor(private readonly encoding: 'utf8' | 'latin1') {}

  get(bytes: Buffer, start: number, end: number): string {
    const known = this.names.get(bytes, start, end);
    if (known !== undefined) return known;
    if (this.names.size >= KEPT) this.names.clear();
    const name = bytes.toString(this.encoding, start, end);
    this.names.set(Buffer.from(bytes.subarray(start, end)), name);
    return name;
  }
}
