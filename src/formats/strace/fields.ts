/** What filters and reports ask of a strace event beyond the view's columns, and of the trace as a whole. */
import { DIR_EXIT, type EventView } from '../../model/event.js';
import type { CallResult, Fd, ProcessInfo } from '../../model/event-fields.js';
import type { Timebase, TraceTraits } from '../../model/trace.js';
import { Clock } from '../clock.js';
import { LineDecoder } from '../line-decoder.js';
import { Call } from './call.js';
import { type Layout, timebaseOf } from './layout.js';
import type { NameHistory } from './names.js';
import type { Threads } from './threads.js';
import { THREADS_KEPT } from './threads.js';
import { stampText } from './timing.js';

export abstract class StraceFields extends LineDecoder {
  readonly timebase: Timebase;
  readonly clock: Clock;
  /** A line may resume the call of one before, or take its name from there. */
  readonly skippable = false;
  /** The call of the line decoded last. */
  protected readonly call = new Call();
  /** Offset of the first line that showed a duration (-T); Infinity without. */
  protected durationsFrom = Number.POSITIVE_INFINITY;
  protected abstract readonly history: NameHistory;
  /** The threads whose processes are known: of a fork, those of the decoder it came from. */
  protected abstract readonly known: Threads;

  constructor(protected readonly layout: Layout) {
    super();
    this.timebase = timebaseOf(layout);
    this.clock = new Clock(layout.kind === 'time-of-day');
  }

  traits(asOf = Number.POSITIVE_INFINITY): TraceTraits {
    return {
      format: 'strace',
      timebase: this.timebase,
      directions: 'both',
      exitTimes: this.durationsFrom < asOf,
      hasCpu: false,
      hasNames: this.layout.names,
      columns: [],
    };
  }

  /** Digits of the duration on the newest line, 0 without. */
  protected abstract durationDigits(): number;
  /** Lines that stand later than their time. */
  protected abstract lateLines(): number;
  /** Differences between lines (-r) that are shorter than a call in between. */
  protected abstract shortDeltas(): number;
  /** Threads forgotten while a call of theirs was open. */
  protected abstract forgottenThreads(): number;

  notes(): readonly string[] {
    const notes: string[] = [];
    if (this.durationsFrom === Number.POSITIVE_INFINITY) {
      notes.push(
        'strace ran without -T: when a call printed on one line ended is unknown, so exits have no time but where they are resumed. Record with -T.',
      );
    }
    if (this.lateLines() > 0) {
      notes.push(
        `${this.lateLines()} calls were printed when they ended, out of the order of their times (strace -z, -e status): ` +
          'intervals between threads may be wrong, those of one thread (--by thread) are right.',
      );
    }
    if (this.shortDeltas() > 0) {
      notes.push(
        `${this.shortDeltas()} times between lines are shorter than the call before them took, as where lines in between are missing ` +
          '(strace -ff -r, or a part of the trace was left out): the times add up wrong. Record with -ttt.',
      );
    }
    if (this.forgottenThreads() > 0) {
      notes.push(
        `more than ${THREADS_KEPT} threads: ${this.forgottenThreads()} of them were forgotten with a call open, whose end has no beginning then.`,
      );
    }
    if (this.layout.digits === 0) {
      notes.push(
        this.layout.kind === 'relative'
          ? 'The times between lines are cut to whole seconds, and add up wrong. Record with -ttt.'
          : 'The times have a resolution of 1 s (strace -t): gaps are right to within a second only. Record with -ttt.',
      );
    }
    return notes;
  }

  timeText(e: EventView): string | null {
    if (Number.isNaN(e.timeNs)) return null;
    // A difference to the line before places nothing: told are seconds since the start.
    if (e.timeStart >= 0 && this.layout.kind !== 'relative')
      return e.text.toString('latin1', e.timeStart, e.timeEnd);
    const digits =
      e.dir === DIR_EXIT ? Math.max(this.layout.digits, this.durationDigits()) : this.layout.digits;
    return stampText(this.layout.kind, this.layout.originSeconds, e.timeNs, digits);
  }

  arg(e: EventView, key: string | number): string | undefined {
    return this.call.argument(key, e.dir === DIR_EXIT, false);
  }

  rawArg(e: EventView, key: string | number): string | undefined {
    return this.call.argument(key, e.dir === DIR_EXIT, true);
  }

  result(e: EventView): CallResult | undefined {
    return e.dir === DIR_EXIT ? this.call.result() : undefined;
  }

  fd(e: EventView): Fd | undefined {
    return this.call.fd(e.dir === DIR_EXIT);
  }

  latencyNs(e: EventView): number | undefined {
    if (e.dir !== DIR_EXIT) return 0;
    return Number.isNaN(this.call.latencyNs) ? undefined : this.call.latencyNs;
  }

  process(_e: EventView, tid: number): ProcessInfo | undefined {
    return this.known.get(tid)?.info ?? undefined;
  }

  threadName(tid: number): string | undefined {
    return this.history.newest(tid)?.toString('utf8');
  }

  column(): string | undefined {
    return undefined;
  }
}
