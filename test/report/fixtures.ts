/** Gaps and run reports as the library delivers them, made by hand so that every branch has one. */
import type { EventRecord } from '../../src/model/event.js';
import type { Gap, RunReport, SourceReport } from '../../src/model/gap.js';

/** A keepalived advertisement at `offsetNs`; what differs is overridden. */
export function event(offsetNs: number, changes: Partial<EventRecord> = {}): EventRecord {
  const time = timeOfDay(offsetNs);
  const made: EventRecord = {
    source: 0,
    num: Math.floor(offsetNs / 1e5),
    time,
    offsetNs,
    cpu: 0,
    proc: 'keepalived',
    tid: 10400,
    dir: '>',
    type: 'sendmsg',
    args: 'fd=13(192.168.205.8->224.0.0.18) size=40 tuple=0.0.0.0:112->224.0.0.18:0 ',
    raw: '',
    ...changes,
  };
  const { num, cpu, proc, tid, dir, type, args } = made;
  return {
    ...made,
    raw: changes.raw ?? `${num} ${made.time} ${cpu} ${proc} (${tid}) ${dir} ${type} ${args}`,
  };
}

/** A gap between two events of one second's rhythm; what differs is overridden. */
export function gap(startNs: number, durationNs: number, changes: Partial<Gap> = {}): Gap {
  const endNs = startNs + durationNs;
  return {
    durationNs,
    open: null,
    group: null,
    start: event(startNs),
    end: event(endNs),
    before: [event(startNs - 1_000_312_000)],
    after: [event(endNs + 1_000_287_000)],
    around: {
      start: [
        event(startNs + 4100, { dir: '<', args: 'res=40 data= ' }),
        event(startNs + 9800, {
          type: 'fsync',
          args: 'fd=7(<f>/var/log/keepalived.log) ',
        }),
        event(startNs + 12_300, {
          type: 'switch',
          args: 'next=0 pgft_maj=0 pgft_min=3105 vm_size=52324 ',
        }),
      ],
      end: [
        event(endNs - 61_000, {
          proc: '',
          tid: 0,
          cpu: 3,
          type: 'switch',
          args: 'next=10400(keepalived) ',
        }),
        event(endNs - 40_000, { dir: '<', type: 'fsync', args: 'res=0 ' }),
      ],
    },
    cause: null,
    call: null,
    class: null,
    summary: null,
    evidence: null,
    next: null,
    contributing: null,
    activity: null,
    ...changes,
  };
}

export function source(changes: Partial<SourceReport> = {}): SourceReport {
  return {
    path: 'keepalived.txt',
    format: 'sysdig',
    bytes: 81_234_500,
    lines: 812_345,
    records: 812_345,
    events: 812_345,
    matched: 158,
    ignored: 0,
    unparsed: 0,
    outOfOrder: 0,
    origin: null,
    first: '17:00:00.000120045',
    last: '17:02:40.400321007',
    problems: [],
    ...changes,
  };
}

export function report(changes: Partial<RunReport> = {}): RunReport {
  return {
    filter: "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'",
    thresholdNs: 1e9,
    by: null,
    sources: [source()],
    warnings: [],
    limits: [],
    rhythms: [],
    gapsFound: 0,
    interrupted: false,
    spanNs: 160_400_200_962,
    ...changes,
  };
}

/** 17:01:21.339942868, the start of the longest gap. */
export const STALL_NS = 61_281_339_942_868;

/** Two gaps, the shorter first, as a run delivers them. */
export function twoGaps(): Gap[] {
  return [gap(61_220_100_000_000, 1_250_000_500), gap(STALL_NS, 5_035_431_870)];
}

/** The whole text of a report. */
export async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

function timeOfDay(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(ns - seconds * 1e9).padStart(9, '0')}`;
}
