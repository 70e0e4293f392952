/** From a term of a filter to the reader of its value. */
import { findField } from '../model/field-table.js';
import type { Term, Transform } from './ast.js';
import { callReader } from './call-readers.js';
import { fdReader } from './fd-readers.js';
import { fieldText } from './fields.js';
import { packetReader } from './packet-readers.js';
import { processReader } from './process-readers.js';
import { bool, type Context, number, type Read, type Reader, text } from './reader.js';
import { timeReader } from './time-readers.js';
import { readBoolean, readNumber } from './values.js';
import { viewReader } from './view-readers.js';

/** The reader of a term, its transformers included. */
export function termReader(term: Term, context: Context): Reader {
  const reader = fieldReader(term, context);
  if (term.transforms.length === 0) return reader;
  const read = readText(reader);
  const last = term.transforms[term.transforms.length - 1];
  const textual = term.transforms.filter((transform) => transform !== 'len').map(transformer);
  const transformed: Read<string> = (e) => {
    let value = read(e);
    if (value === undefined) return undefined;
    for (const transform of textual) value = transform(value);
    return value;
  };
  if (last !== 'len') return text(transformed);
  return number((e) => {
    const value = transformed(e);
    return value === undefined ? undefined : Buffer.byteLength(value);
  });
}

/** Any single value as text. */
export function readText(reader: Reader): Read<string> {
  switch (reader.as) {
    case 'bytes':
    case 'text':
      return reader.read;
    case 'number':
    case 'bool':
      return (e) => {
        const value = reader.read(e);
        return value === undefined ? undefined : String(value);
      };
    default:
      return () => undefined;
  }
}

function fieldReader(term: Term, context: Context): Reader {
  const own = viewReader(term.field);
  if (own !== undefined) return own;
  const type = viewReader('evt.type')!.read as Read<string>;
  const reader =
    timeReader(term.field, context) ??
    processReader(term, context) ??
    fdReader(term.field, context) ??
    packetReader(term.field, context) ??
    callReader(term, context, type);
  return orColumn(reader, term, context);
}

/** What the trace itself prints under the field's name counts where nothing else tells it. */
function orColumn(reader: Reader | undefined, term: Term, context: Context): Reader {
  const name = fieldText(term);
  const column: Read<string> = (e) => context.fields.column(e, name);
  const columnNumber = (e: Parameters<typeof column>[0]) => {
    const value = column(e);
    return value === undefined ? undefined : readNumber(value);
  };
  const columnBool = (e: Parameters<typeof column>[0]) => {
    const value = column(e);
    return value === undefined ? undefined : readBoolean(value);
  };
  if (reader === undefined) {
    const kind = findField(term.field)!.kind;
    if (kind === 'number' || kind === 'ns' || kind === 'seconds' || kind === 'port')
      return number(columnNumber);
    return kind === 'bool' ? bool(columnBool) : text(column);
  }
  switch (reader.as) {
    case 'text':
      return text((e) => reader.read(e) ?? column(e));
    case 'number':
      return number((e) => reader.read(e) ?? columnNumber(e));
    case 'bool':
      return bool((e) => reader.read(e) ?? columnBool(e));
    default:
      return reader;
  }
}

function transformer(transform: Transform): (value: string) => string {
  switch (transform) {
    case 'tolower':
      return (value) => value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    case 'toupper':
      return (value) => value.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
    case 'b64':
      return (value) => Buffer.from(value, 'base64').toString('utf8');
    case 'basename':
      return (value) => value.slice(value.lastIndexOf('/') + 1);
    case 'len':
      return (value) => value;
  }
}
