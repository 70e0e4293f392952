import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { randomOf } from './fuzz/mutate.js';
import { roundOf } from './fuzz/rounds.js';
import { chunked, run } from './samples.js';

it('dbg', async () => {
  const r = roundOf(Number(process.env.SEED));
  writeFileSync('/tmp/fz.txt', r.bytes);
  const a = await run(chunked(r.bytes, 1 << 20), r.options, {}).catch((e) => e.message);
  const random = randomOf(r.seed + 1);
  const cs = [1 + random(5000), 1 + random(100), 1 + random(70_000)] as const;
  const b = await run(chunked(r.bytes, ...cs), r.options, { blockSize: 1000 + random(60_000) }).catch(
    (e) => e.message,
  );
  writeFileSync('/tmp/a.json', JSON.stringify(a, null, 1));
  writeFileSync('/tmp/b.json', JSON.stringify(b, null, 1));
  if (typeof a !== 'string')
    for (const g of a.gaps)
      if (!g.open && (!g.start || !g.end)) console.log(JSON.stringify(g).slice(0, 1500));
});
