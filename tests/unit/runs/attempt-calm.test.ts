import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, sleep, systemClock } from '../../../electron/core/ports.ts';
import { until } from '../comfy/until.ts';
import { ScriptedServer } from './scripted-server.ts';

const SPEED = 50;
const fastClock: Clock = {
  now: () => performance.now() * SPEED,
  after: (ms, callback) => systemClock.after(ms / SPEED, callback),
};
/** Two looks of a prompt that says nothing would come in that time. */
const STEPS_MS = 40_000;
const STEP_MS = 5_000;

describe('a prompt whose messages come', { timeout: 60_000 }, () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start(fastClock);
  });
  afterEach(() => server.close());

  const looks = (): number => server.fake.requests.filter(({ path }) => path.startsWith('/history/')).length;

  async function begin(): Promise<{ readonly result: Promise<unknown> }> {
    const result = server.attempt();
    await server.isQueued();
    server.begin();
    await until('its start', () => server.kinds.includes('started'));
    return { result };
  }

  async function stepFor(ms: number): Promise<void> {
    for (let step = 1; step <= ms / STEP_MS; step += 1) {
      server.step(step);
      await sleep(fastClock, STEP_MS);
    }
  }

  it('is not asked for while it steps', async () => {
    await begin();
    const before = looks();
    await stepFor(STEPS_MS);
    expect(looks()).toBe(before);
  });

  it('is asked for when it falls silent', async () => {
    await begin();
    await stepFor(STEP_MS);
    const before = looks();
    await until('a look', () => looks() > before);
  });

  it('is asked for at once when it ends', async () => {
    const { result } = await begin();
    await stepFor(STEP_MS);
    server.end();
    server.say('executing', { node: null });
    expect(await result).toMatchObject({ outputs: [{ nodeId: '2' }] });
  });
});
