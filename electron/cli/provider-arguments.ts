import { parseArgs } from 'node:util';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import { nearest } from '../../shared/nearest.ts';
import type { Common } from './orders.ts';
import { wholeNumber } from './run-arguments.ts';

/** What a command line asks for about rented workers. */
export type ProviderOrder = Common & { readonly command: 'providers' } & ProviderAction;

export type ProviderAction =
  | { readonly action: 'list' | 'reconcile' }
  | { readonly action: 'test'; readonly provider: string }
  | { readonly action: 'offers'; readonly provider: string | null; readonly vramGb: number }
  | ({ readonly action: 'rent' } & RentRequest)
  | { readonly action: 'release'; readonly lease: string; readonly now: boolean };

export interface RentRequest {
  readonly provider: string;
  readonly offer: string;
  readonly ttlMinutes: number;
  readonly idleMinutes: number;
  /** The person has agreed to the price. */
  readonly yes: boolean;
  /** USD per hour; null = whatever it costs. */
  readonly maxPrice: number | null;
}

const USAGE: Readonly<Record<ProviderAction['action'], string>> = {
  list: 'ensemble providers list',
  test: 'ensemble providers test PROVIDER',
  offers: 'ensemble providers offers [PROVIDER] [--vram GB]',
  rent: 'ensemble providers rent PROVIDER OFFER --hours H [--idle MINUTES] [--max-price USD] --yes',
  release: 'ensemble providers release LEASE [--now]',
  reconcile: 'ensemble providers reconcile',
};
const OPTIONS = {
  json: { type: 'boolean', default: false },
  data: { type: 'string' },
  vram: { type: 'string' },
  hours: { type: 'string' },
  idle: { type: 'string' },
  yes: { type: 'boolean', default: false },
  'max-price': { type: 'string' },
  now: { type: 'boolean', default: false },
} as const;
/** Options beside --json and --data. */
const ALLOWED: Readonly<Record<ProviderAction['action'], readonly string[]>> = {
  list: [],
  test: [],
  offers: ['vram'],
  rent: ['hours', 'idle', 'yes', 'max-price'],
  release: ['now'],
  reconcile: [],
};
const DEFAULT_IDLE_MINUTES = 30;
const MOST_GB = 10_000;
const MOST_MINUTES = 43_200;

/** @throws EnsembleError('bad-argument') that says how it is used */
export function parseProviderOrder(args: readonly string[]): ProviderOrder {
  const { values, positionals } = parse(args);
  const common = { json: values.json, data: values.data ?? null, command: 'providers' } as const;
  const [action = 'list', ...words] = positionals;
  if (!isAction(action)) {
    const guess = nearest(action, Object.keys(USAGE));
    const hint = guess === null ? 'See: ensemble --help' : `Did you mean “providers ${guess}”?`;
    throw EnsembleError.badArgument('arguments', `There is no “providers ${action}”.`, hint);
  }
  for (const [name, value] of Object.entries(values)) {
    const isGeneral = name === 'json' || name === 'data' || value === false;
    if (!isGeneral && !ALLOWED[action].includes(name)) throw misused(action);
  }
  return { ...common, ...actionOf(action, words, values) };
}

function actionOf(
  action: ProviderAction['action'],
  words: readonly string[],
  values: ReturnType<typeof parse>['values'],
): ProviderAction {
  const [first, second, ...more] = words;
  switch (action) {
    case 'list':
    case 'reconcile':
      if (first === undefined) return { action };
      break;
    case 'test':
      if (first !== undefined && second === undefined) return { action, provider: first };
      break;
    case 'offers': {
      const vramGb = values.vram === undefined ? 0 : wholeNumber('vram', values.vram, 0, MOST_GB);
      if (second === undefined) return { action, provider: first ?? null, vramGb };
      break;
    }
    case 'rent':
      if (first !== undefined && second !== undefined && more.length === 0) {
        return { action, provider: first, offer: second, ...termsOf(values) };
      }
      break;
    case 'release':
      if (first !== undefined && second === undefined) return { action, lease: first, now: values.now };
  }
  throw misused(action);
}

function termsOf({ hours, idle, yes, 'max-price': price }: ReturnType<typeof parse>['values']) {
  const count = Number(hours);
  if (hours === undefined || !Number.isFinite(count) || count <= 0 || count * 60 > MOST_MINUTES) {
    throw EnsembleError.badArgument(
      '--hours',
      'How many hours may it last at most?',
      'Write e.g. --hours 2, or --hours 0.5; after that it is given back.',
    );
  }
  const maxPrice = price === undefined ? null : Number(price);
  if (maxPrice !== null && !(maxPrice >= 0)) {
    throw EnsembleError.badArgument('--max-price', `“${price}” is no price.`, 'Write e.g. --max-price 0.75.');
  }
  return {
    ttlMinutes: Math.max(1, Math.round(count * 60)),
    idleMinutes: idle === undefined ? DEFAULT_IDLE_MINUTES : wholeNumber('idle', idle, 0, MOST_MINUTES),
    yes,
    maxPrice,
  };
}

function misused(action: ProviderAction['action']): EnsembleError {
  return EnsembleError.badArgument(
    'arguments',
    `“providers ${action}” is used otherwise.`,
    `Use: ${USAGE[action]}`,
  );
}

function isAction(word: string): word is ProviderAction['action'] {
  return Object.hasOwn(USAGE, word);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    throw EnsembleError.badArgument('arguments', messageOf(error), 'See: ensemble --help');
  }
}
