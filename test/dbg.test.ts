import { it } from 'vitest';
import { writeFileSync } from 'node:fs';
import { roundOf } from './fuzz/rounds.js';
import { chunked, run } from './samples.js';
it('dbg', async () => {
  const r = roundOf(Number(process.env.SEED));
  const a = await run(chunked(r.bytes, 1 << 20), r.options, {}).catch((e) => e.message);
  const b = await run(chunked(r.bytes, 3001, 77, 40000), r.options, { blockSize: 7000 }).catch((e) => e.message);
  writeFileSync('/tmp/a.json', JSON.stringify(a, null, 1)); writeFileSync('/tmp/b.json', JSON.stringify(b, null, 1)); writeFileSync('/tmp/fz.txt', r.bytes);
});
