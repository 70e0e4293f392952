/** The lines of a sample, for formats that judge each by its text; without their carriage returns. */

const NEWLINE = 10;
const CR = 13;

/** The last one may be cut short, unless the sample is complete. */
export function sampleLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.indexOf(NEWLINE, start);
    if (end < 0) end = bytes.length;
    lines.push(bytes.subarray(start, end > start && bytes[end - 1] === CR ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}
