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

/** A damaged copy, at most a few hundred KB. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let out: Buffer = Buffer.from(bytes.subarray(0, 1 + random(bytes.length)));
  for (let i = 1 + random(12); i > 0; i--) {
    const at = random(out.length + 1);
    const length = random(1 << random(12));
    const part = out.subarray(at, at + length);
    switch (random(9)) {
      case 0:
        for (let j = random(20); j >= 0 && out.length > 0; j--) out[random(out.length)] = random(256);
        break;
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), part, out.subarray(at)]);
        break;
      case 3:
        out = Buffer.concat([out.subarray(0, at), HOSTILE[random(HOSTILE.length)]!, out.subarray(at)]);
        break;
      case 4:
        out = Buffer.concat([out.subarray(at), out.subarray(0, at)]);
        break;
      case 5:
        out = Buffer.concat([
          out.subarray(0, at),
          Buffer.from(Array.from({ length: length % 500 }, () => random(256))),
          out.subarray(at),
        ]);
        break;
      case 6:
        // Digits change: times jump, numbers fall, threads move.
        for (let j = at; j < Math.min(out.length, at + length); j++) {
          if (out[j]! >= 0x30 && out[j]! <= 0x39 && random(4) === 0) out[j] = 0x30 + random(10);
        }
        break;
      case 7:
        out = Buffer.concat([
          out.subarray(0, at),
          Buffer.alloc(random(5000), random(2) === 0 ? 0 : 0x28),
          out.subarray(at),
        ]);
        break;
      default:
        out = Buffer.from(
          out
            .toString('latin1')
            .split('\n')
            .sort(() => random(3) - 1)
            .join('\n'),
          'latin1',
        );
    }
    if (out.length === 0 || out.length > 400_000) out = Buffer.from(out.subarray(0, 400_000));
  }
  return out;
}
