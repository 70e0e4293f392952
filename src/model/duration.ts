/** Durations as people write them (`1s`, `250ms`, `1.5s`, `2m`) and as reports print them. */

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/** Whole nanoseconds, exact for any decimal fraction; undefined when `text` is no duration. A bare number is not one. */
export function parseDuration(text: string): number | undefined {
  const m = /^(\d+)?(?:\.(\d+))?\s*([a-zµμ]+)$/u.exec(text.trim());
  if (!m || (m[1] === undefined && m[2] === undefined)) return undefined;
  const unit = UNIT_NS[m[3]!];
  if (unit === undefined) return undefined;
  const fraction = m[2] ?? '';
  const scaled = BigInt((m[1] ?? '0') + fraction) * BigInt(unit);
  const ns = Number(scaled / 10n ** BigInt(fraction.length));
  return Number.isSafeInteger(ns) ? ns : undefined;
}

/** `5.035431870 s` to the nanosecond, trailing zero groups dropped: `1 s`, `250 ms`, `7.012 µs`. */
export function formatDuration(ns: number): string {
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 1e6) return `${trimmed(ns, 1e3, 3)} µs`;
  if (ns < 1e9) return `${trimmed(ns, 1e6, 6)} ms`;
  if (ns < 60e9) return `${trimmed(ns, 1e9, 9)} s`;
  const minutes = Math.floor(ns / 60e9);
  const rest = `${trimmed(ns - minutes * 60e9, 1e9, 9)} s`;
  if (minutes < 60) return `${minutes} min ${rest}`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${minutes % 60} min ${rest}`
    : `${Math.floor(hours / 24)} d ${hours % 24} h ${minutes % 60} min ${rest}`;
}

/** Three digits, which a reader takes in at once: `5.04 s`, `37.6 ms`, `210 µs`, `2 min 5 s`. */
export function shortDuration(ns: number): string {
  if (ns < 0) return `-${shortDuration(-ns)}`;
  if (ns < 999.5) return `${Math.round(ns)} ns`;
  if (ns < 999.5e3) return `${threeDigits(ns / 1e3)} µs`;
  if (ns < 999.5e6) return `${threeDigits(ns / 1e6)} ms`;
  if (ns < 59.95e9) return `${(ns / 1e9).toFixed(2)} s`;
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function threeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/** Exact decimal of ns / unit, without trailing zeros. */
function trimmed(ns: number, unit: number, digits: number): string {
  const whole = Math.floor(ns / unit);
  const fraction = String(ns - whole * unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}
