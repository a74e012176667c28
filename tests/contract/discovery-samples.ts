import type { DiscoveryCommands } from '../../shared/discovery.ts';

/** One honest call of every command that looks for other machines, and an answer to it. */

export const DISCOVERY_SAMPLES: {
  readonly [C in keyof DiscoveryCommands]: {
    readonly args: DiscoveryCommands[C]['args'];
    readonly result: DiscoveryCommands[C]['result'];
  };
} = {
  'discovery.list': {
    args: {},
    result: {
      enabled: true,
      problem: null,
      found: [
        {
          id: 'd1c1e3a0-0000-4000-8000-000000000001',
          kind: 'agent',
          name: 'Käller ☕',
          host: '192.168.1.20',
          port: 8290,
          version: '0.1.0',
          known: false,
        },
      ],
    },
  },
  'remote.scan': {
    args: { host: '192.168.1.20', ports: '8188-8191,8200' },
    result: [
      {
        port: 8188,
        status: 'comfyui',
        version: '0.33.0',
        gpu: 'RTX',
        vramTotal: 1,
        reason: null,
        known: true,
      },
    ],
  },
  'remote.pluginWorkers': {
    args: { host: '192.168.1.20', port: 8188 },
    result: [{ name: 'Wörker', host: '192.168.1.20', port: 8189, secure: false, path: '', known: false }],
  },
};
