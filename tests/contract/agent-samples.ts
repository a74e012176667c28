import type { AgentCommands, AgentStatus } from '../../shared/agents.ts';

/** One honest call of every command about other machines, and an answer to it. */

const agent: AgentStatus = {
  id: 'd1c1e3a0-0000-4000-8000-000000000001',
  name: 'Käller ☕',
  host: 'fe80::1',
  port: 8290,
  fingerprint: 'AA:BB',
  link: { status: 'offline', since: 1, reason: 'No answer for 4 s.' },
  gpus: ['NVIDIA GeForce RTX 4090'],
  workers: ['worker-1'],
};

export const AGENT_SAMPLES: {
  readonly [C in keyof AgentCommands]: {
    readonly args: AgentCommands[C]['args'];
    readonly result: AgentCommands[C]['result'];
  };
} = {
  'agents.list': { args: {}, result: [agent] },
  'agents.pair': {
    args: { host: '192.168.1.20', port: 8290, code: '7KQ2-M9XD' },
    result: { id: agent.id, name: agent.name, workers: ['worker-1'] },
  },
  'agents.unpair': { args: { id: agent.id }, result: null },
  'agent.status': {
    args: {},
    result: {
      id: agent.id,
      name: agent.name,
      addresses: ['192.168.1.20:8290'],
      fingerprint: 'AA:BB',
      masters: [{ id: 'm', name: 'Office', since: 1, connected: true }],
    },
  },
  'agent.code': { args: {}, result: { code: '7KQ2-M9XD', expiresAt: 1 } },
  'agent.dismiss': { args: { id: 'm' }, result: null },
};
