import { canonicalHost } from '../../../shared/address.ts';
import type { AgentCommands } from '../../../shared/agents.ts';
import type { CommandHandlers } from '../../../shared/contract.ts';
import type { DiscoveryCommands } from '../../../shared/discovery.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { AgentSide } from '../agent-side/agent-side.ts';
import { pluginWorkers, scanPorts } from '../discovery/scan.ts';
import type { Machines } from '../machines.ts';

/** Machines that work for this control center, and what it is as one of them. */
export function agentCommands({
  agents,
  agentSide,
  discovery,
  scan,
}: Machines): Pick<CommandHandlers, keyof AgentCommands | keyof DiscoveryCommands> {
  return {
    'agents.list': async () => agents.list,
    'agents.pair': async ({ host, port, code }) => {
      const name = canonicalHost(host.replace(/^\[(.*)\]$/, '$1'));
      if (name === null) {
        throw EnsembleError.badArgument('host', `“${host.slice(0, 80)}” is not a name or an address.`);
      }
      const { link, workers } = await agents.pair({ host: name, port }, code);
      return { id: link.id, name: link.agent.name, workers };
    },
    'agents.unpair': async ({ id }) => {
      await agents.unpair(id);
      return null;
    },
    'discovery.list': async () => discovery.state,
    'remote.scan': async ({ host, ports }) => scanPorts(host, ports, scan),
    'remote.pluginWorkers': async ({ host, port }) => pluginWorkers(host, port, scan),
    'agent.status': async () => agentSide?.status() ?? null,
    'agent.code': async () => required(agentSide).pairing.code(),
    'agent.dismiss': async ({ id }) => {
      if (await required(agentSide).masters.dismiss(id)) return null;
      throw new EnsembleError('not-found', `No control center “${id}” is paired with this agent.`);
    },
  };
}

function required(side: AgentSide | null): AgentSide {
  if (side !== null) return side;
  throw new EnsembleError(
    'unavailable',
    'This control center is no agent of others.',
    'Start it with “ensemble agent” to offer its GPUs to another machine.',
  );
}
