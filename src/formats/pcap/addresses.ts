/** Addresses from their bytes to text. */

/** A capture has few addresses that come again and again. */
const KEPT = 4096;
const known = new Map<number, string>();

export function ip4Text(bytes: Buffer, at: number): string {
  const key = bytes.readUInt32BE(at);
  let text = known.get(key);
  if (text === undefined) {
    text = `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
    if (known.size === KEPT) known.clear();
    known.set(key, text);
  }
  return text;
}

/** RFC 5952: lower case, the longest run of zeros (the first of equals, two at least) left out, IPv4 inside dotted. */
export function ip6Text(bytes: Buffer, at: number): string {
  let runAt = -1;
  let runLength = 1;
  for (let i = 0, from = 0; i <= 8; i++) {
    if (i < 8 && bytes[at + 2 * i] === 0 && bytes[at + 2 * i + 1] === 0) continue;
    if (i - from > runLength) {
      runAt = from;
      runLength = i - from;
    }
    from = i + 1;
  }
  const words = (from: number, to: number): string => {
    let text = '';
    for (let i = from; i < to; i++)
      text += `${i > from ? ':' : ''}${bytes.readUInt16BE(at + 2 * i).toString(16)}`;
    return text;
  };
  if (runAt === 0 && (runLength === 6 || (runLength === 5 && bytes.readUInt16BE(at + 10) === 0xffff)))
    return `::${runLength === 5 ? 'ffff:' : ''}${ip4Text(bytes, at + 12)}`;
  if (runAt < 0) return words(0, 8);
  return `${words(0, runAt)}::${words(runAt + runLength, 8)}`;
}

export function macText(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 6).replace(/..(?=.)/g, '$&:');
}
