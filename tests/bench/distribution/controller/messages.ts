import { BenchWorld } from './bench-world.ts';
import { Workers } from './workers.ts';

export interface MessagesSize {
  readonly workers: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly rounds: number;
}

export interface Messages {
  /** Messages that came, per second; of each round. */
  readonly rate: readonly number[];
  /** Share of one core that this process took; of each round. */
  readonly core: readonly number[];
  readonly rssMiB: number;
}

/** A run of one shard per worker is under way, and all of them talk: what following them costs. */
export async function measureMessages(size: MessagesSize): Promise<Messages> {
  const workers = await Workers.start({
    ...{ count: size.workers + 1, side: 64, computeMs: null, messagesPerSecond: size.perSecond },
  });
  const world = await BenchWorld.open(workers.urls);
  // One page that looks on: what it is told has to be written out.
  world.fleet.onPatch((patch) => void JSON.stringify(patch));
  world.feed.onShards((shards) => void JSON.stringify(shards));
  const running = allRun(world, size.workers);
  await world.submit({ copies: size.workers });
  await running;
  await pause(2_000);
  const figures = await coreShare(workers, size);
  await workers.stop();
  await world.close();
  return figures;
}

/** What this process takes while the workers talk. */
export async function coreShare(workers: Workers, size: MessagesSize): Promise<Messages> {
  const rate: number[] = [];
  const core: number[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    const before = await workers.traffic();
    const begun = performance.now();
    const cpu = process.cpuUsage();
    await pause(size.seconds * 1000);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - begun) / 1000;
    rate.push(((await workers.traffic()).messages - before.messages) / seconds);
    core.push((user + system) / 1e6 / seconds);
  }
  return { rate, core, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
}

function allRun(world: BenchWorld, shards: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = world.feed.onRuns(({ runs }) => {
      if (runs.at(-1)?.shards.running !== shards) return;
      stop();
      resolve();
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
