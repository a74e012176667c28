import { afterEach, beforeEach, expect, it } from 'vitest';
import { ChaosServer } from '../../support/chaos-server.ts';
import { FullDisk } from '../../support/full-disk.ts';
import { inOrder, RunWorld } from '../../support/run-world.ts';

let servers: ChaosServer[] = [];

beforeEach(async () => {
  servers = await Promise.all([ChaosServer.start('master', 1), ChaosServer.start('worker-1', 1)]);
});
afterEach(() => Promise.all(servers.map((server) => server.die())));

const WORKFLOW = {
  seed: { class_type: 'DistributedSeed', inputs: { seed: 40 } },
  sample: { class_type: 'ChaosSampler', inputs: { seed: ['seed', 0], steps: 2 } },
  collect: { class_type: 'DistributedCollector', inputs: { images: ['sample', 0], load_balance: false } },
  save: { class_type: 'SaveImage', inputs: { images: ['collect', 0], filename_prefix: 'made' } },
  invert: { class_type: 'ImageInvert', inputs: { image: ['collect', 0] } },
  save2: { class_type: 'SaveImage', inputs: { images: ['invert', 0], filename_prefix: 'inverted' } },
};
const COPIES = 3;

/** One run with a disk that is full for some writes; a person resumes the queue whenever it pauses. */
async function runOn(disk: FullDisk): Promise<void> {
  const fleet = servers.map(({ id, url }) => ({ id, url }));
  const world = await RunWorld.open(fleet, null, { journal: disk.journal });
  try {
    await world.fleet.ready();
    world.feed.onRuns(({ queue }) => {
      if (queue.paused) queueMicrotask(() => resume(world));
    });
    const submit = (): Promise<string> => world.submit(WORKFLOW, { copies: COPIES });
    // What could not be journaled was not accepted.
    const id = await submit().catch(submit);
    const detail = await world.ended(id);
    expect(detail.run).toMatchObject({ status: 'done', artifactCount: 2 * COPIES });
    expect(inOrder(detail).map(({ shard }) => shard)).toEqual([0, 1, 2]);
    expect(new Set(detail.artifacts.map(({ path }) => path)).size).toBe(2 * COPIES);
    expect(world.runs.journal.openRuns()).toEqual([]);
  } finally {
    await world.close();
  }
}

function resume({ runs }: RunWorld): void {
  try {
    runs.service.resume();
  } catch {
    // Full again: the next message asks again.
  }
}

it('loses nothing, whichever write to the journal finds the disk full', async () => {
  const whole = new FullDisk(() => false);
  await runOn(whole);
  expect(whole.writes).toBeGreaterThan(30);
  const wrong: string[] = [];
  const next = Array.from({ length: whole.writes }, (_, index) => index + 1).values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const write of next) {
        const disk = new FullDisk((number) => number === write);
        await runOn(disk).catch((error: unknown) => wrong.push(`write ${write}: ${error}`));
      }
    }),
  );
  expect(wrong).toEqual([]);
}, 60_000);
