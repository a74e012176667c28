import type { Measured } from '../../shared/remote.ts';
import { formatBytes } from '../store/format.ts';

export interface MeasuredFact {
  readonly id: string;
  readonly label: string;
  readonly text: string;
}

/** What was measured on the way up, as far as it is known. Pure. */
export function measuredFacts(measured: Measured): readonly MeasuredFact[] {
  const { latencyMs, gpu, version } = measured;
  const facts = [
    { id: 'latency', label: 'Latency', text: latencyMs === null ? null : latencyWords(latencyMs) },
    { id: 'rates', label: 'Up / down', text: ratesWords(measured) },
    { id: 'gpu', label: 'GPU', text: gpu },
    { id: 'vram', label: 'VRAM', text: vramWords(measured) },
    { id: 'version', label: 'ComfyUI', text: version },
  ];
  return facts.flatMap(({ text, ...fact }) => (text === null ? [] : [{ ...fact, text }]));
}

/** "0.4 ms", "3 ms". */
export function latencyWords(ms: number): string {
  return `${ms < 1 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** "94 / 101 MB/s", both in the unit of the faster one, as networks count (1 MB = 1000 kB); null while neither is known. */
export function ratesWords({ uploadRate, downloadRate }: Measured): string | null {
  if (uploadRate === null && downloadRate === null) return null;
  const [size, unit] = Math.max(uploadRate ?? 0, downloadRate ?? 0) >= 1e6 ? [1e6, 'MB/s'] : [1e3, 'kB/s'];
  const text = (rate: number | null): string => {
    if (rate === null) return '–';
    return rate / size < 10 ? (rate / size).toFixed(1) : String(Math.round(rate / size));
  };
  return `${text(uploadRate)} / ${text(downloadRate)} ${unit}`;
}

function vramWords({ vramTotal, vramFree }: Measured): string | null {
  if (vramTotal === null) return null;
  return vramFree === null
    ? formatBytes(vramTotal)
    : `${formatBytes(vramFree)} of ${formatBytes(vramTotal)} free`;
}
