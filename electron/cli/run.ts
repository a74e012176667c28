import { toEnvelope } from '../../shared/errors.ts';
import { systemClock } from '../core/ports.ts';
import type { HttpClient } from '../transports/http-client.ts';
import { parseCommandLine } from './arguments.ts';
import { aboutAgents } from './commands/agents.ts';
import { printFound } from './commands/discover.ts';
import { printDoctor } from './commands/doctor.ts';
import { printGateway } from './commands/gateway.ts';
import { printGpus } from './commands/gpus.ts';
import { printLogs } from './commands/logs.ts';
import { printModels } from './commands/models.ts';
import { openPage } from './commands/open.ts';
import { printPlan } from './commands/plan.ts';
import { changePower } from './commands/power.ts';
import { aboutProviders } from './commands/providers.ts';
import { type RunOrder, runWorkflow } from './commands/run-workflow.ts';
import { changeQueue, changeRun, printRuns } from './commands/runs.ts';
import { serve } from './commands/serve.ts';
import { printStatus } from './commands/status.ts';
import { changeTunnel } from './commands/tunnel.ts';
import { aboutWorkers } from './commands/workers.ts';
import { dataDirectoryOf, findControlCenter, NoControlCenter } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { HELP } from './help.ts';
import type { Order } from './orders.ts';
import { Lifeline } from './runs/lifeline.ts';
import { type ByteSource, readWorkflow } from './runs/workflow-file.ts';
import type { Terminal } from './terminal.ts';
import { WORKERS_HELP } from './workers/help.ts';

export interface CliOptions {
  readonly argv: readonly string[];
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder of the built entries. */
  readonly directory: string;
  readonly version: () => string;
  /** Standard input. */
  readonly input: () => ByteSource;
  /** Ctrl+C while there is something to leave in order; returns its unsubscribe. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Asks a person yes or no; null where nobody sits. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

/** @returns the exit code; what went wrong has been printed */
export async function runCli(options: CliOptions): Promise<number> {
  try {
    return await execute(parseCommandLine(options.argv), options);
  } catch (error) {
    const { code, message, hint, problems } = toEnvelope(error);
    options.terminal.printError(message);
    for (const problem of problems) {
      if (!message.includes(problem.message))
        options.terminal.printError(`  ${problem.field}: ${problem.message}`);
    }
    if (hint !== null) options.terminal.printError(hint);
    if (error instanceof NoControlCenter) return EXIT.noControlCenter;
    return code === 'bad-argument' ? EXIT.badInput : EXIT.failed;
  }
}

async function execute(order: Order, options: CliOptions): Promise<number> {
  switch (order.command) {
    case 'help':
      options.terminal.print(HELP.trimEnd());
      return EXIT.ok;
    case 'version':
      options.terminal.print(options.version());
      return EXIT.ok;
    case 'serve':
    case 'agent':
      return serve(options.directory, order.args);
    case 'workers':
      if (order.action !== 'help') return talk(order, options);
      options.terminal.print(WORKERS_HELP.trimEnd());
      return EXIT.ok;
    default:
      return talk(order, options);
  }
}

type Talk = Exclude<
  Order,
  { readonly command: 'help' | 'version' | 'serve' | 'agent' } | { readonly action: 'help' }
>;

async function talk(order: Talk, options: CliOptions): Promise<number> {
  const { terminal, environment } = options;
  const dataDirectory = dataDirectoryOf(order.data, environment);
  // A file that is no workflow is told also where nobody could run it.
  const takesWorkflow = order.command === 'run' || order.command === 'plan' || order.command === 'models';
  const workflow = takesWorkflow ? await readWorkflow(order.workflow, options.input) : '';
  const client = await findControlCenter(dataDirectory);
  try {
    // These two know enough by themselves.
    if (order.command === 'doctor') return await printDoctor(client, terminal, order.json, dataDirectory);
    if (order.command === 'gpus') {
      await printGpus(client, terminal, order.json);
      return EXIT.ok;
    }
    if (client === null) throw noControlCenter(dataDirectory);
    if (order.command === 'plan') return await printPlan(client, order, workflow, terminal);
    if (order.command === 'models') return await printModels(client, order, workflow, terminal);
    if (order.command === 'workers')
      return await aboutWorkers(order, { ...options, client, json: order.json });
    if (order.command === 'run') return await runOn(client, order, workflow, options, dataDirectory);
    if (order.command === 'tunnel') await changeTunnel(client, order, { ...options, clock: systemClock });
    else await converse(order, client, terminal);
    return EXIT.ok;
  } finally {
    client?.close();
  }
}

async function runOn(
  client: HttpClient,
  order: RunOrder,
  workflow: string,
  options: CliOptions,
  dataDirectory: string,
): Promise<number> {
  const find = (): Promise<HttpClient | null> => findControlCenter(dataDirectory);
  const lifeline = new Lifeline(client, { find, clock: systemClock });
  try {
    return await runWorkflow(lifeline, order, workflow, { ...options, clock: systemClock });
  } finally {
    lifeline.close();
  }
}

async function converse(
  order: Exclude<
    Talk,
    { readonly command: 'doctor' | 'gpus' | 'run' | 'plan' | 'models' | 'workers' | 'tunnel' }
  >,
  client: HttpClient,
  terminal: Terminal,
): Promise<void> {
  switch (order.command) {
    case 'open':
      return openPage(client, terminal, order);
    case 'status':
      return printStatus(client, terminal, order.json);
    case 'gateway':
      return printGateway(client, terminal, order);
    case 'agents':
      return aboutAgents(client, terminal, order);
    case 'discover':
      return printFound(client, terminal, order);
    case 'providers':
      return aboutProviders(client, terminal, order);
    case 'logs':
      return printLogs(client, terminal, order);
    case 'runs':
      return printRuns(client, terminal, order);
    case 'cancel':
    case 'retry':
    case 'again':
      return changeRun(client, terminal, order);
    case 'queue':
      return changeQueue(client, terminal, order.action);
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
