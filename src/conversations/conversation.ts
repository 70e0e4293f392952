/**
 * The turns of one connection. A turn changes when data of one side follows data of the other; the time between
 * the two is the wait that the answering side caused. Data that follows data of the same side ends no wait: the
 * wait for the answer counts from the last of them.
 */
import {
  type Conversation,
  type ConversationEnd,
  isUnanswered,
  type Side,
  type UnansweredWait,
} from '../model/conversations.js';
import type { Connection, Moment, SideIndex, Step } from './step.js';
import { Waits } from './waits.js';
import { conversationVerdict } from './wording.js';

const SELF_AND_PEER: readonly [Side, Side] = ['this process', 'peer'];
const CLIENT_AND_SERVER: readonly [Side, Side] = ['client', 'server'];
const SERVER_AND_CLIENT: readonly [Side, Side] = ['server', 'client'];

type OnWait = (side: Side, ns: number, from: Moment, to: Moment) => void;

export class ConversationState {
  readonly sides: readonly [Side, Side];
  readonly waits: readonly [Waits, Waits] = [new Waits(), new Waits()];
  readonly of: Connection;
  readonly firstNs: number;
  lastNs: number;
  ended: ConversationEnd | null = null;
  private last: { readonly side: SideIndex; readonly at: Moment } | null = null;
  private open: UnansweredWait | null = null;
  private handshakeNs: number | null = null;
  private readonly done: [boolean, boolean] = [false, false];

  constructor(first: Step) {
    const { of } = first;
    // The texts are parts of a whole line each, which would be kept with them.
    this.of = { ...of, name: copied(of.name), proc: of.proc === null ? null : copied(of.proc) };
    this.sides =
      of.kind === 'packets' || of.self === 'client'
        ? CLIENT_AND_SERVER
        : of.self === 'server'
          ? SERVER_AND_CLIENT
          : SELF_AND_PEER;
    this.firstNs = first.kind === 'data' ? first.began.ns : first.at.ns;
    this.lastNs = first.at.ns;
    if (first.kind === 'open') this.handshakeNs = first.handshakeNs;
  }

  get hasData(): boolean {
    return this.last !== null;
  }

  get isUnanswered(): boolean {
    return isUnanswered(this.open);
  }

  get durationNs(): number {
    return Math.max(0, this.lastNs - this.firstNs);
  }

  /** What it is ranked by: all waits, and the one for an answer that never came. */
  get waitedNs(): number {
    const { open, waits } = this;
    return waits[0].totalNs + waits[1].totalNs + (open !== null && this.isUnanswered ? open.ns : 0);
  }

  /** `onWait` is told of each wait as it ends. */
  data(step: Extract<Step, { kind: 'data' }>, onWait: OnWait): void {
    const { side, began, at, bytes } = step;
    const { last } = this;
    if (this.done[side] || this.ended !== null) this.resume();
    if (last !== null && last.side !== side) {
      const ns = Math.max(0, began.ns - last.at.ns);
      this.waits[side].add(ns, last.at, began);
      onWait(this.sides[side], ns, last.at, began);
    }
    this.last = { side, at };
    this.waits[side].bytes += bytes;
    this.touch(at.ns);
  }

  accepted(atNs: number): void {
    if (this.handshakeNs === null && this.last === null) this.handshakeNs = Math.max(0, atNs - this.firstNs);
    this.touch(atNs);
  }

  /** `side` is done, or both are; true when that ended the conversation. */
  end(side: SideIndex | null, how: 'closed' | 'reset', atNs: number): boolean {
    if (this.ended !== null) return true;
    this.touch(atNs);
    if (side !== null) this.done[side] = true;
    if (side === null || this.owing() === side) this.leaveUnanswered(atNs, how);
    if (side !== null && !(this.done[0] && this.done[1])) return false;
    this.ended = how;
    return true;
  }

  /** Nothing more of it will be seen. */
  finish(atNs: number, how: ConversationEnd): void {
    if (this.ended !== null) return;
    this.ended = how;
    const side = this.owing();
    // Who is done owes nothing, and of what was let go the answer may have come.
    if (side !== null && !this.done[side] && how !== 'dropped') this.leaveUnanswered(atNs, how);
  }

  report(): Conversation {
    const { of, sides, waits, firstNs, lastNs, open } = this;
    const clientAt = sides[0] === 'server' ? 1 : 0;
    const first = waits[clientAt].report(sides[clientAt]);
    const second = waits[1 - clientAt]!.report(sides[1 - clientAt]!);
    const { name, proc, pid, tid, fd, protocol, self } = of;
    return {
      name,
      proc,
      pid,
      tid,
      fd,
      protocol,
      self,
      firstNs,
      lastNs,
      handshakeNs: this.handshakeNs,
      sides: [first, second],
      open,
      ended: this.ended ?? 'trace',
      verdict: conversationVerdict([first, second], this.durationNs, open),
    };
  }

  /** Who should send next; null where the other side has not spoken since. */
  private owing(): SideIndex | null {
    return this.last === null ? null : this.last.side === 0 ? 1 : 0;
  }

  private leaveUnanswered(atNs: number, end: ConversationEnd): void {
    const side = this.owing();
    if (side === null || this.open !== null) return;
    const { at } = this.last!;
    this.open = {
      side: this.sides[side],
      ns: Math.max(0, atNs - at.ns),
      fromNum: at.num,
      time: at.time,
      fromSource: at.source,
      end,
    };
  }

  /** One holder closed its descriptor, another goes on. */
  private resume(): void {
    this.ended = null;
    this.open = null;
    this.done[0] = this.done[1] = false;
  }

  private touch(ns: number): void {
    if (ns > this.lastNs) this.lastNs = ns;
  }
}

function copied(text: string): string {
  return Buffer.from(text).toString('utf8');
}
