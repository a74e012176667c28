import { parseArgs } from 'node:util';
import { DEFAULT_AGENT_PORT } from '../../shared/agents.ts';
import { EnsembleError, messageOf } from '../../shared/errors.ts';
import { nearest } from '../../shared/nearest.ts';

/** What `npm start`, `ensemble serve` and the desktop app are started with. */
export interface HostOptions {
  /** The page's port; 0 = any free one; null = the default one, or the next free. */
  readonly port: number | null;
  readonly host: string;
  /** Where the ComfyUI address listens; null = as the settings say. */
  readonly gatewayHost: string | null;
  /** Where masters reach this machine; null = it is no agent. */
  readonly agent: { readonly name: string | null; readonly host: string; readonly port: number } | null;
  /** null = the platform's usual place. */
  readonly data: string | null;
  /** Simulated GPUs of a forced demo fleet; null = real servers if there are any. */
  readonly demo: number | null;
  readonly open: boolean;
  readonly json: boolean;
}

const DEFAULT_DEMO_GPUS = 4;
export const MAX_DEMO_GPUS = 64;
/** Of a machine's name, characters. */
const MOST_NAME = 100;

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  'gateway-host': { type: 'string' },
  agent: { type: 'boolean', default: false },
  'agent-name': { type: 'string' },
  'agent-host': { type: 'string', default: '0.0.0.0' },
  'agent-port': { type: 'string', default: String(DEFAULT_AGENT_PORT) },
  data: { type: 'string' },
  demo: { type: 'string' },
  'no-open': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** @throws EnsembleError('bad-argument') that names the option and what it takes */
export function parseHostOptions(argv: readonly string[]): HostOptions {
  const values = parse(argv);
  return {
    port: values.port === undefined ? null : integer('--port', values.port, 0, 65_535),
    host: values.host,
    gatewayHost: values['gateway-host'] ?? null,
    agent: values.agent ? agentOf(values) : null,
    data: values.data ?? null,
    demo: values.demo === undefined ? null : integer('--demo', values.demo, 1, MAX_DEMO_GPUS),
    open: !values['no-open'],
    json: values.json,
  };
}

function agentOf(values: ReturnType<typeof parse>): HostOptions['agent'] {
  const name = values['agent-name']?.trim() ?? null;
  if (name !== null && (name === '' || name.length > MOST_NAME)) {
    throw EnsembleError.badArgument('--name', `A machine’s name has 1 to ${MOST_NAME} characters.`);
  }
  return { name, host: values['agent-host'], port: integer('--port', values['agent-port'], 0, 65_535) };
}

function parse(argv: readonly string[]) {
  // `--demo` may stand alone; parseArgs knows no optional values.
  const args = argv.map((argument) => (argument === '--demo' ? `--demo=${DEFAULT_DEMO_GPUS}` : argument));
  for (const argument of args) {
    const name = /^--([^=]+)/.exec(argument)?.[1];
    if (name !== undefined && !(name in OPTIONS)) {
      const guess = nearest(name, Object.keys(OPTIONS));
      throw EnsembleError.badArgument(
        `--${name}`,
        `There is no option --${name}.`,
        guess === null ? 'See --help.' : `Did you mean --${guess}?`,
      );
    }
  }
  try {
    return parseArgs({ args, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw EnsembleError.badArgument('arguments', messageOf(error), 'See --help.');
  }
}

function integer(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw EnsembleError.badArgument(
      option,
      `${option} takes a whole number from ${least} to ${most}, not “${text}”.`,
    );
  }
  return value;
}
