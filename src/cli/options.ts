/**
 * The one table of options: parsing, `--help` and the tests over it all read this. Values are checked here;
 * what only a trace or a filter can decide is checked by the library.
 */
import {
  type ClockOffsets,
  INVESTIGATED,
  nearestName,
  parseClockOffset,
  parseUtcOffset,
  UsageError,
} from '../index.js';

/** One option as commander declares it. */
export interface OptionSpec {
  /** `-t, --threshold <duration>` */
  readonly flags: string;
  readonly description: string;
  readonly group: string;
  /** What applies without it, in words, where the description doesn't say. */
  readonly defaultText?: string;
  /** Value from its text; `name` is the long flag, `previous` what an earlier use of the option gave. Throws UsageError. */
  readonly parse?: (text: string, name: string, previous: unknown) => unknown;
}

export const FORMATS = ['sysdig', 'strace', 'tcpdump', 'pcap', 'scap'] as const;
const OUTPUTS = ['text', 'json', 'ndjson'] as const;
const ACTIVITY_OUTPUTS = ['text', 'json'] as const;
const COLORS = ['auto', 'always', 'never'] as const;
export const DIRECTIONS = ['enter', 'exit', '>', '<'] as const;

export type OutputKind = (typeof OUTPUTS)[number];
export type ActivityOutput = (typeof ACTIVITY_OUTPUTS)[number];
export type ColorChoice = (typeof COLORS)[number];

/** What commander hands over once every value went through its `parse`. */
export interface OptionValues {
  readonly filter?: string;
  readonly proc?: string | number;
  readonly tid?: number;
  readonly type?: readonly string[];
  readonly dir?: (typeof DIRECTIONS)[number];
  readonly threshold?: string;
  readonly by?: string;
  readonly vrrp?: true;
  readonly from?: string;
  readonly to?: string;
  readonly context?: number;
  readonly afterContext?: number;
  readonly beforeContext?: number;
  readonly around?: number;
  readonly top?: number;
  readonly format?: (typeof FORMATS)[number];
  readonly layout?: string;
  readonly log?: readonly string[];
  readonly utcOffset?: string;
  readonly offset?: ClockOffsets;
  readonly workers?: number;
  readonly output?: OutputKind;
  readonly why?: number | 'all' | false;
  readonly color?: ColorChoice;
  readonly exitCode?: true;
  readonly conversations?: true;
}

const EVENTS = 'Which events:';
const GAPS = 'What is a gap:';
const INSTEAD = 'Instead of gaps:';
const INPUT = 'Input:';
const REPORT = 'Report:';

export const OPTIONS: readonly OptionSpec[] = [
  {
    flags: '-f, --filter <expr>',
    group: EVENTS,
    description: "sysdig filter expression, as in: proc.name=keepalived and evt.dir='>'",
    defaultText: 'all events',
    parse: notEmpty('a filter expression', 'evt.type=sendmsg'),
  },
  {
    flags: '-p, --proc <name>',
    group: EVENTS,
    description:
      'only this process, by name or process id; like the next three, joined to --filter with "and"',
    parse: processNameOrId,
  },
  {
    flags: '--tid <id>',
    group: EVENTS,
    description: 'only this thread',
    parse: wholeNumber(0, '10400'),
  },
  {
    flags: '--type <name,...>',
    group: EVENTS,
    description: 'only these event types, as in: sendmsg,recvmsg',
    parse: eventTypes,
  },
  {
    flags: '--dir <direction>',
    group: EVENTS,
    description: "only entries of calls (enter or '>') or only exits (exit or '<')",
    parse: oneOf(DIRECTIONS),
  },
  {
    flags: '--from <time>',
    group: EVENTS,
    description: 'leave out what is earlier: 17:01:20, an ISO time, or +30s after the start',
    parse: notEmpty('a time', '17:01:20'),
  },
  {
    flags: '--to <time>',
    group: EVENTS,
    description: 'leave out what is later, written like --from',
    parse: notEmpty('a time', '17:01:30'),
  },
  {
    flags: '-t, --threshold <duration>',
    group: GAPS,
    description:
      'shortest silence to report: 250ms, 1.5s, 2m; or auto, to learn the rhythm and report what breaks it',
    defaultText: '1s',
    parse: notEmpty('a duration or auto', '250ms'),
  },
  {
    flags: '--by <field>',
    group: GAPS,
    description: 'a sequence of its own for each value of this field; short forms: thread, proc, fd',
    defaultText: 'one sequence',
    parse: notEmpty('a field', 'thread.tid'),
  },
  {
    flags: '--vrrp',
    group: GAPS,
    description:
      'gaps in VRRP advertisements, by virtual router and sender; without -t half an interval more than they promise; short: sysgap vrrp',
  },
  {
    flags: '--top <n>',
    group: GAPS,
    description: 'only the n longest gaps, or the n conversations that waited longest',
    defaultText: 'all gaps, 10 conversations',
    parse: wholeNumber(1, '10'),
  },
  {
    flags: '--conversations',
    group: INSTEAD,
    description:
      'per connection, how long client and server let each other wait for an answer; takes -f, -p, --tid, --type, ' +
      '--from, --to, --top, --format, --layout, --utc-offset, --offset, --workers, -o text or json, and --color',
  },
  {
    flags: '--format <name>',
    group: INPUT,
    description: `format of the trace: ${FORMATS.join(', ')} (pcap is pcapng too; scap is not read yet)`,
    defaultText: 'detected',
    parse: oneOf(FORMATS),
  },
  {
    flags: '--layout <format>',
    group: INPUT,
    description: 'the -p string that sysdig printed the trace with, when it was none of its own layouts',
    parse: notEmpty('the string given to sysdig -p', '%evt.num %evt.time %proc.name %evt.type'),
  },
  {
    flags: '--log <file>',
    group: INPUT,
    description:
      'show the lines of this log beside the gaps, and the figures of iostat -t or vmstat -t; may be repeated',
    parse: listed('a log', '/var/log/syslog'),
  },
  {
    flags: '--utc-offset <offset>',
    group: INPUT,
    description: 'the zone of times printed without one, in traces and logs, as in +02:00 or -5',
    defaultText: '+00:00',
    parse: utcOffset,
  },
  {
    flags: '--offset <file=time>',
    group: INPUT,
    description:
      "what to add to this file's times, as in lb2.pcap=+12ms; may be repeated; else clocks are compared by what two files both show",
    parse: clockOffset,
  },
  {
    flags: '--workers <n>',
    group: INPUT,
    description: 'threads that read ahead in large files, or a long pipe; 0 for none',
    defaultText: 'one for each CPU but one, up to three',
    parse: wholeNumber(0, '1'),
  },
  {
    flags: '-o, --output <kind>',
    group: REPORT,
    description: 'text, json (one document) or ndjson (a gap per line, each as soon as it is found)',
    defaultText: 'text',
    parse: oneOf(OUTPUTS),
  },
  {
    flags: '-C, --context <n>',
    group: REPORT,
    description: 'matched events shown before and after each gap',
    defaultText: '1',
    parse: wholeNumber(0, '3'),
  },
  {
    flags: '-B, --before-context <n>',
    group: REPORT,
    description: 'the same, before each gap only',
    parse: wholeNumber(0, '3'),
  },
  {
    flags: '-A, --after-context <n>',
    group: REPORT,
    description: 'the same, after each gap only',
    parse: wholeNumber(0, '3'),
  },
  {
    flags: '--around <n>',
    group: REPORT,
    description: 'unfiltered events shown at each edge of a gap',
    defaultText: '3',
    parse: wholeNumber(0, '10'),
  },
  {
    flags: '--why <n|all>',
    group: REPORT,
    description: 'find out the causes of the n longest gaps, or of all',
    defaultText: String(INVESTIGATED),
    parse: countOrAll,
  },
  {
    flags: '--no-why',
    group: REPORT,
    description: 'gaps only, without an investigation of their causes',
  },
  {
    flags: '--color <when>',
    group: REPORT,
    description: 'auto, always or never; NO_COLOR and FORCE_COLOR are honoured',
    defaultText: 'auto',
    parse: oneOf(COLORS),
  },
  {
    flags: '--exit-code',
    group: REPORT,
    description: 'exit with status 1 when a gap was found',
  },
];

/** What means something with --conversations; the others are about gaps. */
const WITH_CONVERSATIONS: readonly string[] = [
  '--filter',
  '--proc',
  '--tid',
  '--type',
  '--from',
  '--to',
  '--top',
  '--conversations',
  '--format',
  '--layout',
  '--utc-offset',
  '--offset',
  '--workers',
  '--output',
  '--color',
];

/** Refuses what --conversations would have to ignore. `given`: the long flags on the command line. Throws UsageError. */
export function checkConversationOptions(given: readonly string[], output: OutputKind): void {
  const idle = given.filter((flag) => !WITH_CONVERSATIONS.includes(flag));
  if (idle.length > 0) {
    fail(
      `${idle.join(', ')}: ${idle.length === 1 ? 'says' : 'say'} nothing about conversations; with --conversations ` +
        `leave ${idle.length === 1 ? 'it' : 'them'} out`,
    );
  }
  if (output === 'ndjson') fail('--output: ndjson is for gaps; with --conversations it is text or json');
}

const STRETCH: readonly string[] = [
  '--from',
  '--to',
  '--format',
  '--layout',
  '--utc-offset',
  '--offset',
  '--color',
];

/** The options of `sysgap activity`, meaning what they mean for gaps. */
export const ACTIVITY_OPTIONS: readonly OptionSpec[] = [
  ...OPTIONS.filter((spec) => STRETCH.includes(longFlag(spec))),
  {
    flags: '-o, --output <kind>',
    group: REPORT,
    description: 'text or json (one document)',
    defaultText: 'text',
    parse: oneOf(ACTIVITY_OUTPUTS),
  },
];

/** What commander hands over of them. */
export type ActivityValues = Pick<
  OptionValues,
  'from' | 'to' | 'format' | 'layout' | 'utcOffset' | 'offset' | 'color'
> & {
  readonly output?: ActivityOutput;
};

/** The long flag of an option: `--threshold`. */
export function longFlag(spec: OptionSpec): string {
  return /--[a-z-]+/.exec(spec.flags)![0];
}

type Parse = NonNullable<OptionSpec['parse']>;

function fail(message: string): never {
  throw new UsageError('option', message);
}

function wholeNumber(least: number, example: string): Parse {
  return (text, name) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    return fail(`${name}: "${text}" is not a whole number of at least ${least}, as in ${name} ${example}`);
  };
}

function countOrAll(text: string, name: string): number | 'all' {
  if (text === 'all') return text;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  return fail(
    `${name}: "${text}" is neither a whole number of at least 1 nor "all", as in ${name} 50 or ${name} all`,
  );
}

function notEmpty(what: string, example: string): Parse {
  return (text, name) =>
    text.trim() === ''
      ? fail(`${name}: "${text}" is empty; it takes ${what}, as in ${name} '${example}'`)
      : text;
}

/** Repeating the option adds to its list. */
function listed(what: string, example: string): Parse {
  const parse = notEmpty(what, example);
  return (text, name, previous) => [
    ...(Array.isArray(previous) ? previous : []),
    parse(text, name, undefined),
  ];
}

function utcOffset(text: string): string {
  parseUtcOffset(text);
  return text;
}

/** Repeating the option adds to what is given. */
function clockOffset(text: string, name: string, previous: unknown): ClockOffsets {
  const at = text.lastIndexOf('=');
  if (at < 1) fail(`${name}: "${text}" names no file and time; it takes both, as in ${name} lb2.pcap=+12ms`);
  const [file, time] = [text.slice(0, at), text.slice(at + 1)];
  parseClockOffset(file, time);
  const given = (previous ?? {}) as ClockOffsets;
  if (Object.hasOwn(given, file)) fail(`${name}: ${file} has two offsets, ${given[file]} and ${time}`);
  return { ...given, [file]: time };
}

function processNameOrId(text: string, name: string): string | number {
  if (text === '') fail(`${name}: "" is empty; it takes a process name or id, as in ${name} keepalived`);
  const id = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : text;
}

/** Repeating the option adds to its list. */
function eventTypes(text: string, name: string, previous: unknown): readonly string[] {
  const types = text.split(',').map((type) => type.trim());
  if (types.includes('')) {
    fail(`${name}: "${text}" has an empty name in it; it takes event types, as in ${name} sendmsg,recvmsg`);
  }
  return Array.isArray(previous) ? [...previous, ...types] : types;
}

function oneOf(choices: readonly string[]): Parse {
  return (text, name) => {
    if (choices.includes(text)) return text;
    const close = nearestName(text, choices);
    const hint = close === undefined ? '' : `; did you mean "${close}"?`;
    return fail(`${name}: "${text}" is not one of ${choices.join(', ')}${hint}`);
  };
}
