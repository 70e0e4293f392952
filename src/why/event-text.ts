/** The texts of an event that the investigation keeps. */
import type { EventView } from '../model/event.js';
import { TYPE_CODES, typeCode } from '../model/event-rows.js';
import { type Result, readResult } from './arguments.js';

const TEXT_KEPT = 1000;

const ERROR = 0x45;

/** Types met last, by code: of the many events of a stretch few have another one. */
const metTypes = new Array<string>(TYPE_CODES).fill('');
const LONGEST_TYPE = 32;

/** The event's type. */
export function typeOf(e: EventView): string {
  const { text, typeStart, typeEnd } = e;
  if (typeEnd <= typeStart || typeEnd - typeStart > LONGEST_TYPE) return e.type();
  const code = typeCode(text, typeStart, typeEnd);
  const met = metTypes[code]!;
  if (isText(met, text, typeStart, typeEnd)) return met;
  const type = e.type();
  metTypes[code] = type;
  return type;
}

function isText(known: string, text: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known.charCodeAt(i) !== text[start + i]) return false;
  return true;
}

/** Whether the result of a call's exit in strace's output may be an error: each has a name with an E in it. */
export function mayNameError({ text, argsStart, argsEnd }: EventView): boolean {
  for (let p = argsStart; p < argsEnd; p++) if (text[p] === ERROR) return true;
  return false;
}

/** As `textOf`, out of what `rawOf` gave where that holds it a byte a character. */
export function argumentsIn(e: EventView, raw: string): string {
  const { recordStart: from, argsStart, argsEnd } = e;
  const isPart = e.text === e.block && from <= argsStart && argsStart <= argsEnd && argsEnd <= e.recordEnd;
  if (!isPart || raw.length !== e.recordEnd - from) return textOf(e);
  return raw.slice(argsStart - from, Math.min(argsEnd, argsStart + TEXT_KEPT) - from);
}

/** An event's arguments, cut where a dump of a buffer would make them long. */
export function textOf(e: EventView): string {
  return e.text.toString('utf8', e.argsStart, Math.min(e.argsEnd, e.argsStart + TEXT_KEPT));
}

/** Its raw line, cut likewise. */
export function rawOf(e: EventView): string {
  return e.block.toString('utf8', e.recordStart, Math.min(e.recordEnd, e.recordStart + TEXT_KEPT));
}

/** The arguments that strace printed when it resumed the call: `<... poll resumed>[...], 5, 1000) = 0`. */
export function resumedArgs(e: EventView): string {
  const m = /resumed>(.*)\)\s*= [^=]*$/s.exec(rawOf(e));
  return m ? m[1]!.replace(/^[\s,]+/, '') : '';
}

/** The result at the end of a line that strace printed whole, where its exit has no time of its own. */
export function resultInRaw(raw: string, sysdig: boolean): Result | null {
  if (sysdig) return null;
  const m = /\)\s+= ([^=]*)$/.exec(raw);
  return m ? readResult(m[1]!, false) : null;
}
