/**
 * The same captures with parts of them taken away: a judgement may become "unknown", never wrong. A starved
 * thread's wait can't be told from an idle one without the CPUs' accounting, so "waiting" is no lie there.
 */
import { describe, expect, it } from 'vitest';
import { EXPECTED, type Expected, sampleText } from '../samples.js';
import { investigate, text } from './investigate.js';
import { typicalOf } from './typical.js';

type Degrade = (lines: string[], gap: { startNum: number; endNum: number }) => string[];

const isSwitch = (line: string): boolean => line.includes(' > switch ');
const numOf = (line: string): number => Number.parseInt(line, 10);
const POINT = / > (?:switch|signaldeliver|procexit|page_fault)/;

function subjectOf(lines: string[], num: number): RegExp {
  const line = lines.find((l) => numOf(l) === num)!;
  return new RegExp(` \\(${/ \((\d+)\) [<>]/.exec(line)![1]}\\) [<>] `);
}

const SYSDIG: Readonly<Record<string, Degrade>> = {
  'one process': (lines, gap) => {
    const proc = lines.find((l) => numOf(l) === gap.startNum)!.split(' ')[3]!;
    return lines.filter((l) => l.includes(` ${proc} (`));
  },
  'one thread': (lines, gap) => lines.filter((l) => subjectOf(lines, gap.startNum).test(l)),
  'one thread without switches': (lines, gap) => {
    const own = subjectOf(lines, gap.startNum);
    return lines.filter((l) => own.test(l) && !isSwitch(l));
  },
  'without switches': (lines) => lines.filter((l) => !isSwitch(l)),
  'without entries': (lines) => lines.filter((l) => !/ > /.test(l) || POINT.test(l)),
  'one call and switches': (lines, gap) => {
    const type = lines
      .find((l) => numOf(l) === gap.startNum)!
      .split(/ [<>] /)[1]!
      .split(' ')[0]!;
    return lines.filter((l) => isSwitch(l) || l.includes(`> ${type} `) || l.includes(`< ${type} `));
  },
  'begins at the gap': (lines, gap) => lines.filter((l) => numOf(l) >= gap.startNum),
  'every second switch lost': (lines) => {
    let n = 0;
    return lines.filter((l) => !isSwitch(l) || n++ % 2 === 0);
  },
  'the middle lost': (lines, gap) => {
    const at = lines.findIndex((l) => numOf(l) === gap.startNum);
    const to = lines.findIndex((l) => numOf(l) === gap.endNum);
    return lines.filter((_, i) => i < at + 0.3 * (to - at) || i > at + 0.7 * (to - at));
  },
};

/** What the events that were taken away leave possible to say. */
function allowed(expected: Expected, name: string): string[] {
  const list = [...expected.longestCauseOneOf!, 'unknown'];
  if (expected.scenario === 'starve_fifo' && !/begins|middle/.test(name)) list.push('waiting');
  if (name === 'the middle lost' || name === 'every second switch lost') list.push('capture-lost');
  return list;
}

describe('degraded sysdig captures', () => {
  for (const expected of EXPECTED.filter((e) => e.file.startsWith('sysdig/') && e.gaps.length > 0)) {
    const gap = expected.gaps[0]!;
    const lines = sampleText(expected.file).toString('utf8').split('\n');
    const dir = expected.filter.includes("evt.dir='<'") ? '<' : '>';
    for (const [name, degrade] of Object.entries(SYSDIG)) {
      if (dir === '>' && name === 'without entries') continue;
      it(`${expected.file}, ${name}`, async () => {
        const rest = degrade(lines, gap).join('\n');
        const { finding } = await investigate(text(rest), { ...gap, dir, typicalNs: typicalOf(expected) });
        if (process.env.SHOW) console.log(expected.file, name, finding.cause, finding.call, finding.summary);
        expect(allowed(expected, name)).toContain(finding.cause);
        if (finding.cause === 'blocked' && expected.call) expect(finding.call).toBe(expected.call);
      });
    }
    it(`${expected.file}, ends within the gap`, async () => {
      const rest = lines.filter((l) => numOf(l) < gap.endNum - 20).join('\n');
      const { finding } = await investigate(text(rest), {
        startNum: gap.startNum,
        endNum: null,
        dir,
        typicalNs: typicalOf(expected),
      });
      if (process.env.SHOW) console.log(expected.file, 'ends', finding.cause, finding.call, finding.summary);
      expect([...expected.longestCauseOneOf!, 'unknown', 'waiting']).toContain(finding.cause);
    });
  }
});

const STRACE: Readonly<Record<string, (lines: string[], tid: string) => string[]>> = {
  'without -T': (lines) => lines.map((l) => l.replace(/ <\d+\.\d+>$/, '')),
  'one thread': (lines, tid) => lines.filter((l) => l.startsWith(`${tid} `)),
  'without fd names': (lines) => lines.map((l) => l.replace(/\((\d+)<[^>]*>/, '($1')),
  'only the calls looked for': (lines, tid) =>
    lines.filter((l) => l.startsWith(`${tid} `) && /send(?:to|msg)\(/.test(l)),
};

describe('degraded strace captures', () => {
  for (const expected of EXPECTED.filter((e) => e.file.startsWith('strace/') && e.gaps.length > 0)) {
    const gap = expected.gaps[0]!;
    const lines = sampleText(expected.file).toString('utf8').trimEnd().split('\n');
    for (const [name, degrade] of Object.entries(STRACE)) {
      it(`${expected.file}, ${name}`, async () => {
        const [first, last] = [gap.startNum, gap.endNum].map((num) => lines[num - 1]!.slice(0, 30));
        const rest = degrade(lines, lines[gap.startNum - 1]!.split(' ')[0]!);
        const at = (head: string): number => rest.findIndex((l) => l.startsWith(head)) + 1;
        const { finding } = await investigate(text(rest.join('\n')), {
          startNum: at(first!),
          endNum: at(last!),
          dir: '>',
          typicalNs: typicalOf(expected),
        });
        if (process.env.SHOW) console.log(expected.file, name, finding.cause, finding.call, finding.summary);
        expect([...expected.longestCauseOneOf!, 'unknown']).toContain(finding.cause);
      });
    }
  }
});
