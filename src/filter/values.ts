/** Reads the values of a filter: numbers, durations, booleans, ports, times of day. */
import { parseDuration } from '../model/duration.js';
import { portOfService } from '../model/services.js';

/** A whole number beyond 2^53 is a bigint: comparisons between the two are exact. */
export type Numeric = number | bigint;

const DECIMAL = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]+)$/;

/** Decimal with fraction and exponent, or 0x hexadecimal; undefined when `text` is no number. */
export function readNumber(text: string): Numeric | undefined {
  if (text.length > 400) return undefined;
  const hex = HEX.exec(text);
  if (hex) {
    const value = BigInt(`0x${hex[2]}`);
    return narrow(hex[1] === '-' ? -value : value);
  }
  if (INTEGER.test(text)) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text.replace('+', ''));
  }
  return DECIMAL.test(text) ? Number(text) : undefined;
}

/** A raw argument as a number, undefined where it is none: decimal as decoders give them, but for strace's modes. */
export function readRawArgument(key: string | null, raw: string): Numeric | undefined {
  return key === 'mode' && /^0[0-7]+$/.test(raw) ? Number.parseInt(raw, 8) : readNumber(raw);
}

/** Nanoseconds: a plain number, or a duration with its unit. */
export function readNanoseconds(text: string): Numeric | undefined {
  return readNumber(text) ?? parseDuration(text);
}

/** Nanoseconds: a plain number of seconds, or a duration with its unit. */
export function readSeconds(text: string): Numeric | undefined {
  const seconds = readNumber(text);
  return seconds === undefined ? parseDuration(text) : Math.round(Number(seconds) * 1e9);
}

export function readBoolean(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** As a number where it fits exactly. */
export function narrow(value: bigint): Numeric {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A port number, or the name of a well-known service. */
export function readPort(text: string): number | undefined {
  const value = portOfService(text === 'dns' ? 'domain' : text) ?? readNumber(text);
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65535
    ? value
    : undefined;
}

export interface TimeOfDay {
  /** Nanoseconds since midnight. */
  readonly ns: number;
  /** Digits of the fraction, -1 when the seconds are missing. */
  readonly digits: number;
}

/** `17:01`, `17:01:21`, `17:01:21.3399`. */
export function readTimeOfDay(text: string): TimeOfDay | undefined {
  const m = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/.exec(text);
  if (!m) return undefined;
  const seconds = Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3] ?? 0);
  const fraction = m[4] ?? '';
  return {
    ns: seconds * 1e9 + Number(fraction.padEnd(9, '0')),
    digits: m[3] === undefined ? -1 : fraction.length,
  };
}
