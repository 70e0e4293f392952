/** What stays the same through one strace output: decided once, from its first line with a time. */
import type { Timebase } from '../../model/trace.js';
import type { Words } from '../words.js';
import { Prefix, type StampKind } from './prefix.js';

export interface Layout {
  readonly kind: StampKind;
  /** `27329 ` in front of every line (`-f -o FILE`); else `[pid N]` where there is more than one thread. */
  readonly pidColumn: boolean;
  /** Digits of the stamp's fraction. */
  readonly digits: number;
  /** Whole seconds of the first stamp (`-ttt`); null for other kinds. */
  readonly originSeconds: bigint | null;
  /** --color: every line holds SGR escapes. */
  readonly color: boolean;
  /** -Y: the sample's lines show the thread's name. */
  readonly names: boolean;
  /** Thread id from the name of a `-ff` part; ABSENT else. */
  readonly fileTid: number;
}

export function prefixOf(layout: Layout, words: Words): Prefix {
  return new Prefix(layout.kind, layout.pidColumn, Number(layout.originSeconds ?? 0n), words);
}

export function timebaseOf(layout: Layout): Timebase {
  return {
    kind: layout.kind,
    originSeconds: layout.originSeconds,
    resolutionNs: 10 ** (9 - layout.digits),
  };
}
