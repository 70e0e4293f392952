/**
 * Recognises strace output and settles its layout. The first line that is trace beyond doubt decides: a prefix
 * with a time and a whole body behind it. Program output, diagnostics and cut lines in front of it are passed
 * over. What a trace without usable times lacks is said in its refusal.
 */
import { ABSENT } from '../../model/event.js';
import { stripSgr } from '../ansi.js';
import type { Format, Sample, Verdict } from '../format.js';
import { sampleLines } from '../sample-lines.js';
import { Words } from '../words.js';
import { StraceDecoder } from './decoder.js';
import { diagnosticAtEnd } from './diagnostics.js';
import type { Layout } from './layout.js';
import { Prefix, type StampKind } from './prefix.js';

/** So many calls without a time prove that the trace has none. */
const UNTIMED_ENOUGH = 8;
/** Longer lines than this are judged by their head and end. */
const JUDGED_MAX = 64 << 10;

const KINDS: readonly StampKind[] = ['epoch', 'time-of-day', 'relative'];
const WHOLE_CALL = /^[A-Za-z_?][\w?]*(?:#\d+)?\(.*\) += (?:\?|-?\d|0x)/s;
const OPEN_CALL =
  /^[A-Za-z_?][\w?]*(?:#\d+)?\(.*<(?:unfinished|detached|pid changed|ptrace\()[^<>]*>(?: ?#\d+)?$/s;
const OPENING = /^[a-z_?][\w?]*\(/;
const RESUMED = /^<\.\.\. [\w?]+[^<>]{0,40} resumed[^<>]{0,40}>/;
const SIGNAL = /^--- (?:SIG|stopped by SIG).* ---$/s;
const END = /^\+\+\+ (?:exited with |killed by |superseded by ).*\+\+\+$/s;
const UNTIMED_PREFIX = /^(?:\[pid +\d{1,7}(?:<[^>]*>)?\] |\d{1,7}(?:<[^>]*>)? +)?(?:\[[^\]]{1,200}\] )*/;

export const strace: Format = {
  name: 'strace',
  detect(sample: Sample): Verdict {
    const lines = linesOf(sample.bytes);
    let untimed = 0;
    for (const [i, line] of lines.entries()) {
      const found = layoutOf(line, sample.path);
      if (found) return decide(found, i + 1, sample.path);
      if (isUntimed(line) && ++untimed >= UNTIMED_ENOUGH) return { kind: 'refused', reason: NO_TIMES };
    }
    if (!sample.complete) return { kind: 'undecided' };
    if (untimed > 0) return { kind: 'refused', reason: NO_TIMES };
    return {
      kind: 'not-mine',
      reason: 'no line like "17:01:20.000000 read(3, "..."..., 4096) = 12 <0.000021>"',
    };
  },
};

const NO_TIMES =
  'strace output without timestamps: no time, no gaps. Record it with: strace -f -ttt -T -o FILE ...';

interface SampleLine {
  readonly bytes: Buffer;
  readonly colored: boolean;
}

function linesOf(bytes: Buffer): SampleLine[] {
  return sampleLines(bytes).map((line) => {
    if (!line.includes('\x1b[')) return { bytes: line, colored: false };
    const plain = Buffer.alloc(line.length);
    return { bytes: plain.subarray(0, stripSgr(line, 0, line.length, plain)), colored: true };
  });
}

/** The layout that this line alone proves. */
function layoutOf(line: SampleLine, path: string | undefined): Layout | undefined {
  for (const kind of KINDS) {
    for (const pidColumn of [true, false]) {
      const prefix = new Prefix(kind, pidColumn, 0, new Words());
      const body = prefix.read(line.bytes, 0, line.bytes.length);
      if (body < 0 || !(isBody(textOf(line, body)) || isBrokenCall(line, body))) continue;
      return {
        kind,
        pidColumn,
        digits: prefix.digits,
        originSeconds: kind === 'epoch' ? BigInt(prefix.seconds) : null,
        color: line.colored,
        names: prefix.commStart >= 0,
        fileTid: pidColumn || prefix.bracketed ? ABSENT : tidOf(path),
      };
    }
  }
  return undefined;
}

function isBody(text: string): boolean {
  return (
    WHOLE_CALL.test(text) || OPEN_CALL.test(text) || RESUMED.test(text) || SIGNAL.test(text) || END.test(text)
  );
}

/** A call that strace's own diagnostic broke off. */
function isBrokenCall(line: SampleLine, body: number): boolean {
  const { bytes } = line;
  return OPENING.test(textOf(line, body)) && diagnosticAtEnd(bytes, body, bytes.length) >= 0;
}

/** A call or an end without any time in front of it. */
function isUntimed(line: SampleLine): boolean {
  const text = textOf(line, 0);
  const body = text.slice(UNTIMED_PREFIX.exec(text)?.[0].length ?? 0);
  return WHOLE_CALL.test(body) || OPEN_CALL.test(body) || RESUMED.test(body) || END.test(body);
}

function textOf(line: SampleLine, from: number): string {
  const { bytes } = line;
  if (bytes.length - from <= JUDGED_MAX) return bytes.toString('latin1', from);
  return (
    bytes.toString('latin1', from, from + JUDGED_MAX / 2) +
    bytes.toString('latin1', bytes.length - JUDGED_MAX / 2)
  );
}

/** The id in the name of a `-ff` part: `trace.1568`. */
function tidOf(path: string | undefined): number {
  const m = /\.(\d{1,7})$/.exec(path ?? '');
  return m ? Number(m[1]) : ABSENT;
}

function decide(found: Layout, line: number, path: string | undefined): Verdict {
  if (found.kind === 'relative' && found.fileTid !== ABSENT) {
    return {
      kind: 'refused',
      reason:
        `strace -ff -r: each time counts from strace's previous line, whatever file that went to, so the times of ${path} ` +
        'alone do not add up. Record it with: strace -ff -ttt -T -o FILE ...',
    };
  }
  return { kind: 'mine', line, open: () => new StraceDecoder(found) };
}
