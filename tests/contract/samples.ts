import type { CommandArgs, CommandName, CommandResult } from '../../shared/contract.ts';
import type { ComfyInstall } from '../../shared/model.ts';
import { DEFAULT_SETTINGS, type LocalWorkerSettings } from '../../shared/settings.ts';

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
  'settings.update': { args: { patch: { theme: 'dark', readyTimeoutSeconds: 60 } }, result: null },
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
  'notices.list': { args: {}, result: [] },
  'notices.clear': { args: {}, result: null },
  'shell.pickFolder': { args: { title: 'Where is ComfyUI?' }, result: { path: '/opt' } },
  'shell.openInstance': { args: target, result: { url: 'http://127.0.0.1:8188' } },
};
