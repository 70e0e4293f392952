/** Reads single arguments out of a call's printed arguments, strace's positional ones and sysdig's `key=value`. */

/** strace's arguments at the top level: split at commas outside of brackets and strings. */
export function splitArguments(text: string): string[] {
  const list: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (c === '(' || c === '[' || c === '{') depth++;
    else if (c === ')' || c === ']' || c === '}') depth--;
    else if (c === ',' && depth === 0) {
      list.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = text.slice(from).trim();
  if (last !== '' || list.length > 0) list.push(last);
  return list;
}

/** The value of sysdig's `key=`, up to the next blank; undefined without one. */
export function keyValue(text: string, key: string): string | undefined {
  const at = text.startsWith(`${key}=`) ? 0 : text.indexOf(` ${key}=`) + 1;
  if (at === 0 && !text.startsWith(`${key}=`)) return undefined;
  const from = at + key.length + 1;
  const end = text.indexOf(' ', from);
  return text.slice(from, end < 0 ? undefined : end);
}

/** `{tv_sec=1, tv_nsec=700000000}`, `{tv_sec=0, tv_usec=5}`, `{1, 700000000}` in nanoseconds; undefined for NULL and addresses. */
export function timeStruct(text: string | undefined): number | undefined {
  const m = text && /^\{(?:tv_sec=)?(\d{1,10}), (?:(tv_nsec|tv_usec)=)?(\d{1,9})\}/.exec(text);
  if (!m) return undefined;
  return Number(m[1]) * 1e9 + Number(m[3]) * (m[2] === 'tv_usec' ? 1000 : 1);
}

/** A call's result: `res=-110(ETIMEDOUT)`, `0 (Timeout)`, `-1 EINTR (Interrupted system call)`, `? ERESTARTSYS (...)`. */
export interface Result {
  readonly value: number | null;
  readonly errno: string | null;
}

const KERNEL_ERRNO: Readonly<Record<string, string>> = {
  '-4': 'EINTR',
  '-11': 'EAGAIN',
  '-110': 'ETIMEDOUT',
  '-512': 'ERESTARTSYS',
  '-513': 'ERESTARTNOINTR',
  '-514': 'ERESTARTNOHAND',
  '-516': 'ERESTART_RESTARTBLOCK',
};

/** Null where the trace prints no result (sysdig's generic calls). */
export function readResult(text: string, sysdig: boolean): Result | null {
  if (sysdig) {
    const m = /(?:^| )(?:res|fd)=(-?\d+)(?:\(([A-Z]\w*)\))?/.exec(text);
    if (!m) return null;
    const value = Number(m[1]);
    return { value, errno: value < 0 ? (m[2] ?? KERNEL_ERRNO[m[1]!] ?? null) : null };
  }
  const m = /^(\?|-?\d+|0x[0-9a-f]+)(?:<[^>]*>)?(?: (E[A-Z_]+)\b)?/.exec(text.trim());
  if (!m) return null;
  const value = m[1] === '?' ? null : Number(m[1]);
  return { value, errno: m[2] ?? null };
}

/** A wait that a signal, a freezer or a tracer broke off. */
export function wasInterrupted(result: Result | null): boolean {
  return result?.errno != null && (result.errno === 'EINTR' || result.errno.startsWith('ERESTART'));
}
