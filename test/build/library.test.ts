/** The library as built, imported by its name as its users import it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const SCRIPT = `
import { createReadStream } from 'node:fs';
import ReadlineTransform from 'readline-transform';
import { findGaps, parseEvents, version } from 'sysgap';
const run = findGaps('samples/sysdig/sigstop3.both.txt', {
  filter: "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'", threshold: '1.2s' });
const gaps = [];
for await (const gap of run) gaps.push([gap.durationNs, gap.start?.num, gap.cause]);
const { gapsFound } = await run.report;
const source = createReadStream('samples/strace/sigstop3.f_tt_T_y.txt');
let events = 0;
for await (const event of source.pipe(new ReadlineTransform()).pipe(parseEvents({ format: 'strace' }))) {
  if (event.type !== '') events++;
}
console.log(JSON.stringify({ version, gaps, gapsFound, events }));
`;

it('does what README shows', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };
  expect(JSON.parse(stdout)).toEqual({
    version,
    gaps: [[3_563_215_748, 2827, 'stopped']],
    gapsFound: 1,
    events: 107,
  });
});
