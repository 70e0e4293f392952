/**
 * A second reading of strace text, slow and by other means (one regular expression, BigInt arithmetic, arguments
 * not parsed at all), to compare the decoder's events with. It knows whole lines, halves, signals and ends.
 */
export interface Reading {
  readonly num: number;
  readonly tid: number | null;
  readonly dir: '>' | '<';
  readonly type: string;
  /** Nanoseconds since the first second of the trace (or midnight); null where the exit's time is not told. */
  readonly ns: bigint | null;
}

const PREFIX =
  /^(?:\[pid +(\d+)(?:<(.*?)>)?\] |(\d{1,7})(?:<(.*?)>)? +(?=[\d([ ]))?(?:\[([^\] ]*:[^\]]*)\] )?(?:(\d\d:\d\d:\d\d|\d{9,})(\.\d+)? )(?:\(\+ *\d+(?:\.\d+)?\) )?(?:\[ *\d+\] )?(?:\[[0-9a-f?]{8,16}\] )?(.*)$/s;

/** A line with the prefix of a timed trace line. */
export function isTraceLine(line: string): boolean {
  return PREFIX.test(line);
}

/** Only lines that stand whole; the numbers of broken ones are given apart. */
export function readTrace(text: string): { readings: Reading[]; broken: Set<number> } {
  const readings: Reading[] = [];
  const broken = new Set<number>();
  let origin: bigint | null = null;
  let day = 0n;
  let before = 0n;
  for (const [index, line] of text.split('\n').entries()) {
    const num = index + 1;
    const m = PREFIX.exec(line);
    if (!m) continue;
    const tid = m[1] ?? m[3];
    const seconds = m[6]!.includes(':')
      ? m[6]!.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
      : BigInt(m[6]!);
    if (m[6]!.includes(':') && before - seconds > 43_200n) day += 86_400n;
    before = seconds;
    origin ??= m[6]!.includes(':') ? 0n : seconds;
    const ns = (seconds - origin + day) * 1_000_000_000n + BigInt((m[7] ?? '.0').slice(1).padEnd(9, '0'));
    const add = (dir: '>' | '<', type: string, at: bigint | null) =>
      readings.push({ num, tid: tid === undefined ? null : Number(tid), dir, type, ns: at });
    const body = m[8]!;
    const duration = / <(\d+)(?:\.(\d+))?>$/.exec(body);
    const t = duration
      ? BigInt(duration[1]!) * 1_000_000_000n + BigInt((duration[2] ?? '').padEnd(9, '0'))
      : null;
    const resumed = /^<\.\.\. (\w+) resumed>.*\) += /s.exec(body);
    const call = /^(\w+)\(/.exec(body);
    if (resumed) add('<', resumed[1]!, ns);
    else if (call && / <(?:unfinished|detached) \.\.\.>$/.test(body)) add('>', call[1]!, ns);
    else if (call && /\) += /.test(body)) {
      add('>', call[1]!, ns);
      add('<', call[1]!, t === null ? null : ns + t);
    } else if (call) broken.add(num);
    else if (/^--- stopped/.test(body)) add('>', 'stopped', ns);
    else if (/^--- SIG/.test(body)) add('>', 'signaldeliver', ns);
    else if (/^\+\+\+ /.test(body)) add('>', 'procexit', ns);
  }
  return { readings, broken };
}
