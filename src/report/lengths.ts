/**
 * Lengths of time and counts in print. The gaps of one report share one unit and one number of decimals, so
 * that a column of them can be compared at a glance; nothing is rounded away.
 */
import { formatDuration } from '../model/duration.js';

interface Unit {
  readonly name: string;
  readonly ns: number;
  readonly digits: number;
}

const UNITS: readonly Unit[] = [
  { name: 's', ns: 1e9, digits: 9 },
  { name: 'ms', ns: 1e6, digits: 6 },
  { name: 'µs', ns: 1e3, digits: 3 },
];

/** A printer for these lengths: the longest one's unit (s, ms, µs or ns), decimals as far as any of them needs. */
export function lengthFormat(lengthsNs: readonly number[]): (ns: number) => string {
  const longest = lengthsNs.reduce((most, ns) => Math.max(most, ns), 0);
  const unit = UNITS.find(({ ns }) => longest >= ns);
  if (unit === undefined) return (ns) => `${ns} ns`;
  const decimals = lengthsNs.reduce((most, ns) => Math.max(most, neededDecimals(ns, unit)), 0);
  return (ns) => `${decimal(ns, unit, decimals)} ${unit.name}`;
}

/** `5.035431870 s`: exact, in the unit of its size, in groups of three decimals. */
export function exactLength(ns: number): string {
  return lengthFormat([ns])(ns);
}

/** Rounded for reading: `160.4 s`, `12 min 5 s`, `1.0003 s`. */
export function roughLength(ns: number): string {
  if (ns >= 600e9) return clockLength(ns);
  if (ns >= 10e9) return `${Math.round(ns / 1e8) / 10} s`;
  return formatDuration(roundToDigits(ns, 5));
}

/** To the second: `2 min 10 s`. */
export function clockLength(ns: number): string {
  return formatDuration(Math.round(ns / 1e9) * 1e9);
}

/** A part of a length in percent: `49 %`, `1.1 %`, `<0.1 %`; `100 %` is all of it. */
export function share(partNs: number, wholeNs: number): string {
  const percent = wholeNs > 0 ? (100 * partNs) / wholeNs : 0;
  if (percent > 0 && percent < 0.05) return '<0.1 %';
  if (percent > 99 && percent < 100) return `${Math.floor(percent * 10) / 10} %`;
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** 0, 3, 6 or 9 decimals: as many groups of three as the value has. */
function neededDecimals(ns: number, unit: Unit): number {
  let decimals = unit.digits;
  let rest = ns % unit.ns;
  while (decimals > 0 && rest % 1000 === 0) {
    rest /= 1000;
    decimals -= 3;
  }
  return decimals;
}

function decimal(ns: number, unit: Unit, decimals: number): string {
  const whole = Math.floor(ns / unit.ns);
  if (decimals === 0) return String(whole);
  const fraction = String(ns - whole * unit.ns).padStart(unit.digits, '0');
  return `${whole}.${fraction.slice(0, decimals)}`;
}

function roundToDigits(ns: number, digits: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(ns, 1))) - digits + 1);
  return Math.round(ns / step) * step;
}
