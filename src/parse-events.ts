/**
 * The stream adapter, for people who have a Node pipeline: bytes or lines in, events out.
 *
 *     source.pipe(new ReadlineTransform()).pipe(parseEvents({ format: 'strace' }))
 */
import { Transform, type TransformCallback } from 'node:stream';
import type { Decoder } from './formats/format.js';
import { chooseDecoder } from './formats/registry.js';
import { blockOfLines } from './input/blocks.js';
import { type EventRecord, EventView, toRecord } from './model/event.js';
import type { FormatName } from './model/trace.js';

export interface ParseOptions {
  /** Default: recognised by the first lines. */
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
    if (this.waitingBytes > this.enough && (isLine || bytes.includes(NEWLINE))) this.attempt(false, done);
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
    const block = blockOfLines(bytes, this.offset, this.line, final);
    if (!this.decoder) {
      const whole = final ? bytes : bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
      if (whole.length === 0 && final) return;
      const complete = final || whole.length >= SAMPLE_BYTES;
      const chosen = chooseDecoder(
        { bytes: whole, complete, path: undefined },
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
    while (decoder.next(event)) this.push(toRecord(event, decoder.timeText(event)) satisfies EventRecord);
    const consumed = Math.min(decoder.consumed, bytes.length);
    let lines = 0;
    while (lines < block.count && block.ends[lines]! < consumed) lines++;
    this.line += lines;
    this.offset += consumed;
    this.carry = bytes.subarray(consumed);
    // Lines that wait for their continuation are not tried again at each line.
    this.enough = this.carry.includes(NEWLINE) ? this.carry.length : 0;
  }
}
