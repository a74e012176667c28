import type { AgentLinkState, AgentSideStatus, AgentStatus } from '../../../shared/agents.ts';
import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { AgentsAction } from '../agent-arguments.ts';
import { type Terminal, table } from '../terminal.ts';

const HEADER = ['ID', 'NAME', 'ADDRESS', 'STATE', 'GPUS', 'WORKERS'];
const LINKS: Readonly<Record<AgentLinkState['status'], { readonly word: string; readonly tone: Tone }>> = {
  connecting: { word: 'Connecting', tone: 'busy' },
  online: { word: 'Online', tone: 'ok' },
  offline: { word: 'Offline', tone: 'error' },
  refused: { word: 'Refused', tone: 'error' },
};

export async function aboutAgents(
  client: ControlClient,
  terminal: Terminal,
  order: AgentsAction & { readonly json: boolean },
): Promise<void> {
  switch (order.action) {
    case 'list':
      return list(client, terminal, order.json);
    case 'pair': {
      const { host, port, code } = order;
      const paired = await client.invoke('agents.pair', { host, port, code });
      const workers =
        paired.workers.length === 0 ? 'they come as soon as it answers' : paired.workers.join(', ');
      terminal.print(
        order.json ? JSON.stringify(paired) : `${printable(paired.name)} is paired. Its workers: ${workers}.`,
      );
      return;
    }
    case 'unpair':
      return unpair(client, terminal, order.target);
    case 'code': {
      const code = await client.invoke('agent.code', {});
      const until = new Date(code.expiresAt).toTimeString().slice(0, 5);
      terminal.print(order.json ? JSON.stringify(code) : `${code.code}   (works once, until ${until})`);
      return;
    }
    case 'dismiss':
      await client.invoke('agent.dismiss', { id: await masterId(client, order.target) });
      terminal.print('It may do nothing here any more.');
  }
}

async function list(client: ControlClient, terminal: Terminal, json: boolean): Promise<void> {
  const [agents, side] = await Promise.all([
    client.invoke('agents.list', {}),
    client.invoke('agent.status', {}),
  ]);
  if (json) {
    terminal.print(JSON.stringify({ agents, agent: side }));
    return;
  }
  if (side !== null) for (const line of sideLines(side)) terminal.print(line);
  if (agents.length === 0) {
    terminal.print(
      'No machine is paired. Run “ensemble agent” on one, then here: ensemble agents pair HOST CODE',
    );
  } else for (const line of table(terminal, HEADER, agents.map(rowOf))) terminal.print(line);
}

function rowOf({ id, name, host, port, link, gpus, workers }: AgentStatus) {
  const { word, tone } = LINKS[link.status];
  return [
    { text: id },
    { text: printable(name) },
    { text: `${host.includes(':') ? `[${host}]` : host}:${port}` },
    { text: 'reason' in link ? `${word}: ${printable(link.reason)}` : word, tone },
    { text: gpus.map(printable).join(', ') || '–' },
    { text: workers.join(', ') || '–' },
  ];
}

function sideLines({ name, addresses, masters }: AgentSideStatus): readonly string[] {
  return [
    `This machine, “${printable(name)}”, is an agent at ${addresses.join(', ')}`,
    ...masters.map(
      (master) =>
        `  for ${printable(master.name)} (${master.id}), ${master.connected ? 'connected' : 'not connected now'}`,
    ),
    '',
  ];
}

async function unpair(client: ControlClient, terminal: Terminal, target: string): Promise<void> {
  const agents = await client.invoke('agents.list', {});
  const found = agents.filter(({ id, name }) => id === target || name === target);
  const [agent] = found;
  if (agent === undefined || found.length > 1) throw unknown('paired machine', target);
  await client.invoke('agents.unpair', { id: agent.id });
  terminal.print(`${printable(agent.name)} is let go of, and its workers are removed.`);
}

async function masterId(client: ControlClient, target: string): Promise<string> {
  const side = await client.invoke('agent.status', {});
  const found = (side?.masters ?? []).filter(({ id, name }) => id === target || name === target);
  const [master] = found;
  if (master === undefined || found.length > 1) throw unknown('control center', target);
  return master.id;
}

function unknown(kind: string, target: string): EnsembleError {
  return EnsembleError.badArgument(
    'id',
    `There is not exactly one ${kind} “${target}”.`,
    'Take its id: ensemble agents list',
  );
}

/** What strangers call themselves must not steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}]/gu, '?').slice(0, 60);
}
