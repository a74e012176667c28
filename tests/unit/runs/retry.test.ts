import { afterEach, beforeEach, expect, it } from 'vitest';
import { ChaosServer } from '../../support/chaos-server.ts';
import { inOrder, RunWorld } from '../../support/run-world.ts';

let servers: ChaosServer[] = [];
let world: RunWorld;

beforeEach(async () => {
  servers = await Promise.all([ChaosServer.start('master', 1), ChaosServer.start('worker-1', 1)]);
  world = await RunWorld.open(servers.map(({ id, url }) => ({ id, url })));
  await world.fleet.ready();
});
afterEach(async () => {
  await world.close();
  await Promise.all(servers.map((server) => server.die()));
});

function everywhere(act: (raises: Set<string>) => void): void {
  for (const { raises } of servers) act(raises);
}

const WORKFLOW = {
  seed: { class_type: 'DistributedSeed', inputs: { seed: 40 } },
  sample: { class_type: 'ChaosSampler', inputs: { seed: ['seed', 0], steps: 2 } },
  collect: { class_type: 'DistributedCollector', inputs: { images: ['sample', 0], load_balance: false } },
  save: { class_type: 'SaveImage', inputs: { images: ['collect', 0], filename_prefix: 'made' } },
  invert: { class_type: 'ImageInvert', inputs: { image: ['collect', 0] } },
  save2: { class_type: 'SaveImage', inputs: { images: ['invert', 0], filename_prefix: 'inverted' } },
};

it('computes the second pass again, and nothing else, where only that failed', async () => {
  everywhere((raises) => raises.add('ImageInvert'));
  const first = await world.run(WORKFLOW, { copies: 3 });
  expect(first.run).toMatchObject({ status: 'partial', error: expect.stringContaining('broken on purpose') });
  expect(first.artifacts).toHaveLength(3);
  everywhere((raises) => raises.clear());
  world.runs.service.retry(first.run.id);
  const second = await world.ended(first.run.id);
  expect(second.run).toMatchObject({ status: 'done', error: null, artifactCount: 6 });
  expect(inOrder(second, 2)).toHaveLength(3);
  expect(second.shards.filter(({ stage }) => stage === 1).every((one) => one.attempts.length === 1)).toBe(
    true,
  );
});

it('computes what failed and the second pass over everything', async () => {
  everywhere((raises) => raises.add('ChaosSampler'));
  const first = await world.run(WORKFLOW, { copies: 2 });
  expect(first.run).toMatchObject({ status: 'failed', artifactCount: 0 });
  everywhere((raises) => raises.clear());
  world.runs.service.retry(first.run.id);
  expect((await world.ended(first.run.id)).run).toMatchObject({ status: 'done', artifactCount: 4 });
});

it('refuses to try again what is done', async () => {
  const { run } = await world.run(WORKFLOW, { copies: 1 });
  expect(() => world.runs.service.retry(run.id)).toThrow('nothing of it failed');
});

it.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'begins a cancelled run anew beside what is still being taken back (%i files were here)',
  async (files) => {
    const id = await world.submit(WORKFLOW, { copies: 6 });
    while (world.runs.service.get(id).artifacts.length < files) await oneOf(world);
    world.runs.service.cancel(id);
    expect(world.runs.service.get(id).run.status).toBe('cancelled');
    world.runs.service.retry(id);
    const { run } = await world.ended(id);
    expect(run).toMatchObject({ status: 'done', artifactCount: 12 });
    const detail = world.runs.service.get(id);
    expect(inOrder(detail).map(({ shard }) => shard)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(inOrder(detail, 2)).toHaveLength(6);
  },
);

function oneOf({ feed }: RunWorld): Promise<void> {
  return new Promise((resolve) => {
    const stop = feed.onArtifact(() => {
      stop();
      resolve();
    });
  });
}
