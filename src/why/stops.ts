/**
 * Stops of the subject thread. A stop signal is delivered and the thread does nothing until it goes on; a
 * freezer or an attaching tracer delivers no signal, but breaks off the call the thread waits in (EINTR or
 * ERESTART*), and then the thread does nothing either. Switches alone don't end a stop: a tracer sees a stopped
 * thread now and then.
 */
import type { Freeze, Stop } from './call-span.js';
import { STOP_SIGNALS } from './signals.js';
import type { Span } from './span.js';

interface Pending {
  readonly name: string;
  readonly fromNs: number;
  readonly num: number;
  readonly raw: string;
}

export class StopTracker {
  readonly stops: Stop[] = [];
  readonly freezes: Freeze[] = [];
  private stop: Pending | null = null;
  private broken: Pending | null = null;
  private offFromNs = Number.NaN;
  private offToNs = Number.NaN;
  private offNs = 0;
  private offToIdle = false;

  constructor(private readonly span: Span) {}

  /** A signal is delivered to the thread; `stopped` lines of strace come here too. */
  signal(name: string, num: number, raw: string, timeNs: number): void {
    this.broken = null;
    if (STOP_SIGNALS.has(name)) {
      if (this.stop) return;
      this.stop = { name, fromNs: timeNs, num, raw };
      this.resetOff();
    } else if (this.stop) this.acts(timeNs, num, raw);
  }

  /** A call came back because something interrupted it. */
  interrupted(call: string, num: number, raw: string, timeNs: number): void {
    this.broken = { name: call, fromNs: timeNs, num, raw };
    this.resetOff();
  }

  /** It was off its CPU from `fromNs` to `toNs`, which went to `next`. */
  off(fromNs: number, toNs: number, next: number): void {
    this.offNs += toNs - fromNs;
    if (toNs - fromNs <= this.offToNs - this.offFromNs) return;
    this.offFromNs = fromNs;
    this.offToNs = toNs;
    this.offToIdle = next === 0;
  }

  /** The thread enters or leaves a call: it goes on. */
  acts(timeNs: number, num = -1, raw = ''): void {
    const { stop, broken } = this;
    if (stop) {
      const toNs = Number.isNaN(this.offToNs) ? timeNs : this.offToNs;
      if (toNs > this.span.startNs) {
        this.stops.push({
          signal: stop.name,
          fromNs: stop.fromNs,
          toNs,
          nums: num >= 0 ? [stop.num, num] : [stop.num],
          raw: raw === '' ? [stop.raw] : [stop.raw, raw],
        });
      }
    } else if (broken && timeNs > this.span.startNs && timeNs > broken.fromNs) {
      this.freezes.push({
        call: broken.name,
        fromNs: broken.fromNs,
        toNs: Number.isNaN(this.offToNs) ? timeNs : this.offToNs,
        offNs: this.offNs,
        leftToIdle: this.offToIdle,
        nums: [broken.num],
        raw: [broken.raw],
      });
      if (this.freezes.length > 16) this.freezes.sort((a, b) => b.toNs - b.fromNs - a.toNs + a.fromNs).pop();
    }
    this.stop = null;
    this.broken = null;
    this.resetOff();
  }

  finish(endNs: number): void {
    if (this.stop || this.broken) {
      this.offToNs = Number.NaN;
      this.acts(endNs);
    }
  }

  private resetOff(): void {
    this.offFromNs = Number.NaN;
    this.offToNs = Number.NaN;
    this.offNs = 0;
    this.offToIdle = false;
  }
}
