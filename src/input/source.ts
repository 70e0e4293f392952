/**
 * Opens what the user names: a file, a pipe or device, standard input, a Readable. Compression is recognised
 * by the first bytes, in all of them alike; so are binary captures: those of packets are read, those of sysdig
 * refused with the command that turns them into text.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { PCAP_MAGICS, PCAPNG_BYTE_ORDER, PCAPNG_SECTION } from '../model/capture-magic.js';
import { UsageError } from '../model/problem.js';
import { shellWord } from '../model/shell-word.js';
import {
  BufferSource,
  type ByteSource,
  ChunkSource,
  FileSource,
  type SharedFile,
  type SharedPipe,
} from './byte-source.js';
import { BufferHistory, FileHistory, type History, StreamHistory } from './history.js';
import { onDemand } from './on-demand.js';
import { PipeSource } from './pipe-source.js';
import { chunksOf, type Transform, UnpackedSource } from './unpack.js';

export type GapInput = string | Readable | { readonly name: string; readonly stream: Readable };

export interface OpenSource {
  /** As the user named it; `-` for standard input. */
  readonly name: string;
  /** Path of a file, undefined for a stream. */
  readonly path: string | undefined;
  /** A packet capture (pcap, pcapng), which has no lines. */
  readonly binary: boolean;
  readonly bytes: ByteSource;
  readonly history: History;
  /** Sees each decoded byte, where history must be kept as the stream goes by; resolves when more may be read. */
  readonly onBytes: ((bytes: Buffer) => Promise<void> | undefined) | undefined;
  /** Bytes before this offset will not be asked for again. */
  keepFrom(offset: number): void;
  /** Size of the file as stored (compressed, if so), null for a stream. */
  readonly storedSize: number | null;
  /** Blocks will be consumed faster than reads can be handed over. */
  hurry(): void;
  /** Bytes of the stored form read so far. */
  storedRead(): number;
  /** A compressed stream that broke off: what came before is good. */
  failure(): string | null;
  /** What of a stream is no longer held, if anything; null for a file. */
  historyLost(): string | null;
  /** A file that lost bytes since they were read. */
  hasShrunk(): boolean;
  close(): Promise<void>;
}

/** Enough for the magic numbers. */
const MAGIC_BYTES = 32;
/** A section header block with its comments is hardly longer; the block behind it tells whose capture it is. */
const SECTION_BYTES = 64 << 10;

export interface OpenOptions {
  /** Files smaller than so many bytes are read whole and closed again; none unless told. */
  readonly wholeBelow?: number;
  /** Behind so many bytes a thread of its own may read a pipe; none unless told. */
  readonly threadFrom?: number | undefined;
}

/** @throws UsageError when it can't be opened, is a directory, or holds something that is no text. */
export async function openSource(input: GapInput, options: OpenOptions = {}): Promise<OpenSource> {
  if (typeof input === 'string')
    return input === '-' ? openDescriptor(0, '-', undefined, options) : openPath(input, options);
  const [name, stream] = input instanceof Readable ? ['stream', input] : [input.name, input.stream];
  return prepare(name, undefined, new ChunkSource(stream), null, null);
}

function openPath(path: string, options: OpenOptions): Promise<OpenSource> {
  let fd: number;
  try {
    // A FIFO that nobody writes to yet must not hold up an interrupt.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new UsageError('input', `${path}: ${openFailure(error as NodeJS.ErrnoException)}`);
  }
  return openDescriptor(fd, path, path, options);
}

async function openDescriptor(
  fd: number,
  name: string,
  path: string | undefined,
  { wholeBelow = 0, threadFrom = Number.POSITIVE_INFINITY }: OpenOptions,
): Promise<OpenSource> {
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    if (path !== undefined) closeSync(fd);
    throw new UsageError('input', `${name}: is a directory; name the trace files in it`);
  }
  if (stat.isFile() && stat.size < wholeBelow) {
    const content = readFileSync(fd);
    closeSync(fd);
    return prepare(name, path, new BufferSource(content), new BufferHistory(content), content.length);
  }
  const seekable = stat.isFile() && path !== undefined;
  if (stat.isFIFO() || stat.isSocket())
    return prepare(name, path, new PipeSource(fd, threadFrom), null, null);
  const source = new FileSource(fd, seekable, path !== undefined, seekable ? stat.size : 0);
  return prepare(
    name,
    path,
    source,
    seekable ? new FileHistory(fd, source) : null,
    seekable ? stat.size : null,
  );
}

function openFailure(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'no such file';
  if (error.code === 'EACCES') return 'no permission to read it';
  return `can't be opened (${error.code ?? error.message})`;
}

/** Reads the first bytes and puts the decompressor that they ask for in between. */
async function prepare(
  name: string,
  path: string | undefined,
  raw: ByteSource,
  plainHistory: History | null,
  size: number | null,
): Promise<OpenSource> {
  const counted = new CountedSource(raw);
  let bytes = counted;
  try {
    const head = await counted.peek(MAGIC_BYTES);
    const inflate = decompressor(head, name);
    if (inflate) bytes = new InflatedSource(inflate(counted));
    const binary = await isCapture(bytes, inflate ? await bytes.peek(MAGIC_BYTES) : head, name);
    const history = inflate ? null : plainHistory;
    return opened(name, path, binary, bytes, counted, history ?? new StreamHistory(), size);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

function opened(
  name: string,
  path: string | undefined,
  binary: boolean,
  bytes: ByteSource,
  stored: CountedSource,
  history: History,
  storedSize: number | null,
): OpenSource {
  return {
    name,
    path,
    binary,
    bytes,
    history,
    onBytes: history instanceof StreamHistory ? (chunk) => history.append(chunk) : undefined,
    storedSize,
    keepFrom(offset) {
      if (history instanceof StreamHistory) history.needFrom = offset;
    },
    hurry: () => stored.hurry(),
    storedRead: () => stored.count,
    failure: () => (bytes instanceof InflatedSource ? bytes.failure : null),
    historyLost: () => history.lost,
    hasShrunk: () => history instanceof FileHistory && history.shrunk,
    async close() {
      await bytes.close();
      await history.close();
    },
  };
}

/** Counts what is read, and can look ahead. */
class CountedSource implements ByteSource {
  private fetched = 0;
  private ahead: Buffer = Buffer.alloc(0);

  constructor(protected readonly inner: ByteSource) {}

  /** Bytes read so far, by whomever. */
  get count(): number {
    return this.inner.file?.position ?? this.inner.pipe?.position ?? this.fetched;
  }

  /** null before all that was looked at ahead has been read. */
  get file(): SharedFile | null {
    return this.ahead.length > 0 ? null : (this.inner.file ?? null);
  }

  /** As `file`. */
  get pipe(): SharedPipe | null {
    return this.ahead.length > 0 ? null : (this.inner.pipe ?? null);
  }

  /** The first bytes, up to `length`, which will be read again. */
  async peek(length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    let have = this.ahead.copy(bytes);
    while (have < length) {
      const n = await this.fetch(bytes, have, length - have);
      if (n === 0) break;
      have += n;
    }
    this.ahead = bytes.subarray(0, have);
    return this.ahead;
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    if (this.ahead.length > 0) {
      const n = Math.min(length, this.ahead.length);
      this.ahead.copy(into, at, 0, n);
      this.ahead = this.ahead.subarray(n);
      return n;
    }
    return this.fetch(into, at, length);
  }

  /** A small file, all of which is in memory. */
  get isWhole(): boolean {
    return this.inner instanceof BufferSource;
  }

  /** The bytes from the start once more; null where there is no going back. */
  again(): ByteSource | null {
    const { inner } = this;
    return inner instanceof FileSource || inner instanceof BufferSource ? inner.again() : null;
  }

  hurry(): void {
    if (this.inner instanceof FileSource) this.inner.onTheSpot = true;
  }

  protected async fetch(into: Buffer, at: number, length: number): Promise<number> {
    const n = await this.inner.read(into, at, length);
    this.fetched += n;
    return n;
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** What a compressed source holds. */
class InflatedSource extends CountedSource {
  constructor(protected override readonly inner: Unpacking) {
    super(inner);
  }

  /** Why the stream broke off; what came before is good. */
  get failure(): string | null {
    return this.inner.failure;
  }
}

/** Unpacked bytes; closing closes the packed source, too. */
type Unpacking = ByteSource & { readonly failure: string | null };
type Decompress = (stored: CountedSource) => Unpacking;

const zlib = (): typeof import('node:zlib') => onDemand('node:zlib');

function startsWith(head: Buffer, ...bytes: number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}

function decompressor(head: Buffer, name: string): Decompress | null {
  if (startsWith(head, 0x1f, 0x8b)) return unpacked((chunkSize) => zlib().createGunzip({ chunkSize }));
  if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) return unpacked(zstd(name));
  if (startsWith(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) return (stored) => new XzSource(stored);
  if (startsWith(head, 0x42, 0x5a, 0x68)) {
    throw new UsageError('input', `${name}: is bzip2-compressed; use: bzip2 -dc ${quoted(name)} | sysgap`);
  }
  return null;
}

function unpacked(create: (chunkSize: number) => Transform): Decompress {
  return (stored) => new UnpackedSource(stored, create, stored.isWhole);
}

/** By xz-decompress, loaded when it is needed. A stream that breaks off ends there. */
class XzSource extends ChunkSource implements Unpacking {
  failure: string | null = null;

  constructor(private readonly stored: CountedSource) {
    super(untilBroken(unxz(stored), (reason) => (this.failure = reason)));
  }

  override async close(): Promise<void> {
    await this.stored.close();
    await super.close();
  }
}

async function* unxz(stored: CountedSource): AsyncGenerator<Uint8Array> {
  // CommonJS, bundled so that Node does not see its names.
  const { XzReadableStream } = onDemand<typeof import('xz-decompress')>('xz-decompress');
  yield* new XzReadableStream(
    Readable.toWeb(Readable.from(chunksOf(stored))) as ReadableStream<Uint8Array>,
  ) as AsyncIterable<Uint8Array>;
}

async function* untilBroken(
  chunks: AsyncIterable<Uint8Array>,
  failed: (reason: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    failed((error as Error).message);
  }
}

function zstd(name: string): (chunkSize: number) => Transform {
  const create = (zlib() as unknown as { createZstdDecompress?: (options: object) => Transform })
    .createZstdDecompress;
  if (create) return (chunkSize) => create({ chunkSize });
  throw new UsageError(
    'input',
    `${name}: is zstd-compressed, which Node ${process.versions.node} can't read (22.15 and 23.8 on can); use: zstd -dc ${quoted(name)} | sysgap`,
  );
}

/** Whether these are the first bytes of a packet capture: twelve are enough. A .scap is not told from a pcapng. */
export function isPacketCapture(head: Buffer): boolean {
  if (head.length < 4) return false;
  if (PCAP_MAGICS.includes(head.readUInt32BE(0)) || PCAP_MAGICS.includes(head.readUInt32LE(0))) return true;
  if (!isSection(head) || head.length < 12) return false;
  return head.readUInt32LE(8) === PCAPNG_BYTE_ORDER || head.readUInt32BE(8) === PCAPNG_BYTE_ORDER;
}

function isSection(head: Buffer): boolean {
  return head.readUInt32BE(0) === PCAPNG_SECTION;
}

/**
 * Whether the source is a packet capture; `head` are its first bytes.
 * @throws UsageError for what is neither that nor text, with the command that makes text of it.
 */
async function isCapture(source: CountedSource, head: Buffer, name: string): Promise<boolean> {
  if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff))
    throw unread('UTF-16 text', `iconv -f UTF-16 -t UTF-8 ${quoted(name)}`, name);
  if (!isPacketCapture(head)) return false;
  if (!isSection(head)) return true;
  const little = head.readUInt32LE(8) === PCAPNG_BYTE_ORDER;
  // Both are sections; that of a .scap goes on with a block of sysdig's own.
  const length = little ? head.readUInt32LE(4) : head.readUInt32BE(4);
  const section = await source.peek(Math.max(MAGIC_BYTES, Math.min(length, SECTION_BYTES) + 4));
  if (section.length < length + 4) return true;
  const next = little ? section.readUInt32LE(length) : section.readUInt32BE(length);
  if (next >= FIRST_SYSDIG && next <= LAST_SYSDIG)
    throw unread('a sysdig capture (.scap)', `sysdig -r ${quoted(name)}`, name);
  return true;
}

const FIRST_SYSDIG = 0x201;
const LAST_SYSDIG = 0x222;

function unread(what: string, command: string, name: string): UsageError {
  return new UsageError('format', `${name}: is ${what}, which is not read yet; use: ${command} | sysgap`);
}

/** A file name as a shell takes it, for the commands in messages. */
function quoted(name: string): string {
  return name === '-' ? 'FILE' : shellWord(name);
}
