// `npm run bench [-- --mb 400 --runs 5 --only literal --large --scap FILE]`: sysgap and what people use today, in turn
// in one run. Whole processes, page cache warm. Answers are compared: a fast wrong answer fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { casesOf, FOLDER, peerGaps, SIZES, STARTS, SYSGAP, sysdigInput } from './cases.mjs';

const { values } = parseArgs({
  options: {
    /** Size of the inputs, in megabytes. */
    mb: { type: 'string', default: '400' },
    /** Runs of each command, after one that warms up. */
    runs: { type: 'string', default: '5' },
    /** Only cases with this in their name. */
    only: { type: 'string', default: '' },
    /** Ten times the size, too (4 GB), and a window of 900 MB. */
    large: { type: 'boolean', default: false },
    /** A capture for sysdig's chisel, instead of the small one among the samples. */
    scap: { type: 'string' },
  },
});
// Node reads these certificates at each start, whatever it then runs: 30 ms that the machine's owner asked for.
const hasCertificates = process.env.NODE_EXTRA_CA_CERTS !== undefined;
delete process.env.NODE_EXTRA_CA_CERTS;

const megabytes = positive('mb', values.mb);
const runs = positive('runs', values.runs);
const TIME = ['/usr/bin/time', '/usr/bin/gtime'].find((path) => existsSync(path));
/** Of two answers in seconds, what printing and adding up may change. */
const TOLERANCE = 3e-5;
let failed = 0;

function positive(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} takes a whole number from 1 on, not ${text}`);
  return process.exit(2);
}

function shell(command) {
  return spawnSync('sh', ['-c', command], { encoding: 'utf8', maxBuffer: 1 << 30 });
}

/** Seconds of wall and CPU time and peak memory in MiB (NaN without GNU time) of a command with all its children. */
function measure(command) {
  const wrapped = TIME ? [TIME, '-f', '%e %U %S %M', 'sh', '-c', command] : ['sh', '-c', command];
  const start = process.hrtime.bigint();
  const done = spawnSync(wrapped[0], wrapped.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28 });
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const [, user, system, kilobytes] = (done.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall, cpu: user + system, memory: kilobytes / 1024 };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function medians(samples) {
  return {
    wall: median(samples.map((s) => s.wall)),
    cpu: median(samples.map((s) => s.cpu)),
    memory: median(samples.map((s) => s.memory)),
  };
}

function shown({ wall, cpu, memory }) {
  return `${wall.toFixed(3)} (${cpu.toFixed(2)}, ${memory.toFixed(0)})`;
}

/** Lengths of closed gaps in seconds, ascending: from a JSON report, or from a list with one a line. */
function answer(command) {
  const { stdout, stderr, status } = shell(command);
  if (status !== 0) throw new Error(stderr.trim().split('\n')[0] ?? `status ${status}`);
  const lengths = stdout.startsWith('{')
    ? JSON.parse(stdout)
        .gaps.filter((gap) => !gap.open)
        .map((gap) => gap.durationNs / 1e9)
    : stdout.split('\n').filter(Boolean).map(Number);
  return lengths.sort((a, b) => a - b);
}

/** What is wrong with our answer, or undefined; no gaps at all prove nothing. */
function difference(ours, theirs) {
  if (theirs.length === 0) return 'the peer found no gap: nothing is compared';
  if (ours.length !== theirs.length) return `${ours.length} gaps, the peer has ${theirs.length}`;
  const at = ours.findIndex((length, i) => !(Math.abs(length - theirs[i]) <= TOLERANCE * theirs[i]));
  return at < 0 ? undefined : `gap ${at + 1}: ${ours[at]} s, the peer has ${theirs[at]} s`;
}

function verdict(value, bar, aim) {
  return value <= aim ? 'aim' : value <= bar ? 'bar' : 'MISSED';
}

function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}

function head(...cells) {
  console.log();
  row(...cells);
  row(...cells.map(() => '---'));
}

function fail(name, reason) {
  failed++;
  row(name, `FAILED: ${reason}`);
}

/** Runs both commands in turn, once to warm up and `times` times for the record. */
function inTurn(first, second, times) {
  const samples = [[], []];
  for (let i = 0; i <= times; i++) {
    for (const [n, command] of [first, second].entries()) {
      const sample = measure(`${command} > /dev/null`);
      if (i > 0) samples[n].push(sample);
    }
  }
  return samples;
}

function runCase({ name, commands, needs = [], bar, aim }) {
  const missing = needs.find((program) => spawnSync(program, ['--version']).error);
  if (missing) return row(name, `${missing} is not here`);
  const { ours, peer, check = peer } = commands();
  const found = answer(ours);
  const wrong = difference(found, answer(check));
  if (wrong) return fail(name, wrong);
  const [mine, theirs] = inTurn(ours, peer, runs);
  const ratio = median(mine.map((sample, i) => sample.wall / theirs[i].wall));
  return row(
    name,
    found.length,
    shown(medians(mine)),
    shown(medians(theirs)),
    ratio.toFixed(2),
    bar,
    aim,
    verdict(ratio, bar, aim),
  );
}

/** The time above starting must grow as the size does, within a tenth; memory must not grow with it. */
function runSizes({ name, command, floor, bar, aim }, sizes, startUp) {
  let before;
  let floorBefore;
  for (const mb of sizes) {
    const file = sysdigInput(mb);
    const wrong = difference(answer(command(file)), answer(peerGaps(file, 1.2)));
    if (wrong) return fail(`${name}, ${mb} MB`, wrong);
    const [samples, floors] = inTurn(command(file), floor ? floor(file) : 'true', runs);
    const { wall, cpu, memory } = medians(samples);
    const perMb = ((wall - startUp) * 1000) / mb;
    const growth = before === undefined ? undefined : perMb / before;
    row(
      name,
      mb,
      wall.toFixed(3),
      cpu.toFixed(2),
      perMb.toFixed(3),
      growth?.toFixed(2) ?? '',
      '1.10',
      growth === undefined ? '' : verdict(growth, 1.1, 1.1),
      memory.toFixed(0),
      bar,
      aim,
      verdict(memory, bar, aim),
    );
    before = perMb;
    if (!floor) continue;
    const least = medians(floors);
    const floorPerMb = (least.wall * 1000) / mb;
    const floorGrowth = floorBefore === undefined ? '' : (floorPerMb / floorBefore).toFixed(2);
    row(
      'the pipe alone (cat into cat)',
      mb,
      least.wall.toFixed(3),
      least.cpu.toFixed(2),
      floorPerMb.toFixed(3),
      floorGrowth,
    );
    floorBefore = floorPerMb;
  }
}

function machine() {
  console.log(
    `${cpus().length} CPUs (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()}, Node ${process.versions.node}`,
  );
  const tools = ['grep', 'awk', 'mawk', 'gzip', 'tshark', 'sysdig'];
  for (const command of [`${SYSGAP} --version`, ...tools.map((tool) => `${tool} --version`)]) {
    const line = shell(`${command} 2>/dev/null < /dev/null | head -n 1`).stdout.trim();
    if (line) console.log(command.startsWith('node') ? `sysgap ${line}` : line);
  }
  console.log(shell('mawk -W version 2>&1 < /dev/null | grep ^mawk | head -n 1').stdout.trim());
  if (!TIME) console.log('no GNU time here: CPU time and memory are not known');
  if (hasCertificates) console.log('NODE_EXTRA_CA_CERTS is set here and left out of what is measured');
  console.log(`inputs of ${megabytes} MB in ${FOLDER}; medians of ${runs} after one to warm up`);
}

machine();
const wanted = ({ name }) => name.includes(values.only);
const cases = casesOf(megabytes, values).filter(wanted);
if (cases.length > 0)
  head('case', 'gaps', 'sysgap s (CPU s, MiB)', 'peer s (CPU s, MiB)', 'ratio', 'bar', 'aim', 'meets');
for (const one of cases) {
  try {
    runCase(one);
  } catch (error) {
    fail(one.name, error.message);
  }
}

const sizeCases = SIZES.filter(wanted);
if (sizeCases.length > 0) {
  head(
    'case',
    'MB',
    's',
    'CPU s',
    'ms per MB above start-up',
    'of that before',
    'bar',
    'meets',
    'peak MiB',
    'bar',
    'aim',
    'meets',
  );
  // Below 40 MB the trace is too short for a silence of five seconds.
  const sizes = [
    ...new Set([Math.max(megabytes / 10, 40), megabytes, ...(values.large ? [megabytes * 10] : [])]),
  ];
  const startUp = median(inTurn(STARTS[1].command, 'true', runs)[0].map((s) => s.wall));
  for (const one of sizeCases) {
    try {
      runSizes(one, sizes, startUp);
    } catch (error) {
      fail(one.name, error.message);
    }
  }
}

const starts = STARTS.filter(wanted);
if (starts.length > 0) head('case', 'ms', 'node -e 0, ms', 'above it, ms', 'bar', 'aim', 'meets');
for (const { name, command, bar, aim } of starts) {
  const { status, stdout } = shell(command);
  if (status !== 0 || stdout === '') {
    fail(name, `status ${status}`);
    continue;
  }
  const [full, bare] = inTurn(command, 'node -e 0', runs * 2).map((samples) => medians(samples).wall * 1000);
  const over = full - bare;
  row(name, full.toFixed(0), bare.toFixed(0), over.toFixed(0), bar, aim, verdict(over, bar, aim));
}
if (cases.length + sizeCases.length + starts.length === 0) {
  console.error(`no case has "${values.only}" in its name`);
  process.exitCode = 2;
} else process.exitCode = failed > 0 ? 1 : 0;
