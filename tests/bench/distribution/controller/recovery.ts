import { BenchWorld } from './bench-world.ts';
import { monotonicMs, type Posted } from './protocol.ts';
import { Workers } from './workers.ts';

export interface RecoverySize {
  readonly rounds: number;
  readonly workers: number;
  readonly shardMs: number;
}

/** s from the signal until the shard that ran there had come to another worker; of each round. */
export interface Recovery {
  readonly frozen: readonly number[];
  readonly killed: readonly number[];
}

/** So much work is left for that nobody is idle before the loss is noticed: no second copies, which would come sooner. */
const NOTICED_WITHIN_MS = 7_000;

/** Each worker is a process of its own, and one of them stops in the middle of a shard. */
export async function measureRecovery(size: RecoverySize): Promise<Recovery> {
  const frozen: number[] = [];
  const killed: number[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    frozen.push(await loseOne('SIGSTOP', NOTICED_WITHIN_MS, size));
    killed.push(await loseOne('SIGKILL', 0, size));
  }
  return { frozen, killed };
}

async function loseOne(
  signal: 'SIGSTOP' | 'SIGKILL',
  workMs: number,
  { workers: count, shardMs }: RecoverySize,
): Promise<number> {
  const shards = Math.ceil((count - 1) * (workMs / shardMs)) + 3 * count;
  const setting = { side: 256, computeMs: shardMs, tellPosts: true };
  const processes = await Promise.all(Array.from({ length: count + 1 }, () => Workers.start(setting)));
  const world = await BenchWorld.open(processes.flatMap(({ urls }) => urls));
  const [, victim, ...others] = processes;
  if (victim === undefined) throw new Error('no worker');
  const first = nextPost([victim], () => true);
  const ended = world.ended(await world.submit({ copies: shards }));
  const { seed } = await first;
  // In the middle of its first shard, with one more waiting there.
  await new Promise((resolve) => setTimeout(resolve, shardMs / 2));
  const again = nextPost(others, (posted) => posted.seed === seed);
  const begun = monotonicMs();
  victim.signal(signal);
  const { at } = await again;
  await ended;
  await world.close();
  await Promise.all(processes.map((one) => one.stop()));
  return (at - begun) / 1000;
}

function nextPost(workers: readonly Workers[], fits: (posted: Posted) => boolean): Promise<Posted> {
  return new Promise((resolve) => {
    const stops = workers.map((one) =>
      one.onPosted((posted) => {
        if (!fits(posted)) return;
        for (const stop of stops) stop();
        resolve(posted);
      }),
    );
  });
}
