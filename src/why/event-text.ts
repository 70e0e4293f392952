/** The texts of an event that the investigation keeps. */
import type { EventView } from '../model/event.js';
import { type Result, readResult } from './arguments.js';

const TEXT_KEPT = 1000;

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
