/** Answers to a filter's questions that a custom layout or a JSON object prints itself. */
import type { CallResult, Fd, ProcessInfo } from '../../model/event-fields.js';
import { PROCESS_NUMBERS, PROCESS_TEXTS } from '../../model/process-fields.js';
import { describe } from './descriptor.js';

/** Text of an event's column by field name; undefined where it has none. */
export type Column = (field: string) => string | undefined;

/** `SUCCESS` and errno names of evt.res, numbers of evt.rawres and evt.rawarg.res. */
export function resultOfColumns(column: Column): CallResult | undefined {
  const resolved = column('evt.arg.res');
  const name =
    column('evt.res') ?? (resolved !== undefined && /^E[A-Z0-9]+$/.test(resolved) ? resolved : undefined);
  const printed = column('evt.rawres') ?? column('evt.rawarg.res') ?? resolved;
  const value = printed !== undefined && /^-?\d+$/.test(printed) ? BigInt(printed) : undefined;
  if (name === undefined && value === undefined) return undefined;
  return {
    value: value ?? (name === 'SUCCESS' ? 0n : undefined),
    errno: name === undefined || name === 'SUCCESS' || /^-?\d+$/.test(name) ? undefined : name,
  };
}

/** A descriptor from fd.* columns; undefined when neither its number nor its name is printed. */
export function fdOfColumns(column: Column): Fd | undefined {
  const num = number(column('fd.num'));
  const name = column('fd.name');
  if (num === undefined && name === undefined) return undefined;
  const typeChar = column('fd.typechar');
  const fromName = describe(num ?? -1, typeChar, undefined, name);
  const l4proto = column('fd.l4proto');
  return {
    num: fromName.num,
    type: column('fd.type') ?? fromName.type,
    typeChar: fromName.typeChar,
    name,
    l4proto: isProtocol(l4proto) ? l4proto : undefined,
    clientIp: column('fd.cip') ?? fromName.clientIp,
    clientPort: number(column('fd.cport')) ?? fromName.clientPort,
    serverIp: column('fd.sip') ?? fromName.serverIp,
    serverPort: number(column('fd.sport')) ?? fromName.serverPort,
  };
}

/** A process from proc.* and thread.* columns; undefined when there are none. */
export function processOfColumns(column: Column): ProcessInfo | undefined {
  const info: Record<string, string | number> = {};
  for (const [field, member] of Object.entries(PROCESS_NUMBERS)) {
    const value = number(column(field));
    if (value !== undefined) info[member] = value;
  }
  for (const [field, member] of Object.entries(PROCESS_TEXTS)) {
    const value = column(field);
    if (value !== undefined) info[member] = value;
  }
  return Object.keys(info).length === 0 ? undefined : info;
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function isProtocol(text: string | undefined): text is NonNullable<Fd['l4proto']> {
  return text === 'tcp' || text === 'udp' || text === 'icmp' || text === 'raw';
}
