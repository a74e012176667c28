import { readFile } from 'node:fs/promises';
import type { Artifact } from '../../../../shared/runs.ts';
import { BenchWorld } from './bench-world.ts';
import { seedOf } from './pictures.ts';
import { Workers } from './workers.ts';

export interface BulkSize {
  readonly shards: number;
  readonly workers: number;
}

export interface Bulk {
  readonly shardsPerSecond: number;
  /** Of this process alone, ms per shard. */
  readonly cpuMs: number;
  /** The ninth tenth of the shards ÷ the second, in time: 1 when many cost no more each than few. */
  readonly slowdown: number;
  /** Bytes of heap that one shard of a run under way takes. */
  readonly heapBytesPerShard: number;
  /** MiB of heap that are left when the run has ended. */
  readonly leftMiB: number;
  /** Shards without their own picture. */
  readonly lost: number;
  /** Pictures beyond one per shard. */
  readonly duplicated: number;
}

/** A run of thousands of shards on workers that need no time at all: what the control center itself can do. */
export async function measureBulk({ shards, workers: count }: BulkSize): Promise<Bulk> {
  const workers = await Workers.start({ count: count + 1, side: 32 });
  const world = await BenchWorld.open(workers.urls);
  await world.ended(await world.submit({ copies: count * 2 }));
  const before = settledHeap();
  const times: number[] = [];
  let most = before;
  const stop = world.feed.onArtifact(() => {
    times.push(performance.now());
    if (times.length === Math.floor(shards * 0.99)) most = settledHeap();
  });
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const id = await world.submit({ copies: shards });
  await world.ended(id);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begun) / 1000;
  stop();
  const artifacts = [...artifactsOf(world, id)];
  const found = await check(artifacts, shards);
  artifacts.length = 0;
  const after = settledHeap();
  await world.close();
  await workers.stop();
  return {
    shardsPerSecond: shards / seconds,
    cpuMs: (user + system) / 1000 / shards,
    slowdown: slowdownOf(times),
    heapBytesPerShard: (most - before) / shards,
    leftMiB: (after - before) / 2 ** 20,
    ...found,
  };
}

function artifactsOf(world: BenchWorld, id: string): readonly Artifact[] {
  return world.runs.service.get(id).artifacts;
}

/** By what the pictures themselves say. */
async function check(
  artifacts: readonly Artifact[],
  shards: number,
): Promise<Pick<Bulk, 'lost' | 'duplicated'>> {
  const first = BigInt(artifacts.find(({ shard }) => shard === 0)?.seed ?? '0');
  const seeds = new Set<string>();
  for (const { path, seed } of artifacts) {
    const written = seedOf(await readFile(path));
    if (written !== null && written === seed) seeds.add(written);
  }
  let lost = 0;
  for (let shard = 0; shard < shards; shard += 1) if (!seeds.has(String(first + BigInt(shard)))) lost += 1;
  return { lost, duplicated: Math.max(0, artifacts.length - seeds.size) };
}

function slowdownOf(times: readonly number[]): number {
  const tenth = Math.floor(times.length / 10);
  const spent = (from: number, to: number): number => (times[to] ?? 0) - (times[from] ?? 0);
  return spent(8 * tenth, 9 * tenth) / spent(tenth, 2 * tenth);
}

function settledHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
