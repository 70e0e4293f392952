/**
 * Where the trace holds exits only: time off CPU waits for the exit that explains it. It is one time as long as
 * the thread runs for moments only in between (a tracer's stops, a wait that looks again); a longer run ends it,
 * and then it belongs to no call.
 */
import type { Piece } from './call-span.js';

/** On a CPU for so long between a switch-in and an exit, the thread still was in the call it came back from. */
export const MOMENT_NS = 500e3;

export interface Tail {
  readonly fromNs: number;
  onNs: number;
  offNs: number;
  backNs: number;
  leftToIdle: boolean;
  readonly pieces: Piece[];
}

export class HeldTime {
  tail: Tail | null = null;

  /** @param listedNs shorter pieces are not kept; @param release takes pieces that belong to no call. */
  constructor(
    private readonly listedNs: number,
    private readonly release: (piece: Piece) => void,
  ) {}

  add(piece: Piece, ns: number): void {
    const { tail } = this;
    if (piece.state === 'off-cpu') {
      if (tail) {
        tail.offNs += ns;
        tail.leftToIdle ||= piece.next === 0;
        if (ns >= this.listedNs) tail.pieces.push(piece);
      } else {
        this.tail = {
          fromNs: piece.fromNs,
          onNs: 0,
          offNs: ns,
          backNs: piece.toNs,
          leftToIdle: piece.next === 0,
          pieces: ns >= this.listedNs ? [piece] : [],
        };
      }
    } else if (tail && ns <= MOMENT_NS) tail.onNs += ns;
    else {
      this.drop(null);
      this.release(piece);
    }
  }

  /** The thread is switched in. */
  returns(timeNs: number): void {
    if (this.tail) this.tail.backNs = timeNs;
  }

  /** A call's exit explains the time. */
  take(): void {
    this.tail = null;
  }

  /** It belongs to no call. */
  drop(endedBy: string | null): void {
    for (const piece of this.tail?.pieces ?? []) this.release({ ...piece, endedBy });
    this.tail = null;
  }
}
