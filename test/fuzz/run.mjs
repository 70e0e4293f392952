// `npm run fuzz -- --minutes 10 --seed 1`: the long form of test/fuzz.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const seed = values.seed ?? String(Math.floor(Date.now() / 1000) % 1_000_000);
console.log(`seed ${seed}, ${values.minutes} minutes`);
const { status } = spawnSync('npx', ['vitest', 'run', 'test/fuzz'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_MINUTES: values.minutes, FUZZ_SEED: seed },
});
process.exitCode = status ?? 1;
