import type { FieldProblem } from '../../../shared/errors.ts';
import type { LocalDraft } from '../../../shared/instance-commands.ts';
import { type DeviceRef, type GpuInfo, type InstanceId, MASTER_ID } from '../../../shared/model.ts';
import type { RemoteWorkerSettings } from '../../../shared/remote.ts';
import { FIRST_WORKER_PORT, type Settings } from '../../../shared/settings.ts';
import { nextPort } from './population.ts';

/** What the settings say about one local instance, with defaults filled in. */
export interface LocalDefinition {
  readonly id: InstanceId;
  readonly type: 'local';
  readonly role: 'master' | 'worker';
  readonly name: string;
  readonly port: number;
  readonly device: DeviceRef;
  readonly extraArgs: string;
  readonly selected: boolean;
}

export interface RemoteDefinition extends RemoteWorkerSettings {
  readonly role: 'worker';
}

export type InstanceDefinition = LocalDefinition | RemoteDefinition;

export function isLocal(definition: InstanceDefinition): definition is LocalDefinition {
  return definition.type === 'local';
}

/** Master first, then the workers in settings order. */
export function rosterOf(settings: Settings, gpus: readonly GpuInfo[]): readonly InstanceDefinition[] {
  const { master } = settings;
  return [
    {
      id: MASTER_ID,
      type: 'local',
      role: 'master',
      name: master.name,
      port: master.port,
      device: master.device ?? gpus.find((gpu) => gpu.health === 'ok')?.uuid ?? 'cpu',
      extraArgs: master.extraArgs,
      selected: master.selected,
    },
    ...settings.workers.map((worker): InstanceDefinition => ({ ...worker, role: 'worker' })),
  ];
}

/** The GPU that a device reference means; null for "cpu", several devices, or one that is not there. */
export function resolveGpu(device: DeviceRef, gpus: readonly GpuInfo[]): GpuInfo | null {
  if (/^\d+$/.test(device)) return gpus.find((gpu) => gpu.index === Number(device)) ?? null;
  return gpus.find((gpu) => gpu.uuid === device) ?? null;
}

/** A new worker's id: readable on the command line, never used before in this fleet. */
export function newWorkerId(settings: Settings): InstanceId {
  const taken = new Set(settings.workers.map((worker) => worker.id));
  let n = settings.workers.length + 1;
  while (taken.has(`worker-${n}`)) n += 1;
  return `worker-${n}`;
}

/** What the Add dialog starts with: the first GPU that nobody uses, the next free port and number. */
export function suggestWorker(
  settings: Settings,
  gpus: readonly GpuInfo[],
  isTaken: (port: number) => boolean,
): LocalDraft {
  const roster = rosterOf(settings, gpus);
  const local = roster.filter(isLocal);
  const usedGpus = new Set(local.map((definition) => resolveGpu(definition.device, gpus)?.uuid));
  const usedPorts = new Set([settings.gatewayPort, ...local.map((definition) => definition.port)]);
  const names = new Set(roster.map((definition) => definition.name));
  let n = settings.workers.length + 1;
  while (names.has(`Worker ${n}`)) n += 1;
  return {
    name: `Worker ${n}`,
    port: nextPort(FIRST_WORKER_PORT, (port) => usedPorts.has(port) || isTaken(port)),
    device: gpus.find((gpu) => gpu.health === 'ok' && !usedGpus.has(gpu.uuid))?.uuid ?? 'cpu',
    extraArgs: '',
  };
}

/** What is wrong with a draft when the rest of the roster is considered; `id` is null for a new worker. */
export function rosterProblems(
  draft: LocalDraft,
  id: InstanceId | null,
  roster: readonly InstanceDefinition[],
  reservedPorts: ReadonlyMap<number, string>,
): readonly FieldProblem[] {
  const others = roster.filter((definition) => definition.id !== id);
  const problems: FieldProblem[] = [...nameProblems(draft.name, others)];
  const neighbour = others.filter(isLocal).find((other) => other.port === draft.port);
  const reserved = reservedPorts.get(draft.port);
  if (neighbour !== undefined) {
    problems.push({ field: 'port', message: `Port ${draft.port} belongs to ${neighbour.name}.` });
  } else if (reserved !== undefined) {
    problems.push({ field: 'port', message: `Port ${draft.port} is kept for ${reserved}.` });
  }
  return problems;
}

/** @param others everybody else in the roster */
export function nameProblems(name: string, others: readonly InstanceDefinition[]): readonly FieldProblem[] {
  if (name.trim() === '') return [{ field: 'name', message: 'Give it a name.' }];
  const namesake = others.find((other) => other.name === name.trim());
  if (namesake === undefined) return [];
  return [{ field: 'name', message: `There is already a ${namesake.role} called “${namesake.name}”.` }];
}
