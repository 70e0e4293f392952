/** From the arguments to what is to be done: commander over the table of options. */
import { existsSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { type ActivityOptions, type ConversationOptions, type GapOptions, UsageError } from '../index.js';
import {
  ACTIVITY_OPTIONS,
  type ActivityOutput,
  type ActivityValues,
  type ColorChoice,
  checkConversationOptions,
  longFlag,
  OPTIONS,
  type OptionSpec,
  type OptionValues,
  type OutputKind,
} from './options.js';

/** A parsed command line. */
export type Request =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'find';
      readonly files: readonly string[];
      readonly options: GapOptions;
      readonly output: OutputKind;
      readonly color: ColorChoice;
      readonly exitCode: boolean;
    }
  | {
      readonly kind: 'conversations';
      readonly files: readonly string[];
      readonly options: ConversationOptions;
      readonly output: ActivityOutput;
      readonly color: ColorChoice;
    }
  | {
      readonly kind: 'activity';
      readonly files: readonly string[];
      readonly options: ActivityOptions;
      readonly output: ActivityOutput;
      readonly color: ColorChoice;
    };

/** Commands that `--help` ends with; each can be run as it stands, given its file. */
export const EXAMPLES: readonly {
  readonly command: string;
  readonly does: string;
}[] = [
  {
    does: 'where keepalived sent nothing for a second or longer',
    command: 'sysgap -p keepalived --type sendmsg --dir enter trace.txt.gz',
  },
  {
    does: 'the same with a filter pasted from a sysdig session',
    command: `sysgap -f "proc.name=keepalived and evt.type=sendmsg and evt.dir='>'" trace.txt.gz`,
  },
  {
    does: 'from a binary capture, silences of each thread',
    command: 'sysdig -r capture.scap | sysgap --by thread -t 250ms',
  },
  {
    does: 'from strace -ff -ttt -T -o log: what breaks the rhythm of each descriptor',
    command: 'sysgap --by fd -t auto --top 10 log.*',
  },
  {
    does: 'with what other logs say at the time, and how busy the disks were',
    command: 'sysgap -t 1.2s --log keepalived.log --log iostat.txt trace.txt',
  },
  {
    does: 'did the client or the server let the other wait?',
    command: 'sysgap --conversations --top 5 trace.txt',
  },
  {
    does: 'for a script: gaps as JSON, status 1 if there are any',
    command: 'sysgap -t 1.5s --exit-code -o ndjson trace.txt',
  },
  {
    does: 'keepalived: missed adverts, who took over, who was master when',
    command: 'sysgap vrrp trace.txt',
  },
  {
    does: "not sent, or lost? the sender's trace beside a capture of the other side",
    command: 'sysgap vrrp lb1.txt lb2.pcap --offset lb2.pcap=-12.3ms',
  },
];

/** The same for `sysgap activity --help`. */
export const ACTIVITY_EXAMPLES: typeof EXAMPLES = [
  {
    does: 'five seconds of an outage, against the five before',
    command: 'sysgap activity --from 17:01:21 --to 17:01:26 trace.txt.gz',
  },
  {
    does: 'the first ten seconds of a binary capture, as JSON',
    command: 'sysdig -r capture.scap | sysgap activity --to +10s -o json',
  },
];

const COMMANDS = [
  'Commands:',
  '  sysgap vrrp                 the same as --vrrp: missed adverts, takeovers, who',
  '                              was master when; a file of that name is ./vrrp',
  '  sysgap activity             what the CPUs, kernel threads and processes did',
  '                              through any stretch of a trace, gap or not; see',
  '                              sysgap activity --help; a file of that name is',
  '                              ./activity',
].join('\n');

const STATUS = [
  'Exit status: 0 done; 1 a gap was found and --exit-code is given; 2 the command',
  'line, the filter or the input cannot be used; 70 an error in sysgap itself.',
  'The report goes to standard output; warnings, progress and problems to standard',
  'error.',
].join('\n');

const COMMAND_WORDS = ['vrrp', 'activity'] as const;

/** Parses the arguments after the program's name. Throws UsageError. */
export function parseCommandLine(args: readonly string[], helpWidth: number): Request {
  switch (args[0]) {
    case 'activity':
      return parseActivity(args.slice(1), helpWidth);
    case 'vrrp':
      return parseFind(['--vrrp', ...args.slice(1)], helpWidth);
    default:
      return parseFind(args, helpWidth);
  }
}

function parseFind(args: readonly string[], helpWidth: number): Request {
  const program = new Command('sysgap')
    .usage(
      '[options] [file ...]\n       sysgap vrrp [options] [file ...]\n       sysgap activity [options] [file ...]',
    )
    .summary('finds time gaps in traces')
    .description(
      'Finds where an event should have come and did not, in traces of sysdig and strace and in captures of packets.\n' +
        'Reads the files given, as one timeline, or standard input; gzip, xz and zstd are unpacked.',
    )
    .version('', '-V, --version', 'show the version')
    .addHelpText('after', `\n${COMMANDS}\n\nExamples:\n${examples(EXAMPLES)}\n\n${STATUS}`);
  const asked = parseArguments(program, OPTIONS, args, helpWidth);
  if (asked) return asked;
  for (const word of COMMAND_WORDS) {
    if (program.args[0] === word && !existsSync(word))
      throw new UsageError(
        'input',
        `${word}: no such file; as a command it stands first: sysgap ${word} [options] [file ...]`,
      );
  }
  const values = program.opts<OptionValues>();
  return values.conversations ? conversationsRequest(program, values) : findRequest(program.args, values);
}

function parseActivity(args: readonly string[], helpWidth: number): Request {
  const program = new Command('sysgap activity')
    .usage('[options] [file ...]')
    .summary('shows what a machine did')
    .description(
      'Shows what the CPUs, kernel threads and processes did through a stretch of a trace, gap or not, ' +
        'against as long a stretch before it. Several files are parts of one capture.',
    )
    .addHelpText('after', `\nExamples:\n${examples(ACTIVITY_EXAMPLES)}`);
  const asked = parseArguments(program, ACTIVITY_OPTIONS, args, helpWidth);
  if (asked) return asked;
  const { output, color, offset, ...rest } = program.opts<ActivityValues>();
  const options = { ...rest, ...withOffsets(offset) };
  return { kind: 'activity', files: program.args, options, output: output ?? 'text', color: color ?? 'auto' };
}

/** Parses; help or version where they were asked for. */
function parseArguments(
  program: Command,
  options: readonly OptionSpec[],
  args: readonly string[],
  helpWidth: number,
): Request | undefined {
  let help = '';
  program
    .argument('[file...]', 'traces to read; "-" or none: standard input')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureHelp({ helpWidth })
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: () => {},
    });
  for (const spec of options) program.addOption(commanderOption(spec));
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.version') return { kind: 'version' };
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: help };
    throw new UsageError(
      'option',
      `${error.message.replace(/^error: /, '')}\n${program.name()} --help lists the options`,
    );
  }
  return undefined;
}

function commanderOption(spec: OptionSpec): Option {
  const text = spec.defaultText === undefined ? '' : ` (default: ${spec.defaultText})`;
  const option = new Option(spec.flags, spec.description + text).helpGroup(spec.group);
  const { parse } = spec;
  if (parse !== undefined) {
    option.argParser((value: string, previous: unknown) => parse(value, longFlag(spec), previous));
  }
  return option;
}

function conversationsRequest(program: Command, values: OptionValues): Request {
  const { conversations, output = 'text', color, offset, ...options } = values;
  const given = program.options.filter((option) => {
    const name = option.attributeName();
    // --why and --no-why are one value.
    return (
      values[name as keyof OptionValues] !== undefined && option.negate === (program.opts()[name] === false)
    );
  });
  checkConversationOptions(
    given.flatMap(({ long }) => long ?? []),
    output,
  );
  return {
    kind: 'conversations',
    files: program.args,
    options: { ...options, ...withOffsets(offset) },
    output: output === 'json' ? 'json' : 'text',
    color: color ?? 'auto',
  };
}

function findRequest(files: readonly string[], values: OptionValues): Request {
  const { context, beforeContext, afterContext, log, offset, output, color, exitCode, ...rest } = values;
  const before = beforeContext ?? context;
  const after = afterContext ?? context;
  return {
    kind: 'find',
    files,
    options: {
      ...rest,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(log === undefined ? {} : { logs: log }),
      ...withOffsets(offset),
    },
    output: output ?? 'text',
    color: color ?? 'auto',
    exitCode: exitCode ?? false,
  };
}

function withOffsets(offset: OptionValues['offset']): Pick<GapOptions, 'offsets'> {
  return offset === undefined ? {} : { offsets: offset };
}

function examples(list: typeof EXAMPLES): string {
  return list.map(({ command, does }) => `  # ${does}\n  ${command}`).join('\n');
}
