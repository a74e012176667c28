import { parseArgs } from 'node:util';
import { parseAddress } from '../../shared/address.ts';
import { DEFAULT_AGENT_PORT } from '../../shared/agents.ts';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import { nearest } from '../../shared/nearest.ts';
import type { Common } from './orders.ts';

/** What a command line asks for about other machines. */
export type AgentOrder =
  | { readonly command: 'agent'; readonly args: readonly string[] }
  | (Common & { readonly command: 'agents' } & AgentsAction)
  | (Common & { readonly command: 'discover'; readonly scan: Scan | null });

/** The ports of one machine. */
export interface Scan {
  readonly host: string;
  readonly ports: string;
}

export type AgentsAction =
  | { readonly action: 'list' | 'code' }
  | { readonly action: 'pair'; readonly host: string; readonly port: number; readonly code: string }
  | { readonly action: 'unpair' | 'dismiss'; readonly target: string };

export const AGENT_WORDS = ['agent', 'agents', 'discover'] as const;
type AgentWord = (typeof AGENT_WORDS)[number];

const ACTIONS: Readonly<Record<AgentsAction['action'], string>> = {
  list: 'ensemble agents list',
  pair: 'ensemble agents pair HOST CODE',
  unpair: 'ensemble agents unpair ID',
  code: 'ensemble agents code',
  dismiss: 'ensemble agents dismiss ID',
};

/** Under these names the headless host knows what is about the agent; everything else it knows as it stands. */
const HOST_NAMES: Readonly<Record<string, string>> = {
  '--name': '--agent-name',
  '--port': '--agent-port',
  '--host': '--agent-host',
};

export function isAgentWord(word: string): word is AgentWord {
  return AGENT_WORDS.some((one) => one === word);
}

/** @throws EnsembleError('bad-argument') that says how it is used */
export function parseAgentOrder(word: AgentWord, args: readonly string[]): AgentOrder {
  if (word === 'agent') return { command: 'agent', args: hostArguments(args) };
  const { values, positionals } = parse(args);
  const common = { json: values.json, data: values.data ?? null };
  if (word === 'discover') return { ...common, command: word, scan: scanOf(positionals) };
  return { ...common, command: word, ...actionOf(positionals) };
}

/** "--name cellar" → "--agent-name cellar": its page keeps the usual port, on this machine alone. */
function hostArguments(args: readonly string[]): readonly string[] {
  const renamed = args.map((argument) => {
    const [option = '', ...value] = argument.split('=');
    return [HOST_NAMES[option] ?? option, ...value].join('=');
  });
  return ['--agent', '--no-open', ...renamed];
}

function actionOf([action = 'list', ...words]: readonly string[]): AgentsAction {
  if (!isAction(action)) {
    const guess = nearest(action, Object.keys(ACTIONS));
    const hint = guess === null ? 'See: ensemble --help' : `Did you mean “agents ${guess}”?`;
    throw EnsembleError.badArgument('arguments', `There is no “agents ${action}”.`, hint);
  }
  const [first, second, ...more] = words;
  switch (action) {
    case 'list':
    case 'code':
      if (first === undefined) return { action };
      break;
    case 'pair':
      if (first !== undefined && second !== undefined && more.length === 0) {
        return { action, ...placeOf(first), code: second };
      }
      break;
    default:
      if (first !== undefined && second === undefined) return { action, target: first };
  }
  throw EnsembleError.badArgument(
    'arguments',
    `“agents ${action}” is used otherwise.`,
    `Use: ${ACTIONS[action]}`,
  );
}

function scanOf([host, ports, ...more]: readonly string[]): Scan | null {
  if (host === undefined) return null;
  if (ports !== undefined && more.length === 0) return { host, ports };
  throw EnsembleError.badArgument(
    'arguments',
    '“discover” takes nothing, or one machine and its ports.',
    'Use: ensemble discover, or ensemble discover 192.168.1.20 8188-8191',
  );
}

/** A host as people write it, with or without a port. */
function placeOf(text: string): { readonly host: string; readonly port: number } {
  const reading = parseAddress(text);
  if (!reading.ok) throw EnsembleError.badArgument('host', reading.problem);
  const hasPort = /:\d+$/.test(text.replace(/\/+$/, '')) && !/^[^[]*:[^\]]*:/.test(text);
  return { host: reading.address.host, port: hasPort ? reading.address.port : DEFAULT_AGENT_PORT };
}

function isAction(word: string): word is AgentsAction['action'] {
  return Object.hasOwn(ACTIONS, word);
}

function parse(args: readonly string[]) {
  try {
    const options = {
      json: { type: 'boolean', default: false },
      data: { type: 'string' },
    } as const;
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw EnsembleError.badArgument('arguments', messageOf(error), 'See: ensemble --help');
  }
}
