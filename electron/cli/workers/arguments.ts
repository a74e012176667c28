import { parseArgs } from 'node:util';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { WorkerType } from '../../../shared/model.ts';
import { nearest } from '../../../shared/nearest.ts';
import { LIMITS } from '../../../shared/parse/fields.ts';
import type { Common } from '../orders.ts';
import { wholeNumber } from '../run-arguments.ts';
import { accessOf } from './access-arguments.ts';
import type { WorkersAction, WorkerWishes } from './orders.ts';

export type WorkersOrder = Common & { readonly command: 'workers' } & WorkersAction;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  type: { type: 'string' },
  name: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  https: { type: 'boolean', default: false },
  'no-https': { type: 'boolean', default: false },
  path: { type: 'string' },
  'bearer-env': { type: 'string' },
  'basic-env': { type: 'string' },
  'cloudflare-env': { type: 'string' },
  'header-env': { type: 'string', multiple: true },
  'no-access': { type: 'boolean', default: false },
  trust: { type: 'string' },
  enable: { type: 'boolean', default: false },
  disable: { type: 'boolean', default: false },
  gpu: { type: 'string' },
  args: { type: 'string' },
  restart: { type: 'boolean', default: false },
  test: { type: 'boolean', default: false },
  workflow: { type: 'string' },
} as const;
type OptionName = keyof typeof OPTIONS;
export type WorkersValues = ReturnType<typeof parse>['values'];

const GENERAL: readonly OptionName[] = ['json', 'data', 'help'];
const ACCESS: readonly OptionName[] = [
  'bearer-env',
  'basic-env',
  'cloudflare-env',
  'header-env',
  'no-access',
  'trust',
];
const WISHES: readonly OptionName[] = [
  ...ACCESS,
  'type',
  'name',
  'host',
  'port',
  'https',
  'no-https',
  'path',
  'gpu',
  'args',
];
type ActionWord = Exclude<WorkersAction['action'], 'help'>;
const ACTIONS: Readonly<
  Record<ActionWord, { readonly usage: string; readonly options: readonly OptionName[] }>
> = {
  list: { usage: 'ensemble workers list', options: [] },
  add: { usage: 'ensemble workers add ADDRESS [options]', options: [...WISHES, 'test'] },
  edit: {
    usage: 'ensemble workers edit ID [options]',
    options: [...WISHES, 'enable', 'disable', 'restart'],
  },
  test: { usage: 'ensemble workers test ID|ADDRESS [options]', options: [...ACCESS, 'workflow'] },
  remove: { usage: 'ensemble workers remove ID', options: [] },
};

/** @throws EnsembleError('bad-argument') that says how it is used */
export function parseWorkersOrder(args: readonly string[]): WorkersOrder {
  refuseUnknownOptions(args);
  const { values, positionals } = parse(args);
  const common = { json: values.json, data: values.data ?? null, command: 'workers' } as const;
  if (values.help) return { ...common, action: 'help' };
  const [word = 'list', ...targets] = positionals;
  const action = actionOf(word);
  refuseForeignOptions(action, values);
  const [target, extra] = targets;
  if (extra !== undefined) throw misused(action, 'Put a name with spaces in quotes.');
  return { ...common, ...orderOf(action, target ?? null, values) };
}

function orderOf(action: ActionWord, target: string | null, values: WorkersValues): WorkersAction {
  switch (action) {
    case 'list':
      if (target !== null) throw misused(action);
      return { action };
    case 'add':
      return { action, ...wishesOf(values), address: target, test: values.test };
    case 'edit':
      if (target === null) throw misused(action);
      return { action, ...wishesOf(values), target, restart: values.restart };
    case 'test': {
      if (target === null) throw misused(action);
      const { access, trust } = wishesOf(values);
      return { action, target, access, trust, workflow: values.workflow ?? null };
    }
    case 'remove':
      if (target === null) throw misused(action);
      return { action, target };
  }
}

function wishesOf(values: WorkersValues): WorkerWishes {
  return {
    type: typeOf(values.type),
    name: values.name ?? null,
    host: values.host ?? null,
    port: values.port === undefined ? null : wholeNumber('port', values.port, 1, LIMITS.port),
    secure: either(values, 'https', 'no-https'),
    path: values.path ?? null,
    access: accessOf(values),
    trust: values.trust ?? null,
    selected: either(values, 'enable', 'disable'),
    gpu: values.gpu ?? null,
    args: values.args ?? null,
  };
}

const TYPES = ['local', 'remote', 'cloud'] as const satisfies readonly WorkerType[];

function typeOf(text: string | undefined): WorkerType | null {
  if (text === undefined) return null;
  const type = TYPES.find((known) => known === text);
  if (type !== undefined) return type;
  throw EnsembleError.badArgument('--type', `--type takes local, remote or cloud, not “${text}”.`);
}

function either(values: WorkersValues, yes: 'https' | 'enable', no: 'no-https' | 'disable'): boolean | null {
  if (values[yes] && values[no]) {
    throw EnsembleError.badArgument(`--${yes}`, `--${yes} and --${no} do not go together.`);
  }
  return values[yes] ? true : values[no] ? false : null;
}

function actionOf(word: string): ActionWord {
  if (isAction(word)) return word;
  const guess = nearest(word, Object.keys(ACTIONS));
  const hint = guess === null ? 'See: ensemble workers --help' : `Did you mean “workers ${guess}”?`;
  throw EnsembleError.badArgument('arguments', `There is no “workers ${word}”.`, hint);
}

function isAction(word: string): word is ActionWord {
  return Object.hasOwn(ACTIONS, word);
}

function misused(action: ActionWord, more = ''): EnsembleError {
  const hint = `Use: ${ACTIONS[action].usage}`;
  return EnsembleError.badArgument(
    'arguments',
    `“workers ${action}” is used otherwise.`,
    more === '' ? hint : `${hint}. ${more}`,
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    throw EnsembleError.badArgument('arguments', messageOf(error), 'See: ensemble workers --help');
  }
}

function refuseUnknownOptions(args: readonly string[]): void {
  for (const argument of args) {
    if (argument === '--') return;
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name === undefined || Object.hasOwn(OPTIONS, name)) continue;
    const guess = nearest(name, Object.keys(OPTIONS));
    const hint = guess === null ? 'See: ensemble workers --help' : `Did you mean --${guess}?`;
    throw EnsembleError.badArgument(`--${name}`, `There is no option --${name}.`, hint);
  }
}

function refuseForeignOptions(action: ActionWord, values: Readonly<Record<string, unknown>>): void {
  const allowed: readonly string[] = [...GENERAL, ...ACTIONS[action].options];
  for (const [name, value] of Object.entries(values)) {
    if (value === false || value === undefined || allowed.includes(name)) continue;
    throw EnsembleError.badArgument(
      `--${name}`,
      `“workers ${action}” takes no option --${name}.`,
      'See: ensemble workers --help',
    );
  }
}
