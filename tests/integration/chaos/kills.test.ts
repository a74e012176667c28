import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN_OPTIONS, isFinished, type RunDetail, type RunId } from '../../../shared/runs.ts';
import { behave, prepareDemo } from '../support/fleets.ts';
import type { Host } from '../support/host.ts';
import { newPlace, startHost } from '../support/places.ts';
import { until } from '../support/until.ts';
import { Dice } from './dice.ts';

/** The control center as a process that is killed at moments nobody chose, again and again, while it has work. */

const LIVES = 10;
const WORKFLOW = readFileSync(path.resolve('examples', 'distributed-txt2img.json'), 'utf8');
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

interface Submitted {
  readonly id: RunId;
  readonly copies: number;
}

async function submit(host: Host, copies: number): Promise<Submitted> {
  const options = { ...DEFAULT_RUN_OPTIONS, copies };
  const { runId } = await host.invoke('runs.submit', { name: 'night', workflow: WORKFLOW, options });
  return { id: runId, copies };
}

/** Whatever was acknowledged must be there; what was not may be. */
async function liveAndDie(host: Host, dice: Dice): Promise<readonly Submitted[]> {
  const acknowledged: Submitted[] = [];
  const working = (async () => {
    await host.fleetWhere('the fleet is there', ({ instances }) => instances.length > 0);
    acknowledged.push(await submit(host, dice.between(1, 4)));
  })().catch(() => undefined);
  // The very point: no event says when a process dies.
  await pause(dice.between(0, 2_500));
  await host.end('SIGKILL');
  await working;
  return acknowledged;
}

async function allEnded(host: Host): Promise<readonly RunDetail[]> {
  const finished = async (): Promise<boolean> => {
    const { runs } = await host.invoke('runs.list', { before: null, limit: 200 }).catch(() => ({ runs: [] }));
    return runs.length > 0 && runs.every(({ status }) => isFinished(status));
  };
  await until('every run has ended', finished, 90_000);
  const { runs } = await host.invoke('runs.list', { before: null, limit: 200 });
  return Promise.all(runs.map(({ id }) => host.invoke('runs.get', { runId: id })));
}

describe(`a control center that is killed ${LIVES} times (CHAOS_SEED=${seed})`, () => {
  it.each([false, true])(
    'has every picture of every run, once (servers end with it: %s)',
    async (stopOnQuit) => {
      const dice = new Dice(seed);
      const place = newPlace();
      await prepareDemo(place, 3, { stopOnQuit });
      const demo = { args: ['--demo=3'], environment: behave({ stepMs: 40 }) };
      const acknowledged: Submitted[] = [];
      for (let life = 0; life < LIVES; life += 1) {
        acknowledged.push(...(await liveAndDie(await startHost(place, demo), dice)));
      }
      const last = await startHost(place, demo);
      acknowledged.push(await until('the last one is taken', () => submit(last, 2).catch(() => null)));
      const details = await allEnded(last);
      const known = details.map(({ run }) => run.id);
      expect(known).toEqual(expect.arrayContaining(acknowledged.map(({ id }) => id)));
      for (const { run } of details) expect(run).toMatchObject({ status: 'done', error: null });
      for (const { artifacts, shards } of details) {
        expect(artifacts.map(({ shard }) => shard).sort()).toEqual(shards.map(({ index }) => index).sort());
      }
      const artifacts = details.flatMap((detail) => detail.artifacts);
      const folder = path.dirname(artifacts[0]?.path ?? '');
      expect(
        readdirSync(folder)
          .filter((name) => name.endsWith('.png'))
          .sort(),
      ).toEqual(artifacts.map(({ name }) => path.basename(name)).sort());
      await last.invoke('fleet.stopAll', {});
    },
    240_000,
  );
});
