import type { CommandArgs, CommandName, CommandResult } from '../../shared/contract.ts';
import type { ComfyInstall } from '../../shared/model.ts';
import { type Artifact, DEFAULT_RUN_OPTIONS, type RunOptions, type RunSummary } from '../../shared/runs.ts';
import { DEFAULT_SETTINGS, type LocalWorkerSettings } from '../../shared/settings.ts';
import { AGENT_SAMPLES } from './agent-samples.ts';
import { DISCOVERY_SAMPLES } from './discovery-samples.ts';
import { MODEL_SAMPLES } from './model-samples.ts';
import { PROVIDER_SAMPLES } from './provider-samples.ts';
import { REMOTE_SAMPLES } from './remote-samples.ts';
import { TUNNEL_SAMPLES } from './tunnel-samples.ts';

/** One honest call of every command and an answer to it; the mapped type makes a missing command a compile error. */

const target = { id: 'worker-1' };
const draft = { name: 'Wörker 1 “🎨”', port: 8189, device: 'GPU-1', extraArgs: '--lowvram "a b"' };
const removed: LocalWorkerSettings = { id: 'worker-1', type: 'local', ...draft, selected: true };
const install: ComfyInstall = {
  root: '/opt/ComfyUI',
  python: '/usr/bin/python3',
  version: '0.33.0',
  source: 'picked',
  flags: ['--port'],
  baseDirectory: null,
};
const where = { root: '/opt/ComfyUI', python: null };
const preview = { changes: ['Adds “Worker 1”.'], skipped: [] };

const runTarget = { runId: 'run-1' };
const options: RunOptions = {
  ...DEFAULT_RUN_OPTIONS,
  on: ['master'],
  set: [{ node: '1', input: 'color', value: '18446744073709551615' }],
};
const workflow = '{"1": {"class_type": "EmptyImage", "inputs": {"color": 18446744073709551615}}}';
const artifact: Artifact = {
  id: 'a-1',
  runId: 'run-1',
  runName: 'naïve ✓',
  stage: 1,
  shard: 0,
  nodeId: '2',
  node: 'Save Image',
  kind: 'image',
  preview: false,
  name: 'ComfyUI_00001_.png',
  path: '/out/ComfyUI_00001_.png',
  bytes: 10,
  width: 8,
  height: 8,
  seed: '18446744073709551615',
  instanceId: 'master',
  instanceName: 'Master',
  seconds: 1.5,
  at: 2,
  url: '/files/artifacts/a-1.png',
};
const run: RunSummary = {
  id: 'run-1',
  revision: 3,
  name: 'naïve ✓',
  kind: 'distributed',
  status: 'done',
  mode: 'participating',
  modeReason: 'The master takes part.',
  participants: ['Master'],
  createdAt: 1,
  startedAt: 1,
  endedAt: 2,
  order: 1,
  shards: { queued: 0, dispatched: 0, running: 0, fetching: 0, done: 1, failed: 0, cancelled: 0 },
  shardCount: 1,
  secondStage: false,
  seedFirst: '18446744073709551615',
  seedLast: '18446744073709551615',
  expectedEnd: null,
  waits: null,
  artifactCount: 1,
  thumbnails: [artifact],
  error: null,
  warnings: [],
};

export const SAMPLES: {
  readonly [C in CommandName]: { readonly args: CommandArgs<C>; readonly result: CommandResult<C> };
} = {
  'system.info': {
    args: {},
    result: {
      name: 'Comfy Ensemble',
      version: '0.1.0',
      shell: 'headless',
      platform: 'linux',
      dataDirectory: '/data',
      url: 'http://127.0.0.1:8288',
      gatewayUrl: 'http://127.0.0.1:8200',
      pid: 1,
      canPickFolders: false,
      canLaunchAtLogin: false,
      versions: { node: '20.19.0' },
    },
  },
  'system.quit': { args: {}, result: null },
  'doctor.run': {
    args: {},
    result: { at: 1, findings: [{ topic: 'gpus', level: 'ok', text: '2 GPUs', hint: null }] },
  },
  'fleet.snapshot': {
    args: {},
    result: {
      epoch: 'e',
      revision: 1,
      setup: { status: 'configured', install },
      mode: 'participating',
      masterParticipates: true,
      gpuInventory: { status: 'searching' },
      gpus: [],
      instances: [],
    },
  },
  'fleet.startAll': { args: {}, result: null },
  'fleet.stopAll': { args: {}, result: null },
  'fleet.setParticipation': { args: { participate: false }, result: null },
  'telemetry.history': { args: {}, result: [] },
  'instance.start': { args: target, result: null },
  'instance.stop': { args: target, result: null },
  'instance.restart': { args: target, result: null },
  'instance.interrupt': { args: target, result: null },
  'instance.freeMemory': { args: target, result: null },
  'instance.select': { args: { ...target, selected: true }, result: null },
  'instance.testPicture': { args: target, result: { pictureId: 'p1' } },
  'worker.suggest': { args: {}, result: draft },
  'worker.check': {
    args: { id: null, draft },
    result: { problems: [], command: ['python', 'main.py'], environment: { CUDA_VISIBLE_DEVICES: 'GPU-1' } },
  },
  'worker.add': { args: { draft }, result: target },
  'worker.update': { args: { ...target, draft, restart: true }, result: null },
  'worker.remove': { args: target, result: { removed, index: 0 } },
  'worker.restore': { args: { removed, index: 0 }, result: null },
  'gpus.rescan': { args: {}, result: null },
  'comfyui.find': { args: {}, result: { found: [install], rejected: [] } },
  'comfyui.check': { args: where, result: install },
  'comfyui.use': { args: where, result: null },
  'demo.start': { args: { gpus: 4 }, result: null },
  'demo.stop': { args: {}, result: null },
  'import.preview': { args: { source: { path: '/home/me/gpu_config.json' } }, result: preview },
  'import.apply': { args: { source: { text: '{"workers": []}' } }, result: preview },
  'settings.get': { args: {}, result: DEFAULT_SETTINGS },
  'settings.update': {
    args: {
      patch: {
        ...{ theme: 'dark', readyTimeoutSeconds: 60, gatewayPort: 8201, gatewayOpen: true },
        ...{ gatewayNames: ['gpu.example.com:443', '[fd00::2]'], gatewayDistribution: 'fan-out' },
      },
    },
    result: null,
  },
  'logs.read': {
    args: { ...target, after: null, limit: 500, waitMs: 0 },
    result: {
      lines: [{ seq: 7, at: 1, level: 'error', text: 'naïve ✓ \u2028' }],
      dropped: 0,
      first: 7,
      next: 8,
      file: null,
    },
  },
  'logs.clear': { args: target, result: null },
  'runs.plan': {
    args: { workflow, options },
    result: {
      kind: 'whole',
      mode: 'participating',
      modeReason: 'The master takes part.',
      participants: [{ id: 'master', name: 'Master', role: 'master', takesPart: true, reason: null }],
      seeds: [],
      shards: [{ index: 0, seed: null, slice: null, values: [], nodes: 1 }],
      shardCount: 1,
      secondStage: [],
      inputs: [],
      warnings: [],
      problems: [],
      prompts: [workflow],
    },
  },
  'runs.submit': { args: { name: 'naïve ✓', workflow, options }, result: runTarget },
  'runs.list': {
    args: { before: null, limit: 50 },
    result: { runs: [run], queue: { paused: false, waiting: 0, running: 0 }, more: false },
  },
  'runs.get': { args: runTarget, result: { run, shards: [], artifacts: [artifact] } },
  'runs.workflow': { args: runTarget, result: { workflow, options } },
  'runs.cancel': { args: runTarget, result: null },
  'runs.retry': { args: runTarget, result: null },
  'runs.again': { args: runTarget, result: runTarget },
  'runs.move': { args: { ...runTarget, before: null }, result: null },
  'runs.remove': { args: runTarget, result: null },
  'queue.pause': { args: {}, result: null },
  'queue.resume': { args: {}, result: null },
  'gallery.list': {
    args: {
      cursor: null,
      limit: 60,
      filter: { runId: null, instanceId: null, name: null, since: null, until: null, previews: true },
    },
    result: { artifacts: [artifact], next: null },
  },
  'gateway.status': {
    args: {},
    result: {
      url: 'http://127.0.0.1:8200',
      open: true,
      fixedHost: null,
      addresses: ['http://192.0.2.2:8200'],
      clients: [
        {
          id: 'c-1',
          address: '192.0.2.7',
          clientId: 'naïve ✓',
          program: 'curl/8.5.0',
          since: 1,
          prompts: 2,
          connected: true,
        },
      ],
      clientCount: 1,
    },
  },
  'gateway.token': { args: {}, result: { token: 'a-token-of-a-sample' } },
  'gateway.renewToken': { args: {}, result: { token: 'another-token-of-a-sample' } },
  'notices.list': { args: {}, result: [] },
  'notices.clear': { args: {}, result: null },
  'shell.pickFolder': { args: { title: 'Where is ComfyUI?' }, result: { path: '/opt' } },
  'shell.openInstance': { args: target, result: { url: 'http://127.0.0.1:8188' } },
  'shell.openGateway': { args: {}, result: { url: 'http://127.0.0.1:8200' } },
  'editor.show': {
    args: { bounds: { x: 72, y: 96, width: 1208, height: 704 } },
    result: { status: 'loading' },
  },
  'editor.hide': { args: {}, result: null },
  'editor.reload': { args: {}, result: null },
  ...PROVIDER_SAMPLES,
  ...REMOTE_SAMPLES,
  ...MODEL_SAMPLES,
  ...TUNNEL_SAMPLES,
  ...AGENT_SAMPLES,
  ...DISCOVERY_SAMPLES,
};
