import { latencyWords, ratesWords } from '../../shared/readiness-words.ts';
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
    { id: 'gpu', label: 'Device', text: gpu === 'cpu' ? 'CPU' : gpu },
    { id: 'vram', label: 'VRAM', text: vramWords(measured) },
    { id: 'version', label: 'ComfyUI', text: version },
  ];
  return facts.flatMap(({ text, ...fact }) => (text === null ? [] : [{ ...fact, text }]));
}

function vramWords({ vramTotal, vramFree }: Measured): string | null {
  if (vramTotal === null) return null;
  return vramFree === null
    ? formatBytes(vramTotal)
    : `${formatBytes(vramFree)} of ${formatBytes(vramTotal)} free`;
}
