import type { Tone } from '../../shared/condition.ts';
import type { GpuInfo, GpuSample, TelemetrySample } from '../../shared/model.ts';
import { formatBytesOf } from '../store/format.ts';
import { gpuHistory } from '../store/telemetry-store.ts';

/** What a meter shows. */
export interface Reading {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly share: number | null;
  readonly tone: Tone;
  readonly history: readonly (number | null)[];
}

const HOT = 80;
const TOO_HOT = 90;
const FALLBACK_LIMIT_WATTS = 350;

/** VRAM, load, temperature and power of one GPU, newest sample last. Pure. */
export function gpuReadings(gpu: GpuInfo, samples: readonly TelemetrySample[]): readonly Reading[] {
  const latest = samples.at(-1)?.gpus.find((sample) => sample.uuid === gpu.uuid) ?? null;
  const limit = latest?.powerLimit ?? FALLBACK_LIMIT_WATTS;
  const reading = (
    words: Pick<Reading, 'id' | 'label' | 'text'>,
    shareOf: (sample: GpuSample) => number | null,
    toneOf: (share: number) => Tone,
  ): Reading => {
    const share = latest === null ? null : shareOf(latest);
    const tone = share === null ? 'neutral' : toneOf(share);
    return { ...words, share, tone, history: gpuHistory(samples, gpu.uuid, shareOf) };
  };
  return [
    reading(
      { id: 'vram', label: 'VRAM', text: formatBytesOf(latest?.memoryUsed ?? null, gpu.memoryTotal) },
      (sample) => divide(sample.memoryUsed, gpu.memoryTotal),
      (share) => (share > 0.95 ? 'warning' : 'busy'),
    ),
    reading(
      { id: 'gpu', label: 'GPU', text: unit(percent(latest?.utilization ?? null), '%') },
      (sample) => sample.utilization,
      () => 'busy',
    ),
    reading(
      { id: 'temperature', label: 'Temp', text: unit(latest?.temperature ?? null, '°C') },
      (sample) => divide(sample.temperature, 100),
      (share) => heat(share * 100),
    ),
    reading(
      { id: 'power', label: 'Power', text: unit(latest?.power ?? null, 'W') },
      (sample) => divide(sample.power, limit),
      () => 'busy',
    ),
  ];
}

/** CPU and memory of the machine: what an instance on `cpu` uses. */
export function hostReadings(samples: readonly TelemetrySample[]): readonly Reading[] {
  const host = samples.at(-1)?.host ?? null;
  const total = host?.memoryTotal ?? null;
  return [
    {
      id: 'cpu',
      label: 'CPU (machine)',
      text: unit(percent(host?.cpu ?? null), '%'),
      share: host?.cpu ?? null,
      tone: 'busy',
      history: samples.map((sample) => sample.host.cpu),
    },
    {
      id: 'memory',
      label: 'RAM (machine)',
      text: total === null ? '–' : formatBytesOf(host?.memoryUsed ?? null, total),
      share: divide(host?.memoryUsed ?? null, total),
      tone: 'busy',
      history: samples.map((sample) => divide(sample.host.memoryUsed, sample.host.memoryTotal)),
    },
  ];
}

function heat(celsius: number): Tone {
  if (celsius >= TOO_HOT) return 'error';
  return celsius >= HOT ? 'warning' : 'busy';
}

function divide(value: number | null, total: number | null): number | null {
  return value === null || total === null || total <= 0 ? null : value / total;
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}

function unit(value: number | null, name: string): string {
  return value === null ? '–' : `${Math.round(value)} ${name}`;
}
