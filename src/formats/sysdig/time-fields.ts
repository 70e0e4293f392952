/**
 * Which of a layout's or a JSON object's fields places its events in time.
 *
 * Absolute times come before times of day, these before relative ones, and whole seconds last. A pair
 * (`evt.rawtime.s`, `evt.rawtime.ns`) counts as one.
 */

import type { TimeAxis } from './time-text.js';
import { TimeText } from './time-text.js';

interface TimeField {
  readonly name: string;
  /** Field with the nanoseconds of a second, where it has one. */
  readonly nanosName?: string;
  /** What an integer counts from; else the shape tells. */
  readonly axis?: TimeAxis;
  /** An integer in seconds, not nanoseconds. */
  readonly inSeconds?: true;
}

const TIME_FIELDS: readonly TimeField[] = [
  { name: 'evt.rawtime', axis: 'epoch' },
  {
    name: 'evt.rawtime.s',
    nanosName: 'evt.rawtime.ns',
    axis: 'epoch',
    inSeconds: true,
  },
  { name: 'evt.outputtime' },
  { name: 'evt.time.iso8601' },
  { name: 'evt.datetime' },
  { name: 'evt.time' },
  { name: 'evt.reltime', axis: 'relative' },
  {
    name: 'evt.reltime.s',
    nanosName: 'evt.reltime.ns',
    axis: 'relative',
    inSeconds: true,
  },
  { name: 'evt.deltatime', axis: 'delta' },
  {
    name: 'evt.deltatime.s',
    nanosName: 'evt.deltatime.ns',
    axis: 'delta',
    inSeconds: true,
  },
  { name: 'evt.rawtime.s', axis: 'epoch', inSeconds: true },
  { name: 'evt.datetime.s' },
  { name: 'evt.time.s' },
  { name: 'evt.reltime.s', axis: 'relative', inSeconds: true },
];

/** Reads an event's time from the columns chosen for it. */
export class TimeColumns {
  readonly text = new TimeText();
  private readonly nanosText = new TimeText();

  private constructor(
    readonly field: TimeField,
    readonly column: number,
    private readonly nanosColumn: number,
  ) {}

  /** The best of the fields there are; undefined when none tells a time. */
  static choose(fields: readonly string[]): TimeColumns | undefined {
    for (const field of TIME_FIELDS) {
      const column = fields.indexOf(field.name);
      const nanos = field.nanosName === undefined ? -1 : fields.indexOf(field.nanosName);
      if (column >= 0 && (field.nanosName === undefined || nanos >= 0)) {
        return new TimeColumns(field, column, nanos);
      }
    }
    return undefined;
  }

  /** Smallest step of its times, in nanoseconds. */
  get resolutionNs(): number {
    return this.field.name.endsWith('.s') && this.nanosColumn < 0 ? 1e9 : 1;
  }

  /** Fills `text` from an event's columns; false when there is no time in them. */
  read(bytes: Buffer, columns: readonly number[]): boolean {
    const text = this.text;
    const start = columns[this.column * 2] ?? -1;
    if (start < 0 || !text.read(bytes, start, columns[this.column * 2 + 1]!)) return false;
    if (text.shape !== 'integer' || this.field.inSeconds !== true) return true;
    text.seconds = text.seconds * 1e9 + text.nanos;
    text.nanos = 0;
    if (this.nanosColumn < 0) return true;
    const from = columns[this.nanosColumn * 2] ?? -1;
    if (from < 0 || !this.nanosText.read(bytes, from, columns[this.nanosColumn * 2 + 1]!)) return false;
    text.nanos = this.nanosText.nanos;
    return true;
  }

  /** What the time just read counts from; undefined where one line can't tell (-t r, d and D look alike). */
  axis(): TimeAxis | undefined {
    const { shape } = this.text;
    if (shape === 'time-of-day') return shape;
    if (shape === 'date') return 'epoch';
    if (shape === 'integer') return this.field.axis ?? 'epoch';
    return undefined;
  }
}

/** What to add to a layout that has no time. */
export const TIME_ADVICE = 'add %evt.rawtime, %evt.time or %evt.outputtime to it';
