import { parseArgs } from 'node:util';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import { nearest } from '../../shared/nearest.ts';
import { LIMITS } from '../../shared/parse.ts';

/** What a command line asks for. */
export type Order =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'serve'; readonly args: readonly string[] }
  | (Common & { readonly command: 'open'; readonly open: boolean })
  | (Common & { readonly command: 'status' })
  | (Common & { readonly command: 'gpus' })
  | (Common & { readonly command: 'doctor' })
  | (Common & { readonly command: PowerCommand; readonly target: string | null })
  | (Common & {
      readonly command: 'logs';
      readonly target: string;
      readonly follow: boolean;
      readonly lines: number;
    });

export type PowerCommand = 'start' | 'stop' | 'restart';

interface Common {
  readonly json: boolean;
  /** null = the platform's usual place. */
  readonly data: string | null;
}

const COMMANDS = ['serve', 'open', 'status', 'gpus', 'start', 'stop', 'restart', 'logs', 'doctor'] as const;
type CommandWord = (typeof COMMANDS)[number];

const DEFAULT_LINES = 100;
const OPTIONS = {
  json: { type: 'boolean', default: false },
  data: { type: 'string' },
  all: { type: 'boolean', default: false },
  follow: { type: 'boolean', short: 'f', default: false },
  lines: { type: 'string', short: 'n' },
  'no-open': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;
type OptionName = keyof typeof OPTIONS;

/** Options that every command understands. */
const GENERAL: readonly OptionName[] = ['data', 'help', 'version'];
const ALLOWED: Readonly<Record<Exclude<CommandWord, 'serve'>, readonly OptionName[]>> = {
  open: ['json', 'no-open'],
  status: ['json'],
  gpus: ['json'],
  doctor: ['json'],
  start: ['all'],
  stop: ['all'],
  restart: ['all'],
  logs: ['json', 'follow', 'lines'],
};

/** @throws EnsembleError('bad-argument') that suggests what was meant */
export function parseCommandLine(argv: readonly string[]): Order {
  const [first, ...rest] = argv;
  if (first === undefined) return { command: 'help' };
  // The host reads its own options.
  if (first === 'serve') return { command: 'serve', args: rest };
  refuseUnknownOptions(argv);
  const { values, positionals } = parse(argv);
  if (values.help || positionals[0] === 'help') return { command: 'help' };
  if (values.version) return { command: 'version' };
  const command = commandOf(positionals[0]);
  refuseForeignOptions(command, values);
  const common = { json: values.json, data: values.data ?? null };
  const target = targetOf(command, positionals.slice(1));
  switch (command) {
    case 'open':
      return { ...common, command, open: !values['no-open'] };
    case 'status':
    case 'gpus':
    case 'doctor':
      return { ...common, command };
    case 'logs':
      if (target === null) throw missingTarget(command);
      return { ...common, command, target, follow: values.follow, lines: lineCount(values.lines) };
    default:
      if ((target === null) !== values.all) throw missingTarget(command);
      return { ...common, command, target };
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    throw EnsembleError.badArgument('arguments', messageOf(error), 'See: ensemble --help');
  }
}

function commandOf(word: string | undefined): Exclude<CommandWord, 'serve'> {
  const command = COMMANDS.find((known) => known === word);
  if (command !== undefined && command !== 'serve') return command;
  const guess = nearest(word ?? '', COMMANDS);
  const hint = guess === null ? 'See: ensemble --help' : `Did you mean “${guess}”?`;
  if (word === undefined) throw EnsembleError.badArgument('command', 'No command was given.', hint);
  if (command === 'serve') {
    throw EnsembleError.badArgument('command', '“serve” comes first.', 'Use: ensemble serve [options]');
  }
  throw EnsembleError.badArgument('command', `There is no command “${word}”.`, hint);
}

function refuseUnknownOptions(argv: readonly string[]): void {
  for (const argument of argv) {
    if (argument === '--') return;
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined || Object.hasOwn(OPTIONS, name)) continue;
    const guess = nearest(name, Object.keys(OPTIONS));
    throw EnsembleError.badArgument(
      `--${name}`,
      `There is no option --${name}.`,
      guess === null ? 'See: ensemble --help' : `Did you mean --${guess}?`,
    );
  }
}

function refuseForeignOptions(
  command: Exclude<CommandWord, 'serve'>,
  values: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(values)) {
    const allowed: readonly string[] = [...GENERAL, ...ALLOWED[command]];
    if (value === false || value === undefined || allowed.includes(name)) continue;
    throw EnsembleError.badArgument(
      `--${name}`,
      `“${command}” takes no option --${name}.`,
      'See: ensemble --help',
    );
  }
}

function targetOf(command: CommandWord, words: readonly string[]): string | null {
  const takesTarget = ['start', 'stop', 'restart', 'logs'].includes(command);
  const extra = words[takesTarget ? 1 : 0];
  if (extra !== undefined) {
    const hint = takesTarget ? 'Put a name with spaces in quotes.' : 'See: ensemble --help';
    throw EnsembleError.badArgument('arguments', `“${command}” does not take “${extra}”.`, hint);
  }
  return words[0] ?? null;
}

function missingTarget(command: string): EnsembleError {
  const usage =
    command === 'logs' ? 'ensemble logs ID' : `ensemble ${command} ID, or ensemble ${command} --all`;
  return EnsembleError.badArgument('id', `“${command}” takes one instance.`, `Use: ${usage}`);
}

function lineCount(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LINES;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= LIMITS.logLines) return count;
  throw EnsembleError.badArgument(
    '--lines',
    `--lines takes a whole number from 1 to ${LIMITS.logLines}, not “${text}”.`,
  );
}
