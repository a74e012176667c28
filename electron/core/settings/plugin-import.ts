import type { DeviceRef, GpuInfo } from '../../../shared/model.ts';
import {
  DEFAULT_CONTROL_PORT,
  FIRST_WORKER_PORT,
  type LocalWorkerSettings,
  type Settings,
  type WorkerSettings,
} from '../../../shared/settings.ts';
import type { PluginConfig, PluginWorker } from './plugin-config.ts';
import { importRemote } from './plugin-import-remote.ts';

export { readPluginConfig } from './plugin-config.ts';

export interface ImportPlan {
  readonly settings: Settings;
  /** One sentence per change, in order; empty when everything is so already. */
  readonly changes: readonly string[];
  /** One sentence per thing that is left out, and why. */
  readonly skipped: readonly string[];
}

/** What importing the plugin's configuration does. Importing it twice changes nothing the second time. */
export function planImport(settings: Settings, config: PluginConfig, gpus: readonly GpuInfo[]): ImportPlan {
  const changes: string[] = [];
  const skipped: string[] = [];
  const master = importMaster(settings, config, gpus, changes);
  const preferences = importPreferences(settings, config, changes);
  const workers = importWorkers({ ...settings, master }, config, gpus, changes, skipped);
  if (config.unreadable > 0) {
    skipped.push(`${config.unreadable} of its workers could not be read and are left out.`);
  }
  if (config.otherSettings.length > 0) {
    skipped.push(`Settings that mean nothing here are left out: ${config.otherSettings.join(', ')}.`);
  }
  const populated = settings.populated || workers.length > 0;
  return { settings: { ...settings, ...preferences, master, workers, populated }, changes, skipped };
}

function importMaster(
  { master }: Settings,
  config: PluginConfig,
  gpus: readonly GpuInfo[],
  changes: string[],
): Settings['master'] {
  const { name, port, cuda_device: cuda, extra_args: extraArgs } = config.master;
  const delegate = config.settings.master_delegate_only;
  const next = {
    ...master,
    name: name || master.name,
    port: port ?? master.port,
    device: cuda === undefined ? master.device : deviceOf(cuda, gpus),
    extraArgs: extraArgs || master.extraArgs,
    selected: delegate === undefined ? master.selected : !delegate,
  };
  if (next.name !== master.name) changes.push(`The master is called “${next.name}”.`);
  if (next.port !== master.port) changes.push(`The master listens on port ${next.port}.`);
  if (next.device !== null && next.device !== master.device) {
    changes.push(`The master computes on ${describe(next.device, gpus)}.`);
  }
  if (next.extraArgs !== master.extraArgs) {
    changes.push(`The master starts with the extra arguments ${next.extraArgs}.`);
  }
  if (next.selected !== master.selected) {
    changes.push(next.selected ? 'The master takes part in workflows.' : 'The master only orchestrates.');
  }
  return next;
}

function importPreferences(
  settings: Settings,
  { settings: plugin }: PluginConfig,
  changes: string[],
): Pick<Settings, 'autoLaunch' | 'stopOnQuit'> {
  const autoLaunch = plugin.auto_launch_workers ?? settings.autoLaunch;
  const stopOnQuit = plugin.stop_workers_on_master_exit ?? settings.stopOnQuit;
  if (autoLaunch !== settings.autoLaunch) {
    changes.push(
      `Servers ${autoLaunch ? 'start' : 'no longer start'} by themselves with the control center.`,
    );
  }
  if (stopOnQuit !== settings.stopOnQuit) {
    changes.push(`Servers ${stopOnQuit ? 'stop' : 'go on'} when the control center quits.`);
  }
  return { autoLaunch, stopOnQuit };
}

function importWorkers(
  settings: Settings,
  config: PluginConfig,
  gpus: readonly GpuInfo[],
  changes: string[],
  skipped: string[],
): readonly WorkerSettings[] {
  let workers = settings.workers;
  const imported = new Set<string>();
  for (const [position, plugin] of config.workers.entries()) {
    const name = plugin.name || `Worker ${position + 1}`;
    if (!isLocal(plugin)) {
      const outcome = importRemote(plugin, name, freeId(workers), workers);
      if ('skipped' in outcome) {
        skipped.push(outcome.skipped);
        continue;
      }
      if (outcome.change !== null) changes.push(outcome.change);
      workers = withWorker(workers, outcome.worker);
      continue;
    }
    const rest = { settings, workers, imported, gpus };
    const { worker, before, remarks } = importWorker(plugin, name, rest);
    imported.add(worker.id);
    changes.push(...remarks, ...difference(before, worker, gpus));
    workers = withWorker(workers, worker);
  }
  return workers;
}

/** In its old place, or at the end. */
function withWorker(workers: readonly WorkerSettings[], worker: WorkerSettings): readonly WorkerSettings[] {
  const known = workers.some((other) => other.id === worker.id);
  return known ? workers.map((other) => (other.id === worker.id ? worker : other)) : [...workers, worker];
}

interface Rest {
  readonly settings: Settings;
  readonly workers: readonly WorkerSettings[];
  /** Ids that this import already wrote. */
  readonly imported: ReadonlySet<string>;
  readonly gpus: readonly GpuInfo[];
}

function importWorker(
  plugin: PluginWorker,
  wanted: string,
  rest: Rest,
): { worker: LocalWorkerSettings; before: LocalWorkerSettings | null; remarks: readonly string[] } {
  const remarks: string[] = [];
  const wantedPort = plugin.port ?? plugin.listen_port ?? FIRST_WORKER_PORT;
  const before = findExisting(wanted, wantedPort, rest);
  const others = rest.workers.filter((other) => other !== before);
  const name = freeName(wanted, [rest.settings.master.name, ...others.map((other) => other.name)]);
  if (name !== wanted) remarks.push(`The name “${wanted}” is taken, so that it becomes “${name}”.`);
  const taken = new Set([rest.settings.master.port, rest.settings.gatewayPort, DEFAULT_CONTROL_PORT]);
  for (const other of others) if (other.type === 'local') taken.add(other.port);
  const port = freePort(wantedPort, taken);
  if (port !== wantedPort) {
    remarks.push(`Port ${wantedPort} of “${name}” is taken, so that it becomes ${port}.`);
  }
  const worker: LocalWorkerSettings = {
    ...before,
    id: before?.id ?? freeId(rest.workers),
    type: 'local',
    name,
    port,
    // The plugin starts a worker without a device on the first GPU.
    device: deviceOf(plugin.cuda_device ?? '0', rest.gpus),
    extraArgs: plugin.extra_args ?? '',
    selected: plugin.enabled ?? false,
  };
  // A remark about a clash that was settled by an earlier import is no news.
  return { worker, before, remarks: before !== null && before.port === port ? [] : remarks };
}

/** The worker that an entry means: the one of that name, else the one on that port. */
function findExisting(name: string, port: number, { workers, imported }: Rest): LocalWorkerSettings | null {
  const open = workers
    .filter((worker) => worker.type === 'local')
    .filter((worker) => !imported.has(worker.id));
  const renamed = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\(\\d+\\)$`);
  return (
    open.find((worker) => worker.name === name) ??
    open.find((worker) => worker.port === port) ??
    open.find((worker) => renamed.test(worker.name)) ??
    null
  );
}

function difference(
  before: LocalWorkerSettings | null,
  after: LocalWorkerSettings,
  gpus: readonly GpuInfo[],
): readonly string[] {
  const facts = (worker: LocalWorkerSettings): string =>
    [
      `“${worker.name}”`,
      `on ${describe(worker.device, gpus)}`,
      `port ${worker.port}`,
      ...(worker.extraArgs === '' ? [] : [`with ${worker.extraArgs}`]),
      worker.selected ? 'selected' : 'not selected',
    ].join(', ');
  if (before === null) return [`Adds the worker ${facts(after)}.`];
  return facts(before) === facts(after) ? [] : [`Changes “${before.name}” to ${facts(after)}.`];
}

function isLocal({ type, host }: PluginWorker): boolean {
  const local =
    !host || /^(?:https?:\/\/)?(?:localhost|127(?:\.\d+){3}|\[?::1\]?|0\.0\.0\.0)(?::\d+)?\/?$/i.test(host);
  return local && (type === undefined || type === '' || type === 'local');
}

/** An index becomes the GPU's UUID, which stays right when cards are added or moved. */
function deviceOf(cuda: string, gpus: readonly GpuInfo[]): DeviceRef {
  const gpu = gpus.find((candidate) => String(candidate.index) === cuda && !candidate.mig);
  return gpu?.uuid ?? cuda;
}

function describe(device: DeviceRef, gpus: readonly GpuInfo[]): string {
  const gpu = gpus.find((candidate) => candidate.uuid === device);
  return gpu === undefined ? `GPU ${device}` : `GPU ${gpu.index} (${gpu.name})`;
}

function freePort(wanted: number, taken: ReadonlySet<number>): number {
  if (!taken.has(wanted)) return wanted;
  let port = FIRST_WORKER_PORT;
  while (taken.has(port)) port += 1;
  return port;
}

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let n = 2; taken.includes(name); n += 1) name = `${wanted} (${n})`;
  return name;
}

function freeId(workers: readonly WorkerSettings[]): string {
  let n = workers.length + 1;
  while (workers.some((worker) => worker.id === `worker-${n}`)) n += 1;
  return `worker-${n}`;
}
