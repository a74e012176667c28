import { homedir } from 'node:os';
import path from 'node:path';
import { DEFAULT_AGENT_PORT } from '../shared/agents.ts';
import { toEnvelope } from '../shared/errors.ts';
import { DEFAULT_CONTROL_PORT } from '../shared/settings.ts';
import { serveControlCenter } from './control-server.ts';
import type { AgentSide } from './core/agent-side/agent-side.ts';
import { ControlCenter } from './core/control-center.ts';
import { createLogger } from './core/logger.ts';
import { type HostOptions, parseHostOptions } from './core/options.ts';
import { systemClock } from './core/ports.ts';
import { createRuntime } from './core/runtime.ts';
import { defaultDataDirectory } from './core/settings/data-directory.ts';
import { createSimulation } from './demo.ts';
import { headlessHost } from './headless-host.ts';
import { openBrowser } from './open-browser.ts';
import { AgentClient } from './transports/agent-client.ts';
import { Dispatcher } from './transports/dispatcher.ts';
import type { ControlServer } from './transports/http-server.ts';
import { appVersion } from './version.ts';

/** The plain-Node composition root: the same core as the desktop app, served over HTTP and WebSocket. */

const HELP = `Usage: ensemble serve [options]      (also: npm run serve -- [options])

  --port N      port of the page (default ${DEFAULT_CONTROL_PORT}, or the next free one; 0: any free one)
  --host ADDR   address to listen on (default 127.0.0.1: this machine only)
  --gateway-host ADDR
                address the fleet’s ComfyUI address listens on, whatever the settings say
                (0.0.0.0: the network; others than this machine need the token: see ensemble gateway)
  --data DIR    where settings, logs and pictures are kept
  --demo[=N]    a demo fleet of N simulated GPUs (default 4)
  --agent       offer this machine's GPUs to other control centers (see: ensemble agent --help)
  --no-open     do not open a browser
  --json        print one JSON line when ready, nothing else
  --help        this text
`;

const AGENT_HELP = `Usage: ensemble agent [options]

Offers the GPUs of this machine to control centers elsewhere: they pair with the code that it prints, start and stop its
ComfyUI servers, see their GPUs and logs, and send them work over TLS. The servers themselves stay on 127.0.0.1, and this
machine has its own page as ever.

  --name NAME   what the machine is called there (default: its own name)
  --port N      where it is reached (default ${DEFAULT_AGENT_PORT}; 0: any free port)
  --host ADDR   address to listen on (default 0.0.0.0: the network)
  --data DIR    where settings, logs and its identity are kept
  --demo[=N]    a demo fleet of N simulated GPUs (default 4)
  --json        print one JSON line when ready, with the code in it
  --help        this text
`;

const EXIT_FAILED = 1;
const EXIT_BAD_INPUT = 2;

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) {
    process.stdout.write(argv.includes('--agent') ? AGENT_HELP : HELP);
    return;
  }
  const options = parseHostOptions(argv);
  const dataDirectory = path.resolve(
    options.data ?? defaultDataDirectory(process.env, process.platform, homedir()),
  );
  const logger = createLogger({
    file: path.join(dataDirectory, 'logs', 'control-center.log'),
    level: 'info',
  });
  // Out of the packaged app we are Electron acting as Node, and so must be our children.
  const runtime = createRuntime(process.execPath, import.meta.dirname, 'electron' in process.versions);
  let quit: () => void = () => {};
  const center = await ControlCenter.open({
    dataDirectory,
    demo: options.demo,
    gatewayHost: options.gatewayHost,
    agent: options.agent,
    connectAgent: (address) => new AgentClient({ address, clock: systemClock, random: Math.random }),
    version: appVersion(),
    versions: { node: process.versions.node },
    runtime,
    host: headlessHost(() => quit()),
    simulation: createSimulation(runtime),
    logger,
    environment: process.env,
    platform: process.platform,
    home: homedir(),
  });
  const dispatcher = new Dispatcher(center.handlers, logger);
  const server = await serveControlCenter({
    center,
    dispatcher,
    options,
    directory: import.meta.dirname,
    logger,
  });
  quit = endOnSignals(center, server);
  if (!options.json) await announce(server, center, options);
  const started = center.start();
  // Programs want both addresses in the one line that they get.
  if (options.json) await Promise.race([center.whenGatewayIsKnown, started]);
  if (options.json) await announce(server, center, options);
  await started;
}

async function announce(server: ControlServer, center: ControlCenter, options: HostOptions): Promise<void> {
  const url = server.oneTimeUrl();
  if (options.json) {
    const { token, dataDirectory: data } = center.access;
    const line = { url, token, gateway: center.gatewayUrl, pid: process.pid, data, ...agentLine(center) };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } else {
    process.stdout.write(
      `Comfy Ensemble is at ${url}\n(the link works once; \`npx ensemble open\` makes another; Ctrl+C ends it)\n`,
    );
  }
  const { agentSide } = center;
  if (agentSide !== null && !options.json) process.stdout.write(agentText(agentSide));
  if (options.open && !options.json) await openBrowser(url);
}

function agentLine({ agentSide }: ControlCenter): object {
  if (agentSide === null) return {};
  const { id, name, addresses, fingerprint } = agentSide.status();
  return { agent: { id, name, addresses, fingerprint, code: agentSide.pairing.code().code } };
}

/** A machine that nobody is paired with waits for that; others get a code when they are asked for one. */
function agentText(side: AgentSide): string {
  const { name, addresses, fingerprint, masters } = side.status();
  const code =
    masters.length === 0
      ? `Pairing code: ${side.pairing.code().code}   (works once, for ten minutes)\n`
      : `It works for ${masters.map((master) => master.name).join(', ')}.\n`;
  return (
    `${name} is an agent: other control centers reach it at ${addresses.join(', ')}\n${code}` +
    `“ensemble agents code” makes a new code. Fingerprint of its certificate:\n  ${fingerprint}\n`
  );
}

/** The first signal ends in order; a second one ends at once, and the guardian sees to the children. */
function endOnSignals(center: ControlCenter, server: ControlServer): () => void {
  let ending = false;
  const end = (): void => {
    if (ending) process.exit(EXIT_FAILED);
    ending = true;
    void (async () => {
      await server.close();
      await center.close();
      process.exit(0);
    })();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  return end;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, message, hint } = toEnvelope(error);
  process.stderr.write(`${message}\n${hint === null ? '' : `${hint}\n`}`);
  process.exit(code === 'bad-argument' ? EXIT_BAD_INPUT : EXIT_FAILED);
});
