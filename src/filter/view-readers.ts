/** Readers of what the view itself holds. Text is tested where it lies, numbers are compared as they are. */
import { ABSENT, DIR_ENTER, DIR_EXIT, type EventView } from '../model/event.js';
import { NameCache } from './byte-table.js';
import type { Predicate, Reader } from './reader.js';

const BLANK = 0x20;

/** End of the arguments without the blanks that sysdig leaves behind them. */
export function argsEnd(e: EventView): number {
  let end = e.argsEnd;
  while (end > e.argsStart && e.text[end - 1] === BLANK) end--;
  return end;
}

/** A reader for a field of the view, or undefined for all others. */
export function viewReader(field: string): Reader | undefined {
  switch (field) {
    case 'proc.name':
      return nameReader();
    case 'evt.type':
      return typeReader();
    case 'evt.args':
    case 'evt.info':
      return {
        as: 'bytes',
        test: (test) => (e) => test(e.text, e.argsStart, argsEnd(e)),
        read: (e) => e.text.toString('utf8', e.argsStart, argsEnd(e)),
      };
    case 'evt.outputtime':
      return {
        as: 'bytes',
        test: (test) => (e) => e.timeStart >= 0 && test(e.text, e.timeStart, e.timeEnd),
        read: (e) => (e.timeStart < 0 ? undefined : e.text.toString('latin1', e.timeStart, e.timeEnd)),
      };
    case 'evt.dir':
      return { as: 'bytes', test: dirTest, read: readDir };
    case 'evt.num':
      return { as: 'number', read: (e) => (e.num === ABSENT ? undefined : e.num) };
    case 'evt.cpu':
      return { as: 'number', read: (e) => (e.cpu === ABSENT ? undefined : e.cpu) };
    case 'thread.tid':
      return { as: 'number', read: (e) => (e.tid === ABSENT ? undefined : e.tid) };
    default:
      return undefined;
  }
}

function nameReader(): Reader {
  const names = new NameCache('utf8');
  return {
    as: 'bytes',
    test: (test) => (e) => e.nameStart >= 0 && test(e.name, e.nameStart, e.nameEnd),
    read: (e) => (e.nameStart < 0 ? undefined : names.get(e.name, e.nameStart, e.nameEnd)),
  };
}

function typeReader(): Reader {
  const types = new NameCache('latin1');
  return {
    as: 'bytes',
    test: (test) => (e) => e.typeEnd > e.typeStart && test(e.text, e.typeStart, e.typeEnd),
    read: (e) => (e.typeEnd > e.typeStart ? types.get(e.text, e.typeStart, e.typeEnd) : undefined),
  };
}

/** The two directions are tested once, when the filter is compiled. */
function dirTest(test: (bytes: Buffer, start: number, end: number) => boolean): Predicate {
  const enter = test(Buffer.from('>'), 0, 1);
  const exit = test(Buffer.from('<'), 0, 1);
  return (e) => (e.dir === DIR_ENTER ? enter : e.dir === DIR_EXIT ? exit : false);
}

function readDir(e: EventView): string | undefined {
  return e.dir === DIR_ENTER ? '>' : e.dir === DIR_EXIT ? '<' : undefined;
}
