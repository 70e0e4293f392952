/** The side logs of a run: read once the trace's first event is known, then asked for what they have in each gap. */
import { logLines } from './input/log-lines.js';
import { type OpenSource, openSource } from './input/source.js';
import { Log, type LogWindow } from './logs/log.js';
import type { Gap } from './model/gap.js';
import type { LogReport } from './model/logs.js';
import { UsageError } from './model/problem.js';
import { utcOffsetText } from './model/utc-offset.js';
import { interruptible } from './run-sources.js';

/** What the logs have in a stretch, as a gap holds it. */
export type BesideGap = Required<Pick<Gap, 'logs' | 'logContext' | 'figures'>>;

export class SideLogs {
  private readonly logs: Log[] = [];

  private constructor(private readonly opened: readonly OpenSource[]) {}

  /**
   * Opens them, so that a wrong name is known before the trace is read; stops where it is told to.
   * @throws UsageError when one can't be used.
   */
  static async open(paths: readonly string[], signal: AbortSignal | undefined): Promise<SideLogs> {
    const opened: OpenSource[] = [];
    try {
      for (const path of paths) {
        const log = await interruptible<OpenSource | null>(openLog(path), signal, null);
        if (!log) break;
        opened.push(log);
      }
    } catch (error) {
      await Promise.all(opened.map((log) => log.close()));
      throw error;
    }
    return new SideLogs(opened);
  }

  /**
   * Reads all of them, until the run is stopped. `traceName` is a source whose times they are placed by.
   * @throws UsageError where that has no clock times.
   */
  async read(window: LogWindow, traceName: string, signal: AbortSignal | undefined): Promise<void> {
    if (window.timebase.kind === 'relative') {
      throw new UsageError(
        'input',
        `--log ${this.opened[0]!.name}: the times of ${traceName === '-' ? 'the trace' : traceName} count from its own start, so a log has no place beside ` +
          'them; record or print the trace with clock times (sysdig -t a, strace -ttt)',
      );
    }
    for (const [index, opened] of this.opened.entries()) {
      if (signal?.aborted) return;
      const log = new Log(opened.name, index, window);
      this.logs.push(log);
      await interruptible(readLog(opened, log, signal), signal, undefined);
      log.finish();
      await opened.close();
    }
  }

  /** What they have from `startNs` to `endNs`. `shiftNs`: the axis's time at the origin of the gap's source. */
  beside(startNs: number, endNs: number, shiftNs: number): BesideGap {
    const found = this.logs.map((log) => log.beside(startNs, endNs, shiftNs));
    return {
      logs: found.flatMap(({ lines }) => lines),
      logContext: found.flatMap(({ context }) => context ?? []),
      figures: this.logs.flatMap((log) => log.figuresIn(startNs, endNs) ?? []),
    };
  }

  report(): LogReport[] {
    return this.logs.map((log) => log.report());
  }

  /**
   * What had to be assumed to place them, and which have nothing of the trace's time, which goes from `firstNs` to
   * `lastNs`. `offsetSeconds` is null where --utc-offset was not given.
   */
  warnings(offsetSeconds: number | null, firstNs: number, lastNs: number): string[] {
    const assumed =
      offsetSeconds === null && this.logs.some((log) => log.usedOffset)
        ? [
            `times without a zone are taken as ${utcOffsetText(0)} to place the logs beside the trace (--utc-offset tells another zone)`,
          ]
        : [];
    const days = this.logs.flatMap((log) =>
      log.severalDays === null
        ? []
        : [
            `${log.path}: ${log.severalDays} days of it may be the trace's, whose times or the log's have no date: the last one is taken`,
          ],
    );
    const elsewhere = this.logs.flatMap((log) => {
      if (!log.hasTimes || !(firstNs <= lastNs) || log.isNear(firstNs, lastNs)) return [];
      const span = log.span === '' ? '' : `, its lines are of ${log.span}`;
      const zone = log.usedOffset ? '; --utc-offset tells the zone of times without one' : '';
      return [`${log.path}: nothing in it is from the time of the trace${span}${zone}`];
    });
    return [...assumed, ...days, ...elsewhere];
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map((log) => log.close()));
  }
}

async function openLog(path: string): Promise<OpenSource> {
  if (path === '-') {
    throw new UsageError(
      'option',
      "--log -: standard input is the trace's; name a file, as in --log <(journalctl -o short-iso)",
    );
  }
  try {
    return await openSource(path);
  } catch (error) {
    throw ofLog(error);
  }
}

function ofLog(error: unknown): unknown {
  return error instanceof UsageError ? new UsageError(error.code, `--log ${error.message}`) : error;
}

async function readLog(opened: OpenSource, log: Log, signal: AbortSignal | undefined): Promise<void> {
  const onFailure = (reason: string): void => {
    if (!signal?.aborted) log.breakOff(reason);
  };
  try {
    for await (const line of logLines(opened, onFailure)) {
      if (signal?.aborted) return;
      log.see(line);
    }
  } catch (error) {
    throw ofLog(error);
  }
}
