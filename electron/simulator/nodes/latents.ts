import type { Latent, LatentSample } from '../graph/values.ts';
import { paint } from './paint.ts';

const EMPTY: LatentSample = { pixels: null, passes: [] };

export function emptyLatent(width: number, height: number, count: number): Latent {
  // A latent cell covers 8×8 pixels.
  const size = { width: Math.floor(width / 8) * 8, height: Math.floor(height / 8) * 8 };
  return { kind: 'LATENT', ...size, samples: Array.from({ length: count }, () => EMPTY), batchIndex: null };
}

/** 0.3.64 and 0.33.0: the slice keeps the positions it had, so that its noise equals the unsplit batch's. */
export function latentFromBatch(latent: Latent, index: number, length: number): Latent {
  const total = latent.samples.length;
  const start = Math.max(0, Math.min(total - 1, index < 0 ? index + total : index));
  const end = Math.min(total, start + length);
  const positions = latent.batchIndex ?? latent.samples.map((_, position) => position);
  return { ...latent, samples: latent.samples.slice(start, end), batchIndex: positions.slice(start, end) };
}

export function repeatLatent(latent: Latent, amount: number): Latent {
  const samples = Array.from({ length: amount }, () => latent.samples).flat();
  const known = latent.batchIndex;
  if (known === null) return { ...latent, samples };
  const offset = Math.max(...known) - Math.min(...known) + 1;
  const batchIndex = Array.from({ length: amount }, (_, round) =>
    known.map((position) => position + round * offset),
  ).flat();
  return { ...latent, samples, batchIndex };
}

/** Which noise each sample of the batch gets. */
export function noiseIndices(latent: Latent): readonly number[] {
  return latent.batchIndex ?? latent.samples.map((_, position) => position);
}

/** RGB pixels of one sample at its own size. */
export function decodeSample(sample: LatentSample, width: number, height: number): Uint8Array {
  let pixels = sample.pixels;
  for (const pass of sample.passes) {
    const painted = paint(pass.scene, pass.detail, width, height, pass.noise);
    pixels = pixels === null || pass.denoise >= 1 ? painted : blend(pixels, painted, pass.denoise);
  }
  return pixels ?? new Uint8Array(width * height * 3).fill(128);
}

function blend(under: Uint8Array, over: Uint8Array, share: number): Uint8Array {
  return over.map((value, index) => Math.round((under[index] ?? 0) * (1 - share) + value * share));
}
