// What is measured against what: inputs, our command, the command of a peer, and the bars that our part of its time is
// held to. `mb` is the size of the inputs in megabytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BYTES_PER_LINE, pcapBytes, straceText, sysdigText, write } from './inputs.mjs';

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {() => { ours: string, peer: string, check?: string }} commands made when the case is run, with their inputs;
 *   `check` gives the answer where the peer doesn't
 * @property {number} bar our wall time divided by the peer's must not be above it
 * @property {number} aim what it should become
 * @property {readonly string[]} [needs] programs that the peer needs
 */

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

export const SYSGAP = `node ${path('dist/cli/main.js')}`;
export const SAMPLE = path('samples/sysdig/healthy.scap');
/** Our filter with a literal, and how grep says it. */
export const FILTER = `-f "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'"`;
const SENDMSG = `grep -E 'keepalived \\([0-9]+\\) > sendmsg'`;
const DAY_SECONDS = 'function sec(t,  a){split(t,a,":");return a[1]*3600+a[2]*60+a[3]}';

/** Inputs of another version of the generators are never met: its folder has another name. */
const VERSION = createHash('sha256')
  .update(readFileSync(new URL('inputs.mjs', import.meta.url)))
  .digest('hex');
export const FOLDER = join(tmpdir(), `sysgap-bench-${VERSION.slice(0, 8)}`);

/** The path of an input, made if it is not there; throws if the disk has no room for it and 1 GB more. */
function input(name, bytes, parts) {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, name);
  if (existsSync(file)) return file;
  const { bavail, bsize } = statfsSync(FOLDER);
  if (bavail * bsize < bytes + 1e9)
    throw new Error(
      `${FOLDER}: no room for ${name} (${bytes / 1e6} MB and 1 GB to spare); TMPDIR=... moves it`,
    );
  process.stderr.write(`making ${file}\n`);
  write(file, parts());
  return file;
}

export const sysdigInput = (mb) => input(`sysdig-${mb}.txt`, mb * 1e6, () => sysdigText(mb * 1e6));
const straceInput = (mb) => input(`strace-${mb}.txt`, mb * 1e6, () => straceText(mb * 1e6));

/** Gaps of keepalived's sends, one a line, by the usual two programs. */
export function peerGaps(file, seconds, { awk = 'awk', filter = true } = {}) {
  const gaps = `'${DAY_SECONDS} ${filter ? '' : '/keepalived \\([0-9]+\\) > sendmsg/ '}{t=sec($2); if (n++ && t-p>=${seconds}) print t-p; p=t}'`;
  return filter ? `${SENDMSG} ${file} | ${awk} ${gaps}` : `${awk} ${gaps} ${file}`;
}

/** Gaps of each thread, one a line, by one awk program. */
function gapsOfThreads(file, seconds, awk = 'awk') {
  return `${awk} '${DAY_SECONDS} {match($0,/\\([0-9]+\\) [<>]/); k=substr($0,RSTART+1,RLENGTH-4); t=sec($2); if (k in p && t-p[k]>=${seconds}) print t-p[k]; p[k]=t}' ${file}`;
}

/** @returns {Case[]} `scap`: the capture that sysdig's chisel reads; `large`: the window of 900 MB, and causes among 100,000 threads. */
export function casesOf(mb, { scap, large }) {
  const lines = (mb * 1e6) / BYTES_PER_LINE;
  /** Some forty lines for each. */
  const threads = Math.min(100_000, mb * 250);
  const sysdig = () => sysdigInput(mb);
  const literal = (file) => `${SYSGAP} ${FILTER} -t 1.2s -o json ${file}`;
  const byThread = (awk, needs) => ({
    name: `no literal, --by thread, every line${needs ? ` (peer: ${awk})` : ''}`,
    commands: () => ({
      ours: `${SYSGAP} --by thread -t 1s -o json ${sysdig()}`,
      peer: gapsOfThreads(sysdig(), 1, awk),
    }),
    needs,
    bar: 0.25,
    aim: 0.12,
  });
  return [
    {
      name: 'sysdig text, filter with a literal, full answer',
      commands: () => ({ ours: literal(sysdig()), peer: peerGaps(sysdig(), 1.2) }),
      bar: 1.0,
      aim: 0.6,
    },
    {
      name: 'sysdig text, filter with a literal, full answer (peer: mawk alone)',
      commands: () => ({
        ours: literal(sysdig()),
        peer: peerGaps(sysdig(), 1.2, { awk: 'mawk', filter: false }),
      }),
      needs: ['mawk'],
      bar: 1.0,
      aim: 0.6,
    },
    {
      name: 'strace, evt.type=fsync',
      commands: () => ({
        ours: `${SYSGAP} -f "evt.type=fsync and evt.dir='>'" -t 1.0005s -o json ${straceInput(mb)}`,
        peer: `grep -E ' fsync\\(' ${straceInput(mb)} | awk '{if (NR>1 && $2-p>=1.0005) print $2-p; p=$2}'`,
      }),
      bar: 1.0,
      aim: 0.5,
    },
    ...[
      ['--proc of one process', '--proc daemon-7', '| sed 1d '],
      ['--tid of one thread', '--tid 1007', ''],
    ].map(([what, option, but]) => ({
      name: `strace, ${what}`,
      // Half a microsecond: nothing lies on the threshold. The execve that gives the name is not of that name yet.
      commands: () => ({
        ours: `${SYSGAP} ${option} --dir enter -t 9.9995ms -o json ${straceInput(mb)}`,
        peer: `grep -E '^1007 ' ${straceInput(mb)} | grep -v resumed ${but}| awk '{if (NR>1 && $2-p>=0.0099995) print $2-p; p=$2}'`,
      }),
      bar: 1.0,
      aim: 0.5,
    })),
    byThread('awk'),
    byThread('mawk', ['mawk']),
    {
      name: 'the same through a pipe (peer: sysgap from the file)',
      commands: () => ({
        ours: `cat ${sysdig()} | ${SYSGAP} --by thread -o json -t 1s`,
        peer: `${SYSGAP} --by thread -o json -t 1s ${sysdig()} > /dev/null`,
        check: gapsOfThreads(sysdig(), 1),
      }),
      bar: 1.5,
      aim: 1.2,
    },
    {
      name: 'gzip (peer: zcat)',
      commands: () => {
        const packed = `${sysdig()}.gz`;
        if (!existsSync(packed)) spawnSync('gzip', ['-1', '-k', sysdig()]);
        return { ours: literal(packed), peer: `zcat ${packed} > /dev/null`, check: peerGaps(sysdig(), 1.2) };
      },
      bar: 0.5,
      aim: 0.35,
    },
    {
      name: '10,000 gaps',
      // Seven seconds of trace for each silence of five, from midnight on: less than a day.
      commands: () => {
        const file = input(`gaps-${mb}.txt`, mb * 1e6, () =>
          sysdigText(mb * 1e6, { stalls: 10_000, nsPerLine: Math.round(7e13 / lines), startNs: 0 }),
        );
        return { ours: `${SYSGAP} ${FILTER} -t 2s -o json ${file}`, peer: peerGaps(file, 2) };
      },
      bar: 2,
      aim: 1,
    },
    ...(large ? [' --no-why', ''] : [' --no-why']).map((option) => ({
      name: `${threads.toLocaleString('en')} threads, --by thread${option || ', with the causes of 20 gaps'}`,
      // Each line is of any thread: a threshold of ten times their mean distance leaves some dozens of gaps.
      commands: () => {
        const file = input(`threads-${mb}.txt`, mb * 1e6, () => sysdigText(mb * 1e6, { threads }));
        const seconds = threads * 40e-6 * 10;
        return {
          ours: `${SYSGAP} --by thread${option} -t ${seconds * 1e3}ms -o json ${file}`,
          peer: gapsOfThreads(file, seconds),
        };
      },
      bar: 0.5,
      aim: 0.25,
    })),
    {
      name: `${large ? 900 : mb / 2} MB inside one gap (peer: awk by thread)`,
      // With its causes: every line of the gap is looked at, as that peer does with every line.
      commands: () => {
        const window = large ? 900 : mb / 2;
        const bytes = window * 1.5e6;
        const stallNs = ((window * 1e6) / BYTES_PER_LINE) * 40_000;
        const file = input(`window-${window}.txt`, bytes, () =>
          sysdigText(bytes, { stalls: 1, first: 0.2, stallNs: Math.round(stallNs) }),
        );
        return {
          ours: literal(file),
          peer: `${gapsOfThreads(file, 1.2)} > /dev/null`,
          check: peerGaps(file, 1.2),
        };
      },
      bar: 0.5,
      aim: 0.25,
    },
    {
      name: 'pcap of a tenth, --type vrrp (peer: tshark)',
      commands: () => {
        const file = input(`packets-${mb / 10}.pcap`, mb * 1e5, () => pcapBytes(mb * 1e5));
        return {
          ours: `${SYSGAP} --type vrrp -t 1.2s -o json ${file}`,
          peer: `tshark -r ${file} -Y vrrp -T fields -e frame.time_epoch 2>/dev/null | awk '{if (NR>1 && $1-p>=1.2) print $1-p; p=$1}'`,
        };
      },
      needs: ['tshark'],
      bar: 0.2,
      aim: 0.05,
    },
    {
      name: `sysdig text of a capture (peer: sysdig -r with a chisel)`,
      commands: () => chiselCommands(scap ?? SAMPLE),
      needs: ['sysdig'],
      bar: 1.0,
      aim: 0.5,
    },
  ];
}

/** sysdig's classic way: a chisel that prints how long it was since the event before, if long; sysgap on the same as text. */
function chiselCommands(scap) {
  mkdirSync(FOLDER, { recursive: true });
  const name = createHash('sha256').update(scap).digest('hex').slice(0, 8);
  const text = join(FOLDER, `scap-${name}.txt`);
  const chisel = join(FOLDER, 'timegap.lua');
  writeFileSync(chisel, CHISEL);
  const { status, stderr } = spawnSync('sh', ['-c', `sysdig -r '${scap}' > ${text}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${scap}: ${stderr.trim()}`);
  return {
    ours: `${SYSGAP} ${FILTER} -t 900ms -o json ${text}`,
    peer: `sysdig -r '${scap}' -c ${chisel}`,
  };
}

const CHISEL = `description = "time between matching events, from 0.9 s on"
short_description = "gaps"
category = "misc"
args = {}
local last
function on_init()
  seconds = chisel.request_field("evt.rawtime.s")
  nanoseconds = chisel.request_field("evt.rawtime.ns")
  chisel.set_filter("proc.name=keepalived and evt.type=sendmsg and evt.dir='>'")
  return true
end
function on_event()
  local t = evt.field(seconds) + evt.field(nanoseconds) / 1e9
  if last and t - last >= 0.9 then print(t - last) end
  last = t
  return true
end
`;

/**
 * The same question to inputs of several sizes, all with gaps of keepalived alone; `bar` and `aim` are of peak memory,
 * in MiB. `floor`: what its input costs without us.
 */
export const SIZES = [
  {
    name: 'size: filter with a literal, from the file',
    command: (file) => `${SYSGAP} ${FILTER} -t 1.2s -o json ${file}`,
    bar: 100,
    aim: 75,
  },
  {
    name: 'size: filter with a literal, from a pipe',
    command: (file) => `cat ${file} | ${SYSGAP} ${FILTER} -t 1.2s -o json`,
    floor: (file) => `cat ${file} | cat`,
    bar: 164,
    aim: 140,
  },
  {
    name: 'size: no literal, --by thread, from the file',
    command: (file) => `${SYSGAP} --by thread -t 1.2s -o json ${file}`,
    bar: 100,
    aim: 75,
  },
];

/** What starting takes, above `node -e 0`: bar and aim in milliseconds. */
export const STARTS = [
  { name: 'start-up: --version', command: `${SYSGAP} --version`, bar: 30, aim: 15 },
  {
    name: 'start-up: a trace of 109 lines, full report',
    command: `${SYSGAP} -f "evt.type=sendto and evt.dir='>'" -t 0.6s ${path('samples/strace/block_nanosleep.f_tt_T_y.txt')}`,
    bar: 60,
    aim: 40,
  },
];
