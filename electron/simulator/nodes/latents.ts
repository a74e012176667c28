import type { Latent, LatentSample, MaskBatch } from '../graph/values.ts';
import { scale } from './images.ts';
import { paint } from './paint.ts';

const EMPTY: LatentSample = { pixels: null, passes: [] };

export function emptyLatent(width: number, height: number, count: number): Latent {
  // A latent cell covers 8×8 pixels.
  const size = { width: Math.floor(width / 8) * 8, height: Math.floor(height / 8) * 8 };
  return {
    kind: 'LATENT',
    ...size,
    samples: Array.from({ length: count }, () => EMPTY),
    batchIndex: null,
    noiseMask: null,
  };
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
  for (const { scene, detail, noise, denoise, mask } of sample.passes) {
    const painted = paint(scene, detail, width, height, noise);
    const under = pixels ?? (mask === null ? null : grey(width, height));
    if (under === null || (denoise >= 1 && mask === null)) pixels = painted;
    else pixels = blend(under, painted, shareAt(denoise, mask, width, height));
  }
  return pixels ?? grey(width, height);
}

function grey(width: number, height: number): Uint8Array {
  return new Uint8Array(width * height * 3).fill(128);
}

/** How much of the upper picture shows at a byte of it. */
function shareAt(
  denoise: number,
  mask: MaskBatch | null,
  width: number,
  height: number,
): (index: number) => number {
  const alpha = mask?.frames[0];
  if (mask === null || alpha === undefined) return () => denoise;
  return (index) => {
    const pixel = Math.floor(index / 3);
    const x = Math.floor(((pixel % width) * mask.width) / width);
    const y = Math.floor((Math.floor(pixel / width) * mask.height) / height);
    return (denoise * (alpha[y * mask.width + x] ?? 0)) / 255;
  };
}

function blend(under: Uint8Array, over: Uint8Array, shareOf: (index: number) => number): Uint8Array {
  return over.map((value, index) => {
    const share = shareOf(index);
    return Math.round((under[index] ?? 0) * (1 - share) + value * share);
  });
}

/** Pictures are resampled; what was painted is painted again at the new size. 0 keeps the aspect ratio. */
export function upscaleLatent(latent: Latent, width: number, height: number, center: boolean): Latent {
  if (width === 0 && height === 0) return latent;
  const ratio = latent.width / latent.height;
  const target = {
    width: cells(width === 0 ? height * ratio : width),
    height: cells(height === 0 ? width / ratio : height),
  };
  const samples = latent.samples.map((sample) => {
    if (sample.pixels === null) return sample;
    const { width: from, height: high } = latent;
    const image = { kind: 'IMAGE', width: from, height: high, frames: [sample.pixels] } as const;
    return { ...sample, pixels: scale(image, target.width, target.height, false, center).frames[0] ?? null };
  });
  return { ...latent, ...target, samples };
}

function cells(pixels: number): number {
  return Math.floor(Math.max(64, Math.round(pixels)) / 8) * 8;
}
