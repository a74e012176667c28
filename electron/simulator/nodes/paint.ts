import { createHash } from 'node:crypto';

/** A landscape of layered hills under a sun, decided by a key: the same key and size give the same bytes everywhere. */

type Color = readonly [number, number, number];
const LAYERS = 5;

/** Uniform numbers in [0, 1) from a key. */
export function numbersFrom(key: string): () => number {
  let state = createHash('sha256').update(key).digest().readUInt32LE(0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}

interface Scene {
  readonly top: Color;
  readonly horizon: Color;
  readonly sun: Color;
  readonly hills: readonly Color[];
  readonly sunX: number;
  readonly sunY: number;
  readonly sunSize: number;
  readonly waves: readonly (readonly (readonly [frequency: number, phase: number, height: number])[])[];
  readonly heights: readonly number[];
}

function composeScene(key: string): Scene {
  const next = numbersFrom(key);
  const hue = next();
  const contrast = 0.08 + next() * 0.5;
  const dark = next() < 0.35;
  const horizon = fromHsl(hue + contrast, 0.75, dark ? 0.45 : 0.72);
  const near = fromHsl(hue + contrast * 0.35 + 0.5, 0.45, 0.13);
  const far = mix(horizon, near, 0.25);
  return {
    top: fromHsl(hue, 0.6, dark ? 0.14 : 0.38),
    horizon,
    sun: fromHsl(hue + contrast + 0.05, 0.95, 0.85),
    hills: Array.from({ length: LAYERS }, (_, layer) => mix(far, near, layer / (LAYERS - 1))),
    sunX: 0.15 + next() * 0.7,
    sunY: 0.18 + next() * 0.34,
    sunSize: 0.035 + next() * 0.07,
    waves: Array.from({ length: LAYERS }, (_, layer) =>
      Array.from({ length: 5 }, (_unused, octave) => {
        const frequency = (1.2 + next() * 1.8) * 2 ** octave * (1 + layer * 0.18);
        return [frequency, next() * 6.283, (0.085 - layer * 0.008) / 1.75 ** octave] as const;
      }),
    ),
    heights: Array.from({ length: LAYERS }, (_, layer) => 0.52 + layer * 0.105 + (next() - 0.5) * 0.05),
  };
}

/** RGB pixels. `noise` 0..1 buries the picture under coloured noise, as an early step of a sampler would. */
export function paint(
  sceneKey: string,
  detailKey: string,
  width: number,
  height: number,
  noise = 0,
): Uint8Array {
  const scene = composeScene(sceneKey);
  const grain = numbersFrom(`${detailKey}|${sceneKey}`);
  const pixels = new Uint8Array(width * height * 3);
  const ridges = scene.waves.map((waves, layer) => ridgeLine(waves, scene.heights[layer] ?? 1, width));
  const aspect = width / height;
  for (let y = 0; y < height; y += 1) {
    const v = (y + 0.5) / height;
    for (let x = 0; x < width; x += 1) {
      const color = colorAt(scene, ridges, x, (x + 0.5) / width, v, aspect);
      const at = (y * width + x) * 3;
      const speck = (grain() - 0.5) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        const clean = (color[channel] ?? 0) + speck;
        pixels[at + channel] = clamp(noise === 0 ? clean : clean * (1 - noise) + grain() * 255 * noise);
      }
    }
  }
  return pixels;
}

function ridgeLine(waves: Scene['waves'][number], base: number, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, x) => {
    const u = (x + 0.5) / width;
    return waves.reduce(
      (sum, [frequency, phase, height]) => sum - height * Math.sin(u * frequency * 6.283 + phase),
      base,
    );
  });
}

function colorAt(
  scene: Scene,
  ridges: readonly Float64Array[],
  x: number,
  u: number,
  v: number,
  aspect: number,
): Color {
  for (let layer = LAYERS - 1; layer >= 0; layer -= 1) {
    const ridge = ridges[layer]?.[x] ?? 1;
    if (v <= ridge) continue;
    const mist = Math.min(1, (v - ridge) * 3.2) * (1 - layer / LAYERS) * 0.55;
    return mix(scene.hills[layer] ?? scene.top, scene.horizon, mist);
  }
  const sky = mix(scene.top, scene.horizon, Math.min(1, v / 0.62) ** 1.4);
  const dx = (u - scene.sunX) * aspect;
  const dy = v - scene.sunY;
  const distance = Math.sqrt(dx * dx + dy * dy) / scene.sunSize;
  if (distance < 1) return scene.sun;
  return mix(
    sky,
    scene.sun,
    Math.min(0.9, Math.max(0, 1.12 - distance) * 7) + 0.55 / (1 + (distance * distance) / 9),
  );
}

function mix(from: Color, to: Color, share: number): Color {
  const part = Math.min(1, Math.max(0, share));
  return [
    from[0] + (to[0] - from[0]) * part,
    from[1] + (to[1] - from[1]) * part,
    from[2] + (to[2] - from[2]) * part,
  ];
}

function fromHsl(hue: number, saturation: number, lightness: number): Color {
  const at = (offset: number): number => {
    const k = (offset + (((hue % 1) + 1) % 1) * 12) % 12;
    const span = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - span * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [at(0), at(8), at(4)];
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
}
