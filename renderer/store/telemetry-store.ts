import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ControlClient } from '../../shared/contract.ts';
import type { GpuSample, TelemetrySample } from '../../shared/model.ts';

/** Samples kept: 60 s of sparkline at the usual 1 Hz. */
export const TELEMETRY_CAPACITY = 60;

export interface TelemetryState {
  /** Oldest first, at most TELEMETRY_CAPACITY. */
  readonly samples: readonly TelemetrySample[];
  readonly latest: TelemetrySample | null;
}

export type TelemetryStore = StoreApi<TelemetryState>;

/** History and live samples overlap: one of each time stays, in order. */
export function mergeSamples(
  left: readonly TelemetrySample[],
  right: readonly TelemetrySample[],
): readonly TelemetrySample[] {
  const byTime = new Map([...left, ...right].map((sample) => [sample.at, sample]));
  return [...byTime.values()].sort((a, b) => a.at - b.at).slice(-TELEMETRY_CAPACITY);
}

export function createTelemetryStore(client: ControlClient): TelemetryStore {
  const store = createStore<TelemetryState>(() => ({ samples: [], latest: null }));
  const add = (added: readonly TelemetrySample[]): void => {
    const samples = mergeSamples(store.getState().samples, added);
    store.setState({ samples, latest: samples.at(-1) ?? null });
  };
  client.subscribe('telemetry', (sample) => add([sample]));
  client.onConnection((connected) => {
    if (!connected) return;
    client.invoke('telemetry.history', {}).then(add, () => undefined);
  });
  return store;
}

/** One value of one GPU over time; null where it is unknown. */
export function gpuHistory(
  samples: readonly TelemetrySample[],
  uuid: string,
  pick: (sample: GpuSample) => number | null,
): readonly (number | null)[] {
  return samples.map((sample) => {
    const gpu = sample.gpus.find((candidate) => candidate.uuid === uuid);
    return gpu === undefined ? null : pick(gpu);
  });
}
