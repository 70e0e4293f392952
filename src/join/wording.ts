/** What another source shows during a gap, in a sentence that tells "not sent" and "lost" apart where it can. */
import { plural } from '../model/count.js';
import { shortDuration } from '../model/duration.js';

/** Whether a source records what a host sends, or what is on the wire. */
export type Kind = 'calls' | 'packets';

export interface Sighted {
  /** The source that the gap is in, and its kind. */
  readonly gapName: string;
  readonly gapKind: Kind;
  readonly name: string;
  readonly kind: Kind;
  /** It has events on both sides of the gap, so that silence there is one. */
  readonly covers: boolean;
  /** Their clocks were compared. */
  readonly clocksKnown: boolean;
  readonly events: number;
  /** Times in print. */
  readonly silentFrom: string;
  readonly silentTo: string;
  readonly silentNs: number;
  /** Null where nothing can be compared. */
  readonly same: {
    readonly sender: string;
    readonly count: number;
    /** The first and last of them, in print. */
    readonly first: string;
    readonly last: string;
    /** Adverts of others meanwhile. */
    readonly others: number;
  } | null;
}

export function summarise(seen: Sighted): string {
  const { same, name, kind, gapKind, gapName, silentFrom, silentTo, covers } = seen;
  if (same === null) return inGeneral(seen);
  const { sender, count, first, last, others } = same;
  const doubt = seen.clocksKnown ? '' : ', if the clocks agree';
  const meanwhile = others === 0 ? '' : `; ${plural(others, 'advert')} of others meanwhile`;
  const where = kind === 'packets' ? `on the wire at ${name}` : name;
  if (count === 0) {
    const silence = `${where}: ${kind === 'packets' ? `no advert of ${sender}` : 'no advert sent'} from ${silentFrom} to ${silentTo}`;
    if (!covers) return `${silence}, but it does not cover the gap${meanwhile}`;
    const verdict =
      kind === 'packets' && gapKind === 'packets'
        ? 'it was not sent, or was lost before both'
        : 'it was not sent';
    return `${silence} either: ${verdict}${doubt}${meanwhile}`;
  }
  const when = count === 1 ? `at ${first}` : `from ${first} to ${last}`;
  if (kind === 'calls')
    return `${where}: ${plural(count, 'advert')} sent ${when}: lost on the way to ${gapName}${doubt}${meanwhile}`;
  const verdict =
    gapKind === 'packets'
      ? `sent, and lost on the way to ${gapName}`
      : `sent, though ${gapName} does not show the calls`;
  return `${where}: ${plural(count, 'advert')} of ${sender} ${when}: ${verdict}${doubt}${meanwhile}`;
}

function inGeneral({ name, kind, events, silentFrom, silentTo, silentNs, covers }: Sighted): string {
  const what = kind === 'packets' ? 'packet' : 'event';
  const part = covers ? '' : ', but it does not cover the gap';
  if (events === 0) return `${name}: no ${what} from ${silentFrom} to ${silentTo}${part}`;
  return `${name}: ${plural(events, what)} meanwhile, the longest silence ${shortDuration(silentNs)} from ${silentFrom} to ${silentTo}${part}`;
}
