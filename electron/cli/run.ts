import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import type { HttpClient } from '../transports/http-client.ts';
import { type Order, parseCommandLine } from './arguments.ts';
import { printDoctor } from './commands/doctor.ts';
import { printGpus } from './commands/gpus.ts';
import { printLogs } from './commands/logs.ts';
import { openPage } from './commands/open.ts';
import { changePower } from './commands/power.ts';
import { serve } from './commands/serve.ts';
import { printStatus } from './commands/status.ts';
import { dataDirectoryOf, findControlCenter } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { HELP } from './help.ts';
import type { Terminal } from './terminal.ts';

export interface CliOptions {
  readonly argv: readonly string[];
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder of the built entries. */
  readonly directory: string;
  readonly version: () => string;
}

/** @returns the exit code; what went wrong has been printed */
export async function runCli(options: CliOptions): Promise<number> {
  try {
    return await execute(parseCommandLine(options.argv), options);
  } catch (error) {
    const { code, message, hint } = toEnvelope(error);
    options.terminal.printError(message);
    if (hint !== null) options.terminal.printError(hint);
    if (error instanceof NoControlCenter) return EXIT.noControlCenter;
    return code === 'bad-argument' ? EXIT.badInput : EXIT.failed;
  }
}

class NoControlCenter extends EnsembleError {}

async function execute(order: Order, options: CliOptions): Promise<number> {
  switch (order.command) {
    case 'help':
      options.terminal.print(HELP.trimEnd());
      return EXIT.ok;
    case 'version':
      options.terminal.print(options.version());
      return EXIT.ok;
    case 'serve':
      return serve(options.directory, order.args);
    default:
      return talk(order, options);
  }
}

type Talk = Exclude<Order, { readonly command: 'help' | 'version' | 'serve' }>;

async function talk(order: Talk, { terminal, environment }: CliOptions): Promise<number> {
  const dataDirectory = dataDirectoryOf(order.data, environment);
  const client = await findControlCenter(dataDirectory);
  try {
    // These two know enough by themselves.
    if (order.command === 'doctor') return await printDoctor(client, terminal, order.json, dataDirectory);
    if (order.command === 'gpus') await printGpus(client, terminal, order.json);
    else if (client === null) throw noControlCenter(dataDirectory);
    else await converse(order, client, terminal);
    return EXIT.ok;
  } finally {
    client?.close();
  }
}

async function converse(
  order: Exclude<Talk, { readonly command: 'doctor' | 'gpus' }>,
  client: HttpClient,
  terminal: Terminal,
): Promise<void> {
  switch (order.command) {
    case 'open':
      return openPage(client, terminal, order);
    case 'status':
      return printStatus(client, terminal, order.json);
    case 'logs':
      return printLogs(client, terminal, order);
    default:
      return changePower(client, terminal, order.command, order.target);
  }
}

function noControlCenter(dataDirectory: string): NoControlCenter {
  return new NoControlCenter(
    'unavailable',
    `No control center is running on ${dataDirectory}.`,
    'Start one with `npx ensemble serve` or `npm start`, or name another data directory with --data.',
  );
}
