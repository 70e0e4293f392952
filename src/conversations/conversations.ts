/**
 * All conversations of a run: a bounded number of them under way, the longest of those that are over, and the
 * totals of all. Memory: up to 10,000 under way and 1,000 closed ones that another holder of the descriptor may
 * still use, at most 7 KiB each, and twice `top` that are over.
 */
import type { Conversation, ConversationEnd, ConversationTotals, Side } from '../model/conversations.js';
import { oldestKeys } from '../model/oldest.js';
import { ConversationState } from './conversation.js';
import type { Moment, Step } from './step.js';
import { Waits } from './waits.js';
import { totalsVerdict } from './wording.js';

/** Under way at once. */
export const MOST_HELD = 10_000;
const CLOSED_HELD = 1000;
const SIDES: readonly Side[] = ['client', 'server', 'this process', 'peer'];

export interface ConversationLimits {
  /** So many are reported. */
  readonly top: number;
  readonly held?: number;
}

export class Conversations {
  /** The least recently used first. */
  private readonly live = new Map<string, ConversationState>();
  private readonly closed = new Map<string, ConversationState>();
  private readonly best: ConversationState[] = [];
  private readonly sums = new Map<Side, Waits>();
  private readonly top: number;
  private readonly held: number;
  private found = 0;
  private answered = 0;
  private withoutData = 0;
  private unanswered = 0;
  private durationNs = 0;
  /** Conversations that were let go while under way, for want of room. */
  letGo = 0;

  constructor({ top, held = MOST_HELD }: ConversationLimits) {
    this.top = top;
    this.held = held;
  }

  /** Takes the next step; steps come in order of time. */
  see(step: Step): void {
    const { key } = step.of;
    const known = this.live.get(key);
    switch (step.kind) {
      case 'data': {
        const conversation = known ?? this.reopened(key) ?? new ConversationState(step);
        conversation.data(step, this.onWait);
        this.hold(key, conversation);
        return;
      }
      case 'open':
        // The same request once more, since nothing answered it.
        if (known !== undefined && !known.hasData && step.of.kind === 'packets') return;
        if (known !== undefined) this.drop(key, known, known.lastNs, 'closed');
        this.dropClosed(key);
        this.hold(key, new ConversationState(step));
        return;
      case 'accepted':
        known?.accepted(step.at.ns);
        return;
      case 'end':
        if (known === undefined || !known.end(step.side, step.how, step.at.ns)) return;
        this.live.delete(key);
        if (step.of.isUnique) this.holdClosed(key, known);
        else this.settle(known);
    }
  }

  /** No interval goes on from here. */
  restart(): void {
    for (const [key, conversation] of this.live) this.drop(key, conversation, conversation.lastNs, 'clock');
    for (const key of this.closed.keys()) this.dropClosed(key);
  }

  /** The trace, or the stretch of it that is looked at, ends at `endNs`. */
  finish(endNs: number): void {
    for (const [key, conversation] of this.live)
      this.drop(key, conversation, Math.max(endNs, conversation.lastNs), 'trace');
    for (const key of this.closed.keys()) this.dropClosed(key);
  }

  /** The longest, once finished. */
  longest(): Conversation[] {
    this.keepBest();
    return this.best.map((conversation) => conversation.report());
  }

  totals(): ConversationTotals {
    const totals = {
      conversations: this.found,
      answered: this.answered,
      withoutData: this.withoutData,
      durationNs: this.durationNs,
      sides: SIDES.flatMap((side) => this.sums.get(side)?.report(side) ?? []),
      open: this.unanswered,
    };
    return { ...totals, verdict: totalsVerdict(totals) };
  }

  private readonly onWait = (side: Side, ns: number, from: Moment, to: Moment): void => {
    this.sumOf(side).add(ns, from, to);
  };

  private sumOf(side: Side): Waits {
    let sum = this.sums.get(side);
    if (sum === undefined) this.sums.set(side, (sum = new Waits()));
    return sum;
  }

  private hold(key: string, conversation: ConversationState): void {
    this.live.delete(key);
    this.live.set(key, conversation);
    for (const oldest of oldestKeys(this.live, this.held)) {
      const state = this.live.get(oldest)!;
      this.letGo++;
      this.drop(oldest, state, state.lastNs, 'dropped');
    }
  }

  private holdClosed(key: string, conversation: ConversationState): void {
    this.closed.set(key, conversation);
    for (const oldest of oldestKeys(this.closed, CLOSED_HELD)) this.dropClosed(oldest);
  }

  private reopened(key: string): ConversationState | undefined {
    const conversation = this.closed.get(key);
    this.closed.delete(key);
    return conversation;
  }

  private drop(key: string, conversation: ConversationState, atNs: number, how: ConversationEnd): void {
    this.live.delete(key);
    conversation.finish(atNs, how);
    this.settle(conversation);
  }

  private dropClosed(key: string): void {
    const conversation = this.closed.get(key);
    if (conversation === undefined) return;
    this.closed.delete(key);
    this.settle(conversation);
  }

  /** Counts a conversation that is over, and keeps it while it is among the longest. */
  private settle(conversation: ConversationState): void {
    if (!conversation.hasData) {
      this.withoutData++;
      return;
    }
    const { sides, waits } = conversation;
    this.found++;
    this.durationNs += conversation.durationNs;
    if (waits[0].count + waits[1].count > 0) this.answered++;
    if (conversation.isUnanswered) this.unanswered++;
    for (const i of [0, 1] as const) this.sumOf(sides[i]).bytes += waits[i].bytes;
    this.best.push(conversation);
    if (this.best.length > 2 * this.top + 64) this.keepBest();
  }

  private keepBest(): void {
    this.best.sort((a, b) => b.waitedNs - a.waitedNs || a.firstNs - b.firstNs);
    this.best.length = Math.min(this.best.length, this.top);
  }
}
