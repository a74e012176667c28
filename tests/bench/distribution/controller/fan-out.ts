import { BenchWorld } from './bench-world.ts';
import { monotonicMs } from './protocol.ts';
import { Workers } from './workers.ts';

export interface FanOutSize {
  readonly workers: number;
  readonly shards: number;
  readonly shardMs: number;
  readonly rounds: number;
}

export interface FanOut {
  /** From the submission until every picture is at home ÷ the shards alone on so many workers; of each round. */
  readonly ratio: readonly number[];
  /** The same when the shards take what they really took: timers overshoot. */
  readonly overshot: readonly number[];
}

/** Equal workers of known speed, from the submission to the last picture at home. */
export async function measureFanOut({
  workers: count,
  shards,
  shardMs,
  rounds,
}: FanOutSize): Promise<FanOut> {
  const workers = await Workers.start({ count: count + 1, computeMs: shardMs });
  const world = await BenchWorld.open(workers.urls);
  const optimumMs = Math.ceil(shards / count) * shardMs;
  const ratio: number[] = [];
  const overshot: number[] = [];
  // The first run is the one that speeds are learned in.
  for (let round = -1; round < rounds; round += 1) {
    const begun = monotonicMs();
    await world.ended(await world.submit({ copies: shards }));
    const ms = monotonicMs() - begun;
    const { computed } = await workers.stamps();
    if (round < 0) continue;
    const mean = computed.reduce((sum, one) => sum + one, 0) / computed.length;
    ratio.push(ms / optimumMs);
    overshot.push(ms / (Math.ceil(shards / count) * mean));
  }
  await world.close();
  await workers.stop();
  return { ratio, overshot };
}
