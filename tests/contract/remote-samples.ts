import {
  NOTHING_MEASURED,
  type Readiness,
  type RemoteCommands,
  type RemoteDraft,
} from '../../shared/remote.ts';

/** One honest call of every command about workers elsewhere, and an answer to it. */

const draft: RemoteDraft = {
  type: 'cloud',
  name: 'Wölke ☁',
  host: 'abc-8188.proxy.runpod.net',
  port: 443,
  secure: true,
  path: '/comfy',
  certificate: null,
  access: { kind: 'cloudflare', clientId: 'id.access', clientSecret: 's3cr3t “✓”' },
};

const readiness: Readiness = {
  at: 1,
  done: true,
  rungs: {
    reachable: { status: 'passed', detail: 'Answers within 3 ms.' },
    comfyui: { status: 'warning', detail: 'ComfyUI 0.3.64.', remedy: 'Update it.' },
    nodes: { status: 'failed', detail: 'no', remedy: null, command: 'git pull', certificate: null },
    models: { status: 'waiting' },
    files: { status: 'checking' },
  },
  measured: { ...NOTHING_MEASURED, latencyMs: 3 },
};

export const REMOTE_SAMPLES: {
  readonly [C in keyof RemoteCommands]: {
    readonly args: RemoteCommands[C]['args'];
    readonly result: RemoteCommands[C]['result'];
  };
} = {
  'remote.check': { args: { id: null, draft }, result: { problems: [], url: 'https://abc/comfy' } },
  'remote.add': { args: { draft }, result: { id: 'worker-1' } },
  'remote.update': {
    args: { id: 'worker-1', draft: { ...draft, access: { kind: 'keep' } } },
    result: null,
  },
  'remote.test': { args: { testId: 't1', id: 'worker-1', draft, workflow: '{}' }, result: readiness },
  'remote.stopTest': { args: { testId: 't1' }, result: null },
  'remote.climb': { args: { id: 'worker-1' }, result: readiness },
};
