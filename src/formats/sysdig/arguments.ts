/**
 * Splits an event's arguments. Values stand unquoted behind their names and may hold blanks, `=`, parentheses
 * and text that looks like the next argument, so they are told apart by the parameters that the event has:
 *
 *     res=24 data=x fd=9 size=1 is only data fd=4(<4t>1.2.3.4:5->6.7.8.9:10) size=24
 *
 * Of all ways to read a text the one wins that finds most parameters in their order with values of their
 * shape; where a free text (data, a path) precedes, the last place that fits ends it.
 */
import { isDigit } from '../../model/ascii.js';
import type { Direction } from '../../model/event.js';
import { type Parameter, type ParameterKind, parameters } from './parameters.js';

export interface Argument extends Parameter {
  /** As printed: `-11(EAGAIN)`, `5(<f>/tmp/x)`. */
  readonly value: string;
}

const NAME = /(?<=^| )([A-Za-z_]\w*)=/g;
const MAX_PLACES = 256;
const NOT_AVAILABLE = '<NA>';

/** The arguments in the order printed. Events that are not in the table are split at every ` name=`. */
export function splitArguments(text: string, type: string, dir: Direction): readonly Argument[] {
  const body = text.endsWith(' ') ? text.slice(0, -1) : text;
  if (body === '') return [];
  const known = parameters(type, dir);
  return (known.length > 0 ? matchParameters(body, known) : undefined) ?? splitAtNames(body);
}

/** One argument's value as printed, by name or by position from 0; undefined where the line has none. */
export function argument(
  text: string,
  type: string,
  dir: Direction,
  key: string | number,
): Argument | undefined {
  const found =
    typeof key === 'number'
      ? splitArguments(text, type, dir)[key]
      : text.includes(`${key}=`)
        ? splitArguments(text, type, dir).find((a) => a.name === key)
        : undefined;
  return found?.value === NOT_AVAILABLE ? undefined : found;
}

/** What sysdig shows as evt.arg: the text in parentheses where a number, descriptor or relative path has one. */
export function resolved(value: string, kind: ParameterKind = 'number'): string {
  const at = resolutionAt(value, kind);
  return at < 0 ? value : value.slice(at + 1, -1);
}

/** What stands in front of that: evt.rawarg. */
export function raw(value: string, kind: ParameterKind = 'number'): string {
  const at = resolutionAt(value, kind);
  return at < 0 ? value : value.slice(0, at);
}

function resolutionAt(value: string, kind: ParameterKind): number {
  if (!value.endsWith(')')) return -1;
  if (kind === 'path') return value.startsWith('/') ? -1 : value.indexOf('(/');
  return (kind === 'number' || kind === 'fd') && isNumber(value) ? value.indexOf('(') : -1;
}

/** A place in the text where a parameter may begin. */
interface Place {
  readonly start: number;
  readonly valueStart: number;
  /** Position of the parameter in the event's list. */
  readonly order: number;
  readonly kind: ParameterKind;
}

function matchParameters(text: string, known: readonly Parameter[]): readonly Argument[] | undefined {
  const places = findPlaces(text, known);
  const first = places[0];
  if (first === undefined || first.start > 0) return undefined;
  // From the back: how many parameters can follow each place, and through which next place.
  const counts: number[] = new Array(places.length).fill(-1);
  const nexts: number[] = new Array(places.length).fill(-1);
  for (let i = places.length - 1; i >= 0; i--) {
    const place = places[i]!;
    const latest = place.kind === 'text' || place.kind === 'path' || place.kind === 'list';
    let best = fits(text, place, text.length) ? 1 : -1;
    let next = -1;
    for (let k = i + 1; k < places.length; k++) {
      const count = counts[k]! + 1;
      if (count < 1 || count < best || (count === best && !(latest && next >= 0))) continue;
      const after = places[k]!;
      if (after.order <= place.order || after.start <= place.start) continue;
      if (!fits(text, place, after.start - 1)) continue;
      best = count;
      next = k;
    }
    counts[i] = best;
    nexts[i] = next;
  }
  let at = 0;
  while (places[at + 1]?.start === 0 && counts[at + 1]! > counts[at]!) at++;
  if (counts[at]! < 1) return undefined;
  const found: Argument[] = [];
  while (at >= 0) {
    const place = places[at]!;
    const next = nexts[at]!;
    const end = next < 0 ? text.length : places[next]!.start - 1;
    found.push({
      ...known[place.order]!,
      value: text.slice(place.valueStart, end),
    });
    at = next;
  }
  return found;
}

function findPlaces(text: string, known: readonly Parameter[]): Place[] {
  const places: Place[] = [];
  for (const m of text.matchAll(NAME)) {
    known.forEach((parameter, order) => {
      if (parameter.name !== m[1]) return;
      places.push({
        start: m.index,
        valueStart: m.index + m[0].length,
        order,
        kind: parameter.kind,
      });
    });
  }
  return places.length <= MAX_PLACES
    ? places
    : [...places.slice(0, MAX_PLACES / 2), ...places.slice(-MAX_PLACES / 2)];
}

function fits(text: string, place: Place, end: number): boolean {
  if (end < place.valueStart) return false;
  if (place.kind !== 'number' && place.kind !== 'fd') return true;
  const value = text.slice(place.valueStart, end).trimEnd();
  return (
    value === '' || isNumber(value) || /^(?:NULL|none|<NA>|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)$/.test(value)
  );
}

/** A decimal, octal or hex number, alone or with something in parentheses behind it. */
function isNumber(value: string): boolean {
  let p = value.startsWith('-') ? 1 : 0;
  const from = p;
  while (isHexDigit(value.charCodeAt(p))) p++;
  // Pages that dropped everything in angle brackets also lost some descriptors' numbers.
  if (p === from && (from > 0 || value[p] !== '(')) return false;
  return p === value.length || (value[p] === '(' && /[)>]$/.test(value));
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function splitAtNames(text: string): readonly Argument[] {
  const names = [...text.matchAll(NAME)];
  return names.map((m, i): Argument => {
    const next = names[i + 1];
    const value = text.slice(m.index + m[0].length, next === undefined ? text.length : next.index - 1);
    return { name: m[1]!, kind: isNumber(value) ? 'number' : 'text', value };
  });
}
