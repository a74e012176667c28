import { isAlive, pidOf } from '../../../../shared/lifecycle.ts';
import type { GpuInfo, InstanceSnapshot } from '../../../../shared/model.ts';
import type { Settings } from '../../../../shared/settings.ts';
import type { Fields } from './plugin-replies.ts';

/** The fleet as the plugin's configuration would describe it. Pure. */

export interface PluginFacts extends Pick<Settings, 'autoLaunch' | 'stopOnQuit'> {
  readonly gpus: readonly GpuInfo[];
}

export function pluginConfig(instances: readonly InstanceSnapshot[], facts: PluginFacts): Fields {
  const master = instances.find(({ role }) => role === 'master');
  return {
    master: {
      host: '',
      ...(master === undefined ? {} : { name: master.name, cuda_device: cudaIndex(master, facts.gpus) }),
    },
    workers: workersOf(instances).map((worker) => ({
      ...{ id: worker.id, name: worker.name, port: worker.port, enabled: worker.selected, type: worker.type },
      host: worker.type === 'local' ? 'localhost' : worker.host,
      ...{ cuda_device: cudaIndex(worker, facts.gpus), extra_args: worker.extraArgs },
    })),
    settings: {
      debug: false,
      auto_launch_workers: facts.autoLaunch,
      stop_workers_on_master_exit: facts.stopOnQuit,
      master_delegate_only: master?.selected === false,
      websocket_orchestration: false,
      // There is nothing left for the plugin's page to set up.
      has_auto_populated_workers: true,
    },
    tunnel: NO_TUNNEL,
    managed_processes: managedWorkers(instances),
  };
}

export const NO_TUNNEL: Fields = {
  ...{ status: 'stopped', public_url: '', pid: null, log_file: '', previous_master_host: '' },
};

export function workersOf(instances: readonly InstanceSnapshot[]): readonly InstanceSnapshot[] {
  return instances.filter(({ role }) => role === 'worker');
}

/** Whom an id of the plugin's configuration means; names are taken too, since imported workers keep theirs. */
export function isMeant({ id, name }: InstanceSnapshot, wanted: string): boolean {
  return id === wanted || name === wanted;
}

/** Index of its GPU; null for a processor, several GPUs, or one that is not there. */
export function cudaIndex({ device, gpuUuid }: InstanceSnapshot, gpus: readonly GpuInfo[]): number | null {
  const gpu = gpus.find(({ uuid }) => uuid === (gpuUuid ?? device));
  return gpu?.index ?? (/^\d+$/.test(device) ? Number(device) : null);
}

/** Those of our own processes that live. */
export function managedWorkers(instances: readonly InstanceSnapshot[]): Fields {
  return Object.fromEntries(
    workersOf(instances).flatMap(({ id, type, control, process }) => {
      const pid = pidOf(process);
      if (type !== 'local' || control !== 'managed' || !isAlive(process) || pid === null) return [];
      const launching = process.status === 'starting';
      return [[id, { pid, started_at: process.since / 1_000, log_file: null, launching }]];
    }),
  );
}

export function workerStatuses(instances: readonly InstanceSnapshot[]): Fields {
  const local = workersOf(instances).filter(({ type }) => type === 'local');
  return Object.fromEntries(local.map((worker) => [worker.id, statusOf(worker)]));
}

function statusOf({ selected, link, queue }: InstanceSnapshot): Fields {
  const none = { online: false, enabled: selected, processing: false, queue_count: 0 };
  if (!selected) return none;
  if (link.status !== 'up') return { ...none, error: 'Unavailable' };
  return { online: true, enabled: true, processing: (queue ?? 0) > 0, queue_count: queue ?? 0 };
}
