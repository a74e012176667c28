import { bracketed, isWildcard } from './core/access/origins.ts';
import type { ControlCenter } from './core/control-center.ts';
import { thisMachine } from './core/gateway/access/machine.ts';
import type { HostOptions } from './core/options.ts';
import { type Logger, systemClock } from './core/ports.ts';
import { type AgentServer, startAgentServer } from './transports/agent-server.ts';
import type { Dispatcher } from './transports/dispatcher.ts';

export interface AgentHostOptions {
  readonly center: ControlCenter;
  readonly dispatcher: Dispatcher;
  readonly options: HostOptions;
  readonly logger: Logger;
}

/** Lets masters in, where this control center was started as an agent; null where it was not. */
export async function serveAgent({
  center,
  dispatcher,
  options,
  logger,
}: AgentHostOptions): Promise<AgentServer | null> {
  const { agentSide: side } = center;
  if (side === null || options.agent === null) return null;
  const { host } = options.agent;
  const server = await startAgentServer({
    ...{ side, dispatcher, host, logger },
    port: options.agent.port,
    events: center.events,
    instances: () => center.instances,
    clock: systemClock,
  });
  const names = isWildcard(host) ? thisMachine.addresses() : [bracketed(host)];
  side.listensAt({ port: server.port, addresses: names.map((name) => `${name}:${server.port}`) });
  return server;
}
