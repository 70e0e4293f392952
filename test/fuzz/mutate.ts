/** Seeded damage to a trace: what disks, terminals, editors and enemies do. */

export type Random = (below: number) => number;

/** Whole numbers below a bound; the same seed gives the same ones. */
export function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 4_294_967_296) * below);
  };
}

/** More than this nothing grows to. */
const MOST_BYTES = 400_000;
const NEWLINE = 10;

const HOSTILE = [
  '\x1b[31m',
  '\x1b]0;title\x07',
  '\u202e',
  '\0',
  '99999999999999999999999999',
  '-1',
  '9007199254740993',
  '<unfinished ...>',
  '<... read resumed>',
  ' = ? ERESTARTSYS (To be restarted)',
  '(((((((((((',
  '"""""""',
  ') = -1 EAGAIN',
  '--- SIGSTOP {} ---',
  '+++ exited with 0 +++',
  '> switch next=',
  'data=\n',
  '\r\n',
  '\n\n\n',
  '\n1 00:00:00.000000000 0 a (1) > read fd=1\n',
  '\n1 1700000000.000001 read(1, "", 1) = 0 <0.000001>\n',
  '\n07:44:00.000001 IP 10.0.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 1, length 20\n',
  '\n    10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64\n',
  '12 packets captured\n12 packets received by filter\n3 packets dropped by kernel\n',
  '{"evt.num":',
  '\ufeff',
].map((text) => Buffer.from(text));

const NUMBERS = [
  '0',
  '-1',
  '1',
  '255',
  '65536',
  '4294967295',
  '4294967297',
  '9007199254740993',
  '18446744073709551615',
  '99999999999999999999999999',
  '1e308',
  '0x7fffffff',
  '000000000000000000000001',
];

/** 17:01:20.339942, 1700000000.123456 */
const TIME = /\d\d:\d\d:\d\d(?:\.\d+)?|\b\d{9,10}\.\d+/;

type Damage = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

function spliced(bytes: Buffer, from: number, to: number, put: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);
}

/** A stretch of the bytes, mostly a short one. */
function stretch(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random(1 << random(12)))];
}

/** A stretch of whole lines, mostly a few. */
function lineStretch(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = bytes.indexOf(NEWLINE, random(bytes.length + 1)) + 1;
  let to = from;
  for (let i = random(1 << random(9)); i >= 0; i--) {
    const end = bytes.indexOf(NEWLINE, to);
    if (end < 0) return [from, bytes.length];
    to = end + 1;
  }
  return [from, to];
}

/** The stretch's lines, each as `change` makes it. */
function eachLine(
  bytes: Buffer,
  [from, to]: readonly [number, number],
  change: (line: string) => string,
): Buffer {
  const lines = bytes.toString('latin1', from, to).split('\n');
  return spliced(bytes, from, to, Buffer.from(lines.map(change).join('\n'), 'latin1'));
}

/** What leaves lines whole: parts left out, repeated, moved, mixed with another trace, their numbers changed. */
const OF_LINES: readonly Damage[] = [
  (bytes, random) => spliced(bytes, ...lineStretch(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const [from, to] = lineStretch(bytes, random);
    const lines = bytes.subarray(from, to);
    return spliced(bytes, from, from, Buffer.concat(Array.from({ length: 1 + random(4) }, () => lines)));
  },
  // Lines elsewhere than they were.
  (bytes, random) => {
    const [from, to] = lineStretch(bytes, random);
    const lines = Buffer.from(bytes.subarray(from, to));
    const rest = spliced(bytes, from, to, Buffer.alloc(0));
    const [at] = lineStretch(rest, random);
    return spliced(rest, at, at, lines);
  },
  (bytes, random) => {
    const [from, to] = lineStretch(bytes, random);
    const lines = bytes.toString('latin1', from, to).split('\n').reverse();
    return spliced(bytes, from, to, Buffer.from(lines.join('\n'), 'latin1'));
  },
  (bytes, random, other) => {
    const [from, to] = lineStretch(other, random);
    const [at] = lineStretch(bytes, random);
    return spliced(bytes, at, at, other.subarray(from, to));
  },
  (bytes, random, other) => {
    const [at] = lineStretch(bytes, random);
    const [from] = lineStretch(other, random);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from)]);
  },
  // One digit of the time, the same through all of the stretch: the clock is set.
  (bytes, random) => {
    const place = random(12);
    const digit = String(random(10));
    return eachLine(bytes, lineStretch(bytes, random), (line) =>
      line.replace(TIME, (time) =>
        /\d/.test(time[place] ?? '') ? time.slice(0, place) + digit + time.slice(place + 1) : time,
      ),
    );
  },
  // One number of each line, or of one line.
  (bytes, random) => {
    const nth = random(8);
    const number = NUMBERS[random(NUMBERS.length)]!;
    const [from, to] = lineStretch(bytes, random);
    const one = random(2) === 0 ? to : Math.min(to, bytes.indexOf(NEWLINE, from) + 1 || to);
    return eachLine(bytes, [from, one], (line) => {
      let i = 0;
      return line.replace(/\d+/g, (found) => (i++ === nth ? number : found));
    });
  },
];

const OF_BYTES: readonly Damage[] = [
  (bytes, random) => {
    const out = Buffer.from(bytes);
    for (let i = random(20); i >= 0 && out.length > 0; i--) out[random(out.length)] = random(256);
    return out;
  },
  (bytes, random) => spliced(bytes, ...stretch(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const [from, to] = stretch(bytes, random);
    return spliced(bytes, from, from, bytes.subarray(from, to));
  },
  (bytes, random) => {
    const [at] = stretch(bytes, random);
    return spliced(bytes, at, at, HOSTILE[random(HOSTILE.length)]!);
  },
  (bytes, random) => {
    const [at] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
  },
  (bytes, random) => {
    const [from, to] = stretch(bytes, random);
    const noise = Buffer.from(Array.from({ length: (to - from) % 500 }, () => random(256)));
    return spliced(bytes, from, from, noise);
  },
  // Digits change: times jump, numbers fall, threads move.
  (bytes, random) => {
    const out = Buffer.from(bytes);
    const [from, to] = stretch(bytes, random);
    for (let i = from; i < to; i++)
      if (out[i]! >= 0x30 && out[i]! <= 0x39 && random(4) === 0) out[i] = 0x30 + random(10);
    return out;
  },
  (bytes, random) => {
    const [at] = stretch(bytes, random);
    return spliced(bytes, at, at, Buffer.alloc(random(5000), random(2) === 0 ? 0 : 0x28));
  },
  (bytes, random) => {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.from(lines.sort(() => random(3) - 1).join('\n'), 'latin1');
  },
  (bytes, random, other) => {
    const [from, to] = stretch(other, random);
    const [at] = stretch(bytes, random);
    return spliced(bytes, at, at, other.subarray(from, to));
  },
  // A number of a binary capture: a length, a time, an interface.
  (bytes, random) => {
    const out = Buffer.from(bytes);
    const at = random(Math.max(1, out.length >> 2)) << 2;
    const value = [0, 1, 0xff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff][random(7)]!;
    if (at + 4 > out.length) return out;
    if (random(2) === 0) out.writeUInt32LE(value, at);
    else out.writeUInt32BE(value, at);
    return out;
  },
];

/** From the start or any line on; mostly a few hundred lines, so that there are many rounds. */
function partOf(bytes: Buffer, random: Random): Buffer {
  const from = random(2) === 0 ? 0 : bytes.indexOf(NEWLINE, random(bytes.length)) + 1;
  const length = 1 + random(random(4) === 0 ? bytes.length : Math.min(bytes.length, 40_000));
  return bytes.subarray(from, from + length);
}

/** A damaged copy, at most a few hundred KB; `other` is a trace of the same kind that parts may come from. */
export function mutate(bytes: Buffer, random: Random, other = bytes): Buffer {
  let out: Buffer = Buffer.from(partOf(bytes, random));
  const isGentle = random(2) === 0;
  for (let i = 1 + random(isGentle ? 3 : 12); i > 0; i--) {
    const kinds = isGentle || random(2) === 0 ? OF_LINES : OF_BYTES;
    out = kinds[random(kinds.length)]!(out, random, other);
    if (out.length === 0 || out.length > MOST_BYTES) out = Buffer.from(out.subarray(0, MOST_BYTES));
  }
  return out;
}
