// `npm run bench [-- --mb 400 --runs 5 --only literal]`: sysgap and what people use today, in turn in one run.
// Whole processes, page cache warm. Each peer's answer is compared with ours: a fast wrong answer fails.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pcapBytes, straceText, sysdigText, write } from './inputs.mjs';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '400' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const megabytes = Number(values.mb);
const runs = Number(values.runs);
const folder = join(tmpdir(), 'sysgap-bench');
mkdirSync(folder, { recursive: true });
const SYSGAP = `node ${fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))}`;
const TIME = ['/usr/bin/time', '/usr/bin/gtime'].find((path) => existsSync(path));

const sysdig = join(folder, `sysdig-${megabytes}.txt`);
const strace = join(folder, `strace-${megabytes}.txt`);
write(sysdig, sysdigText(megabytes * 1e6));
write(strace, straceText(megabytes * 1e6));
// tshark takes minutes for what the others read in a second: a tenth.
const pcap = join(folder, `packets-${megabytes / 10}.pcap`);
write(pcap, pcapBytes(megabytes * 1e5));
spawnSync('sh', ['-c', `test -f ${sysdig}.gz || gzip -1 -k ${sysdig}`]);

/** Gap lengths in milliseconds, one a line, from a JSON report on standard input. */
const LENGTHS = `node -e 'const g=JSON.parse(require("fs").readFileSync(0)).gaps.filter(g=>!g.open);console.log(g.map(g=>Math.round(g.durationNs/1e6)).sort((a,b)=>a-b).join("\\n"))'`;
const DAY_SECONDS = `function sec(t,  a){split(t,a,":");return a[1]*3600+a[2]*60+a[3]}`;
const FILTER = `-f "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'"`;

const cases = [
  {
    name: 'sysdig text, filter with a literal, full answer',
    ours: `${SYSGAP} ${FILTER} -o json ${sysdig}`,
    peer: `grep -E 'keepalived \\([0-9]+\\) > sendmsg' ${sysdig} | awk '${DAY_SECONDS} {t=sec($2); if (NR>1 && t-p>=1.2) print t-p; p=t}'`,
    options: '-t 1.2s',
    bar: 1.0,
    aim: 0.6,
  },
  {
    name: 'strace, evt.type=fsync',
    ours: `${SYSGAP} -f "evt.type=fsync and evt.dir='>'" -o json ${strace}`,
    peer: `grep -E ' fsync\\(' ${strace} | awk '{if (NR>1 && $2-p>=1.2) print $2-p; p=$2}'`,
    options: '-t 1.2s',
    bar: 1.0,
    aim: 0.5,
  },
  {
    name: 'strace, --tid of one thread',
    ours: `${SYSGAP} --tid 1007 --dir enter -o json ${strace}`,
    peer: `grep -E '^1007 ' ${strace} | grep -v resumed | awk '{if (NR>1 && $2-p>=0.02) print $2-p; p=$2}'`,
    options: '-t 20ms',
    bar: 1.0,
    aim: 0.5,
  },
  {
    name: 'no literal, --by thread, every line',
    ours: `${SYSGAP} --by thread -o json ${sysdig}`,
    peer: `awk '${DAY_SECONDS} {match($0,/\\([0-9]+\\) [<>]/); k=substr($0,RSTART+1,RLENGTH-4); t=sec($2); if (k in p && t-p[k]>=1) print t-p[k]; p[k]=t}' ${sysdig}`,
    options: '-t 1s',
    bar: 0.25,
    aim: 0.12,
  },
  {
    name: 'the same through a pipe (peer: from the file)',
    ours: `cat ${sysdig} | ${SYSGAP} --by thread -o json -t 1s`,
    peer: `${SYSGAP} --by thread -o json -t 1s ${sysdig}`,
    bar: 1.5,
    aim: 1.2,
  },
  {
    name: 'gzip (peer: zcat)',
    ours: `${SYSGAP} ${FILTER} -t 1.2s -o json ${sysdig}.gz`,
    peer: `zcat ${sysdig}.gz > /dev/null`,
    unlike: true,
    bar: 0.5,
    aim: 0.35,
  },
  {
    name: 'pcap, --type vrrp',
    ours: `${SYSGAP} --type vrrp -o json ${pcap}`,
    peer: `tshark -r ${pcap} -Y vrrp -T fields -e frame.time_epoch 2>/dev/null | awk '{if (NR>1 && $1-p>=1.2) print $1-p; p=$1}'`,
    options: '-t 1.2s',
    needs: 'tshark',
    bar: 0.2,
    aim: 0.05,
  },
];

function measure(command) {
  const wrapped = TIME ? [TIME, '-f', '%e %U %S %M', 'sh', '-c', command] : ['sh', '-c', command];
  const start = process.hrtime.bigint();
  const done = spawnSync(wrapped[0], wrapped.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28 });
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const [, user, system, kilobytes] = (done.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall, cpu: user + system, memory: kilobytes / 1024, output: done.stdout };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function answer(command, json) {
  const text = json
    ? spawnSync('sh', ['-c', `${command} | ${LENGTHS}`], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout
    : spawnSync('sh', ['-c', command], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout;
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => (json ? Number(line) : Math.round(Number(line) * 1000)))
    .sort((a, b) => a - b)
    .join(' ');
}

console.log(
  `${cpus().length} CPUs (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${release()}, Node ${process.versions.node}`,
);
for (const tool of ['grep --version', 'awk --version', 'gzip --version']) {
  console.log(spawnSync('sh', ['-c', `${tool} 2>&1 | head -n 1`], { encoding: 'utf8' }).stdout.trim());
}
console.log(`inputs of ${megabytes} MB, ${runs} runs of each after one warm-up, medians\n`);
console.log(
  '| case | sysgap s (CPU, MiB) | peer s (CPU, MiB) | ratio | bar | aim |\n| --- | --- | --- | --- | --- | --- |',
);
let failed = 0;
for (const { name, ours, peer, options = '', bar, aim, unlike, needs } of cases.filter((c) =>
  c.name.includes(values.only),
)) {
  if (needs && spawnSync(needs, ['--version']).error) {
    console.log(`| ${name} | ${needs} is not here | | | | |`);
    continue;
  }
  const command = `${ours} ${options}`;
  const peerIsSysgap = peer.includes(SYSGAP);
  if (!unlike) {
    const [mine, theirs] = [answer(command, true), answer(peer, peerIsSysgap)];
    if (mine !== theirs) {
      failed++;
      console.log(`| ${name} | answers differ: ${mine.slice(0, 80)} | ${theirs.slice(0, 80)} | | | |`);
      continue;
    }
  }
  const samples = { ours: [], peer: [] };
  for (let i = 0; i <= runs; i++) {
    for (const [key, cmd] of [
      ['ours', command],
      ['peer', peer],
    ]) {
      const sample = measure(`${cmd} > /dev/null`);
      if (i > 0) samples[key].push(sample);
    }
  }
  const show = (list) =>
    `${median(list.map((s) => s.wall)).toFixed(3)} (${median(list.map((s) => s.cpu)).toFixed(2)}, ${median(list.map((s) => s.memory)).toFixed(0)})`;
  const ratio = median(samples.ours.map((s, i) => s.wall / samples.peer[i].wall));
  console.log(
    `| ${name} | ${show(samples.ours)} | ${show(samples.peer)} | ${ratio.toFixed(2)} | ${bar} | ${aim} |`,
  );
}
for (const [name, command, bar, aim] of [
  ['--version', `${SYSGAP} --version`, 30, 15],
  [
    'a small trace, full report',
    `${SYSGAP} ${FILTER} -t 1.2s ${fileURLToPath(new URL('../../samples/strace/sigstop3.f_tt_T_y.txt', import.meta.url))}`.replace(
      FILTER,
      '--type sendmsg --dir enter',
    ),
    60,
    40,
  ],
]) {
  const bare = [];
  const full = [];
  for (let i = 0; i <= runs * 2; i++) {
    bare.push(measure('node -e 0').wall);
    full.push(measure(`${command} > /dev/null`).wall);
  }
  const over = (median(full) - median(bare)) * 1000;
  console.log(
    `| start-up: ${name} | ${(median(full) * 1000).toFixed(0)} ms | node -e 0: ${(median(bare) * 1000).toFixed(0)} ms | +${over.toFixed(0)} ms | +${bar} ms | +${aim} ms |`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
