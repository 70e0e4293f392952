/**
 * iostat of sysstat 9 to 12, run with -t; with and without -x, -c, -d, -k, -m, in any locale whose dates
 * line-time knows.
 *
 *     Linux 6.1.0-18-amd64 (ha-1)   11/21/2026   _x86_64_   (2 CPU)
 *
 *     11/21/2026 07:44:03 AM
 *     avg-cpu:  %user   %nice %system %iowait  %steal   %idle
 *                1.01    0.00    1.52   47.21    0.00   50.26
 *
 *     Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s  ...  aqu-sz  %util
 *     sda              0.00      0.00     0.00   0.00    0.00     0.00   12.00  ...    9.75  98.40
 *
 * Versions differ in columns, which the header names: `await` is gone since 11.5, `kB_read/s` stands in reports
 * without -x. The -h layout, whose device comes last, is not read.
 */
import type { DiskFigures } from '../model/logs.js';
import {
  decimal,
  Mean,
  overlapNs,
  type Place,
  type Sample,
  type SampleLine,
  type SampleStore,
  stampAlone,
} from './samples.js';

/** Numbers of a device in a sample: its index, then these. */
const [DEVICE, UTIL, AWAIT, REQUESTS, READ, WRITE, STRIDE] = [0, 1, 2, 3, 4, 5, 6];
/** More devices than any machine has, of a log and of a sample: what comes beyond is no iostat. */
const MOST_DEVICES = 4096;

/** Whether iostat printed the line above its figures. */
export function isIostatHeader(line: string): boolean {
  return /^(?:Device:?|avg-cpu:)\s/.test(line);
}

/** Reads reports line by line into a store. */
export class IostatReader {
  private readonly devices = new Map<string, number>();
  private readonly names: string[] = [];
  private columns: ReadonlyMap<string, number> = new Map();
  private width = 0;
  private cpuColumns: readonly string[] | null = null;
  private sample: Sample | null = null;
  private lastNs = Number.NaN;
  /** Lines of figures that no stamp came before. */
  unstamped = 0;

  constructor(private readonly place: Place) {}

  /** @param full called with each complete sample. */
  read(line: string, full: (sample: Sample) => void): SampleLine {
    const trimmed = line.trim();
    if (trimmed === '') {
      this.cpuColumns = null;
      this.width = 0;
      return 'layout';
    }
    if (/^Linux \S/.test(line)) {
      // Another run of iostat, which again begins with the figures since the machine started.
      this.end(full);
      this.lastNs = Number.NaN;
      return 'layout';
    }
    if (line.startsWith('avg-cpu:')) {
      this.cpuColumns = trimmed.split(/\s+/).slice(1);
      return 'layout';
    }
    if (isIostatHeader(line)) {
      const names = trimmed.split(/\s+/);
      this.columns = new Map(names.map((name, i) => [name, i]));
      this.width = names.length;
      return 'layout';
    }
    const stamp = stampAlone(line);
    if (stamp !== null) {
      this.end(full);
      this.begin(this.place(stamp));
      return 'layout';
    }
    return this.cpuColumns === null ? this.device(trimmed) : this.cpu(trimmed, this.cpuColumns);
  }

  /** Hands out the sample that no further stamp ends. */
  end(full: (sample: Sample) => void): void {
    const { sample } = this;
    this.sample = null;
    if (sample && (sample.numbers.length > 1 || !Number.isNaN(sample.numbers[0]))) full(sample);
  }

  /** Figures of the busiest device in the stretch, against the same device before. */
  figures(
    store: SampleStore,
    startNs: number,
    endNs: number,
  ): (DiskFigures & { before: DiskFigures | null }) | null {
    const samples = store.within(startNs, endNs);
    if (samples.length === 0) return null;
    const disks = new DiskMeans(samples, startNs, endNs);
    const device = disks.busiest();
    const before = store.before(startNs, endNs);
    return {
      ...this.told(disks, device),
      before: before.length === 0 ? null : this.told(new DiskMeans(before, 0, 0), device),
    };
  }

  private told(disks: DiskMeans, device: number | null): DiskFigures {
    return { device: device === null ? null : this.names[device]!, ...disks.of(device) };
  }

  private begin(toNs: number): void {
    const fromNs = this.lastNs;
    if (!Number.isNaN(toNs)) this.lastNs = toNs;
    this.sample = fromNs < toNs ? { fromNs, toNs, numbers: [Number.NaN] } : null;
  }

  private cpu(line: string, columns: readonly string[]): SampleLine {
    const cells = line.split(/\s+/);
    this.cpuColumns = null;
    if (cells.length !== columns.length) return 'unparsed';
    if (this.sample) this.sample.numbers[0] = decimal(cells[columns.indexOf('%iowait')]);
    return this.counted();
  }

  private device(line: string): SampleLine {
    const cells = line.split(/\s+/, this.width + 1);
    if (this.sample && this.sample.numbers.length > STRIDE * MOST_DEVICES) return 'unparsed';
    if (this.width === 0 || cells.length !== this.width || Number.isNaN(decimal(cells[1]))) return 'unparsed';
    const index = this.indexOf(cells[0]!);
    if (index < 0) return 'unparsed';
    const { sample, columns } = this;
    if (sample) {
      const cell = (...names: string[]): number => {
        const name = names.find((n) => columns.has(n));
        return name === undefined ? Number.NaN : decimal(cells[columns.get(name)!]);
      };
      const kinds = ['r', 'w', 'd', 'f'].map((kind) => ({
        perSecond: cell(`${kind}/s`),
        await: cell(`${kind}_await`),
      }));
      const requests = kinds.reduce((sum, { perSecond }) => sum + (perSecond || 0), 0);
      const waited = new Mean();
      for (const kind of kinds) waited.add(kind.await, kind.perSecond);
      const util = cell('%util');
      const all = cell('await');
      sample.numbers.push(
        index,
        util,
        Number.isNaN(all) ? (waited.value ?? Number.NaN) : all,
        kinds.every(({ perSecond }) => Number.isNaN(perSecond)) ? cell('tps') : requests,
        rate(cell, 'r', 'read'),
        rate(cell, 'w', 'wrtn'),
      );
    }
    return this.counted();
  }

  private counted(): SampleLine {
    if (!Number.isNaN(this.lastNs)) return 'figures';
    this.unstamped++;
    return 'unparsed';
  }

  private indexOf(name: string): number {
    const known = this.devices.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= MOST_DEVICES || name.length > 128) return -1;
    this.devices.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

interface Means {
  readonly util: Mean;
  readonly wait: Mean;
  readonly read: Mean;
  readonly write: Mean;
}

/** Means of each device over samples, weighted by how much of each lies in the stretch. */
class DiskMeans {
  private readonly disks = new Map<number, Means>();
  private readonly iowait = new Mean();

  constructor(
    private readonly samples: readonly Sample[],
    startNs: number,
    endNs: number,
  ) {
    for (const sample of samples) {
      const { numbers } = sample;
      const weight = overlapNs(sample, startNs, endNs);
      this.iowait.add(numbers[0]!, weight);
      for (let i = 1; i < numbers.length; i += STRIDE) {
        const means = this.meansOf(numbers[i + DEVICE]!);
        means.util.add(numbers[i + UTIL]!, weight);
        // A request counts where it ended, so all of the sample's do.
        means.wait.add(numbers[i + AWAIT]!, numbers[i + REQUESTS]! * (sample.toNs - sample.fromNs));
        means.read.add(numbers[i + READ]!, weight);
        means.write.add(numbers[i + WRITE]!, weight);
      }
    }
  }

  /** The device that was busy for the largest part; without that figure the one that moved most. */
  busiest(): number | null {
    let best: number | null = null;
    let most: readonly number[] = [];
    for (const [device, { util, wait, read, write }] of this.disks) {
      const rank = [util.value ?? -1, wait.value ?? -1, (read.value ?? 0) + (write.value ?? 0)];
      const at = rank.findIndex((value, i) => value !== most[i]);
      if (best === null || (at >= 0 && rank[at]! > most[at]!)) [best, most] = [device, rank];
    }
    return best;
  }

  of(device: number | null): Omit<DiskFigures, 'device'> {
    const means = device === null ? undefined : this.disks.get(device);
    return {
      utilPercent: means?.util.value ?? null,
      awaitMs: means?.wait.value ?? null,
      readKBps: means?.read.value ?? null,
      writeKBps: means?.write.value ?? null,
      iowaitPercent: this.iowait.value,
      samples: this.samples.length,
    };
  }

  private meansOf(device: number): Means {
    const known = this.disks.get(device);
    if (known !== undefined) return known;
    const means = { util: new Mean(), wait: new Mean(), read: new Mean(), write: new Mean() };
    this.disks.set(device, means);
    return means;
  }
}

/** KiB a second, from whatever unit the options asked for; a sector has 512 bytes. */
function rate(cell: (...names: string[]) => number, short: 'r' | 'w', long: 'read' | 'wrtn'): number {
  const kilobytes = cell(`${short}kB/s`, `kB_${long}/s`);
  if (!Number.isNaN(kilobytes)) return kilobytes;
  const megabytes = cell(`${short}MB/s`, `MB_${long}/s`) * 1024;
  return Number.isNaN(megabytes) ? cell(`${short}sec/s`, `Blk_${long}/s`) / 2 : megabytes;
}
