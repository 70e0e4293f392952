/** The formats, and how one is chosen for a source: by its first lines or bytes, never by its name. */
import { UsageError, type UsageErrorCode } from '../model/problem.js';
import type { FormatName } from '../model/trace.js';
import type { Decoder, Format, Sample } from './format.js';
import { pcap } from './pcap/format.js';
import { strace } from './strace/format.js';
import { sysdig } from './sysdig/format.js';
import { tcpdump } from './tcpdump/format.js';

export const FORMATS: readonly Format[] = [sysdig, strace, tcpdump, pcap];

export interface ChooseOptions {
  readonly format: FormatName | undefined;
  readonly layout: string | undefined;
}

/**
 * The decoder for a source whose first lines are `sample`, or `undecided` while more lines are needed.
 * @throws UsageError when no format takes it, or one takes it but can't use it; `name` is the source's name.
 */
export function chooseDecoder(sample: Sample, options: ChooseOptions, name: string): Decoder | 'undecided' {
  const forced = options.format ?? (options.layout === undefined ? undefined : 'sysdig');
  const named = forced === undefined ? FORMATS : FORMATS.filter((f) => f.name === forced);
  if (named.length === 0) throw unreadable('format', name, `reading ${forced} is not supported yet`);
  const binary = sample.binary ?? false;
  const candidates = named.filter((f) => (f.binary ?? false) === binary);
  if (candidates.length === 0) {
    throw unreadable(
      'format',
      name,
      binary
        ? `is a packet capture, not ${forced} text; leave out ${options.format === undefined ? '--layout' : '--format'}`
        : `is no packet capture: it does not begin with the magic number of pcap or pcapng`,
    );
  }
  const verdicts = candidates.map((format) => ({
    format,
    verdict: format.detect(sample, {
      forced: forced !== undefined,
      layout: options.layout,
    }),
  }));
  const mine = verdicts.flatMap(({ verdict }) => (verdict.kind === 'mine' ? [verdict] : []));
  // The first line that is certain decides, as it would have if no more lines had come yet.
  if (mine.length > 0) return mine.reduce((a, b) => (b.line < a.line ? b : a)).open();
  if (verdicts.some(({ verdict }) => verdict.kind === 'undecided')) return 'undecided';
  for (const { verdict } of verdicts) {
    if (verdict.kind === 'refused') throw unreadable('input', name, verdict.reason);
  }
  if (sample.bytes.length === 0) throw unreadable('input', name, 'it is empty: there is no trace in it');
  const tried = verdicts.map(
    ({ format, verdict }) => `  ${format.name}: ${verdict.kind === 'not-mine' ? verdict.reason : ''}`,
  );
  throw unreadable(
    'format',
    name,
    `its format is not known. Tried:\n${tried.join('\n')}\n  If sysdig printed it with -p, give the same string with --layout.`,
  );
}

function unreadable(code: UsageErrorCode, name: string, reason: string): UsageError {
  return new UsageError(code, `${name}: ${reason}`);
}
