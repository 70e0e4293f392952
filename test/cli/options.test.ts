/** The table of options: complete, free of clashes, and each wrong value answered in full. */
import { describe, expect, it } from 'vitest';
import { ACTIVITY_EXAMPLES, EXAMPLES, parseCommandLine } from '../../src/cli/command-line.js';
import { ACTIVITY_OPTIONS, longFlag, OPTIONS } from '../../src/cli/options.js';
import { type GapOptions, UsageError } from '../../src/index.js';

const flagsOf = (flags: string) => flags.match(/(?<![\w-])--?[A-Za-z][a-z-]*/g)!;

function request(...args: string[]) {
  const parsed = parseCommandLine(args, 100);
  if (parsed.kind !== 'find') throw new Error(`not a run: ${parsed.kind}`);
  return parsed;
}

/** The words of a shell command, quotes honoured. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

describe('the table', () => {
  it('gives no flag twice', () => {
    const all = [...OPTIONS.flatMap(({ flags }) => flagsOf(flags)), '-h', '--help', '-V', '--version'];
    expect(all).toEqual([...new Set(all)]);
  });

  it('describes every option, and checks every value', () => {
    for (const spec of OPTIONS) {
      expect(spec.description, spec.flags).toMatch(/^[a-z]\S* .*[^.]$|^the .*[^.]$|^sysdig /);
      expect(spec.parse !== undefined, spec.flags).toBe(spec.flags.includes('<'));
    }
  });

  it('is all in --help, which ends with examples and the exit status', () => {
    const parsed = parseCommandLine(['--help'], 80);
    if (parsed.kind !== 'help') throw new Error('no help');
    for (const { flags } of OPTIONS) expect(parsed.text).toContain(`  ${flags} `);
    for (const { command } of EXAMPLES) expect(parsed.text).toContain(`\n  ${command}\n`);
    expect(parsed.text).toMatch(/\nExamples:\n[\s\S]*\nExit status: 0 done; 1 [\s\S]*; 2 [\s\S]*\n$/);
  });

  it('keeps the help within its width', () => {
    const parsed = parseCommandLine(['-h'], 80);
    if (parsed.kind !== 'help') throw new Error('no help');
    const options = parsed.text.slice(0, parsed.text.indexOf('Examples:'));
    for (const line of options.split('\n')) expect(line.length, line).toBeLessThanOrEqual(84);
  });
});

describe('examples', () => {
  it.each(EXAMPLES.map(({ command }) => [command]))('%s', (command) => {
    const args = words(command.slice(command.indexOf('sysgap ') + 'sysgap '.length));
    expect(parseCommandLine(args, 100).kind).toBe(
      args.includes('--conversations') ? 'conversations' : 'find',
    );
  });
});

describe('values', () => {
  it('default to the library’s own', () => {
    expect(request()).toEqual({
      kind: 'find',
      files: [],
      options: {},
      output: 'text',
      color: 'auto',
      exitCode: false,
    });
  });

  const cases: [args: string[], options: GapOptions][] = [
    [['-f', "evt.dir='>'"], { filter: "evt.dir='>'" }],
    [['-p', 'keepalived'], { proc: 'keepalived' }],
    [['-p', '10400'], { proc: 10400 }],
    [['--tid', '0'], { tid: 0 }],
    [['--type', 'sendmsg, recvmsg', '--type', 'read'], { type: ['sendmsg', 'recvmsg', 'read'] }],
    [['--dir', '>'], { dir: '>' }],
    [['--dir=exit'], { dir: 'exit' }],
    [['-t', '250ms'], { threshold: '250ms' }],
    [['-t', 'auto'], { threshold: 'auto' }],
    [['--by', 'thread'], { by: 'thread' }],
    [['--vrrp'], { vrrp: true }],
    [['-C', '3'], { before: 3, after: 3 }],
    [['-C3', '-A', '0'], { before: 3, after: 0 }],
    [['-B5'], { before: 5 }],
    [['--around', '0'], { around: 0 }],
    [['--from', '+30s', '--to', '17:01:20'], { from: '+30s', to: '17:01:20' }],
    [['--top', '10'], { top: 10 }],
    [['--format', 'strace'], { format: 'strace' }],
    [['--layout', '%evt.num %evt.time'], { layout: '%evt.num %evt.time' }],
    [['--why', '3'], { why: 3 }],
    [['--why=all'], { why: 'all' }],
    [['--no-why'], { why: false }],
    [['--log', 'a.log', '--log=b.log'], { logs: ['a.log', 'b.log'] }],
    [['--utc-offset', '-5'], { utcOffset: '-5' }],
    [['--utc-offset=+05:30'], { utcOffset: '+05:30' }],
    [
      ['--offset', 'a.txt=+12ms', '--offset=b=c.pcap=-1.5s'],
      { offsets: { 'a.txt': '+12ms', 'b=c.pcap': '-1.5s' } },
    ],
  ];
  it.each(cases)('%j', (args, options) => {
    const parsed = request(...args, 'a.txt');
    expect(parsed.options).toEqual(options);
    expect(parsed.files).toEqual(['a.txt']);
  });

  it('of the report', () => {
    const parsed = request('-o', 'ndjson', '--color', 'never', '--exit-code', '--no-why', '-', '--', '-x');
    expect(parsed).toEqual({
      kind: 'find',
      files: ['-', '-x'],
      options: { why: false },
      output: 'ndjson',
      color: 'never',
      exitCode: true,
    });
  });

  it('are taken after the files too', () => {
    expect(request('a.txt', '-t', '2s', 'b.txt').files).toEqual(['a.txt', 'b.txt']);
  });

  it('show the version', () => {
    expect(parseCommandLine(['-V'], 80)).toEqual({ kind: 'version' });
  });
});

describe('wrong values', () => {
  const cases: [args: string[], message: string][] = [
    [['--top', '0'], '--top: "0" is not a whole number of at least 1, as in --top 10'],
    [['-C', '-1'], '--context: "-1" is not a whole number of at least 0, as in --context 3'],
    [['-A', '1.5'], '--after-context: "1.5" is not a whole number of at least 0, as in --after-context 3'],
    [['--around', ''], '--around: "" is not a whole number of at least 0, as in --around 10'],
    [['--tid', 'x'], '--tid: "x" is not a whole number of at least 0, as in --tid 10400'],
    [['-p', ''], '--proc: "" is empty; it takes a process name or id, as in --proc keepalived'],
    [['-f', ' '], `--filter: " " is empty; it takes a filter expression, as in --filter 'evt.type=sendmsg'`],
    [
      ['--type', 'a,,b'],
      '--type: "a,,b" has an empty name in it; it takes event types, as in --type sendmsg,recvmsg',
    ],
    [['--dir', 'entre'], '--dir: "entre" is not one of enter, exit, >, <; did you mean "enter"?'],
    [['-t', ''], `--threshold: "" is empty; it takes a duration or auto, as in --threshold '250ms'`],
    [['-o', 'jsn'], '--output: "jsn" is not one of text, json, ndjson; did you mean "json"?'],
    [
      ['--format', 'Strace'],
      '--format: "Strace" is not one of sysdig, strace, tcpdump, pcap, scap; did you mean "strace"?',
    ],
    [
      ['--why', 'some'],
      '--why: "some" is neither a whole number of at least 1 nor "all", as in --why 50 or --why all',
    ],
    [
      ['--why', '0'],
      '--why: "0" is neither a whole number of at least 1 nor "all", as in --why 50 or --why all',
    ],
    [['--log', ''], `--log: "" is empty; it takes a log, as in --log '/var/log/syslog'`],
    [
      ['--utc-offset', 'CET'],
      '--utc-offset: "CET" is no offset from UTC of at most 15 h, as in --utc-offset +02:00, -5, +0530 or Z',
    ],
    [
      ['--offset', '+12ms'],
      '--offset: "+12ms" names no file and time; it takes both, as in --offset lb2.pcap=+12ms',
    ],
    [
      ['--offset', 'a.txt=12'],
      '--offset a.txt=12: "12" is no length of time to add, as in --offset a.txt=+12ms or a.txt=-1.5s',
    ],
    [['--offset', 'a.txt=1s', '--offset', 'a.txt=2s'], '--offset: a.txt has two offsets, 1s and 2s'],
    [['--color', 'yes'], '--color: "yes" is not one of auto, always, never'],
    [
      ['--fliter', 'x'],
      "unknown option '--fliter'\n(Did you mean --filter?)\nsysgap --help lists the options",
    ],
    [['--by'], "option '--by <field>' argument missing\nsysgap --help lists the options"],
  ];
  it.each(cases)('%j', (args, message) => {
    const attempt = () => parseCommandLine(args, 100);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'option', message }));
  });

  it('are looked for in every option that takes one', () => {
    for (const spec of OPTIONS) {
      if (spec.parse !== undefined)
        expect(() => parseCommandLine([longFlag(spec), ''], 100)).toThrow(UsageError);
    }
  });
});

describe('vrrp', () => {
  it('as a command is the option', () => {
    expect(request('vrrp', 'a.txt', '-t', '2s')).toEqual(request('--vrrp', 'a.txt', '-t', '2s'));
    expect(request('vrrp')).toMatchObject({ kind: 'find', files: [], options: { vrrp: true } });
    expect(request('./vrrp')).toMatchObject({ files: ['./vrrp'], options: {} });
    expect(request('a.txt', 'vrrp')).toMatchObject({ files: ['a.txt', 'vrrp'], options: {} });
  });
});

describe('activity', () => {
  const parse = (...args: string[]) => parseCommandLine(['activity', ...args], 80);

  it('takes a stretch and files', () => {
    const words = [
      'a.txt',
      '--from',
      '+3s',
      '--to',
      '17:01:26',
      '-o',
      'json',
      '--format',
      'sysdig',
      '--utc-offset',
      'Z',
      '--offset',
      'a.txt=1s',
    ];
    expect(parse(...words)).toEqual({
      kind: 'activity',
      files: ['a.txt'],
      options: {
        from: '+3s',
        to: '17:01:26',
        format: 'sysdig',
        utcOffset: 'Z',
        offsets: { 'a.txt': '1s' },
      },
      output: 'json',
      color: 'auto',
    });
    expect(parse()).toEqual({ kind: 'activity', files: [], options: {}, output: 'text', color: 'auto' });
  });

  it('is a command only where it stands first, and never where it is a path', () => {
    expect(request('./activity').files).toEqual(['./activity']);
    expect(() => request('-t', '2s', 'activity')).toThrow('as a command it stands first');
    expect(request('-t', '2s', 'a.txt', 'activity').files).toEqual(['a.txt', 'activity']);
    expect(parse('activity')).toMatchObject({ kind: 'activity', files: ['activity'] });
  });

  it.each([
    [['-t', '2s'], "unknown option '-t'\nsysgap activity --help lists the options"],
    [['--no-why'], "unknown option '--no-why'\nsysgap activity --help lists the options"],
    [['-o', 'ndjson'], '--output: "ndjson" is not one of text, json; did you mean "json"?'],
    [['--from', ''], `--from: "" is empty; it takes a time, as in --from '17:01:20'`],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'option', message }));
  });

  it('has its own help, and is in the main one', () => {
    const help = parse('--help');
    if (help.kind !== 'help') throw new Error('no help');
    for (const { flags } of ACTIVITY_OPTIONS) expect(help.text).toContain(`  ${flags} `);
    for (const { command } of ACTIVITY_EXAMPLES) expect(help.text).toContain(`\n  ${command}\n`);
    expect(help.text).not.toContain('--threshold');
    expect(parseCommandLine(['--help'], 80)).toMatchObject({
      text: expect.stringContaining('\n  sysgap activity ') as string,
    });
  });

  it.each(ACTIVITY_EXAMPLES.map(({ command }) => [command]))('example: %s', (command) => {
    const args = words(command.slice(command.indexOf('sysgap ') + 'sysgap '.length));
    expect(parseCommandLine(args, 100).kind).toBe('activity');
  });
});

it.each(['vrrp', 'activity'])('%s behind options is told to stand first', (word) => {
  expect(() => parseCommandLine(['--top', '1', word, 'trace.txt'], 80)).toThrow(
    `${word}: no such file; as a command it stands first: sysgap ${word} [options] [file ...]`,
  );
});
