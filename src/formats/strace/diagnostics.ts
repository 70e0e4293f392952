/**
 * Lines of strace's output that carry no event:
 *
 *   strace: Process 28199 attached          Process 1234 detached          [ Process PID=1 runs in 32 bit mode. ]
 *    > /lib/libc.so.6(read+0x10) [0x1]       | 00000  76 6d 0a      vm.  |       * 3 bytes in buffer 0
 *   % time     seconds  usecs/call     calls    errors syscall
 *
 * and diagnostics in the middle of a line: the line goes on behind them, on the next one.
 */

/** A diagnostic on a line of its own; argv[0] stands in front since 4.11, before a `^C` may. */
const DIAGNOSTIC =
  /^(?:[^\s()"'<>{}]*strace: |(?:\^C)?Process \d+ (?:attached|detached|suspended|resumed)\b)/;
const PERSONALITY = /^\[ ?Process PID=\d+ runs in .* mode\. ?\]$/;
const STACK_OR_DUMP = /^ (?:> |\| [0-9a-f]{5,} |\* \d+ bytes in buffer \d+$|= \d+ buffers in vector \d+$)/;
/** An entry that ended in a diagnostic ends here. */
const BARE_OPEN_END = /^ ?<(?:unfinished|detached) \.\.\.>$/;
const TABLE_HEAD = /^(?:% time +seconds |System call usage summary for )/;
const TABLE_LINE = /^(?:[- ]+$| *\d[\d.]* +[\d.]|[\d.]+ .*total$)/;
const ATTACHED = /strace: Process (\d{1,7}) attached/;
const JUDGED = 240;

export const NO_DIAGNOSTIC = 0;
export const DIAGNOSTIC_LINE = 1;
export const TABLE_HEAD_LINE = 2;
export const OPEN_END_LINE = 3;

/** What kind of eventless line bytes[start, end) is. `inTable`: behind the head of a `-c` table. */
export function judgeDiagnostic(bytes: Buffer, start: number, end: number, inTable: boolean): 0 | 1 | 2 | 3 {
  if (start === end) return DIAGNOSTIC_LINE;
  const text = bytes.toString('latin1', start, Math.min(end, start + JUDGED));
  if (BARE_OPEN_END.test(text)) return OPEN_END_LINE;
  if (TABLE_HEAD.test(text)) return TABLE_HEAD_LINE;
  if (STACK_OR_DUMP.test(text) || DIAGNOSTIC.test(text) || PERSONALITY.test(text)) return DIAGNOSTIC_LINE;
  return inTable && TABLE_LINE.test(text) ? DIAGNOSTIC_LINE : NO_DIAGNOSTIC;
}

/** The thread that `strace: Process N attached` names, or -1. */
export function attachedThread(bytes: Buffer, start: number, end: number): number {
  if (end - start > JUDGED) return -1;
  const m = ATTACHED.exec(bytes.toString('latin1', start, end));
  return m ? Number(m[1]) : -1;
}

const AT_END =
  /(?:(?:(?:\/[\w.+-]+)+\/)?strace: )?Process \d{1,7} (?:attached(?: with \d+ threads?)?(?: - interrupt to quit| \(waiting for parent\))?|detached|suspended|resumed(?: \(parent \d+ ready\))?)$/;

/** Where the diagnostic that breaks the line off starts, or -1. */
export function diagnosticAtEnd(bytes: Buffer, start: number, end: number): number {
  const last = bytes[end - 1];
  // d of attached, ) of (waiting for parent), t of interrupt to quit, s of threads
  if (last !== 0x64 && last !== 0x29 && last !== 0x74 && last !== 0x73) return -1;
  const from = Math.max(start, end - JUDGED);
  const text = bytes.toString('latin1', from, end);
  const m = AT_END.exec(text);
  if (!m) return -1;
  // A terminal shows the interrupt key before the diagnostic.
  const cut = from + m.index;
  return cut - 2 >= start && bytes[cut - 1] === 0x43 && bytes[cut - 2] === 0x5e ? cut - 2 : cut;
}
