import { placeName } from '../../shared/address.ts';
import { conditionOf } from '../../shared/condition.ts';
import type { GpuInfo, InstanceId, InstanceSnapshot, TelemetrySample } from '../../shared/model.ts';
import type { FleetState } from './fleet-store.ts';

const NO_INSTANCES: readonly InstanceSnapshot[] = [];

export const selectInstances = (state: FleetState): readonly InstanceSnapshot[] =>
  state.fleet?.instances ?? NO_INSTANCES;

export const selectInstance =
  (id: InstanceId | null) =>
  (state: FleetState): InstanceSnapshot | null =>
    state.fleet?.instances.find((instance) => instance.id === id) ?? null;

/** Of the master's ComfyUI; null until it has answered. */
export const selectMasterVersion = (state: FleetState): string | null =>
  state.fleet?.instances.find(({ role }) => role === 'master')?.server?.comfyuiVersion ?? null;

/** Of this machine, or as its agent tells. */
export const selectGpu =
  ({ gpuUuid, remote }: Pick<InstanceSnapshot, 'gpuUuid' | 'remote'>) =>
  (state: FleetState): GpuInfo | null =>
    remote === null
      ? (state.fleet?.gpus.find((gpu) => gpu.uuid === gpuUuid) ?? null)
      : (remote.agent?.gpu ?? null);

/** The part of the condition's word that fits on a line: "Failed: out of memory" → "Failed". */
export function shortWord(word: string): string {
  return word.split(':')[0] ?? word;
}

export function isCountingDown(instance: InstanceSnapshot): boolean {
  return instance.control === 'managed' && instance.process.status === 'backing-off';
}

/** Second line of a card: where it computes and listens. */
export function placeOf(instance: InstanceSnapshot, gpu: GpuInfo | null): string {
  if (instance.remote !== null) {
    const { secure, path, agent } = instance.remote;
    if (agent !== null) return `${gpu?.name ?? 'Its own device'} · ${instance.host}`;
    return placeName({ host: instance.host, port: instance.port, secure, path }) + path;
  }
  const device = instance.device === 'cpu' ? 'CPU' : gpu === null ? deviceWords(instance) : gpuWords(gpu);
  return `${device} · port ${instance.port}`;
}

/** As placeOf, for a row: "RTX 4090 · GPU 0 · 8188". */
export function shortPlaceOf(instance: InstanceSnapshot, gpu: GpuInfo | null): string {
  return placeOf(instance, gpu)
    .replace(/^NVIDIA (GeForce )?/, '')
    .replace(' · port ', ' · ');
}

export function gpuWords(gpu: GpuInfo): string {
  return `${gpu.name} · GPU ${gpu.index}`;
}

function deviceWords(instance: InstanceSnapshot): string {
  if (/^\d/.test(instance.device)) return `GPU ${instance.device}`;
  return instance.server?.deviceName ?? (instance.device === '' ? 'Unknown device' : instance.device);
}

export interface FleetTotals {
  readonly watts: number | null;
  readonly memoryUsed: number | null;
  readonly memoryTotal: number;
}

/** Sums over all GPUs; null while no GPU tells the value. */
export function totalsOf(gpus: readonly GpuInfo[], sample: TelemetrySample | null): FleetTotals {
  const sum = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value): value is number => value !== null);
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  const samples = sample?.gpus ?? [];
  return {
    watts: sum(samples.map((gpu) => gpu.power)),
    memoryUsed: sum(samples.map((gpu) => gpu.memoryUsed)),
    memoryTotal: gpus.reduce((total, gpu) => total + gpu.memoryTotal, 0),
  };
}

/** What to tell a screen reader after a change: state words that differ, queue lengths left out. */
export function announcementsOf(
  before: readonly InstanceSnapshot[],
  after: readonly InstanceSnapshot[],
): readonly string[] {
  const spoken = (instance: InstanceSnapshot): string =>
    (shortWord(conditionOf(instance, 0).word).split(' (')[0] ?? '').replace(/ in \d+ s$/, '');
  const words = new Map(before.map((instance) => [instance.id, spoken(instance)]));
  return after
    .filter((instance) => words.has(instance.id) && words.get(instance.id) !== spoken(instance))
    .map((instance) => `${instance.name}: ${spoken(instance)}`);
}
