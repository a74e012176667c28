import { test as base } from '@playwright/test';
import type { Settings } from '../../../shared/settings.ts';
import { BareApp } from './bare-app.ts';
import { Desktop } from './desktop.ts';
import { World } from './world.ts';

interface Fixtures {
  /** Preferences that the app finds at its first start. */
  readonly settings: Partial<Settings>;
  readonly world: World;
  /** Starts the app (again); everything that was started is ended after the test. */
  readonly launch: () => Promise<Desktop>;
  /** The same without a debugger in it. */
  readonly start: () => Promise<BareApp>;
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
    await use(async () => {
      const desktop = await Desktop.launch(world);
      started.push(desktop);
      return desktop;
    });
    for (const desktop of started) await desktop.kill();
  },
  start: async ({ world }, use) => {
    const started: BareApp[] = [];
    await use(async () => {
      const app = await BareApp.launch(world);
      started.push(app);
      return app;
    });
    for (const app of started) await app.kill();
  },
});

export { expect } from '@playwright/test';
