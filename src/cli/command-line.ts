/** From the arguments to what is to be done: commander over the table of options. */
import { Command, CommanderError, Option } from 'commander';
import { type GapOptions, UsageError } from '../index.js';
import {
  type ColorChoice,
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
    does: 'for a script: gaps as JSON, status 1 if there are any',
    command: 'sysgap -t 1.5s --exit-code -o ndjson trace.txt',
  },
];

const STATUS = [
  'Exit status: 0 done; 1 a gap was found and --exit-code is given; 2 the command',
  'line, the filter or the input cannot be used; 70 an error in sysgap itself.',
  'The report goes to standard output; warnings, progress and problems to standard',
  'error.',
].join('\n');

/** Parses the arguments after the program's name. Throws UsageError. */
export function parseCommandLine(args: readonly string[], helpWidth: number): Request {
  let help = '';
  const program = new Command('sysgap')
    .usage('[options] [file ...]')
    .summary('finds time gaps in traces')
    .description(
      'Finds where an event should have come and did not, in sysdig text and strace output.\n' +
        'Reads the files given, as one timeline, or standard input; gzip and zstd are unpacked.',
    )
    .argument('[file...]', 'traces to read; "-" or none: standard input')
    .helpOption('-h, --help', 'show this help')
    .version('', '-V, --version', 'show the version')
    .exitOverride()
    .configureHelp({ helpWidth })
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: () => {},
    })
    .addHelpText('after', () => `\nExamples:\n${examples()}\n\n${STATUS}`);
  for (const spec of OPTIONS) program.addOption(commanderOption(spec));

  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.version') return { kind: 'version' };
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: help };
    throw new UsageError(
      'option',
      `${error.message.replace(/^error: /, '')}\nsysgap --help lists the options`,
    );
  }
  return findRequest(program.args, program.opts<OptionValues>());
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

function findRequest(files: readonly string[], values: OptionValues): Request {
  const { context, beforeContext, afterContext, output, color, exitCode, ...rest } = values;
  const before = beforeContext ?? context;
  const after = afterContext ?? context;
  return {
    kind: 'find',
    files,
    options: {
      ...rest,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
    output: output ?? 'text',
    color: color ?? 'auto',
    exitCode: exitCode ?? false,
  };
}

function examples(): string {
  return EXAMPLES.map(({ command, does }) => `  # ${does}\n  ${command}`).join('\n');
}
