import { parseArgs } from 'node:util';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import { nearest } from '../../shared/nearest.ts';
import { LIMITS } from '../../shared/parse/fields.ts';
import { AGENT_WORDS, isAgentWord, parseAgentOrder } from './agent-arguments.ts';
import { modelsRequest } from './models-arguments.ts';
import { OPTIONS } from './options.ts';
import type { Common, Order, RunCommand } from './orders.ts';
import { parseProviderOrder } from './provider-arguments.ts';
import { runRequest, wholeNumber } from './run-arguments.ts';
import { tunnelOrder } from './tunnel-arguments.ts';
import { parseWorkersOrder } from './workers/arguments.ts';

/** Command → what it is told beside options, as usage lines name it; null = nothing. */
const COMMANDS = {
  serve: null,
  open: null,
  status: null,
  gateway: null,
  gpus: null,
  doctor: null,
  start: 'ID',
  stop: 'ID',
  restart: 'ID',
  logs: 'ID',
  run: 'WORKFLOW.json',
  plan: 'WORKFLOW.json',
  models: 'WORKFLOW.json',
  runs: null,
  cancel: 'RUN',
  retry: 'RUN',
  again: 'RUN',
  queue: 'pause|resume',
  tunnel: 'start|stop|status|download',
} as const;
type CommandWord = keyof typeof COMMANDS;
const WORDS = [...Object.keys(COMMANDS), ...AGENT_WORDS, 'workers', 'providers'];

const DEFAULT_LINES = 100;
const DEFAULT_RUNS = 20;
type OptionName = keyof typeof OPTIONS;

/** Options that every command understands. */
const GENERAL: readonly OptionName[] = ['data', 'help', 'version'];
const RUN_OPTIONS: readonly OptionName[] = ['json', 'copies', 'split-batch', 'mode', 'on', 'set', 'front'];
const ALLOWED: Readonly<Record<Exclude<CommandWord, 'serve'>, readonly OptionName[]>> = {
  open: ['json', 'no-open'],
  status: ['json'],
  gateway: ['json', 'show-token'],
  gpus: ['json'],
  doctor: ['json'],
  start: ['all'],
  stop: ['all'],
  restart: ['all'],
  logs: ['json', 'follow', 'lines'],
  run: [...RUN_OPTIONS, 'out', 'no-wait', 'name'],
  plan: [...RUN_OPTIONS, 'shard'],
  models: ['json', 'script', 'worker'],
  runs: ['json', 'limit'],
  cancel: [],
  retry: [],
  again: ['json'],
  queue: [],
  tunnel: ['json', 'host', 'yes'],
};

/** @throws EnsembleError('bad-argument') that suggests what was meant */
export function parseCommandLine(argv: readonly string[]): Order {
  const [first, ...rest] = argv;
  if (first === undefined) return { command: 'help' };
  // The host reads its own options.
  if (first === 'serve') return { command: 'serve', args: rest };
  if (isAgentWord(first)) return parseAgentOrder(first, rest);
  if (first === 'providers') return parseProviderOrder(rest);
  if (first === 'workers') return parseWorkersOrder(rest);
  refuseUnknownOptions(argv);
  const { values, positionals } = parse(argv);
  if (values.help || positionals[0] === 'help') return { command: 'help' };
  if (values.version) return { command: 'version' };
  const command = commandOf(positionals[0]);
  refuseForeignOptions(command, values);
  return orderOf(command, targetOf(command, positionals.slice(1)), values);
}

function orderOf(
  command: Exclude<CommandWord, 'serve'>,
  target: string | null,
  values: ReturnType<typeof parse>['values'],
): Order {
  const common = { json: values.json, data: values.data ?? null };
  switch (command) {
    case 'open':
      return { ...common, command, open: !values['no-open'] };
    case 'status':
    case 'gpus':
    case 'doctor':
      return { ...common, command };
    case 'gateway':
      return { ...common, command, showToken: values['show-token'] };
    case 'runs':
      return { ...common, command, limit: numberOr(DEFAULT_RUNS, 'limit', values.limit, LIMITS.runsPage) };
    case 'start':
    case 'stop':
    case 'restart':
      if ((target === null) !== values.all) throw missingTarget(command);
      return { ...common, command, target };
    default:
      if (target === null) throw missingTarget(command);
      return targetedOrder(command, target, common, values);
  }
}

function targetedOrder(
  command: 'logs' | 'run' | 'plan' | 'models' | 'queue' | 'tunnel' | RunCommand,
  target: string,
  common: Common,
  values: ReturnType<typeof parse>['values'],
): Order {
  switch (command) {
    case 'logs': {
      const lines = numberOr(DEFAULT_LINES, 'lines', values.lines, LIMITS.logLines);
      return { ...common, command, target, follow: values.follow, lines };
    }
    case 'run': {
      const output = { out: values.out ?? null, wait: !values['no-wait'], name: values.name ?? null };
      if (!output.wait && output.out !== null) throw outWithoutWait();
      return { ...common, ...runRequest(target, values), ...output, command };
    }
    case 'plan': {
      const shard = values.shard === undefined ? null : wholeNumber('shard', values.shard, 0, LIMITS.copies);
      return { ...common, ...runRequest(target, values), command, shard };
    }
    case 'models':
      return { ...common, ...modelsRequest(target, values), command };
    case 'queue':
      if (target !== 'pause' && target !== 'resume') throw missingTarget(command);
      return { ...common, command, action: target };
    case 'tunnel':
      return { ...common, command, ...tunnelOrder(target, values) };
    default:
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
  if (isCommandWord(word) && word !== 'serve') return word;
  const guess = nearest(word ?? '', WORDS);
  const hint = guess === null ? 'See: ensemble --help' : `Did you mean “${guess}”?`;
  if (word === undefined) throw EnsembleError.badArgument('command', 'No command was given.', hint);
  if (word === 'serve') {
    throw EnsembleError.badArgument('command', '“serve” comes first.', 'Use: ensemble serve [options]');
  }
  throw EnsembleError.badArgument('command', `There is no command “${word}”.`, hint);
}

function isCommandWord(word: string | undefined): word is CommandWord {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
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
  const takesTarget = COMMANDS[command] !== null;
  const extra = words[takesTarget ? 1 : 0];
  if (extra !== undefined) {
    const hint = takesTarget ? 'Put a name with spaces in quotes.' : 'See: ensemble --help';
    throw EnsembleError.badArgument('arguments', `“${command}” does not take “${extra}”.`, hint);
  }
  return words[0] ?? null;
}

function missingTarget(command: CommandWord): EnsembleError {
  const what = COMMANDS[command];
  const [kind, usage] = {
    ID: ['instance', `ensemble ${command} ID`],
    RUN: ['run', `ensemble ${command} RUN (“ensemble runs” lists them)`],
    'WORKFLOW.json': ['workflow', `ensemble ${command} WORKFLOW.json, or “-” for what comes in`],
    'pause|resume': ['of two words', 'ensemble queue pause, or ensemble queue resume'],
    'start|stop|status|download': ['of four words', 'ensemble tunnel start, stop, status or download'],
  }[what ?? 'ID'];
  const all = ['start', 'stop', 'restart'].includes(command) ? `, or ensemble ${command} --all` : '';
  return EnsembleError.badArgument('id', `“${command}” takes one ${kind}.`, `Use: ${usage}${all}`);
}

function outWithoutWait(): EnsembleError {
  return EnsembleError.badArgument(
    '--out',
    '--out needs somebody who waits for the files, so that it does not go with --no-wait.',
    'Leave one of them out.',
  );
}

function numberOr(fallback: number, option: string, text: string | undefined, most: number): number {
  return text === undefined ? fallback : wholeNumber(option, text, 1, most);
}
