import { test as base } from '@playwright/test';
import type { Settings } from '../../../shared/settings.ts';
import { Desktop } from './desktop.ts';
import { World } from './world.ts';

interface Fixtures {
  /** Preferences that the app finds at its first start. */
  readonly settings: Partial<Settings>;
  readonly world: World;
  /** Starts the app (again); everything that was started is ended after the test. */
  readonly launch: (args?: readonly string[]) => Promise<Desktop>;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  world: async ({ settings }, use) => {
    const world = await World.create(settings);
    await use(world);
    await world.remove();
  },
  launch: async ({ world }, use) => {
    const started: Desktop[] = [];
    await use(async (args) => {
      const desktop = await Desktop.launch(world, args);
      started.push(desktop);
      return desktop;
    });
    for (const desktop of started) await desktop.kill();
  },
});

export { expect } from '@playwright/test';
