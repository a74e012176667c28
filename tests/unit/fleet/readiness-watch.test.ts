import { describe, expect, it } from 'vitest';
import { ReadinessWatch } from '../../../electron/core/fleet/readiness-watch.ts';
import type { RemoteDefinition } from '../../../electron/core/fleet/roster.ts';
import { newReadiness } from '../../../electron/core/readiness/climb.ts';
import type { Climber } from '../../../electron/core/readiness/climber.ts';
import type { LinkState } from '../../../shared/model.ts';
import { failedRung, type Readiness, RUNGS, type Rung, type RungState } from '../../../shared/remote.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const UP: LinkState = { status: 'up', since: 0, latencyMs: 1 };
const DOWN: LinkState = { status: 'down', since: 0, reason: 'Nothing answers at far:8188' };

class World {
  readonly clock = new ManualClock();
  climbs = 0;
  failing: Rung | null = null;
  readonly shown: (Readiness | null)[] = [];
  readonly watch: ReadinessWatch;

  constructor() {
    const climber: Pick<Climber, 'inTurn'> = {
      inTurn: async (_request, _signal, onProgress) => {
        this.climbs += 1;
        const readiness = this.#climbed();
        onProgress(readiness);
        return readiness;
      },
    };
    this.watch = new ReadinessWatch({
      instance: { address: { url: 'http://far:8188' }, definition: FAR },
      climber: climber as Climber,
      masterVersion: () => null,
      clock: this.clock,
      random: () => 0.5,
      onChange: () => this.shown.push(this.watch.readiness),
    });
  }

  get failed(): Rung | null | undefined {
    return this.watch.readiness === null ? undefined : failedRung(this.watch.readiness);
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    // The climb that began has ended.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }

  #climbed(): Readiness {
    const { failing } = this;
    const passed: RungState = { status: 'passed', detail: 'It holds.' };
    const fallen: RungState = {
      status: 'failed',
      detail: 'No.',
      remedy: null,
      command: null,
      certificate: null,
    };
    const rungs = Object.fromEntries(RUNGS.map((rung) => [rung, rung === failing ? fallen : passed]));
    return { ...newReadiness(this.clock.now()), done: true, rungs: rungs as Record<Rung, RungState> };
  }
}

const FAR = {
  ...{ id: 'far', role: 'worker', type: 'remote', name: 'Far', host: 'far', port: 8188 },
  ...{ secure: false, path: '', certificate: null, selected: true, source: null },
} as const satisfies RemoteDefinition;

describe('the watch over a readiness ladder', () => {
  it('climbs at once when a server is seen for the first time', async () => {
    const world = new World();
    world.watch.onLink(UP);
    await world.pass(0);
    expect(world.climbs).toBe(1);
    expect(world.failed).toBeNull();
  });

  it('shows what was known again after a short absence, and climbs no more than once a minute', async () => {
    const world = new World();
    world.watch.onLink(UP);
    await world.pass(0);
    for (let flap = 0; flap < 100; flap += 1) {
      world.watch.onLink(DOWN);
      expect(world.failed).toBe('reachable');
      await world.pass(1_500);
      world.watch.onLink(UP);
      expect(world.failed).toBeNull();
      await world.pass(2_500);
    }
    // 400 s of a link that comes and goes every four.
    expect(world.climbs).toBeLessThanOrEqual(1 + 400 / 60);
    await world.pass(65_000);
    expect(world.climbs).toBeGreaterThanOrEqual(2);
  });

  it('asks a server that stays away what can be done about it', async () => {
    const world = new World();
    world.watch.onLink(UP);
    await world.pass(0);
    world.failing = 'reachable';
    world.watch.onLink(DOWN);
    await world.pass(4_000);
    expect(world.climbs).toBe(2);
    // What it knew is not what it shows, but comes back with the server.
    expect(world.failed).toBe('reachable');
    world.watch.onLink(UP);
    expect(world.failed).toBeNull();
  });

  it('looks again soon where something does not hold, and a quarter of an hour later where all does', async () => {
    const world = new World();
    world.failing = 'comfyui';
    world.watch.onLink(UP);
    await world.pass(0);
    await world.pass(40_000);
    expect(world.climbs).toBe(2);
    world.failing = 'models';
    await world.pass(40_000);
    expect(world.climbs).toBe(3);
    world.failing = null;
    await world.pass(6 * 60_000);
    expect(world.climbs).toBe(4);
    await world.pass(10 * 60_000);
    expect(world.climbs).toBe(4);
    await world.pass(7 * 60_000);
    expect(world.climbs).toBe(5);
  });
});
