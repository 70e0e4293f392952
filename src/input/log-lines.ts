/**
 * A side log's lines, one string each, by readline-transform: gzip, xz and zstd, files and pipes alike. Lines end
 * with a line feed, with or without a carriage return; the last one may have no end.
 */
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { UsageError } from '../model/problem.js';
import { onDemand } from './on-demand.js';
import type { OpenSource } from './source.js';

const READ_SIZE = 64 << 10;
/** Beyond this a line is taken to have no end, as that of /dev/zero has none. */
const ENDLESS = 64 << 20;
const NEWLINE = 10;

/**
 * The lines of an opened source; a line longer than `longest` bytes is cut there. Ends where reading fails, and in a
 * line of more than 64 MiB; `onFailure` is told why.
 * @throws UsageError where the first line is one as long.
 */
export async function* logLines(
  opened: OpenSource,
  onFailure: (reason: string) => void,
  longest = READ_SIZE,
): AsyncGenerator<string, void, undefined> {
  const ReadlineTransform = onDemand<typeof import('readline-transform')>('readline-transform');
  let isEndless = false;
  const onEndless = (lines: number): void => {
    isEndless = lines === 0;
    onFailure('a line is longer than 64 MiB');
  };
  const text = Readable.from(textOf(opened, longest, onFailure, onEndless));
  try {
    for await (const line of text.pipe(new ReadlineTransform())) yield line as string;
  } finally {
    text.destroy();
  }
  if (isEndless)
    throw new UsageError(
      'input',
      `${opened.name}: its first line does not end within 64 MiB, so it is no log`,
    );
  const broken = opened.failure();
  if (broken !== null) onFailure(broken);
}

/**
 * What readline-transform is given: text, since a chunk's end may cut a character in two, and of a line no more
 * than `longest` bytes, since it searches all that it has of a line again with each chunk.
 */
async function* textOf(
  opened: OpenSource,
  longest: number,
  onFailure: (reason: string) => void,
  onEndless: (lines: number) => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(READ_SIZE);
  let lineLength = 0;
  let lines = 0;
  /** Bytes of the line that is under way, also of what is not kept of it. */
  let lineBytes = 0;
  while (lineBytes <= ENDLESS) {
    let count = 0;
    try {
      count = await opened.bytes.read(chunk, 0, READ_SIZE);
    } catch (error) {
      onFailure((error as Error).message);
    }
    if (count === 0) break;
    let kept = 0;
    for (let from = 0; from < count; ) {
      const newline = chunk.subarray(0, count).indexOf(NEWLINE, from);
      const end = newline < 0 ? count : newline;
      const taken = Math.min(end - from, longest - lineLength);
      chunk.copy(chunk, kept, from, from + taken);
      kept += taken;
      lineLength += taken;
      if (newline >= 0) {
        chunk[kept++] = NEWLINE;
        lineLength = 0;
        lineBytes = 0;
        lines++;
      } else lineBytes += end - from;
      from = end + 1;
    }
    yield decoder.write(chunk.subarray(0, kept));
  }
  if (lineBytes > ENDLESS) onEndless(lines);
  yield decoder.end();
}
