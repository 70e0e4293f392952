/**
 * The stream adapter, for people who have a Node pipeline: bytes or lines in, events out. Packet captures come as
 * bytes.
 *
 *     source.pipe(new ReadlineTransform()).pipe(parseEvents({ format: 'strace' }))
 *     source.pipe(parseEvents({ format: 'pcap' }))
 */
import { Transform, type TransformCallback } from 'node:stream';
import type { Decoder } from './formats/format.js';
import { chooseDecoder } from './formats/registry.js';
import { blockOfBytes, blockOfLines } from './input/blocks.js';
import { isPacketCapture } from './input/source.js';
import { type EventRecord, EventView, toRecord } from './model/event.js';
import type { FormatName } from './model/trace.js';

export interface ParseOptions {
  /** Default: recognised by the first lines, or bytes. */
  readonly format?: FormatName;
  /** The `-p` string a sysdig text was printed with. */
  readonly layout?: string;
  /**
   * Each chunk is one line without its end, as ReadlineTransform gives them. Default: true for strings, false
   * for Buffers.
   */
  readonly lines?: boolean;
}

const NEWLINE = 10;
const SAMPLE_BYTES = 64 << 10;

/** A Transform from trace text to `EventRecord`s. It fails with a UsageError when no format takes the text. */
export function parseEvents(options: ParseOptions = {}): Transform {
  return new EventParser(options);
}

class EventParser extends Transform {
  private decoder: Decoder | null = null;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** So many bytes must come before what could not be decoded is tried again. */
  private enough = 0;
  private carry: Buffer = Buffer.alloc(0);
  /** It is a packet capture; null while too few bytes have come to tell. */
  private binary: boolean | null = null;
  /** Bytes to come that belong to no packet. */
  private passing = 0;
  private offset = 0;
  private line = 1;
  private readonly event = new EventView();

  constructor(private readonly options: ParseOptions) {
    super({ readableObjectMode: true, writableObjectMode: true, decodeStrings: false });
  }

  override _transform(chunk: string | Uint8Array, _encoding: string, done: TransformCallback): void {
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk)
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length + 1;
    const isLine = this.options.lines ?? typeof chunk === 'string';
    if (isLine) this.waiting.push(Buffer.of(NEWLINE));
    this.binary ??= isLine ? false : startsBinary(this.waiting);
    if (
      this.binary !== null &&
      this.waitingBytes > this.enough &&
      (isLine || this.binary || bytes.includes(NEWLINE))
    )
      this.attempt(false, done);
    else done();
  }

  override _flush(done: TransformCallback): void {
    this.attempt(true, done);
  }

  private attempt(final: boolean, done: TransformCallback): void {
    try {
      this.decode(final);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  private decode(final: boolean): void {
    const bytes = Buffer.concat([this.carry, ...this.waiting]);
    this.waiting = [];
    this.waitingBytes = 0;
    if (this.passing > 0) {
      this.passOver(bytes, final);
      return;
    }
    const binary = this.binary ?? false;
    const block = binary
      ? blockOfBytes(bytes, 0, bytes.length, this.offset, this.line, final)
      : blockOfLines(bytes, this.offset, this.line, final);
    if (!this.decoder) {
      const whole = final || binary ? bytes : bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
      if (whole.length === 0 && final) return;
      const complete = final || whole.length >= SAMPLE_BYTES;
      const chosen = chooseDecoder(
        { bytes: whole, binary, complete, path: undefined },
        { format: this.options.format, layout: this.options.layout },
        'stream',
      );
      if (chosen === 'undecided') {
        this.carry = bytes;
        this.enough = bytes.length;
        return;
      }
      this.decoder = chosen;
    }
    const { decoder, event } = this;
    decoder.open(block);
    while (decoder.next(event)) {
      decoder.spell(event);
      this.push(toRecord(event, decoder.timeText(event)) satisfies EventRecord);
    }
    const consumed = Math.min(decoder.consumed, bytes.length);
    if (decoder.nextNumber !== null) {
      this.passing = decoder.consumed - consumed;
      this.line = decoder.nextNumber;
      this.offset += consumed;
      this.carry = bytes.subarray(consumed);
      return;
    }
    let lines = 0;
    while (lines < block.count && block.ends[lines]! < consumed) lines++;
    this.line += lines;
    this.offset += consumed;
    this.carry = bytes.subarray(consumed);
    // Lines that wait for their continuation are not tried again at each line.
    this.enough = this.carry.includes(NEWLINE) ? this.carry.length : 0;
  }

  private passOver(bytes: Buffer, final: boolean): void {
    const passed = Math.min(this.passing, bytes.length);
    this.passing -= passed;
    this.offset += passed;
    this.carry = bytes.subarray(passed);
    if (this.carry.length > 0) this.decode(final);
  }
}

/** null while too few bytes have come. */
function startsBinary(chunks: readonly Buffer[]): boolean | null {
  const head = Buffer.concat(chunks).subarray(0, 12);
  return head.length < 12 ? null : isPacketCapture(head);
}
