/** Reproducible chance. Streams with names of their own, so that every policy meets the same arrivals, noise and failures. */

export type Uniform = () => number;

/** mulberry32: small, fast, good enough for simulations. */
export function stream(...seeds: readonly number[]): Uniform {
  let state = hash(seeds);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Two streams whose seeds differ by one must not look alike. */
function hash(seeds: readonly number[]): number {
  let value = 0x811c9dc5;
  for (const seed of seeds) {
    value = Math.imul(value ^ seed, 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    value ^= value >>> 16;
  }
  return value | 0;
}

export function exponential(uniform: Uniform, mean: number): number {
  return -Math.log(1 - uniform()) * mean;
}

/** Median 1. */
export function lognormal(uniform: Uniform, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Math.exp(sigma * normal);
}

export function shuffled<T>(values: readonly T[], uniform: Uniform): readonly T[] {
  const mixed = [...values];
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = Math.floor(uniform() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 95 % interval of the mean by the bootstrap. */
export function bootstrap(values: readonly number[], seed: number, rounds = 2000): readonly [number, number] {
  const uniform = stream(seed, 77);
  const means = Array.from({ length: rounds }, () =>
    mean(values.map(() => values[Math.floor(uniform() * values.length)] as number)),
  ).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * rounds)] as number, means[Math.floor(0.975 * rounds)] as number];
}
